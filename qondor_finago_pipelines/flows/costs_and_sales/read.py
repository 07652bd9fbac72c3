"""What a run of costs and sales reads from Finago's general ledger: changed lines, then the vouchers they touch, whole.

A payment changes one line of a voucher, so no voucher is judged by its changed lines alone (decisions 8). Everything is
read before anything is written, into files (`flows.line_files`); a call that takes too long is cut in two.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ...records.costs_and_sales.posting_table import POSTINGS
from ...records.costs_and_sales.vouchers import ChangedSearch, FiscalYear, LedgerSearch, VoucherKey
from ...records.errors import ContractBroken, TookTooLong
from ...rules.costs_and_sales.completing import plan_completion
from ...rules.costs_and_sales.voucher_table import voucher_keys
from ...rules.costs_and_sales.windows import changed_searches, halves
from ..run.office_run import OfficeRun
from .judged_lines import line_mark, unpack_marks
from .line_files import LineFiles, as_changed_last, release_memory
from .vouchers_to_judge import VouchersToJudge

COMPLETION_CALLS = 3
"""Into so many range calls the touched vouchers of one run are gathered; halved ranges come on top."""

_VOUCHER = ("type_id", "number", "day")
_LINE_OF_VOUCHER = (*_VOUCHER, "id", "changed")
_LINK_OF_VOUCHER = (*_VOUCHER, "link_id")
"""The columns that name a line's voucher, and what is asked about the line."""

LINES_A_BUCKET = 30_000
"""So many lines stand in memory at a time, whole vouchers together."""

Marks = Mapping[VoucherKey, Sequence[tuple[str | None, bytes]]]
"""By voucher: the guid of each of its lines, and what a judged line is recognised by (`judged_lines`)."""


