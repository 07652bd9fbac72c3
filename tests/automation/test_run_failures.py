"""Which failed runs are reported, for whom, and how little is said of their errors."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import dagster as dg
import pytest
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.events import JobFailureData, RunFailureReason
from dagster._core.execution.build_resources import wrap_resources_for_execution
from dagster._core.execution.plan.objects import StepFailureData
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster_shared.error import SerializableErrorInfo

from qondor_finago_pipelines.assets.customers_and_projects.assets import CUSTOMERS_AND_PROJECTS
from qondor_finago_pipelines.automation.run_workers import this_process
from qondor_finago_pipelines.cli.instance import LOCATION
from qondor_finago_pipelines.cli.running import QUIET
from qondor_finago_pipelines.definitions import JOBS, build_defs
from qondor_finago_pipelines.partitions import OfficeDays
from qondor_finago_pipelines.records.errors import SettingsError
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.failures import FailedStep, FailedWork
from qondor_finago_pipelines.records.operations.results import Flow, FlowResult, Problem
from qondor_finago_pipelines.settings import Settings
from qondor_finago_pipelines.store import StoreUnavailable
from qondor_finago_pipelines.tags import BATCH_RUN_JOB, batch_run_config, batch_run_tags, run_tags
from tests.assets.conftest import FakeSync

DAY = date(2026, 11, 20)
OFFICE = OfficeId(101)
SECRET = "kari@booker.example"


class Installation:
    """Runs that end in one way or another, and the ticks of the sensor that finds them."""

    def __init__(self, settings: Settings, instance: dg.DagsterInstance) -> None:
        self.sync = FakeSync()
        self.definitions = build_defs(settings, self.sync)
        self.instance = instance
        self.cursor: str | None = None
        self.tick()

    def tick(self) -> list[str]:
        """One tick; gives the errors that it ended in, run by run."""
        with dg.SensorEvaluationContext(
            instance_ref=None,
            instance=self.instance,
            cursor=self.cursor,
            resources=wrap_resources_for_execution({"sync": self.sync}),
            repository_def=self.definitions.get_repository_def(),
            repository_name="__repository__",
            # As the daemon has it: runs of the command line come from no location at all.
            code_location_origin=RegisteredCodeLocationOrigin(LOCATION),
        ) as context:
            found = self.sensor.evaluate_tick(context)
        self.cursor = found.cursor
        return [str(reaction.error) for reaction in found.dagster_run_reactions or () if reaction.error]

    @property
    def sensor(self) -> dg.SensorDefinition:
        return self.definitions.resolve_sensor_def("run_failures")

    def run(self, flow: Flow = Flow.INVOICES, **tags: str) -> dg.ExecuteInProcessResult:
        """A run of the flow's job in this process, at whatever the sync service gives."""
        return self.definitions.resolve_job_def(JOBS[flow]).execute_in_process(
            instance=self.instance,
            partition_key=f"{DAY}|{OFFICE}",
            tags={**run_tags(flow, OFFICE, lane="5:101", trigger="schedule"), **tags},
            run_config=QUIET,
            raise_on_error=False,
        )

    def die(
        self,
        job: str,
        tags: Mapping[str, str],
        *,
        reason: RunFailureReason = RunFailureReason.UNEXPECTED_TERMINATION,
        error: SerializableErrorInfo | None = None,
        steps: Mapping[str, SerializableErrorInfo] | None = None,
        **options: Any,
    ) -> dg.DagsterRun:
        """A run that ended without its own doing."""
        run = self.instance.create_run_for_job(
            self.definitions.resolve_job_def(job), status=dg.DagsterRunStatus.STARTED, tags=dict(tags), **options
        )
        for step, of_step in (steps or {}).items():
            self.instance.report_dagster_event(
                dg.DagsterEvent(
                    event_type_value=dg.DagsterEventType.STEP_FAILURE.value,
                    job_name=job,
                    step_key=step,
                    event_specific_data=StepFailureData(error=of_step, user_failure_data=None),
                ),
                run.run_id,
            )
        self.instance.report_run_failed(run, job_failure_data=JobFailureData(error=error, failure_reason=reason))
        return run

    def the_only_failure(self) -> Any:
        assert self.tick() == []
        (failure,) = self.sync.failures
        return failure


@pytest.fixture
def installation(settings_of: Callable[[int], Settings], instance: dg.DagsterInstance) -> Installation:
    return Installation(settings_of(3), instance)


def error(name: str, *, cause: SerializableErrorInfo | None = None) -> SerializableErrorInfo:
    return SerializableErrorInfo(message=f"{name}: {SECRET}", stack=[], cls_name=name, cause=cause)


# what kind of failure it was


