"""Reports the runs that failed without a word of their own: whose process died, or that met an error in the program.

Everything else that turns a run red was written down by its flow. Here it is only read off what Dagster recorded whose
work the run was and of which class its errors are. Their texts may hold anything.
"""

# Dagster reads the annotations of what it decorates, so here they are no strings.
from collections.abc import Collection, Iterator, Mapping

import dagster as dg
from dagster_shared.error import SerializableErrorInfo

from ..error_boundary import tick_boundary
from ..flows.service import SyncService
from ..partitions import RANGE_END, RANGE_START, OfficeDay
from ..records.days import oslo_day
from ..records.errors import SyncError
from ..records.operations.failures import FailedRun, FailedStep, FailedWork
from ..records.operations.results import Flow
from ..settings import Settings
from ..tags import BATCH_RUN_JOB, BY_ITSELF, FLOW, TRIGGER, batched_offices, office_run_id
from .dagster_internals import WILL_RETRY_TAG
from .run_workers import is_of_a_command

NAME = "run_failures"

EVERY_SECONDS = 15

PARTITION = "dagster/partition"

STOPPED = frozenset({"DagsterExecutionInterruptedError", "KeyboardInterrupt"})
"""What a step ends with whose process was told to stop: its machine is going away, say."""


def run_failure_sensor(
    settings: Settings, jobs: Collection[str], flows: Mapping[dg.AssetKey, Flow]
) -> dg.SensorDefinition:
    """The sensor of an installation: the names of the flows' jobs, and of every asset whose it is."""
    ours = {*jobs, BATCH_RUN_JOB}

    @dg.run_failure_sensor(
        name=NAME,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        # To Dagster, the runs of a command belong to no code location.
        monitor_all_code_locations=True,
        description="Writes down, for the sensor of alerts to tell, each run whose process died or that met an error "
        "in the program. What a flow reports itself, and what will be tried again, is none of its business.",
    )
    def tick(context: dg.RunFailureSensorContext, sync: dg.ResourceParam[SyncService]) -> None:
        try:
            report(context, sync)
        except SyncError as error:
            # Only an error of Dagster's own kind keeps the place: any other would count this run as seen to.
            raise dg.DagsterInvariantViolationError(
                f"Run {context.dagster_run.run_id} could not be reported, and is with the next tick: {error}"
            ) from None

    @tick_boundary()
    def report(context: dg.RunFailureSensorContext, sync: SyncService) -> None:
        run = context.dagster_run
        if run.tags.get(WILL_RETRY_TAG) == "true":
            return
        if run.job_name not in ours and flows.keys().isdisjoint(run.asset_selection or ()):
            return
        if is_of_a_command(run) and _has_ended_itself(context):
            # The command has reported it, or the person who stopped it knows.
            return
        failed = failed_run(context, settings, flows, sync)
        if not failed.works:
            return
        offices = sync.record_failure(failed)
        context.log.info(f"Run {failed.run_id}: reported for offices {list(offices)}.")

    return tick


def _has_ended_itself(context: dg.RunFailureSensorContext) -> bool:
    """Whether the run's own process said that it failed; of one that died the daemon says so, without an error."""
    error = getattr(context.failure_event.event_specific_data, "error", None)
    return error is not None or bool(context.get_step_failure_events())


def failed_run(
    context: dg.RunFailureSensorContext,
    settings: Settings,
    flows: Mapping[dg.AssetKey, Flow],
    sync: SyncService,
) -> FailedRun:
    """What Dagster knows of the run."""
    run = context.dagster_run
    is_batch_run = run.job_name == BATCH_RUN_JOB
    error = _class_of(getattr(context.failure_event.event_specific_data, "error", None))
    steps = [failed_step(event) for event in context.get_step_failure_events()]
    return FailedRun(
        run_id=run.run_id,
        works=tuple(_batched(run, settings, sync) if is_batch_run else _worked(run, flows)),
        steps=tuple(step for step in steps if step.error not in STOPPED),
        error=None if error in STOPPED else error,
        is_batch_run=is_batch_run,
        nobody_watches=run.tags.get(TRIGGER) in BY_ITSELF,
    )


def _batched(run: dg.DagsterRun, settings: Settings, sync: SyncService) -> Iterator[FailedWork]:
    today = oslo_day(sync.store.now())
    for office in batched_offices(run.run_config) or [each.id for each in settings.offices if each.does(Flow.INVOICES)]:
        yield FailedWork(office=office, flow=Flow.INVOICES, day=today, office_run_id=office_run_id(run.run_id, office))


def _worked(run: dg.DagsterRun, flows: Mapping[dg.AssetKey, Flow]) -> Iterator[FailedWork]:
    """One office's days, in the flow of the job or, where a person chose assets, in each flow of those."""
    first, last = (run.tags.get(tag) or run.tags.get(PARTITION) for tag in (RANGE_START, RANGE_END))
    if first is None or last is None:
        return
    first_day, day = OfficeDay.of(first), OfficeDay.of(last)
    named = [run.tags[FLOW]] if FLOW in run.tags else []
    chosen = sorted({flows[key].value for key in run.asset_selection or () if key in flows})
    for flow in named or chosen:
        yield FailedWork(
            office=day.office,
            flow=Flow(flow),
            day=day.day,
            first_day=first_day.day if first_day != day else None,
            office_run_id=run.run_id,
        )


def failed_step(event: dg.DagsterEvent) -> FailedStep:
    """What the event of a step's failure says that anybody may be told."""
    known = event.step_failure_data
    foreseen = known.user_failure_data is not None and (known.error is None or known.error.cause is None)
    return FailedStep(
        step=str(event.step_key), error=None if foreseen else _class_of(known.error) or "an unknown error"
    )


def _class_of(error: SerializableErrorInfo | None) -> str | None:
    """The class of the error at the bottom: Dagster wraps it, and so does a flow."""
    while error is not None and error.cause is not None:
        error = error.cause
    return None if error is None else error.cls_name
