"""How each record stands after the last run that looked at it: settled, held and why, failed, uncertain."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, TextClause, delete, or_, select, text

from ...records.identifiers import OfficeId
from ...records.operations.results import RecordState
from ...records.refusals import Reason
from .. import schema
from ..statements import Part, columns_of
from .events import NO_LONGER_OPEN, Events


@dataclass(frozen=True, kw_only=True)
class StoredOutcome:
    """How one record stands. `first_seen` is since when it is in this state for this very reason, `runs` in how many
    runs it has been met so, without another in between.

    `total` is its amount in `currency`: what an invoice comes to, what of a voucher waits; None where it has none.
    """

    key: str
    state: RecordState
    reason: Reason | None
    message: str
    remedy: str
    first_seen: datetime
    last_seen: datetime
    content_hash: str | None
    run_id: str
    """The last run that looked at it."""
    runs: int
    total: Decimal | None = None
    currency: str | None = None


class Outcomes(Part):
    """One stored for each office, flow and key; every change of it is an event."""

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
        run_id: str,
        content_hash: str | None = None,
        total: Decimal | None = None,
        currency: str | None = None,
    ) -> StoredOutcome:
        """Sets how the record stands, and gives it back with the time since when.

        When state, reason or amount changed, an event of kind `flow` tells it, in the words of that time. A record that
        could not be looked at (`NOT_REACHED`) keeps the outcome that it has: an outage neither mends it nor starts its
        waiting time anew. The same run counts once, however often it tries.
        """
        before = self.get(office_id, flow, key)
        if before is not None and state is RecordState.NOT_REACHED:
            return before
        same = before is not None and (before.state, before.reason) == (state, reason)
        runs = 1 if before is None or not same else before.runs + (before.run_id != run_id)
        stored = StoredOutcome(
            key=key,
            state=state,
            reason=reason,
            message=message,
            remedy=remedy,
            first_seen=before.first_seen if before is not None and same else self._now,
            last_seen=self._now,
            content_hash=content_hash,
            run_id=run_id,
            runs=runs,
            total=total,
            currency=currency,
        )
        self._put(schema.outcomes, {"office_id": office_id, "flow": flow, **asdict(stored)})
        if before is None or not same or (before.total, before.currency) != (total, currency):
            said = {"reason": reason, "why": message, "amount": total, "currency": currency}
            detail = {name: value for name, value in said.items() if value not in (None, "")}
            Events(self._connection, self._now).append(
                office_id=office_id, kind=flow, key=key, event=state, run_id=run_id, detail=detail or None
            )
        return stored

    def close(self, *, office_id: OfficeId, flow: str, keep: Collection[str], run_id: str) -> None:
        """What is held or uncertain and not among `keep` is open no more: an event tells it, and its outcome goes.

        What failed keeps its outcome: it is final, and a credit note may ask for it.
        """
        table = schema.outcomes
        for key, stored in self.of_office(office_id, flow).items():
            if key in keep or stored.state not in (RecordState.HELD, RecordState.UNCERTAIN):
                continue
            self._connection.execute(
                delete(table).where(table.c.office_id == office_id, table.c.flow == flow, table.c.key == key)
            )
            Events(self._connection, self._now).append(
                office_id=office_id, kind=flow, key=key, event=NO_LONGER_OPEN, run_id=run_id
            )

    def get(self, office_id: OfficeId, flow: str, key: str) -> StoredOutcome | None:
        return self._select(office_id, flow, schema.outcomes.c.key == key).get(key)

    def of_office(self, office_id: OfficeId, flow: str) -> dict[str, StoredOutcome]:
        """All of one office and flow, by key."""
        return self._select(office_id, flow)

    def unsettled(self, office_id: OfficeId, flow: str, *, failed: bool = False) -> tuple[StoredOutcome, ...]:
        """What is held or uncertain, and with `failed` also what was failed in Qondor; by key."""
        state = schema.outcomes.c.state
        # The first is served by an index that stays small, however many records were settled.
        wanted = text(schema.OPEN_OUTCOME)
        rows = self._select(office_id, flow, or_(wanted, state == RecordState.FAILED) if failed else wanted)
        return tuple(rows.values())

    def any_held_for(self, office_ids: Collection[OfficeId], reason: Reason) -> bool:
        """Whether a record of these offices, of whichever flow, is held for this reason."""
        table = schema.outcomes
        held = select(table.c.key).where(
            table.c.office_id.in_(office_ids), table.c.state == RecordState.HELD, table.c.reason == reason
        )
        return self._connection.execute(held.limit(1)).first() is not None

    def _select(
        self, office_id: OfficeId, flow: str, *conditions: ColumnElement[bool] | TextClause
    ) -> dict[str, StoredOutcome]:
        table = schema.outcomes
        rows = self._connection.execute(
            select(*columns_of(StoredOutcome, table))
            .where(table.c.office_id == office_id, table.c.flow == flow, *conditions)
            .order_by(table.c.key)
        )
        return {row.key: StoredOutcome(**row._mapping) for row in rows}
