"""The little SQL that both databases share but SQLAlchemy names twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Item = TypeVar("Item")

CHUNK = 500
"""Ids in one IN list: below the number of variables that any SQLite takes."""


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """The distinct items, at most `CHUNK` at a time."""
    remaining = iter(dict.fromkeys(items))
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
