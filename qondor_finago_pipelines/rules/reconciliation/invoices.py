"""An invoice of Qondor beside its order in Finago, and its payment: what has to be equal, and what explains that not.

The facts of Qondor's side are what the order should have; so both sides are compared fact by fact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ...records.identifiers import CompanyId, FinagoProjectId, OrderId
from ...records.invoices.invoices import InvoiceStatus, QondorInvoice
from ...records.invoices.orders import FinagoOrder
from ...records.links import OrderLink
from ...records.operations.results import RecordState
from ...records.reconciliation import MISSING_IN_FINAGO, Side, Value
from ...records.refusals import Reason
from ..invoices.payment_status import is_fully_credited
from ..invoices.totals import finago_total_agrees
from .comparison import Explain

PROCESSED = "processed"
"""The status of an invoice that stands in Finago, as both sides tell it."""

WAITS = "waits for the next run"
WAITS_FOR_CONFIRM = "waits for confirm"
ROUNDING = "rounding of an order that is neither factored nor paid by card"


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What an invoice should have in Finago, as the records of today say. None where nobody can tell."""

    company_id: CompanyId | None
    project_id: FinagoProjectId | None
    credited_order_id: OrderId | None = None
    """Of a credit note: the order of its original."""


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """What the store knows of an invoice: only to explain."""

    link: OrderLink | None = None
    state: RecordState | None = None
    reason: Reason | None = None
    credits: Sequence[FinagoOrder] = ()
    """The credit notes that Finago has for its order, by whomever."""
    last_run: datetime | None = None
    """When the last complete run of the invoice flow began."""


def is_processed(invoice: QondorInvoice) -> bool:
    """Whether Qondor says that the invoice stands in Finago."""
    return invoice.status in (InvoiceStatus.PROCESSED, InvoiceStatus.PAID)


def is_paid(invoice: QondorInvoice) -> bool:
    """Whether Qondor says that it is paid."""
    return invoice.status is InvoiceStatus.PAID


def is_failed(invoice: QondorInvoice) -> bool:
    """Final in Qondor: such an invoice is nobody's claim any more."""
    return invoice.status is InvoiceStatus.FAILED


def invoice_side(invoice: QondorInvoice, expected: Expected) -> Side:
    """What Finago should have of the invoice."""
    facts: dict[str, Value] = {
        "reference": str(invoice.id),
        "total": invoice.total_including_vat,
        "VAT": invoice.total_vat,
        "currency": (invoice.currency or "").strip().upper(),
        "date": invoice.invoice_date,
        "status": PROCESSED if is_processed(invoice) else _status_of(invoice),
    }
    if expected.company_id is not None:
        facts["customer"] = expected.company_id
    if expected.project_id is not None:
        facts["project"] = expected.project_id
    if is_processed(invoice):
        facts["external reference"] = (invoice.external_reference or "").strip() or None
    if invoice.is_credit and expected.credited_order_id is not None:
        facts["credited order"] = expected.credited_order_id
    return Side(
        id=invoice.id, facts=facts, amount=invoice.total_including_vat, currency=(invoice.currency or "").upper()
    )


def order_side(order: FinagoOrder, *, home_currency: str, is_card: bool = False) -> Side:
    """The order as it stands. One of a card payment has to be a real invoice; any other may be one."""
    total = order.total_including_vat
    half_done = is_card and total is not None and total > 0 and order.invoice_number is None
    currency = order.currency or home_currency
    facts: dict[str, Value] = {
        "reference": order.reference,
        "total": total,
        "currency": currency,
        "date": order.date_ordered,
        "status": (order.status or "") if half_done else PROCESSED,
        "customer": order.customer_id,
        "project": order.project_id,
        "external reference": str(order.id),
        "credited order": order.credited_order_id,
    }
    if order.total_vat is not None:
        # What a real Finago does not tell cannot be compared.
        facts["VAT"] = order.total_vat
    return Side(id=order.id, facts=facts, amount=total, currency=currency)


def payment_sides(invoice: QondorInvoice, order: FinagoOrder, currency: str) -> tuple[Side, Side]:
    """When it was paid, by either system; a credit note never is."""
    day: Value = (invoice.paid_date or "yes") if is_paid(invoice) else None
    ours = Side(id=invoice.id, facts={"paid": day}, amount=invoice.total_including_vat, currency=currency)
    theirs = Side(id=order.id, facts={"paid": order.paid_on}, amount=order.total_including_vat, currency=currency)
    return ours, theirs


def explained(
    invoice: QondorInvoice,
    order: FinagoOrder | None,
    remembered: Remembered,
    *,
    factored: bool,
) -> Explain:
    """What is known of the invoice that explains a difference.

    A hold explains what waits for it, which is an invoice that Qondor has as unprocessed; what both systems had and one
    lost since, it does not.
    """
    waits = why_it_waits(invoice, remembered)
    rounding = None
    if order is not None and order.total_including_vat is not None and invoice.total_including_vat is not None:
        exact = factored or invoice.is_card
        near = finago_total_agrees(
            invoice.total_including_vat, order.total_including_vat, line_count=len(invoice.lines), exact=exact
        )
        rounding = ROUNDING if near is None and not exact else None
    held_total = f"held: {remembered.reason.value}" if remembered.reason is Reason.TOTAL_DIFFERS_IN_FINAGO else None
    amounts = rounding or held_total or waits
    reasons: Mapping[str, str | None] = {
        MISSING_IN_FINAGO: waits,
        "status": waits,
        "total": amounts,
        "VAT": amounts,
        "paid": waits or _why_not_reported(invoice, order, remembered),
    }
    return reasons.get


def why_it_waits(invoice: QondorInvoice, remembered: Remembered) -> str | None:
    """Why an invoice that Qondor has as unprocessed is not settled; None for any other, and where nobody knows."""
    if invoice.status is not InvoiceStatus.UNPROCESSED:
        return None
    if remembered.state is RecordState.UNCERTAIN:
        return "uncertain"
    if remembered.state is RecordState.HELD and remembered.reason is not None:
        is_first = remembered.reason is Reason.WAITS_FOR_CONFIRM
        return WAITS_FOR_CONFIRM if is_first else f"held: {remembered.reason.value}"
    if remembered.state in (None, RecordState.NOT_REACHED):
        created, last_run = invoice.created, remembered.last_run
        if last_run is not None and created is not None and created >= last_run:
            return WAITS
    return None


def _why_not_reported(invoice: QondorInvoice, order: FinagoOrder | None, remembered: Remembered) -> str | None:
    """A payment in Finago of which Qondor does not know yet."""
    link = remembered.link
    if order is None or order.paid_on is None or is_paid(invoice) or link is None:
        return None
    if not link.is_card and is_fully_credited(order, remembered.credits):
        return "credited in full"
    # What was reported once and is not paid in Qondor was taken back there.
    return WAITS if link.payment_reported_at is None and link.acknowledged_at is not None else None


def _status_of(invoice: QondorInvoice) -> str:
    status = invoice.status
    return status.name.lower() if isinstance(status, InvoiceStatus) else str(status or "none")
