"""Vouchers judged: which balance, which are refused and why, which are withdrawn (decisions 8).

A voucher counts whole or not at all: a refused one is named with its lines and the difference, and the others go on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ...records.costs_and_sales.vouchers import (
    AccountMeaning,
    FiscalYear,
    Posting,
    ProjectPart,
    Voucher,
    VoucherKey,
)
from ...records.money import ORE, ZERO, plain
from ...records.refusals import Reason, Refusal
from ..largest_remainder import rounded
from ..linking import positive_int
from .voucher_table import KEY, MeaningOf, classified, lines_of, voucher_sums

LINES_NAMED = 12
"""So many lines of a refused voucher stand in its message; the others are counted."""

VOUCHER, LINE = "voucher", "line"
"""What the records of this flow are called: a voucher with its key, a line without one with its guid."""


def voucher_record(key: VoucherKey) -> str:
    """The id of a voucher in the run's record: `voucher 2026-3-20418`."""
    return f"{VOUCHER} {key}"


def line_record(line_id: str | None) -> str:
    """The id of a line that belongs to no voucher: `line <guid>`."""
    return f"{LINE} {line_id or 'without Id'}"


@dataclass(frozen=True, kw_only=True)
class RefusedVoucher:
    """A voucher, or a line that belongs to none, of which nothing is loaded."""

    key: VoucherKey | None
    """None for a single line."""
    refusal: Refusal
    line_id: str | None = None
    lines: int = 0
    total: Decimal = ZERO
    """What its lines sum to, where they can be summed."""
    changed: datetime | None = None

    @property
    def record(self) -> str:
        """Its id in the run's record."""
        return line_record(self.line_id) if self.key is None else voucher_record(self.key)


@dataclass(frozen=True, kw_only=True)
class JudgedVouchers:
    """What became of a table of whole vouchers; each voucher is in one of the four."""

    vouchers: tuple[Voucher, ...] = ()
    """Those that balance and have a line for Qondor, without their hidden lines; earliest key first."""
    refused: tuple[RefusedVoucher, ...] = ()
    withdrawn: frozenset[VoucherKey] = frozenset()
    """All lines are hidden: what was loaded goes."""
    quiet: frozenset[VoucherKey] = frozenset()
    """Those that balance and concern no project."""
    merged: Mapping[VoucherKey, VoucherKey] = field(default_factory=dict)
    """The later half of a voucher over a year boundary, and the voucher of the earlier year that it belongs to."""
    changed: Mapping[VoucherKey, datetime | None] = field(default_factory=dict)
    """The latest DateChanged of each voucher, by its key."""
    totals: Mapping[VoucherKey, Decimal] = field(default_factory=dict)
    """What the lines of each voucher sum to: all of them, or, where some are hidden, the others."""

    def without(self, keys: Set[VoucherKey]) -> JudgedVouchers:
        """The same, as if these vouchers had not been looked at."""
        return replace(
            self,
            vouchers=tuple(voucher for voucher in self.vouchers if voucher.key not in keys),
            refused=tuple(refused for refused in self.refused if refused.key not in keys),
            withdrawn=self.withdrawn - keys,
            quiet=self.quiet - keys,
        )


@dataclass
class _Sums:
    """One voucher's row of `voucher_sums`."""

    key: VoucherKey
    total: Decimal
    visible: Decimal
    lines: int
    hidden: int
    broken: int
    for_qondor: int
    changed: datetime | None
    halves: tuple[VoucherKey, ...] = ()
    """Both keys of a voucher over a year boundary."""

    @property
    def is_withdrawn(self) -> bool:
        return not self.broken and self.hidden == self.lines

    @property
    def balances(self) -> bool:
        """Both what counts and what is hidden sum to exactly 0.00."""
        return not self.broken and self.visible == ZERO and self.total == ZERO

    def with_half(self, later: _Sums) -> _Sums:
        return _Sums(
            key=self.key,
            total=self.total + later.total,
            visible=self.visible + later.visible,
            lines=self.lines + later.lines,
            hidden=self.hidden + later.hidden,
            broken=self.broken + later.broken,
            for_qondor=self.for_qondor + later.for_qondor,
            changed=max((each for each in (self.changed, later.changed) if each), default=None),
            halves=(self.key, later.key),
        )


_SUMMED = ("total", "visible_total", "lines", "hidden_lines", "broken_lines", "qondor_lines", "changed")
"""The columns of `voucher_sums` in the order of `_Sums`."""


