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
    StatedAmount,
    Voucher,
    VoucherKey,
)
from ...records.money import ORE, ZERO
from ..largest_remainder import rounded
from ..linking import positive_int
from .home_money import STATED_AMOUNT, ForeignLines, in_home_money
from .project_splits import WHOLE
from .refused_vouchers import RefusedVoucher, refused_for, refused_line, refused_voucher
from .voucher_table import KEY, MeaningOf, VoucherSums, classified, lines_of, rows_of, voucher_sums


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


def assess_vouchers(
    lines: pa.Table,
    *,
    fiscal_years: Sequence[FiscalYear],
    meaning_of: MeaningOf,
    foreign: ForeignLines = ForeignLines(),  # noqa: B008  (it is frozen)
) -> JudgedVouchers:
    """Judges whole vouchers. `lines` has the columns of `records.posting_table`, each guid once, in any order."""
    table = classified(lines, fiscal_years, meaning_of)
    years = [year.year for year in sorted(fiscal_years, key=lambda year: year.starting)]
    table, no_home_money = in_home_money(table, foreign, years)
    undated = _undated_lines(table)
    rows, merged = _merge_halves(rows_of(voucher_sums(table)), fiscal_years)
    vouchers: list[VoucherSums] = []
    refused: list[VoucherSums] = []
    withdrawn: set[VoucherKey] = set()
    quiet: set[VoucherKey] = set()
    foreign_ones: list[RefusedVoucher] = []
    for row in rows:
        why = next((no_home_money[half] for half in row.halves or (row.key,) if half in no_home_money), None)
        if row.key.series in undated:
            refused.append(row)
        elif row.is_withdrawn:
            withdrawn.add(row.key)
        elif why is not None and not row.broken:
            # Whether it balances is not known either; where no project is concerned nobody has to know.
            if row.for_qondor:
                foreign_ones.append(refused_for(row, why))
            else:
                quiet.add(row.key)
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
                refused_voucher(row, _in_order(seen[row.key]), undated.get(row.key.series, ()))
                for row in sorted(refused, key=lambda row: row.key)
            ),
            *foreign_ones,
            *(refused_line(posting) for posting in strays),
        ),
        withdrawn=frozenset(withdrawn),
        quiet=frozenset(quiet),
        merged=merged,
        changed={row.key: row.changed for row in rows},
        totals={row.key: row.visible if row.hidden else row.total for row in rows},
    )


def _merge_halves(
    rows: Iterable[VoucherSums], fiscal_years: Sequence[FiscalYear]
) -> tuple[list[VoucherSums], dict[VoucherKey, VoucherKey]]:
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


def _postings_by_voucher(table: pa.Table, rows: Sequence[VoucherSums]) -> dict[VoucherKey, list[Posting]]:
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
        vat_dividend=_part(row["vat_dividend"]),
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
        stated=_stated(row),
    )


def _part(deductible: Decimal | None) -> Decimal | None:
    """A part between 0 and 1; Finago may give percents. What is neither says nothing."""
    if deductible is None or not 0 <= deductible <= WHOLE:
        return None
    return deductible if deductible <= 1 else deductible / WHOLE


def _stated(row: Mapping[str, Any]) -> StatedAmount | None:
    """What Finago gave, where the amount was brought to the client's own currency."""
    amount = row.get(STATED_AMOUNT)
    if amount is None:
        return None
    return StatedAmount(
        currency=row["currency"].strip().upper(), rate=row["currency_rate"], unit=row["currency_unit"], amount=amount
    )


def _in_ore(postings: tuple[Posting, ...]) -> tuple[Posting, ...]:
    """The lines of a voucher that balances; amounts finer than one øre are rounded so that it still does."""
    amounts = [each.amount or ZERO for each in postings]
    in_ore = [amount.quantize(ORE) for amount in amounts]
    if in_ore != amounts:
        in_ore = rounded(amounts)
    return tuple(replace(each, amount=amount) for each, amount in zip(postings, in_ore, strict=True))


def _in_order(postings: Iterable[Posting]) -> tuple[Posting, ...]:
    return tuple(sorted(postings, key=lambda each: (each.sequence is None, each.sequence or 0, each.id or "")))
