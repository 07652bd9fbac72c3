"""Which offices have work: asked again and again by the sensor and the schedules, in one process that lives long.

Nobody logs in to Finago here, and Qondor is asked for the queue alone: once in `poll_seconds` by the sensor, whose
answer serves the schedules of all offices. `rules.due` decides; the store is read after the poll, so that what was
settled meanwhile is known as settled.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from ...records.days import oslo_day
from ...records.errors import SyncError
from ...records.identifiers import OfficeId
from ...records.invoices.invoices import Queue, QueueEntry
from ...records.operations.open_work import Due
from ...records.operations.results import Flow
from ...rules.operations.due import due_by_the_clock, due_invoices
from ...settings import Addresses, OfficeSettings, Settings, scheduled_turns
from ...store import Store
from ...systems.qondor import QondorClient
from ..run.metering import Meter

LONGEST_POLL_SECONDS = 15.0
"""A tick of a sensor has a minute in all. A poll that takes longer is given up, and the next tick tries again."""

TURNS_LEFT_TO_THE_SENSOR = 2
"""What comes round by the clock, a schedule leaves to the sensor for so many polls: it works many offices at once."""


def why_switched_off(office: OfficeSettings, flow: Flow) -> str | None:
    """Why no run of the flow may be, where the settings say so."""
    if office.does(flow):
        return None
    return "the office is closed" if office.closed else "the flow is disabled in the settings"


class DueWork:
    """What there is to do. Threads may share one."""

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        store: Store,
        *,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.store = store
        self._settings = settings
        self._environ = environ
        self._pause = pause
        self._polling = threading.Lock()
        self._polled_at: datetime | None = None
        self._queue: Queue | SyncError = Queue(entries=())

    def due_invoices(self) -> dict[OfficeId, Due]:
        """Every office whose invoice flow runs by itself, after a fresh poll. Raises SyncError where that failed."""
        offices = [office for office in self._settings.offices if office.does(Flow.INVOICES)]
        if not offices:
            return {}
        # Half a turn: two sensors that run at once do not poll twice as often.
        queue = self._poll(self._every_poll / 2)
        if isinstance(queue, SyncError):
            raise queue
        return self._due_invoices(offices, queue, self.store.now())

    def due(self, flow: Flow, office_id: OfficeId, *, tick: datetime) -> Due:
        """Whether an office's flow is due at a tick of its schedule, the safety net below the sensor.

        A queue that could not be polled counts as work: the run tries again, and tells people when it fails.
        """
        office = self._settings.office(office_id)
        if off := why_switched_off(office, flow):
            return Due(reason=off)
        if flow is not Flow.INVOICES:
            with self.store.read() as transaction:
                complete = transaction.open_work.last_complete([office_id], flow.value, oslo_day(tick))
            return due_by_the_clock(complete.get(office_id), tick=tick)
        queue = self._poll(self._every_poll)
        before = self.store.now() - TURNS_LEFT_TO_THE_SENSOR * self._every_poll
        return self._due_invoices([office], queue, before)[office_id]

    def next_runs(self, flow: Flow) -> dict[OfficeId, datetime | None]:
        """When each office's flow runs by itself next, by what the store knows: now, where something is due already.

        None where none will. Nothing is asked of Qondor: what was issued since may make it earlier.
        """
        now = self.store.now()
        at_work = [office for office in self._settings.offices if office.does(flow)]
        found: dict[OfficeId, datetime | None] = {office.id: None for office in self._settings.offices}
        if flow is Flow.INVOICES:
            due = self._due_invoices(at_work, Queue(entries=()), now)
            return found | {office: now if each else each.next_at for office, each in due.items()}
        return found | {office.id: next(scheduled_turns(office.schedule(flow), now)) for office in at_work}

    def _due_invoices(
        self, offices: Collection[OfficeSettings], queue: Queue | SyncError, now: datetime
    ) -> dict[OfficeId, Due]:
        sync = self._settings.sync
        entries: dict[OfficeId, list[QueueEntry]] = defaultdict(list)
        if isinstance(queue, Queue):
            for entry in queue.entries:
                if entry.office_id is not None:
                    entries[entry.office_id].append(entry)
        queued = {office.id: [entry.id for entry in entries[office.id]] for office in offices}
        with self.store.read() as transaction:
            open_work = transaction.open_work.of_invoices(queued, day=oslo_day(now))
        return {
            office.id: due_invoices(
                open_work[office.id],
                entries[office.id] if isinstance(queue, Queue) else None,
                now=now,
                days_backwards=office.invoices.days_backwards,
                payments_every=timedelta(minutes=sync.payments_every_minutes),
                quiet_period=timedelta(seconds=sync.quiet_period_seconds),
                fail_after=timedelta(hours=office.invoices.fail_in_qondor_after_hours),
            )
            for office in offices
        }

    @property
    def _every_poll(self) -> timedelta:
        return timedelta(seconds=self._settings.sync.poll_seconds)

    def _poll(self, oldest: timedelta) -> Queue | SyncError:
        """The queue, or why it could not be read, at most `oldest` ago: a failure is shared as an answer is."""
        with self._polling:
            now = self.store.now()
            if self._polled_at is None or now - self._polled_at >= oldest:
                try:
                    self._queue = self._qondor().unprocessed_invoices()
                except SyncError as error:
                    self._queue = error
                self._polled_at = now
            return self._queue

    def _qondor(self) -> QondorClient:
        addresses = Addresses.from_environment(self._settings, self._environ)
        return QondorClient(
            addresses.qondor_base_url,
            addresses.qondor_subscription_key(self._environ),
            gate=Meter(self.store, self._settings.sync, sleep=self._pause),
            timeout_seconds=min(LONGEST_POLL_SECONDS, self._settings.sync.call_timeout_seconds),
            # The next tick is the next try.
            read_tries=1,
            pause=self._pause,
            clock=self.store.now,
        )
