"""The sensor that tells people: what it asks of the desk, and how it says what came of it."""

from __future__ import annotations

from collections.abc import Callable

import dagster as dg
import pytest

from qondor_finago_pipelines.automation.alert_sensor import EVERY_SECONDS
from qondor_finago_pipelines.definitions import JOBS, build_defs
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.settings import Settings
from qondor_finago_pipelines.store import LedgerUnavailable
from tests.assets.conftest import FakeDesk


@pytest.fixture
def tick(settings_of: Callable[[int], Settings], instance: dg.DagsterInstance) -> Callable[[FakeDesk], str]:
    """One tick of the sensor at this desk, and what it says."""

    def evaluate(desk: FakeDesk) -> str:
        definitions = build_defs(settings_of(2), {"desk": desk})
        with dg.build_sensor_context(
            instance=instance, resources={"desk": desk}, repository_def=definitions.get_repository_def()
        ) as context:
            found = definitions.resolve_sensor_def("alerts").evaluate_tick(context)
        assert not found.run_requests
        return found.skip_message or ""

    return evaluate


def test_a_tick_says_what_it_told(tick: Callable[[FakeDesk], str]) -> None:
    assert tick(FakeDesk()) == "2 messages sent."


def test_it_knows_of_the_runs_that_have_begun_and_not_ended(
    tick: Callable[[FakeDesk], str], settings_of: Callable[[int], Settings], instance: dg.DagsterInstance
) -> None:
    desk = FakeDesk()
    job = build_defs(settings_of(2), {"desk": desk}).resolve_job_def(JOBS[Flow.INVOICES])
    at_work, over, waiting = (
        instance.create_run_for_job(job, status=status).run_id
        for status in (
            dg.DagsterRunStatus.STARTED,
            dg.DagsterRunStatus.FAILURE,
            dg.DagsterRunStatus.NOT_STARTED,
        )
    )
    tick(desk)
    (still_at_work,) = desk.rounds
    assert set(still_at_work([at_work, over, waiting, "of a command long gone"])) == {at_work}
    assert set(still_at_work([])) == set()


def test_a_ledger_that_does_not_answer_turns_the_tick_red(tick: Callable[[FakeDesk], str]) -> None:
    with pytest.raises(LedgerUnavailable, match=r"The sync ledger does not answer\."):
        tick(FakeDesk(ledger_is_down=LedgerUnavailable("The sync ledger does not answer.")))


def test_it_runs_by_itself_several_times_a_minute(settings_of: Callable[[int], Settings]) -> None:
    sensor = build_defs(settings_of(1), {"desk": FakeDesk()}).resolve_sensor_def("alerts")
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert sensor.minimum_interval_seconds == EVERY_SECONDS <= 30
