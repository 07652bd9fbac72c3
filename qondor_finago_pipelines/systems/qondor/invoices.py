"""Invoices on Qondor's wire: its queue, its details, and the bodies of its three write-backs (decisions 3).

The names and shapes of this page are assumed; they stand here and nowhere else.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from ...records.addresses import PostalAddress
from ...records.identifiers import CustomerId, OfficeId, OrderId, QondorInvoiceId, QondorProjectId
from ...records.invoices.invoices import (
    InvoiceLine,
    InvoiceStatus,
    InvoiceType,
    PaymentType,
    QondorInvoice,
    Queue,
    QueueEntry,
)
from .members import Members

LONGEST_ERROR_MESSAGE = 500
"""Characters that `SetAsFailed` takes."""

_INVOICE_TYPE_NAMES = {
    "offer": InvoiceType.CUSTOMER_OFFER,
    "form": InvoiceType.CUSTOMER_FORM,
    "customerofferinvoice": InvoiceType.CUSTOMER_OFFER,
    "customerforminvoice": InvoiceType.CUSTOMER_FORM,
    "bookinginvoice": InvoiceType.BOOKING,
}
_PAYMENT_TYPE_NAMES = {"card": PaymentType.CREDIT_CARD}

_NEEDED = ("invoiceType", "paymentType", "isCredit", "status", "currency", "totalInclVat", "invoiceDate")
"""What no invoice can do without. What only some need (customer, project, due date) is judged by `rules`."""

_NEEDED_ON_A_LINE = ("nameOnInvoice", "quantity", "outPriceExclVat", "vatPercentage")


def queue_of(elements: list[Any]) -> Queue:
    """Every element of GetAllUnprocessedInvoices, of all offices; those without an id are named, not guessed."""
    entries: list[QueueEntry] = []
    unreadable: list[str] = []
    for position, element in enumerate(elements):
        if not isinstance(element, dict):
            unreadable.append(f"element {position} of the queue is not an object")
            continue
        members = Members(element)
        invoice_id = members.identifier("id")
        if invoice_id is None:
            unreadable.append(f"element {position} of the queue has no readable id")
            continue
        entries.append(_entry_of(QondorInvoiceId(invoice_id), element, members))
    return Queue(entries=tuple(entries), unreadable=tuple(unreadable))


def _entry_of(invoice_id: QondorInvoiceId, element: dict[str, Any], members: Members) -> QueueEntry:
    office_id = members.identifier("officeId", needed=True)
    number = members.text("invoiceNumber")
    is_credit = members.truth("isCredit")
    created = members.instant("createdDate")
    currency = members.text("currency")
    total = members.amount("totalInclVat")
    project_id = members.identifier("projectId")
    customer_id = members.identifier("customerId")
    members.require("isCredit")
    return QueueEntry(
        id=invoice_id,
        office_id=None if office_id is None else OfficeId(office_id),
        number=number,
        is_credit=bool(is_credit),
        created=created,
        currency=currency,
        total_including_vat=total,
        project_id=None if project_id is None else QondorProjectId(project_id),
        customer_id=None if customer_id is None else CustomerId(customer_id),
        # The full form of the list needs no second call.
        detail=invoice_of(element, invoice_id) if isinstance(members.raw("invoiceLines"), list) else None,
        unreadable=tuple(members.unreadable),
    )


def invoice_of(element: dict[str, Any], asked_for: QondorInvoiceId) -> QondorInvoice:
    """The detail of one invoice; whatever in it cannot be read is None and named in `unreadable`."""
    members = Members(element)
    given_id = members.identifier("id")
    if given_id != asked_for:
        members.unreadable.append(f"id is {given_id} where {asked_for} was asked for")
    members.require(*_NEEDED)
    office_id = members.identifier("officeId", needed=True)
    project_id = members.identifier("projectId")
    customer_id = members.identifier("customerId")
    credited_id = members.identifier("creditedInvoiceId")
    return QondorInvoice(
        id=asked_for,
        office_id=None if office_id is None else OfficeId(office_id),
        number=members.text("invoiceNumber"),
        invoice_type=members.choice("invoiceType", InvoiceType, _INVOICE_TYPE_NAMES),
        payment_type=members.choice("paymentType", PaymentType, _PAYMENT_TYPE_NAMES),
        is_credit=bool(members.truth("isCredit")),
        status=members.choice("status", InvoiceStatus, {}),
        name=members.text("name"),
        project_id=None if project_id is None else QondorProjectId(project_id),
        project_number=members.text("projectNo"),
        project_name=members.text("projectName"),
        customer_id=None if customer_id is None else CustomerId(customer_id),
        customer_name=members.text("customerName"),
        customer_external_reference=members.text("customerExternalReference"),
        organisation_number=members.text("organisationNumber"),
        email=members.text("email"),
        address=_address_of(members),
        external_reference=members.text("externalReference"),
        credited_invoice_id=None if credited_id is None else QondorInvoiceId(credited_id),
        credited_invoice_external_reference=members.text("creditedInvoiceExternalReference"),
        created=members.instant("createdDate"),
        invoice_date=members.day("invoiceDate"),
        due_date=members.day("dueDate"),
        paid_date=members.day("paidDate"),
        currency=members.text("currency"),
        currency_number=members.whole("currencyCode"),
        total_excluding_vat=members.amount("totalExclVat"),
        total_vat=members.amount("totalVat"),
        total_including_vat=members.amount("totalInclVat"),
        lines=tuple(_line_of(line) for line in members.objects("invoiceLines")),
        # Read last: every member above may have added to it.
        unreadable=tuple(members.unreadable),
    )


def _address_of(members: Members) -> PostalAddress:
    streets = (members.text("address"), members.text("address2"))
    return PostalAddress(
        street=", ".join(street for street in streets if street) or None,
        postal_code=members.text("zipCode"),
        city=members.text("city"),
        country=members.text("countryCode"),
    )


def _line_of(members: Members) -> InvoiceLine:
    members.require(*_NEEDED_ON_A_LINE)
    return InvoiceLine(
        id=members.whole("id"),
        name=members.text("nameOnInvoice"),
        article_number=members.text("articleNumber"),
        quantity=members.amount("quantity"),
        in_price=members.amount("inPriceExclVat"),
        out_price=members.amount("outPriceExclVat"),
        vat_percentage=members.amount("vatPercentage"),
        vat_percentage_fee=members.amount("vatPercentageFee"),
        vat_amount=members.amount("vatAmount"),
    )


def processed_body(invoice_id: QondorInvoiceId, order_id: OrderId) -> dict[str, Any]:
    return {"invoiceId": int(invoice_id), "externalReference": str(order_id)}


def failed_body(invoice_id: QondorInvoiceId, message: str) -> dict[str, Any]:
    return {"invoiceId": int(invoice_id), "errorMessage": message[:LONGEST_ERROR_MESSAGE]}


def paid_body(invoice_id: QondorInvoiceId, day: date) -> dict[str, Any]:
    return {"invoiceId": int(invoice_id), "paidDate": day.isoformat()}
