"""How far an empty store has come in learning what both systems hold already (decisions 7, Adoption)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import delete, func, select, update

from ...records.identifiers import ClientId, OrderId
from ...records.links import Kind
from .. import schema
from ..statements import Part, chunks


class Adoption(Part):
    """Whether a client's records of a kind are adopted, and the orders that are still to be looked at."""

    def completed(self, client_id: ClientId, kind: Kind) -> bool:
        """False: nothing of this kind may be written for the client yet."""
        table = schema.adoptions
        found = self._connection.scalar(
            select(table.c.completed_at).where(table.c.client_id == client_id, table.c.kind == kind)
        )
        return found is not None

    def complete(self, client_id: ClientId, kind: Kind) -> None:
        """Writes may start. Said twice, the first time stays."""
        self._add(schema.adoptions, {"client_id": client_id, "kind": kind, "completed_at": self._now})

    def begin_orders(self, client_id: ClientId, candidates: Sequence[tuple[OrderId, str]]) -> None:
        """Adds orders, each with its ReferenceNumber, that later runs will look at; one known already stays."""
        for some in chunks(candidates):
            self._add(
                schema.adoption_orders,
                *(
                    {"client_id": client_id, "order_id": order_id, "reference": reference}
                    for order_id, reference in some
                ),
            )

    def waiting_orders(self, client_id: ClientId, limit: int) -> tuple[tuple[OrderId, str], ...]:
        """At most `limit` of those that nobody has looked at yet, the newest first: the likelier to be unpaid.

        Those that Finago did not show when it was asked come last: they keep no other waiting.
        """
        table = schema.adoption_orders
        rows = self._connection.execute(
            select(table.c.order_id, table.c.reference)
            .where(table.c.client_id == client_id, table.c.left_to_queue_at.is_(None))
            .order_by(table.c.missed_since.is_not(None), table.c.order_id.desc())
            .limit(limit)
        )
        return tuple((row.order_id, row.reference) for row in rows)

    def waiting_for(self, client_id: ClientId, references: Iterable[str]) -> dict[str, tuple[OrderId, ...]]:
        """The orders among them that carry one of these ReferenceNumbers, by it."""
        table = schema.adoption_orders
        found: dict[str, list[OrderId]] = defaultdict(list)
        for some in chunks(references):
            rows = self._connection.execute(
                select(table.c.order_id, table.c.reference)
                .where(table.c.client_id == client_id, table.c.reference.in_(some))
                .order_by(table.c.order_id)
            )
            for row in rows:
                found[row.reference].append(row.order_id)
        return {reference: tuple(order_ids) for reference, order_ids in found.items()}

    def leave_to_queue(self, client_id: ClientId, order_ids: Iterable[OrderId]) -> None:
        """These belong to invoices that are still unprocessed: only `waiting_for` finds them from now on."""
        table = schema.adoption_orders
        for some in chunks(order_ids):
            self._connection.execute(
                update(table)
                .where(table.c.client_id == client_id, table.c.order_id.in_(some))
                .values(left_to_queue_at=self._now)
            )

    def miss(self, client_id: ClientId, order_ids: Iterable[OrderId], *, for_long: timedelta) -> frozenset[OrderId]:
        """Finago does not show these; gives those of them that it has not shown for so long."""
        table = schema.adoption_orders
        long_gone: set[OrderId] = set()
        for some in chunks(order_ids):
            rows = self._connection.execute(
                update(table)
                .where(table.c.client_id == client_id, table.c.order_id.in_(some))
                .values(missed_since=func.coalesce(table.c.missed_since, self._now, type_=table.c.missed_since.type))
                .returning(table.c.order_id, table.c.missed_since)
            )
            long_gone.update(row.order_id for row in rows if row.missed_since <= self._now - for_long)
        return frozenset(long_gone)

    def waited(self, client_id: ClientId, order_ids: Iterable[OrderId]) -> None:
        """These were looked at."""
        table = schema.adoption_orders
        for some in chunks(order_ids):
            self._connection.execute(delete(table).where(table.c.client_id == client_id, table.c.order_id.in_(some)))
