"""Customers, companies and lists of projects, read for either flow with as few calls as their state allows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from ...records.customers_and_projects.customers import CONSUMER, Company, Customer
from ...records.customers_and_projects.projects import FinagoProject, QondorProject
from ...records.errors import SyncError
from ...records.identifiers import CompanyId, CustomerId, FinagoProjectId, OfficeId
from ...rules.absence import is_plausible
from ...rules.customers_and_projects.companies import companies_to_read
from ...rules.email_addresses import email_keys
from ...rules.linking import consumer_key, customer_key, read_reference
from .client_identity import check_client_identity
from .office_run import OfficeRun

LISTED_TWICE = "is listed twice, and not the same"


def read_customers(run: OfficeRun, offices: frozenset[OfficeId]) -> dict[CustomerId, Customer]:
    """Global customers and those of every office that shares the Finago client, joined on id (decisions 5)."""
    found: dict[CustomerId, Customer] = {}
    for office in (None, *sorted(offices)):
        for customer in run.qondor.customers(office):
            if found.get(customer.id, customer) != customer:
                customer = replace(customer, unreadable=(*customer.unreadable, LISTED_TWICE))
            found[customer.id] = customer
    return found


def projects_of(run: OfficeRun, office: OfficeId) -> tuple[QondorProject, ...]:
    """Every project of an office, read once in a run."""
    return run.cached(f"projects of office {office}", partial(run.qondor.projects, office))


def read_companies(
    run: OfficeRun,
    customers: Sequence[Customer],
    links: Mapping[str, CompanyId],
    bookers: Sequence[str] = (),
    *,
    undone: Mapping[str, CompanyId],
) -> Mapping[CompanyId, Company]:
    """The companies that are known by id; all of the client's when one has to be found by what it is.

    `bookers` are the store's keys of consumers; `undone` are links that hold no longer, whose companies should be there
    all the same.
    """
    linked = set(links.values())
    ids, directory_needed = companies_to_read(customers, links, bookers)
    if not directory_needed:
        found = run.finago.companies(ids)
        # A link whose company is gone is no link: whoever it stood for is looked for among all companies.
        still_theirs = all(_is_bookers(found[links[key]], key) for key in bookers if links[key] in found)
        if ids - _references(customers) <= found.keys() and (found or not linked) and still_theirs:
            return found
    directory = dict(run.finago.company_directory())
    missing = ids - directory.keys()
    if missing:
        directory.update(run.finago.companies(missing))
    linked = (linked & ids) | {undone[key] for customer in customers if (key := customer_key(customer.id)) in undone}
    _check_absence(run, "companies", len(linked - directory.keys()), len(linked), anything_seen=bool(directory))
    return directory


def _is_bookers(company: Company, key: str) -> bool:
    """Whether the company that the store links to a booker is a person's still, and has the address."""
    addresses = email_keys(company.emails.all())
    return company.type == CONSUMER and (bool(company.unreadable) or key in map(consumer_key, addresses))


def read_finago_projects(
    run: OfficeRun, ids: Iterable[FinagoProjectId], claims: Collection[FinagoProjectId]
) -> dict[FinagoProjectId, FinagoProject]:
    """The projects with these ids. `claims` are those that the store links: they should be there."""
    wanted = sorted(set(ids))
    found = run.finago.projects(wanted)
    linked = set(wanted) & set(claims)
    _check_absence(run, "projects", len(linked - found.keys()), len(linked), anything_seen=True)
    return found


def _check_absence(run: OfficeRun, what: str, missing: int, known: int, *, anything_seen: bool) -> None:
    """Raises SyncError where so much is missing that it is no deletion: else all of it would be created anew."""
    if not is_plausible(missing, known, anything_seen=anything_seen):
        check_client_identity(run)  # The most exact reason, where it is the one.
        raise SyncError(
            f"Finago no longer shows {missing} of the {known} {what} that this run is about; nothing is created.",
            remedy=f"See in Finago whether the login of this office may still read {what}.",
        )


def _references(customers: Sequence[Customer]) -> set[CompanyId]:
    """The companies named by people: one that Finago does not know is refused, not searched for."""
    references = (read_reference(customer.external_reference).company_id for customer in customers)
    return {company_id for company_id in references if company_id is not None}


def foreign_customers(run: OfficeRun, customers: Sequence[Customer]) -> frozenset[CustomerId]:
    """Global customers that another Finago client's ledger entries hold (decisions 2, Scope)."""
    everywhere = [customer for customer in customers if customer.office_id is None]
    if not everywhere:
        return frozenset()
    with run.store.read() as transaction:
        return frozenset(
            customer.id
            for customer in everywhere
            if transaction.companies.linked_elsewhere(
                run.client_id,
                customer_key(customer.id),
                reference_is_empty=read_reference(customer.external_reference).is_empty,
            )
        )
