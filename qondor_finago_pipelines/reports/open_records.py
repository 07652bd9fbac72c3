"""How many records were open on each day: what the badge was, where the checks say what it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta

from ..records.days import oslo_day


def days_until(last: date, number: int) -> tuple[date, ...]:
    """So many days up to and with the last, the oldest first."""
    return tuple(last - timedelta(days=ago) for ago in reversed(range(number)))


def open_by_day(open_now: int, changes: Iterable[tuple[datetime, int]], days: Collection[date]) -> dict[date, int]:
    """How many records were open at the end of each of these days (Europe/Oslo), the last of them being today.

    `changes` are the records that became open (+1) or stopped being so (-1) since the first of the days began.
    """
    by_day: Counter[date] = Counter()
    for at, change in changes:
        by_day[oslo_day(at)] += change
    counts: dict[date, int] = {}
    number = open_now
    for day in sorted(days, reverse=True):
        counts[day] = number
        number -= by_day[day]
    return dict(sorted(counts.items()))
