"""The history of every record: what happened to it, when, in which run. Nothing is ever changed or taken away.

The databases keep it so: a trigger of the first migration refuses every UPDATE and DELETE.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from ...records.identifiers import OfficeId
from .. import schema


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened to one record. `detail` holds ids, amounts and hashes, no personal data."""

    id: int
    office_id: OfficeId
    kind: str
    key: str
    event: str
    at: datetime
    run_id: str | None
    detail: dict[str, Any] | None


class Events:
    """Append and read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(
        self,
        *,
        office_id: OfficeId,
        kind: str,
        key: str,
        event: str,
        at: datetime,
        run_id: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        self._connection.execute(
            insert(schema.events).values(
                office_id=office_id,
                kind=kind,
                key=key,
                event=event,
                at=at,
                run_id=run_id,
                detail=None if detail is None else dict(detail),
            )
        )

    def history(self, office_id: OfficeId, kind: str, key: str) -> tuple[Event, ...]:
        """Everything that happened to one record, in the order in which it was written."""
        table = schema.events
        rows = self._connection.execute(
            select(table)
            .where(table.c.office_id == office_id, table.c.kind == kind, table.c.key == key)
            .order_by(table.c.id)
        )
        return tuple(Event(**row._mapping) for row in rows)
