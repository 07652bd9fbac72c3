"""The daily look at the prerequisites of every open office: a job that makes one office's asset, and its schedule."""

# Dagster reads the annotations of what it decorates, so here they are no strings.
import dagster as dg

from ..error_boundary import tick_boundary
from ..partitions import OfficeDay
from ..records.days import OSLO_TIME_ZONE, oslo_day
from ..settings import Settings
from .dagster_internals import UnresolvedAssetJobDefinition

JOB = "preflight_check"
SCHEDULE = "preflight_daily"
DAILY = "30 6 * * *"
"""Before people come to work, and after the night's run of costs and sales."""


def preflight_job(asset: dg.AssetKey) -> UnresolvedAssetJobDefinition:
    """The job that makes it for one office."""
    return dg.define_asset_job(
        JOB,
        selection=[asset],
        executor_def=dg.in_process_executor,
        description="Looks at every prerequisite of one office in both systems, and writes in neither.",
    )


def preflight_schedule(settings: Settings) -> dg.ScheduleDefinition:
    """Every morning, a run for each open office."""

    @dg.schedule(
        name=SCHEDULE,
        job_name=JOB,
        cron_schedule=DAILY,
        execution_timezone=OSLO_TIME_ZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Looks at the prerequisites of every open office.",
    )
    @tick_boundary()
    def tick(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
        at = context.scheduled_execution_time
        return [
            dg.RunRequest(run_key=f"{office.id}:{at.isoformat()}", partition_key=OfficeDay(oslo_day(at), office.id).key)
            for office in settings.offices
            if not office.closed
        ]

    return tick
