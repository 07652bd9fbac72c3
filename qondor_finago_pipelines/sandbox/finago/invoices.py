"""InvoiceService: orders, offers, invoices and credit notes (contract/finago.md 7, decisions 6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from lxml import etree

from ..money import net_and_vat, net_and_vat_included
from ..world.finago import Books, Stored
from .call import (
    ItemRefused,
    NoSuch,
    SoapCall,
    as_utc,
    check_country,
    chosen,
    fits,
    limit_lengths,
    plain,
    without_zone,
)
from .soap import RequestFailed

_LENGTHS = {
    "CustomerName": 100,
    "CustomerDeliveryName": 250,
    "CustomerDeliveryPhone": 25,
    "YourReference": 50,
    "InvoiceTitle": 300,
    "InvoiceText": 750,
    "OCR": 32,
    "CustomerOrgNo": 20,
    "ReferenceNumber": 50,
    "ProductionNumber": 20,
    "InvoiceEmailAddress": 250,
}
_READ_ONLY = frozenset({"APIException", "InvoiceRows", "InvoiceId", "OrderTotalIncVat", "OrderTotalVat", "DateChanged"})
_DAYS = ("DateOrdered", "DateInvoiced", "Paid", "DeliveryDate", "AccrualDate")
_ROWS_READ_ONLY = frozenset({"VatRate", "ProductNo", "ChangeState"})
_SHOWN = frozenset(
    {"OrderId", "CustomerId", "OrderStatus", "InvoiceId", "DateInvoiced", "IncludeVAT", "ReferenceNumber", "ProjectId"}
)
"""What a saved order shows at once; its total has to be read again (contract/finago.md 7.2)."""


def _within(name: str) -> Callable[[Stored, Any], bool]:
    return lambda order, values: order.get(name) in values


_CRITERIA: dict[str, Callable[[Stored, Any], bool]] = {
    **{f"{name}s": _within(name) for name in ("OrderId", "InvoiceId", "CustomerId")},
    "OrderStates": _within("OrderStatus"),
    "ExternalStatus": _within("ExternalStatus"),
    "ChangedAfter": lambda order, moment: order.changed > as_utc(moment),
    "RegisteredAfter": lambda order, moment: order.registered > as_utc(moment),
}


def get_invoices(call: SoapCall) -> etree._Element:
    """The orders that fit every filter; a search without one is a fault. Rows come only when asked for."""
    search = call.search("searchParams")
    properties = call.argument("invoiceReturnProperties")
    row_properties = call.argument("rowReturnProperties")
    answers = []
    for order in call.see(call.books.orders):
        if not fits(order, search, _CRITERIA):
            continue
        rows = [chosen(row, row_properties, ("RowId",)) for row in order.rows] if row_properties else None
        values = {**order.members, "DateChanged": order.changed, "PaymentAmount": None, "InvoiceRows": rows}
        answers.append(chosen(values, properties, ("OrderId",)))
    return call.answer(answers)


def get_order_sync_list(call: SoapCall) -> etree._Element:
    """The ids of orders registered, or changed, after an instant."""
    search = call.argument("syncParams")
    if not search:
        raise RequestFailed("Please specify either ChangedAfter or RegisteredAfter")
    return call.answer([order["OrderId"] for order in call.see(call.books.orders) if fits(order, search, _CRITERIA)])


def get_payment_methods(call: SoapCall) -> etree._Element:
    return call.answer(plain(call.books.payment_methods))


def save_invoices(call: SoapCall) -> etree._Element:
    """All items come back, each by itself: saved with its OrderId, or echoed with an APIException."""
    return call.save_each("invoices", _save, reference="ReferenceNumber")


def _save(call: SoapCall, item: dict[str, Any]) -> dict[str, Any]:
    """Checks the whole order as it would stand, and only then stores it: a refused item leaves no trace."""
    books = call.books
    sent = {name: value for name, value in item.items() if name not in _READ_ONLY}
    for name in _DAYS:
        if name in sent:
            sent[name] = without_zone(sent[name])
    limit_lengths(sent, _LENGTHS)
    if "InvoiceId" in item:
        raise ItemRefused("InvoiceId can not be specified.")
    existing = books.orders.get(sent.get("OrderId", 0))
    if existing is not None and existing.get("InvoiceId") is not None:
        raise ItemRefused(f"Order {existing['OrderId']} is invoiced and can not be changed.")
    payment: dict[str, Any] = {name: sent.pop(name) for name in ("Paid", "PaymentAmount") if name in sent}
    members = {**(existing.members if existing else {}), **sent}
    rows = _rows(books, existing, item.get("InvoiceRows", []))
    _check_references(call, members, sent)
    today = datetime.combine(call.world.today(), time())
    members.setdefault("DateOrdered", today)
    members.setdefault("OrderStatus", "Web")
    members.setdefault("IncludeVAT", None)
    members.setdefault("Currency", {"Symbol": books.default_currency})
    members.setdefault("CustomerName", str(books.companies[members["CustomerId"]]["Name"])[:100])
    members.update(_totals(books, members, rows))
    invoicing = members["OrderStatus"] == "Invoiced"
    if invoicing:
        _check_invoicing(books, members, rows, payment, today)

    now = call.world.now()
    number = existing["OrderId"] if existing else sent.get("OrderId") or books.next_order_id()
    members["OrderId"] = number
    for row in rows:
        row.setdefault("RowId", books.next_row_id())
    if invoicing:
        members["InvoiceId"] = books.next_invoice_number()
        members["OCR"] = f"{members['InvoiceId']:010d}"
        call.world.post_order(members, rows, call.office)
    if existing is None:
        order = books.orders[number] = Stored(members, registered=now, changed=now, rows=rows)
        call.hide_if_scripted(order)
    else:
        existing.members, existing.rows, existing.changed = members, rows, now
        order = existing
    reply = chosen(order.members, _SHOWN)
    reply["InvoiceRows"] = [chosen(row, ("ProductId", "RowId")) for row in rows]
    return reply


def _check_references(call: SoapCall, members: dict[str, Any], sent: dict[str, Any]) -> None:
    books = call.books
    if "CustomerId" not in members:
        raise ItemRefused("CustomerId is required.")
    company = books.companies.get(members["CustomerId"])
    if company is None or not company.active:
        raise NoSuch("Customer", members["CustomerId"])
    if company.get("Type") == "Supplier":
        raise ItemRefused(f"Company {members['CustomerId']} is a supplier and can not be invoiced.")
    for name, what, known in (
        ("ProjectId", "Project", {id for id, project in books.projects.items() if project.active}),
        ("DepartmentId", "Department", set(books.departments)),
        ("PaymentMethodId", "Payment method", set(books.payment_methods)),
        ("ReferenceOrderId", "Order", set(books.orders)),
        ("ReferenceInvoiceId", "Invoice", {order.get("InvoiceId") for order in books.orders.values()}),
    ):
        if name in sent and sent[name] not in known:
            raise NoSuch(what, sent[name])
    symbol = (members.get("Currency") or {}).get("Symbol")
    if symbol and symbol not in books.currencies:
        raise NoSuch("Currency", symbol)
    for address in (sent.get("Addresses") or {}).values():
        check_country(call, address.get("Country"))


def _rows(books: Books, existing: Stored | None, sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as they will stand: a new order's as sent; of an old order's, those with a ChangeState are touched.

    A row of an old order that names none of its rows is one more: what a real Finago does then is not known, and this
    is the worst of it.
    """
    rows = [dict(row) for row in existing.rows] if existing else []
    for one in sent:
        state = one.get("ChangeState", "None")
        row = {name: value for name, value in one.items() if name not in _ROWS_READ_ONLY}
        limit_lengths(row, {"Name": 300})
        if existing is None or state == "Add" or "RowId" not in row:
            row.pop("RowId", None)
            rows.append(_with_product(books, row))
        elif state in ("Edit", "Delete"):
            place = next((index for index, old in enumerate(rows) if old["RowId"] == row.get("RowId")), None)
            if place is None:
                raise NoSuch("Row", row.get("RowId"))
            if state == "Delete":
                del rows[place]
            else:
                rows[place] = _with_product(books, {**rows[place], **row})
    return rows