def assess_vouchers(lines: pa.Table, *, fiscal_years: Sequence[FiscalYear], meaning_of: MeaningOf) -> JudgedVouchers:
    """Judges whole vouchers. `lines` has the columns of `records.posting_table`, each guid once, in any order."""
    table = classified(lines, fiscal_years, meaning_of)
    undated = _undated_lines(table)
    rows, merged = _merge_halves(_rows(voucher_sums(table)), fiscal_years)
    vouchers: list[_Sums] = []
    refused: list[_Sums] = []
    withdrawn: set[VoucherKey] = set()
    quiet: set[VoucherKey] = set()
    for row in rows:
        if row.key.series in undated:
            refused.append(row)
        elif row.is_withdrawn:
            withdrawn.add(row.key)
        elif not row.balances:
            refused.append(row)
        elif row.for_qondor:
            vouchers.append(row)
        else:
            quiet.add(row.key)
    kept = _postings_by_voucher(table, vouchers)
    seen = _postings_by_voucher(table, refused)
    strays = _lines_without_number(table)
    for series, postings in undated.items():
        if not any(row.key.series == series for row in refused):
            strays += postings
    return JudgedVouchers(
        vouchers=tuple(
            Voucher(key=row.key, postings=_in_ore(_in_order(each for each in kept[row.key] if not each.is_hidden)))
            for row in sorted(vouchers, key=lambda row: row.key)
        ),
        refused=(
            *(
                _refused(row, _in_order(seen[row.key]), undated.get(row.key.series, ()))
                for row in sorted(refused, key=lambda row: row.key)
            ),
            *(_refused_line(posting) for posting in strays),
        ),
        withdrawn=frozenset(withdrawn),
        quiet=frozenset(quiet),
        merged=merged,
        changed={row.key: row.changed for row in rows},
        totals={row.key: row.visible if row.hidden else row.total for row in rows},
    )


def _rows(sums: pa.Table) -> list[_Sums]:
    columns = sums.select([*KEY, *_SUMMED]).to_pydict()
    return [
        _Sums(VoucherKey(*parts[:3]), *parts[3:])
        for parts in zip(*columns.values(), strict=True)
        if parts[0] is not None
    ]


def _merge_halves(
    rows: Iterable[_Sums], fiscal_years: Sequence[FiscalYear]
) -> tuple[list[_Sums], dict[VoucherKey, VoucherKey]]:
    """Joins vouchers of the same type and number in adjacent years that balance only together."""
    by_key = {row.key: row for row in rows}
    years = [year.year for year in sorted(fiscal_years, key=lambda year: year.starting)]
    later_year = dict(pairwise(years))
    merged: dict[VoucherKey, VoucherKey] = {}
    for key in sorted(by_key, key=lambda key: (years.index(key.fiscal_year), key.series)):
        earlier = by_key.get(key)
        later_key = VoucherKey(later_year.get(key.fiscal_year, 0), key.type_id, key.number)
        later = by_key.get(later_key)
        if earlier is None or later is None or earlier.balances or later.balances:
            continue
        whole = earlier.with_half(later)
        if whole.balances:
            by_key[key] = whole
            del by_key[later_key]
            merged[later_key] = key
    return list(by_key.values()), merged


def _lines_without_number(table: pa.Table) -> list[Posting]:
    """Lines that lack a type or a number belong to no voucher."""
    return _postings(table.filter(pc.or_(pc.is_null(table["type_id"]), pc.is_null(table["number"]))))


def _undated_lines(table: pa.Table) -> dict[tuple[int, int], list[Posting]]:
    """The lines without a day, or with one in no fiscal year, by type and number: nobody knows whose they are."""
    rows = table.filter(
        pc.and_(pc.is_null(table["fiscal_year"]), pc.and_(pc.is_valid(table["type_id"]), pc.is_valid(table["number"])))
    )
    found: dict[tuple[int, int], list[Posting]] = defaultdict(list)
    series = zip(rows["type_id"].to_pylist(), rows["number"].to_pylist(), strict=True)
    for type_and_number, posting in zip(series, _postings(rows), strict=True):
        found[type_and_number].append(posting)
    return found


def _postings_by_voucher(table: pa.Table, rows: Sequence[_Sums]) -> dict[VoucherKey, list[Posting]]:
    """The lines of these vouchers as records; those of a later half stand with the earlier one."""
    voucher_of_line = {half: row.key for row in rows for half in row.halves or (row.key,)}
    if not voucher_of_line:
        return {}
    wanted = pa.table({name: pa.array([getattr(key, name) for key in voucher_of_line], pa.int32()) for name in KEY})
    found: dict[VoucherKey, list[Posting]] = defaultdict(list)
    lines = lines_of(table, wanted)
    keys = zip(*(lines[name].to_pylist() for name in KEY), strict=True)
    for parts, posting in zip(keys, _postings(lines), strict=True):
        found[voucher_of_line[VoucherKey(*parts)]].append(posting)
    return found


def _postings(lines: pa.Table) -> list[Posting]:
    return [_posting(row) for row in lines.to_pylist()]


