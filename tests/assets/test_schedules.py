"""When an office's flows run without a person: its own cron, Oslo time, one run a tick."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.schedule_definition import ScheduleExecutionData

from qondor_finago_pipelines.definitions import JOBS, build_defs
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.settings import Settings
from qondor_finago_pipelines.tags import dagster_name, run_tags

from .conftest import OSLO, FakeSync


def schedule_of(settings: Settings, office: int, flow: str = "invoices") -> dg.ScheduleDefinition:
    definition = build_defs(settings, FakeSync()).resolve_schedule_def(f"{flow}_office_{office}")
    assert isinstance(definition, dg.ScheduleDefinition)
    return definition


def tick_at(
    settings: Settings,
    office: int,
    instant: datetime,
    flow: str = "invoices",
    sync: FakeSync | None = None,
    instance: dg.DagsterInstance | None = None,
) -> ScheduleExecutionData:
    with dg.build_schedule_context(
        instance=instance or dg.DagsterInstance.local_temp(),
        scheduled_execution_time=instant,
        resources={"sync": sync or FakeSync()},
        repository_def=build_defs(settings, FakeSync()).get_repository_def(),
    ) as context:
        return schedule_of(settings, office, flow).evaluate_tick(context)


def request_at(settings: Settings, office: int, instant: datetime, flow: str = "invoices") -> dg.RunRequest:
    (request,) = tick_at(settings, office, instant, flow).run_requests or ()
    return request


def changed(settings: Settings, **changes: object) -> Settings:
    first, *others = settings.offices
    return settings.model_copy(update={"offices": (first.model_copy(update=changes), *others)})


def test_each_office_has_a_schedule_with_its_own_cron_in_oslo_time(example_settings: Settings) -> None:
    own = changed(
        example_settings,
        invoices=example_settings.offices[0].invoices.model_copy(update={"schedule": "*/2 7-17 * * 1-5"}),
    )
    assert schedule_of(own, 102).cron_schedule == "*/2 7-17 * * 1-5"
    assert schedule_of(own, 103).cron_schedule == "*/5 * * * *"
    assert {schedule_of(own, office).execution_timezone for office in (102, 103)} == {"Europe/Oslo"}


def test_a_minute_that_the_settings_leave_open_is_shown_in_the_ui(example_settings: Settings) -> None:
    projects = example_settings.offices[0].customers_and_projects.model_copy(update={"schedule": "H * * * *"})
    own = changed(example_settings, customers_and_projects=projects)
    assert schedule_of(own, 102, "customers_and_projects").cron_schedule == "1 * * * *"


def test_it_runs_by_itself_only_where_the_flow_is_enabled_and_the_office_open(example_settings: Settings) -> None:
    assert schedule_of(example_settings, 102).default_status is dg.DefaultScheduleStatus.RUNNING
    disabled = example_settings.offices[0].invoices.model_copy(update={"enabled": False})
    for settings in (changed(example_settings, invoices=disabled), changed(example_settings, closed=True)):
        assert schedule_of(settings, 102).default_status is dg.DefaultScheduleStatus.STOPPED
        assert schedule_of(settings, 103).default_status is dg.DefaultScheduleStatus.RUNNING


def test_a_tick_asks_for_one_run_of_the_office_in_its_lane(example_settings: Settings) -> None:
    request = request_at(example_settings, 102, datetime(2026, 11, 20, 9, 5, tzinfo=UTC))
    assert request.partition_key == "2026-11-20|102"
    assert {name: request.tags[name] for name in ("flow", "office", "lane", "trigger", "dagster/priority")} == {
        "flow": "invoices",
        "office": "102",
        "lane": "5:102",
        "trigger": "schedule",
        "dagster/priority": "10",
    }


def test_customers_and_projects_have_schedules_of_their_own(example_settings: Settings) -> None:
    own = changed(
        example_settings,
        customers_and_projects=example_settings.offices[0].customers_and_projects.model_copy(
            update={"schedule": "30 6-20 * * *", "enabled": False}
        ),
    )
    flow = "customers_and_projects"
    assert (schedule_of(own, 102, flow).cron_schedule, schedule_of(own, 103, flow).cron_schedule) == (
        "30 6-20 * * *",
        "0 * * * *",
    )
    assert schedule_of(own, 102, flow).default_status is dg.DefaultScheduleStatus.STOPPED
    assert schedule_of(own, 102).default_status is dg.DefaultScheduleStatus.RUNNING, "the invoices go on"
    request = request_at(example_settings, 103, datetime(2026, 11, 20, 23, 0, tzinfo=UTC), flow)
    assert request.partition_key == "2026-11-21|103"
    assert request.tags["flow"] == "customers-and-projects"
    assert request.tags["dagster/priority"] == "5", "after the invoices, before backfills"
    assert request.tags["lane"] == "5:103", "the lane of the invoices: one writer for each Finago client"


def test_a_late_daemon_never_runs_the_same_tick_twice(example_settings: Settings) -> None:
    tick = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
    again = request_at(example_settings, 102, tick)
    assert request_at(example_settings, 102, tick).run_key == again.run_key
    assert request_at(example_settings, 103, tick).run_key != again.run_key
    assert request_at(example_settings, 102, tick.replace(minute=10)).run_key != again.run_key


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 11, 20, 22, 55, tzinfo=UTC), "2026-11-20"),
        (datetime(2026, 11, 20, 23, 5, tzinfo=UTC), "2026-11-21"),
        (datetime(2026, 7, 1, 22, 5, tzinfo=UTC), "2026-07-02"),
    ],
)
def test_the_partition_is_the_day_in_oslo(example_settings: Settings, instant: datetime, day: str) -> None:
    assert request_at(example_settings, 102, instant).partition_key == f"{day}|102"


def test_a_tick_with_nothing_due_says_so_and_starts_no_run(example_settings: Settings) -> None:
    sync = FakeSync(has_work={})
    tick = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
    found = tick_at(example_settings, 102, tick, sync=sync)
    assert not found.run_requests
    assert found.skip_message == "Office 102: nothing is due; a look at everything at 11:00."
    assert sync.ticks == [(Flow.INVOICES, 102, tick)]


@pytest.mark.parametrize(("flow", "is_left_out"), [(Flow.INVOICES, True), (Flow.CUSTOMERS_AND_PROJECTS, False)])
def test_invoices_that_are_about_to_be_worked_are_left_to_that_run_and_other_flows_wait_in_the_queue(
    example_settings: Settings, tmp_path: Path, flow: Flow, is_left_out: bool
) -> None:
    tick = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        queued = instance.create_run_for_job(
            build_defs(example_settings).resolve_job_def(JOBS[flow]),
            tags=run_tags(flow, OSLO, lane="5:102", trigger="sensor"),
            status=dg.DagsterRunStatus.NOT_STARTED,
        )
        found = tick_at(example_settings, 102, tick, dagster_name(flow), instance=instance)
        assert bool(found.run_requests) is not is_left_out
        if is_left_out:
            assert queued.run_id in str(found.skip_message)
        assert tick_at(example_settings, 103, tick, dagster_name(flow), instance=instance).run_requests
