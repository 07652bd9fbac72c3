"""What the store remembers of an invoice and its order: of one that was sent, and of one that was found."""

from __future__ import annotations

from datetime import datetime

from ...records.identifiers import ClientId, OfficeId, OrderId
from ...records.invoices.invoices import InvoiceStatus, QondorInvoice
from ...records.invoices.orders import FOR_INVOICING, FinagoOrder, Order
from ...records.links import OrderLink


def link_of(
    order: Order,
    *,
    invoice: QondorInvoice,
    order_id: OrderId,
    client_id: ClientId,
    office_id: OfficeId,
    at: datetime,
) -> OrderLink:
    """The store's link between an invoice and the order that was sent for it. `at` is UTC."""
    return OrderLink(
        client_id=client_id,
        office_id=office_id,
        invoice_id=invoice.id,
        order_id=order_id,
        total=order.total_including_vat,
        currency=order.currency.symbol,
        order_date=order.date_ordered,
        line_count=len(order.rows),
        to_be_invoiced=order.to_be_invoiced,
        exact=order.send_to_factoring or invoice.is_card or order.card_payment is not None,
        factored=order.send_to_factoring,
        is_card=invoice.is_card or order.card_payment is not None,
        is_credit=invoice.is_credit,
        credited_invoice_id=invoice.credited_invoice_id,
        linked_at=at,
    )


def link_of_processed(
    invoice: QondorInvoice, order: FinagoOrder, *, client_id: ClientId, at: datetime
) -> OrderLink | None:
    """The link of an invoice whose order was found in Finago while the store did not know it. `at` is UTC.

    What Qondor has as processed counts as acknowledged, what it has as paid as reported. How the order was sent is not
    known any more: one that waits to be invoiced is taken for the first step of ours, for factoring where it is
    neither card payment nor credit note. None when the invoice lacks office, currency, total or date.
    """
    if (
        invoice.office_id is None
        or not invoice.currency
        or invoice.total_including_vat is None
        or invoice.invoice_date is None
    ):
        return None
    is_acknowledged = invoice.status in (InvoiceStatus.PROCESSED, InvoiceStatus.PAID)
    is_paid = invoice.status == InvoiceStatus.PAID
    first_step = order.status == FOR_INVOICING and not is_acknowledged
    return OrderLink(
        client_id=client_id,
        office_id=invoice.office_id,
        invoice_id=invoice.id,
        order_id=order.id,
        total=invoice.total_including_vat,
        currency=invoice.currency,
        order_date=order.date_ordered or invoice.invoice_date,
        line_count=len(invoice.lines),
        to_be_invoiced=first_step or invoice.is_card or order.invoice_number is not None,
        exact=first_step or invoice.is_card,
        factored=first_step and not invoice.is_card and not invoice.is_credit,
        is_card=invoice.is_card,
        is_credit=invoice.is_credit,
        credited_invoice_id=invoice.credited_invoice_id,
        invoice_number=order.invoice_number,
        linked_at=at,
        acknowledged_at=at if is_acknowledged else None,
        paid_on=invoice.paid_date if is_paid else None,
        payment_reported_at=at if is_paid else None,
    )
