"""How much of a voucher's VAT belongs to each of its lines: five rules, and nothing is guessed (decisions 8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from ...records.costs_and_sales.vouchers import AccountMeaning, Posting
from ...records.money import ORE, ZERO, rounded
from ..largest_remainder import divided
from .silent_vat import SUPPLIERS_ROUND, VatLine, charged_vat
from .vat_codes import USUAL_ACCOUNT, Side, VatCodes

_BEARS_NO_VAT = frozenset(
    {
        AccountMeaning.PAYABLE,
        AccountMeaning.RECEIVABLE,
        AccountMeaning.VAT,
        AccountMeaning.BANK,
        AccountMeaning.ROUNDING,
        AccountMeaning.MEMO,
    }
)

AT_MOST = Decimal(4)
"""VAT that was posted by hand is at most a quarter of a line without a code: no rate is higher than 25 %."""


@dataclass(frozen=True, kw_only=True)
class VatShares:
    """The VAT of each line, in the order of the lines, with the sign of the VAT lines."""

    of_lines: Sequence[Decimal]
    unmatched: Mapping[int, Decimal] = field(default_factory=dict)
    """By VAT account: what is posted there and belongs to no line by the rules, or lacks where it is below zero."""


@dataclass(frozen=True)
class _Line:
    """A line with a code of ordinary VAT. `own` is amount × rate, exactly."""

    place: int
    amount: Decimal
    own: Fraction


def vat_shares(postings: Sequence[Posting], codes: VatCodes) -> VatShares:
    """The VAT of each line. `postings` are those of a voucher that balances, in the order of their SequenceNo.

    An account that a VAT code posts to must have the meaning VAT already, whatever range it is in.
    """
    bearing = [place for place, each in enumerate(postings) if each.meaning not in _BEARS_NO_VAT]
    vat_lines = [(each.account or 0, each.amount or ZERO) for each in postings if each.meaning is AccountMeaning.VAT]
    groups, vat_lines = _by_account([(place, postings[place]) for place in bearing], vat_lines, codes)
    expected = {account: sum((_rounded_own(line) for line in lines), ZERO) for account, lines in groups.items()}
    posted = charged_vat([postings[place] for place in bearing], vat_lines, codes, expected)
    shares = [ZERO] * len(postings)
    unmatched: dict[int, Decimal] = {}
    for account, lines in groups.items():
        parts, unmatched[account] = _shared(lines, posted.pop(account, ZERO))
        for line, part in zip(lines, parts, strict=True):
            shares[line.place] = part
    by_hand = [place for place in bearing if postings[place].vat_code is None and postings[place].amount]
    for account in sorted(posted):
        unmatched[account] = _share_by_hand(by_hand, postings, posted[account], shares)
    return VatShares(of_lines=shares, unmatched={account: rest for account, rest in unmatched.items() if rest})


def _by_account(
    bearing: Sequence[tuple[int, Posting]], vat_lines: Sequence[VatLine], codes: VatCodes
) -> tuple[dict[int, list[_Line]], list[VatLine]]:
    """The lines with a code of ordinary VAT by the account that it posts to, and the lines on these accounts.

    Where the list does not say which, all input lines go together, and all output lines: with the accounts of that side
    that no other code posts to, of which one stands for all.
    """
    groups: dict[int, list[_Line]] = defaultdict(list)
    without_account: dict[Side, list[_Line]] = defaultdict(list)
    for place, posting in bearing:
        code = codes.of(posting)
        if code is None or not codes.carries_vat(posting):
            continue
        line = _Line(place, posting.amount or ZERO, _own_vat(posting, code.percent))
        if code.account is None:
            without_account[codes.side_of_line(posting)].append(line)
        else:
            groups[code.account].append(line)
    named = frozenset(groups)
    stands_for: dict[int, int] = {}
    for side, lines in without_account.items():
        accounts = [account for account in codes.accounts_of(side, vat_lines) if account not in named]
        first = accounts[0] if accounts else USUAL_ACCOUNT[side]
        groups[first] += lines
        stands_for |= dict.fromkeys(accounts, first)
    return groups, [(stands_for.get(account, account), amount) for account, amount in vat_lines]


def _own_vat(posting: Posting, percent: Decimal) -> Fraction:
    """Amount × rate; with the part that cannot be deducted taken for a part of the amount (an assumption)."""
    amount, rate = Fraction(posting.amount or ZERO), Fraction(percent) / 100
    if posting.vat_dividend is None:
        return amount * rate
    deducted = Fraction(posting.vat_dividend) * rate
    return amount * deducted / (1 + rate - deducted)


def _rounded_own(line: _Line) -> Decimal:
    """A line's own VAT in whole øre, half away from zero."""
    return rounded(Decimal(line.own.numerator) / line.own.denominator)


def _shared(lines: Sequence[_Line], posted: Decimal) -> tuple[list[Decimal], Decimal]:
    """What each line has of the VAT posted on its account, and what is over."""
    parts = [_rounded_own(line) for line in lines]
    difference = posted - sum(parts, ZERO)
    if abs(difference) <= SUPPLIERS_ROUND:
        largest = max(range(len(lines)), key=lambda number: (abs(lines[number].amount), -number))
        parts[largest] += difference
        return parts, ZERO
    signs = {line.own > 0 for line in lines if line.own} | ({posted > 0} if posted else set())
    if len(signs) == 1 and abs(posted) < abs(sum(parts, ZERO)):
        return divided(posted, [line.own for line in lines]), ZERO
    return parts, difference


def _share_by_hand(
    places: Sequence[int], postings: Sequence[Posting], posted: Decimal, shares: list[Decimal]
) -> Decimal:
    """Shares VAT that no code explains among the lines without a code; gives what is over.

    Lines of different sign never share: nobody knows for which of them it was posted.
    """
    amounts = [postings[place].amount or ZERO for place in places]
    if not posted or len({amount > 0 for amount in amounts} | {posted > 0}) != 1:
        return posted
    room = [max(ZERO, _quarter(amount) - abs(shares[place])) for place, amount in zip(places, amounts, strict=True)]
    given = min(abs(posted), sum(room, ZERO))
    parts = room if given < abs(posted) else divided(given, [abs(amount) for amount in amounts])
    sign = 1 if posted > 0 else -1
    over = ZERO
    for place, part, left in zip(places, parts, room, strict=True):
        shares[place] += sign * min(part, left)
        over += part - min(part, left)
    return posted - sign * (given - over)


def _quarter(amount: Decimal) -> Decimal:
    return (abs(amount) / AT_MOST // ORE) * ORE
