"""Finago clients whose first order somebody has looked at (decisions 7, first contact)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from ...records.identifiers import ClientId
from .. import schema
from ..statements import insert


class Confirmations:
    """Until a client is confirmed, `max_new_orders` holds back what is above it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def confirmed(self, client_id: ClientId) -> bool:
        table = schema.confirmations
        found = self._connection.scalar(select(table.c.confirmed_at).where(table.c.client_id == client_id))
        return found is not None

    def confirm(self, client_id: ClientId, at: datetime) -> None:
        """Lifts the guard. Said twice, the first time stays."""
        self._connection.execute(
            insert(self._connection, schema.confirmations)
            .values(client_id=client_id, confirmed_at=at)
            .on_conflict_do_nothing()
        )
