"""The history of every record: what happened to it, when, in which run. Nothing is ever changed or taken away.

The databases keep it so: a trigger of the first migration refuses every UPDATE and DELETE.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, tuple_

from ...records.identifiers import OfficeId
from ...records.operations.results import RecordState
from .. import schema
from ..statements import Part, chunks, named

ALERTS = "alerts"
"""The kind of the events that tell of whom was told of a record: alerts themselves are forgotten in time."""

NO_LONGER_OPEN = "no longer open"
"""The event of a record that a run of everything did not meet any more."""


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


class Events(Part):
    """Append and read."""

    def append(
        self,
        *,
        office_id: OfficeId,
        kind: str,
        key: str,
        event: str,
        run_id: str | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        self._connection.execute(
            insert(schema.events).values(
                office_id=office_id, kind=kind, key=key, event=event, at=self._now, run_id=run_id, detail=detail
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

    def about(
        self, offices: Collection[OfficeId], records: Collection[tuple[str, str]], *, beginning: Collection[str] = ()
    ) -> tuple[Event, ...]:
        """Everything that happened to these records (kind, key) in these offices, in the order in which it was written.

        Of the kinds `beginning` a key is only how the keys begin.
        """
        table = schema.events
        found: dict[int, Event] = {}
        for kind, key in sorted(set(records)):
            wanted = named(table.c.key, key, whole=kind not in beginning)
            for some in chunks(sorted(offices)):
                rows = self._connection.execute(
                    select(table).where(table.c.office_id.in_(some), table.c.kind == kind, wanted)
                )
                found.update((row.id, Event(**row._mapping)) for row in rows)
        return tuple(found[each] for each in sorted(found))

    def unsettled_since(
        self, flow: str, records: Iterable[tuple[OfficeId, str]]
    ) -> dict[tuple[OfficeId, str], datetime]:
        """Since when these records of a flow are not settled, whatever their reasons have been."""
        table = schema.events
        since: dict[tuple[OfficeId, str], datetime] = {}
        for some in chunks(records):
            rows = self._connection.execute(
                select(table.c.office_id, table.c.key, table.c.event, table.c.at)
                .where(table.c.kind == flow, tuple_(table.c.office_id, table.c.key).in_(some))
                .order_by(table.c.id)
            )
            for row in rows:
                if row.event in (RecordState.SETTLED, NO_LONGER_OPEN):
                    since.pop((row.office_id, row.key), None)
                else:
                    since.setdefault((row.office_id, row.key), row.at)
        return since
