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
        return self._instant(office_id, "read_until")

    def asked_from(self, office_id: OfficeId) -> datetime | None:
        """Where the earliest window of an attempt began, as long as no run was complete; else None."""
        return None if self.read_until(office_id) else self._instant(office_id, "asked_from")

    def begin(self, office_id: OfficeId, start: datetime) -> None:
        """A run asks for what changed since `start`: should it fail, a later one has to ask from there."""
        if self.read_until(office_id) is None:
            earlier = self.asked_from(office_id)
            self._put(
                schema.ledger_readings, {"office_id": office_id, "asked_from": min(filter(None, (earlier, start)))}
            )

    def advance(self, office_id: OfficeId, start: datetime, until: datetime) -> None:
        """What changed between the two was read. Never goes back, and never over a gap that nobody has read."""
        before = self.read_until(office_id) or self.asked_from(office_id)
        if before is None or start <= before < until:
            self._put(schema.ledger_readings, {"office_id": office_id, "read_until": until})

    def swept_at(self, office_id: OfficeId) -> datetime | None:
        """When the office last compared its loaded vouchers with Finago's."""
        return self._instant(office_id, "swept_at")

    def sweep_done(self, office_id: OfficeId) -> None:
        """The comparison was complete, and what it found is loaded."""
        self._put(schema.ledger_readings, {"office_id": office_id, "swept_at": self._now})

    def allow_deletions(self, office_id: OfficeId) -> None:
        """A person has seen that what is missing in Finago is gone: the next run may delete however much it is."""
        self._put(schema.ledger_readings, {"office_id": office_id, "deletions_allowed_at": self._now})

    def deletions_allowed(self, office_id: OfficeId) -> bool:
        return self._instant(office_id, "deletions_allowed_at") is not None

    def deletions_done(self, office_id: OfficeId) -> None:
        """The word of that person held once."""
        self._put(schema.ledger_readings, {"office_id": office_id, "deletions_allowed_at": None})

    def _instant(self, office_id: OfficeId, name: str) -> datetime | None:
        table = schema.ledger_readings
        found: datetime | None = self._connection.scalar(select(table.c[name]).where(table.c.office_id == office_id))
        return found
