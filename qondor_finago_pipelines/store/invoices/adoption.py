"""How far an empty store has come in learning what both systems hold already (decisions 7, Adoption)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from ...records.identifiers import ClientId, OrderId
from ...records.links import Kind
from .. import schema
from ..statements import chunks, insert


class Adoption:
    """Whether a client's records of a kind are adopted, and the orders that are still to be looked at."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def completed(self, client_id: ClientId, kind: Kind) -> bool:
        """False: nothing of this kind may be written for the client yet."""
        table = schema.adoptions
        found = self._connection.scalar(
            select(table.c.completed_at).where(table.c.client_id == client_id, table.c.kind == kind)
        )
        return found is not None

    def complete(self, client_id: ClientId, kind: Kind, at: datetime) -> None:
        """Writes may start. Said twice, the first time stays."""
        self._connection.execute(
            insert(self._connection, schema.adoptions)
            .values(client_id=client_id, kind=kind, completed_at=at)
            .on_conflict_do_nothing()
        )

    def begin_orders(self, client_id: ClientId, candidates: Sequence[tuple[OrderId, str]]) -> None:
        """Adds orders, each with its ReferenceNumber, that later runs will look at; one known already stays."""
        for some in chunks(candidates):
            self._connection.execute(
                insert(self._connection, schema.adoption_orders).on_conflict_do_nothing(),
                [
                    {"client_id": client_id, "order_id": order_id, "reference": reference}
                    for order_id, reference in some
                ],
            )

    def waiting_orders(self, client_id: ClientId, limit: int) -> tuple[tuple[OrderId, str], ...]:
        """At most `limit` of those that nobody has looked at yet, the newest first: the likelier to be unpaid."""
        table = schema.adoption_orders
        rows = self._connection.execute(
            select(table.c.order_id, table.c.reference)
            .where(table.c.client_id == client_id, table.c.left_to_queue_at.is_(None))
            .order_by(table.c.order_id.desc())
            .limit(limit)
        )
        return tuple((OrderId(row.order_id), row.reference) for row in rows)

    def waiting_for(self, client_id: ClientId, references: Iterable[str]) -> dict[str, tuple[OrderId, ...]]:
        """The orders among them that carry one of these ReferenceNumbers, by it."""
        table = schema.adoption_orders
        found: dict[str, list[OrderId]] = {}
        for some in chunks(references):
            rows = self._connection.execute(
                select(table.c.order_id, table.c.reference)
                .where(table.c.client_id == client_id, table.c.reference.in_(some))
                .order_by(table.c.order_id)
            )
            for row in rows:
                found.setdefault(row.reference, []).append(OrderId(row.order_id))
        return {reference: tuple(order_ids) for reference, order_ids in found.items()}

    def leave_to_queue(self, client_id: ClientId, order_ids: Iterable[OrderId], at: datetime) -> None:
        """These belong to invoices that are still unprocessed: only `waiting_for` finds them from now on."""
        table = schema.adoption_orders
        for some in chunks(order_ids):
            self._connection.execute(
                update(table)
                .where(table.c.client_id == client_id, table.c.order_id.in_(some))
                .values(left_to_queue_at=at)
            )

    def waited(self, client_id: ClientId, order_ids: Iterable[OrderId]) -> None:
        """These were looked at."""
        table = schema.adoption_orders
        for some in chunks(order_ids):
            self._connection.execute(delete(table).where(table.c.client_id == client_id, table.c.order_id.in_(some)))
