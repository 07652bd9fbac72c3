"""Qondor's state: JSON objects by id, exactly as the API gives them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

INVOICE_STATUS = {1: "Unprocessed", 2: "Processed", 3: "Failed", 4: "Paid"}
INVOICE_TYPE = {1: "CustomerOffer", 2: "CustomerForm", 3: "Booking"}
PAYMENT_TYPE = {1: "Invoice", 2: "CreditCard"}
PROJECT_STATUS = {1: "Pending", 2: "Confirmed", 3: "Finished", 4: "Cancelled"}


def names(text: str) -> tuple[str, ...]:
    """Names of members, written as one text."""
    return tuple(text.split())


def nulls(text: str) -> dict[str, None]:
    """Members that Qondor gives without a value."""
    return dict.fromkeys(names(text))


@dataclass
class QondorWorld:
    """Everything behind the Qondor stand-in. The objects are plain dicts: edit any member to make content wrong."""

    subscription_keys: set[str] = field(default_factory=set)
    offices: dict[int, dict[str, Any]] = field(default_factory=dict)
    customers: dict[int, dict[str, Any]] = field(default_factory=dict)
    projects: dict[int, dict[str, Any]] = field(default_factory=dict)
    invoices: dict[int, dict[str, Any]] = field(default_factory=dict)
    actuals: dict[str, dict[int, dict[str, Any]]] = field(default_factory=lambda: {"cost": {}, "sale": {}})
    """Actual costs and actual sales, each kind by id."""
    queue_in_full: bool = False
    """The queue lists whole invoices instead of summaries (decisions 3: both forms occur)."""
    queue_says: dict[int, dict[str, Any]] = field(default_factory=dict)
    """Members by invoice id that the queue shows otherwise than the invoice itself."""
    queued_twice: set[int] = field(default_factory=set)
    calls_per_second: int | None = None
    """Qondor's rate limit, 10 in truth; None: not played."""

    def keep_actual(self, kind: str, record: dict[str, Any]) -> dict[str, Any]:
        """Gives the record the next id of its kind."""
        number = max(self.actuals[kind], default=30) + 1
        self.actuals[kind][number] = {"id": number, **record}
        return self.actuals[kind][number]

    def status_of(self, invoice_id: int) -> str:
        """`Unprocessed`, `Processed`, `Failed` or `Paid`."""
        return str(self.invoices[invoice_id]["statusText"])

    def set_status(self, invoice_id: int, status: int) -> None:
        self.invoices[invoice_id].update(status=status, statusText=INVOICE_STATUS[status])
