"""What is said of the offices' office status, from the store alone: refusals, unmatched costs, freshness.

A run says how its own office came out, so that its verdict is about the office that ran last. These verdicts are about
all offices at once, and the same whichever of them ran last, or whether any did.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from ...records.identifiers import OfficeId
from ...records.operations.office_status import (
    QUARANTINED,
    ExpectedOffice,
    FlowStatus,
    OfficeVerdict,
    OpenRecord,
    StatusKind,
    Verdict,
)
from ...records.operations.results import Flow
from ...records.refusals import Reason
from ..text import counted

NOT_RUN_YET = "has not run yet: see that its schedule is switched on and that the daemon runs"
NOT_IN_THE_SETTINGS = (
    "is not in the settings any more, so nobody sees its history: put it back there with `closed: true`"
)


def assess_status(state: FlowStatus, expected: Collection[ExpectedOffice]) -> tuple[Verdict, ...]:
    """The verdicts on one flow; `expected` are the offices of the settings, closed ones too."""
    verdicts = [_refusals(state, expected), _freshness(state, expected)]
    if state.flow is Flow.COSTS_AND_SALES:
        verdicts.insert(1, _unmatched(state, expected))
    return tuple(verdicts)


def kinds_of(flow: Flow) -> tuple[StatusKind, ...]:
    """What is judged of a flow: only the lines of Finago's general ledger can match no project."""
    if flow is Flow.COSTS_AND_SALES:
        return StatusKind.REFUSALS, StatusKind.UNMATCHED, StatusKind.FRESHNESS
    return StatusKind.REFUSALS, StatusKind.FRESHNESS


def _refusals(state: FlowStatus, expected: Collection[ExpectedOffice]) -> Verdict:
    refused = [each for each in state.open if each.reason != Reason.UNMATCHED.value]
    return _of_records(StatusKind.REFUSALS, state.flow, refused, expected)


def _unmatched(state: FlowStatus, expected: Collection[ExpectedOffice]) -> Verdict:
    unmatched = [each for each in state.open if each.reason == Reason.UNMATCHED.value]
    return _of_records(StatusKind.UNMATCHED, state.flow, unmatched, expected)


def _of_records(
    kind: StatusKind, flow: Flow, records: Iterable[OpenRecord], expected: Collection[ExpectedOffice]
) -> Verdict:
    """What is open. A closed office works on nothing any more: there only what nobody else can settle counts."""
    at_work = {office.id for office in expected if not office.closed}
    counted = sorted(
        (each for each in records if each.office in at_work or each.state == QUARANTINED),
        key=lambda each: (each.since, each.office, each.record),
    )
    by_office: dict[OfficeId, list[OpenRecord]] = defaultdict(list)
    for each in counted:
        by_office[each.office].append(each)
    offices = tuple(
        OfficeVerdict(office=office, open=len(some), since=some[0].since, reasons=_reasons(some))
        for office, some in sorted(by_office.items())
    )
    return Verdict(
        flow=flow,
        kind=kind,
        is_grave=any(each.state == QUARANTINED for each in counted),
        summary=_summary_of_records(kind, offices, at_work),
        offices=offices,
        fine=tuple(sorted(at_work - by_office.keys())),
        records=tuple(counted),
    )


def _reasons(records: Iterable[OpenRecord]) -> str:
    """The most frequent first: `VAT mismatch (3), no project (1)`."""
    counts = Counter(each.reason or each.state for each in records)
    most_frequent_first = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{reason} ({count})" for reason, count in most_frequent_first)


def _summary_of_records(kind: StatusKind, offices: Sequence[OfficeVerdict], at_work: Collection[OfficeId]) -> str:
    what = "unmatched" if kind is StatusKind.UNMATCHED else "open"
    if not offices:
        return f"Nothing is {what} in any of {counted(len(at_work), 'office')}."
    oldest = min(office.since for office in offices if office.since is not None)
    number = sum(office.open for office in offices)
    return (
        f"{counted(number, 'record')} {what} in {counted(len(offices), 'office')}, the oldest since "
        f"{_in_words(oldest)}."
    )


def _freshness(state: FlowStatus, expected: Collection[ExpectedOffice]) -> Verdict:
    """Every office where the flow runs by itself has had a complete run, no longer ago than its schedule promises."""
    silent: list[OfficeVerdict] = []
    waiting: list[OfficeVerdict] = []
    fine: list[OfficeId] = []
    for office in expected:
        if not office.runs_by_itself:
            continue
        if office.silent_since is not None:
            silent.append(OfficeVerdict(office=office.id, open=0, since=office.silent_since, reasons=office.silence))
        elif not office.has_run:
            waiting.append(OfficeVerdict(office=office.id, open=0, since=None, reasons=NOT_RUN_YET))
        else:
            fine.append(office.id)
    gone = sorted(set(state.known) - {office.id for office in expected})
    left = [OfficeVerdict(office=office, open=0, since=None, reasons=NOT_IN_THE_SETTINGS) for office in gone]
    return Verdict(
        flow=state.flow,
        kind=StatusKind.FRESHNESS,
        is_grave=bool(silent),
        summary=_summary_of_freshness(silent, waiting, left, fine),
        offices=tuple(sorted((*silent, *waiting, *left), key=lambda each: each.office)),
        fine=tuple(sorted(fine)),
    )


def _summary_of_freshness(
    silent: Sequence[OfficeVerdict],
    waiting: Sequence[OfficeVerdict],
    left: Sequence[OfficeVerdict],
    fine: Sequence[OfficeId],
) -> str:
    said = [
        (silent, "without a complete run for longer than its schedule allows"),
        (waiting, "without any run yet"),
        (left, "no longer in the settings"),
    ]
    parts = [f"{counted(len(some), 'office')} {what}" for some, what in said if some]
    return "; ".join([*parts, f"{counted(len(fine), 'office')} fresh"]).capitalize() + "."


def _in_words(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
