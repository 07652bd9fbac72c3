"""Currency to CurrencyId: matched by currency code."""

from __future__ import annotations

from decimal import Decimal

import pytest

from qondor_finago_pipelines.records.invoices.orders import Currency
from qondor_finago_pipelines.records.refusals import Reason, Refusal
from qondor_finago_pipelines.rules.invoices.currencies import choose_currency, iso_number
from tests.rules.builders import invoice

NOK = Currency(symbol="NOK", rate=Decimal(1))
SEK = Currency(symbol="SEK", rate=Decimal("98.5"), unit=100)


def test_the_currency_is_matched_by_code_and_brings_rate_and_unit() -> None:
    assert choose_currency(invoice(currency="SEK", currency_number=752), [NOK, SEK]) is SEK


def test_case_and_outer_space_make_no_difference() -> None:
    assert choose_currency(invoice(currency=" nok "), [NOK, SEK]) is NOK


def test_the_numeric_code_may_be_missing() -> None:
    assert choose_currency(invoice(currency_number=None), [NOK]) is NOK


def test_an_unknown_currency_is_refused_by_name() -> None:
    refusal = choose_currency(invoice(currency="ISK", currency_number=None), [NOK, SEK])
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.UNKNOWN_CURRENCY
    assert "Invoice 9001" in refusal.message
    assert "ISK" in refusal.message


def test_a_code_and_a_number_that_disagree_are_refused() -> None:
    refusal = choose_currency(invoice(currency="NOK", currency_number=752), [NOK, SEK])
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.UNKNOWN_CURRENCY
    assert "578" in refusal.message
    assert "752" in refusal.message


def test_a_code_that_iso_does_not_list_is_not_compared_with_the_number() -> None:
    old = Currency(symbol="EEK", rate=Decimal("0.7"))
    assert choose_currency(invoice(currency="EEK", currency_number=233), [old]) is old


@pytest.mark.parametrize(("rate", "unit"), [("0", 1), ("-1", 1), ("1", 0)])
def test_a_rate_that_is_not_positive_is_a_matter_of_set_up(rate: str, unit: int) -> None:
    refusal = choose_currency(invoice(), [Currency(symbol="NOK", rate=Decimal(rate), unit=unit)])
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.SET_UP


def test_two_different_rates_for_one_code_are_not_chosen_between() -> None:
    refusal = choose_currency(invoice(), [NOK, Currency(symbol="NOK", rate=Decimal(2))])
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.SET_UP
    assert choose_currency(invoice(), [NOK, NOK]) == NOK


def test_numbers_come_from_iso_4217() -> None:
    assert iso_number("NOK") == 578
    assert iso_number("EUR") == 978
    assert iso_number("XYZ") is None
