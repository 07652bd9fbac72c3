"""Ledger lines on disk: a million of them never stand in memory at once.

Each call's reply is one Arrow file in a temporary folder (columns: `records.posting_table`). They are read back batch
by batch, as often as a step needs them, and gone with the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ...records.costs_and_sales.posting_table import POSTINGS
from ...records.costs_and_sales.vouchers import ChangedSearch
from ...records.days import utc_bounds


class LineFiles:
    """The lines that one run read: those that changed, and those of whole vouchers, each in files of their own."""

    def __init__(self) -> None:
        # Arrow's usual allocator keeps for itself much of what was freed; the system's shares it with everybody.
        pa.set_memory_pool(pa.system_memory_pool())
        self._folder = TemporaryDirectory(prefix="postings-")
        self._made = 0
        self._changed: list[tuple[Path, ChangedSearch]] = []
        self._whole: list[Path] = []
        self.changed_count = 0
        """Lines in the replies of the change feed, those that overlapping calls gave twice counted twice."""
        self.lines_read = 0
        """All lines that came over the wire."""

    def __enter__(self) -> LineFiles:
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

    def changed(self, columns: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
        """The change feed, as it came: overlapping calls may give a line twice. All columns, or only these."""
        return batches_of((file for file, _ in self._changed), columns)

    def whole(self, columns: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
        """Every line that was read to complete a voucher; all columns, or only these."""
        return batches_of(self._whole, columns)

    def changed_lines(self, day: date) -> Iterator[pa.RecordBatch]:
        """The lines whose latest change falls on that day in Europe/Oslo, each once and as it was read last."""
        latest = self._changed_more_than_once(day)
        given: set[str] = set()
        for batch in self._about(day):
            todays = batch.filter(_within(batch["changed"], day))
            if latest and todays.num_rows:
                todays = todays.filter(as_changed_last(todays, latest, given))
            if todays.num_rows:
                yield todays

    def _about(self, day: date, columns: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
        """The replies of those calls that asked for this day, or a part of it."""
        start, end = utc_bounds(day)
        files = (file for file, search in self._changed if search.start < end and search.end >= start)
        return batches_of(files, columns)

    def _changed_more_than_once(self, day: date) -> dict[str, datetime]:
        """The latest change of each line that came several times. Calls overlap by minutes, so these are few."""
        marks = [_marks(found["id"]) for found in self._of_day(day)]
        if not marks:
            return {}
        every = np.sort(np.concatenate(marks))
        doubled = np.unique(every[1:][every[1:] == every[:-1]])
        if not len(doubled):
            return {}
        latest: dict[str, datetime] = {}
        several: set[str] = set()
        for found in self._of_day(day):
            likely = found.filter(pa.array(np.isin(_marks(found["id"]), doubled)))
            for line, changed in zip(likely["id"].to_pylist(), likely["changed"].to_pylist(), strict=True):
                if line in latest:
                    several.add(line)
                latest[line] = max(changed, latest.get(line, changed))
        return {line: latest[line] for line in several}

    def _of_day(self, day: date) -> Iterator[pa.RecordBatch]:
        """The lines that have an Id and changed on that day, as often as they came: Id and DateChanged alone."""
        for batch in self._about(day, ["id", "changed"]):
            found = batch.filter(pc.and_(_within(batch["changed"], day), pc.is_valid(batch["id"])))
            if found.num_rows:
                yield found


def as_changed_last(lines: pa.RecordBatch | pa.Table, latest: Mapping[str, datetime], given: set[str]) -> pa.Array:
    """Which lines to keep so that each is there once. `latest` is the latest change of those that came several times.

    `given` are those of them that were kept already; the ones kept now are added.
    """
    keep = []
    for line, changed in zip(lines["id"].to_pylist(), lines["changed"].to_pylist(), strict=True):
        keep.append(line not in latest or (latest[line] == changed and line not in given))
        if keep[-1] and line in latest:
            given.add(line)
    return pa.array(keep, pa.bool_())


def _marks(texts: pa.Array) -> npt.NDArray[np.uint64]:
    """Eight bytes for each text, the same for equal ones: a million texts themselves would take a hundred megabytes."""
    _, offsets, characters = texts.cast(pa.string()).buffers()
    borders = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    lengths = np.diff(borders)
    places = np.arange(borders[0], borders[-1]) - np.repeat(borders[:-1], lengths)
    # Sums wrap around at 2^64.
    weights = np.cumprod(np.full(int(lengths.max(initial=0)) + 1, 0x9E3779B97F4A7C15, np.uint64))
    weighed = np.frombuffer(characters or b"", np.uint8)[borders[0] : borders[-1]] * weights[places]
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(weighed, dtype=np.uint64)])
    marks: npt.NDArray[np.uint64] = sums[borders[1:] - borders[0]] - sums[borders[:-1] - borders[0]]
    return marks


def _within(instants: pa.Array, day: date) -> pa.Array:
    start, end = utc_bounds(day)
    kind = POSTINGS.field("changed").type
    after = pc.greater_equal(instants, pa.scalar(start, kind))
    return pc.fill_null(pc.and_(after, pc.less(instants, pa.scalar(end, kind))), False)


def release_memory() -> None:
    """Returns to the system what was freed: else the peak of one step comes on top of what the next one needs."""
    pa.default_memory_pool().release_unused()


def batches_of(files: Iterable[Path], columns: Sequence[str] = ()) -> Iterator[pa.RecordBatch]:
    """The lines in these files, batch by batch: all columns, or only these, in the order of `POSTINGS`."""
    options = pa.ipc.IpcReadOptions(included_fields=[POSTINGS.get_field_index(name) for name in columns])
    # Read, not mapped: pages of a mapped file would count as memory of the process.
    for file in files:
        with pa.OSFile(str(file)) as source, pa.ipc.open_file(source, options=options) as reader:
            for number in range(reader.num_record_batches):
                yield reader.get_batch(number)
