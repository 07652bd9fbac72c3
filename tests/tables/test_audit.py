"""The files of what was read, on a disk and in a store without folders: any address that fsspec knows will do."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qondor_finago_pipelines.records.costs_and_sales.posting_table import POSTINGS
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.tables.audit import COLUMNS, prune_audit, write_audit

OSLO, BERGEN = OfficeId(102), OfficeId(103)
DAY = date(2026, 11, 20)


@pytest.fixture(params=["disk", "memory"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the tables go: a folder of this machine, or a store that is none of its files."""
    return f"{tmp_path.as_uri()}/tables" if request.param == "disk" else f"memory://tables-{uuid.uuid4()}"


def lines(*ids: str) -> pa.RecordBatch:
    rows = [{"id": each, "account": 4000, "comment": "Kari Nordmann, rooms"} for each in ids]
    return pa.RecordBatch.from_pylist(rows, schema=POSTINGS)


def read(url: str, name: str) -> pa.Table:
    files, root = fsspec.core.url_to_fs(url)
    with files.open(f"{root}/{name}", "rb") as source:
        return pq.read_table(source)


def names(url: str) -> list[str]:
    files, root = fsspec.core.url_to_fs(url)
    return sorted(str(name).rpartition("finago_transactions/")[2] for name in files.find(root))


def test_a_day_is_one_file_that_says_which_run_wrote_it_and_holds_no_comment(url: str) -> None:
    about = {"run_id": "run-1", "window": "2026-11-07 to 2026-11-20", "office": "102"}
    write_audit(url, OSLO, DAY, [lines("a", "b"), lines("c")], about)
    assert names(url) == ["office=102/2026-11-20.parquet"]
    table = read(url, "finago_transactions/office=102/2026-11-20.parquet")
    assert table.column("id").to_pylist() == ["a", "b", "c"]
    assert table.column_names == COLUMNS.names
    assert "comment" not in table.column_names
    assert {key.decode(): value.decode() for key, value in table.schema.metadata.items()}.items() >= about.items()


def test_a_later_run_replaces_the_file(url: str) -> None:
    write_audit(url, OSLO, DAY, [lines("a")], {"run_id": "run-1"})
    write_audit(url, OSLO, DAY, [lines("a", "b")], {"run_id": "run-2"})
    assert names(url) == ["office=102/2026-11-20.parquet"]
    table = read(url, "finago_transactions/office=102/2026-11-20.parquet")
    assert table.column("id").to_pylist() == ["a", "b"]
    assert table.schema.metadata[b"run_id"] == b"run-2"


def test_a_run_that_breaks_off_while_it_writes_leaves_the_earlier_file(url: str) -> None:
    def breaks_off() -> Iterator[pa.RecordBatch]:
        yield lines("x")
        raise RuntimeError("the process dies")

    write_audit(url, OSLO, DAY, [lines("a")], {"run_id": "run-1"})
    with pytest.raises(RuntimeError):
        write_audit(url, OSLO, DAY, breaks_off(), {"run_id": "run-2"})
    table = read(url, "finago_transactions/office=102/2026-11-20.parquet")
    assert table.column("id").to_pylist() == ["a"]
    write_audit(url, OSLO, DAY, [lines("b")], {"run_id": "run-3"})
    assert names(url) == ["office=102/2026-11-20.parquet"], "what was half written is gone"


def test_files_of_earlier_days_are_pruned_for_one_office_and_nothing_else(url: str) -> None:
    for office in (OSLO, BERGEN):
        for day in (18, 19, 20):
            write_audit(url, office, date(2026, 11, day), [lines("a")], {})
    files, root = fsspec.core.url_to_fs(url)
    files.pipe_file(f"{root}/finago_transactions/office=102/notes.txt", b"somebody's own")
    assert prune_audit(url, OSLO, date(2026, 11, 20)) == 2
    assert names(url) == [
        "office=102/2026-11-20.parquet",
        "office=102/notes.txt",
        "office=103/2026-11-18.parquet",
        "office=103/2026-11-19.parquet",
        "office=103/2026-11-20.parquet",
    ]


def test_an_office_without_files_has_nothing_to_prune(url: str) -> None:
    assert prune_audit(url, OSLO, DAY) == 0
