"""Business customers: which company in Finago is theirs (decisions 5).

They are found by External Reference, store link, ExternalId and organisation number, in this order. Where a company
might be somebody else's nothing is written and the invoice is refused. Messages and warnings hold ids and organisation
numbers only, never a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ...records.customers_and_projects.customers import BUSINESS, SUPPLIER, Company, CompanyDraft, Customer
from ...records.identifiers import CompanyId, CustomerId
from ...records.refusals import Reason, Refusal
from ..linking import customer_key, organisation_key, read_reference
from ..text import Fitting, listed, one_line
from ..unreadable import refuse_beside_nameless, refuse_unreadable
from .company_drafts import LONGEST_NAME, LONGEST_ORGANISATION_NUMBER, CompanyDecision, changed
from .findings import Findings


def decide_business(
    customer: Customer, findings: Findings, being_created: Mapping[str, CustomerId] | None = None
) -> CompanyDecision:
    """What becomes of a business customer in the Finago client of the findings' office.

    `being_created` tells, by organisation number, for which customer this run already creates a company.
    """
    others = _Others(customer, findings)
    found = refuse_unreadable("Customer", customer.id, customer.unreadable, "Qondor") or _found_business(others)
    if not isinstance(found, Refusal) and found is not None and found.unreadable:
        found = refuse_unreadable(f"Customer {customer.id}: company", found.id, found.unreadable, "Finago")
    if found is None:
        found = refuse_beside_nameless(f"Customer {customer.id}", findings.companies.values())
    if isinstance(found, Refusal):
        return CompanyDecision(key=customer_key(customer.id), refusal=found)
    if found is None:
        return _new_business(customer, being_created or {})
    return _known_business(customer, found, others)


@dataclass(frozen=True)
class _Others:
    """A customer among the others of the Finago client, as far as they concern it."""

    customer: Customer
    known: Findings

    @property
    def own_link(self) -> CompanyId | None:
        return self.known.company_links.get(customer_key(self.customer.id))

    def with_company(self, company_id: CompanyId) -> list[Customer]:
        """Who else of this client refers to the company, by External Reference or, where that is empty, by link."""
        everyone = self.known.customers.values()
        others = [other for other in everyone if self._is_of_client(other) and self._refers(other, company_id)]
        return sorted(others, key=lambda other: other.id)

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

    def _refers(self, other: Customer, company_id: CompanyId) -> bool:
        reference = read_reference(other.external_reference)
        held = self.known.company_links.get(customer_key(other.id)) if reference.is_empty else reference.company_id
        return held == company_id


def _found_business(others: _Others) -> Company | Refusal | None:
    """The customer's company by the four ways in their order; None when Finago has none."""
    customer, companies = others.customer, others.known.companies
    reference = read_reference(customer.external_reference)
    unrelated = _refuse_unrelated(others)
    if unrelated is not None:
        return unrelated
    if reference.is_invalid:
        return Refusal(
            Reason.INVALID_CUSTOMER_REFERENCE,
            f"Customer {customer.id}: its External Reference {_shown(reference.text)} is no Finago Company ID.",
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
        return _refuse_supplier(customer, [company]) if company.type == SUPPLIER else company
    # A link to a company that is gone from Finago is no link any more.
    return _searched(customer, companies.values())


def _refuse_unrelated(others: _Others) -> Refusal | None:
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
    """The company that carries the customer's id as ExternalId, else the one with its organisation number."""
    everyone = list(companies)
    number = organisation_key(customer.organisation_number)
    marked = [company for company in everyone if company.external_id.strip() == str(customer.id)]
    numbered = [company for company in everyone if number and _number_of(company) == number]
    for hits, by in ((marked, f"ExternalId {customer.id}"), (numbered, f"organisation number {number}")):
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
    suppliers = [company for company in (*marked, *numbered) if company.type == SUPPLIER]
    return _refuse_supplier(customer, suppliers) if suppliers else None


def _refuse_supplier(customer: Customer, suppliers: Iterable[Company]) -> Refusal:
    ids = listed(sorted({company.id for company in suppliers}))
    return Refusal(
        Reason.ONLY_A_SUPPLIER,
        f"Customer {customer.id}: what fits it in Finago is a supplier only, company {ids}.",
        "Create the customer in Finago and enter its Company ID in the customer's External Reference in Qondor.",
    )


def _known_business(customer: Customer, company: Company, others: _Others) -> CompanyDecision:
    key = customer_key(customer.id)
    sharers = others.with_company(company.id)
    refusal = (
        _refuse_duplicates(customer, company, others.of_same_office(sharers))
        or _refuse_different_sharers(customer, company, sharers)
        or _refuse_taken(customer, company, sharers, first_link=others.own_link != company.id)
    )
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
    draft = CompanyDraft(
        id=company.id,
        name=changed(fitting.fit(customer.name, LONGEST_NAME, "its name"), one_line(company.name)),
        external_id=changed(str(customer.id), company.external_id.strip()),
        organisation_number=changed(_organisation_number(customer, fitting), _number_of(company)),
    )
    unchanged = draft == CompanyDraft(id=company.id)
    return replace(decision, draft=None if unchanged else draft, warnings=fitting.warnings)


def _refuse_duplicates(customer: Customer, company: Company, same_office: Sequence[Customer]) -> Refusal | None:
    if not same_office:
        return None
    customers = listed(sorted([customer.id, *(other.id for other in same_office)]))
    return Refusal(
        Reason.DUPLICATE_COMPANY,
        f"Duplicate company ID: customers {customers} of one office are all linked to company {company.id} in Finago.",
        "Give each its own Company ID in the External Reference in Qondor, or empty the field of those that are wrong.",
    )


def _refuse_different_sharers(customer: Customer, company: Company, sharers: Sequence[Customer]) -> Refusal | None:
    number = organisation_key(customer.organisation_number)
    different = [other for other in sharers if not number or organisation_key(other.organisation_number) != number]
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
            f"{_shown(marked)}.",
            "Enter the right Company ID in the customer's External Reference in Qondor, or correct the ExternalId in "
            "Finago.",
        )
    ours, theirs = organisation_key(customer.organisation_number), _number_of(company)
    if first_link and ours and theirs and ours != theirs:
        return Refusal(
            Reason.COMPANY_TAKEN,
            f"Customer {customer.id} has organisation number {ours}, but company {company.id} in Finago has {theirs}.",
            "Enter the right Company ID in the customer's External Reference in Qondor, or correct the organisation "
            "number that is wrong.",
        )
    return None


