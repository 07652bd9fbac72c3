"""Days are Europe/Oslo, instants are UTC: the one place where one becomes the other."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OSLO_TIME_ZONE = "Europe/Oslo"
OSLO = ZoneInfo(OSLO_TIME_ZONE)


def oslo_day(instant: datetime) -> date:
    """The calendar day in Europe/Oslo of a time-zone aware instant."""
    return instant.astimezone(OSLO).date()


def utc_bounds(day: date) -> tuple[datetime, datetime]:
    """When a day in Europe/Oslo begins and ends, in UTC: 24 hours apart, 23 or 25 where the clocks change."""
    start, end = (datetime.combine(each, time(), OSLO) for each in (day, day + timedelta(days=1)))
    return start.astimezone(UTC), end.astimezone(UTC)
