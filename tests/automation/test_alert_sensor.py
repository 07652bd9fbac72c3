"""The sensor that tells people: what it asks of the sync service, and how it says what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import dagster as dg
import pytest

from qondor_finago_pipelines.automation.alert_sensor import EVERY_SECONDS
from qondor_finago_pipelines.definitions import JOBS, build_defs
from qondor_finago_pipelines.records.operations.results import Flow, Problem
from qondor_finago_pipelines.settings import Settings
from qondor_finago_pipelines.store import StoreUnavailable
from tests.assets.conftest import DAY, FakeSync
from tests.assets.runs import run_job

from .conftest import evaluate, offices


@pytest.fixture
def tick(settings_of: Callable[[int], Settings], instance: dg.DagsterInstance) -> Callable[[FakeSync], str]:
    """One tick of the sensor at this sync service, and what it says."""

    def tick(sync: FakeSync) -> str:
        found = evaluate(build_defs(settings_of(2), sync), "alerts", sync, instance)
        assert not found.run_requests
        return found.skip_message or ""

    return tick


def test_a_tick_says_what_it_told(tick: Callable[[FakeSync], str]) -> None:
    assert tick(FakeSync()) == "2 messages sent."


def test_it_knows_of_the_runs_that_have_begun_and_not_ended(
    tick: Callable[[FakeSync], str], settings_of: Callable[[int], Settings], instance: dg.DagsterInstance
) -> None:
    sync = FakeSync()
    job = build_defs(settings_of(2), sync).resolve_job_def(JOBS[Flow.INVOICES])
    at_work, over, waiting = (
        instance.create_run_for_job(job, status=status).run_id
        for status in (
            dg.DagsterRunStatus.STARTED,
            dg.DagsterRunStatus.FAILURE,
            dg.DagsterRunStatus.NOT_STARTED,
        )
    )
    tick(sync)
    (still_at_work,) = sync.rounds
    assert set(still_at_work([at_work, over, waiting, "of a command long gone"])) == {at_work}
    assert set(still_at_work([])) == set()


def test_it_knows_when_the_newest_run_that_did_its_work_began(
    tick: Callable[[FakeSync], str], settings_of: Callable[[int], Settings], instance: dg.DagsterInstance
) -> None:
    sync, settings = FakeSync(), settings_of(2)
    tick(sync)
    key = {"partition_key": f"{DAY}|{offices(1)[0]}"}
    run = run_job(settings, sync, JOBS[Flow.INVOICES], instance, **key)
    tick(sync)
    down = FakeSync(result=replace(sync.result, problems=(Problem(cause="unreachable", message="Down."),)))
    assert not run_job(settings, down, JOBS[Flow.CUSTOMERS_AND_PROJECTS], instance, **key).success
    tick(sync)

    record = instance.get_run_record_by_id(run.run_id)
    assert record is not None
    began = datetime.fromtimestamp(record.start_time or 0, UTC)
    assert sync.newest_runs == [None, began, began]


def test_a_store_that_does_not_answer_turns_the_tick_red(tick: Callable[[FakeSync], str]) -> None:
    with pytest.raises(StoreUnavailable, match=r"The sync store does not answer\."):
        tick(FakeSync(store_is_down=StoreUnavailable("The sync store does not answer.")))


def test_it_runs_by_itself_several_times_a_minute(settings_of: Callable[[int], Settings]) -> None:
    sensor = build_defs(settings_of(1), FakeSync()).resolve_sensor_def("alerts")
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert sensor.minimum_interval_seconds == EVERY_SECONDS <= 30
