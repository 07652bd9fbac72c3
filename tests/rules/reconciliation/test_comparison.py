"""Whatever field of a record differs on one side is a difference; what is summed and hashed is what is there."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from qondor_finago_pipelines.records.costs_and_sales.actuals import Actual, ActualKind, ActualReference, StoredActual
from qondor_finago_pipelines.records.costs_and_sales.vouchers import VoucherKey
from qondor_finago_pipelines.records.identifiers import (
    CompanyId,
    FinagoProjectId,
    InvoiceNumber,
    OfficeId,
    OrderId,
    QondorInvoiceId,
    QondorProjectId,
)
from qondor_finago_pipelines.records.invoices.invoices import InvoiceStatus, QondorInvoice
from qondor_finago_pipelines.records.invoices.orders import FinagoOrder
from qondor_finago_pipelines.records.reconciliation import Compared, Side
from qondor_finago_pipelines.rules.reconciliation.comparison import Comparison
from qondor_finago_pipelines.rules.reconciliation.costs_and_sales import stored_side, wanted_side
from qondor_finago_pipelines.rules.reconciliation.invoices import Expected, invoice_side, order_side, payment_sides

OSLO = OfficeId(102)
DAY = date(2026, 11, 19)

INVOICE = QondorInvoice(
    id=QondorInvoiceId(9001),
    office_id=OSLO,
    status=InvoiceStatus.PAID,
    is_credit=True,
    external_reference="5001",
    invoice_date=DAY,
    paid_date=DAY,
    currency="NOK",
    total_vat=Decimal("25.00"),
    total_including_vat=Decimal("125.00"),
)
EXPECTED = Expected(company_id=CompanyId(4711), project_id=FinagoProjectId(12345), credited_order_id=OrderId(5000))
ORDER = FinagoOrder(
    id=OrderId(5001),
    reference="9001",
    customer_id=CompanyId(4711),
    project_id=FinagoProjectId(12345),
    status="Invoiced",
    invoice_number=InvoiceNumber(10001),
    date_ordered=DAY,
    paid_on=DAY,
    total_including_vat=Decimal("125.00"),
    total_vat=Decimal("25.00"),
    currency="NOK",
    credited_order_id=OrderId(5000),
)
ACTUAL = Actual(
    project_id=QondorProjectId(555),
    party_name="Grand Hotel AS",
    transaction_reference="F-1",
    description="Rooms",
    invoice_date=DAY,
    due_date=DAY,
    amount_excluding_vat=Decimal("100.00"),
    vat=Decimal("25.00"),
    is_paid=True,
    paid_date=DAY,
    currency="NOK",
)
REFERENCE = ActualReference(
    kind=ActualKind.COST,
    office_id=OSLO,
    voucher=VoucherKey(2026, 3, 20418),
    finago_project_id=FinagoProjectId(12345),
)


def compared(
    invoice: QondorInvoice = INVOICE,
    order: FinagoOrder = ORDER,
    wanted: Actual = ACTUAL,
    stored: Actual = ACTUAL,
) -> Comparison:
    comparison = Comparison(OSLO)
    comparison.pair(
        Compared.INVOICE,
        invoice_side(invoice, EXPECTED),
        order_side(order, home_currency="NOK", is_card=True),
    )
    comparison.pair(Compared.PAYMENT, *payment_sides(invoice, order, "NOK"))
    held = StoredActual(id=31, external_reference=str(REFERENCE), project_id=stored.project_id, actual=stored)
    comparison.pair(Compared.COST, stored_side(held), wanted_side(REFERENCE, wanted))
    return comparison


def test_equal_records_have_no_difference() -> None:
    assert compared().differences == []


def changes_of_invoice() -> list[tuple[dict[str, Any], set[str]]]:
    return [
        ({"total_including_vat": Decimal("125.01")}, {"total"}),
        ({"total_vat": Decimal("25.01")}, {"VAT"}),
        ({"currency": "EUR"}, {"currency"}),
        ({"invoice_date": date(2026, 11, 20)}, {"date"}),
        ({"external_reference": "5002"}, {"external reference"}),
        ({"external_reference": None}, {"external reference"}),
        ({"status": InvoiceStatus.PROCESSED}, {"paid"}),
        ({"status": InvoiceStatus.FAILED}, {"status", "paid"}),
        ({"status": "Unheard of"}, {"status", "paid"}),
        ({"paid_date": date(2026, 11, 20)}, {"paid"}),
        ({"id": QondorInvoiceId(9002)}, {"reference"}),
    ]


@pytest.mark.parametrize(("change", "fields"), changes_of_invoice())
def test_each_field_of_an_invoice_is_compared(change: dict[str, Any], fields: set[str]) -> None:
    changed = compared(invoice=replace(INVOICE, **change))
    assert {each.field for each in changed.differences} == fields
    assert changed.digest() != compared().digest()


def changes_of_order() -> list[tuple[dict[str, Any], set[str]]]:
    return [
        ({"id": OrderId(5002)}, {"external reference"}),
        ({"reference": ""}, {"reference"}),
        ({"customer_id": CompanyId(4712)}, {"customer"}),
        ({"customer_id": None}, {"customer"}),
        ({"project_id": None}, {"project"}),
        ({"status": "ForInvoicing", "invoice_number": None}, {"status"}),
        ({"date_ordered": None}, {"date"}),
        ({"paid_on": None}, {"paid"}),
        ({"total_including_vat": Decimal("124.99")}, {"total"}),
        ({"total_including_vat": None}, {"total"}),
        ({"total_vat": Decimal("24.99")}, {"VAT"}),
        ({"currency": "SEK"}, {"currency"}),
        ({"credited_order_id": None}, {"credited order"}),
    ]


@pytest.mark.parametrize(("change", "fields"), changes_of_order())
def test_each_field_of_an_order_is_compared(change: dict[str, Any], fields: set[str]) -> None:
    changed = compared(order=replace(ORDER, **change))
    assert {each.field for each in changed.differences} == fields
    assert changed.digest() != compared().digest()


def changes_of_actual() -> list[tuple[dict[str, Any], set[str]]]:
    return [
        ({"project_id": QondorProjectId(556)}, {"project"}),
        ({"party_name": "Kari"}, {"name"}),
        ({"transaction_reference": "F-2"}, {"transaction reference"}),
        ({"description": "Other rooms"}, {"description"}),
        ({"invoice_date": date(2026, 11, 20)}, {"invoice date"}),
        ({"due_date": None}, {"due date"}),
        ({"amount_excluding_vat": Decimal("100.01")}, {"amount excl. VAT", "amount incl. VAT"}),
        ({"vat": Decimal("24.99")}, {"VAT", "amount incl. VAT"}),
        ({"amount_excluding_vat": Decimal("99.00"), "vat": Decimal("26.00")}, {"amount excl. VAT", "VAT"}),
        ({"is_paid": False}, {"paid"}),
        ({"paid_date": None}, {"paid date"}),
        ({"currency": "EUR"}, {"currency"}),
    ]


def test_no_field_of_a_cost_is_forgotten() -> None:
    names = set(itertools.chain.from_iterable(change for change, _ in changes_of_actual()))
    assert names == set(vars(ACTUAL))


@pytest.mark.parametrize(("change", "fields"), changes_of_actual())
@pytest.mark.parametrize("changes_wanted", [True, False])
def test_each_field_of_a_cost_is_compared_on_either_side(
    changes_wanted: bool, change: dict[str, Any], fields: set[str]
) -> None:
    other = replace(ACTUAL, **change)
    changed = compared(wanted=other) if changes_wanted else compared(stored=other)
    assert {each.field for each in changed.differences} == fields
    assert changed.digest() != compared().digest()
    assert "Kari" not in str([each.as_json() for each in changed.differences])


def test_a_difference_of_amounts_is_finago_minus_qondor() -> None:
    [total] = compared(order=replace(ORDER, total_including_vat=Decimal("124.50"))).differences
    assert total.as_json() == {
        "office": 102,
        "kind": "invoice",
        "qondor": 9001,
        "finago": 5001,
        "field": "total",
        "qondor_value": "125.00",
        "finago_value": "124.50",
        "difference": "-0.50",
        "explained": None,
        "currency": "NOK",
    }


def side(number: int, amount: str, currency: str = "NOK") -> Side:
    return Side(id=number, facts={"total": Decimal(amount)}, amount=Decimal(amount), currency=currency)


LACKS: list[tuple[Callable[[Comparison], None], str, str]] = [
    (lambda each: each.only_in_qondor(Compared.INVOICE, side(1, "10.00")), "missing in finago", "-10.00"),
    (lambda each: each.only_in_finago(Compared.INVOICE, side(1, "10.00")), "missing in qondor", "10.00"),
    (lambda each: each.again_in_finago(Compared.INVOICE, side(1, "9"), side(2, "10")), "twice in finago", "10.00"),
    (lambda each: each.again_in_qondor(Compared.INVOICE, side(1, "9"), side(2, "10")), "twice in qondor", "-9.00"),
]


@pytest.mark.parametrize(("lack", "field", "worth"), LACKS, ids=[field for _, field, _ in LACKS])
def test_a_record_that_is_missing_or_doubled_is_worth_all_of_it(
    lack: Callable[[Comparison], None], field: str, worth: str
) -> None:
    comparison = Comparison(OSLO)
    lack(comparison)
    [found] = comparison.differences
    assert (found.field, found.as_json()["difference"]) == (field, worth)
    totals = comparison.totals()[Compared.INVOICE]["NOK"]
    assert totals.finago - totals.qondor == Decimal(worth)


def test_currencies_are_never_added_to_each_other() -> None:
    comparison = Comparison(OSLO)
    for number, currency in enumerate(("NOK", "EUR", "NOK")):
        comparison.pair(Compared.INVOICE, side(number, "10.00", currency), side(number, "10.00", currency))
    assert {currency: each.qondor for currency, each in comparison.totals()[Compared.INVOICE].items()} == {
        "EUR": Decimal(10),
        "NOK": Decimal(20),
    }


def test_the_digest_depends_on_content_alone() -> None:
    digests = set()
    for order in itertools.permutations((1, 2, 3)):
        comparison = Comparison(OSLO)
        for number in order:
            comparison.pair(Compared.INVOICE, side(number, "10.0"), side(number, "10.00"))
        assert comparison.differences == []
        digests.add(comparison.digest())
    assert len(digests) == 1
