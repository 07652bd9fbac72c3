"""When an office's flows run without a person: its own cron, Oslo time, one run a tick."""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg
import pytest

from qondor_finago_pipelines.definitions import build_defs
from qondor_finago_pipelines.settings import Settings

from .conftest import FakeDesk


def schedule_of(settings: Settings, office: int, flow: str = "invoices") -> dg.ScheduleDefinition:
    definition = build_defs(settings, {"desk": FakeDesk()}).resolve_schedule_def(f"{flow}_office_{office}")
    assert isinstance(definition, dg.ScheduleDefinition)
    return definition


def request_at(settings: Settings, office: int, instant: datetime, flow: str = "invoices") -> dg.RunRequest:
    definitions = build_defs(settings, {"desk": FakeDesk()})
    context = dg.build_schedule_context(
        scheduled_execution_time=instant,
        resources={"desk": FakeDesk()},
        repository_def=definitions.get_repository_def(),
    )
    (request,) = schedule_of(settings, office, flow).evaluate_tick(context).run_requests or ()
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
