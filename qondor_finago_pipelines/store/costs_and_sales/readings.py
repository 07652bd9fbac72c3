"""How far each office has read the changes in Finago's general ledger."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ...records.identifiers import OfficeId
from .. import schema
from ..statements import Part


class Readings(Part):
    """One row an office: everything that changed before `read_until` was read, judged and loaded."""

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
            self._put(schema.ledger_readings, {"office_id": office_id, "read_until": until})

    def swept_at(self, office_id: OfficeId) -> datetime | None:
        """When the office last compared its loaded vouchers with Finago's."""
        table = schema.ledger_readings
        at: datetime | None = self._connection.scalar(select(table.c.swept_at).where(table.c.office_id == office_id))
        return at

    def sweep_done(self, office_id: OfficeId) -> None:
        """The comparison was complete, and what it found is loaded."""
        self._put(schema.ledger_readings, {"office_id": office_id, "swept_at": self._now})