def _with_product(books: Books, row: dict[str, Any]) -> dict[str, Any]:
    if row.get("Type", "Normal") != "Normal":
        return row
    product = books.products.get(row.get("ProductId", 0))
    if product is None:
        raise NoSuch("Product", row.get("ProductId", "without id"))
    rate = (row.get("TaxSettings") or {}).get("TaxRate", product.get("TaxRate", Decimal(0)))
    filled = {"Price": product.get("Price", Decimal(0)), "Quantity": Decimal(1), "Name": product["Name"], **row}
    return {**filled, "VatRate": rate, "ProductNo": product.get("No", "")}


def _totals(books: Books, members: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Decimal]:
    """OrderTotalIncVat and OrderTotalVat: per row the net amount and its VAT, each to the øre (decisions 6)."""
    compute = net_and_vat_included if members.get("IncludeVAT") else net_and_vat
    net = vat = Decimal("0.00")
    for row in rows:
        if row.get("Type", "Normal") != "Normal":
            continue
        price = row["Price"] * (1 - row.get("DiscountRate", Decimal(0)) / 100)
        row_net, row_vat = compute(row["Quantity"], price, row["VatRate"])
        net, vat = net + row_net, vat + row_vat
    differing = books.differing_totals.get(str(members.get("ReferenceNumber")), Decimal("0.00"))
    return {"OrderTotalIncVat": net + vat + differing, "OrderTotalVat": vat}


def _check_invoicing(
    books: Books, members: dict[str, Any], rows: list[dict[str, Any]], payment: dict[str, Any], today: datetime
) -> None:
    """What must be right before a number is used up; fills in DateInvoiced and, for a payment in full, Paid."""
    if not rows:
        raise ItemRefused("An order without rows can not be invoiced.")
    invoiced = members.setdefault("DateInvoiced", today)
    if books.closed_until is not None and invoiced.date() <= books.closed_until:
        raise ItemRefused(
            f"DateInvoiced {invoiced.date()} lies in a closed period.",
            "Office24Seven.Library.Core.ClosedPeriodException",
        )
    amount = payment.get("PaymentAmount")
    if amount is None:
        return
    if "PaymentMethodId" not in members:
        raise ItemRefused("PaymentMethodId is required with PaymentAmount.")
    if amount == members["OrderTotalIncVat"]:
        members["Paid"] = payment.get("Paid", invoiced)
