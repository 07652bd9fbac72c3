"""What a run of costs and sales read and loaded on each of its days: for metadata and checks, never read by a flow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from ...records.costs_and_sales.actuals import ActualKind
from ...records.costs_and_sales.vouchers import VoucherKey
from ...records.days import oslo_day
from ...records.money import ZERO
from ...records.operations.results import DayFigures, ListedAmount, TotalsByDay, VoucherRow
from ...records.unloaded import UnloadedAmount
from ...rules.costs_and_sales.refused_vouchers import RefusedVoucher
from ..run.office_run import OfficeRun
from .line_files import LineFiles

DAYS_SHOWN = timedelta(days=45)
"""So far back goes the picture of what was posted: a month and the half before it."""


def home_currency(run: OfficeRun) -> str:
    """The client's own currency: that of every amount."""
    return run.cached("home currency", run.finago.home_currency)


@dataclass
class DayTotals:
    """Filled while vouchers are judged and written."""

    run: OfficeRun
    files: LineFiles
    skipped_as_ours: int = 0
    _lines: Counter[date] = field(default_factory=Counter)
    _unmatched: Counter[date] = field(default_factory=Counter)
    _refused: list[VoucherRow] = field(default_factory=list)
    _listed: dict[VoucherKey, tuple[ListedAmount, ...]] = field(default_factory=dict)
    _totals: list[pa.Table] = field(default_factory=list)

    def add_totals(self, totals: Mapping[VoucherKey, Decimal]) -> None:
        """What the lines of each judged voucher sum to."""
        self._totals.append(
            pa.table(
                {
                    "voucher": pa.array([str(key) for key in totals], pa.string()),
                    "total": pa.array(list(totals.values()), pa.decimal128(38, 4)),
                }
            )
        )

    def count_lines(self, lines: pa.Table) -> None:
        """Changed lines, each once, on the Oslo day of their change."""
        # Oslo is whole hours off UTC, so all of an hour falls on one day.
        hours = pc.floor_temporal(lines["changed"], unit="hour").value_counts()
        for counted in hours.to_pylist():
            if counted["values"] is not None:
                self._lines[oslo_day(counted["values"])] += counted["counts"]

    def refuse(self, refused: RefusedVoucher) -> None:
        """A refused voucher counts as one that was judged."""
        self._refused.append(
            VoucherRow(
                voucher=str(refused.key) if refused.key else refused.record,
                day=self._day(refused.changed),
                lines=refused.lines,
                total=refused.total,
                refused=refused.refusal.reason,
            )
        )

    def unmatched(self, changed: datetime | None) -> None:
        self._unmatched[self._day(changed)] += 1

    def list_unloaded(self, key: VoucherKey, changed: datetime | None, unloaded: Iterable[UnloadedAmount]) -> None:
        """What of a voucher is not loaded, with the reason."""
        self._listed[key] = tuple(
            ListedAmount(
                voucher=str(key),
                day=self._day(changed),
                account=each.account,
                project=each.project,
                amount=each.amount,
                why=each.why,
            )
            for each in unloaded
        )

    def whole(self) -> TotalsByDay:
        """The figures of each day of the range: of this run's reading, and of what the store holds as loaded."""
        run = self.run
        with run.store.read() as transaction:
            judged = transaction.vouchers.count_by_day(run.office_id, run.first_day, run.day)
            sums = transaction.actuals.sums_by_day(run.office_id, run.first_day, run.day)
            posted = transaction.actuals.sums_by_posting_day(run.office_id, run.day - DAYS_SHOWN, run.day)
            stored = transaction.unloaded.within(run.office_id, run.first_day, run.day)
        judged_now = {str(key) for key in self._listed}
        listed = (
            *(each for each in stored if each.voucher not in judged_now),
            *(each for of_voucher in self._listed.values() for each in of_voucher),
        )
        refused = Counter(row.day for row in self._refused)
        days = (run.first_day + timedelta(days=number) for number in range((run.day - run.first_day).days + 1))
        return TotalsByDay(
            currency=home_currency(run) if sums or listed else "",
            figures={
                day: DayFigures(
                    lines=self._lines[day],
                    vouchers=judged.get(day, 0) + refused[day],
                    refused=refused[day],
                    unmatched=self._unmatched[day],
                    costs=sums.get((day, ActualKind.COST), ZERO),
                    sales=sums.get((day, ActualKind.SALE), ZERO),
                )
                for day in days
            },
            vouchers=tuple(self._refused),
            listed=listed,
            totals=pa.concat_tables(self._totals) if self._totals else None,
            lines_read=self.files.lines_read,
            posted=posted,
            skipped_as_ours=self.skipped_as_ours,
            postings=self.files,
        )

    def _day(self, changed: datetime | None) -> date:
        return self.run.day if changed is None else oslo_day(changed)