@dataclass
class Reading:
    """One run's view of Finago's general ledger."""

    run: OfficeRun
    files: LineFiles
    fiscal_years: tuple[FiscalYear, ...] = ()
    touched: VouchersToJudge = field(default_factory=VouchersToJudge)
    """The vouchers that this run judges."""
    buckets: int = 1
    """Into how many parts the vouchers are divided, so that each fits into memory."""

    def divide(self) -> range:
        """Divides the vouchers by what was read so far, and gives the parts.

        They stay as they are until the next time, whatever is read meanwhile: else a voucher could fall between two.
        """
        self.buckets = 1 + max(self.files.lines_read, 2 * self.files.changed_count) // LINES_A_BUCKET
        return range(self.buckets)

    def read_changes(self) -> None:
        """The change feed of the run's days. Raises what a read raises: a failed one is never an empty list."""
        searches = changed_searches(self.run.first_day, self.run.day)
        for search, file, lines in read_in_chunks(self.run, self.files, searches):
            assert isinstance(search, ChangedSearch)
            self.files.keep_changed(file, lines, search)
        release_memory()
        if self.files.changed_count:
            self.read_fiscal_years()

    def read_fiscal_years(self) -> None:
        """Once in a run, and only where a voucher has to be named."""
        self.fiscal_years = self.run.cached("fiscal years", self.run.finago.fiscal_years)

    def touch_changed(self, judged_with: str) -> None:
        """Touches every voucher of which a line came that no run has judged yet as it stands.

        A line that stood in another voucher when it was loaded touches that one as well: it was re-dated.
        """
        for bucket in self.divide():
            self._touch(self._part(self.files.changed(_LINE_OF_VOUCHER), bucket), judged_with)

    def _touch(self, lines: pa.Table, judged_with: str) -> None:
        marks = self.marks(lines)
        with self.run.store.read() as transaction:
            judged = transaction.vouchers.judged(self.run.office_id, marks)
            touched: list[VoucherKey] = []
            new: list[str] = []
            for key, found in marks.items():
                before = judged.get(key)
                seen = unpack_marks(before.seen) if before and before.judged_with == judged_with else frozenset()
                unseen = [line_id for line_id, mark in found if mark not in seen]
                if unseen:
                    touched.append(key)
                    new += [line_id for line_id in unseen if line_id]
            touched += transaction.vouchers.voucher_of_line(self.run.office_id, new).values()
        self.touched.update(touched)

    def marks(self, lines: pa.Table) -> Marks:
        """Id and mark of each line that belongs to a voucher."""
        marks: defaultdict[VoucherKey, list[tuple[str | None, bytes]]] = defaultdict(list)
        for key, line_id, changed in zip(
            self.keys(lines), lines["id"].to_pylist(), lines["changed"].to_pylist(), strict=True
        ):
            if key is not None:
                marks[key].append((line_id, line_mark(line_id, changed)))
        return dict(marks)

    def complete(self, keys: Collection[VoucherKey], *, calls: int = COMPLETION_CALLS) -> None:
        """Reads these vouchers whole, in few calls, each over a range of numbers."""
        if not keys:
            return
        self.read_fiscal_years()
        known = {year.year for year in self.fiscal_years}
        if missing := sorted({str(key) for key in keys if key.fiscal_year not in known}):
            raise ContractBroken(
                "finago",
                "GetFiscalYears",
                f"the fiscal year of voucher {missing[0]} is not among those that Finago lists.",
                remedy="See in Finago whether the fiscal year is still there.",
            )
        searches = plan_completion(keys, self.fiscal_years, calls=calls)
        for _, file, lines in read_in_chunks(self.run, self.files, searches):
            self.files.keep_whole(file, lines)
        release_memory()

    def keys(self, lines: pa.Table) -> list[VoucherKey | None]:
        """The voucher of each line; None for a line without type, number or a day in a fiscal year."""
        return voucher_keys(lines, self.fiscal_years)

    def changed_of(self, bucket: int) -> pa.Table:
        """The change feed's lines of one bucket's vouchers."""
        return self._part(self.files.changed(), bucket)

    def whole_vouchers(self, bucket: int, keys: Collection[VoucherKey]) -> pa.Table:
        """All lines of these vouchers of one bucket, each once and as it was read last.

        The lines that stand beside them in a range of numbers are nobody's business.
        """
        lines, wanted = each_once(self._part(self.files.whole(), bucket)), set(keys)
        return lines.filter(pa.array([key in wanted for key in self.keys(lines)], pa.bool_()))

    def read_posted(self, searches: Sequence[LedgerSearch]) -> None:
        """All lines that these searches find, as they are posted, whoever changed them when."""
        for _, file, lines in read_in_chunks(self.run, self.files, searches):
            self.files.keep_whole(file, lines)
        release_memory()
        self.read_fiscal_years()

    def sums_read(self, bucket: int) -> Mapping[VoucherKey, Decimal]:
        """What the lines of one bucket's vouchers sum to, as far as they were read as they are posted."""
        lines = self._part(self.files.whole((*_VOUCHER, "amount")), bucket)
        sums: defaultdict[VoucherKey, Decimal] = defaultdict(Decimal)
        for key, amount in zip(self.keys(lines), lines["amount"].to_pylist(), strict=True):
            if key is not None:
                sums[key] += amount or 0
        return sums

    def keys_of(self, bucket: int) -> list[VoucherKey]:
        """The touched vouchers of one bucket, in order."""
        return self.touched.of_bucket(bucket, self.buckets)

    def _part(self, batches: Iterable[pa.RecordBatch], bucket: int) -> pa.Table:
        """Vouchers are divided by their number alone: both halves of one over a year boundary stay together."""
        parts = (batch.filter(_is_in(batch["number"], bucket, self.buckets)) for batch in batches)
        found = [part for part in parts if part.num_rows]
        return pa.Table.from_batches(found) if found else POSTINGS.empty_table()

    def days_by_link(self, link_ids: Collection[int]) -> Mapping[int, Collection[tuple[VoucherKey | None, date]]]:
        """For each link: the vouchers that have a line in it, of all that this run read, with the line's day."""
        wanted = pa.array(sorted(link_ids), pa.int32())
        found: dict[int, set[tuple[VoucherKey | None, date]]] = {}
        for batches in (self.files.changed(_LINK_OF_VOUCHER), self.files.whole(_LINK_OF_VOUCHER)):
            for batch in batches:
                linked = pa.Table.from_batches([batch.filter(pc.is_in(batch["link_id"], wanted))])
                if not linked.num_rows:
                    continue
                for link_id, key, day in zip(
                    linked["link_id"].to_pylist(), self.keys(linked), linked["day"].to_pylist(), strict=True
                ):
                    if day is not None:
                        found.setdefault(link_id, set()).add((key, day))
        return found


def read_in_chunks(
    run: OfficeRun, files: LineFiles, searches: Sequence[LedgerSearch]
) -> Iterator[tuple[LedgerSearch, Path, int]]:
    """Makes the searches one by one, each into a file; what takes too long is asked for in two halves.

    Gives the search that was made, its file, and the number of lines in it. Raises TookTooLong for a search that cannot
    be halved any more, and what every read raises.
    """
    waiting = deque(searches)
    while waiting:
        search = waiting.popleft()
        file = files.new_file()
        try:
            lines = run.finago.transactions(search, file)
        except TookTooLong:
            parts = halves(search)
            if not parts:
                raise
            waiting.extendleft(reversed(parts))
            continue
        yield search, file, lines


def each_once(lines: pa.Table) -> pa.Table:
    """The lines without repetition: of a guid that came more than once, the row with the latest change stays."""
    grouped = lines.group_by("id", use_threads=False).aggregate([("changed", "max"), ("changed", "count")])
    several = grouped.filter(pc.and_(pc.greater(grouped["changed_count"], 1), pc.is_valid(grouped["id"])))
    if not several.num_rows:
        return lines
    latest = dict(zip(several["id"].to_pylist(), several["changed_max"].to_pylist(), strict=True))
    return lines.filter(as_changed_last(lines, latest, set()))


def _is_in(numbers: pa.Array, bucket: int, buckets: int) -> pa.Array:
    known = pc.abs(pc.fill_null(numbers, 0))
    rest = pc.subtract(known, pc.multiply(pc.divide(known, buckets), buckets))
    return pc.equal(rest, bucket)
