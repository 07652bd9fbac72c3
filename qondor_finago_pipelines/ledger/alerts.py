"""What somebody has to be told: once when it begins, counted while it lasts, resolved when it ends (decisions 11)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from ..records.identifiers import OfficeId
from . import schema
from .statements import chunks, insert


@dataclass(frozen=True, kw_only=True)
class Alert:
    """`record` None concerns the office as a whole. `count` is the number of runs that met it. No personal data."""

    id: int
    office_id: OfficeId
    flow: str
    cause: str
    record: str | None
    message: str
    first_seen: datetime
    last_seen: datetime
    count: int


class Alerts:
    """At most one unresolved alert for each office, flow, cause and record."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def report(
        self, *, office_id: OfficeId, flow: str, cause: str, record: str | None, message: str, at: datetime
    ) -> bool:
        """True when it is new, and so will be told; else it is counted, with the newer message."""
        table = schema.alerts
        count: int = self._connection.execute(
            insert(self._connection, table)
            .values(
                office_id=office_id,
                flow=flow,
                cause=cause,
                record=record or "",
                message=message,
                first_seen=at,
                last_seen=at,
                count=1,
            )
            .on_conflict_do_update(
                index_elements=["office_id", "flow", "cause", "record"],
                index_where=table.c.resolved_at.is_(None),
                set_={"message": message, "last_seen": at, "count": table.c.count + 1},
            )
            .returning(table.c.count)
        ).scalar_one()
        return count == 1

    def resolve(
        self, *, office_id: OfficeId, flow: str, keep: Collection[tuple[str, str | None]], at: datetime
    ) -> int:
        """Resolves all open alerts of the office and flow but those of `keep` (cause, record); gives how many."""
        table = schema.alerts
        kept = {(cause, record or "") for cause, record in keep}
        open_ones = self._connection.execute(
            select(table.c.id, table.c.cause, table.c.record).where(
                table.c.office_id == office_id, table.c.flow == flow, table.c.resolved_at.is_(None)
            )
        ).all()
        gone = [row.id for row in open_ones if (row.cause, row.record) not in kept]
        for some in chunks(gone):
            self._connection.execute(update(table).where(table.c.id.in_(some)).values(resolved_at=at))
        return len(gone)

    def unsent(self, office_id: OfficeId | None = None) -> tuple[Alert, ...]:
        """What nobody was told yet, oldest first. What is resolved already is not told any more."""
        table = schema.alerts
        statement = select(table).where(table.c.sent_at.is_(None), table.c.resolved_at.is_(None))
        if office_id is not None:
            statement = statement.where(table.c.office_id == office_id)
        return tuple(
            Alert(
                id=row.id,
                office_id=OfficeId(row.office_id),
                flow=row.flow,
                cause=row.cause,
                record=row.record or None,
                message=row.message,
                first_seen=row.first_seen,
                last_seen=row.last_seen,
                count=row._mapping["count"],
            )
            for row in self._connection.execute(statement.order_by(table.c.id))
        )

    def mark_sent(self, alert_ids: Collection[int], at: datetime) -> None:
        table = schema.alerts
        for some in chunks(alert_ids):
            self._connection.execute(update(table).where(table.c.id.in_(some)).values(sent_at=at))
