"""One schedule for each office and flow, by the office's own cron, in Europe/Oslo.

A disabled flow and a closed office keep their schedule, stopped, so that the UI shows them all by name. The run key is
the office and the tick: a daemon that comes late never runs the same tick twice. A tick at which nothing is due says so
and starts no run.
"""

# Dagster reads the annotations of what it decorates, so here they are no strings.
import dagster as dg

from ..error_boundary import tick_boundary
from ..flows.service import SyncService
from ..partitions import OfficeDay, OfficeDays
from ..records.days import OSLO_TIME_ZONE, oslo_day
from ..records.operations.results import Flow
from ..settings import OfficeSettings, Settings
from ..tags import dagster_name, run_tags
from .at_work import at_work


def schedules(settings: Settings, flow: Flow, job_name: str) -> list[dg.ScheduleDefinition]:
    """The schedules of one flow, which `job_name` runs."""
    return [_schedule(office, flow, job_name) for office in settings.offices]


def _schedule(office: OfficeSettings, flow: Flow, job_name: str) -> dg.ScheduleDefinition:
    runs_by_itself = office.does(flow)

    @dg.schedule(
        name=f"{dagster_name(flow)}_office_{office.id}",
        job_name=job_name,
        cron_schedule=office.schedule(flow),
        execution_timezone=OSLO_TIME_ZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING if runs_by_itself else dg.DefaultScheduleStatus.STOPPED,
        description=f"{flow.in_words.capitalize()} of office {office.id} {office.name}".strip()
        + (" (closed)." if office.closed else "." if runs_by_itself else " (disabled in the settings)."),
    )
    @tick_boundary()
    def tick(
        context: dg.ScheduleEvaluationContext, sync: dg.ResourceParam[SyncService]
    ) -> dg.RunRequest | dg.SkipReason:
        # The day in which the tick falls, not the one in which a late daemon gets to it, is the run's partition.
        at = context.scheduled_execution_time
        due = sync.due_work.due(flow, office.id, tick=at)
        if not due:
            return dg.SkipReason(f"Office {office.id}: {due.reason}.")
        lane = sync.lanes(flow, [office.id])[office.id]
        # The other flows come too seldom to be left out: theirs wait in the queue.
        if flow is Flow.INVOICES and (run_id := at_work(context.instance, [lane]).invoices.get(office.id)):
            return dg.SkipReason(f"Office {office.id} ({due.reason}): run {run_id} is queued or at work already.")
        run_key, today = f"{office.id}:{at.isoformat()}", oslo_day(at)
        tags = run_tags(flow, office.id, lane=lane, trigger="schedule")
        if flow is Flow.COSTS_AND_SALES:
            # The whole lookback window in one run, further back where an outage made it longer.
            window = OfficeDays(min(sync.cost_window(office.id), today), today, office.id)
            return dg.RunRequest(run_key=run_key, tags={**tags, **window.range_tags})
        return dg.RunRequest(run_key=run_key, partition_key=OfficeDay(today, office.id).key, tags=tags)

    return tick
