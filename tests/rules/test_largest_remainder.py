"""Dividing an amount, and rounding amounts, so that the parts sum to the øre."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qondor_finago_pipelines.rules.largest_remainder import divided, reaching, rounded


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    st.decimals(min_value=-(10**6), max_value=10**6, places=2),
    st.lists(st.decimals(min_value=0, max_value=10**4, places=3), min_size=1, max_size=7).filter(any),
)
def test_parts_sum_to_the_ore_and_are_never_more_than_one_beside_their_share(
    amount: Decimal, weights: list[Decimal]
) -> None:
    parts = divided(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - amount * weight / sum(weights)) < Decimal("0.0101")


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        ("0.01", ("33.33", "33.33", "33.34"), ("0.00", "0.00", "0.01")),
        ("-0.01", ("50", "50"), ("-0.01", "0.00")),
        ("0.01", ("50", "50"), ("0.01", "0.00")),
        ("100.00", ("1", "1", "1"), ("33.34", "33.33", "33.33")),
    ],
)
def test_what_is_left_over_goes_to_the_largest_remainder_then_to_the_first(
    amount: str, weights: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    assert divided(Decimal(amount), [Decimal(weight) for weight in weights]) == [Decimal(part) for part in parts]


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    st.decimals(min_value=0, max_value=10**6, places=2),
    st.lists(st.decimals(min_value=-(10**4), max_value=10**4, places=2), min_size=1, max_size=6).filter(sum),
)
def test_what_is_taken_back_is_divided_as_it_was_given(amount: Decimal, weights: list[Decimal]) -> None:
    given_away = divided(amount, weights)
    assert divided(-amount, weights) == [-part for part in given_away]
    assert divided(-amount, [-weight for weight in weights]) == [-part for part in given_away]


FINE = st.lists(st.decimals(min_value=-(10**5), max_value=10**5, places=4), min_size=1, max_size=6)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(FINE)
def test_a_reversal_is_rounded_as_the_opposite_of_what_it_reverses(amounts: list[Decimal]) -> None:
    amounts.append(-sum(amounts, Decimal(0)))
    parts = rounded(amounts)
    assert sum(parts) == 0
    assert all(abs(part - amount) < Decimal("0.01") for part, amount in zip(parts, amounts, strict=True))
    assert rounded([-amount for amount in amounts]) == [-part for part in parts]


def test_amounts_that_do_not_sum_to_whole_ore_are_not_rounded() -> None:
    with pytest.raises(ValueError, match="whole øre"):
        rounded([Decimal("0.005"), Decimal("0.001")])


@pytest.mark.parametrize(
    ("amounts", "parts"),
    [
        (("391.46085", "-391.46"), ("391.46", "-391.46")),
        (("391.46085", "-391.47"), ("391.47", "-391.47")),
        (("391.46085", "-391.48"), None),
        (("10.00", "-10.01"), None),
        (("33.335", "33.335", "-66.67"), ("33.34", "33.33", "-66.67")),
    ],
)
def test_a_sum_is_reached_only_by_neighbours_of_each_amount(
    amounts: tuple[str, ...], parts: tuple[str, ...] | None
) -> None:
    found = reaching(Decimal(0), [Fraction(amount) for amount in amounts])
    assert found == (None if parts is None else [Decimal(part) for part in parts])


def test_the_longest_amounts_that_are_kept_are_exact() -> None:
    huge = Decimal("9" * 24 + ".01")
    assert sum(divided(huge, [Decimal(1), Decimal(1), Decimal(1)])) == huge
