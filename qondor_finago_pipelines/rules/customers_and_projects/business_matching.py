"""Where a business customer's company is looked for in Finago, and who else has it (decisions 5).

External Reference, store link, ExternalId and organisation number, in this order. Messages hold ids and organisation
numbers only, never a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ...records.customers_and_projects.customers import BUSINESS, SUPPLIER, Company, Customer
from ...records.identifiers import CompanyId, CustomerId
from ...records.refusals import Reason, Refusal
from ..linking import customer_key, read_reference
from ..organisation_numbers import OrganisationNumber, read_organisation_number, same_organisation
from ..text import cut, listed, one_line, same_text
from .company_drafts import LONGEST_NAME
from .findings import Findings


@dataclass(frozen=True)
class Others:
    """A customer among the others of the Finago client, as far as they concern it."""

    customer: Customer
    known: Findings
    given: Mapping[CustomerId, CompanyId | None] = field(default_factory=dict)
    """What the plan in the making has given to others already; None is a company that it creates."""

    @property
    def own_link(self) -> CompanyId | None:
        return self.known.company_links.get(customer_key(self.customer.id))

    def with_company(self, company_id: CompanyId) -> list[Customer]:
        """Who else of this client has the company: by External Reference, where that is empty by link, or by plan."""
        everyone = self.known.customers.values()
        others = [other for other in everyone if self._is_of_client(other) and self._has(other, company_id)]
        return sorted(others, key=lambda other: other.id)

    def being_created(self) -> Customer | None:
        """Another customer of this organisation for which this plan creates a company."""
        number = number_of_customer(self.customer)
        for customer_id, company_id in self.given.items():
            other = self.known.customers.get(customer_id)
            if company_id is None and other is not None and customer_id != self.customer.id:
                theirs = number_of_customer(other)
                if same_organisation(number, theirs) or same_organisation(theirs, number):
                    return other
        return None

    def of_same_office(self, others: Iterable[Customer]) -> list[Customer]:
        """A global customer belongs to every office of the client."""
        own = self.customer.office_id
        return [other for other in others if own is None or other.office_id is None or other.office_id == own]

    def _is_of_client(self, other: Customer) -> bool:
        if other.id == self.customer.id:
            return False
        if other.office_id is not None:
            return other.office_id in self.known.client_offices
        # The Reference of a global customer that another client links is a number of that client's books.
        return other.id not in self.known.foreign_customers or customer_key(other.id) in self.known.company_links

    def _has(self, other: Customer, company_id: CompanyId) -> bool:
        reference = read_reference(other.external_reference)
        held = self.known.company_links.get(customer_key(other.id)) if reference.is_empty else reference.company_id
        return held == company_id or self.given.get(other.id) == company_id


def find_business(others: Others) -> Company | Refusal | None:
    """The customer's company by the four ways in their order; None when Finago has none."""
    customer, companies = others.customer, others.known.companies
    reference = read_reference(customer.external_reference)
    unrelated = _refuse_unrelated(others)
    if unrelated is not None:
        return unrelated
    if reference.is_invalid:
        return Refusal(
            Reason.INVALID_CUSTOMER_REFERENCE,
            f"Customer {customer.id}: its External Reference {shown(reference.text)} is no Finago Company ID.",
            "Enter the Company ID, a whole number, in the customer's External Reference in Qondor, or empty the field.",
        )
    if reference.company_id is not None and reference.company_id not in companies:
        return Refusal(
            Reason.INVALID_CUSTOMER_REFERENCE,
            f"Customer {customer.id}: Finago knows no company {reference.company_id}, its External Reference.",
            "Enter the right Company ID in the customer's External Reference in Qondor, or empty the field.",
        )
    known = reference.company_id or others.own_link
    if known is not None and known in companies:
        company = companies[known]
        return _refuse_other_types(customer, [company]) if company.type == SUPPLIER else company
    # A link to a company that is gone from Finago is no link any more.
    return _searched(customer, companies.values())


def strangers_of(customer: Customer, companies: Iterable[Company]) -> tuple[CompanyId, ...]:
    """Companies that carry the customer's id as ExternalId and are not shown to be its own: others write there, too."""
    return tuple(
        sorted(each.id for each in companies if _is_marked(customer, each) and not is_customers_own(customer, each))
    )


