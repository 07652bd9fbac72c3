"""Tells people what waits in the store, within seconds, and looks who has been silent for too long.

One sensor delivers for all offices. The runs only write down what there is to tell: so nothing is told twice, and the
trouble of a run that tries again is not told before it has.
"""

# Dagster reads the annotations of what it decorates, so here they are no strings.
from collections.abc import Collection
from functools import partial

import dagster as dg

from ..error_boundary import tick_boundary
from ..flows.service import SyncService
from .at_work import still_at_work
from .newest_run import newest_run_began

NAME = "alerts"

EVERY_SECONDS = 15
"""So that people are told within a minute, also of a run whose failure another sensor has to find first."""


def alert_sensor(assets: Collection[dg.AssetKey]) -> dg.SensorDefinition:
    """The sensor of an installation, whose runs make these assets."""

    @dg.sensor(
        name=NAME,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells Slack what is new and what has ended, an office a message; looks whether any flow of any "
        "office has been silent for too long; shows whoever waits for it that the daemon lives. Starts no run.",
    )
    @tick_boundary()
    def tick(context: dg.SensorEvaluationContext, sync: dg.ResourceParam[SyncService]) -> dg.SkipReason:
        at_work, newest = partial(still_at_work, context.instance), partial(newest_run_began, context.instance, assets)
        return dg.SkipReason(str(sync.heartbeat_tasks.round(at_work, newest)))

    return tick
