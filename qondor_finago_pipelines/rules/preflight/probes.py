"""What a probe of an assumption is, and how it answers: it holds, it does not, nothing was met, or it was not read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from ...records.preflight import Readings, SetUp, Unread
from ..text import listed

SHOWN = 5
"""Ids or words that a probe names; the rest is counted."""


class Seen(Enum):
    NOTHING = "not seen here"


Answer = tuple[bool, str] | Seen | Unread
"""Whether it holds, and by what; nothing to judge by; or what could not be read."""


@dataclass(frozen=True)
class Probe:
    assumed: str
    place: str
    """`module · name`, below the package."""
    judge: Callable[[SetUp, Readings], Answer]
    remedy: str = ""
    """What a person does where it does not hold and the code need not change."""


def some_of(values: Sequence[object]) -> str:
    more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    return listed(values[:SHOWN]) + more


def holds_of_each(what: str, bad: Sequence[object], looked_at: int) -> Answer:
    """Holds where none of those looked at is bad."""
    if not looked_at:
        return Seen.NOTHING
    return (False, f"{what} {some_of(bad)}") if bad else (True, f"{looked_at} looked at")


def holds_of_any(good: Sequence[object]) -> Answer:
    """Holds where something of the kind was met. Where nothing was, a prerequisite is missing, and told as that."""
    return (True, some_of(good)) if good else Seen.NOTHING
