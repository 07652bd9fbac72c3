"""Orders in Finago: what is sent, what is read back, and the lists an order refers to (decisions 6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ..addresses import PostalAddress
from ..identifiers import CompanyId, FinagoProjectId, InvoiceNumber, OrderId, QondorInvoiceId
from ..plans import Pending

OFFER = "Offer"
FOR_INVOICING = "ForInvoicing"
INVOICED = "Invoiced"
MANUAL = "Manual"
AUTO = "Auto"


@dataclass(frozen=True, kw_only=True)
class Currency:
    """A row of GetCurrencyList: `rate` is the price of `unit` units in the client's own currency."""

    symbol: str
    rate: Decimal
    unit: int = 1


@dataclass(frozen=True, kw_only=True)
class ProductCategory:
    id: int
    number: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Product:
    """`tax_rate` is the VAT percentage; `status_id` 1 is active."""

    id: int
    number: str = ""
    name: str = ""
    category_id: int | None = None
    tax_rate: Decimal | None = None
    status_id: int | None = None
    unreadable: tuple[str, ...] = ()
    """The members that cannot be read, and why; never their values. Such a record is refused by name."""


@dataclass(frozen=True, kw_only=True)
class OrderRow:
    """One row: `price` per unit excluding VAT and never negative, the sign is the quantity's.

    Without a product it is a line of text, and its numbers are 0.
    """

    product_id: int | None
    name: str
    price: Decimal
    in_price: Decimal | None
    quantity: Decimal
    row_id: int | None = None
    """Finago's own id of a row that stands there already: with it the row is changed, without it another is added."""


@dataclass(frozen=True, kw_only=True)
class CardPayment:
    """What marks an order as paid at once: sent with the step that invoices it, never before."""

    method_id: int
    amount: Decimal
    paid_on: date


@dataclass(frozen=True, kw_only=True)
class Order:
    """A whole order as it is to stand in Finago.

    `status` is the state it is to end in: Offer, or Invoiced. What is to be Invoiced is saved as ForInvoicing first
    (decisions 6), so `systems` is told which step it sends.
    """

    reference: QondorInvoiceId
    customer_id: CompanyId | Pending
    project_id: FinagoProjectId
    department_id: int
    title: str
    text: str
    status: str
    distributor: str
    send_to_factoring: bool
    date_ordered: date
    payment_time: int | None
    currency: Currency
    total_including_vat: Decimal
    rows: tuple[OrderRow, ...]
    email: str | None = field(default=None, repr=False)
    customer_name: str | None = field(default=None, repr=False)
    """Only where the bill-to differs from the company: one person books for several."""
    invoice_address: PostalAddress | None = field(default=None, repr=False)
    card_payment: CardPayment | None = None
    credited_order_id: OrderId | None = None
    credited_invoice_number: InvoiceNumber | None = None

    @property
    def to_be_invoiced(self) -> bool:
        return self.status == INVOICED


@dataclass(frozen=True, kw_only=True)
class FinagoRow:
    """A row as Finago gives it back."""

    id: int
    product_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class FinagoOrder:
    """An order as Finago gives it back. `paid_on` None is unpaid; `invoice_number` None is not invoiced.

    `currency` is empty and `total_vat` None where Finago leaves them out, and `rows` is where nobody asked for them.
    """

    id: OrderId
    reference: str = ""
    customer_id: CompanyId | None = None
    project_id: FinagoProjectId | None = None
    status: str | None = None
    invoice_number: InvoiceNumber | None = None
    date_ordered: date | None = None
    paid_on: date | None = None
    total_including_vat: Decimal | None = None
    total_vat: Decimal | None = None
    currency: str = ""
    credited_order_id: OrderId | None = None
    credited_invoice_number: InvoiceNumber | None = None
    rows: tuple[FinagoRow, ...] = ()
    unreadable: tuple[str, ...] = ()
    """The members that cannot be read, and why; never their values. Such a record is refused by name."""


@dataclass(frozen=True, kw_only=True)
class SavedOrder:
    """One item of a SaveInvoices reply, matched by `reference` (never by position), or why it was refused."""

    reference: str | None = None
    order_id: OrderId | None = None
    invoice_number: InvoiceNumber | None = None
    refusal: str | None = None
