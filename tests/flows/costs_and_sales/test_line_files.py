"""Ledger lines on disk: read back batch by batch, each line once on the day of its latest change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pyarrow as pa
import pytest

from qondor_finago_pipelines.flows.costs_and_sales.line_files import LineFiles
from qondor_finago_pipelines.records.costs_and_sales.posting_table import POSTINGS
from qondor_finago_pipelines.records.costs_and_sales.vouchers import ChangedSearch
from qondor_finago_pipelines.systems.finago.ledger_lines import write_lines

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ANY_GUIDS = [str(UUID(int=number)) for number in range(40)]

Line = tuple[str | None, datetime]
"""Id and DateChanged."""


@pytest.fixture
def files() -> Iterator[LineFiles]:
    with LineFiles() as files:
        yield files


def keep(files: LineFiles, *lines: Line, around: datetime = NOON) -> None:
    """The reply of one call, which asked for the hour around that instant."""
    rows = [
        {**dict.fromkeys(POSTINGS.names), "id": line_id, "changed": changed, "number": number}
        for number, (line_id, changed) in enumerate(lines)
    ]
    batches = [pa.RecordBatch.from_pylist(rows[start : start + 3], POSTINGS) for start in range(0, len(rows), 3)]
    file = files.new_file()
    search = ChangedSearch(start=around - timedelta(minutes=30), end=around + timedelta(minutes=30))
    files.keep_changed(file, write_lines(iter(batches), file), search)


def changed_lines(files: LineFiles) -> Sequence[Line]:
    return [(row["id"], row["changed"]) for batch in files.changed_lines(DAY) for row in batch.to_pylist()]


def test_a_line_that_two_overlapping_calls_gave_is_there_once(files: LineFiles) -> None:
    keep(files, *((guid, NOON) for guid in ANY_GUIDS))
    keep(files, *((guid, NOON) for guid in ANY_GUIDS[-5:]))
    assert changed_lines(files) == [(guid, NOON) for guid in ANY_GUIDS]


def test_of_a_line_that_changed_between_two_calls_the_latest_stays(files: LineFiles) -> None:
    later = NOON + timedelta(seconds=1)
    keep(files, ("a", NOON), ("b", NOON), ("c", NOON))
    keep(files, ("b", later))
    assert changed_lines(files) == [("a", NOON), ("c", NOON), ("b", later)]


def test_ids_of_any_length_and_missing_ones_are_told_apart(files: LineFiles) -> None:
    ids = ["", "a", "aa", "b", None, None, "ba", "å" * 90, "ab"]
    keep(files, *((line_id, NOON) for line_id in ids))
    keep(files, ("ab", NOON))
    assert [line_id for line_id, _ in changed_lines(files)] == ids


def test_what_changed_on_another_day_is_not_among_the_lines_of_the_day(files: LineFiles) -> None:
    keep(files, ("a", NOON), ("b", NOON + timedelta(days=1)))
    assert [line_id for line_id, _ in changed_lines(files)] == ["a"]


def test_only_the_columns_that_are_asked_for_are_read(files: LineFiles) -> None:
    keep(files, ("a", NOON), ("b", NOON))
    [batch] = files.changed(["changed", "id"])
    assert set(batch.schema.names) == {"id", "changed"}
    assert batch["id"].to_pylist() == ["a", "b"]
