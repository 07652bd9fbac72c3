"""Business customers: what becomes of each one in Finago (decisions 5).

Where a company might be somebody else's nothing is written and the invoice is refused. Messages and warnings hold ids
and organisation numbers only, never a name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...records.customers_and_projects.customers import BUSINESS, Company, CompanyDraft, Customer
from ...records.identifiers import CompanyId, CustomerId
from ...records.refusals import Reason, Refusal, passes_by_itself
from ..linking import customer_key, read_reference
from ..organisation_numbers import organisation_key
from ..text import Fitting, length_in_finago, listed, one_line
from ..unreadable import refuse_beside_nameless, refuse_unreadable
from .business_conflicts import refuse_conflicts
from .business_matching import Others, find_business, number_of_company, number_of_customer, shown, strangers_of
from .company_drafts import LONGEST_NAME, LONGEST_ORGANISATION_NUMBER, CompanyDecision, changed
from .findings import Findings


def decide_business(
    customer: Customer, findings: Findings, given: Mapping[CustomerId, CompanyId | None] | None = None
) -> CompanyDecision:
    """What becomes of a business customer in the Finago client of the findings' office.

    `given` tells which company the plan in the making has given to which customer already; None is one that it creates.
    """
    others = Others(customer, findings, given or {})
    found = refuse_unreadable("Customer", customer.id, customer.unreadable, "Qondor") or find_business(others)
    if not isinstance(found, Refusal) and found is not None and found.unreadable:
        found = refuse_unreadable(f"Customer {customer.id}: company", found.id, found.unreadable, "Finago")
    if found is None:
        found = refuse_beside_nameless(f"Customer {customer.id}", findings.companies.values())
    if isinstance(found, Refusal):
        return CompanyDecision(key=customer_key(customer.id), refusal=found)
    decision = _new_business(others) if found is None else _known_business(found, others)
    if decision.refusal is not None:
        return decision
    return replace(decision, warnings=(*_warnings_of_the_link(others, decision), *decision.warnings))


def _warnings_of_the_link(others: Others, decision: CompanyDecision) -> Sequence[str]:
    """What a person should know of how the customer was matched; nothing while it stays where it is."""
    customer, number = others.customer, number_of_customer(others.customer)
    warnings = []
    undone = others.known.undone_links.get(customer_key(customer.id))
    if undone is not None:
        warnings.append(
            f"Customer {customer.id}: its External Reference was emptied in Qondor, so that its link to company "
            f"{undone} is undone and it is matched anew."
            + (
                " It comes to the same company again: if that is wrong, enter the right Company ID in the field."
                if undone == decision.company_id
                else ""
            )
        )
    if number.key and not number.identifies and (decision.company_id is None or decision.company_id != others.own_link):
        warnings.append(
            f"Customer {customer.id}: its organisation number {shown(number.key)} is no valid one and identifies "
            "nobody, so that no company was looked for by it."
        )
    if decision.company_id is None and decision.draft is not None and decision.draft.strangers:
        warnings.append(
            f"Customer {customer.id}: company {listed(decision.draft.strangers)} in Finago has its id as ExternalId, "
            "but neither its organisation number nor its name, and is left alone."
        )
    return warnings


def _known_business(company: Company, others: Others) -> CompanyDecision:
    customer = others.customer
    key = customer_key(customer.id)
    sharers = others.with_company(company.id)
    refusal = refuse_conflicts(company, others, sharers)
    if refusal is not None:
        return CompanyDecision(key=key, refusal=refusal)
    decision = CompanyDecision(
        key=key,
        company_id=company.id,
        before=company,
        write_back=read_reference(customer.external_reference).is_empty,
    )
    if sharers and not _is_first(customer, company, sharers):
        # Only the first writes: two offices that spell the name differently would otherwise rename it in turns.
        warning = (
            f"Customer {customer.id} shares company {company.id} in Finago with customer "
            f"{listed(other.id for other in sharers)} of another office, which keeps ExternalId and name."
        )
        return replace(decision, warnings=(warning,))
    fitting = Fitting(f"Customer {customer.id}")
    number = _organisation_number(customer, fitting)
    draft = CompanyDraft(
        id=company.id,
        name=changed(fitting.fit(customer.name, LONGEST_NAME, "its name"), one_line(company.name)),
        external_id=changed(str(customer.id), company.external_id.strip()),
        # Two ways of writing one number are no difference.
        organisation_number=None if organisation_key(number) == number_of_company(company).key else number or None,
    )
    unchanged = draft == CompanyDraft(id=company.id)
    return replace(decision, draft=None if unchanged else draft, warnings=fitting.warnings)


def _is_first(customer: Customer, company: Company, sharers: Sequence[Customer]) -> bool:
    """Of customers that share a company the one in its ExternalId comes first, else the one with the lowest id."""
    marked = company.external_id.strip()
    return marked == str(customer.id) or (not marked and all(customer.id < other.id for other in sharers))


def _new_business(others: Others) -> CompanyDecision:
    customer = others.customer
    key = customer_key(customer.id)
    fitting = Fitting(f"Customer {customer.id}")
    name = fitting.fit(customer.name, LONGEST_NAME, "its name")
    number = _organisation_number(customer, fitting)
    if not customer.is_active:
        refusal = Refusal(
            Reason.INACTIVE_CUSTOMER,
            f"Customer {customer.id} is inactive in Qondor and unknown to Finago, so that it is not created there.",
            "Activate it in Qondor, or enter its Company ID in the External Reference.",
        )
    elif not name:
        refusal = Refusal(
            Reason.INCOMPLETE,
            f"Customer {customer.id} has no name, so that it cannot be created in Finago.",
            "Enter its name in Qondor; the rest then goes by itself.",
        )
    elif (twin := others.being_created()) is not None:
        refusal = Refusal(
            Reason.DUPLICATE_COMPANY,
            f"Duplicate company ID: customer {customer.id} has organisation number {shown(organisation_key(number))}, "
            f"with which customer {twin.id} is being created in Finago.",
            "Keep one customer for each organisation in Qondor, or enter a Company ID of its own in the External "
            "Reference."
            if others.of_same_office([twin])
            else passes_by_itself("the next run lets the two offices share the company."),
        )
    else:
        return CompanyDecision(
            key=key,
            draft=CompanyDraft(
                name=name,
                type=BUSINESS,
                external_id=str(customer.id),
                organisation_number=number or None,
                strangers=strangers_of(customer, others.known.companies.values()),
            ),
            write_back=True,
            warnings=fitting.warnings,
        )
    return CompanyDecision(key=key, refusal=refusal)


def _organisation_number(customer: Customer, fitting: Fitting) -> str:
    """The number as it stands in Qondor."""
    number = one_line(customer.organisation_number)
    length = length_in_finago(number)
    if length <= LONGEST_ORGANISATION_NUMBER:
        return number
    # A number is never cut: half of it would be another organisation's.
    fitting.warn(f"its organisation number has {length} characters and is left out.")
    return ""
