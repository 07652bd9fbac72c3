"""Ledger lines and vouchers as Arrow tables: which voucher a line belongs to, what its account means, what balances.

Hundreds of thousands of lines are judged here column by column; only what somebody has to look at, or what becomes a
cost or a sale, is made into records (`rules.vouchers`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from ...records.costs_and_sales.vouchers import AccountMeaning, FiscalYear, VoucherKey
from ...records.money import ZERO

KEY = ["fiscal_year", "type_id", "number"]
"""The columns that make lines one voucher (decisions 8)."""

MeaningOf = Callable[[int], AccountMeaning]


def fiscal_years_of(days: pa.ChunkedArray | pa.Array, fiscal_years: Sequence[FiscalYear]) -> pa.ChunkedArray | pa.Array:
    """The fiscal year of each posting day, named by the calendar year it starts in; null where a day is in none."""
    found = pa.nulls(len(days), pa.int32())
    for year in fiscal_years:
        within = pc.and_(
            pc.greater_equal(days, pa.scalar(year.starting, pa.date32())),
            pc.less(days, pa.scalar(year.ending, pa.date32())),
        )
        found = pc.if_else(pc.fill_null(within, False), pa.scalar(year.year, pa.int32()), found)
    return found


def voucher_keys(lines: pa.Table, fiscal_years: Sequence[FiscalYear]) -> list[VoucherKey | None]:
    """The voucher of each line, in the order of the lines; None where a line lacks what names one."""
    keys: dict[tuple[int | None, int | None, int | None], VoucherKey | None] = {}
    columns = (
        fiscal_years_of(lines["day"], fiscal_years).to_pylist(),
        lines["type_id"].to_pylist(),
        lines["number"].to_pylist(),
    )
    named = []
    for parts in zip(*columns, strict=True):
        if parts not in keys:
            keys[parts] = None if None in parts else VoucherKey(*parts)
        named.append(keys[parts])
    return named


def classified(lines: pa.Table, fiscal_years: Sequence[FiscalYear], meaning_of: MeaningOf) -> pa.Table:
    """The lines with four columns more.

    `fiscal_year`; `meaning` of the account (`AccountMeaning`, null without an account); `is_broken`: it lacks Id,
    Amount, AccountNo or Date, or one of its members cannot be read; `is_for_qondor`: a visible line with a project on
    an expense or revenue account.
    """
    accounts = lines["account"].unique()
    meanings = pa.array([None if each is None else str(meaning_of(each)) for each in accounts.to_pylist()], pa.string())
    meaning = meanings.take(pc.index_in(lines["account"], value_set=accounts).combine_chunks())
    lacking = pc.is_valid(lines["unreadable"])
    for column in ("id", "amount", "account", "day"):
        lacking = pc.or_(lacking, pc.is_null(lines[column]))
    has_project = pc.greater(pc.fill_null(pc.list_value_length(lines["projects"]), 0), 0)
    wanted = pc.is_in(meaning, value_set=pa.array([str(AccountMeaning.EXPENSE), str(AccountMeaning.REVENUE)]))
    visible = pc.invert(pc.fill_null(lines["is_hidden"], False))
    for name, column in (
        ("fiscal_year", fiscal_years_of(lines["day"], fiscal_years)),
        ("meaning", meaning),
        ("is_broken", lacking),
        ("is_for_qondor", pc.and_(pc.and_(has_project, wanted), visible)),
    ):
        lines = lines.append_column(name, column)
    return lines


def voucher_sums(lines: pa.Table) -> pa.Table:
    """One row for each voucher of classified lines that have a type and a number, in no order.

    `KEY`, then `total` and `visible_total` (exact decimals), `lines`, `hidden_lines`, `broken_lines`, `qondor_lines`
    and `changed`, the latest DateChanged. `fiscal_year` is null for lines whose day is in no fiscal year.
    """
    hidden = pc.fill_null(lines["is_hidden"], False)
    nothing = pa.scalar(0, pa.decimal128(28, 4))
    amount = pc.fill_null(lines["amount"], nothing)
    columns = {
        **{name: lines[name] for name in KEY},
        "total": amount,
        "visible_total": pc.if_else(hidden, nothing, amount),
        "hidden_lines": hidden.cast(pa.int64()),
        "broken_lines": lines["is_broken"].cast(pa.int64()),
        "qondor_lines": lines["is_for_qondor"].cast(pa.int64()),
        "changed": lines["changed"],
    }
    named = pa.table(columns).filter(pc.and_(pc.is_valid(lines["type_id"]), pc.is_valid(lines["number"])))
    summed = ["total", "visible_total", "hidden_lines", "broken_lines", "qondor_lines"]
    sums = [(name, "sum") for name in summed]
    grouped = named.group_by(KEY, use_threads=False).aggregate([*sums, ("changed", "max"), ([], "count_all")])
    return grouped.rename_columns(
        {**{f"{name}_sum": name for name in summed}, "changed_max": "changed", "count_all": "lines"}
    )


@dataclass
class VoucherSums:
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

    def with_half(self, later: VoucherSums) -> VoucherSums:
        return VoucherSums(
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
"""The columns of `voucher_sums` in the order of `VoucherSums`."""


def rows_of(sums: pa.Table) -> list[VoucherSums]:
    """The rows of `voucher_sums` whose lines lie in a fiscal year."""
    columns = sums.select([*KEY, *_SUMMED]).to_pydict()
    return [
        VoucherSums(VoucherKey(*parts[:3]), *parts[3:])
        for parts in zip(*columns.values(), strict=True)
        if parts[0] is not None
    ]


def lines_of(lines: pa.Table, vouchers: pa.Table) -> pa.Table:
    """The classified lines of these vouchers (columns `KEY`), in the order in which they stood."""
    numbered = lines.select(KEY).append_column("row", pa.array(range(lines.num_rows), pa.int64()))
    rows = numbered.join(vouchers.select(KEY), keys=KEY, join_type="left semi", use_threads=False)["row"]
    return lines.take(rows.combine_chunks().sort())
