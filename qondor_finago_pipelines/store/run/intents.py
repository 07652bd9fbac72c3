"""Writes that are committed before they are sent (decisions 7)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, TextClause, func, select, text, update

from ...records.identifiers import ClientId, OfficeId, QondorProjectId
from ...records.links import Intent, IntentState, Kind
from .. import schema
from ..errors import StoreConflict
from ..statements import Part, columns_of, insert, named

UNSETTLED = (IntentState.OPEN, IntentState.UNCERTAIN, IntentState.QUARANTINED)
"""Nobody knows how these ended: the same record is not sent again."""


class Intents(Part):
    """At most one unsettled intent for each client, kind and key, whatever runs at the same time."""

    def open(
        self,
        *,
        client_id: ClientId,
        office_id: OfficeId,
        kind: Kind,
        key: str,
        payload_hash: str,
        expected: Mapping[str, str | int | None],
        committed_at: datetime | None = None,
    ) -> Intent:
        """Adds an open intent. Raises StoreConflict, and adds nothing, while an earlier one is unsettled.

        `committed_at` is now by the clock of the system that is written to, where that is known to differ from ours.
        `expected` is what a look-up compares: ids, amounts and dates, never personal data.
        """
        table = schema.intents
        added = self._connection.execute(
            insert(self._connection, table)
            .values(
                client_id=client_id,
                office_id=office_id,
                kind=kind,
                key=key,
                payload_hash=payload_hash,
                expected=expected,
                committed_at=committed_at or self._now,
                state=IntentState.OPEN,
                lookups=0,
                changed_at=self._now,
            )
            .on_conflict_do_nothing()
            .returning(table.c.id)
        ).scalar_one_or_none()
        if added is None:
            raise StoreConflict(
                f"An earlier write of {kind.value} {key} (Finago client {client_id}) is not settled yet.",
                remedy="It is looked up in Finago first; nothing is sent twice.",
            )
        return self.get(added)

    def get(self, intent_id: int) -> Intent:
        """Raises StoreConflict when there is none."""
        found = self._select(schema.intents.c.id == intent_id)
        if not found:
            raise StoreConflict(f"The store has no intent {intent_id}.")
        return found[0]

    def unsettled(self, client_id: ClientId, kind: Kind | None = None) -> tuple[Intent, ...]:
        """Open, uncertain and quarantined ones, oldest first."""
        table = schema.intents
        conditions = [table.c.client_id == client_id, table.c.state.in_(UNSETTLED)]
        if kind is not None:
            conditions.append(table.c.kind == kind)
        return self._select(*conditions)

    def history(self, client_id: ClientId, kind: Kind, key: str) -> tuple[Intent, ...]:
        """Every intent that was ever committed for one record, oldest first."""
        table = schema.intents
        return self._select(table.c.client_id == client_id, table.c.kind == kind, table.c.key == key)

    def unsettled_of(
        self, records: Collection[tuple[Kind, str]], *, beginning: Collection[Kind] = ()
    ) -> tuple[Intent, ...]:
        """Those of these records (kind, key) of which nobody knows how they ended, in all clients.

        Of the kinds `beginning` a key is only how the keys begin.
        """
        table = schema.intents
        return tuple(
            intent
            for kind, key in sorted(records)
            for intent in self._select(
                text(schema.UNSETTLED_INTENT),
                table.c.kind == kind,
                named(table.c.key, key, whole=kind not in beginning),
            )
        )

    def unsettled_for_project(self, project_id: QondorProjectId) -> tuple[Intent, ...]:
        """The unsettled writes of one project of Qondor: their keys are ids of Finago."""
        found = self._select(text(schema.UNSETTLED_INTENT), schema.intents.c.kind == Kind.PROJECT)
        return tuple(intent for intent in found if intent.expected.get("project_id") == project_id)

    def mark(self, intent_id: int, state: IntentState, *, detail: Mapping[str, Any] | None = None) -> None:
        """Says how the write ended, or that nobody knows. The same state again adds the newer detail.

        Raises StoreConflict when it was settled otherwise before: what landed stays landed.
        """
        table = schema.intents
        marked = self._connection.execute(
            update(table)
            .where(table.c.id == intent_id, table.c.state.in_((*UNSETTLED, state)))
            .values(state=state, changed_at=self._now, detail=detail)
            .returning(table.c.id)
        )
        if marked.one_or_none() is None:
            before = self.get(intent_id)
            raise StoreConflict(
                f"The write of {before.kind.value} {before.key} is {before.state.value} already and cannot "
                f"become {state.value}."
            )

    def count_lookup(self, intent_id: int) -> int:
        """Counts one look-up that found nothing final, and gives how many there have been."""
        table = schema.intents
        lookups: int = self._connection.execute(
            update(table).where(table.c.id == intent_id).values(lookups=table.c.lookups + 1).returning(table.c.lookups)
        ).scalar_one()
        return lookups

    def not_landed_keys(self, client_id: ClientId, kind: Kind) -> frozenset[str]:
        """Keys whose latest write certainly did not land: they were part of a call that failed as a whole."""
        table = schema.intents
        latest = (
            select(func.max(table.c.id))
            .where(table.c.client_id == client_id, table.c.kind == kind)
            .group_by(table.c.key)
        )
        keys = self._connection.scalars(
            select(table.c.key).where(table.c.id.in_(latest), table.c.state == IntentState.NOT_LANDED)
        )
        return frozenset(keys)

    def orders_sent(self, client_id: ClientId) -> frozenset[str]:
        """The invoices of this client whose orders were sent and landed, or may have: what `max_new_orders` counts.

        An adopted order has no intent and does not count.
        """
        table = schema.intents
        sent = select(table.c.key).where(
            table.c.client_id == client_id,
            table.c.kind == Kind.ORDER,
            table.c.state.in_((*UNSETTLED, IntentState.LANDED)),
        )
        return frozenset(self._connection.scalars(sent))

    def _select(self, *conditions: ColumnElement[bool] | TextClause) -> tuple[Intent, ...]:
        table = schema.intents
        rows = self._connection.execute(select(*columns_of(Intent, table)).where(*conditions).order_by(table.c.id))
        return tuple(Intent(**row._mapping) for row in rows)
