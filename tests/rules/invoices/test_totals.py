"""Totals: what must add up in Qondor, and what Finago may make of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qondor_finago_pipelines.records.identifiers import OrderId, QondorInvoiceId
from qondor_finago_pipelines.records.invoices.invoices import InvoiceLine, QondorInvoice
from qondor_finago_pipelines.records.money import rounded
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.rules.invoices.totals import (
    check_sign,
    check_totals,
    computed_total,
    finago_total_agrees,
    line_net,
    line_vat,
    percent,
    rounding_of,
)
from tests.rules.builders import credit_note, invoice, line, of_lines

properties = settings(derandomize=True, max_examples=150, deadline=None)
quantities = st.decimals(min_value=-1000, max_value=1000, places=2)
prices = st.decimals(min_value=-100_000, max_value=100_000, places=4)
rates = st.sampled_from([Decimal(rate) for rate in ("0", "11.11", "12", "15", "25")])


def a_line(quantity: Decimal, price: Decimal, rate: Decimal) -> InvoiceLine:
    return InvoiceLine(name="Line", quantity=quantity, out_price=price, vat_percentage=rate)


lines = st.builds(a_line, quantities, prices, rates)


def test_net_is_quantity_times_price_and_vat_its_percentage() -> None:
    assert line_net(line()) == Decimal("10000.00")
    assert line_vat(line()) == Decimal("2500.00")
    assert computed_total([line(), line()]) == Decimal("25000.00")


@pytest.mark.parametrize(
    ("price", "net"), [("0.005", "0.01"), ("-0.005", "-0.01"), ("0.0049", "0.00"), ("1.015", "1.02")]
)
def test_rounding_is_half_away_from_zero(price: str, net: str) -> None:
    assert line_net(line(quantity=Decimal(1), out_price=Decimal(price))) == Decimal(net)


def test_a_null_number_is_a_mistake_of_ours_not_a_zero() -> None:
    with pytest.raises(ValueError, match="check_entry"):
        line_net(line(quantity=None))


def test_a_null_total_is_a_mistake_of_ours_not_a_pass() -> None:
    with pytest.raises(ValueError, match="check_entry"):
        check_totals(invoice(total_including_vat=None))


def test_an_invoice_that_adds_up_passes() -> None:
    assert check_totals(invoice()) is None


def test_totals_excluding_vat_may_be_missing() -> None:
    assert check_totals(invoice(total_excluding_vat=None, total_vat=None)) is None


def test_a_total_that_does_not_add_up_is_refused_with_both_figures() -> None:
    refusal = check_totals(invoice(total_including_vat=Decimal("12600.00")))
    assert refusal is not None
    assert refusal.reason is Reason.TOTALS_DO_NOT_ADD_UP
    assert "Invoice 9001" in refusal.message
    assert "12600.00 NOK" in refusal.message
    assert "12500.00 NOK" in refusal.message
    assert "issue it again" in refusal.remedy


@pytest.mark.parametrize("member", ["total_excluding_vat", "total_vat"])
def test_the_other_totals_must_add_up_too(member: str) -> None:
    refusal = check_totals(invoice(**{member: Decimal("1.00")}))
    assert refusal is not None
    assert refusal.reason is Reason.TOTALS_DO_NOT_ADD_UP
    assert "1.00 NOK" in refusal.message


@pytest.mark.parametrize(("off", "passes"), [("0.03", True), ("-0.03", True), ("0.04", False), ("-0.04", False)])
def test_the_total_may_be_off_by_0_01_for_each_line(off: str, passes: bool) -> None:
    three = of_lines(Decimal("37500.00") + Decimal(off), line(), line(), line())
    assert (check_totals(three) is None) is passes


def test_a_total_with_more_than_two_decimals_is_refused() -> None:
    refusal = check_totals(invoice(total_including_vat=Decimal("12500.005")))
    assert refusal is not None
    assert "12500.005" in refusal.message


@pytest.mark.parametrize(
    ("vat", "passes"), [("2500.01", True), ("2499.99", True), ("2500.02", False), ("2499.98", False)]
)
def test_the_vat_of_a_line_must_be_its_percentage_within_0_01(vat: str, passes: bool) -> None:
    refusal = check_totals(invoice(lines=(line(vat_amount=Decimal(vat)),), total_vat=None))
    assert (refusal is None) is passes


def test_a_line_whose_vat_does_not_add_up_is_named_with_both_figures() -> None:
    refusal = check_totals(invoice(lines=(line(), line(vat_amount=Decimal("1500.00")))))
    assert refusal is not None
    assert "Invoice 9001, line 2" in refusal.message
    assert "1500.00 NOK" in refusal.message
    assert "2500.00 NOK" in refusal.message
    assert "25 %" in refusal.message


def test_a_deposit_reduction_is_an_ordinary_negative_line() -> None:
    deposit = line(quantity=Decimal(-1), out_price=Decimal("2000.00"), vat_amount=Decimal("-500.00"))
    assert check_totals(of_lines("10000.00", line(), deposit)) is None


def test_a_credit_note_with_negative_quantities_adds_up() -> None:
    assert check_totals(credit_note()) is None


def test_a_credit_note_with_a_positive_total_is_refused() -> None:
    refusal = check_sign(credit_note(total_including_vat=Decimal("12500.00")))
    assert refusal is not None
    assert refusal.reason is Reason.WRONG_SIGN
    assert "12500.00" in refusal.message


def test_an_invoice_with_a_negative_total_is_refused() -> None:
    refusal = check_sign(invoice(total_including_vat=Decimal("-1.00")))
    assert refusal is not None
    assert refusal.reason is Reason.WRONG_SIGN


@pytest.mark.parametrize("kind", [invoice, credit_note])
def test_a_total_of_zero_has_no_wrong_sign(kind: Callable[..., QondorInvoice]) -> None:
    assert check_sign(kind(total_including_vat=Decimal("0.00"))) is None


@pytest.mark.parametrize(
    ("finago", "line_count", "exact", "agrees"),
    [
        ("100.00", 1, True, True),
        ("100.01", 1, True, False),
        ("100.01", 1, False, True),
        ("100.02", 1, False, False),
        ("99.96", 4, False, True),
        ("100.05", 5, False, True),
        ("100.05", 50, False, True),
        ("100.06", 50, False, False),
        (None, 1, False, False),
    ],
)
def test_finagos_total_must_be_exact_for_card_and_factoring_and_near_otherwise(
    finago: str | None, line_count: int, exact: bool, agrees: bool
) -> None:
    found = None if finago is None else Decimal(finago)
    assert (finago_total_agrees(Decimal("100.00"), found, line_count=line_count, exact=exact) is None) is agrees


def test_a_total_that_differs_in_finago_is_told_with_order_invoice_and_both_figures() -> None:
    refusal = finago_total_agrees(
        Decimal("100.00"),
        Decimal("90.5"),
        line_count=1,
        exact=True,
        invoice_id=QondorInvoiceId(9001),
        order_id=OrderId(5001),
    )
    assert refusal is not None
    assert refusal.reason is Reason.TOTAL_DIFFERS_IN_FINAGO
    for figure in ("5001", "9001", "100.00", "90.50"):
        assert figure in refusal.message


@pytest.mark.parametrize(("rate", "shown"), [("25.0", "25 %"), ("11.11", "11.11 %"), ("0", "0 %"), ("100", "100 %")])
def test_a_vat_rate_is_shown_as_people_write_it(rate: str, shown: str) -> None:
    assert percent(Decimal(rate)) == shown


@given(lines)
@properties
def test_a_line_and_its_negation_cancel_to_the_ore(line: InvoiceLine) -> None:
    assert line.quantity is not None
    negated = replace(line, quantity=-line.quantity)
    assert computed_total([line, negated]) == 0


@given(st.lists(lines, min_size=1, max_size=12))
@properties
def test_whatever_the_lines_their_own_total_adds_up(many: list[InvoiceLine]) -> None:
    total = computed_total(many)
    invoice = QondorInvoice(
        id=QondorInvoiceId(1), office_id=None, currency="NOK", lines=tuple(many), total_including_vat=total
    )
    assert total == rounded(total)
    assert check_totals(invoice) is None
    beyond = Decimal("0.01") * (len(many) + 1)
    assert check_totals(replace(invoice, total_including_vat=total + beyond)) is not None
    assert check_totals(replace(invoice, total_including_vat=total - beyond)) is not None


@given(lines)
@properties
def test_the_exact_vat_of_a_line_rounded_either_way_is_accepted(line: InvoiceLine) -> None:
    assert line.quantity is not None
    assert line.out_price is not None
    assert line.vat_percentage is not None
    exact = line.quantity * line.out_price * line.vat_percentage / 100
    invoice = QondorInvoice(
        id=QondorInvoiceId(1),
        office_id=None,
        lines=(replace(line, vat_amount=rounded(exact)),),
        total_including_vat=computed_total([line]),
    )
    assert check_totals(invoice) is None


def test_yen_have_no_decimals() -> None:
    """1001 yen at 25 % are 250.25 of VAT, which nobody can pay."""
    yen = line(quantity=Decimal(1), out_price=Decimal(1001), vat_amount=Decimal(250))
    made = replace(of_lines("1251", yen), currency="JPY", total_excluding_vat=Decimal(1001), total_vat=Decimal(250))
    assert check_totals(made) is None
    refusal = check_totals(replace(made, total_including_vat=Decimal("1251.25"), total_vat=None))
    assert refusal is not None
    assert "1251.25, with more decimals than JPY has" in refusal.message


def test_dinars_have_three_decimals() -> None:
    dinars = line(quantity=Decimal(1), out_price=Decimal("10.001"), vat_amount=None)
    assert check_totals(replace(of_lines("12.501", dinars), currency="KWD")) is None


def test_vat_may_be_reckoned_once_for_each_rate() -> None:
    """400 lines of 0.02 at 25 %: by line 0.01 each, by rate 2.00 in all."""
    cheap = [line(quantity=Decimal(1), out_price=Decimal("0.02"), vat_amount=None) for _ in range(400)]
    assert check_totals(of_lines("12.00", *cheap)) is None
    assert check_totals(of_lines("10.00", *cheap)) is None
    assert check_totals(of_lines("7.99", *cheap)) is not None


@pytest.mark.parametrize(
    ("total", "exact", "carried"),
    [("299.97", True, "0.00"), ("299.98", True, "0.01"), ("299.96", True, "-0.01"), ("299.98", False, "0.00")],
)
def test_a_rounding_row_carries_what_the_lines_lack(total: str, exact: bool, carried: str) -> None:
    lines = [line(quantity=Decimal(1), out_price=Decimal("79.99"), vat_amount=None) for _ in range(3)]
    assert rounding_of(of_lines(total, *lines), exact=exact) == Decimal(carried)
