"""How much of a voucher's VAT belongs to each of its lines (decisions 8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from ...records.costs_and_sales.vouchers import AccountMeaning, Posting
from ...records.money import ZERO
from ..largest_remainder import divided

_BEARS_NO_VAT = frozenset(
    {
        AccountMeaning.PAYABLE,
        AccountMeaning.RECEIVABLE,
        AccountMeaning.VAT,
        AccountMeaning.BANK,
        AccountMeaning.ROUNDING,
    }
)


def vat_shares(postings: Sequence[Posting], rates: Mapping[int, Decimal]) -> list[Decimal]:
    """The VAT of each line, in the order of the lines, with the sign of the VAT lines; they sum to these, to the øre.

    The VAT is shared in proportion to amount × rate of the VAT code; in proportion to the bare amounts, whatever their
    sign, where these weights sum to zero or a code is none that Finago lists. A line without a code bears no VAT by
    rate. `postings` are those of a voucher that balances, in the order of their SequenceNo.
    """
    total = sum((each.amount or ZERO for each in postings if each.meaning is AccountMeaning.VAT), ZERO)
    bearing = [number for number, each in enumerate(postings) if each.meaning not in _BEARS_NO_VAT]
    shares = [ZERO] * len(postings)
    weights = _weights([postings[number] for number in bearing], rates)
    if total and weights:
        for number, share in zip(bearing, divided(total, weights), strict=True):
            shares[number] = share
    return shares


def _weights(bearing: Sequence[Posting], rates: Mapping[int, Decimal]) -> list[Decimal]:
    """By what the VAT is shared; empty where no line has an amount to go by."""
    by_rate = [(each.amount or ZERO) * rates.get(each.vat_code or 0, ZERO) for each in bearing]
    all_known = all(each.vat_code is None or each.vat_code in rates for each in bearing)
    if all_known and sum(by_rate, ZERO):
        return by_rate
    by_amount = [abs(each.amount or ZERO) for each in bearing]
    return by_amount if sum(by_amount, ZERO) else []
