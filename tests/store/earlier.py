"""The store as the last unreleased version left it, after the life of `tests.end_to_end.run.living`.

`revision-0004.sqlite.sql` and `revision-0004.postgresql.sql` say the same, and are never made anew. Every table holds
something.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, create_engine, select

from qondor_finago_pipelines.store.database import store_url

DUMPS = Path(__file__).parent / "earlier"

Rows = dict[str, list[dict[str, Any]]]
"""By table: every row, in the order of its primary key."""


def make_earlier_store(address: str) -> None:
    """Fills an empty database, or makes a SQLite file, with a write-ahead log as it was."""
    url = store_url(address)
    dump = (DUMPS / f"revision-0004.{url.get_backend_name()}.sql").read_text(encoding="utf-8")
    if url.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(url.database))) as file:
            file.execute("PRAGMA journal_mode = WAL")
            file.executescript(dump)
        return
    engine = create_engine(url)
    # Past SQLAlchemy, to whom a percent sign is something else.
    with closing(engine.raw_connection()) as connection:
        connection.cursor().execute(dump)
        connection.commit()
    engine.dispose()


def everything_in(address: str, *, schema: str) -> Rows:
    """All rows of all tables as they stand, whatever today's code takes the tables to be."""
    engine = create_engine(store_url(address))
    metadata = MetaData(schema=None if engine.dialect.name == "sqlite" else schema)
    metadata.reflect(engine)
    with engine.connect() as connection:
        rows = {
            table.name: [
                dict(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
            ]
            for table in metadata.tables.values()
        }
    engine.dispose()
    return rows
