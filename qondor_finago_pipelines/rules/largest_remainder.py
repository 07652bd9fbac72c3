"""Dividing an amount so that the parts sum to it, to the øre."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor

from ..records.money import ORE


def rounded(amounts: Sequence[Decimal]) -> list[Decimal]:
    """The amounts in whole øre, each less than one øre beside what it was, with the same sum.

    Rounded down, and the øre that are left over go to the largest remainders, of equal ones to the first. Raises
    ValueError where the sum is not in whole øre.
    """
    exact = [Fraction(amount) / Fraction(ORE) for amount in amounts]
    if sum(exact).denominator != 1:
        raise ValueError("The amounts do not sum to whole øre.")
    return [part * ORE for part in _with_what_is_left(exact, int(sum(exact)))]


def divided(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """`amount`, in whole øre, in proportion to `weights`: each part is its exact share, or at most one øre beside it.

    The øre that rounding down leaves over go to the largest remainders, of equal ones to the first. An amount below
    zero is divided like its opposite, so that a credit note takes back from each just what the invoice gave. Weights
    may have either sign; they must not sum to zero. Raises ValueError for an amount that is not in whole øre.
    """
    if amount < 0:
        return [-part for part in divided(-amount, weights)]
    in_ore = Fraction(amount) / Fraction(ORE)
    if in_ore.denominator != 1:
        raise ValueError(f"{amount} is not in whole øre.")
    whole = sum(Fraction(weight) for weight in weights)
    exact = [in_ore * Fraction(weight) / whole for weight in weights]
    return [part * ORE for part in _with_what_is_left(exact, int(in_ore))]


def _with_what_is_left(exact: Sequence[Fraction], whole: int) -> list[int]:
    parts = [floor(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda number: (parts[number] - exact[number], number))
    for number in by_remainder[: whole - sum(parts)]:
        parts[number] += 1
    return parts
