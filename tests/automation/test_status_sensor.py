"""The office status as checks in Dagster: stored without a run, and shown until the next verdict comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest
from dagster._core.loader import LoadingContextForTest
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecord

from qondor_finago_pipelines.assets.metadata import ROWS_SHOWN
from qondor_finago_pipelines.assets.operations.status_checks import RECORDS_SHOWN, STATUS_KINDS, status_key
from qondor_finago_pipelines.definitions import build_defs
from qondor_finago_pipelines.records.operations.office_status import (
    QUARANTINED,
    ExpectedOffice,
    FlowStatus,
    OpenRecord,
    StatusKind,
    Verdict,
)
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.rules.operations.office_status import assess_status
from qondor_finago_pipelines.settings import Settings
from qondor_finago_pipelines.store import StoreUnavailable
from tests.assets.conftest import FakeSync

from .conftest import evaluate, offices

OSLO, BERGEN = offices(2)
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
INVOICES = status_key(Flow.INVOICES)
REFUSALS = dg.AssetCheckKey(INVOICES, StatusKind.REFUSALS.value)


def verdicts(*records: OpenRecord) -> list[Verdict]:
    """Every verdict, with these invoices open; no flow runs by itself here."""
    expected = [ExpectedOffice(id=office) for office in (OSLO, BERGEN)]
    return [
        verdict
        for flow in Flow
        for verdict in assess_status(FlowStatus(flow=flow, open=records if flow is Flow.INVOICES else ()), expected)
    ]


HELD = OpenRecord(
    office=OSLO,
    record="9001",
    state="held",
    since=NOON - timedelta(hours=3),
    reason="no project",
    message="Invoice 9001 has no project.",
    remedy="Choose one in Qondor.",
)


class StatusTicks:
    """The sensor, tick by tick; what it emits is stored as the daemon stores it."""

    def __init__(self, settings: Settings, sync: FakeSync, instance: dg.DagsterInstance) -> None:
        self.definitions = build_defs(settings, sync)
        self.sync = sync
        self.instance = instance
        self.cursor: str | None = None

    def tick(self, *, later: timedelta = timedelta(0)) -> list[dg.AssetCheckEvaluation]:
        self.sync.clock += later
        found = evaluate(self.definitions, "status_checks", self.sync, self.instance, self.cursor)
        assert not found.run_requests, "it starts no run"
        for event in found.asset_events:
            self.instance.report_runless_asset_event(event)
        self.cursor = found.cursor
        return [event for event in found.asset_events if isinstance(event, dg.AssetCheckEvaluation)]

    def shown(self, key: dg.AssetCheckKey = REFUSALS) -> AssetCheckExecutionRecord | None:
        """What the UI shows of a check: its latest evaluation, unless its asset was materialized since."""
        found = self.instance.event_log_storage.get_latest_asset_check_execution_by_key([key]).get(key)
        counts = found and asyncio.run(found.targets_latest_materialization(LoadingContextForTest(self.instance)))
        return found if counts else None


@pytest.fixture
def ticks(
    settings_of: Callable[[int], Settings], instance: dg.DagsterInstance
) -> Callable[[list[Verdict]], StatusTicks]:
    return lambda given: StatusTicks(settings_of(2), FakeSync(verdicts=given, clock=NOON), instance)


def rows(evaluation: dg.AssetCheckEvaluation, name: str) -> list[dict[str, Any]]:
    table = evaluation.metadata[name]
    assert isinstance(table, dg.TableMetadataValue)
    return [dict(record.data) for record in table.records]


def test_each_verdict_is_stored_and_shown_without_a_run(ticks: Callable[..., StatusTicks]) -> None:
    sensor = ticks(verdicts(HELD))
    assert {event.asset_check_key for event in sensor.tick()} == {
        dg.AssetCheckKey(status_key(flow), kind.value) for flow, kind in STATUS_KINDS
    }
    shown = sensor.shown()
    assert shown is not None
    assert shown.run_id == ""
    evaluation = shown.evaluation
    assert evaluation is not None
    assert (evaluation.passed, evaluation.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert evaluation.description == "1 record open in 1 office, the oldest since 2026-11-20 09:00 UTC."
    assert rows(evaluation, "offices") == [
        {"office": "101", "open": "1", "since": "2026-11-20 09:00 UTC", "reasons": "no project (1)"}
    ]
    assert rows(evaluation, "records") == [
        {
            "office": "101",
            "record": "9001",
            "state": "held",
            "since": "2026-11-20 09:00 UTC",
            "reason": "no project",
            "message": "Invoice 9001 has no project.",
            "remedy": "Choose one in Qondor.",
            "whole_story": "qondor-finago explain invoice 9001",
        }
    ]
    assert evaluation.metadata["offices_without"].value == "102"


def test_the_badge_holds_whichever_office_runs_afterwards(ticks: Callable[..., StatusTicks]) -> None:
    sensor = ticks(verdicts(HELD))
    sensor.tick()
    job = sensor.definitions.resolve_job_def("sync_invoices")
    sensor.sync.has_work = {}
    assert job.execute_in_process(instance=sensor.instance, partition_key="2026-11-20|102").success
    assert sensor.instance.get_latest_materialization_event(dg.AssetKey("finago_orders")) is not None
    shown = sensor.shown()
    assert shown is not None
    assert shown.evaluation is not None
    assert not shown.evaluation.passed


def test_quarantine_is_an_error(ticks: Callable[..., StatusTicks]) -> None:
    sensor = ticks(verdicts(HELD, replace(HELD, record="9002", state=QUARANTINED, reason="quarantined")))
    sensor.tick()
    shown = sensor.shown()
    assert shown is not None
    assert shown.evaluation is not None
    assert shown.evaluation.severity is dg.AssetCheckSeverity.ERROR


def test_what_holds_on_is_not_said_again_before_an_hour_is_over(ticks: Callable[..., StatusTicks]) -> None:
    sensor = ticks(verdicts(HELD))
    assert len(sensor.tick()) == len(STATUS_KINDS)
    assert sensor.tick(later=MINUTE) == []
    assert sensor.tick(later=58 * MINUTE) == []
    assert len(sensor.tick(later=MINUTE)) == len(STATUS_KINDS)
    assert sensor.tick(later=MINUTE) == []


def test_what_changed_is_said_at_once_and_nothing_else(ticks: Callable[..., StatusTicks]) -> None:
    sensor = ticks(verdicts(HELD))
    sensor.tick()
    sensor.sync.verdicts = verdicts(HELD, replace(HELD, record="9002", office=BERGEN))
    (event,) = sensor.tick(later=MINUTE)
    assert event.asset_check_key == REFUSALS
    sensor.sync.verdicts = verdicts()
    (event,) = sensor.tick(later=MINUTE)
    assert event.passed
    shown = sensor.shown()
    assert shown is not None
    assert shown.evaluation is not None
    assert shown.evaluation.passed


def test_a_store_that_cannot_be_read_is_never_a_verdict(
    ticks: Callable[..., StatusTicks], monkeypatch: pytest.MonkeyPatch
) -> None:
    sensor = ticks(verdicts(HELD))

    def down(_sync: FakeSync) -> list[Verdict]:
        raise StoreUnavailable("The sync store does not answer.")

    monkeypatch.setattr(FakeSync, "office_status", down)
    with pytest.raises(StoreUnavailable):
        sensor.tick()
    assert sensor.shown() is None


def test_a_person_can_execute_a_check_and_gets_the_same_verdict(ticks: Callable[..., StatusTicks]) -> None:
    sensor = ticks(verdicts(HELD))
    job = sensor.definitions.resolve_implicit_global_asset_job_def().get_subset(asset_check_selection={REFUSALS})
    result = job.execute_in_process(instance=sensor.instance, resources={"sync": sensor.sync})
    (by_hand,) = result.get_asset_check_evaluations()
    by_sensor = next(event for event in sensor.tick() if event.asset_check_key == REFUSALS)
    assert (by_hand.passed, by_hand.severity, by_hand.description) == (
        by_sensor.passed,
        by_sensor.severity,
        by_sensor.description,
    )
    assert rows(by_hand, "records") == rows(by_sensor, "records")


def test_a_long_list_is_cut_and_what_is_left_out_is_counted(ticks: Callable[..., StatusTicks]) -> None:
    sensor = ticks(verdicts(*(replace(HELD, record=str(9000 + each)) for each in range(RECORDS_SHOWN + 7))))
    sensor.tick()
    shown = sensor.shown()
    assert shown is not None
    assert shown.evaluation is not None
    listed = rows(shown.evaluation, "records")
    assert len(listed) == RECORDS_SHOWN + 1 < ROWS_SHOWN
    assert listed[-1]["office"] == "… and 7 more"
    assert shown.evaluation.metadata["open"].value == RECORDS_SHOWN + 7


def test_every_check_has_its_description(ticks: Callable[..., StatusTicks]) -> None:
    graph = ticks(verdicts()).definitions.resolve_asset_graph()
    for flow, kind in STATUS_KINDS:
        key = dg.AssetCheckKey(status_key(flow), kind.value)
        assert graph.get_check_spec(key).description


def test_once_a_day_a_picture_shows_what_was_open_from_day_to_day(ticks: Callable[..., StatusTicks]) -> None:
    sensor = ticks(verdicts(HELD))
    sensor.tick()

    def pictures() -> list[dg.EventLogRecord]:
        return list(sensor.instance.fetch_observations(INVOICES, limit=10).records)

    (seen,) = pictures()
    assert seen.asset_observation is not None
    assert seen.asset_observation.metadata["open_now"].value == 1
    assert str(seen.asset_observation.metadata["open_per_day"].value).startswith("![open records of invoices per day](")
    sensor.tick(later=5 * 60 * MINUTE)
    assert len(pictures()) == 1
    sensor.tick(later=12 * 60 * MINUTE)
    assert len(pictures()) == 2
