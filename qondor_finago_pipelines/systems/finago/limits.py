"""How Finago says "not now": quarantine after too many calls, and how long it lasts (contract, Finago page 4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

_QUARANTINE = re.compile(r"limit exceeded by|quarantine ends at", re.IGNORECASE)
_ENDS_AT = re.compile(r"quarantine ends at:?\s*([0-9][0-9T:.Z+\- ]*[0-9Z])", re.IGNORECASE)

_LONGEST_QUARANTINE = timedelta(hours=2)
"""Quarantine ends with the clock hour; a later end is a date that we misread."""


def is_quarantine(text: str) -> bool:
    return _QUARANTINE.search(text) is not None


def quarantine_end(text: str, headers: Mapping[str, str], now: datetime) -> datetime:
    """When calls are welcome again: as the text says, as `APILimitReset` says, else the next full hour.

    In which form the text gives its date is not known: one that does not read as a date soon to come is not believed.
    """
    found = _ENDS_AT.search(text)
    for candidate in (found.group(1) if found else None, headers.get("APILimitReset")):
        instant = _instant(candidate)
        if instant is not None and now < instant <= now + _LONGEST_QUARANTINE:
            return instant
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _instant(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
