"""Customers that cannot be matched, and projects that come to one id: found before an invoice is refused for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from ...records.customers_and_projects.customers import Customer
from ...records.customers_and_projects.projects import QondorProject
from ...records.identifiers import ClientId, CompanyId, CustomerId, FinagoProjectId, OfficeId, QondorProjectId
from ...records.preflight import Finding, Readings, SetUp, Unread
from ..customers_and_projects.businesses import decide_business
from ..customers_and_projects.findings import Findings
from ..linking import customer_key, finago_project_id, read_reference
from ..organisation_numbers import organisation_key
from ..text import listed, one_line
from .findings import right, unknown, wrong

_WHERE = "in Qondor under Customers, External Reference"


def customers_of(set_up: SetUp, read: Readings) -> dict[CustomerId, Customer]:
    """The office's own customers, and the global ones that one of its projects names."""
    if isinstance(read.customers, Unread):
        return {}
    projects = () if isinstance(read.projects, Unread) else read.projects
    named = {project.customer_id for project in projects}
    return {
        customer.id: customer
        for customer in read.customers
        if customer.office_id == set_up.office or (customer.office_id is None and customer.id in named)
    }


def references_of(customers: Collection[Customer]) -> set[CompanyId]:
    """The companies that people have entered."""
    found = (read_reference(customer.external_reference).company_id for customer in customers)
    return {company for company in found if company is not None}


def customer_findings(set_up: SetUp, read: Readings, client_offices: frozenset[OfficeId]) -> Iterator[Finding]:
    """A row for each customer with which something is wrong; what could not be asked is said once."""
    mine = customers_of(set_up, read)
    by_company: defaultdict[CompanyId, dict[CustomerId, Customer]] = defaultdict(dict)
    for customer in mine.values():
        if (company := read_reference(customer.external_reference).company_id) is not None:
            by_company[company][customer.id] = customer
    for customer in sorted(mine.values(), key=lambda each: each.id):
        what, expected = f"customer {customer.id}", "the id of its company in Finago, its own alone"
        reference = read_reference(customer.external_reference)
        if customer.unreadable:
            yield wrong(set_up.office, what, "; ".join(customer.unreadable), expected, f"Correct it {_WHERE}.")
        elif reference.is_empty:
            if customer.is_active and customer_key(customer.id) not in read.links:
                yield _without_reference(set_up, customer, expected)
        elif reference.company_id is None:
            found = "its External Reference is no Finago company id"
            yield wrong(set_up.office, what, found, expected, f"Enter the company's id {_WHERE}.")
        elif isinstance(read.companies, Unread):
            if not read.companies.why:
                continue
            yield unknown(set_up.office, what, read.companies, expected)
        else:
            # The rule of the flows decides; it needs only those who share the company.
            known = Findings(
                office_id=set_up.office,
                client_offices=client_offices,
                customers=by_company[reference.company_id],
                foreign_customers=read.foreign_customers,
                company_links=read.links,
                companies=read.companies,
            )
            refusal = decide_business(customer, known).refusal
            if refusal is not None:
                yield wrong(set_up.office, what, refusal.message, expected, f"{refusal.remedy} ({_WHERE})")


def _without_reference(set_up: SetUp, customer: Customer, expected: str) -> Finding:
    number = organisation_key(customer.organisation_number)
    found = "no External Reference" if number else "neither External Reference nor organisation number"
    remedy = (
        f"Enter the company's id {_WHERE}. Left empty, customers-and-projects looks for its company by organisation "
        "number and creates one where there is none."
    )
    return wrong(set_up.office, f"customer {customer.id}", found, expected, remedy)


def project_findings(office: OfficeId, projects: Mapping[OfficeId, Sequence[QondorProject]]) -> Iterator[Finding]:
    """A row for each of the office's projects whose Finago id is another's too, or whose number is not what it seems.

    `projects` are those of every office of the Finago client.
    """
    by_id: defaultdict[FinagoProjectId, dict[QondorProjectId, QondorProject]] = defaultdict(dict)
    for project in (each for some in projects.values() for each in some):
        if project.has_readable_number:
            by_id[finago_project_id(project.number, project.id).id][project.id] = project
    for project in sorted(projects.get(office, ()), key=lambda each: each.id):
        what, expected = f"project {project.id}", "a Finago project id of its own"
        remedy = "Give it a number of its own, SO and digits, in Qondor on the project's page."
        if project.unreadable:
            yield wrong(office, what, "; ".join(project.unreadable), expected, "Correct it on the project's page.")
            continue
        identity = finago_project_id(project.number, project.id)
        rivals = sorted(by_id[identity.id].keys() - {project.id})
        if rivals:
            found = f"Finago project {identity.id}, as project {listed(rivals)}"
            yield wrong(office, what, found, expected, remedy)
        elif identity.warning:
            yield wrong(office, what, f"number {one_line(project.number)[:40]}", "SO and digits, or no SO", remedy)


def shared_client_finding(office: OfficeId, clients: Mapping[OfficeId, ClientId | Unread]) -> Finding:
    """Which other open offices keep their books in the same Finago client."""
    expected = "every open office's Finago client is known"
    own = clients.get(office)
    if own is None or isinstance(own, Unread):
        return unknown(office, "shared client", Unread(why="this office's own client is not known"), expected)
    unread = sorted(each for each, client in clients.items() if isinstance(client, Unread))
    if unread:
        why = f"the Finago client of office {listed(unread)} is not known"
        remedy = f"See `finago login` of office {listed(unread)}."
        return unknown(office, "shared client", Unread(why=why, remedy=remedy), expected)
    sharers = sorted(each for each, client in clients.items() if client == own and each != office)
    found = f"client {own}, shared with office {listed(sharers)}" if sharers else f"client {own}, shared with nobody"
    return right(office, "shared client", found, expected)
