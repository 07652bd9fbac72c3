"""Every row of the article's table of invoice line fields."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qondor_finago_pipelines.records.identifiers import CompanyId, FinagoProjectId, QondorInvoiceId
from qondor_finago_pipelines.records.invoices.invoices import InvoiceLine, InvoiceType, PaymentType, QondorInvoice
from qondor_finago_pipelines.records.invoices.orders import Currency, OrderRow, Product
from qondor_finago_pipelines.records.money import rounded
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.rules.invoices.orders import OrderDecision, OrderOptions, order_for
from qondor_finago_pipelines.rules.invoices.products import Catalogue
from qondor_finago_pipelines.rules.invoices.totals import computed_total
from tests.rules.builders import credit_note, decide, invoice, line, of_lines


def rows_of(decision: OrderDecision) -> tuple[OrderRow, ...]:
    assert decision.refusal is None, decision.refusal
    assert decision.order is not None
    return decision.order.rows


def only_row(decision: OrderDecision) -> OrderRow:
    (row,) = rows_of(decision)
    return row


def test_name_on_invoice_becomes_name() -> None:
    assert only_row(decide(invoice())).name == "Conference package"


def test_article_number_becomes_product_id_through_its_category() -> None:
    assert only_row(decide(invoice())).product_id == 31


def test_out_price_ex_vat_becomes_price() -> None:
    assert only_row(decide(invoice())).price == Decimal("400.00")


def test_in_price_ex_vat_becomes_in_price() -> None:
    assert only_row(decide(invoice())).in_price == Decimal("310.00")
    assert only_row(decide(invoice(lines=(line(in_price=None),)))).in_price is None


def test_quantity_becomes_quantity() -> None:
    assert only_row(decide(invoice())).quantity == Decimal(25)


def test_rows_keep_the_order_of_the_lines() -> None:
    detail = of_lines("25000.00", line(name="First"), line(name="Second"))
    assert [row.name for row in rows_of(decide(detail))] == ["First", "Second"]


@pytest.mark.parametrize(
    ("quantity", "price", "sent_quantity", "sent_price", "sent_cost"),
    [
        ("2", "100", "2", "100", "80"),
        ("-2", "100", "-2", "100", "80"),
        ("2", "-100", "-2", "100", "-80"),
        ("-2", "-100", "2", "100", "-80"),
        ("2", "0", "2", "0", "80"),
    ],
)
def test_a_price_is_never_negative_and_the_quantity_carries_the_sign(
    quantity: str, price: str, sent_quantity: str, sent_price: str, sent_cost: str
) -> None:
    deposit = line(quantity=Decimal(1), out_price=Decimal(1000), vat_amount=None)
    changed = line(quantity=Decimal(quantity), out_price=Decimal(price), in_price=Decimal(80), vat_amount=None)
    row = rows_of(decide(of_lines(computed_total([deposit, changed]), deposit, changed)))[1]
    assert (row.quantity, row.price, row.in_price) == (Decimal(sent_quantity), Decimal(sent_price), Decimal(sent_cost))


def test_a_credit_notes_quantities_stay_negative() -> None:
    row = only_row(decide(credit_note()))
    assert (row.quantity, row.price) == (Decimal(-25), Decimal("400.00"))


@pytest.mark.parametrize(
    ("quantity", "shown"), [("100", "100"), ("1E+2", "100"), ("2.50000", "2.5"), ("0.3333", "0.3333")]
)
def test_numbers_keep_up_to_four_decimals_and_no_exponent(quantity: str, shown: str) -> None:
    changed = line(quantity=Decimal(quantity), out_price=Decimal(100), vat_amount=None)
    decision = decide(of_lines(computed_total([changed]), changed))
    assert str(only_row(decision).quantity) == shown
    assert decision.warnings == ()


def test_a_fifth_decimal_is_rounded_with_a_warning_that_names_the_line() -> None:
    changed = line(quantity=Decimal(3), out_price=Decimal("33.33335"), vat_amount=None)
    decision = decide(of_lines(computed_total([changed]), changed))
    assert only_row(decision).price == Decimal("33.3334")
    assert any("price of line 1" in warning and "33.3334" in warning for warning in decision.warnings)


def test_a_long_line_name_is_cut_at_300_with_a_warning() -> None:
    decision = decide(invoice(lines=(line(name="n" * 301),)))
    assert only_row(decision).name == "n" * 300
    assert any("line 1" in warning for warning in decision.warnings)


def test_characters_that_no_xml_can_carry_become_spaces() -> None:
    assert only_row(decide(invoice(lines=(line(name="Room\x0b 12\r\nDouble\ud800"),)))).name == "Room  12 Double"


def test_a_referral_line_with_price_0_is_an_ordinary_line() -> None:
    referral = line(name="Referral", out_price=Decimal(0), vat_amount=Decimal(0))
    rows = rows_of(decide(of_lines("12500.00", line(), referral)))
    assert [row.price for row in rows] == [Decimal("400.00"), Decimal(0)]


def test_a_vat_mismatch_refuses_the_whole_invoice() -> None:
    odd = line(vat_percentage=Decimal(15), vat_amount=None)
    decision = decide(of_lines(computed_total([line(), odd]), line(), odd))
    assert decision.order is None
    assert decision.refusal is not None
    assert decision.refusal.reason is Reason.VAT_MISMATCH
    assert "line 2" in decision.refusal.message


@given(
    st.lists(
        st.tuples(
            st.decimals(min_value=-500, max_value=500, places=4),
            st.decimals(min_value=-9999, max_value=9999, places=4),
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(derandomize=True, max_examples=100, deadline=None)
def test_whatever_the_lines_their_rows_come_to_the_same_amounts(numbers: list[tuple[Decimal, Decimal]]) -> None:
    lines = tuple(
        InvoiceLine(name="Line", quantity=quantity, out_price=price, vat_percentage=Decimal(25))
        for quantity, price in numbers
    )
    total = computed_total(lines)
    invoice = QondorInvoice(
        id=QondorInvoiceId(1),
        office_id=None,
        invoice_type=InvoiceType.CUSTOMER_OFFER,
        payment_type=PaymentType.INVOICE,
        is_credit=total < 0,
        invoice_date=date(2026, 11, 20),
        currency="NOK",
        total_including_vat=total,
        lines=lines,
    )
    decision = order_for(
        invoice,
        customer_id=CompanyId(4711),
        project_id=FinagoProjectId(1),
        options=OrderOptions(department_id=3, online_payment_method_id=7),
        catalogue=Catalogue(misc_product=Product(id=900, tax_rate=Decimal(25), status_id=1), misc_category_id=9),
        currencies=[Currency(symbol="NOK", rate=Decimal(1))],
        original=None,
        other_bill_to=False,
    )
    for each, row in zip(lines, rows_of(decision), strict=True):
        assert each.quantity is not None
        assert each.out_price is not None
        assert row.price >= 0
        assert "E" not in f"{row.price}{row.quantity}"
        assert rounded(row.price * row.quantity) == rounded(each.quantity * each.out_price)


def test_a_line_of_0_times_0_is_a_text_without_product_and_vat() -> None:
    comment = line(
        name="Thank you for coming",
        article_number="no such",
        quantity=Decimal(0),
        out_price=Decimal(0),
        vat_amount=None,
    )
    package, text = rows_of(decide(of_lines("12500.00", line(), comment)))
    assert (package.product_id, text.product_id, text.name) == (31, None, "Thank you for coming")


@pytest.mark.parametrize(("total", "quantity"), [("299.98", 1), ("299.96", -1)])
def test_what_a_card_paid_and_the_rows_lack_is_a_row_of_its_own(total: str, quantity: int) -> None:
    lines = [line(quantity=Decimal(1), out_price=Decimal("79.99"), vat_amount=None) for _ in range(3)]
    paid = replace(of_lines(total, *lines), payment_type=PaymentType.CREDIT_CARD)
    options = OrderOptions(department_id=3, online_payment_method_id=7, rounding_product_id=990)
    rounding = rows_of(decide(paid, options=options))[-1]
    assert (rounding.product_id, rounding.price, rounding.quantity) == (990, Decimal("0.01"), quantity)
    refusal = decide(paid).refusal
    assert refusal is not None
    assert refusal.reason is Reason.SET_UP
    assert "rounding_product_id" in refusal.remedy
    assert len(rows_of(decide(of_lines(total, *lines)))) == 3, "an offer may be off by an øre a line"
