"""How the offices stand, all at once: a handful of queries, whatever the number of records that were ever settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select, text

from ..records.days import utc_bounds
from ..records.identifiers import OfficeId
from ..records.links import IntentState, Kind
from ..records.refusals import Reason
from ..records.results import Flow, RecordState
from ..records.standing_state import QUARANTINED, LastRuns, OpenRecord, StandingState
from . import schema
from .open_work import OpenWorks

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

RUNS_LOOKED_AT = 50
"""Of an office that may be silent, so many runs are looked through for one that was about the present."""


class StandingStates:
    """Reads only: what it tells was written by the runs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, flow: Flow, periods: Mapping[OfficeId, timedelta], *, at: datetime) -> StandingState:
        """The state of one flow; `periods` are the offices where it runs by itself, and how long each may be silent."""
        return StandingState(
            flow=flow,
            open=(*self._refused(flow), *self._quarantined(flow)),
            runs=self._last_runs(flow, periods, at),
            known=self._known(),
        )

    def number_open(self, flow: Flow) -> int:
        """How many records are held or uncertain now, in all offices."""
        table = schema.standings
        number: int = self._connection.execute(
            select(func.count()).select_from(table).where(text(schema.OPEN_STANDING), table.c.flow == flow.value)
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
            select(history.c.at, history.c.event, history.c.before)
            .where(history.c.at >= since)
            .order_by(history.c.id)
        )
        changes = ((at, (event in OPEN) - (previous in OPEN)) for at, event, previous in rows)
        return tuple((at, change) for at, change in changes if change)

    def _refused(self, flow: Flow) -> Iterable[OpenRecord]:
        table = schema.standings
        rows = self._connection.execute(
            select(table).where(text(schema.OPEN_STANDING), table.c.flow == flow.value)
        )
        for row in rows:
            is_quarantined = row.reason == Reason.QUARANTINED.value
            yield OpenRecord(
                office=OfficeId(row.office_id),
                record=row.key,
                state=QUARANTINED if is_quarantined else row.state,
                since=row.first_seen,
                reason=row.reason or "",
                message=row.message,
                remedy=row.remedy,
            )

    def _quarantined(self, flow: Flow) -> Iterable[OpenRecord]:
        """Writes that a person must settle, beyond those whose record says so itself."""
        intents, standings = schema.intents, schema.standings
        kinds = [kind.value for kind, where in FLOW_OF_KIND.items() if where is flow]
        said_already = (
            select(standings.c.key)
            .where(
                standings.c.office_id == intents.c.office_id,
                standings.c.flow == flow.value,
                standings.c.key == intents.c.key,
                standings.c.reason == Reason.QUARANTINED.value,
            )
            .exists()
        )
        rows = self._connection.execute(
            select(intents.c.id, intents.c.office_id, intents.c.kind, intents.c.changed_at).where(
                text(schema.UNSETTLED_INTENT),
                intents.c.state == IntentState.QUARANTINED.value,
                intents.c.kind.in_(kinds),
                ~said_already,
            )
        )
        return [_as_open(row) for row in rows]

    def _last_runs(
        self, flow: Flow, periods: Mapping[OfficeId, timedelta], at: datetime
    ) -> dict[OfficeId, LastRuns]:
        by_period: dict[timedelta, list[OfficeId]] = {}
        for office, period in periods.items():
            by_period.setdefault(period, []).append(office)
        complete: dict[OfficeId, datetime] = {}
        for period, offices in by_period.items():
            # Where all is well, one look at the index an office tells.
            complete.update(OpenWorks(self._connection).last_complete_since(offices, flow.value, at - period))
        runs = {office: LastRuns(complete=ended, first_started=ended) for office, ended in complete.items()}
        for office in periods.keys() - runs.keys():
            runs[office] = LastRuns(
                complete=self._last_about_the_present(office, flow), first_started=self._first_started(office, flow)
            )
        return runs

    def _last_about_the_present(self, office: OfficeId, flow: Flow) -> datetime | None:
        """Until when the latest complete run has seen everything: no run sees beyond the end of its own day."""
        table = schema.runs
        rows = self._connection.execute(
            select(table.c.day, table.c.finished_at)
            .where(table.c.office_id == office, table.c.flow == flow.value, table.c.complete.is_(True))
            .order_by(table.c.finished_at.desc())
            .limit(RUNS_LOOKED_AT)
        )
        return max((min(row.finished_at, utc_bounds(row.day)[1]) for row in rows), default=None)

    def _first_started(self, office: OfficeId, flow: Flow) -> datetime | None:
        table = schema.runs
        first: datetime | None = self._connection.scalar(
            select(func.min(table.c.started_at, type_=table.c.started_at.type)).where(
                table.c.office_id == office, table.c.flow == flow.value
            )
        )
        return first

    def _known(self) -> frozenset[OfficeId]:
        return frozenset(OfficeId(office) for office in self._connection.scalars(select(schema.offices.c.office_id)))


def _as_open(row: Row[*tuple[Any, ...]]) -> OpenRecord:
    # Its key may be made from an e-mail address, or be long: the number of the intent is enough to find it.
    return OpenRecord(
        office=OfficeId(row.office_id),
        record=f"{row.kind}, intent {row.id}",
        state=QUARANTINED,
        since=row.changed_at,
        reason=Reason.QUARANTINED.value,
        message=f"Nobody knows how a write of this {row.kind} ended, and nothing more is sent for it.",
        remedy="The run of the office, which is red, names the record and says what to do.",
    )