def _refuse_unrelated(others: Others) -> Refusal | None:
    """Refuses a customer of an office, or a global one, whose External Reference belongs to other books."""
    customer, office_id = others.customer, others.known.office_id
    if customer.office_id is not None and customer.office_id not in others.known.client_offices:
        return Refusal(
            Reason.CUSTOMER_OF_ANOTHER_CLIENT,
            f"Customer {customer.id} belongs to office {customer.office_id}, which does not share the Finago client of "
            f"office {office_id}.",
            f"Choose a customer of office {office_id} in Qondor and issue the invoice again.",
        )
    if customer.office_id is not None or customer.id not in others.known.foreign_customers:
        return None
    reference = read_reference(customer.external_reference)
    if others.own_link is not None and (reference.is_empty or reference.company_id == others.own_link):
        return None
    return Refusal(
        Reason.CUSTOMER_OF_ANOTHER_CLIENT,
        f"Global customer {customer.id} is linked to a company of another Finago client; its one External Reference "
        f"cannot serve office {office_id} too.",
        f"Make a customer of its own for office {office_id} in Qondor and issue the invoice again.",
    )


def _searched(customer: Customer, companies: Iterable[Company]) -> Company | Refusal | None:
    """The company that carries the customer's id as ExternalId and agrees, else the one with its organisation number.

    A company of another type with that number may be the customer: a person decides, nothing is created beside it.
    """
    everyone = list(companies)
    number = number_of_customer(customer)
    marked = [company for company in everyone if _is_marked(customer, company) and is_customers_own(customer, company)]
    numbered = [company for company in everyone if same_organisation(number, number_of_company(company))]
    for hits, by in ((marked, f"ExternalId {customer.id}"), (numbered, f"organisation number {shown(number.key)}")):
        businesses = [company for company in hits if company.type == BUSINESS]
        if len(businesses) > 1:
            return Refusal(
                Reason.SEVERAL_COMPANIES,
                f"Customer {customer.id}: several companies in Finago have {by}: "
                f"{listed(sorted(company.id for company in businesses))}.",
                "Enter the right Company ID in the customer's External Reference in Qondor.",
            )
        if businesses:
            return businesses[0]
    rest = {company.id: company for company in (*marked, *numbered)}
    return _refuse_other_types(customer, list(rest.values())) if rest else None


def _refuse_other_types(customer: Customer, found: list[Company]) -> Refusal:
    ids = listed(sorted(company.id for company in found))
    if all(company.type == SUPPLIER for company in found):
        return Refusal(
            Reason.ONLY_A_SUPPLIER,
            f"Customer {customer.id}: what fits it in Finago is a supplier only, company {ids}.",
            "Create the customer in Finago and enter its Company ID in the customer's External Reference in Qondor.",
        )
    return Refusal(
        Reason.COMPANY_OF_ANOTHER_TYPE,
        f"Customer {customer.id}: what fits it in Finago is no company of type Business: company {ids} "
        f"({listed(sorted({company.type for company in found}))}).",
        "If that is the customer, enter its Company ID in the External Reference in Qondor; else create the customer "
        "in Finago and enter that Company ID.",
    )


def _is_marked(customer: Customer, company: Company) -> bool:
    return company.external_id.strip() == str(customer.id)


def is_customers_own(customer: Customer, company: Company) -> bool:
    """Whether number or name shows that the company is the customer's; names as they fit into Finago."""
    name = cut(one_line(customer.name), LONGEST_NAME)
    return same_organisation(number_of_customer(customer), number_of_company(company)) or (
        bool(name) and same_text(name, company.name)
    )


def number_of_customer(customer: Customer) -> OrganisationNumber:
    return read_organisation_number(customer.organisation_number, customer.country)


def number_of_company(company: Company) -> OrganisationNumber:
    return read_organisation_number(company.organisation_number, company.country)


def shown(text: str) -> str:
    """A short text of a record, fit for a message."""
    line = one_line(text)
    return repr(line if len(line) <= 40 else f"{line[:39]}…")
