"""One complete record of each kind, for every room's tests; a test changes only what it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from qondor_finago_pipelines.records.addresses import PostalAddress
from qondor_finago_pipelines.records.customers_and_projects.customers import Customer
from qondor_finago_pipelines.records.customers_and_projects.projects import ProjectStatus, QondorProject
from qondor_finago_pipelines.records.identifiers import (
    ClientId,
    CustomerId,
    OfficeId,
    OrderId,
    QondorInvoiceId,
    QondorProjectId,
)
from qondor_finago_pipelines.records.invoices.invoices import (
    InvoiceLine,
    InvoiceStatus,
    InvoiceType,
    PaymentType,
    QondorInvoice,
)
from qondor_finago_pipelines.records.links import OrderLink

OSLO = OfficeId(102)

LINE = InvoiceLine(
    id=1,
    name="Conference package",
    article_number="3000",
    quantity=Decimal(25),
    in_price=Decimal("310.00"),
    out_price=Decimal("400.00"),
    vat_percentage=Decimal("25.0"),
    vat_amount=Decimal("2500.00"),
)

INVOICE = QondorInvoice(
    id=QondorInvoiceId(9001),
    office_id=OSLO,
    number="2026-0042",
    invoice_type=InvoiceType.CUSTOMER_OFFER,
    payment_type=PaymentType.INVOICE,
    status=InvoiceStatus.UNPROCESSED,
    name="Kick-off 2026, final",
    project_id=QondorProjectId(555),
    project_number="SO12345",
    project_name="Kick-off 2026",
    customer_id=CustomerId(77),
    customer_name="Nordlys AS",
    customer_external_reference="4711",
    organisation_number="912345688",
    email="faktura@nordlys.example",
    address=PostalAddress(street="Storgata 1", postal_code="0155", city="Oslo", country="NO"),
    created=datetime(2026, 11, 20, 9, 12, tzinfo=UTC),
    invoice_date=date(2026, 11, 20),
    due_date=date(2026, 12, 4),
    currency="NOK",
    currency_number=578,
    total_excluding_vat=Decimal("10000.00"),
    total_vat=Decimal("2500.00"),
    total_including_vat=Decimal("12500.00"),
    lines=(LINE,),
)

CUSTOMER = Customer(
    id=CustomerId(77),
    office_id=OSLO,
    name="Nordlys AS",
    organisation_number="912 345 688",
    external_reference="4711",
)

PROJECT = QondorProject(
    id=QondorProjectId(555),
    office_id=OSLO,
    number="SO12345",
    name="Kick-off 2026",
    status=ProjectStatus.CONFIRMED,
    customer_id=CustomerId(77),
    category="Conference",
    start_date=date(2026, 12, 1),
    end_date=date(2026, 12, 3),
)

ORDER_LINK = OrderLink(
    client_id=ClientId(1),
    office_id=OSLO,
    invoice_id=QondorInvoiceId(8001),
    order_id=OrderId(5001),
    total=Decimal("12500.00"),
    currency="NOK",
    order_date=date(2026, 11, 20),
    line_count=1,
    to_be_invoiced=False,
    exact=False,
    factored=False,
    is_card=False,
    is_credit=False,
)
"""Invoice 8001 as order 5001, just sent."""
