"""How Finago says "not now": quarantine after too many calls, and how long it lasts (contract, Finago page 4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

_QUARANTINE = re.compile(
    r"limit exceeded by [0-9]+\. request is blocked\. quarantine ends at:?\s*(?P<end>[0-9a-z.:+/ -]{1,40}?)\.?",
    re.IGNORECASE,
)
"""The whole sentence: a word of it may be somebody's credit limit (decisions 7, Certainty)."""

_TAG = re.compile(r"<[^<>]*>")

_LONGEST_QUARANTINE = timedelta(hours=2)
"""Quarantine ends with the clock hour; a later end is a date that we misread."""


def is_quarantine(text: str) -> bool:
    """Whether the text, or that of a page around it, is what Finago says of a quarantine, and nothing else."""
    return _said(text) is not None


def quarantine_end(text: str, headers: Mapping[str, str], now: datetime) -> datetime:
    """When calls are welcome again: as the text says, as `APILimitReset` says, else the next full hour.

    In which form the text gives its date is not known: one that does not read as a date soon to come is not believed.
    """
    found = _said(text)
    for candidate in (found["end"] if found else None, headers.get("APILimitReset")):
        instant = instant_of(candidate)
        if instant is not None and now < instant <= now + _LONGEST_QUARANTINE:
            return instant
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def instant_of(text: str | None) -> datetime | None:
    """An instant in UTC as a header or a sentence has it, taken as UTC where it has no zone; None if it is none."""
    try:
        instant = datetime.fromisoformat((text or "").strip())
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _said(text: str) -> re.Match[str] | None:
    return _QUARANTINE.fullmatch(" ".join(_TAG.sub(" ", text).split()))
