"""The runs of flows: when each began, how it ended, what it did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, column, func, select, update, values

from ...records.identifiers import OfficeId
from .. import schema
from ..errors import StoreConflict
from ..statements import Part, chunks, columns_of


@dataclass(frozen=True, kw_only=True)
class UnfinishedRun:
    """A run that has begun and not ended: it is at work, or its process died."""

    run_id: str
    office_id: OfficeId
    flow: str
    day: date
    trigger: str
    started_at: datetime


@dataclass(frozen=True, kw_only=True)
class CompleteRun:
    """A run that looked at everything. `day` is its partition's, or the last one of its range."""

    day: date
    finished_at: datetime


class Runs(Part):
    """One row for each run of one flow for one office."""

    def start(self, *, run_id: str, office_id: OfficeId, flow: str, day: date, trigger: str) -> None:
        """Begins a run. The same run id again (a step tried anew) begins it afresh."""
        begun = UnfinishedRun(
            run_id=run_id, office_id=office_id, flow=flow, day=day, trigger=trigger, started_at=self._now
        )
        self._put(schema.runs, {**asdict(begun), "finished_at": None, "complete": None, "result": None})

    def finish(self, run_id: str, *, result: Mapping[str, Any], complete: bool) -> None:
        """Ends a run. `complete` says that every read succeeded, so that the next window may start here.

        Raises StoreConflict for a run that was never started.
        """
        table = schema.runs
        finished = self._connection.execute(
            update(table)
            .where(table.c.run_id == run_id)
            .values(result=result, complete=complete, finished_at=self._now)
            .returning(table.c.run_id)
        )
        if finished.one_or_none() is None:
            raise StoreConflict(f"The store has no run {run_id}.")

    def triggers(self, run_ids: Iterable[str]) -> dict[str, str]:
        """What began these runs; of those that are forgotten, nothing."""
        table = schema.runs
        return {
            row.run_id: row.trigger
            for some in chunks(run_ids)
            for row in self._connection.execute(select(table.c.run_id, table.c.trigger).where(table.c.run_id.in_(some)))
        }

    def result(self, run_id: str) -> dict[str, Any] | None:
        """What the run gave; None while it is not finished."""
        table = schema.runs
        result: dict[str, Any] | None = self._connection.scalar(select(table.c.result).where(table.c.run_id == run_id))
        return result

    def last_complete_started(self, office_id: OfficeId, flow: str) -> datetime | None:
        """When the latest complete run of the office and flow began: what changed since, it may not have seen."""
        table = schema.runs
        last: datetime | None = self._connection.scalar(
            select(func.max(table.c.started_at, type_=table.c.started_at.type)).where(
                table.c.office_id == office_id, table.c.flow == flow, table.c.complete.is_(True)
            )
        )
        return last

    def first_started(self, office_id: OfficeId, flow: str) -> datetime | None:
        """When the first run of the office and flow began, whatever became of it."""
        table = schema.runs
        first: datetime | None = self._connection.scalar(
            select(func.min(table.c.started_at, type_=table.c.started_at.type)).where(
                table.c.office_id == office_id, table.c.flow == flow
            )
        )
        return first

    def last_written(self) -> datetime | None:
        """When a run last wrote that it began or ended; None in a store that knows no run."""
        table = schema.runs
        instant = table.c.started_at.type
        last: datetime | None = self._connection.scalar(
            select(func.max(func.coalesce(table.c.finished_at, table.c.started_at, type_=instant), type_=instant))
        )
        return last

    def latest_complete(self, offices: Iterable[OfficeId], flow: str) -> dict[OfficeId, CompleteRun]:
        """Of each office's complete runs the one with the latest day; of those, the one that ended last.

        So a past day that somebody runs again hides no newer one.
        """
        found: dict[OfficeId, CompleteRun] = {}
        for some in chunks(offices):
            given = values(column("office_id", BigInteger), name="given").data([(each,) for each in some]).cte()
            # A look-up in the index for each office: the table remembers far more runs than there are offices.
            table, runs = schema.runs.alias("latest"), schema.runs.c
            latest = (
                select(runs.run_id)
                .where(runs.office_id == given.c.office_id, runs.flow == flow, runs.complete.is_(True))
                .order_by(runs.day.desc(), runs.finished_at.desc())
                .limit(1)
                .correlate(given)
                .scalar_subquery()
            )
            rows = self._connection.execute(
                select(given.c.office_id, table.c.day, table.c.finished_at).select_from(
                    given.join(table, table.c.run_id == latest)
                )
            )
            found.update((row.office_id, CompleteRun(day=row.day, finished_at=row.finished_at)) for row in rows)
        return found

    def unfinished(self, office_id: OfficeId | None = None) -> tuple[UnfinishedRun, ...]:
        """Oldest first."""
        table = schema.runs
        statement = select(*columns_of(UnfinishedRun, table)).where(table.c.finished_at.is_(None))
        if office_id is not None:
            statement = statement.where(table.c.office_id == office_id)
        rows = self._connection.execute(statement.order_by(table.c.started_at, table.c.run_id))
        return tuple(UnfinishedRun(**row._mapping) for row in rows)
