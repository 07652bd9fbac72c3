"""Orders on Finago's wire: InvoiceService (decisions 6)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ...records.identifiers import CompanyId, FinagoProjectId, InvoiceNumber, OrderId
from ...records.invoices.orders import FOR_INVOICING, INVOICED, FinagoOrder, FinagoRow, Order, OrderRow, SavedOrder
from ...records.plans import Pending
from . import wire

RETURNED = (
    "OrderId",
    "CustomerId",
    "OrderStatus",
    "InvoiceId",
    "DateOrdered",
    "ProjectId",
    "OrderTotalIncVat",
    "Paid",
    "ReferenceNumber",
    "OrderTotalVat",
    "Currency",
    "ReferenceOrderId",
    "ReferenceInvoiceId",
)
"""Without `InvoiceRows`: no rows come back."""

WITH_ROWS = (*RETURNED, "InvoiceRows")

ROW_RETURNED = ("ProductId", "RowId")
"""The service wants a list of row properties even when no rows are asked for."""

_STATUS_WHEN_MISSING = "Web"
"""The schema's default: a member that equals it is left out of a reply."""


def orders_of(result: Any) -> list[FinagoOrder]:
    return [_order_of(item, troubles) for item, troubles in wire.with_troubles(result, WITH_ROWS)]


def order_ids_of(result: Any) -> tuple[OrderId, ...]:
    """A number that cannot be read stands as 0: an order that is listed, and cannot be shown."""
    return tuple(wire.id_or_none(number, OrderId) for number in result or ())


def saved_orders_of(result: Any, secrets: Collection[str] = ()) -> tuple[SavedOrder, ...]:
    """The items of the answer; no refusal quotes one of the `secrets`."""
    return tuple(_saved_order_of(item, secrets) for item in wire.items(result))


def first_step_members(order: Order) -> Mapping[str, Any]:
    """A new order, whole. One that is to be invoiced waits as ForInvoicing until its total has been compared.

    Nothing of a payment goes with this step: a payment belongs to an invoice, which is not there yet.
    """
    return {
        "CustomerId": _customer_id(order),
        "CustomerName": order.customer_name,
        "Addresses": None
        if order.invoice_address is None
        else {"Invoice": wire.address_members(order.invoice_address)},
        "OrderStatus": FOR_INVOICING if order.to_be_invoiced else order.status,
        "DateOrdered": wire.moment_of(order.date_ordered),
        "PaymentTime": order.payment_time,
        "ProjectId": order.project_id,
        "IncludeVAT": False,
        "OrderTotalIncVat": order.total_including_vat,
        "InvoiceTitle": order.title,
        "InvoiceText": order.text,
        "Currency": {
            "Rate": order.currency.rate,
            "Unit": order.currency.unit,
            "Symbol": order.currency.symbol,
        },
        "Distributor": order.distributor,
        "DepartmentId": order.department_id,
        "InvoiceEmailAddress": order.email,
        "InvoiceRows": {"InvoiceRow": [_row_members(row) for row in order.rows]},
        "ReferenceInvoiceId": order.credited_invoice_number,
        "ReferenceOrderId": order.credited_order_id,
        "ReferenceNumber": str(order.reference),
        "SendToFactoring": order.send_to_factoring,
    }


def second_step_members(order_id: OrderId, order: Order) -> Mapping[str, Any]:
    """The same order, whole, becomes a real invoice, dated as the order; a card payment is registered with it.

    Nobody has been seen to leave anything out here, so nobody knows what Finago would keep of it (assumption F47). Each
    row has its id in Finago, or the order would have it twice.
    """
    if any(row.row_id is None for row in order.rows):
        raise ValueError(f"the order of invoice {order.reference} is invoiced before the ids of its rows are known")
    payment = order.card_payment
    return {
        **first_step_members(order),
        "OrderId": order_id,
        "OrderStatus": INVOICED,
        "DateInvoiced": wire.moment_of(order.date_ordered),
        "Paid": None if payment is None else wire.moment_of(payment.paid_on),
        "PaymentMethodId": None if payment is None else payment.method_id,
        "PaymentAmount": None if payment is None else payment.amount,
    }


def _row_members(row: OrderRow) -> Mapping[str, Any]:
    changed = {} if row.row_id is None else {"RowId": row.row_id, "ChangeState": "Edit"}
    if row.product_id is None:
        return {"Name": row.name, "Type": "Text", **changed}
    return {
        **changed,
        "ProductId": row.product_id,
        "Price": row.price,
        "Name": row.name,
        "Quantity": row.quantity,
        "InPrice": row.in_price,
    }


def _customer_id(order: Order) -> CompanyId:
    if isinstance(order.customer_id, Pending):
        raise ValueError(f"the order of invoice {order.reference} is sent before its customer has an id")
    return order.customer_id


def _order_of(item: Any, troubles: tuple[str, ...]) -> FinagoOrder:
    return FinagoOrder(
        id=wire.id_or_none(item.OrderId, OrderId),
        reference=wire.text(item.ReferenceNumber).strip(),
        customer_id=wire.whole_as(item.CustomerId, CompanyId),
        project_id=wire.whole_as(item.ProjectId, FinagoProjectId),
        status=item.OrderStatus or _STATUS_WHEN_MISSING,
        invoice_number=wire.whole_as(item.InvoiceId, InvoiceNumber),
        date_ordered=wire.day(item.DateOrdered),
        paid_on=wire.day(item.Paid),
        total_including_vat=wire.amount(item.OrderTotalIncVat),
        total_vat=wire.amount(item.OrderTotalVat),
        currency=wire.text(item.Currency and item.Currency.Symbol).strip().upper(),
        credited_order_id=wire.whole_as(item.ReferenceOrderId, OrderId),
        credited_invoice_number=wire.whole_as(item.ReferenceInvoiceId, InvoiceNumber),
        rows=tuple(_finago_row_of(row) for row in wire.items(item.InvoiceRows and item.InvoiceRows.InvoiceRow)),
        unreadable=troubles,
    )


def _finago_row_of(row: Any) -> FinagoRow:
    return FinagoRow(id=wire.id_or_none(row.RowId, int), product_id=wire.whole(row.ProductId))


def _saved_order_of(item: Any, secrets: Collection[str]) -> SavedOrder:
    return SavedOrder(
        reference=wire.text(item.ReferenceNumber).strip() or None,
        order_id=wire.whole_as(item.OrderId, OrderId),
        invoice_number=wire.whole_as(item.InvoiceId, InvoiceNumber),
        refusal=wire.refusal(item.APIException, secrets),
    )
