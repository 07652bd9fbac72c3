"""What was read, kept for whoever asks later: one Parquet file an office and day on which Finago's lines changed.

Written under a temporary name and renamed, at any address that fsspec knows. It is an output: nothing reads it back.
The comment of a line may name a person and is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from ..records.costs_and_sales.posting_table import POSTINGS
from ..records.identifiers import OfficeId

LEFT_OUT = frozenset({"comment", "unreadable"})

COLUMNS = pa.schema([field for field in POSTINGS if field.name not in LEFT_OUT])


def write_audit(
    url: str, office: OfficeId, day: date, batches: Iterable[pa.RecordBatch], about: Mapping[str, str]
) -> str:
    """Writes the day's lines and gives where; `about` goes into the file's own metadata. Replaces an earlier file."""
    files, root = fsspec.core.url_to_fs(url)
    folder = f"{root.rstrip('/')}/{_folder(office)}"
    files.makedirs(folder, exist_ok=True)
    final, being_written = f"{folder}/{day}.parquet", f"{folder}/.{day}.parquet.writing"
    schema = COLUMNS.with_metadata(dict(about))
    with files.open(being_written, "wb") as sink, pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch.select(COLUMNS.names))
    if files.exists(final):
        files.rm(final)
    files.mv(being_written, final)
    return final


def prune_audit(url: str, office: OfficeId, before: date) -> int:
    """Removes the office's files of days before that one; gives how many."""
    files, root = fsspec.core.url_to_fs(url)
    folder = f"{root.rstrip('/')}/{_folder(office)}"
    if not files.exists(folder):
        return 0
    old = [name for name in files.ls(folder, detail=False) if (day := _day_of(name)) is not None and day < before]
    for name in old:
        files.rm(name)
    return len(old)


def _folder(office: OfficeId) -> str:
    return f"finago_transactions/office={office}"


def _day_of(name: str) -> date | None:
    stem = name.rpartition("/")[2].removesuffix(".parquet")
    try:
        return date.fromisoformat(stem)
    except ValueError:
        return None
