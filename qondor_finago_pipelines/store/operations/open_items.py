"""How the offices stand, all at once: a handful of queries, whatever the number of records that were ever settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, text

from ...records.identifiers import OfficeId
from ...records.links import IntentState, Kind
from ...records.operations.office_status import QUARANTINED, FlowStatus, OpenRecord
from ...records.operations.results import Flow, RecordState
from ...records.refusals import Reason
from .. import schema
from ..statements import Part

FLOW_OF_KIND: Mapping[Kind, Flow] = {
    Kind.COMPANY: Flow.CUSTOMERS_AND_PROJECTS,
    Kind.PROJECT: Flow.CUSTOMERS_AND_PROJECTS,
    Kind.ORDER: Flow.INVOICES,
    Kind.INVOICING: Flow.INVOICES,
    Kind.COST: Flow.COSTS_AND_SALES,
    Kind.SALE: Flow.COSTS_AND_SALES,
}
"""Where a write in quarantine is shown: where such records are looked at in every run."""

OPEN = frozenset({RecordState.HELD.value, RecordState.UNCERTAIN.value})


class OpenItems(Part):
    """Reads only: what it tells was written by the runs."""

    def of(self, flow: Flow) -> FlowStatus:
        """The state of one flow, in all offices."""
        return FlowStatus(
            flow=flow,
            open=(*self._refused(flow), *self._quarantined(flow)),
            known=self._known(),
        )

    def number_open(self, flow: Flow) -> int:
        """How many records are held or uncertain now, in all offices."""
        table = schema.outcomes
        number: int = self._connection.execute(
            select(func.count()).select_from(table).where(text(schema.OPEN_OUTCOME), table.c.flow == flow.value)
        ).scalar_one()
        return number

    def changes_of_open(self, flow: Flow, since: datetime) -> tuple[tuple[datetime, int], ...]:
        """When a record became open (+1) or stopped being so (-1), in any office, oldest first: from the history."""
        table = schema.events
        before = func.lag(table.c.event).over(partition_by=(table.c.office_id, table.c.key), order_by=table.c.id)
        history = (
            select(table.c.id, table.c.at, table.c.event, before.label("before"))
            .where(table.c.kind == flow.value)
            .subquery()
        )
        rows = self._connection.execute(
            select(history.c.at, history.c.event, history.c.before).where(history.c.at >= since).order_by(history.c.id)
        )
        changes = ((at, (event in OPEN) - (previous in OPEN)) for at, event, previous in rows)
        return tuple((at, change) for at, change in changes if change)

    def _refused(self, flow: Flow) -> Iterable[OpenRecord]:
        table = schema.outcomes
        rows = self._connection.execute(select(table).where(text(schema.OPEN_OUTCOME), table.c.flow == flow.value))
        for row in rows:
            is_quarantined = row.reason is Reason.QUARANTINED
            yield OpenRecord(
                office=row.office_id,
                record=row.key,
                # Texts: Dagster takes no enumerations of ours.
                state=QUARANTINED if is_quarantined else row.state.value,
                since=row.first_seen,
                reason=row.reason.value if row.reason else "",
                message=row.message,
                remedy=row.remedy,
            )

    def _quarantined(self, flow: Flow) -> Iterable[OpenRecord]:
        """Writes that a person must settle, beyond those whose record says so itself."""
        intents, outcomes = schema.intents, schema.outcomes
        kinds = [kind for kind, where in FLOW_OF_KIND.items() if where is flow]
        said_already = (
            select(outcomes.c.key)
            .where(
                outcomes.c.office_id == intents.c.office_id,
                outcomes.c.flow == flow.value,
                outcomes.c.key == intents.c.key,
                outcomes.c.reason == Reason.QUARANTINED,
            )
            .exists()
        )
        rows = self._connection.execute(
            select(intents.c.id, intents.c.office_id, intents.c.kind, intents.c.changed_at).where(
                text(schema.UNSETTLED_INTENT),
                intents.c.state == IntentState.QUARANTINED,
                intents.c.kind.in_(kinds),
                ~said_already,
            )
        )
        return [_as_open(row) for row in rows]

    def _known(self) -> frozenset[OfficeId]:
        return frozenset(self._connection.scalars(select(schema.offices.c.office_id)))


def _as_open(row: Row[*tuple[Any, ...]]) -> OpenRecord:
    # Its key may be made from an e-mail address, or be long: the number of the intent is enough to find it.
    return OpenRecord(
        office=row.office_id,
        record=f"{row.kind}, intent {row.id}",
        state=QUARANTINED,
        since=row.changed_at,
        reason=Reason.QUARANTINED.value,
        message=f"Nobody knows how a write of this {row.kind} ended, and nothing more is sent for it.",
        remedy="The run of the office, which is red, names the record and says what to do.",
    )
