"""The nightly comparison of both systems for every open office: a job that makes one office's asset, its schedule."""

# Dagster reads the annotations of what it decorates, so here they are no strings.
from datetime import timedelta

import dagster as dg

from ..error_boundary import tick_boundary
from ..partitions import OfficeDay
from ..records.days import OSLO_TIME_ZONE, oslo_day
from ..settings import Settings
from .dagster_internals import UnresolvedAssetJobDefinition

JOB = "reconciliation_of_office"
SCHEDULE = "reconciliation_nightly"
NIGHTLY = "30 2 * * *"
"""While nobody works in either system, and before the night's run of costs and sales."""


def reconciliation_job(asset: dg.AssetKey) -> UnresolvedAssetJobDefinition:
    """The job that makes it for one office."""
    return dg.define_asset_job(
        JOB,
        selection=[asset],
        executor_def=dg.in_process_executor,
        description="Compares all records of one office in both systems, and writes in neither.",
    )


def reconciliation_schedule(settings: Settings) -> dg.ScheduleDefinition:
    """Every night, a run for each open office: the month up to the day that has just ended."""

    @dg.schedule(
        name=SCHEDULE,
        job_name=JOB,
        cron_schedule=NIGHTLY,
        execution_timezone=OSLO_TIME_ZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Compares the records of every open office: the month up to yesterday, so that on the first of a "
        "month the whole month before is.",
    )
    @tick_boundary()
    def tick(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
        at = context.scheduled_execution_time
        day = oslo_day(at) - timedelta(days=1)
        if day < settings.sync.first_day:
            return []
        return [
            dg.RunRequest(run_key=f"{office.id}:{at.isoformat()}", partition_key=OfficeDay(day, office.id).key)
            for office in settings.offices
            if not office.closed
        ]

    return tick
