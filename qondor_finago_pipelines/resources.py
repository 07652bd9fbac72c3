"""What assets, schedules and sensors work with: the service that runs an office's flow, and the due work.

Both are opened on first use, so that loading the definitions touches neither a system nor the store: the service
inside a run, for that run; the due work in the process that evaluates schedules and sensors, once for all of them.
The command line puts a service of its own in this place, to share one among all offices of a command.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import dagster as dg
from pydantic import PrivateAttr

from .flows.operations.alerts import StillAtWork
from .flows.operations.due_work import DueWork
from .flows.operations.heartbeat_tasks import HeartbeatTasks, Round
from .flows.operations.office_status import open_each_day, status_of
from .flows.service import FINAGO_RECORDS, QONDOR_COSTS, SyncService
from .records.identifiers import OfficeId
from .records.operations.failures import FailedRun
from .records.operations.office_status import Verdict
from .records.operations.open_work import Due
from .records.operations.results import Flow, FlowResult
from .settings import load_settings, store_url
from .store import Store


class FlowOfOffice(Protocol):
    """One flow at a sync service, whichever."""

    def __call__(self, office_id: OfficeId, *, day: date, run_id: str, trigger: str) -> FlowResult:
        """Runs the flow for one office and day."""


class FlowOfRange(Protocol):
    """A flow at a sync service that works on a range of days."""

    def __call__(self, office_id: OfficeId, *, first_day: date, day: date, run_id: str, trigger: str) -> FlowResult:
        """Runs the flow for one office, from `first_day` to `day`."""


class RunsFlows(Protocol):
    """What the assets ask of a sync service."""

    def sync_invoices(self, office_id: OfficeId, *, day: date, run_id: str, trigger: str) -> FlowResult:
        """Runs the invoice flow for one office and day."""

    def sync_customers_and_projects(self, office_id: OfficeId, *, day: date, run_id: str, trigger: str) -> FlowResult:
        """Runs the customer and project flow for one office; only today can be synced."""

    def sync_costs_and_sales(
        self, office_id: OfficeId, *, first_day: date, day: date, run_id: str, trigger: str
    ) -> FlowResult:
        """Runs the cost and sale flow for one office and a range of days."""


class SyncSource(Protocol):
    """Where the assets get their sync service from, and schedules and sensors their work."""

    def open(self) -> RunsFlows:
        """The sync service of this run. Raises SettingsError where settings or environment do not allow one."""

    def with_own_connection(self) -> RunsFlows:
        """One more service of this run, once it is open, for another thread: one poll of the queue serves them all."""

    def now(self) -> datetime:
        """The time, by the clock that everything goes by."""

    def lanes(self, flow: Flow, offices: Collection[OfficeId]) -> Mapping[OfficeId, str]:
        """The lane that an office's runs of the flow share with every other office of its Finago client."""

    def due_invoices(self) -> Mapping[OfficeId, Due]:
        """Whether the invoice flow is due, for every office where it runs by itself, after one poll of the queue.

        Raises SyncError where the queue could not be polled: nobody knows then what is due.
        """

    def due(self, flow: Flow, office_id: OfficeId, *, tick: datetime) -> Due:
        """Whether the flow is due for one office at a tick of its schedule."""

    def cost_window(self, office_id: OfficeId) -> date:
        """The first day of the scheduled run of costs and sales that ends today."""

    def heartbeat(self, still_at_work: StillAtWork) -> Round:
        """Tells people what they have not been told yet, and looks whether a flow has been silent for too long.

        Raises SyncError where the store does not answer: nobody can be told then.
        """

    def record_failure(self, failed: FailedRun) -> Collection[OfficeId]:
        """Reports a run that failed without a word of its own; gives the offices that it concerns. Raises SyncError."""

    def office_status(self) -> Sequence[Verdict]:
        """How all offices stand, from the store alone. Raises StoreUnavailable: nobody knows then."""

    def open_each_day(self, flow: Flow) -> Mapping[date, int]:
        """How many of the flow's records were open at the end of each of the last days, in all offices."""

    def prune(self, before: datetime) -> Mapping[str, int]:
        """Lets the store forget runs and alerts of before an instant that nothing depends on; how many of each."""


class SyncResource(dg.ConfigurableResource[Any]):
    """Opens the sync service for one run and closes it at the run's end."""

    settings_file: str
    _sync: SyncService | None = PrivateAttr(default=None)

    def open(self) -> RunsFlows:
        return self._opened()

    def with_own_connection(self) -> RunsFlows:
        return self._opened().with_own_connection()

    def _opened(self) -> SyncService:
        if self._sync is None:
            self._sync = SyncService.open(load_settings(Path(self.settings_file)), os.environ)
        return self._sync

    def now(self) -> datetime:
        return self._due_work().store.now()

    def lanes(self, flow: Flow, offices: Collection[OfficeId]) -> Mapping[OfficeId, str]:
        return lanes(self._due_work().store, flow, offices)

    def due_invoices(self) -> Mapping[OfficeId, Due]:
        return self._due_work().due_invoices()

    def due(self, flow: Flow, office_id: OfficeId, *, tick: datetime) -> Due:
        return self._due_work().due(flow, office_id, tick=tick)

    def _due_work(self) -> DueWork:
        return _due_work(self.settings_file, store_url(os.environ))

    def cost_window(self, office_id: OfficeId) -> date:
        with SyncService.open(load_settings(Path(self.settings_file)), os.environ) as sync:
            return sync.cost_window(office_id)

    def heartbeat(self, still_at_work: StillAtWork) -> Round:
        return self._heartbeat_tasks().round(still_at_work)

    def record_failure(self, failed: FailedRun) -> Collection[OfficeId]:
        return self._heartbeat_tasks().record_failure(failed)

    def _heartbeat_tasks(self) -> HeartbeatTasks:
        return _heartbeat_tasks(self.settings_file, store_url(os.environ))

    def office_status(self) -> Sequence[Verdict]:
        return status_of(load_settings(Path(self.settings_file)), self._due_work().store)

    def open_each_day(self, flow: Flow) -> Mapping[date, int]:
        return open_each_day(self._due_work().store, flow)

    def prune(self, before: datetime) -> Mapping[str, int]:
        with self._due_work().store.write() as transaction:
            return {"runs": transaction.pruning.runs(before), "alerts": transaction.pruning.alerts(before)}

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002
        if self._sync is not None:
            self._sync.close()
            self._sync = None


@lru_cache(maxsize=1)
def _due_work(settings_file: str, url: str) -> DueWork:
    """One for the process: Dagster makes a new resource for each tick, and all of them share a poll."""
    return DueWork(load_settings(Path(settings_file)), os.environ, Store.open(url))


@lru_cache(maxsize=1)
def _heartbeat_tasks(settings_file: str, url: str) -> HeartbeatTasks:
    """One for the process: it remembers when it last showed that it lives."""
    return HeartbeatTasks(load_settings(Path(settings_file)), _due_work(settings_file, url).store)


def lanes(store: Store, flow: Flow, offices: Collection[OfficeId]) -> dict[OfficeId, str]:
    """What each office's runs of a flow may not run beside: two offices of one Finago client share it (decisions 7).

    Until the first login nobody knows the client, and the office is a lane of its own.
    """
    with store.read() as transaction:
        clients = transaction.clients.clients_of_offices(offices)
    written = QONDOR_COSTS if flow is Flow.COSTS_AND_SALES else FINAGO_RECORDS
    return {office: f"{clients.get(office, f'office-{office}')}:{written}" for office in offices}