def _posting(row: Mapping[str, Any]) -> Posting:
    return Posting(
        id=row["id"],
        sequence=row["sequence"],
        day=row["day"],
        account=row["account"],
        meaning=AccountMeaning(row["meaning"] or AccountMeaning.OTHER),
        amount=row["amount"],
        vat_code=row["vat_code"],
        system_type=row["system_type"],
        invoice_number=(row["invoice_number"] or "").strip(),
        ocr=(row["ocr"] or "").strip(),
        comment=(row["comment"] or "").strip(),
        due_date=row["due_date"],
        link_id=row["link_id"],
        is_open=bool(row["is_open"]),
        is_hidden=bool(row["is_hidden"]),
        company_id=positive_int(row["company"] or ""),
        projects=tuple(
            ProjectPart(project=project or "", percent=percent)
            for project, percent in zip(row["projects"] or (), row["percents"] or (), strict=True)
        ),
        changed=row["changed"],
        unreadable=row["unreadable"] or "",
    )


def _in_ore(postings: tuple[Posting, ...]) -> tuple[Posting, ...]:
    """The lines of a voucher that balances; amounts finer than one øre are rounded so that it still does."""
    amounts = [each.amount or ZERO for each in postings]
    if all(amount == amount.quantize(ORE) for amount in amounts):
        return postings
    return tuple(replace(each, amount=amount) for each, amount in zip(postings, rounded(amounts), strict=True))


def _in_order(postings: Iterable[Posting]) -> tuple[Posting, ...]:
    return tuple(sorted(postings, key=lambda each: (each.sequence is None, each.sequence or 0, each.id or "")))


# refusals


def _refused(row: _Sums, postings: Sequence[Posting], undated: Sequence[Posting]) -> RefusedVoucher:
    all_lines = (*postings, *undated)
    return RefusedVoucher(
        key=row.key,
        refusal=_why(row, postings, undated),
        lines=len(all_lines),
        total=sum((each.amount for each in all_lines if each.amount is not None), ZERO),
        changed=max((each.changed for each in all_lines if each.changed), default=None),
    )


def _why(row: _Sums, postings: Sequence[Posting], undated: Sequence[Posting]) -> Refusal:
    name, all_lines = row.key.in_words, (*postings, *undated)
    lacking = sorted({lack for posting in all_lines for lack in _lacks(posting)})
    if lacking:
        return Refusal(
            Reason.BROKEN_LINE,
            f"{name} has a line that {' and '.join(lacking)}: {_named(all_lines)}.",
            "Look at the voucher in Finago; nothing of it is loaded until each line has an Id, a date, an account and "
            "an amount, and all of its values can be read.",
        )
    if undated:
        return Refusal(
            Reason.NO_FISCAL_YEAR,
            f"{name} has a line dated {undated[0].day}, which lies in no fiscal year.",
            "Create the fiscal year in Finago, or correct the date.",
        )
    if row.hidden:
        return Refusal(
            Reason.PARTLY_HIDDEN,
            f"{name}: {row.hidden} of its {row.lines} lines are hidden, and the others sum to "
            f"{plain(row.visible)} instead of 0.00: {_named(postings)}.",
            "Hide or show the whole voucher in Finago.",
        )
    return Refusal(
        Reason.UNBALANCED,
        f"{name} does not balance: its {row.lines} lines sum to {plain(row.total)} instead of 0.00: "
        f"{_named(postings)}.",
        "Correct the voucher in Finago until debit and credit are equal; nothing of it is loaded until then.",
    )


def _lacks(posting: Posting) -> list[str]:
    lacks = [
        f"has no {what}"
        for what, value in (
            ("Id", posting.id),
            ("amount", posting.amount),
            ("account", posting.account),
            ("date", posting.day),
        )
        if value is None
    ]
    if posting.unreadable:
        lacks = [f"cannot be read ({posting.unreadable})"]
    return lacks


def _named(postings: Sequence[Posting]) -> str:
    texts = [
        f"line {_shown(each.sequence)} account {_shown(each.account)} "
        f"{'?' if each.amount is None else plain(each.amount)}{' hidden' if each.is_hidden else ''}"
        for each in postings[:LINES_NAMED]
    ]
    if len(postings) > LINES_NAMED:
        texts.append(f"{len(postings) - LINES_NAMED} more")
    return "; ".join(texts)


def _shown(number: int | None) -> str:
    return "?" if number is None else str(number)


def _refused_line(posting: Posting) -> RefusedVoucher:
    lacking = "a date in a fiscal year" if posting.day else "a date"
    return RefusedVoucher(
        key=None,
        line_id=posting.id,
        refusal=Refusal(
            Reason.BROKEN_LINE,
            f"A ledger line on account {posting.account} ({posting.id or 'without Id'}) lacks the type or the "
            f"number of its voucher, or {lacking}.",
            "Look at it in Finago; it is not loaded.",
        ),
        lines=1,
        total=posting.amount or ZERO,
        changed=posting.changed,
    )
