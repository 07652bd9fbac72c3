"""Exact amounts: the one place where an amount is rounded.

Amounts are `Decimal`, never float. Rounding is half away from zero to 0.01 (decisions 6), which `decimal` calls
ROUND_HALF_UP.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

ORE = Decimal("0.01")
"""The smallest amount: one øre, cent or the like."""

ZERO = Decimal("0.00")


_CURRENCY_CODE = re.compile("[A-Z]{3}", re.IGNORECASE | re.ASCII)


def is_currency_code(text: str | None) -> bool:
    """Whether it may be an ISO code, as `NOK` is."""
    return _CURRENCY_CODE.fullmatch(text or "") is not None


def rounded(amount: Decimal, unit: Decimal = ORE) -> Decimal:
    """`amount` rounded half away from zero to a multiple of `unit`: 0.005 becomes 0.01 and -0.005 becomes -0.01."""
    return amount.quantize(unit, rounding=ROUND_HALF_UP)


def at_most_four_decimals(number: Decimal) -> Decimal:
    """A price or a quantity with up to four decimals and no exponent, as Finago takes them (decisions 6)."""
    shortened = number.quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP).normalize()
    # normalize() turns 100 into 1E+2; adding an exponent of 0 or less brings plain digits back.
    return shortened.quantize(Decimal(1)) if shortened == shortened.to_integral_value() else shortened


def plain(amount: Decimal) -> str:
    """The amount as people write it: at least two decimals, no exponent, `12500.00`."""
    at_least_two = amount.quantize(ORE) if amount == amount.quantize(ORE) else amount
    return format(at_least_two, "f")
