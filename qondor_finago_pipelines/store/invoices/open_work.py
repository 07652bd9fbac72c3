"""What is still to be done with the invoices of many offices: a handful of queries, whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Row,
    Select,
    column,
    exists,
    func,
    select,
    text,
    tuple_,
    values,
)

from ...records.days import utc_bounds
from ...records.identifiers import OfficeId, QondorInvoiceId
from ...records.links import WRITTEN_TO_FINAGO, Intent, Kind
from ...records.operations.open_work import KnownRecord, OpenWork, UnfinishedOrder, UnpaidOrders
from ...records.operations.results import Flow, RecordState
from ...records.refusals import Reason
from .. import schema
from ..run.intents import intent_of
from ..statements import chunks

INVOICES = Flow.INVOICES.value

Found = TypeVar("Found")

OfficeAndKey = tuple[OfficeId, str]


class OpenWorks:
    """The open work of offices, as one consistent look finds it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_invoices(
        self, queued: Mapping[OfficeId, Collection[QondorInvoiceId]], *, day: date
    ) -> dict[OfficeId, OpenWork]:
        """The work of each of these offices. `queued` are the ids that each has in the queue, `day` is today."""
        offices = list(queued)
        known = self._known(offices, [(office, str(each)) for office in offices for each in queued[office]])
        unsettled = self._unsettled(offices)
        unfinished = self._unfinished(offices)
        unpaid = self._unpaid(offices)
        adopting = self._adopting(offices)
        tried = self.last_tried(offices, INVOICES)
        complete = self.last_complete(offices, INVOICES, day)
        return {
            office: OpenWork(
                office_id=office,
                known=known[office],
                unsettled=unsettled[office],
                unfinished=unfinished[office],
                unpaid=unpaid[office],
                is_adopting=office in adopting,
                last_tried=tried.get(office),
                last_complete=complete.get(office),
            )
            for office in offices
        }

    def last_tried(self, offices: Iterable[OfficeId], flow: str) -> dict[OfficeId, datetime]:
        """When the latest finished run of the flow began, by office."""
        return self._latest_run(offices, schema.runs.c.flow == flow, schema.runs.c.finished_at.is_not(None))

    def last_complete(self, offices: Iterable[OfficeId], flow: str, day: date) -> dict[OfficeId, datetime]:
        """When the latest complete run for that day's partition began, by office; none where there was none yet."""
        runs = schema.runs.c
        midnight, _ = utc_bounds(day)
        return self._latest_run(
            offices, runs.flow == flow, runs.finished_at >= midnight, runs.day == day, runs.complete.is_(True)
        )

    def _latest_run(self, offices: Iterable[OfficeId], *conditions: ColumnElement[bool]) -> dict[OfficeId, datetime]:
        found: dict[OfficeId, datetime] = {}
        for some in chunks(offices):
            given = values(column("office_id", BigInteger), name="given").data([(each,) for each in some]).cte()
            # A look-up in the index for each office: the table remembers far more runs than there are offices.
            table = schema.runs.alias("latest")
            latest = (
                select(schema.runs.c.run_id)
                .where(schema.runs.c.office_id == given.c.office_id, *conditions)
                .order_by(schema.runs.c.finished_at.desc())
                .limit(1)
                .correlate(given)
                .scalar_subquery()
            )
            rows = self._connection.execute(
                select(given.c.office_id, table.c.started_at).select_from(given.join(table, table.c.run_id == latest))
            )
            found.update((OfficeId(row.office_id), row.started_at) for row in rows)
        return found

    def _known(
        self, offices: Sequence[OfficeId], queued: Iterable[OfficeAndKey]
    ) -> dict[OfficeId, tuple[KnownRecord, ...]]:
        """What is open, and what of the queue has been met before, whatever became of it."""
        table = schema.outcomes
        columns = (
            table.c.office_id,
            table.c.key,
            table.c.state,
            table.c.reason,
            table.c.first_seen,
            table.c.last_seen,
            table.c.content_hash,
        )
        found: dict[OfficeAndKey, KnownRecord] = {}
        wanted = [
            *((table.c.office_id.in_(some), text(schema.OPEN_OUTCOME)) for some in chunks(offices)),
            *((tuple_(table.c.office_id, table.c.key).in_(some),) for some in chunks(queued)),
        ]
        for conditions in wanted:
            for row in self._connection.execute(select(*columns).where(table.c.flow == INVOICES, *conditions)):
                found[OfficeId(row.office_id), row.key] = _known_record(row)
        mended = {**self._confirmed(found), **self._settled_by_a_person(found)}
        by_office: dict[OfficeId, list[KnownRecord]] = defaultdict(list)
        for (office, key), record in sorted(found.items()):
            by_office[office].append(replace(record, mended_at=mended.get((office, key))))
        return {office: tuple(by_office[office]) for office in offices}

    def _confirmed(self, known: Mapping[OfficeAndKey, KnownRecord]) -> dict[OfficeAndKey, datetime]:
        waiting = [each for each, record in known.items() if record.reason is Reason.WAITS_FOR_CONFIRM]
        confirmed: dict[OfficeId, datetime] = {}
        for some in chunks(office for office, _ in waiting):
            rows = self._connection.execute(
                select(schema.offices.c.office_id, schema.confirmations.c.confirmed_at)
                .join(schema.confirmations, schema.confirmations.c.client_id == schema.offices.c.client_id)
                .where(schema.offices.c.office_id.in_(some))
            )
            confirmed.update((OfficeId(row.office_id), row.confirmed_at) for row in rows)
        return {(office, key): confirmed[office] for office, key in waiting if office in confirmed}

    def _settled_by_a_person(self, known: Mapping[OfficeAndKey, KnownRecord]) -> dict[OfficeAndKey, datetime]:
        """While an order is in quarantine nothing happens to it but what a person does."""
        table = schema.events
        settled: dict[OfficeAndKey, datetime] = {}
        for some in chunks(each for each, record in known.items() if record.reason is Reason.QUARANTINED):
            rows = self._connection.execute(
                select(table.c.office_id, table.c.key, func.max(table.c.at, type_=table.c.at.type).label("at"))
                .where(table.c.kind == Kind.ORDER.value, tuple_(table.c.office_id, table.c.key).in_(some))
                .group_by(table.c.office_id, table.c.key)
            )
            settled.update(((OfficeId(row.office_id), row.key), row.at) for row in rows)
        return settled

    def _unsettled(self, offices: Sequence[OfficeId]) -> dict[OfficeId, tuple[Intent, ...]]:
        table = schema.intents
        unsettled = select(table).where(text(schema.UNSETTLED_INTENT), table.c.kind.in_(WRITTEN_TO_FINAGO))
        by_office = self._by_office(offices, unsettled, table.c.office_id, intent_of)
        # Sorted here: asked for the order of the ids, SQLite would go through all the writes that there ever were.
        return {office: tuple(sorted(intents, key=lambda intent: intent.id)) for office, intents in by_office.items()}

    def _unfinished(self, offices: Sequence[OfficeId]) -> dict[OfficeId, tuple[UnfinishedOrder, ...]]:
        table = schema.order_links
        return self._by_office(
            offices,
            select(table.c.office_id, table.c.invoice_id, table.c.linked_at)
            .where(table.c.acknowledged_at.is_(None))
            .order_by(table.c.invoice_id),
            table.c.office_id,
            lambda row: UnfinishedOrder(invoice_id=QondorInvoiceId(row.invoice_id), linked_at=row.linked_at),
        )

    def _unpaid(self, offices: Sequence[OfficeId]) -> dict[OfficeId, tuple[UnpaidOrders, ...]]:
        """The orders that `rules.payments` may ask for, a row for each order date."""
        table = schema.order_links
        asked_at = table.c.payment_asked_at
        return self._by_office(
            offices,
            select(
                table.c.office_id,
                table.c.order_date,
                func.min(asked_at, type_=asked_at.type).label("asked_at"),
                (func.count() - func.count(asked_at)).label("never_asked"),
            )
            .where(
                table.c.payment_reported_at.is_(None),
                table.c.acknowledged_at.is_not(None),
                table.c.is_credit.is_(False),
            )
            .group_by(table.c.office_id, table.c.order_date)
            .order_by(table.c.office_id, table.c.order_date),
            table.c.office_id,
            lambda row: UnpaidOrders(order_date=row.order_date, asked_at=None if row.never_asked else row.asked_at),
        )

    def _by_office(
        self,
        offices: Sequence[OfficeId],
        query: Select[Any],
        office_id: ColumnElement[int],
        made_of: Callable[[Row[Any]], Found],
    ) -> dict[OfficeId, tuple[Found, ...]]:
        """What the query finds for each of the offices, made of its rows."""
        by_office: dict[OfficeId, list[Found]] = {office: [] for office in offices}
        for some in chunks(offices):
            for row in self._connection.execute(query.where(office_id.in_(some))):
                by_office[OfficeId(row.office_id)].append(made_of(row))
        return {office: tuple(found) for office, found in by_office.items()}

    def _adopting(self, offices: Sequence[OfficeId]) -> frozenset[OfficeId]:
        waiting = exists().where(
            schema.adoption_orders.c.client_id == schema.offices.c.client_id,
            schema.adoption_orders.c.left_to_queue_at.is_(None),
        )
        return frozenset(
            OfficeId(office)
            for some in chunks(offices)
            for office in self._connection.scalars(
                select(schema.offices.c.office_id).where(schema.offices.c.office_id.in_(some), waiting)
            )
        )


def _known_record(row: Row[*tuple[Any, ...]]) -> KnownRecord:
    what = row._mapping
    return KnownRecord(
        id=what["key"],
        state=RecordState(what["state"]),
        since=what["first_seen"],
        looked_at=what["last_seen"],
        reason=None if what["reason"] is None else Reason(what["reason"]),
        content_hash=what["content_hash"],
    )
