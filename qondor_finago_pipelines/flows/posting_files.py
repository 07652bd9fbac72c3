"""Ledger lines on disk: a million of them never stand in memory at once.

Each call's reply is one Arrow file in a temporary folder (columns: `records.posting_table`). They are read back batch
by batch, as often as a step needs them, and gone with the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

import pyarrow as pa
import pyarrow.compute as pc

from ..records.days import utc_bounds
from ..records.posting_table import POSTINGS
from ..records.vouchers import ChangedSearch


class PostingFiles:
    """The lines that one run read: those that changed, and those of whole vouchers, each in files of their own."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="postings-")
        self._made = 0
        self._changed: list[tuple[Path, ChangedSearch]] = []
        self._whole: list[Path] = []
        self.changed_count = 0
        """Lines in the replies of the change feed, those that overlapping calls gave twice counted twice."""
        self.lines_read = 0
        """All lines that came over the wire."""

    def __enter__(self) -> PostingFiles:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Removes the files."""
        self._folder.cleanup()

    def new_file(self) -> Path:
        """A place for the reply of one call."""
        self._made += 1
        return Path(self._folder.name) / f"{self._made}.arrow"

    def keep_changed(self, file: Path, lines: int, search: ChangedSearch) -> None:
        """The file holds a part of the change feed: what the search found."""
        self.lines_read += lines
        self.changed_count += lines
        if lines:
            self._changed.append((file, search))

    def keep_whole(self, file: Path, lines: int) -> None:
        """The file holds whole vouchers, those asked for and whatever stands between them."""
        self.lines_read += lines
        if lines:
            self._whole.append(file)

    def count(self, lines: int) -> None:
        """Lines that were read and not kept."""
        self.lines_read += lines

    def changed(self) -> Iterator[pa.RecordBatch]:
        """The change feed, as it came: overlapping calls may give a line twice."""
        return batches_of(file for file, _ in self._changed)

    def whole(self) -> Iterator[pa.RecordBatch]:
        """Every line that was read to complete a voucher."""
        return batches_of(self._whole)

    def changed_lines(self, day: date) -> Iterator[pa.RecordBatch]:
        """The lines whose latest change falls on that day in Europe/Oslo, each once and as it was read last."""
        latest = self._changed_more_than_once(day)
        given: set[str] = set()
        for batch in self._about(day):
            todays = batch.filter(_within(batch["changed"], day))
            if latest and todays.num_rows:
                keep = []
                for line, changed in zip(todays["id"].to_pylist(), todays["changed"].to_pylist(), strict=True):
                    twice = line in latest
                    keep.append(not twice or (latest[line] == changed and line not in given))
                    if twice and keep[-1]:
                        given.add(line)
                todays = todays.filter(pa.array(keep, pa.bool_()))
            if todays.num_rows:
                yield todays

    def _about(self, day: date) -> Iterator[pa.RecordBatch]:
        """The replies of those calls that asked for this day, or a part of it."""
        start, end = utc_bounds(day)
        return batches_of(file for file, search in self._changed if search.start < end and search.end >= start)

    def _changed_more_than_once(self, day: date) -> dict[str, datetime]:
        """The latest change of each line that came several times. Calls overlap by minutes, so these are few."""
        ids = [
            pa.table([found["id"], found["changed"]], names=["id", "changed"])
            for batch in self._about(day)
            if (found := batch.filter(_within(batch["changed"], day))).num_rows
        ]
        if not ids:
            return {}
        grouped = pa.concat_tables(ids).group_by("id").aggregate([("changed", "max"), ("changed", "count")])
        several = grouped.filter(pc.and_(pc.greater(grouped["changed_count"], 1), pc.is_valid(grouped["id"])))
        return dict(zip(several["id"].to_pylist(), several["changed_max"].to_pylist(), strict=True))


def _within(instants: pa.Array, day: date) -> pa.Array:
    start, end = utc_bounds(day)
    kind = POSTINGS.field("changed").type
    after = pc.greater_equal(instants, pa.scalar(start, kind))
    return pc.fill_null(pc.and_(after, pc.less(instants, pa.scalar(end, kind))), False)


def batches_of(files: Iterable[Path]) -> Iterator[pa.RecordBatch]:
    """The lines in these files, batch by batch."""
    # Read, not mapped: pages of a mapped file would count as memory of the process.
    for file in files:
        with pa.OSFile(str(file)) as source, pa.ipc.open_file(source) as reader:
            for number in range(reader.num_record_batches):
                yield reader.get_batch(number)
