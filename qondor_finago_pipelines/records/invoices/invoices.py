"""Qondor's invoices as they come from its queue (decisions 3).

Content may be missing or odd: a member that cannot be read is None, and `unreadable` says why, so that one bad invoice
is refused by name and never stops the rest. Amounts are exact, in the invoice's `currency`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum

from ..addresses import PostalAddress
from ..identifiers import CustomerId, OfficeId, QondorInvoiceId, QondorProjectId


class InvoiceType(IntEnum):
    CUSTOMER_OFFER = 1
    CUSTOMER_FORM = 2
    BOOKING = 3


class PaymentType(IntEnum):
    INVOICE = 1
    CREDIT_CARD = 2


class InvoiceStatus(IntEnum):
    UNPROCESSED = 1
    PROCESSED = 2
    FAILED = 3
    PAID = 4


@dataclass(frozen=True, kw_only=True)
class InvoiceLine:
    """One line. Prices are per unit excluding VAT; `vat_percentage` 25 means 25 %."""

    id: int | None = None
    name: str | None = None
    article_number: str | None = None
    quantity: Decimal | None = None
    in_price: Decimal | None = None
    out_price: Decimal | None = None
    vat_percentage: Decimal | None = None
    vat_percentage_fee: Decimal | None = None
    """VAT on the margin, which Finago cannot compute for us: held."""
    vat_amount: Decimal | None = None

    @property
    def is_comment(self) -> bool:
        """0 × 0: a text between the lines, which costs nothing and has no product (decisions 6)."""
        return self.quantity == 0 and self.out_price == 0


@dataclass(frozen=True, kw_only=True)
class QondorInvoice:
    """The detail of one issued payment: invoice, card payment or credit note.

    `invoice_type`, `payment_type` and `status` are the enum where the value is known, the text of it where it is not
    (it then stops only what depends on it), and None where it is missing.
    """

    id: QondorInvoiceId
    office_id: OfficeId | None
    number: str | None = None
    invoice_type: InvoiceType | str | None = None
    payment_type: PaymentType | str | None = None
    is_credit: bool = False
    status: InvoiceStatus | str | None = None
    name: str | None = None
    project_id: QondorProjectId | None = None
    project_number: str | None = None
    project_name: str | None = None
    customer_id: CustomerId | None = None
    customer_name: str | None = None
    customer_external_reference: str | None = None
    organisation_number: str | None = None
    email: str | None = None
    address: PostalAddress = field(default=PostalAddress())
    external_reference: str | None = None
    credited_invoice_id: QondorInvoiceId | None = None
    credited_invoice_external_reference: str | None = None
    created: datetime | None = None
    invoice_date: date | None = None
    due_date: date | None = None
    paid_date: date | None = None
    currency: str | None = None
    currency_number: int | None = None
    """The numeric ISO 4217 code that Qondor sends beside `currency`: 578 for NOK."""
    total_excluding_vat: Decimal | None = None
    total_vat: Decimal | None = None
    total_including_vat: Decimal | None = None
    lines: tuple[InvoiceLine, ...] = ()
    unreadable: tuple[str, ...] = ()
    """What could not be read, in words: `invoiceLines[0].quantity is null`, say."""

    @property
    def is_card(self) -> bool:
        return self.payment_type == PaymentType.CREDIT_CARD

    @property
    def is_booking(self) -> bool:
        return self.invoice_type == InvoiceType.BOOKING


@dataclass(frozen=True, kw_only=True)
class QueueEntry:
    """One element of GetAllUnprocessedInvoices; `detail` is there when the list came in its full form."""

    id: QondorInvoiceId
    office_id: OfficeId | None
    number: str | None = None
    is_credit: bool = False
    created: datetime | None = None
    currency: str | None = None
    total_including_vat: Decimal | None = None
    project_id: QondorProjectId | None = None
    customer_id: CustomerId | None = None
    detail: QondorInvoice | None = None
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Queue:
    """One poll of the queue, all offices. `unreadable` names list elements that have not even an id."""

    entries: tuple[QueueEntry, ...]
    unreadable: tuple[str, ...] = ()
