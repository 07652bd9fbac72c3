"""Finago clients whose first order somebody has looked at (decisions 7, first contact)."""

from __future__ import annotations

from sqlalchemy import select

from ...records.identifiers import ClientId
from .. import schema
from ..statements import Part


class Confirmations(Part):
    """Until a client is confirmed, `max_new_orders` holds back what is above it."""

    def confirmed(self, client_id: ClientId) -> bool:
        table = schema.confirmations
        found = self._connection.scalar(select(table.c.confirmed_at).where(table.c.client_id == client_id))
        return found is not None

    def confirm(self, client_id: ClientId) -> None:
        """Lifts the guard. Said twice, the first time stays."""
        self._add(schema.confirmations, {"client_id": client_id, "confirmed_at": self._now})
