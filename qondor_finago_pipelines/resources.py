"""What the assets work with: the desk, where an office's flow is run, and the lane that it runs in.

The desk is opened on first use, inside the run, so that loading the definitions touches neither a system nor the
ledger. The command line puts a desk of its own in this place, to share one among all offices of a command.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import dagster as dg
from pydantic import PrivateAttr

from .flows.desk import FINAGO_RECORDS, QONDOR_COSTS, Desk
from .ledger import Ledger
from .records.identifiers import OfficeId
from .records.results import Flow, FlowResult
from .settings import ledger_url, load_settings


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

    def sync_customers_and_projects(
        self, office_id: OfficeId, *, day: date, run_id: str, trigger: str
    ) -> FlowResult:
        """Runs the customer and project flow for one office; only today can be synced."""

    def sync_costs_and_sales(
        self, office_id: OfficeId, *, first_day: date, day: date, run_id: str, trigger: str
    ) -> FlowResult:
        """Runs the cost and sale flow for one office and a range of days."""

    def deliver_alerts(self) -> int:
        """Tells people what they have not been told yet; how many messages that took."""


class DeskSource(Protocol):
    """Where the assets get their desk from."""

    def open(self) -> SyncDesk:
        """The desk of this run. Raises SettingsError where settings or environment do not allow one."""

    def lane(self, flow: Flow, office_id: OfficeId) -> str:
        """The lane that an office's runs of a flow share with every other office of its Finago client."""

    def cost_window(self, office_id: OfficeId) -> date:
        """The first day of the scheduled run of costs and sales that ends today."""


class DeskResource(dg.ConfigurableResource[Any]):
    """Opens the desk for one run and closes it at the run's end."""

    settings_file: str
    _desk: Desk | None = PrivateAttr(default=None)

    def open(self) -> SyncDesk:
        if self._desk is None:
            self._desk = Desk.open(load_settings(Path(self.settings_file)), os.environ)
        return self._desk

    def lane(self, flow: Flow, office_id: OfficeId) -> str:
        ledger = Ledger.open(ledger_url(os.environ))
        try:
            return lane(ledger, flow, office_id)
        finally:
            ledger.close()

    def cost_window(self, office_id: OfficeId) -> date:
        with Desk.open(load_settings(Path(self.settings_file)), os.environ) as desk:
            return desk.cost_window(office_id)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:  # noqa: ARG002
        if self._desk is not None:
            self._desk.close()
            self._desk = None


def lane(ledger: Ledger, flow: Flow, office_id: OfficeId) -> str:
    """What a run of a flow may not run beside: two offices of one Finago client share it (decisions 7).

    Until the first login nobody knows the client, and the office is a lane of its own.
    """
    with ledger.read() as transaction:
        client_id = transaction.clients.client_of_office(office_id)
    written = QONDOR_COSTS if flow is Flow.COSTS_AND_SALES else FINAGO_RECORDS
    return f"{client_id if client_id is not None else f'office-{office_id}'}:{written}"
