"""What assets, schedules and sensors work with: the desk, where an office's flow is run, and the lookout for work.

Both are opened on first use, so that loading the definitions touches neither a system nor the ledger: the desk inside
a run, for that run; the lookout in the process that evaluates schedules and sensors, once for all of them. The command
line puts a desk of its own in this place, to share one among all offices of a command.
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
from .flows.operations.due_work import Lookout
from .flows.operations.heartbeat_tasks import Round, Watch
from .flows.operations.office_status import open_each_day, standing_of
from .flows.service import FINAGO_RECORDS, QONDOR_COSTS, Desk
from .records.identifiers import OfficeId
from .records.invoices.open_work import Due
from .records.operations.failures import FailedRun
from .records.operations.office_status import Verdict
from .records.operations.results import Flow, FlowResult
from .settings import ledger_url, load_settings
from .store import Ledger


class FlowOfOffice(Protocol):
    """One flow at a desk, whichever."""

    def __call__(self, office_id: OfficeId, *, day: date, run_id: str, trigger: str) -> FlowResult:
        """Runs the flow for one office and day."""


class FlowOfRange(Protocol):
    """A flow at a desk that works on a range of days."""

    def __call__(self, office_id: OfficeId, *, first_day: date, day: date, run_id: str, trigger: str) -> FlowResult:
        """Runs the flow for one office, from `first_day` to `day`."""


class SyncDesk(Protocol):
    """What the assets ask of a desk."""

    def sync_invoices(self, office_id: OfficeId, *, day: date, run_id: str, trigger: str) -> FlowResult:
        """Runs the invoice flow for one office and day."""

    def sync_customers_and_projects(self, office_id: OfficeId, *, day: date, run_id: str, trigger: str) -> FlowResult:
        """Runs the customer and project flow for one office; only today can be synced."""

    def sync_costs_and_sales(
        self, office_id: OfficeId, *, first_day: date, day: date, run_id: str, trigger: str
    ) -> FlowResult:
        """Runs the cost and sale flow for one office and a range of days."""


class DeskSource(Protocol):
    """Where the assets get their desk from, and schedules and sensors their work."""

    def open(self) -> SyncDesk:
        """The desk of this run. Raises SettingsError where settings or environment do not allow one."""

    def beside(self) -> SyncDesk:
        """One more desk of this run, once it is open, for another thread: one poll of the queue serves all of them."""

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

    def watch(self, still_at_work: StillAtWork) -> Round:
        """Tells people what they have not been told yet, and looks whether a flow has been silent for too long.

        Raises SyncError where the ledger does not answer: nobody can be told then.
        """

    def record_failure(self, failed: FailedRun) -> Collection[OfficeId]:
        """Reports a run that failed without a word of its own; gives the offices that it concerns. Raises SyncError."""

    def standing(self) -> Sequence[Verdict]:
        """How all offices stand, from the ledger alone. Raises LedgerUnavailable: nobody knows then."""

    def open_each_day(self, flow: Flow) -> Mapping[date, int]:
        """How many of the flow's records were open at the end of each of the last days, in all offices."""

    def prune(self, before: datetime) -> Mapping[str, int]:
        """Lets the ledger forget runs and alerts of before an instant that nothing depends on; how many of each."""


class DeskResource(dg.ConfigurableResource[Any]):
    """Opens the desk for one run and closes it at the run's end."""

    settings_file: str
    _desk: Desk | None = PrivateAttr(default=None)

    def open(self) -> SyncDesk:
        return self._opened()

    def beside(self) -> SyncDesk:
        return self._opened().beside()

    def _opened(self) -> Desk:
        if self._desk is None:
            self._desk = Desk.open(load_settings(Path(self.settings_file)), os.environ)
        return self._desk

    def now(self) -> datetime:
        return self._lookout().ledger.now()

    def lanes(self, flow: Flow, offices: Collection[OfficeId]) -> Mapping[OfficeId, str]:
        return lanes(self._lookout().ledger, flow, offices)

    def due_invoices(self) -> Mapping[OfficeId, Due]:
        return self._lookout().due_invoices()

    def due(self, flow: Flow, office_id: OfficeId, *, tick: datetime) -> Due:
        return self._lookout().due(flow, office_id, tick=tick)

    def _lookout(self) -> Lookout:
        return _lookout(self.settings_file, ledger_url(os.environ))

    def cost_window(self, office_id: OfficeId) -> date:
        with Desk.open(load_settings(Path(self.settings_file)), os.environ) as desk:
            return desk.cost_window(office_id)

    def watch(self, still_at_work: StillAtWork) -> Round:
        return self._watch().round(still_at_work)

    def record_failure(self, failed: FailedRun) -> Collection[OfficeId]:
        return self._watch().record_failure(failed)

    def _watch(self) -> Watch:
        return _watch(self.settings_file, ledger_url(os.environ))

    def standing(self) -> Sequence[Verdict]:
        return standing_of(load_settings(Path(self.settings_file)), self._lookout().ledger)

    def open_each_day(self, flow: Flow) -> Mapping[date, int]:
        return open_each_day(self._lookout().ledger, flow)

    def prune(self, before: datetime) -> Mapping[str, int]:
        with self._lookout().ledger.write() as transaction:
            return {"runs": transaction.pruning.runs(before), "alerts": transaction.pruning.alerts(before)}

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002
        if self._desk is not None:
            self._desk.close()
            self._desk = None


@lru_cache(maxsize=1)
def _lookout(settings_file: str, url: str) -> Lookout:
    """One for the process: Dagster makes a new resource for each tick, and all of them share a poll."""
    return Lookout(load_settings(Path(settings_file)), os.environ, Ledger.open(url))


@lru_cache(maxsize=1)
def _watch(settings_file: str, url: str) -> Watch:
    """One for the process: it remembers when it last showed that it lives."""
    return Watch(load_settings(Path(settings_file)), _lookout(settings_file, url).ledger)


def lanes(ledger: Ledger, flow: Flow, offices: Collection[OfficeId]) -> dict[OfficeId, str]:
    """What each office's runs of a flow may not run beside: two offices of one Finago client share it (decisions 7).

    Until the first login nobody knows the client, and the office is a lane of its own.
    """
    with ledger.read() as transaction:
        clients = transaction.clients.clients_of_offices(offices)
    written = QONDOR_COSTS if flow is Flow.COSTS_AND_SALES else FINAGO_RECORDS
    return {office: f"{clients.get(office, f'office-{office}')}:{written}" for office in offices}
