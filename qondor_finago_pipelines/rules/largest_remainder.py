"""Dividing an amount so that the parts sum to it, to the øre."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor

from ..records.money import ORE


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
    parts = [floor(share) for share in exact]
    left_over = int(in_ore) - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda number: (parts[number] - exact[number], number))
    for number in by_remainder[:left_over]:
        parts[number] += 1
    return [part * ORE for part in parts]
