"""What somebody has to be told: once when it begins, counted while it lasts, resolved when it ends (decisions 11).

The alerts are an outbox: whoever delivers one claims it first, so that a command and the daemon, at it together, tell
it once. A deliverer that dies between telling and noting that it told lets its claim run out, and the alert is told a
second time: better than never.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select, text, update

from ...records.identifiers import OfficeId
from .. import schema
from ..statements import Part, chunks, columns_of, insert
from .events import ALERTS, Events


@dataclass(frozen=True, kw_only=True)
class Alert:
    """`record` None concerns the office as a whole. `count` is the number of runs that met it. No personal data."""

    id: int
    office_id: OfficeId
    flow: str
    cause: str
    record: str | None
    message: str
    first_seen: datetime
    last_seen: datetime
    count: int
    first_day: date | None = None
    """Where the range of days began on which the last run that met it worked; None where it was one day."""
    day: date | None = None
    run_id: str | None = None
    """The last run that met it, as the store calls it; None where no run did."""
    sent_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_because: str | None = None
    """Why it ended, where no run found it ended: the office was closed, say."""


class Alerts(Part):
    """At most one unresolved alert for each office, flow, cause and record."""

    def report(
        self,
        *,
        office_id: OfficeId,
        flow: str,
        cause: str,
        record: str | None,
        message: str,
        day: date | None = None,
        first_day: date | None = None,
        run_id: str | None = None,
    ) -> bool:
        """True when it is new, and so will be told; else it is counted, with the newer message.

        The same run counts once, however often it tries.
        """
        table = schema.alerts
        newest = {"message": message, "last_seen": self._now, "first_day": first_day, "day": day, "run_id": run_id}
        adding = insert(self._connection, table).values(
            office_id=office_id, flow=flow, cause=cause, record=record, first_seen=self._now, count=1, **newest
        )
        counts = case((table.c.run_id == adding.excluded.run_id, 0), else_=1)
        count, first_seen = self._connection.execute(
            adding.on_conflict_do_update(
                index_elements=["office_id", "flow", "cause", "record"],
                index_where=table.c.resolved_at.is_(None),
                set_={**newest, "count": table.c.count + counts},
            ).returning(table.c.count, table.c.first_seen)
        ).one()
        return bool(count == 1 and first_seen == self._now)

    def resolve(
        self,
        *,
        office_id: OfficeId,
        flow: str,
        keep: Collection[tuple[str, str | None]],
        because: str | None = None,
    ) -> int:
        """Resolves all open alerts of the office and flow but those of `keep` (cause, record); gives how many."""
        table = schema.alerts
        open_ones = self._connection.execute(
            select(table.c.id, table.c.cause, table.c.record).where(
                table.c.office_id == office_id, table.c.flow == flow, table.c.resolved_at.is_(None)
            )
        ).all()
        gone = [row.id for row in open_ones if (row.cause, row.record) not in keep]
        self._end(gone, because)
        return len(gone)

    def resolve_cause(self, *, office_id: OfficeId, flow: str, cause: str) -> int:
        """Resolves the open alerts of one cause, whichever record they are about; gives how many."""
        table = schema.alerts
        gone = self._connection.scalars(
            select(table.c.id).where(
                table.c.office_id == office_id,
                table.c.flow == flow,
                table.c.cause == cause,
                table.c.resolved_at.is_(None),
            )
        ).all()
        self._end(gone)
        return len(gone)

    def _end(self, alert_ids: Collection[int], because: str | None = None) -> None:
        table = schema.alerts
        for some in chunks(alert_ids):
            self._connection.execute(
                update(table).where(table.c.id.in_(some)).values(resolved_at=self._now, resolved_because=because)
            )

    # what is open

    def open(self, office_id: OfficeId | None = None) -> tuple[Alert, ...]:
        """What lasts, told or not, oldest first."""
        return self._found(schema.alerts.c.resolved_at.is_(None), office_id)

    def open_flows(self, cause: str | None = None) -> frozenset[tuple[OfficeId, str]]:
        """The offices and flows with open alerts, of this cause where one is given."""
        table = schema.alerts
        statement = select(table.c.office_id, table.c.flow).where(table.c.resolved_at.is_(None)).distinct()
        if cause is not None:
            statement = statement.where(table.c.cause == cause)
        return frozenset((row.office_id, row.flow) for row in self._connection.execute(statement))

    # telling

    def unsent(self, office_id: OfficeId | None = None) -> tuple[Alert, ...]:
        """What lasts and nobody was told of yet, oldest first. What ended before anybody was told never is."""
        return self._found(_beginning_pending(), office_id)

    def pending(self) -> tuple[OfficeId, ...]:
        """The offices of which there is something to tell: that something began, or that what was told ended."""
        table = schema.alerts
        offices = {
            office
            for condition in (_beginning_pending(), text(schema.END_PENDING))
            for office in self._connection.scalars(select(table.c.office_id).where(condition).distinct())
        }
        return tuple(sorted(offices))

    def runs_behind_pending(self) -> frozenset[str]:
        """The runs that last met an untold trouble of a whole office: while one is at work, it may yet pass."""
        table = schema.alerts
        found = self._connection.scalars(
            select(table.c.run_id).where(_beginning_pending(), table.c.record == "", table.c.run_id.is_not(None))
        )
        return frozenset(found)

    def claim(
        self,
        office_id: OfficeId,
        *,
        by: str,
        lasts: timedelta,
        wait_for: Collection[str] = (),
        waits_since: datetime | None = None,
    ) -> tuple[Alert, ...]:
        """Everything that there is to tell of an office, for `by` alone while the claim `lasts`; oldest first.

        What somebody else has claimed stays theirs until their claim runs out. A trouble of the whole office that one
        of the runs `wait_for` met last is left alone, unless it was last seen before `waits_since`.
        """
        table = schema.alerts
        has_to_wait = and_(
            table.c.record == "",
            table.c.run_id.in_(list(wait_for)),
            table.c.last_seen >= (waits_since or table.c.first_seen),
        )
        begun = (
            _beginning_pending() if not wait_for else and_(_beginning_pending(), ~func.coalesce(has_to_wait, false()))
        )
        rows = self._connection.execute(
            update(table)
            .where(
                table.c.office_id == office_id,
                or_(table.c.claimed_until.is_(None), table.c.claimed_until <= self._now),
                or_(begun, text(schema.END_PENDING)),
            )
            .values(claimed_by=by, claimed_until=self._now + lasts)
            .returning(*columns_of(Alert, table))
        )
        return tuple(sorted((Alert(**row._mapping) for row in rows), key=lambda alert: alert.id))

    def delivered(self, alerts: Collection[Alert], *, to: str) -> None:
        """These were told as they stand here: that they began, or that they ended; `to` whom, for their history."""
        table = schema.alerts
        free = {"claimed_by": None, "claimed_until": None}
        for some in chunks(alert.id for alert in alerts if alert.resolved_at is None):
            self._connection.execute(update(table).where(table.c.id.in_(some)).values(sent_at=self._now, **free))
        for some in chunks(alert.id for alert in alerts if alert.resolved_at is not None):
            self._connection.execute(
                update(table).where(table.c.id.in_(some)).values(resolution_sent_at=self._now, **free)
            )
        events = Events(self._connection, self._now)
        for alert in alerts:
            if alert.record is not None:
                events.append(
                    office_id=alert.office_id,
                    kind=ALERTS,
                    key=alert.record,
                    event="told" if alert.resolved_at is None else "told that it ended",
                    run_id=alert.run_id,
                    detail={"cause": alert.cause, "flow": alert.flow, "to": to},
                )

    def give_back(self, alerts: Collection[Alert], *, by: str) -> None:
        """These could not be told: the next delivery may try at once."""
        table = schema.alerts
        for some in chunks(alert.id for alert in alerts):
            self._connection.execute(
                update(table)
                .where(table.c.id.in_(some), table.c.claimed_by == by)
                .values(claimed_by=None, claimed_until=None)
            )

    def _found(self, condition: ColumnElement[bool], office_id: OfficeId | None) -> tuple[Alert, ...]:
        table = schema.alerts
        statement = select(*columns_of(Alert, table)).where(condition)
        if office_id is not None:
            statement = statement.where(table.c.office_id == office_id)
        return tuple(Alert(**row._mapping) for row in self._connection.execute(statement.order_by(table.c.id)))


def _beginning_pending() -> ColumnElement[bool]:
    table = schema.alerts
    return and_(table.c.resolved_at.is_(None), table.c.sent_at.is_(None))
