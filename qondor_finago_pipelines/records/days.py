"""Days are Europe/Oslo, instants are UTC: the one place where one becomes the other."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

OSLO_TIME_ZONE = "Europe/Oslo"
OSLO = ZoneInfo(OSLO_TIME_ZONE)


def oslo_day(instant: datetime) -> date:
    """The calendar day in Europe/Oslo of a time-zone aware instant."""
    return instant.astimezone(OSLO).date()
