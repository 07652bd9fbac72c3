"""The little SQL that every part of the store needs, the same in both databases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

Item = TypeVar("Item")

CHUNK = 500
"""Ids in one IN list: below the number of variables that any SQLite takes."""


class Part:
    """One thing that the store remembers, as one transaction sees it.

    `now` is the one instant of the transaction: whatever it writes bears it.
    """

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def _add(self, table: Table, *rows: Mapping[str, Any]) -> None:
        """Adds the rows; of one that is there already the first stays."""
        self._connection.execute(insert(self._connection, table).on_conflict_do_nothing(), rows)

    def _put(self, table: Table, *rows: Mapping[str, Any]) -> None:
        """Adds the rows; of one that is there already the given columns change, and no other."""
        key = table.primary_key.columns.keys()
        adding = insert(self._connection, table)
        changed = {name: adding.excluded[name] for name in rows[0] if name not in key}
        self._connection.execute(adding.on_conflict_do_update(index_elements=key, set_=changed), rows)


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, which SQLAlchemy names twice."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def named(column: Column[str], key: str, *, whole: bool) -> ColumnElement[bool]:
    """The rows of this key, or of all keys that begin like it."""
    return column == key if whole else column.startswith(key, autoescape=True)


def columns_of(record: type, table: Table) -> Sequence[Column[Any]]:
    """The columns that a record has as members, by the same names: `Record(**row._mapping)` makes one."""
    return [table.c[each.name] for each in fields(record)]


def chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """The distinct items, at most `CHUNK` at a time."""
    remaining = iter(dict.fromkeys(items))
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk
