"""How each record stands after the last run that looked at it: settled, held and why, failed, uncertain."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, delete, select

from ...records.identifiers import OfficeId
from ...records.operations.results import RecordState
from ...records.refusals import Reason
from .. import schema
from ..statements import insert
from .events import Events


@dataclass(frozen=True, kw_only=True)
class StoredOutcome:
    """How one record stands. `first_seen` is since when it is in this state for this very reason."""

    key: str
    state: RecordState
    reason: Reason | None
    message: str
    remedy: str
    first_seen: datetime
    last_seen: datetime
    content_hash: str | None


class Outcomes:
    """One stored for each office, flow and key; every change of it is an event."""

    def __init__(self, connection: Connection, events: Events) -> None:
        self._connection = connection
        self._events = events

    def put(
        self,
        *,
        office_id: OfficeId,
        flow: str,
        key: str,
        state: RecordState,
        reason: Reason | None,
        message: str,
        remedy: str,
        at: datetime,
        run_id: str,
        content_hash: str | None = None,
    ) -> StoredOutcome:
        """Sets how the record stands, and gives it back with the time since when.

        When state or reason changed, an event of kind `flow` tells it. A record that could not be looked at
        (`NOT_REACHED`) keeps the stored that it has: an outage neither mends it nor starts its waiting time anew.
        """
        before = self.get(office_id, flow, key)
        if before is not None and state is RecordState.NOT_REACHED:
            return before
        same = before is not None and (before.state, before.reason) == (state, reason)
        stored = StoredOutcome(
            key=key,
            state=state,
            reason=reason,
            message=message,
            remedy=remedy,
            first_seen=before.first_seen if before is not None and same else at,
            last_seen=at,
            content_hash=content_hash,
        )
        what = {
            "state": state,
            "reason": reason,
            "message": message,
            "remedy": remedy,
            "first_seen": stored.first_seen,
            "last_seen": at,
            "run_id": run_id,
            "content_hash": content_hash,
        }
        self._connection.execute(
            insert(self._connection, schema.outcomes)
            .values(office_id=office_id, flow=flow, key=key, **what)
            .on_conflict_do_update(index_elements=["office_id", "flow", "key"], set_=what)
        )
        if not same:
            self._events.append(
                office_id=office_id,
                kind=flow,
                key=key,
                event=state.value,
                at=at,
                run_id=run_id,
                detail=None if reason is None else {"reason": reason.value},
            )
        return stored

    def close(self, *, office_id: OfficeId, flow: str, keep: Collection[str], at: datetime, run_id: str) -> None:
        """What is held or uncertain and not among `keep` is open no more: an event tells it, and its stored goes.

        What failed keeps its stored: it is final, and a credit note may ask for it.
        """
        table = schema.outcomes
        for key, stored in self.of_office(office_id, flow).items():
            if key in keep or stored.state not in (RecordState.HELD, RecordState.UNCERTAIN):
                continue
            self._connection.execute(
                delete(table).where(table.c.office_id == office_id, table.c.flow == flow, table.c.key == key)
            )
            self._events.append(
                office_id=office_id, kind=flow, key=key, event="no longer open", at=at, run_id=run_id, detail=None
            )

    def get(self, office_id: OfficeId, flow: str, key: str) -> StoredOutcome | None:
        table = schema.outcomes
        row = self._connection.execute(
            select(table).where(table.c.office_id == office_id, table.c.flow == flow, table.c.key == key)
        ).one_or_none()
        return None if row is None else _status(row)

    def of_office(self, office_id: OfficeId, flow: str) -> dict[str, StoredOutcome]:
        """All standings of one office and flow, by key."""
        table = schema.outcomes
        rows = self._connection.execute(
            select(table).where(table.c.office_id == office_id, table.c.flow == flow).order_by(table.c.key)
        )
        return {row.key: _status(row) for row in rows}


def _status(row: Row[tuple[object, ...]]) -> StoredOutcome:
    values = row._mapping
    return StoredOutcome(
        key=values["key"],
        state=RecordState(values["state"]),
        reason=None if values["reason"] is None else Reason(values["reason"]),
        message=values["message"],
        remedy=values["remedy"],
        first_seen=values["first_seen"],
        last_seen=values["last_seen"],
        content_hash=values["content_hash"],
    )
