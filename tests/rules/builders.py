"""One complete record of each kind; a test changes only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from qondor_finago_pipelines.records.customers_and_projects.customers import BUSINESS, Company, Customer
from qondor_finago_pipelines.records.identifiers import (
    CompanyId,
    FinagoProjectId,
    OfficeId,
    OrderId,
    QondorInvoiceId,
)
from qondor_finago_pipelines.records.invoices.invoices import (
    InvoiceLine,
    InvoiceType,
    PaymentType,
    QondorInvoice,
)
from qondor_finago_pipelines.records.invoices.orders import Currency, FinagoOrder, Product, ProductCategory
from qondor_finago_pipelines.records.links import OrderLink
from qondor_finago_pipelines.rules.invoices.orders import OrderDecision, OrderOptions, order_for
from qondor_finago_pipelines.rules.invoices.products import Catalogue
from tests.builders import CUSTOMER, INVOICE, LINE, ORDER_LINK

OSLO = OfficeId(102)
BERGEN = OfficeId(205)

CREDIT_LINE = replace(LINE, quantity=Decimal(-25), vat_amount=Decimal("-2500.00"))

CATALOGUE = Catalogue(
    categories=(ProductCategory(id=3, number="3000", name="Packages"), ProductCategory(id=9, number="M", name="Misc")),
    products={
        3: (
            Product(id=31, number="P-31", tax_rate=Decimal(25), status_id=1),
            Product(id=32, number="P-32", tax_rate=Decimal(12), status_id=1),
        ),
        9: (Product(id=91, number="M-91", tax_rate=Decimal(0), status_id=1),),
    },
    misc_product=Product(id=900, number="MISC", tax_rate=Decimal(25), status_id=1),
    misc_category_id=9,
)

CURRENCIES = (Currency(symbol="NOK", rate=Decimal(1), unit=1), Currency(symbol="SEK", rate=Decimal("98.5"), unit=100))

OPTIONS = OrderOptions(department_id=3, online_payment_method_id=7, send_to_factoring_directly=False)


def invoice(**changes: Any) -> QondorInvoice:
    """A customer offer invoice of one line, 12500.00 NOK, with changes."""
    return replace(INVOICE, **changes)


def card_payment(**changes: Any) -> QondorInvoice:
    return replace(INVOICE, **{"payment_type": PaymentType.CREDIT_CARD, **changes})


def credit_note(**changes: Any) -> QondorInvoice:
    """A credit note over the whole of invoice 8001, which is order 5001 in Finago."""
    whole: dict[str, Any] = {
        "is_credit": True,
        "lines": (CREDIT_LINE,),
        "total_excluding_vat": Decimal("-10000.00"),
        "total_vat": Decimal("-2500.00"),
        "total_including_vat": Decimal("-12500.00"),
        "credited_invoice_id": QondorInvoiceId(8001),
        "credited_invoice_external_reference": "5001",
    }
    return replace(INVOICE, **{**whole, **changes})


def booking(**changes: Any) -> QondorInvoice:
    """A booking invoice: no customer, the booker's own name, e-mail and address."""
    booker: dict[str, Any] = {
        "invoice_type": InvoiceType.BOOKING,
        "customer_id": None,
        "customer_external_reference": None,
        "organisation_number": None,
        "customer_name": "Kari Anne Nordmann",
        "email": "Kari@Example.no",
    }
    return replace(INVOICE, **{**booker, **changes})


def line(**changes: Any) -> InvoiceLine:
    """25 × 400.00 at 25 % VAT, with changes."""
    return replace(LINE, **changes)


def of_lines(total: str | Decimal, *lines: InvoiceLine) -> QondorInvoice:
    """An invoice of the given lines and total."""
    return invoice(lines=lines, total_including_vat=Decimal(total), total_excluding_vat=None, total_vat=None)


def customer(**changes: Any) -> Customer:
    return replace(CUSTOMER, **changes)


def company(**changes: Any) -> Company:
    nordlys = Company(
        id=CompanyId(4711),
        name="Nordlys AS",
        type=BUSINESS,
        external_id="77",
        organisation_number="912345688",
    )
    return replace(nordlys, **changes)


def order_link(**changes: Any) -> OrderLink:
    """Invoice 8001 as order 5001: compared, invoiced as 10007, acknowledged, not paid."""
    at = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
    return replace(ORDER_LINK, **{"linked_at": at, "verified_at": at, "acknowledged_at": at, **changes})


def finago_order(**changes: Any) -> FinagoOrder:
    """Order 5001 of invoice 8001, as Finago gives it back."""
    order = FinagoOrder(
        id=OrderId(5001),
        reference="8001",
        customer_id=CompanyId(4711),
        project_id=FinagoProjectId(12345),
        status="Offer",
        date_ordered=date(2026, 11, 20),
        total_including_vat=Decimal("12500.00"),
        currency="NOK",
    )
    return replace(order, **changes)


def decide(detail: QondorInvoice, **changes: Any) -> OrderDecision:
    """The decision on an invoice's order, in the usual office."""
    arguments: dict[str, Any] = {
        "customer_id": CompanyId(4711),
        "project_id": FinagoProjectId(12345),
        "options": OPTIONS,
        "catalogue": CATALOGUE,
        "currencies": CURRENCIES,
        "original": None,
        "other_bill_to": False,
    }
    return order_for(detail, **{**arguments, **changes})
