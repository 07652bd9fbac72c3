"""Emits how all offices stand as evaluations of checks, without a run: when a verdict changed, and once an hour.

The cursor remembers what was said of each check and when, so that a quiet installation stores a handful of events an
hour and not one a minute.
"""

# Dagster reads the annotations of what it decorates, so here they are no strings.
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import dagster as dg
from pydantic import TypeAdapter

from ..error_boundary import tick_boundary
from ..flows.service import SyncService
from ..records.days import oslo_day
from ..records.operations.office_status import Verdict
from ..records.operations.results import Flow

NAME = "status_checks"

EVERY_SECONDS = 60

PICTURE = "picture:"
"""Before the name of a flow in the cursor: when its picture was last drawn."""

AT_LEAST_EVERY = timedelta(hours=1)
"""A verdict that holds on is said again, so that its age in the UI shows that somebody still looks."""


@dataclass(frozen=True)
class Said:
    """What was last said of one check, as a digest, and when."""

    digest: str
    at: datetime

    def holds(self, digest: str, now: datetime) -> bool:
        """Whether it need not be said again."""
        return self.digest == digest and now - self.at < AT_LEAST_EVERY


CURSOR = TypeAdapter(dict[str, Said])
"""What was said, by check, as text."""


def status_sensor(
    checks: dg.AssetSelection,
    evaluation_of: Callable[[Verdict], dg.AssetCheckEvaluation],
    observation_of: Callable[[Flow, Mapping[date, int]], dg.AssetObservation],
) -> dg.SensorDefinition:
    """The sensor of an installation. `checks` are shown as its targets; the other two make events of what is known."""

    @dg.sensor(
        name=NAME,
        asset_selection=checks,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Judges from the store how all offices stand: what is refused, what matches no project, which "
        "office is stale. It starts no run: it emits the verdicts as evaluations of the checks, where they changed.",
    )
    @tick_boundary()
    def tick(context: dg.SensorEvaluationContext, sync: dg.ResourceParam[SyncService]) -> dg.SensorResult:
        said, now = CURSOR.validate_json(context.cursor or "{}"), sync.store.now()
        verdicts = {f"{verdict.flow.value}:{verdict.kind.value}": verdict for verdict in sync.office_status()}
        digests = {name: _digest(verdict) for name, verdict in verdicts.items()}
        due = [name for name, digest in digests.items() if name not in said or not said[name].holds(digest, now)]
        kept = {name: Said(digests[name], now) if name in due else said[name] for name in verdicts}
        # A picture of the last weeks is worth its kilobytes once a day.
        today = oslo_day(now)
        drawn = [flow for flow in Flow if _drawn_on(said, flow) != today]
        for flow in Flow:
            name = f"{PICTURE}{flow.value}"
            kept[name] = Said("", now) if flow in drawn else said[name]
        return dg.SensorResult(
            asset_events=[
                *(evaluation_of(verdicts[name]) for name in due),
                *(observation_of(flow, sync.open_each_day(flow)) for flow in drawn),
            ],
            skip_reason=dg.SkipReason(
                f"{len(due)} of {len(verdicts)} verdicts were emitted: {', '.join(due)}."
                if due
                else "All offices stand as they did."
            ),
            cursor=CURSOR.dump_json(kept).decode(),
        )

    return tick


def _drawn_on(said: Mapping[str, Said], flow: Flow) -> date | None:
    """The day on which the flow's picture was last drawn."""
    last = said.get(f"{PICTURE}{flow.value}")
    return oslo_day(last.at) if last else None


def _digest(verdict: Verdict) -> str:
    """Equal for verdicts that show the same."""
    return hashlib.sha256(repr(verdict).encode()).hexdigest()[:16]
