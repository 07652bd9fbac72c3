"""When a company that was found for a business customer may not be its own: nobody else's is renamed (decisions 5)."""

from __future__ import annotations

from collections.abc import Sequence

from ...records.customers_and_projects.customers import CONSUMER, Company, Customer
from ...records.refusals import Reason, Refusal
from ..linking import read_reference
from ..organisation_numbers import different_organisations, same_organisation
from ..text import listed
from .business_matching import Others, is_customers_own, number_of_company, number_of_customer, shown


def refuse_conflicts(company: Company, others: Others, sharers: Sequence[Customer]) -> Refusal | None:
    """Why the customer may not have the company; None when it may. `sharers` are the others that have it."""
    return (
        _refuse_duplicates(company, others, others.of_same_office(sharers))
        or _refuse_different_sharers(others.customer, company, sharers)
        or _refuse_taken(others.customer, company, sharers, first_link=others.own_link != company.id)
    )


def _refuse_duplicates(company: Company, others: Others, same_office: Sequence[Customer]) -> Refusal | None:
    customer = others.customer
    if not same_office:
        return None
    ids = listed(other.id for other in same_office)
    if read_reference(customer.external_reference).is_empty and others.own_link != company.id:
        # It was only found there; those who have the company keep it.
        return Refusal(
            Reason.DUPLICATE_COMPANY,
            f"Duplicate company ID: customer {customer.id} comes to company {company.id} in Finago, which customer "
            f"{ids} of the same office has.",
            "Keep one customer for each organisation in Qondor, or give this one a Company ID of its own in the "
            "External Reference.",
        )
    customers = listed(sorted([customer.id, *(other.id for other in same_office)]))
    return Refusal(
        Reason.DUPLICATE_COMPANY,
        f"Duplicate company ID: customers {customers} of one office are all linked to company {company.id} in Finago.",
        "Give each its own Company ID in the External Reference in Qondor, or empty the field of those that are wrong.",
    )


def _refuse_different_sharers(customer: Customer, company: Company, sharers: Sequence[Customer]) -> Refusal | None:
    number = number_of_customer(customer)
    different = [
        other
        for other in sharers
        if not same_organisation(number, theirs := number_of_customer(other)) and not same_organisation(theirs, number)
    ]
    if not different:
        return None
    customers = listed(sorted([customer.id, *(other.id for other in different)]))
    return Refusal(
        Reason.DUPLICATE_COMPANY,
        f"Duplicate company ID: customers {customers} of different offices are all linked to company {company.id} in "
        "Finago, but do not have one organisation number.",
        "Correct the organisation number or the External Reference of the wrong one in Qondor.",
    )


def _refuse_taken(
    customer: Customer, company: Company, sharers: Sequence[Customer], *, first_link: bool
) -> Refusal | None:
    """Refuses a company that is marked as, or on the first link looks like, another customer's."""
    marked = company.external_id.strip()
    if marked and marked not in {str(customer.id), *(str(other.id) for other in sharers)}:
        return Refusal(
            Reason.COMPANY_TAKEN,
            f"Customer {customer.id}: company {company.id} in Finago belongs to another customer, ExternalId "
            f"{shown(marked)}.",
            "Enter the right Company ID in the customer's External Reference in Qondor, or correct the ExternalId in "
            "Finago.",
        )
    ours, theirs = number_of_customer(customer), number_of_company(company)
    if first_link and different_organisations(ours, theirs):
        return Refusal(
            Reason.COMPANY_TAKEN,
            f"Customer {customer.id} has organisation number {shown(ours.key)}, but company {company.id} in Finago has "
            f"{shown(theirs.key)}.",
            "Enter the right Company ID in the customer's External Reference in Qondor, or correct the organisation "
            "number that is wrong.",
        )
    if first_link and company.type == CONSUMER and not is_customers_own(customer, company):
        return Refusal(
            Reason.COMPANY_TAKEN,
            f"Customer {customer.id}: company {company.id} in Finago is of type Consumer, a person of another name.",
            "Enter the right Company ID in the customer's External Reference in Qondor, or give the customer that "
            "person's name if it is the same.",
        )
    return None
