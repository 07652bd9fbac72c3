"""The flows that there are: for each the function that does its work, what its lease guards, and its days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto

from ..records.identifiers import ClientId
from ..records.operations.results import Flow, Problem
from ..systems.finago.client import TRANSACTIONS_TIMEOUT_SECONDS
from ..tags import BY_ITSELF
from .costs_and_sales.sync import sync_costs_and_sales
from .customers_and_projects.sync import sync_customers_and_projects
from .invoices.sync import sync_invoices
from .run.office_run import OfficeRun

FINAGO_RECORDS = "finago"
QONDOR_COSTS = "qondor-costs"
"""What a lease guards: everything that is written to one Finago client, or the costs and sales that come from it."""


class Days(Enum):
    """The days that one run of a flow works for."""

    ONE = auto()
    ONLY_TODAY = auto()
    RANGE = auto()


@dataclass(frozen=True, kw_only=True)
class FlowEntry:
    """One flow."""

    work: Callable[[OfficeRun], None]
    guards: str
    days: Days
    longest_call_seconds: float = 0.0
    """Where one of its calls may take longer than `sync.call_timeout_seconds`: the lease outlasts it."""

    def refusal(self, first_day: date, day: date, *, today: date, trigger: str) -> Problem | str | None:
        """Why these days cannot be worked: a problem for a person to mend, or a text where the run is only late."""
        if day > today:
            return Problem(
                cause="settings", message=f"{day} is not here yet.", remedy="Choose today or an earlier day."
            )
        if first_day > day:
            return Problem(
                cause="settings",
                message=f"The range of days from {first_day} to {day} is empty.",
                remedy="Choose a first day that is not after the last.",
            )
        if self.days is Days.ONLY_TODAY and day < today:
            if trigger in BY_ITSELF:
                # It was asked for in time, and came late or began again after midnight.
                return f"{day} is over, and the next run sees to all that changed since the last"
            return Problem(
                cause="settings",
                message=f"Customers and projects of {day} cannot be synced: Qondor tells how they are now, not how "
                "they were on that day.",
                remedy="Run today's partition: its window holds everything that changed since the last complete run.",
            )
        return None


FLOWS = {
    Flow.INVOICES: FlowEntry(work=sync_invoices, guards=FINAGO_RECORDS, days=Days.ONE),
    Flow.CUSTOMERS_AND_PROJECTS: FlowEntry(
        work=sync_customers_and_projects, guards=FINAGO_RECORDS, days=Days.ONLY_TODAY
    ),
    Flow.COSTS_AND_SALES: FlowEntry(
        work=sync_costs_and_sales,
        guards=QONDOR_COSTS,
        days=Days.RANGE,
        longest_call_seconds=TRANSACTIONS_TIMEOUT_SECONDS,
    ),
}


def lane_of(flow: Flow, client: ClientId | str) -> str:
    """What the lease of a flow's run is for."""
    return f"{client}:{FLOWS[flow].guards}"
