"""An order's link as the plain values of an intent, and back: what a look-up needs after a crash (decisions 7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from ...records.identifiers import OrderId, QondorInvoiceId
from ...records.invoices.orders import FinagoOrder, Order
from ...records.links import Intent, OrderLink
from ...records.money import plain


def expected_of(link: OrderLink, order: Order) -> dict[str, str | int | None]:
    """Ids, amounts and days of an order that is about to be sent; no personal data."""
    return {
        "customer_id": order.customer_id if isinstance(order.customer_id, int) else None,
        "project_id": order.project_id,
        "total": plain(link.total),
        "currency": link.currency,
        "order_date": link.order_date.isoformat(),
        "line_count": link.line_count,
        "to_be_invoiced": int(link.to_be_invoiced),
        "exact": int(link.exact),
        "factored": int(link.factored),
        "is_card": int(link.is_card),
        "is_credit": int(link.is_credit),
        "credited_invoice_id": link.credited_invoice_id,
    }


def link_from(intent: Intent, found: FinagoOrder, at: datetime) -> OrderLink:
    """The link of an order that a look-up found for an uncertain intent."""
    expected: Mapping[str, str | int | None] = intent.expected
    credited = expected["credited_invoice_id"]
    return OrderLink(
        client_id=intent.client_id,
        office_id=intent.office_id,
        invoice_id=QondorInvoiceId(int(intent.key)),
        order_id=OrderId(found.id),
        total=Decimal(str(expected["total"])),
        currency=str(expected["currency"]),
        order_date=date.fromisoformat(str(expected["order_date"])),
        line_count=int(expected["line_count"] or 0),
        to_be_invoiced=bool(expected["to_be_invoiced"]),
        exact=bool(expected["exact"]),
        factored=bool(expected["factored"]),
        is_card=bool(expected["is_card"]),
        is_credit=bool(expected["is_credit"]),
        credited_invoice_id=None if credited is None else QondorInvoiceId(int(credited)),
        invoice_number=found.invoice_number,
        linked_at=at,
    )
