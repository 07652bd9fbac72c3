"""How long a run goes on when calls fail: one record's trouble is its own, three in a row are the system's."""

from __future__ import annotations

from ...records.errors import CallFailed, CallsBlocked, LoginRefused

FAILURES_IN_A_ROW = 3


class CircuitBreaker:
    """Counts calls for single records that failed in a row."""

    def __init__(self) -> None:
        self._failures = 0

    def lost(self, failure: CallFailed) -> None:
        """One more failed. Raises it when the rest would fail as well: the system is down, or told us to stay away."""
        self._failures += 1
        if isinstance(failure, (CallsBlocked, LoginRefused)) or self._failures >= FAILURES_IN_A_ROW:
            raise failure

    def kept(self) -> None:
        """One succeeded: the system is there."""
        self._failures = 0
