"""Every call of a run passes here: the lease is renewed, a slot of the budget is booked, the call is counted.

The budgets belong to the installation, not to the run: all processes share one row in the store for each system
(decisions 9), so that ten offices together stay below what one key and one address may do.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal

from ...settings import SyncSettings
from ...store import Lease, Store
from ...systems.finago.limits import instant_of
from ...systems.http import instant_of_date

QONDOR = "qondor"
FINAGO = "finago"

FINAGO_CALLS_PER_SECOND = Decimal(20)
"""Finago answers 429 above roughly 25 calls a second; decisions 9 spaces them at 20."""

QONDOR_CALLS_PER_DAY = 100_000
"""Qondor's quota for one key; we count calendar days in UTC (decisions 9)."""

WRITE_SHARE = Decimal("0.98")
"""Of Finago's hourly limit: the last two in a hundred stay free for whoever works there by hand (decisions 9)."""

SWEEP_SHARE = Decimal("0.80")
"""What a search that can wait may use up of Finago's hourly limit (decisions 9)."""

_A_COUNT = re.compile(r"[0-9]{1,9}")


class Meter:
    """The `CallGate` of one run. `lease` is the lease to keep alive, once there is one."""

    def __init__(self, store: Store, sync: SyncSettings, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.lease: Lease | None = None
        self._store = store
        self._sync = sync
        self.sleep = sleep
        self._counts: Counter[tuple[str, str]] = Counter()
        self._writes = 0
        self._share = WRITE_SHARE
        self._clock_differences: dict[str, timedelta] = {}

    def clock_difference(self, system: str) -> timedelta:
        """By how much the clock of `system` was ahead of ours in its last reply; nothing before the first one."""
        return self._clock_differences.get(system, timedelta())

    def clock_differences(self) -> dict[str, timedelta]:
        """The same for every system that has told its time."""
        return dict(self._clock_differences)

    @contextmanager
    def at_most(self, share: Decimal) -> Iterator[None]:
        """Calls inside this block leave more of Finago's limit to others: beyond `share` they raise CallsBlocked."""
        before, self._share = self._share, share
        try:
            yield
        finally:
            self._share = before

    def before_call(self, system: str, operation: str, *, write: bool) -> None:
        """Waits for a free slot.

        Raises CallsBlocked when the system is to be left alone, LeaseLost when our lease is gone.
        """
        if system in (QONDOR, FINAGO):
            self._wait_for_slot(system)
        if self.lease is not None:
            self.lease = self._store.renew(self.lease)
        self._counts[(system, operation)] += 1
        self._writes += write

    def before_bytes(self) -> None:
        """Raises LeaseLost when somebody took the lane while this process waited or slept (decisions 7)."""
        if self.lease is not None:
            self.lease = self._store.renew(self.lease)

    def after_reply(self, system: str, status: int, headers: Mapping[str, str]) -> None:  # noqa: ARG002
        """Measures the other clock, and believes Finago's own count of what is left of the hour, when it is lower."""
        there = instant_of_date(headers.get("Date"))
        if there is not None:
            difference = there - self._store.now()
            # The header has whole seconds.
            self._clock_differences[system] = difference if abs(difference) >= timedelta(seconds=2) else timedelta()
        remaining = headers.get("APILimitRemaining")
        if system == FINAGO and remaining is not None and _A_COUNT.fullmatch(remaining.strip()):
            self._store.observe_limit(system, int(remaining), instant_of(headers.get("APILimitReset")))

    def block(self, system: str, until: datetime, why: str) -> None:
        """Nothing is sent to `system` before `until`, by any process of this installation."""
        self._store.block_calls(system, until, why)

    def calls_by_system(self) -> dict[str, int]:
        totals: Counter[str] = Counter({QONDOR: 0, FINAGO: 0})
        for (system, _), count in self._counts.items():
            totals[system] += count
        return dict(totals)

    def calls_by_operation(self) -> dict[str, int]:
        return {f"{system} {operation}": count for (system, operation), count in sorted(self._counts.items())}

    def _wait_for_slot(self, system: str) -> None:
        if system == QONDOR:
            wait = self._store.reserve_call(
                system,
                calls_per_second=self._sync.qondor_calls_per_second,
                calls_per_hour=None,
                calls_per_day=QONDOR_CALLS_PER_DAY,
            )
        else:
            wait = self._store.reserve_call(
                system,
                calls_per_second=FINAGO_CALLS_PER_SECOND,
                calls_per_hour=self._sync.finago_calls_per_hour,
                share=self._share,
            )
        if wait > timedelta(0):
            self.sleep(wait.total_seconds())
