"""Lines in a foreign currency: held, or brought to the client's own currency to the øre (decisions 8).

Whether Finago gives the amount of such a line in the line's currency or in the client's own is not settled, so nobody
takes one for the other without a setting that says so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

import pyarrow as pa

from ...records.costs_and_sales.vouchers import VoucherKey
from ...records.money import ORE, ZERO, plain
from ...records.refusals import Reason, Refusal
from ..largest_remainder import reaching
from .voucher_table import KEY

LOCAL = "LOCAL"
"""How Finago calls the client's own currency on a line."""

STATED_AMOUNT = "stated_amount"
"""The column that keeps what Finago gave, where `amount` was brought to the client's own currency."""


@dataclass(frozen=True, kw_only=True)
class ForeignLines:
    """How amounts of lines in a foreign currency are read: the setting `costs_and_sales.foreign_lines`."""

    reading: Literal["hold", "stated", "home"] = "hold"
    home_currency: str = ""
    known: frozenset[str] | None = None
    """The symbols of Finago's list of currencies; None where nobody had to ask for it."""


def foreign_currencies(lines: pa.Table, home_currency: str = "") -> frozenset[str]:
    """The currencies on these lines that are not the client's own."""
    return frozenset(_symbol(each) for each in lines["currency"].unique().to_pylist()) - {"", LOCAL, home_currency}


def in_home_money(
    lines: pa.Table, foreign: ForeignLines, years: Sequence[int]
) -> tuple[pa.Table, Mapping[VoucherKey, Refusal]]:
    """The classified lines with amounts in the client's own currency, and why some vouchers cannot have them.

    `years` are the fiscal years in their order: halves of a voucher in adjacent ones are rounded together. A column
    `STATED_AMOUNT` is added: what stood there before, null where nothing was converted.
    """
    nothing = pa.nulls(lines.num_rows, lines.schema.field("amount").type)
    currencies = foreign_currencies(lines, foreign.home_currency)
    if foreign.reading == "home" or not currencies:
        return lines.append_column(STATED_AMOUNT, nothing), {}
    vouchers = _vouchers_with(lines, currencies)
    if foreign.reading == "hold":
        refusals = {key: _not_settled(voucher) for key, voucher in vouchers.items()}
        return lines.append_column(STATED_AMOUNT, nothing), refusals
    refusals = {key: refusal for key, voucher in vouchers.items() if (refusal := _unusable(voucher, foreign.known))}
    amounts = lines["amount"].to_pylist()
    stated: list[Decimal | None] = [None] * lines.num_rows
    for voucher in _rounded_together({key: vouchers[key] for key in vouchers.keys() - refusals.keys()}, years):
        for line, amount in _converted(voucher):
            amounts[line.place] = amount
            stated[line.place] = line.amount if line.is_foreign else None
    kind = nothing.type
    place = lines.schema.get_field_index("amount")
    converted = lines.set_column(place, "amount", pa.array(amounts, kind))
    return converted.append_column(STATED_AMOUNT, pa.array(stated, kind)), refusals


@dataclass(frozen=True, kw_only=True)
class ReadingsSeen:
    """How vouchers with a line in another currency sum to zero; those that do so either way settle nothing."""

    as_home: int = 0
    """As their amounts stand, and not at the rates: the reading `home`."""
    as_stated: int = 0
    """At the rates, and not as they stand: the reading `stated`."""
    neither: int = 0

    @property
    def fitting(self) -> Literal["stated", "home"] | None:
        """The one reading that the vouchers allow; None where they do not say, or contradict each other."""
        if bool(self.as_home) == bool(self.as_stated):
            return None
        return "home" if self.as_home else "stated"


def readings_seen(lines: pa.Table, home_currency: str) -> ReadingsSeen:
    """Which reading each voucher allows. `lines` are whole vouchers, with the columns `KEY`."""
    currencies = foreign_currencies(lines, home_currency)
    seen: Counter[str] = Counter()
    for voucher in _vouchers_with(lines, currencies).values():
        stands = all(sum((each.amount for each in part), ZERO) == ZERO for part in voucher.parts)
        by_rate = all(each.has_rate for each in voucher.lines) and voucher.balances
        if not (stands and by_rate):
            seen["as_home" if stands else "as_stated" if by_rate else "neither"] += 1
    return ReadingsSeen(**seen)


@dataclass(frozen=True, kw_only=True)
class _Line:
    place: int
    """Its row in the table."""
    amount: Decimal
    is_hidden: bool
    currency: str
    rate: Decimal | None
    unit: int | None
    is_foreign: bool

    @property
    def has_rate(self) -> bool:
        return not self.is_foreign or (self.rate or ZERO) > 0 < (self.unit or 0)

    @property
    def at_home(self) -> Fraction:
        """In the client's own currency, exactly."""
        amount = Fraction(self.amount)
        return amount * Fraction(self.rate or ZERO) / (self.unit or 1) if self.is_foreign else amount

    @property
    def named(self) -> str:
        rate = "no rate" if self.rate is None else f"rate {format(self.rate.normalize(), 'f')}"
        return f"{self.currency} ({rate} for {'?' if self.unit is None else self.unit})"


