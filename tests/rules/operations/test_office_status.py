"""What is said of all offices at once: the same whichever of them ran last, or whether any did."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.office_status import (
    QUARANTINED,
    ExpectedOffice,
    FlowStatus,
    OpenRecord,
    StatusKind,
    Verdict,
)
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.rules.operations.office_status import assess_status, kinds_of

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
OSLO, BERGEN, CLOSED = OfficeId(102), OfficeId(103), OfficeId(104)
FRESH_OSLO = ExpectedOffice(id=OSLO, runs_by_itself=True, has_run=True)
FRESH_BERGEN = ExpectedOffice(id=BERGEN, runs_by_itself=True, has_run=True)
CLOSED_OFFICE = ExpectedOffice(id=CLOSED, closed=True, has_run=True)
SETTINGS = (FRESH_OSLO, FRESH_BERGEN, CLOSED_OFFICE)


def held(record: str, office: OfficeId = OSLO, *, hours: int = 1, reason: Reason = Reason.NO_PROJECT) -> OpenRecord:
    return OpenRecord(
        office=office,
        record=record,
        state=QUARANTINED if reason is Reason.QUARANTINED else "held",
        since=NOW - hours * HOUR,
        reason=reason.value,
        message=f"{record} has no project.",
        remedy="Choose one.",
    )


def verdict(
    kind: StatusKind,
    *records: OpenRecord,
    expected: tuple[ExpectedOffice, ...] = SETTINGS,
    known: frozenset[OfficeId] = frozenset(),
    flow: Flow = Flow.COSTS_AND_SALES,
) -> Verdict:
    state = FlowStatus(flow=flow, open=records, known=known)
    (found,) = (each for each in assess_status(state, expected) if each.kind is kind)
    return found


# refusals


def test_nothing_open_passes_and_names_the_offices_at_work() -> None:
    found = verdict(StatusKind.REFUSALS)
    assert (found.passed, found.is_grave, found.fine) == (True, False, (OSLO, BERGEN))
    assert found.summary == "Nothing is open in any of 2 offices."


def test_what_is_held_is_listed_by_office_and_by_age() -> None:
    found = verdict(
        StatusKind.REFUSALS,
        held("9001", hours=2),
        held("9002", hours=5, reason=Reason.VAT_MISMATCH),
        held("9003", hours=3, reason=Reason.VAT_MISMATCH),
        held("8001", BERGEN, hours=1),
    )
    assert not found.passed
    assert not found.is_grave, "a held record is settled by itself once its cause is mended"
    assert [each.record for each in found.records] == ["9002", "9003", "9001", "8001"]
    assert [(each.office, each.open, each.since, each.reasons) for each in found.offices] == [
        (OSLO, 3, NOW - 5 * HOUR, "VAT mismatch (2), no project (1)"),
        (BERGEN, 1, NOW - HOUR, "no project (1)"),
    ]
    assert found.summary == "4 records open in 2 offices, the oldest since 2026-11-20 04:00 UTC."
    assert found.fine == ()


def test_what_is_in_quarantine_is_grave() -> None:
    assert verdict(StatusKind.REFUSALS, held("9001"), held("9002", reason=Reason.QUARANTINED)).is_grave


def test_what_is_uncertain_is_open_too() -> None:
    uncertain = OpenRecord(office=OSLO, record="9001", state="uncertain", since=NOW - HOUR)
    found = verdict(StatusKind.REFUSALS, uncertain)
    assert not found.passed
    assert found.offices[0].reasons == "uncertain (1)"


def test_the_verdict_does_not_depend_on_the_order_in_which_offices_ran() -> None:
    records = [held("9001", hours=2), held("8001", BERGEN, hours=2), held("9002", hours=4)]
    assert verdict(StatusKind.REFUSALS, *records) == verdict(StatusKind.REFUSALS, *reversed(records))


def test_a_closed_office_counts_only_for_what_nothing_else_settles() -> None:
    assert verdict(StatusKind.REFUSALS, held("7001", CLOSED)).passed
    found = verdict(StatusKind.REFUSALS, held("7001", CLOSED, reason=Reason.QUARANTINED))
    assert [(each.office, each.open) for each in found.offices] == [(CLOSED, 1)]


# unmatched


def test_what_matches_no_project_is_unmatched_and_nothing_else() -> None:
    unmatched = held("voucher 2026-3-1", reason=Reason.UNMATCHED)
    unbalanced = held("voucher 2026-3-2", reason=Reason.UNBALANCED)
    found = verdict(StatusKind.UNMATCHED, unmatched, unbalanced)
    assert found.records == (unmatched,)
    assert found.summary == "1 record unmatched in 1 office, the oldest since 2026-11-20 08:00 UTC."
    assert verdict(StatusKind.REFUSALS, unmatched, unbalanced).records == (unbalanced,)


def test_only_costs_and_sales_can_match_no_project() -> None:
    assert StatusKind.UNMATCHED in kinds_of(Flow.COSTS_AND_SALES)
    for flow in (Flow.INVOICES, Flow.CUSTOMERS_AND_PROJECTS):
        verdicts = assess_status(FlowStatus(flow=flow), SETTINGS)
        assert kinds_of(flow) == (StatusKind.REFUSALS, StatusKind.FRESHNESS)
        assert tuple(each.kind for each in verdicts) == kinds_of(flow)


# freshness


def test_every_office_with_a_recent_complete_run_is_fresh() -> None:
    found = verdict(StatusKind.FRESHNESS)
    assert (found.passed, found.fine) == (True, (OSLO, BERGEN))
    assert found.summary == "2 offices fresh."


def test_one_stale_office_is_grave_however_fresh_the_others_are() -> None:
    stale = replace(FRESH_OSLO, silent_since=NOW - 3 * HOUR, silence="No run has got through; see its schedule.")
    found = verdict(StatusKind.FRESHNESS, expected=(stale, FRESH_BERGEN))
    assert found.is_grave
    assert [(each.office, each.since, each.reasons) for each in found.offices] == [
        (OSLO, NOW - 3 * HOUR, "No run has got through; see its schedule.")
    ]
    assert found.summary == "1 office without a complete run for longer than its schedule allows; 1 office fresh."


def test_an_office_that_never_ran_is_stale_once_its_silence_has_lasted_too_long() -> None:
    never = replace(FRESH_OSLO, has_run=False, silent_since=NOW - 3 * HOUR, silence="No run has got through.")
    assert verdict(StatusKind.FRESHNESS, expected=(never, FRESH_BERGEN)).is_grave


def test_an_office_that_has_not_run_yet_is_a_warning() -> None:
    found = verdict(StatusKind.FRESHNESS, expected=(FRESH_OSLO, replace(FRESH_BERGEN, has_run=False)))
    assert (found.passed, found.is_grave) == (False, False)
    assert [each.office for each in found.offices] == [BERGEN]
    assert "has not run yet" in found.offices[0].reasons


def test_a_flow_that_is_disabled_is_missed_by_nobody() -> None:
    disabled = replace(FRESH_BERGEN, runs_by_itself=False, has_run=False)
    found = verdict(StatusKind.FRESHNESS, expected=(FRESH_OSLO, disabled))
    assert (found.passed, found.fine) == (True, (OSLO,))


def test_a_closed_office_is_never_stale_and_one_that_was_removed_is_named() -> None:
    found = verdict(StatusKind.FRESHNESS, known=frozenset({OSLO, CLOSED, OfficeId(105)}))
    assert (found.passed, found.is_grave) == (False, False)
    assert [each.office for each in found.offices] == [OfficeId(105)]
    assert "closed: true" in found.offices[0].reasons
