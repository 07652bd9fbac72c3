"""Customers beside companies, projects beside projects: equal where the flow that follows them would write nothing.

What the flow would change is what differs; so there is one opinion on what has to be equal (decisions 5).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from ...records.customers_and_projects.customers import BUSINESS, Company, CompanyDraft, Customer
from ...records.customers_and_projects.projects import FinagoProject, NamedId, ProjectDraft, QondorProject
from ...records.identifiers import CompanyId, CustomerId
from ...records.plans import Pending
from ...records.reconciliation import (
    MISSING_IN_FINAGO,
    Compared,
    Side,
    Value,
)
from ...records.refusals import Reason, Refusal
from ..customers_and_projects.business_matching import number_of_company
from ..customers_and_projects.company_drafts import CompanyDecision
from ..customers_and_projects.planning import PlanBuilder
from ..customers_and_projects.projects import follow_project
from ..linking import read_reference
from ..organisation_numbers import organisation_key
from ..text import one_line
from .comparison import Comparison, Explain

EXTERNAL_REFERENCE = "external reference"

_TWICE_IN_QONDOR = frozenset({Reason.DUPLICATE_COMPANY, Reason.PROJECT_ID_TAKEN})


def compare_customer(comparison: Comparison, customer: Customer, decision: CompanyDecision, explain: Explain) -> None:
    """A business customer and its company. One that is out of use and unknown to Finago is nobody's business."""
    reference = read_reference(customer.external_reference)
    refusal = decision.refusal
    if refusal is not None and refusal.reason is Reason.INACTIVE_CUSTOMER:
        return
    if refusal is not None:
        _compare_refused(comparison, Compared.CUSTOMER, customer.id, reference.company_id, refusal, explain)
        return
    if decision.before is None or decision.company_id is None:
        comparison.only_in_qondor(Compared.CUSTOMER, Side(id=customer.id), explain)
        return
    company = decision.before
    facts = _facts_of_company(company)
    wanted = facts | _facts_of_draft(decision.draft)
    wanted[EXTERNAL_REFERENCE] = reference.text or None
    facts[EXTERNAL_REFERENCE] = str(company.id)
    comparison.pair(Compared.CUSTOMER, Side(id=customer.id, facts=wanted), Side(id=company.id, facts=facts), explain)


def compare_doubles(
    comparison: Comparison, company_of: Mapping[CustomerId, CompanyId], companies: Collection[Company]
) -> None:
    """Other companies with the organisation number of a customer's company: nothing in Finago keeps them out."""
    known = {company.id: company for company in companies}
    by_number: defaultdict[str, list[Company]] = defaultdict(list)
    for company in companies:
        if company.type == BUSINESS and number_of_company(company).identifies:
            by_number[number_of_company(company).key].append(company)
    shared = set(company_of.values())
    for customer_id, company_id in sorted(company_of.items()):
        own = known.get(company_id)
        twins = by_number.get(number_of_company(own).key, []) if own is not None else []
        for twin in twins:
            if own is not None and twin.id != company_id and twin.id not in shared:
                comparison.again_in_finago(
                    Compared.CUSTOMER, Side(id=customer_id), Side(id=twin.id, facts=_facts_of_company(twin))
                )


def compare_project(comparison: Comparison, project: QondorProject, builder: PlanBuilder, explain: Explain) -> None:
    """A project and the one with its id in Finago. One that is not confirmed need not be there."""
    facts = builder.facts_of(project)
    decision = follow_project(facts)
    if decision.refusal is not None:
        found = facts.found.id if facts.found is not None else None
        _compare_refused(comparison, Compared.PROJECT, project.id, found, decision.refusal, explain)
        return
    if facts.found is None:
        if decision.claim or decision.draft is not None:
            comparison.only_in_qondor(Compared.PROJECT, Side(id=project.id), explain)
        return
    held = _facts_of_project(facts.found, facts.statuses, facts.types)
    wanted = held | _facts_of_project_draft(decision.draft, facts.statuses, facts.types)
    comparison.pair(Compared.PROJECT, Side(id=project.id, facts=wanted), Side(id=facts.found.id, facts=held), explain)


def _compare_refused(
    comparison: Comparison,
    kind: Compared,
    qondor: int,
    finago: int | None,
    refusal: Refusal,
    explain: Explain,
) -> None:
    """A record that no run would touch: what of it is where."""
    ours = Side(id=qondor)
    if refusal.reason in _TWICE_IN_QONDOR:
        comparison.again_in_qondor(kind, ours, Side(id=finago if finago is not None else ""), explain)
    elif refusal.reason is Reason.SEVERAL_COMPANIES:
        comparison.again_in_finago(kind, ours, Side(id=""), explain)
    elif finago is None or refusal.reason is Reason.INVALID_CUSTOMER_REFERENCE:
        comparison.only_in_qondor(kind, ours, explain)
    else:
        text: Value = refusal.reason.value
        comparison.pair(kind, replace(ours, facts={"match": text}), Side(id=finago, facts={"match": None}), explain)


def _facts_of_company(company: Company) -> dict[str, Value]:
    return {
        "name": one_line(company.name),
        "organisation number": organisation_key(company.organisation_number),
        "external id": company.external_id.strip(),
    }


def _facts_of_draft(draft: CompanyDraft | None) -> dict[str, Value]:
    """What the flow would write."""
    if draft is None:
        return {}
    facts: dict[str, Value] = {
        "name": draft.name,
        "organisation number": None
        if draft.organisation_number is None
        else organisation_key(draft.organisation_number),
        "external id": draft.external_id,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _facts_of_project(
    project: FinagoProject, statuses: Iterable[NamedId], types: Iterable[NamedId]
) -> dict[str, Value]:
    return {
        "name": one_line(project.name),
        "status": "deactivated" if project.deactivated else _named(project.status_id, statuses),
        "category": _named(project.type_id, types),
        "customer": project.customer_id,
        "start date": project.start_date,
        "end date": project.end_date,
    }


def _facts_of_project_draft(
    draft: ProjectDraft | None, statuses: Iterable[NamedId], types: Iterable[NamedId]
) -> dict[str, Value]:
    if draft is None:
        return {}
    customer = draft.customer_id
    facts: dict[str, Value] = {
        "name": draft.name,
        "status": None if draft.status_id is None else _named(draft.status_id, statuses),
        "category": None if draft.type_id is None else _named(draft.type_id, types),
        "customer": MISSING_IN_FINAGO if isinstance(customer, Pending) else customer,
        "start date": draft.start_date,
        "end date": draft.end_date,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _named(number: int | None, names: Iterable[NamedId]) -> Value:
    if number is None:
        return None
    return next((each.name for each in names if each.id == number), str(number))