@dataclass
class _Voucher:
    key: VoucherKey
    lines: list[_Line] = field(default_factory=list)

    @property
    def balances(self) -> bool:
        return all(_may_sum_to_zero(lines) for lines in self.parts)

    @property
    def parts(self) -> tuple[list[_Line], list[_Line]]:
        """What is shown, and what is hidden: each has to balance by itself."""
        return [each for each in self.lines if not each.is_hidden], [each for each in self.lines if each.is_hidden]


def _symbol(text: str | None) -> str:
    return (text or "").strip().upper()


def _vouchers_with(lines: pa.Table, currencies: frozenset[str]) -> dict[VoucherKey, _Voucher]:
    """The vouchers that have a line in one of these currencies, with all of their lines that have an amount."""
    columns = [*KEY, "amount", "is_hidden", "currency", "currency_rate", "currency_unit"]
    rows = lines.select(columns).to_pylist()
    keys = {_key(row) for row in rows if _symbol(row["currency"]) in currencies} - {None}
    found: dict[VoucherKey, _Voucher] = {}
    for place, row in enumerate(rows):
        key = _key(row)
        if key is not None and key in keys and row["amount"] is not None:
            line = _Line(
                place=place,
                amount=row["amount"],
                is_hidden=bool(row["is_hidden"]),
                currency=_symbol(row["currency"]),
                rate=row["currency_rate"],
                unit=row["currency_unit"],
                is_foreign=_symbol(row["currency"]) in currencies,
            )
            found.setdefault(key, _Voucher(key)).lines.append(line)
    return found


def _key(row: Mapping[str, Any]) -> VoucherKey | None:
    parts = [row[name] for name in KEY]
    return None if None in parts else VoucherKey(*parts)


def _rounded_together(vouchers: Mapping[VoucherKey, _Voucher], years: Sequence[int]) -> Iterable[_Voucher]:
    """The vouchers; both halves of one over a year boundary as one, where they balance only together."""
    alone = dict(vouchers)
    for earlier_year, later_year in pairwise(years):
        for key in [each for each in alone if each.fiscal_year == earlier_year]:
            later = VoucherKey(later_year, *key.series)
            if later in alone and not (alone[key].balances or alone[later].balances):
                whole = _Voucher(key, [*alone[key].lines, *alone[later].lines])
                if whole.balances:
                    alone[key] = whole
                    del alone[later]
    return alone.values()


def _may_sum_to_zero(lines: Sequence[_Line]) -> bool:
    """Whether the lines sum to zero but for what rounding each foreign one to the øre makes of it."""
    foreign = sum(each.is_foreign for each in lines)
    total = sum((each.at_home for each in lines), Fraction(0)) / Fraction(ORE)
    return abs(total) <= Fraction(foreign, 2)


def _converted(voucher: _Voucher) -> Iterable[tuple[_Line, Decimal]]:
    """Each amount in whole øre: so that they sum to zero where that is a matter of rounding, else the nearest."""
    for lines in voucher.parts:
        exact = [each.at_home for each in lines]
        amounts = reaching(ZERO, exact) if _may_sum_to_zero(lines) else None
        yield from zip(lines, amounts or [_nearest(each) for each in exact], strict=True)


def _nearest(exact: Fraction) -> Decimal:
    return (Decimal(exact.numerator) / exact.denominator).quantize(ORE, rounding=ROUND_HALF_UP)


# refusals


def _not_settled(voucher: _Voucher) -> Refusal:
    at_home = (
        plain(_nearest(sum((each.at_home for each in voucher.lines), Fraction(0))))
        if all(each.has_rate for each in voucher.lines)
        else "nothing that is known"
    )
    return Refusal(
        Reason.CURRENCY_NOT_SETTLED,
        f"{voucher.key.in_words} has lines in {_currencies(voucher)}, and the currency of the amounts is not settled: "
        f"its {len(voucher.lines)} lines sum to {plain(sum((each.amount for each in voucher.lines), ZERO))} as they "
        f"stand, and to {at_home} at their rates.",
        "See in Finago in which currency the amounts of such a line are, and set costs_and_sales.foreign_lines to "
        "`stated` (that of the line) or `home` (the client's own).",
    )


def _unusable(voucher: _Voucher, known: frozenset[str] | None) -> Refusal | None:
    """Why the voucher's lines cannot be brought to the client's own currency."""
    without = [each for each in voucher.lines if not each.has_rate]
    if without:
        return Refusal(
            Reason.NO_RATE,
            f"{voucher.key.in_words} has a line in {without[0].named}, which is no rate to convert by.",
            "Correct the rate of the line in Finago.",
        )
    unknown = {each.currency for each in voucher.lines if each.is_foreign} - (known or frozenset())
    if known is not None and unknown:
        return Refusal(
            Reason.NO_RATE,
            f"{voucher.key.in_words} has a line in {min(unknown)}, a currency that Finago does not list.",
            "Correct the currency of the line in Finago, or add it to the list of currencies there.",
        )
    return None


def _currencies(voucher: _Voucher) -> str:
    named: dict[str, list[str]] = defaultdict(list)
    for each in voucher.lines:
        if each.is_foreign and each.named not in named[each.currency]:
            named[each.currency].append(each.named)
    return ", ".join(name for names in named.values() for name in names[:2])
