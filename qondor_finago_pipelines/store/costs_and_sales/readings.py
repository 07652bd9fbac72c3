"""How far each office has read the changes in Finago's general ledger."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from ...records.identifiers import OfficeId
from .. import schema
from ..statements import insert


class Readings:
    """One row an office: everything that changed before `read_until` was read, judged and loaded."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read_until(self, office_id: OfficeId) -> datetime | None:
        """None before the first complete run."""
        table = schema.ledger_readings
        until: datetime | None = self._connection.scalar(
            select(table.c.read_until).where(table.c.office_id == office_id)
        )
        return until

    def advance(self, office_id: OfficeId, start: datetime, until: datetime) -> None:
        """What changed between the two was read. Never goes back, and never over a gap that nobody has read."""
        before = self.read_until(office_id)
        if before is None or start <= before < until:
            self._put(office_id, read_until=until)

    def swept_at(self, office_id: OfficeId) -> datetime | None:
        """When the office last compared its loaded vouchers with Finago's."""
        table = schema.ledger_readings
        at: datetime | None = self._connection.scalar(select(table.c.swept_at).where(table.c.office_id == office_id))
        return at

    def sweep_done(self, office_id: OfficeId, at: datetime) -> None:
        """The comparison was complete, and what it found is loaded."""
        self._put(office_id, swept_at=at)

    def _put(self, office_id: OfficeId, **what: datetime) -> None:
        self._connection.execute(
            insert(self._connection, schema.ledger_readings)
            .values(office_id=office_id, **what)
            .on_conflict_do_update(index_elements=["office_id"], set_=what)
        )
