"""The sandbox's own arithmetic of VAT, so that client and stand-in cannot share a mistake (decisions 6)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_ORE = Decimal("0.01")


def to_the_ore(amount: Decimal) -> Decimal:
    """Rounded to 0.01, half away from zero."""
    return amount.quantize(_ORE, rounding=ROUND_HALF_UP)


def net_and_vat(quantity: Decimal, price: Decimal, vat_percentage: Decimal) -> tuple[Decimal, Decimal]:
    """One row: quantity times price and its VAT, both to the øre, the VAT computed from the rounded net amount."""
    net = to_the_ore(quantity * price)
    return net, to_the_ore(net * vat_percentage / 100)


def net_and_vat_included(quantity: Decimal, price: Decimal, vat_percentage: Decimal) -> tuple[Decimal, Decimal]:
    """The same for a row whose price includes VAT."""
    gross = to_the_ore(quantity * price)
    net = to_the_ore(gross / (1 + vat_percentage / 100))
    return net, gross - net
