"""When a flow that says nothing has been silent for too long: no complete run where there should have been some.

A run that fails says so, and somebody is told. What nobody would be told of is the run that never came: a schedule that
was stopped, a queue that stands, a flow that has long met the same trouble. So each turn of a flow has to bring a
complete run. One turn may be missed; with the second, or `AT_THE_LATEST` after the first, the flow is silent, as soon
as the run has had `A_RUN_TAKES` to get done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from ...records.days import utc_bounds
from ..turns import next_turn

AT_THE_LATEST = timedelta(hours=6)
"""A flow that runs once a day is not left for a second day."""

A_RUN_TAKES = timedelta(minutes=30)

TurnsFrom = Callable[[datetime], Iterator[datetime]]
"""The turns of a schedule from an instant on, that instant included."""


def last_heard(since: datetime, complete_day: date | None, complete_at: datetime | None) -> datetime:
    """From when on a flow's silence is counted: the end of its last complete run, or since when it is watched.

    A run for a past day tells of that day alone: that it was run again today says nothing of today.
    """
    if complete_day is None or complete_at is None:
        return since
    _, midnight = utc_bounds(complete_day)
    return max(since, min(complete_at, midnight))


def turns_missed(
    heard: datetime, turns_from: TurnsFrom, *, looks_every: timedelta | None = None
) -> tuple[datetime, datetime]:
    """The two turns after `heard` that should each have brought a complete run.

    With `looks_every` the schedule's turns start a run only where something is due; a look at everything is, at each
    turn of that duration (`rules.due`), and waits for the schedule.
    """
    first = _turn_after(heard, turns_from, looks_every)
    return first, _turn_after(first, turns_from, looks_every)


def silent_from(first: datetime, second: datetime) -> datetime:
    """From when on a flow is silent that missed these two turns."""
    return min(second, first + AT_THE_LATEST) + A_RUN_TAKES


def _turn_after(instant: datetime, turns_from: TurnsFrom, looks_every: timedelta | None) -> datetime:
    due = instant + timedelta.resolution if looks_every is None else next_turn(instant, looks_every)
    return next(turns_from(due))
