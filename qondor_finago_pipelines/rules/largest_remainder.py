"""Dividing an amount so that the parts sum to it, to the øre."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor

from ..records.money import ORE


def rounded(amounts: Sequence[Decimal]) -> list[Decimal]:
    """The amounts in whole øre, each less than one øre beside what it was, with the same sum.

    Raises ValueError where the sum is not in whole øre.
    """
    parts = reaching(sum(amounts, Decimal(0)), [Fraction(amount) for amount in amounts])
    if parts is None:
        raise ValueError("The amounts do not sum to whole øre.")
    return parts


def reaching(whole: Decimal, amounts: Sequence[Fraction]) -> list[Decimal] | None:
    """The amounts in whole øre, each less than one øre beside what it was, so that they sum to `whole`.

    Rounded down, and the øre that are left over go to the largest remainders, of equal ones to the first. What begins
    below zero is rounded like its opposite, so that a reversal takes back just what was given. None where no rounding
    of each to one of its two neighbours gives that sum.
    """
    if next((amount for amount in amounts if amount), Fraction(0)) < 0:
        parts = reaching(-whole, [-amount for amount in amounts])
        return None if parts is None else [-part for part in parts]
    exact = [amount / Fraction(ORE) for amount in amounts]
    in_ore = Fraction(whole) / Fraction(ORE)
    left = in_ore - sum(floor(each) for each in exact)
    if in_ore.denominator != 1 or not 0 <= left <= sum(each.denominator != 1 for each in exact):
        return None
    return [part * ORE for part in _with_what_is_left(exact, int(in_ore))]


def divided(amount: Decimal, weights: Sequence[Decimal | Fraction]) -> list[Decimal]:
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
