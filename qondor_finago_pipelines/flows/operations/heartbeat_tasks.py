"""What a running daemon does for people several times a minute: tells what is new, looks who is silent, shows life."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from logging import getLogger

from ...rules.text import counted
from ...settings import Addresses, Settings
from ...store import Store
from ...systems.heartbeat import HeartbeatFailed, beat
from .alerts import Delivered, StillAtWork, deliver, nobody
from .older_store import tell_if_older
from .silence import Silence, update_silences

BEATS_EVERY = timedelta(minutes=1)

log = getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Round:
    """What one round came to."""

    delivered: Delivered
    silences: Sequence[Silence]

    def __str__(self) -> str:
        parts = [f"{counted(self.delivered.messages, 'message')} sent"]
        if self.delivered.left:
            parts.append(f"{self.delivered.left} left to the next tick, since Slack did not take them all")
        parts += [f"office {each.office} is silent in {each.flow.in_words}" for each in self.silences]
        return "; ".join(parts) + "."


class HeartbeatTasks:
    """One for a process; its threads may share it."""

    def __init__(self, settings: Settings, store: Store, environ: Mapping[str, str] = os.environ) -> None:
        self._settings = settings
        self._store = store
        self._environ = environ
        self._beat_at: datetime | None = None
        self._has_compared = False

    def round(
        self, still_at_work: StillAtWork = nobody, newest_run: Callable[[], datetime | None] = lambda: None
    ) -> Round:
        """Alerts are delivered, silences are found, for the next round to deliver, and at last the heartbeat goes out.

        So the heartbeat vouches for the rest. In the first round of a process the store's age is compared with that of
        the newest run. Raises SyncError where store or addresses are out of order: then nobody can be delivered, and
        nothing beats.
        """
        if not self._has_compared:
            tell_if_older(self._store, self._settings, newest_run())
            self._has_compared = True
        delivered = deliver(self._store, Addresses.from_environment(self._settings, self._environ), still_at_work)
        silences = update_silences(self._store, self._settings)
        self._beat()
        return Round(delivered=delivered, silences=silences)

    def _beat(self) -> None:
        url, now = self._settings.sync.heartbeat_url, self._store.now()
        if url is None or (self._beat_at is not None and now - self._beat_at < BEATS_EVERY):
            return
        self._beat_at = now
        try:
            beat(url)
        except HeartbeatFailed as failure:
            log.warning("%s", failure)
