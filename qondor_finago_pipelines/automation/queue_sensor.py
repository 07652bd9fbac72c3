"""Invoices within a minute: one poll of Qondor's queue for all offices, and runs for those that have work.

What is due is for `rules.due` to say. Here it becomes requests: a run for each office or, where more are due than
`runs_at_once`, one batch run that works them all. Nothing is requested while an office's lane is busy, and the same
work is not requested twice in a row; the cursor remembers what was asked for. The schedules stay below it as the safety
net.
"""

# Dagster reads the annotations of what it decorates, so here they are no strings.
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import dagster as dg
from pydantic import TypeAdapter

from ..error_boundary import tick_boundary
from ..flows.service import SyncService
from ..partitions import OfficeDay
from ..records.days import oslo_day
from ..records.errors import SyncError
from ..records.identifiers import OfficeId
from ..records.operations.open_work import Asked, Due
from ..records.operations.results import Flow
from ..rules.operations.due import ask, request_key
from ..settings import Settings
from ..tags import BATCH_RUN_JOB, FAILED_OFFICES, batch_run_config, batch_run_tags, named_offices, run_tags
from .at_work import AtWork, at_work
from .dagster_internals import UnresolvedAssetJobDefinition

NAME = "invoice_queue"
TRIGGER = "sensor"


@dataclass(frozen=True)
class Memory:
    """What the sensor remembers: what it asked for, office by office, and the last batch run whose end it saw."""

    asked: Mapping[OfficeId, Asked] = field(default_factory=dict)
    batch_run: str | None = None


CURSOR = TypeAdapter(Memory)
"""A memory as text."""


def queue_sensor(
    settings: Settings, job: UnresolvedAssetJobDefinition, batch_run: dg.JobDefinition
) -> dg.SensorDefinition:
    """The sensor of an installation: `job` runs one office, `batch_run` many of them."""
    offices = [office.id for office in settings.offices if office.does(Flow.INVOICES)]

    @dg.sensor(
        name=NAME,
        jobs=[job, batch_run],
        minimum_interval_seconds=settings.sync.poll_seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Polls Qondor's queue for all offices every {settings.sync.poll_seconds} seconds and asks for "
        "runs of those that have work: new invoices, held ones whose time has come, writes to look up, payments.",
    )
    @tick_boundary()
    def tick(context: dg.SensorEvaluationContext, sync: dg.ResourceParam[SyncService]) -> dg.SensorResult:
        memory = CURSOR.validate_json(context.cursor) if context.cursor else Memory()
        now = sync.store.now()
        lanes = sync.lanes(Flow.INVOICES, offices)

        def run_of(office: OfficeId, key: str) -> dg.RunRequest:
            return dg.RunRequest(
                run_key=f"{office}:{key}",
                job_name=job.name,
                partition_key=OfficeDay(oslo_day(now), office).key,
                tags=run_tags(Flow.INVOICES, office, lane=lanes[office], trigger=TRIGGER),
            )

        failed, memory = _failed_in_a_batch_run(context.instance, memory)
        requests = [run_of(office, f"after batch run {memory.batch_run}") for office in failed if office in lanes]
        try:
            due = {office: what for office, what in sync.due_work.due_invoices().items() if office in lanes}
        except SyncError as error:
            return _result(requests, memory, f"The queue could not be polled, so nobody knows what is due: {error}")
        working = at_work(context.instance, set(lanes.values()))
        waiting = {
            office: asked
            for office, what in due.items()
            if office not in failed
            and working.on(office, lanes[office]) is None
            and (asked := ask(what, memory.asked.get(office), now)) is not None
        }
        # Who has something new goes first.
        chosen = sorted(waiting, key=lambda office: (not due[office].is_urgent, office))
        # Runs under way count: where the last have not ended yet, processes start more slowly than work comes in.
        room = max(settings.sync.runs_at_once - working.runs, 1)
        if len(chosen) > room and working.batch_run is None:
            requests.append(_batch_run(chosen, waiting))
        else:
            chosen = chosen[:room]
            requests += [run_of(office, request_key(waiting[office])) for office in chosen]
        memory = replace(memory, asked={**memory.asked, **{office: waiting[office] for office in chosen}})
        return _result(requests, memory, _why_not(due, working, lanes))

    return tick


def _failed_in_a_batch_run(instance: dg.DagsterInstance, memory: Memory) -> tuple[Sequence[OfficeId], Memory]:
    """The offices whose work went wrong in the last batch run, where they were not seen to yet."""
    ended = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
    for run in instance.get_runs(dg.RunsFilter(job_name=BATCH_RUN_JOB, statuses=ended), limit=1):
        if run.run_id != memory.batch_run:
            return named_offices(run.tags.get(FAILED_OFFICES, "")), replace(memory, batch_run=run.run_id)
    return (), memory


def _batch_run(offices: Sequence[OfficeId], asked: Mapping[OfficeId, Asked]) -> dg.RunRequest:
    whole = Asked(
        tasks=frozenset(f"{office}:{request_key(asked[office])}" for office in offices),
        at=max(asked[office].at for office in offices),
        times=0,
    )
    return dg.RunRequest(
        run_key=f"batch run:{request_key(whole)}",
        job_name=BATCH_RUN_JOB,
        run_config=batch_run_config(offices),
        tags=batch_run_tags(TRIGGER),
    )


def _result(requests: Sequence[dg.RunRequest], memory: Memory, why_not: str) -> dg.SensorResult:
    return dg.SensorResult(
        run_requests=list(requests),
        skip_reason=None if requests else dg.SkipReason(why_not),
        cursor=CURSOR.dump_json(memory).decode(),
    )


def _why_not(due: Mapping[OfficeId, Due], working: AtWork, lanes: Mapping[OfficeId, str]) -> str:
    """Why a tick asks for nothing: office by office where there is something to say."""
    if not any(due.values()):
        soonest = min((each.next_at for each in due.values() if each.next_at is not None), default=None)
        return "Nothing is due in any office." + (f" Next at {soonest:%H:%M:%S} UTC." if soonest else "")
    return " ".join(_waits(due, working, lanes))


def _waits(due: Mapping[OfficeId, Due], working: AtWork, lanes: Mapping[OfficeId, str]) -> Iterator[str]:
    for office, what in due.items():
        if what:
            run_id = working.on(office, lanes[office])
            why = f"waits for run {run_id}" if run_id else "was asked for before and is tried again later"
            yield f"Office {office} ({what.reason}) {why}."
