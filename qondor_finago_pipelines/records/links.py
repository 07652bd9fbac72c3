"""What the store remembers about records that exist in both systems."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from .identifiers import (
    ClientId,
    CompanyId,
    FinagoProjectId,
    InvoiceNumber,
    OfficeId,
    OrderId,
    QondorInvoiceId,
    QondorProjectId,
)


class Kind(StrEnum):
    """The kinds of record that a store links, writes intents for and adopts."""

    COMPANY = "company"
    PROJECT = "project"
    ORDER = "order"
    INVOICING = "invoicing"
    """The second step of an order that becomes a real invoice."""
    COST = "cost"
    SALE = "sale"
    """Actual costs and actual sales: the two that are written to Qondor."""


class ActualKind(StrEnum):
    """Qondor keeps the two apart, each with its own ids and external references."""

    COST = "cost"
    SALE = "sale"

    @property
    def as_kind(self) -> Kind:
        """The kind of its intents and events."""
        return Kind(self.value)


WRITTEN_TO_FINAGO = frozenset({Kind.COMPANY, Kind.PROJECT, Kind.ORDER, Kind.INVOICING})
WRITTEN_TO_QONDOR = frozenset({Kind.COST, Kind.SALE})
"""What runs under the one lease of a Finago client, and what under the other (decisions 7)."""


@dataclass(frozen=True, kw_only=True)
class OrderLink:
    """A Qondor invoice and its Finago order, and how far the pair has come.

    Amounts are in `currency`. The instants are UTC; each None means "not yet". `payment_reported_at` without `paid_on`:
    credit notes settled the order, and Qondor was told nothing.
    """

    client_id: ClientId
    office_id: OfficeId
    invoice_id: QondorInvoiceId
    order_id: OrderId
    total: Decimal
    currency: str
    order_date: date
    line_count: int
    to_be_invoiced: bool
    exact: bool
    """Card payments and factored invoices: Finago's total must be exact, not only near (decisions 6)."""
    factored: bool
    is_card: bool
    is_credit: bool
    credited_invoice_id: QondorInvoiceId | None = None
    invoice_number: InvoiceNumber | None = None
    linked_at: datetime | None = None
    verified_at: datetime | None = None
    acknowledged_at: datetime | None = None
    paid_on: date | None = None
    payment_reported_at: datetime | None = None
    payment_asked_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class CompanyLink:
    """`key` is `customer:<Qondor id>` or `consumer:<hash of the e-mail address>` (rules.linking)."""

    client_id: ClientId
    key: str
    company_id: CompanyId
    office_id: OfficeId
    in_qondor_since: datetime | None = None
    """When this very link was first seen as the customer's External Reference; None: not yet."""


@dataclass(frozen=True, kw_only=True)
class ProjectLink:
    """One Qondor project's claim on a Finago project id; two claims on one id are a conflict (decisions 5)."""

    client_id: ClientId
    project_id: QondorProjectId
    finago_project_id: FinagoProjectId
    office_id: OfficeId


class IntentState(StrEnum):
    OPEN = "open"
    """Committed; the call is on its way, or the process died: as good as uncertain for whoever finds it."""
    UNCERTAIN = "uncertain"
    QUARANTINED = "quarantined"
    LANDED = "landed"
    REJECTED = "rejected"
    NOT_LANDED = "not landed"


@dataclass(frozen=True, kw_only=True)
class Intent:
    """A write, committed to the store before it is sent (decisions 7).

    `expected` holds what a look-up compares: ids, amounts and dates, never personal data.
    """

    id: int
    client_id: ClientId
    office_id: OfficeId
    kind: Kind
    key: str
    payload_hash: str
    committed_at: datetime
    state: IntentState
    expected: dict[str, str | int | None]
    lookups: int = 0
