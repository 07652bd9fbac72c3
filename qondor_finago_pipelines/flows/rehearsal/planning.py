"""From what a rehearsal noted to the lines of a plan: whose company it is, what is refused and why, money first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ...records.identifiers import CompanyId, FinagoProjectId, QondorProjectId
from ...records.money import ZERO
from ...records.operations.planned import REFUSE, WAIT, PlannedChange, PlannedField
from ...records.operations.results import Flow, FlowResult, RecordOutcome, RecordState
from ...records.refusals import Reason
from ...rules.linking import CUSTOMER_KEY
from .describing import COMPANY, ORDER, PROJECT, Names

_GROUPS = {"order": "invoice", "payment": "invoice", "company": "customer", "sale": "cost"}
"""Records that are shown together: an order with its invoice, a company with its customer."""


def changes_of(
    result: FlowResult,
    written: Sequence[PlannedChange],
    companies: Mapping[str, CompanyId],
    projects: Mapping[FinagoProjectId, QondorProjectId],
    names: Names,
) -> list[PlannedChange]:
    """The lines of one office: its writes, what it leaves and why, and what kept it from looking.

    `companies`, by the store's key, and `projects` are the links as the rehearsal left them.
    """
    outcomes = {outcome.id: outcome for outcome in result.records}
    bookers = _bookers(written)
    written = [_of_project(_of_company(each, companies, bookers), projects) for each in written]
    lines = [_told(each, outcomes, bookers) for each in written]
    failed = {each.key for each in written if each.action == "fail"}
    for outcome in result.records:
        if outcome.state is not RecordState.SETTLED and outcome.id not in failed:
            lines.append(_left(result, outcome, names))
    for problem in result.problems:
        lines.append(
            PlannedChange(
                office=result.office,
                flow=result.flow,
                system="finago" if "finago" in problem.message.lower() else "qondor",
                record=None,
                key=None,
                action=WAIT,
                reason=names.in_words(problem.message),
                remedy=problem.remedy,
            )
        )
    return lines


def in_order(changes: Iterable[PlannedChange]) -> tuple[PlannedChange, ...]:
    """Money first, the largest sum before the others; what belongs to one record stands together, as it is done."""
    groups: dict[tuple[int, str, str], list[PlannedChange]] = defaultdict(list)
    for change in changes:
        kind = _GROUPS.get(change.record or "", change.record or "")
        groups[change.office, kind, change.key or ""].append(change)

    def rank(group: tuple[tuple[int, str, str], list[PlannedChange]]) -> tuple[object, ...]:
        (office, kind, key), lines = group
        largest = max((abs(line.amount) for line in lines if line.amount is not None), default=ZERO)
        is_left = not any(line.is_write for line in lines)
        return is_left, -largest, kind, office, len(key), key

    return tuple(line for _, lines in sorted(groups.items(), key=rank) for line in lines)


def _bookers(written: Sequence[PlannedChange]) -> dict[str, str]:
    """By a consumer's company, as an order names it: the first invoice that is billed to it."""
    found: dict[str, str] = {}
    for change in written:
        if change.record == ORDER and change.action == "create" and change.key is not None:
            for field in change.fields:
                if field.field == "customer" and field.after is not None:
                    found.setdefault(field.after, change.key)
    return found


def _of_company(change: PlannedChange, companies: Mapping[str, CompanyId], bookers: Mapping[str, str]) -> PlannedChange:
    """A company bears the id of its Qondor customer; that of a booker the id of the invoice."""
    if change.record != COMPANY:
        return change
    if change.action == "create":
        return replace(change, key=bookers.get(change.key or "", change.key))
    customers = sorted(
        int(key.removeprefix(CUSTOMER_KEY))
        for key, company in companies.items()
        if str(company) == change.key and key.startswith(CUSTOMER_KEY)
    )
    return replace(change, key=str(customers[0]) if customers else bookers.get(change.key or "", change.key))


def _of_project(change: PlannedChange, projects: Mapping[FinagoProjectId, QondorProjectId]) -> PlannedChange:
    """A project bears its id in Qondor."""
    ours = projects.get(FinagoProjectId(int(change.key or 0))) if change.record == PROJECT else None
    return change if ours is None else replace(change, key=str(ours))


def _told(change: PlannedChange, outcomes: Mapping[str, RecordOutcome], bookers: Mapping[str, str]) -> PlannedChange:
    """With the amount of its invoice, why it fails, and bookers by their invoices."""
    outcome = outcomes.get(change.key or "") if change.record in ("invoice", "payment") else None
    if outcome is not None:
        change = replace(change, amount=outcome.total, currency=outcome.currency)
        if change.action == "fail":
            change = replace(change, reason=outcome.message, remedy=outcome.remedy)
    return replace(change, fields=tuple(_by_invoice(field, bookers) for field in change.fields))


def _by_invoice(field: PlannedField, bookers: Mapping[str, str]) -> PlannedField:
    if field.after is None or not field.after.startswith("<company of a booker") or field.after not in bookers:
        return field
    return replace(field, after=f"<company of the booker of invoice {bookers[field.after]}>")


def _left(result: FlowResult, outcome: RecordOutcome, names: Names) -> PlannedChange:
    """What a run would leave as it is: refused, or waiting for somebody or something."""
    refused = outcome.state in (RecordState.HELD, RecordState.FAILED) and outcome.reason is not Reason.WAITS_FOR_CONFIRM
    kind, _, key = outcome.id.rpartition(" ")
    return PlannedChange(
        office=result.office,
        flow=result.flow,
        system="qondor" if result.flow is Flow.COSTS_AND_SALES else "finago",
        record={"": "invoice", "voucher": "cost"}.get(kind, kind),
        key=key,
        action=REFUSE if refused else WAIT,
        amount=outcome.total,
        currency=outcome.currency,
        reason=names.in_words(outcome.message or (outcome.reason or outcome.state).value),
        remedy=outcome.remedy,
    )
