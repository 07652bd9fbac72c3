"""Reads of one office, few and bounded: what cannot be read is said, and a system that is away is left alone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from ...records.errors import LoginRefused, SyncError, SystemUnreachable
from ...records.preflight import Unread
from ..run.metering import FINAGO, Meter

MOST_CALLS = 25
"""For one office, whatever its size (decisions 13); further pages of a list are not counted."""

PAGED = frozenset({"GetCompanies"})
"""Finago's lists that are asked for in pages."""

T = TypeVar("T")


class CallsSpent(SyncError):
    """A check has made its calls: what is left is not asked."""


class CheckMeter(Meter):
    """Books calls like that of a run; refuses a write, and whatever goes beyond `MOST_CALLS`."""

    def before_call(self, system: str, operation: str, *, write: bool) -> None:
        if write:
            raise AssertionError(f"{operation} writes, and a check must not.")
        made = self.calls_by_operation()
        pages = [made.get(f"{FINAGO} {each}", 0) for each in PAGED]
        further = sum(max(0, count - 1) for count in pages)
        another_page = operation in PAGED and made.get(f"{FINAGO} {operation}", 0) > 0
        if not another_page and sum(self.calls_by_system().values()) - further >= MOST_CALLS:
            raise CallsSpent(
                f"not asked: a check makes at most {MOST_CALLS} calls for an office",
                remedy="What is more important was asked first.",
            )
        super().before_call(system, operation, write=write)


class Shared:
    """What all offices of a check share: lists that are the same for each, and which system is away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: dict[str, object] = {}
        self.away: dict[str, Unread] = {}

    def once(self, what: str, read: Callable[[], T]) -> T:
        with self._lock:
            if what not in self._read:
                self._read[what] = read()
            answer: T = self._read[what]  # type: ignore[assignment]
            return answer


class Asking:
    """Asks for one office. Never raises for what a system or the settings do."""

    def __init__(self, meter: CheckMeter, shared: Shared) -> None:
        self.meter = meter
        self._shared = shared
        self._closed: dict[str, Unread] = {}

    def close(self, system: str, unread: Unread) -> None:
        """Nothing more is asked of this system for this office."""
        self._closed.setdefault(system, unread)

    def ask(self, system: str, read: Callable[[], T]) -> T | Unread:
        if (closed := self._closed.get(system) or self._shared.away.get(system)) is not None:
            return closed
        try:
            return read()
        except SyncError as error:
            unread = unread_of(error)
            if isinstance(error, SystemUnreachable):
                self._shared.away.setdefault(system, unread)
            elif isinstance(error, LoginRefused):
                self.close(system, unread)
            return unread

    def ask_once(self, system: str, what: str, read: Callable[[], T]) -> T | Unread:
        """The same for every office: the first one asks."""
        answer = self._shared.once(what, lambda: self.ask(system, read))
        if isinstance(answer, Unread) and answer.refused:
            self.close(system, answer)
        return answer


def unread_of(error: SyncError) -> Unread:
    return Unread(why=error.message, remedy=error.remedy, refused=isinstance(error, LoginRefused))