def test_an_error_that_no_flow_foresees_is_reported_by_class_and_step_without_its_text(
    installation: Installation,
) -> None:
    installation.sync.outcomes[OFFICE] = KeyError(SECRET)
    run = installation.run()
    failure = installation.the_only_failure()
    assert failure.steps == (FailedStep(step="invoices", error="KeyError"),)
    assert failure.works == (FailedWork(office=OFFICE, flow=Flow.INVOICES, day=DAY, office_run_id=run.run_id),)
    assert failure.nobody_watches
    assert SECRET not in str(failure)


def test_what_a_flow_says_itself_is_told_apart_from_an_error_in_the_program(installation: Installation) -> None:
    problem = Problem(cause="login", message="Finago refuses the login.")
    installation.sync.result = FlowResult(flow=Flow.INVOICES, office=OFFICE, day=DAY, problems=(problem,))
    installation.run()
    assert installation.the_only_failure().steps == (FailedStep(step="invoices", error=None),)


def test_a_run_that_could_not_open_its_sync_service_says_so_itself_too(installation: Installation) -> None:
    installation.sync.refuses_to_open = SettingsError("SLACK_API_URL is not a web address.")
    installation.run()
    assert installation.the_only_failure().steps == (FailedStep(step="invoices", error=None),)


def test_an_error_after_the_flow_had_done_its_work_is_one_in_the_program(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The flow's own result is settled; what Dagster is to show of it is not what it should be."""
    monkeypatch.setattr(dg.RetryPolicy, "calculate_delay", lambda *_: 0)
    installation.sync.result = replace(
        FlowResult(flow=Flow.INVOICES, office=OFFICE, day=DAY),
        records=(object(),),  # type: ignore[arg-type]
    )
    installation.run()
    (step,) = installation.the_only_failure().steps
    assert step == FailedStep(step="invoices", error="AttributeError")


def test_a_process_that_died_leaves_no_step_behind(installation: Installation) -> None:
    tags = {**run_tags(Flow.INVOICES, OFFICE, lane="5:101", trigger="sensor"), "dagster/partition": f"{DAY}|{OFFICE}"}
    run = installation.die(JOBS[Flow.INVOICES], {**tags, "dagster/will_retry": "false"})
    failure = installation.the_only_failure()
    assert (failure.run_id, failure.steps, failure.error) == (run.run_id, (), None)
    assert failure.works == (FailedWork(office=OFFICE, flow=Flow.INVOICES, day=DAY, office_run_id=run.run_id),)


def test_a_command_whose_process_died_is_reported(installation: Installation) -> None:
    run = installation.die(
        JOBS[Flow.INVOICES], {"dagster/partition": f"{DAY}|{OFFICE}", "flow": "invoices", **this_process()}
    )
    failure = installation.the_only_failure()
    assert (failure.run_id, failure.steps, failure.error) == (run.run_id, (), None)


def test_a_command_that_failed_itself_has_reported_it(installation: Installation) -> None:
    installation.sync.outcomes[OFFICE] = KeyError(SECRET)
    installation.run(Flow.INVOICES, **this_process())
    assert installation.tick() == []
    assert installation.sync.failures == []


def test_a_commands_run_that_was_begun_again_in_the_ui_is_a_run_like_any_other(installation: Installation) -> None:
    job, location = JOBS[Flow.INVOICES], RegisteredCodeLocationOrigin(LOCATION)
    code = RepositoryPythonOrigin(sys.executable, ModuleCodePointer("qondor_finago_pipelines.definitions", "defs"))
    installation.die(
        job,
        {"dagster/partition": f"{DAY}|{OFFICE}", "flow": "invoices", **this_process()},
        error=error("KeyError"),
        remote_job_origin=RemoteJobOrigin(RemoteRepositoryOrigin(location, "__repository__"), job),
        job_code_origin=JobPythonOrigin(job, code),
    )
    assert installation.the_only_failure().error == "KeyError"


def test_a_job_of_somebody_else_is_none_of_its_business(installation: Installation) -> None:
    @dg.job
    def theirs() -> None: ...

    run = installation.instance.create_run_for_job(
        theirs, status=dg.DagsterRunStatus.STARTED, tags={"dagster/partition": "anything", "flow": "theirs"}
    )
    installation.instance.report_run_failed(run)
    assert installation.tick() == []
    assert installation.sync.failures == []


def test_a_process_that_was_told_to_stop_died_as_well(installation: Installation) -> None:
    stopped = error("DagsterExecutionInterruptedError")
    installation.die(
        JOBS[Flow.INVOICES],
        {"dagster/partition": f"{DAY}|{OFFICE}", "flow": "invoices"},
        error=stopped,
        steps={"invoices": stopped},
    )
    failure = installation.the_only_failure()
    assert (failure.steps, failure.error) == ((), None)


def test_an_error_outside_any_step_is_known_by_its_class(installation: Installation) -> None:
    installation.die(
        JOBS[Flow.INVOICES],
        {"dagster/partition": f"{DAY}|{OFFICE}", "flow": "invoices"},
        reason=RunFailureReason.JOB_INITIALIZATION_FAILURE,
        error=error("DagsterResourceFunctionError", cause=error("ModuleNotFoundError")),
    )
    failure = installation.the_only_failure()
    assert failure.error == "ModuleNotFoundError"
    assert SECRET not in str(failure)


def test_a_run_that_is_begun_again_is_no_failure_yet(installation: Installation) -> None:
    tags = {"dagster/partition": f"{DAY}|{OFFICE}", "flow": "invoices"}
    installation.die(JOBS[Flow.INVOICES], {**tags, "dagster/will_retry": "true"})
    assert installation.tick() == []
    assert installation.sync.failures == []


@pytest.mark.parametrize(("trigger", "nobody"), [("schedule", True), ("sensor", True), ("cli", False), ("", False)])
def test_it_is_known_whether_a_person_watches(installation: Installation, trigger: str, nobody: bool) -> None:
    tags = {"dagster/partition": f"{DAY}|{OFFICE}", "flow": "invoices", "trigger": trigger}
    installation.die(JOBS[Flow.INVOICES], tags)
    assert installation.the_only_failure().nobody_watches is nobody


# whose work it was


def test_a_range_run_is_known_by_its_range(installation: Installation) -> None:
    days = OfficeDays(date(2026, 11, 6), DAY, OFFICE)
    tags = {**run_tags(Flow.COSTS_AND_SALES, OFFICE, lane="5:qondor-costs", trigger="schedule"), **days.range_tags}
    run = installation.die(JOBS[Flow.COSTS_AND_SALES], tags)
    assert installation.the_only_failure().works == (
        FailedWork(
            office=OFFICE,
            flow=Flow.COSTS_AND_SALES,
            first_day=date(2026, 11, 6),
            day=DAY,
            office_run_id=run.run_id,
        ),
    )


def test_a_run_of_chosen_assets_is_known_by_their_flow(installation: Installation) -> None:
    """Launched from the asset graph or as a backfill: there the run has neither the job's tags nor its name."""
    installation.die(
        "__ASSET_JOB",
        {"dagster/partition": f"{DAY}|102"},
        asset_selection=frozenset(spec.key for spec in CUSTOMERS_AND_PROJECTS.specs),
    )
    (work,) = installation.the_only_failure().works
    assert (work.office, work.flow, work.day) == (102, Flow.CUSTOMERS_AND_PROJECTS, DAY)


def test_a_batch_run_is_the_work_of_its_offices(installation: Installation) -> None:
    run = installation.die(
        BATCH_RUN_JOB, batch_run_tags("sensor"), run_config=batch_run_config([OfficeId(101), OfficeId(103)])
    )
    failure = installation.the_only_failure()
    assert failure.is_batch_run
    assert [(work.office, work.day, work.office_run_id) for work in failure.works] == [
        (101, DAY, f"{run.run_id}:101"),
        (103, DAY, f"{run.run_id}:103"),
    ]


def test_a_batch_run_without_a_list_is_the_work_of_all(installation: Installation) -> None:
    installation.die(BATCH_RUN_JOB, batch_run_tags("ui"))
    assert [work.office for work in installation.the_only_failure().works] == [101, 102, 103]


# nothing is passed over


def test_while_the_store_does_not_answer_the_sensor_keeps_its_place(installation: Installation) -> None:
    first = installation.die(JOBS[Flow.INVOICES], {"dagster/partition": f"{DAY}|101", "flow": "invoices"})
    second = installation.die(JOBS[Flow.INVOICES], {"dagster/partition": f"{DAY}|102", "flow": "invoices"})
    installation.sync.store_is_down = StoreUnavailable("The sync store does not answer.")
    with pytest.raises(dg.DagsterInvariantViolationError, match=f"Run {first.run_id} could not be reported"):
        installation.tick()
    installation.sync.store_is_down = None
    assert installation.tick() == []
    assert [failure.run_id for failure in installation.sync.failures] == [first.run_id, second.run_id]


def test_a_run_that_succeeds_is_none_of_its_business(installation: Installation) -> None:
    installation.sync.result = FlowResult(flow=Flow.INVOICES, office=OFFICE, day=DAY)
    assert installation.run().success
    assert installation.tick() == []
    assert installation.sync.failures == []


def test_it_runs_by_itself(installation: Installation) -> None:
    assert installation.sensor.default_status is dg.DefaultSensorStatus.RUNNING
    assert installation.sensor.minimum_interval_seconds == 15
