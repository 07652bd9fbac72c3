"""Emits how all offices stand as evaluations of checks, without a run: when a verdict changed, and once an hour.

The cursor remembers what was said of each check and when, so that a quiet installation stores a handful of events an
hour and not one a minute.
"""

# Dagster reads the annotations of what it decorates, so here they are no strings.
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import dagster as dg

from ..records.standing_state import Verdict
from ..resources import DeskSource

NAME = "standing_checks"

EVERY_SECONDS = 60

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


def standing_sensor(
    checks: dg.AssetSelection, evaluation_of: Callable[[Verdict], dg.AssetCheckEvaluation]
) -> dg.SensorDefinition:
    """The sensor of an installation. `checks` are shown as its targets; `evaluation_of` makes a verdict an event."""

    @dg.sensor(
        name=NAME,
        asset_selection=checks,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Judges from the ledger how all offices stand: what is refused, what matches no project, which "
        "office is stale. It starts no run: it emits the verdicts as evaluations of the checks, where they changed.",
    )
    def tick(context: dg.SensorEvaluationContext, desk: dg.ResourceParam[DeskSource]) -> dg.SensorResult:
        said, now = _said(context.cursor), desk.now()
        verdicts = {f"{verdict.flow.value}:{verdict.kind.value}": verdict for verdict in desk.standing()}
        digests = {name: _digest(verdict) for name, verdict in verdicts.items()}
        due = [name for name, digest in digests.items() if name not in said or not said[name].holds(digest, now)]
        kept = {name: Said(digests[name], now) if name in due else said[name] for name in verdicts}
        return dg.SensorResult(
            asset_events=[evaluation_of(verdicts[name]) for name in due],
            skip_reason=dg.SkipReason(
                f"{len(due)} of {len(verdicts)} verdicts were emitted: {', '.join(due)}." if due else
                "All offices stand as they did."
            ),
            cursor=_cursor(kept),
        )

    return tick


def _digest(verdict: Verdict) -> str:
    """Equal for verdicts that show the same."""
    return hashlib.sha256(repr(verdict).encode()).hexdigest()[:16]


def _said(cursor: str | None) -> dict[str, Said]:
    known: dict[str, dict[str, str]] = json.loads(cursor) if cursor else {}
    return {name: Said(each["digest"], datetime.fromisoformat(each["at"])) for name, each in known.items()}


def _cursor(said: Mapping[str, Said]) -> str:
    return json.dumps(
        {name: {"digest": each.digest, "at": each.at.isoformat()} for name, each in said.items()},
        separators=(",", ":"),
    )
