"""Days are Europe/Oslo, instants are UTC: the one place where one becomes the other."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OSLO_TIME_ZONE = "Europe/Oslo"
OSLO = ZoneInfo(OSLO_TIME_ZONE)


def oslo_day(instant: datetime) -> date:
    """The calendar day in Europe/Oslo of a time-zone aware instant."""
    return instant.astimezone(OSLO).date()


def in_oslo(instant: datetime) -> str:
    """The minute in Europe/Oslo: `2026-11-20 10:00`."""
    return f"{instant.astimezone(OSLO):%Y-%m-%d %H:%M}"


def in_utc(instant: datetime) -> str:
    """The minute in UTC, and that it is: `2026-11-20 09:00 UTC`."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def days_in_words(first: date | None, last: date) -> str:
    """`2026-11-20`, or `2026-11-06 to 2026-11-20`; without a first day it is the last one alone."""
    return f"{last}" if first in (None, last) else f"{first} to {last}"


def utc_bounds(day: date) -> tuple[datetime, datetime]:
    """When a day in Europe/Oslo begins and ends, in UTC: 24 hours apart, 23 or 25 where the clocks change."""
    start, end = (datetime.combine(each, time(), OSLO) for each in (day, day + timedelta(days=1)))
    return start.astimezone(UTC), end.astimezone(UTC)