def _is_first(customer: Customer, company: Company, sharers: Sequence[Customer]) -> bool:
    """Of customers that share a company the one in its ExternalId comes first, else the one with the lowest id."""
    marked = company.external_id.strip()
    return marked == str(customer.id) or (not marked and all(customer.id < other.id for other in sharers))


def _new_business(customer: Customer, being_created: Mapping[str, CustomerId]) -> CompanyDecision:
    key = customer_key(customer.id)
    fitting = Fitting(f"Customer {customer.id}")
    name = fitting.fit(customer.name, LONGEST_NAME, "its name")
    number = _organisation_number(customer, fitting)
    twin = being_created.get(number) if number else None
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
    elif twin is not None and twin != customer.id:
        refusal = Refusal(
            Reason.DUPLICATE_COMPANY,
            f"Customer {customer.id} has organisation number {number}, with which customer {twin} is being created in "
            "Finago.",
            "Keep one customer for each organisation in Qondor, or enter a Company ID of its own in the External "
            "Reference.",
        )
    else:
        return CompanyDecision(
            key=key,
            draft=CompanyDraft(
                name=name, type=BUSINESS, external_id=str(customer.id), organisation_number=number or None
            ),
            write_back=True,
            warnings=fitting.warnings,
        )
    return CompanyDecision(key=key, refusal=refusal)


def _organisation_number(customer: Customer, fitting: Fitting) -> str:
    number = organisation_key(customer.organisation_number)
    if len(number) <= LONGEST_ORGANISATION_NUMBER:
        return number
    # A number is never cut: half of it would be another organisation's.
    fitting.warn(f"its organisation number has {len(number)} digits and is left out.")
    return ""


def _number_of(company: Company) -> str:
    return organisation_key(company.organisation_number)


def _shown(text: str) -> str:
    line = one_line(text)
    return repr(line if len(line) <= 40 else f"{line[:39]}…")
