"""What the queue sensor asks for, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from qondor_finago_pipelines.records.errors import SystemUnreachable
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.open_work import Due
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.rules.operations.due import ASK_AGAIN
from qondor_finago_pipelines.tags import BATCH_RUN_JOB, FAILED_OFFICES, batched_offices, run_tags
from tests.assets.conftest import FakeSync

from .conftest import Ticks, offices

TicksOf = Callable[[FakeSync, int], Ticks]

OSLO, BERGEN = offices(2)
HALF_A_MINUTE = timedelta(seconds=30)


def work(*tasks: str, urgent: bool = False) -> Due:
    return Due(reason="work", tasks=frozenset(tasks), is_urgent=urgent)


def sync(**due: Due) -> FakeSync:
    """A sync service with this work, by office: `sync service(office_101=...)`."""
    return FakeSync(has_work={OfficeId(int(name.removeprefix("office_"))): each for name, each in due.items()})


def everybody(number: int) -> FakeSync:
    return FakeSync(has_work={office: work(f"invoice {office}") for office in offices(number)})


def test_an_office_with_work_gets_one_run_of_its_own_in_its_lane(ticks: TicksOf) -> None:
    sensor = ticks(sync(office_101=work("invoice 9001")), 2)
    (request,) = sensor.requests()
    assert (request.job_name, request.partition_key) == ("sync_invoices", "2026-11-20|101")
    assert {name: request.tags[name] for name in ("flow", "office", "lane", "trigger", "dagster/priority")} == {
        "flow": "invoices",
        "office": "101",
        "lane": "5:101",
        "trigger": "sensor",
        "dagster/priority": "10",
    }


def test_nothing_due_says_so_with_the_next_time(ticks: TicksOf) -> None:
    soon = Due(reason="nothing is due", next_at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC))
    requests, reason = ticks(sync(office_101=soon), 2).tick()
    assert requests == []
    assert reason == "Nothing is due in any office. Next at 09:30:00 UTC."


def test_a_failed_poll_is_never_an_empty_queue(ticks: TicksOf) -> None:
    closed = FakeSync(queue_is_closed=SystemUnreachable("qondor", "GetAllUnprocessedInvoices", "no connection."))
    requests, reason = ticks(closed, 2).tick()
    assert requests == []
    assert "nobody knows what is due: qondor GetAllUnprocessedInvoices: no connection." in reason


def test_the_same_work_is_asked_for_once_and_after_a_failure_with_a_new_key(ticks: TicksOf) -> None:
    sensor = ticks(sync(office_101=work("invoice 9001")), 2)
    (first,) = sensor.requests()
    assert sensor.requests(later=HALF_A_MINUTE) == []
    (second,) = sensor.requests(later=ASK_AGAIN)
    assert second.run_key != first.run_key


def test_new_work_beside_what_is_stuck_goes_at_once(ticks: TicksOf) -> None:
    sensor = ticks(sync(office_101=work("invoice 9001")), 2)
    (first,) = sensor.requests()
    sensor.sync.has_work[OSLO] = work("invoice 9001", "invoice 9002")
    (second,) = sensor.requests(later=HALF_A_MINUTE)
    assert second.run_key != first.run_key


def test_a_daemon_that_dies_after_its_request_repeats_it_under_the_same_key(ticks: TicksOf) -> None:
    sensor = ticks(sync(office_101=work("invoice 9001")), 2)
    ((before,), _) = sensor.tick(keep=False)
    ((after,), _) = sensor.tick(later=HALF_A_MINUTE)
    assert after.run_key == before.run_key


@pytest.mark.parametrize("status", [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTED])
def test_nothing_is_asked_for_while_the_lane_is_busy(ticks: TicksOf, status: dg.DagsterRunStatus) -> None:
    sensor = ticks(sync(office_101=work("invoice 9001")), 2)
    run = sensor.launch(sensor.requests()[0], status)
    sensor.sync.has_work = {OSLO: work("invoice 9002"), BERGEN: work("invoice 9003")}
    assert [request.tags["office"] for request in sensor.requests(later=HALF_A_MINUTE)] == ["102"]
    requests, reason = sensor.tick(later=HALF_A_MINUTE)
    assert requests == []
    assert f"Office 101 (work) waits for run {run.run_id}." in reason
    sensor.instance.report_run_canceled(run)
    assert [request.tags["office"] for request in sensor.requests(later=HALF_A_MINUTE)] == ["101"]


def test_a_backfill_that_waits_in_the_lane_does_not_hold_up_what_is_new(ticks: TicksOf) -> None:
    sensor = ticks(sync(office_101=work("invoice 9001")), 2)
    sensor.instance.create_run_for_job(
        sensor.definitions.resolve_job_def("sync_invoices"),
        tags={"lane": "5:101", "flow": "invoices"},
        status=dg.DagsterRunStatus.NOT_STARTED,
    )
    assert len(sensor.requests()) == 1


def test_customers_and_projects_that_wait_in_the_lane_do_not_hold_up_invoices_and_at_work_they_do(
    ticks: TicksOf,
) -> None:
    sensor = ticks(sync(office_101=work("invoice 9001")), 2)
    tags = run_tags(Flow.CUSTOMERS_AND_PROJECTS, OSLO, lane="5:101", trigger="schedule")
    waiting = sensor.instance.create_run_for_job(
        sensor.definitions.resolve_job_def("sync_customers_and_projects"),
        tags=tags,
        status=dg.DagsterRunStatus.NOT_STARTED,
    )
    (request,) = sensor.requests()
    assert int(request.tags["dagster/priority"]) > int(tags["dagster/priority"]) > 0, "it overtakes in the queue"
    sensor.instance.report_run_canceled(waiting)
    sensor.instance.create_run_for_job(
        sensor.definitions.resolve_job_def("sync_customers_and_projects"),
        tags=tags,
        status=dg.DagsterRunStatus.STARTED,
    )
    sensor.sync.has_work[OSLO] = work("invoice 9002")
    assert sensor.requests(later=HALF_A_MINUTE) == []


def test_up_to_eight_offices_get_a_run_each(ticks: TicksOf) -> None:
    requests = ticks(everybody(8), 20).requests()
    assert [request.job_name for request in requests] == ["sync_invoices"] * 8
    assert len({request.run_key for request in requests}) == 8


def test_more_are_worked_in_one_batch_run_who_has_something_new_first(ticks: TicksOf) -> None:
    many = everybody(12)
    many.has_work[OfficeId(107)] = work("invoice 9001", urgent=True)
    sensor = ticks(many, 20)
    (batch_run,) = sensor.requests()
    assert batch_run.job_name == BATCH_RUN_JOB
    assert batched_offices(batch_run.run_config) == (107, *(office for office in offices(12) if office != 107))
    assert sensor.requests(later=HALF_A_MINUTE) == [], "all of it was asked for"
    (again,) = sensor.requests(later=ASK_AGAIN)
    assert again.run_key != batch_run.run_key


def test_runs_that_are_under_way_count_so_that_work_never_piles_up_behind_starting_processes(ticks: TicksOf) -> None:
    sensor = ticks(everybody(6), 20)
    under_way = [sensor.launch(request) for request in sensor.requests()]
    assert len(under_way) == 6
    for office in offices(9)[6:]:
        sensor.sync.has_work[office] = work(f"invoice {office}")
    (batch_run,) = sensor.requests(later=HALF_A_MINUTE)
    assert batched_offices(batch_run.run_config) == tuple(offices(9)[6:]), "three more would be nine runs at once"
    for run in under_way:
        sensor.instance.report_run_canceled(run)
    sensor.sync.has_work = {office: work(f"new {office}") for office in offices(6)}
    assert len(sensor.requests(later=HALF_A_MINUTE)) == 6


def test_a_small_machine_is_told_to_batch_run_sooner(ticks: TicksOf, instance: dg.DagsterInstance) -> None:
    settings = ticks(everybody(3), 3).settings
    small = settings.model_copy(update={"sync": settings.sync.model_copy(update={"runs_at_once": 2})})
    assert [each.job_name for each in Ticks(small, everybody(2), instance).requests()] == ["sync_invoices"] * 2
    (batch_run,) = Ticks(small, everybody(3), instance).requests()
    assert batched_offices(batch_run.run_config) == tuple(offices(3))


def test_one_office_alone_gets_its_run_however_much_is_under_way(ticks: TicksOf) -> None:
    sensor = ticks(everybody(8), 20)
    for request in sensor.requests():
        sensor.launch(request)
    sensor.sync.has_work[OfficeId(109)] = work("invoice 109")
    (request,) = sensor.requests(later=HALF_A_MINUTE)
    assert (request.job_name, request.tags["office"]) == ("sync_invoices", "109")


def test_while_a_batch_run_is_at_work_its_offices_wait_and_the_others_do_not(ticks: TicksOf) -> None:
    sensor = ticks(everybody(12), 30)
    batch_run = sensor.launch(sensor.requests()[0])
    sensor.sync.has_work = {office: work(f"new {office}") for office in offices(30)}
    requests, _ = sensor.tick(later=HALF_A_MINUTE)
    assert [request.job_name for request in requests] == ["sync_invoices"] * 8, "no second batch run beside it"
    assert {request.tags["office"] for request in requests} == {str(office) for office in offices(20)[12:]}
    sensor.instance.report_run_canceled(batch_run)
    assert [request.job_name for request in sensor.requests(later=HALF_A_MINUTE)] == [BATCH_RUN_JOB]


def test_each_office_that_failed_in_a_batch_run_gets_a_run_of_its_own_once(ticks: TicksOf) -> None:
    sensor = ticks(everybody(12), 12)
    batch_run = sensor.launch(sensor.requests()[0], dg.DagsterRunStatus.SUCCESS)
    sensor.instance.add_run_tags(batch_run.run_id, {FAILED_OFFICES: "103,109"})
    requests = sensor.requests(later=HALF_A_MINUTE)
    assert [(each.job_name, each.partition_key, each.run_key) for each in requests] == [
        ("sync_invoices", "2026-11-20|103", f"103:after batch run {batch_run.run_id}"),
        ("sync_invoices", "2026-11-20|109", f"109:after batch run {batch_run.run_id}"),
    ]
    assert sensor.requests(later=HALF_A_MINUTE) == []


def test_a_failed_office_is_seen_to_though_the_queue_cannot_be_polled(ticks: TicksOf) -> None:
    sensor = ticks(everybody(12), 12)
    batch_run = sensor.launch(sensor.requests()[0], dg.DagsterRunStatus.SUCCESS)
    sensor.instance.add_run_tags(batch_run.run_id, {FAILED_OFFICES: "103"})
    sensor.sync.queue_is_closed = SystemUnreachable("qondor", "GetAllUnprocessedInvoices", "no connection.")
    assert [each.tags["office"] for each in sensor.requests(later=HALF_A_MINUTE)] == ["103"]


def test_closed_offices_and_disabled_flows_are_left_alone(ticks: TicksOf, instance: dg.DagsterInstance) -> None:
    sensor = ticks(everybody(2), 2)
    settings = sensor.settings
    first, second = settings.offices
    closed = settings.model_copy(update={"offices": (first.model_copy(update={"closed": True}), second)})
    assert [each.tags["office"] for each in Ticks(closed, everybody(2), instance).requests()] == ["102"]


def test_it_polls_as_often_as_the_settings_say_and_runs_by_itself(ticks: TicksOf) -> None:
    sensor = ticks(everybody(1), 1).definitions.resolve_sensor_def("invoice_queue")
    assert sensor.minimum_interval_seconds == 5, "poll_seconds of these settings"
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
