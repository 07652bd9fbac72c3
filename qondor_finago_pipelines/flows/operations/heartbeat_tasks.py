"""What a running daemon does for people several times a minute: tells what is new, looks who is silent, shows life."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from logging import getLogger

from ...records.identifiers import OfficeId
from ...records.operations.failures import FailedRun
from ...rules.text import counted
from ...settings import Addresses, Settings
from ...store import Ledger
from ...systems.heartbeat import HeartbeatFailed, beat
from .alerts import StillAtWork, Told, nobody, tell
from .run_failures import record_failure
from .silence import Silence, watch

BEATS_EVERY = timedelta(minutes=1)

log = getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Round:
    """What one round came to."""

    told: Told
    silences: Sequence[Silence]

    def __str__(self) -> str:
        parts = [f"{counted(self.told.messages, 'message')} sent"]
        if self.told.left:
            parts.append(f"{self.told.left} left to the next tick, since Slack did not take them all")
        parts += [f"office {each.office} is silent in {each.flow.in_words}" for each in self.silences]
        return "; ".join(parts) + "."


class Watch:
    """One for a process; its threads may share it."""

    def __init__(self, settings: Settings, ledger: Ledger, environ: Mapping[str, str] = os.environ) -> None:
        self._settings = settings
        self._ledger = ledger
        self._environ = environ
        self._beat_at: datetime | None = None

    def round(self, still_at_work: StillAtWork = nobody) -> Round:
        """People are told, silences are found, to be told by the next round, and at last the heartbeat goes out.

        So the heartbeat vouches for the rest. Raises SyncError where ledger or addresses are out of order: then nobody
        can be told, and nothing beats.
        """
        told = tell(self._ledger, Addresses.from_environment(self._settings, self._environ), still_at_work)
        silences = watch(self._ledger, self._settings)
        self._beat()
        return Round(told=told, silences=silences)

    def record_failure(self, failed: FailedRun) -> tuple[OfficeId, ...]:
        """Reports a run that failed without a word of its own; gives the offices that it concerns."""
        return record_failure(self._ledger, failed)

    def _beat(self) -> None:
        url, now = self._settings.sync.heartbeat_url, self._ledger.now()
        if url is None or (self._beat_at is not None and now - self._beat_at < BEATS_EVERY):
            return
        self._beat_at = now
        try:
            beat(url)
        except HeartbeatFailed as failure:
            log.warning("%s", failure)
