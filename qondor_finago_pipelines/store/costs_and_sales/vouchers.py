"""Which vouchers an office has judged, as which lines stood then, and in which voucher a loaded line was."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import delete, func, select

from ...records.costs_and_sales.vouchers import VoucherKey
from ...records.identifiers import OfficeId
from ...records.unloaded import CostOnAccount, UnloadedAmount
from .. import schema
from ..statements import Part, chunks
from .unloaded import Unloaded


@dataclass(frozen=True, kw_only=True)
class JudgedVoucher:
    """`seen` tells the lines that were judged; `judged_with` the settings and rules by which."""

    key: VoucherKey
    seen: bytes
    judged_with: str
    changed_on: date | None = None
    """The Oslo day of its latest change."""
    line_ids: Sequence[str] = ()
    """Given when stored, of a voucher from which something was loaded; not given back."""
    unloaded: Sequence[UnloadedAmount] = ()
    costs: Sequence[CostOnAccount] = ()
    """Both given when stored, and not given back."""


class Vouchers(Part):
    """Each office for itself: two offices of one Finago client judge the same voucher for different projects."""

    def judged(self, office_id: OfficeId, keys: Collection[VoucherKey]) -> dict[VoucherKey, JudgedVoucher]:
        """How those of the vouchers were judged that were."""
        table = schema.judged_vouchers
        found: dict[VoucherKey, JudgedVoucher] = {}
        for some in chunks(key.number for key in keys):
            rows = self._connection.execute(
                select(table).where(table.c.office_id == office_id, table.c.number.in_(some))
            )
            for row in rows:
                key = VoucherKey(row.fiscal_year, row.type_id, row.number)
                found[key] = JudgedVoucher(
                    key=key, seen=row.seen, judged_with=row.judged_with, changed_on=row.changed_on
                )
        return {key: found[key] for key in keys if key in found}

    def without_lines(self, office_id: OfficeId) -> frozenset[VoucherKey]:
        """The vouchers of which Finago showed no line when they were last judged: deleted there, as it seems."""
        table = schema.judged_vouchers
        rows = self._connection.execute(
            select(table.c.fiscal_year, table.c.type_id, table.c.number).where(
                table.c.office_id == office_id, table.c.seen == b""
            )
        )
        return frozenset(VoucherKey(*row) for row in rows)

    def put(self, office_id: OfficeId, vouchers: Sequence[JudgedVoucher]) -> None:
        """Remembers these as judged now; the lines of each replace those that it had."""
        if not vouchers:
            return
        self._put(
            schema.judged_vouchers,
            *(
                {
                    **_key(office_id, each.key),
                    "seen": each.seen,
                    "judged_with": each.judged_with,
                    "changed_on": each.changed_on,
                    "judged_at": self._now,
                }
                for each in vouchers
            ),
        )
        for each in vouchers:
            unloaded = Unloaded(self._connection, self._now)
            unloaded.put(office_id, each.key, unloaded=each.unloaded, costs=each.costs, changed_on=each.changed_on)
        self._forget_lines(office_id, [each.key for each in vouchers])
        voucher_of_line = [
            {**_key(office_id, each.key), "line_id": line_id} for each in vouchers for line_id in set(each.line_ids)
        ]
        if voucher_of_line:
            self._put(schema.voucher_lines, *voucher_of_line)

    def voucher_of_line(self, office_id: OfficeId, line_ids: Iterable[str]) -> dict[str, VoucherKey]:
        """In which voucher each of those lines stood that something was loaded from."""
        table = schema.voucher_lines
        return {
            row.line_id: VoucherKey(row.fiscal_year, row.type_id, row.number)
            for some in chunks(line_ids)
            for row in self._connection.execute(
                select(table).where(table.c.office_id == office_id, table.c.line_id.in_(some))
            )
        }

    def lines_loaded(self, office_id: OfficeId, keys: Collection[VoucherKey]) -> dict[str, VoucherKey]:
        """The lines that stood in these vouchers when something was last loaded from them."""
        table = schema.voucher_lines
        wanted = set(keys)
        return {
            row.line_id: key
            for some in chunks(key.number for key in wanted)
            for row in self._connection.execute(
                select(table).where(table.c.office_id == office_id, table.c.number.in_(some))
            )
            if (key := VoucherKey(row.fiscal_year, row.type_id, row.number)) in wanted
        }

    def count_by_day(self, office_id: OfficeId, first_day: date, last_day: date) -> dict[date, int]:
        """How many judged vouchers changed last on each of these days."""
        table = schema.judged_vouchers
        rows = self._connection.execute(
            select(table.c.changed_on, func.count())
            .where(table.c.office_id == office_id, table.c.changed_on.between(first_day, last_day))
            .group_by(table.c.changed_on)
        )
        return {row[0]: row[1] for row in rows}

    def forget_quiet(self, office_id: OfficeId, before: datetime) -> int:
        """Forgets vouchers judged before an instant of which nothing is loaded; gives how many."""
        table, loaded = schema.judged_vouchers, schema.actuals
        still_loaded = select(loaded.c.number).where(
            loaded.c.office_id == table.c.office_id,
            loaded.c.number == table.c.number,
            loaded.c.type_id == table.c.type_id,
        )
        gone = self._connection.execute(
            delete(table).where(table.c.office_id == office_id, table.c.judged_at < before, ~still_loaded.exists())
        )
        return gone.rowcount

    def _forget_lines(self, office_id: OfficeId, keys: Collection[VoucherKey]) -> None:
        table = schema.voucher_lines
        for lines in chunks(self.lines_loaded(office_id, keys)):
            self._connection.execute(delete(table).where(table.c.office_id == office_id, table.c.line_id.in_(lines)))


def _key(office_id: OfficeId, key: VoucherKey) -> dict[str, int]:
    return {"office_id": office_id, **asdict(key)}
