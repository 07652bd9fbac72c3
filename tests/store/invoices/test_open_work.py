"""What is still open, read for many offices at once: in a handful of queries, the same in both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Engine, event

from qondor_finago_pipelines.records.identifiers import ClientId, OfficeId, OrderId, QondorInvoiceId
from qondor_finago_pipelines.records.links import IntentState, Kind, OrderLink
from qondor_finago_pipelines.records.operations.open_work import KnownRecord, OpenWork, UnfinishedOrder, UnpaidOrders
from qondor_finago_pipelines.records.operations.results import RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.store import Store

if TYPE_CHECKING:
    from tests.conftest import FakeClock

OSLO, BERGEN = OfficeId(102), OfficeId(103)
CLIENT = ClientId(7)
TODAY = date(2026, 11, 20)
HOUR = timedelta(hours=1)


def work_of(store: Store, office: OfficeId = OSLO, *queued: int) -> OpenWork:
    with store.read() as transaction:
        found = transaction.open_work.of_invoices({office: [QondorInvoiceId(each) for each in queued]}, day=TODAY)
    return found[office]


def put(store: Store, key: str, state: RecordState, reason: Reason | None = None, office: OfficeId = OSLO) -> None:
    with store.write() as transaction:
        transaction.outcomes.put(
            office_id=office,
            flow="invoices",
            key=key,
            state=state,
            reason=reason,
            message="",
            remedy="",
            at=store.now(),
            run_id="run",
            content_hash="hash",
        )


def link(store: Store, invoice: int, **members: Any) -> None:
    given: dict[str, Any] = {
        "client_id": CLIENT,
        "office_id": OSLO,
        "invoice_id": QondorInvoiceId(invoice),
        "order_id": OrderId(50000 + invoice),
        "total": Decimal("12500.00"),
        "currency": "NOK",
        "order_date": TODAY,
        "line_count": 1,
        "to_be_invoiced": False,
        "exact": False,
        "factored": False,
        "is_card": False,
        "is_credit": False,
        "linked_at": store.now(),
        "acknowledged_at": store.now(),
    }
    with store.write() as transaction:
        transaction.orders.link(OrderLink(**{**given, **members}))


def run(store: Store, run_id: str, *, day: date = TODAY, complete: bool = True, office: OfficeId = OSLO) -> None:
    with store.write() as transaction:
        transaction.runs.start(
            run_id=run_id, office_id=office, flow="invoices", day=day, trigger="schedule", at=store.now()
        )
        transaction.runs.finish(run_id, result={}, complete=complete, at=store.now())


def test_an_office_that_never_ran_has_nothing_open(store: Store) -> None:
    assert work_of(store) == OpenWork(office_id=OSLO)


def test_what_is_held_or_uncertain_is_known_and_of_the_rest_what_the_queue_shows(
    store: Store, clock: FakeClock
) -> None:
    put(store, "9001", RecordState.HELD, Reason.NO_PROJECT)
    put(store, "9002", RecordState.UNCERTAIN)
    put(store, "9003", RecordState.SETTLED)
    put(store, "9004", RecordState.SETTLED)
    put(store, "9004", RecordState.HELD, office=BERGEN)
    found = work_of(store, OSLO, 9003, 9999)
    assert [(each.id, each.state) for each in found.known] == [
        ("9001", RecordState.HELD),
        ("9002", RecordState.UNCERTAIN),
        ("9003", RecordState.SETTLED),
    ]
    assert found.known[0] == KnownRecord(  # type: ignore[index]
        id="9001",
        state=RecordState.HELD,
        reason=Reason.NO_PROJECT,
        since=clock(),
        looked_at=clock(),
        content_hash="hash",
    )


def test_a_confirmation_shows_on_what_waits_for_it(store: Store, clock: FakeClock) -> None:
    put(store, "9001", RecordState.HELD, Reason.WAITS_FOR_CONFIRM)
    put(store, "9002", RecordState.HELD, Reason.NO_PROJECT)
    with store.write() as transaction:
        transaction.clients.remember_office(OSLO, CLIENT)
    assert [each.mended_at for each in work_of(store).known] == [None, None]
    confirmed = clock.advance(HOUR)
    with store.write() as transaction:
        transaction.confirmations.confirm(CLIENT, confirmed)
    assert [each.mended_at for each in work_of(store).known] == [confirmed, None]


def test_what_a_person_decided_shows_on_what_was_in_quarantine(store: Store, clock: FakeClock) -> None:
    put(store, "9001", RecordState.HELD, Reason.QUARANTINED)
    assert [each.mended_at for each in work_of(store).known] == [None]
    decided = clock.advance(HOUR)
    with store.write() as transaction:
        transaction.events.append(
            office_id=OSLO, kind=Kind.ORDER.value, key="9001", event="linked by a person", at=decided
        )
    assert [each.mended_at for each in work_of(store).known] == [decided]


def test_only_unsettled_writes_to_finago_of_this_office_are_open(store: Store) -> None:
    with store.write() as transaction:
        for key, office, kind, state in (
            ("9001", OSLO, Kind.ORDER, IntentState.UNCERTAIN),
            ("9002", OSLO, Kind.ORDER, IntentState.LANDED),
            ("customer:77", OSLO, Kind.COMPANY, IntentState.QUARANTINED),
            ("9003", BERGEN, Kind.ORDER, IntentState.UNCERTAIN),
            ("finago:102:2026-3-20418:12345", OSLO, Kind.COST, IntentState.UNCERTAIN),
        ):
            intent = transaction.intents.open(
                client_id=CLIENT, office_id=office, kind=kind, key=key, payload_hash="p", expected={}, at=store.now()
            )
            transaction.intents.mark(intent.id, state, at=store.now())
    assert [each.key for each in work_of(store).unsettled] == ["9001", "customer:77"]


def test_orders_are_unfinished_until_qondor_was_told_and_then_unpaid(store: Store, clock: FakeClock) -> None:
    link(store, 9001, acknowledged_at=None)
    link(store, 9002, payment_asked_at=clock() - HOUR)
    link(store, 9003, payment_asked_at=clock())
    link(store, 9004, order_date=date(2026, 10, 1))
    link(store, 9005, order_date=date(2026, 10, 1), payment_asked_at=clock())
    link(store, 9006, payment_reported_at=clock(), order_date=date(2026, 9, 1))
    link(store, 9007, is_credit=True, order_date=date(2026, 9, 1))
    found = work_of(store)
    assert found.unfinished == (UnfinishedOrder(invoice_id=QondorInvoiceId(9001), linked_at=clock()),)
    assert found.unpaid == (
        UnpaidOrders(order_date=date(2026, 10, 1), asked_at=None),
        UnpaidOrders(order_date=TODAY, asked_at=clock() - HOUR),
    )


def test_orders_that_wait_for_adoption_concern_every_office_of_their_client(store: Store) -> None:
    with store.write() as transaction:
        transaction.clients.remember_office(OSLO, CLIENT)
        transaction.clients.remember_office(BERGEN, ClientId(8))
        transaction.adoption.begin_orders(CLIENT, [(OrderId(50001), "9001")])
    assert work_of(store).is_adopting
    assert not work_of(store, BERGEN).is_adopting
    with store.write() as transaction:
        transaction.adoption.leave_to_queue(CLIENT, [OrderId(50001)], store.now())
    assert not work_of(store).is_adopting


def test_the_latest_runs_are_known_the_complete_ones_by_day(store: Store, clock: FakeClock) -> None:
    run(store, "yesterday's", day=date(2026, 11, 19))
    assert work_of(store).last_complete is None, "today's cell has no colour yet"
    complete = clock.advance(HOUR)
    run(store, "complete")
    run(store, "of another office", office=BERGEN)
    tried = clock.advance(HOUR)
    run(store, "in vain", complete=False)
    clock.advance(HOUR)
    with store.write() as transaction:
        transaction.runs.start(
            run_id="at work", office_id=OSLO, flow="invoices", day=TODAY, trigger="ui", at=store.now()
        )
    found = work_of(store)
    assert (found.last_tried, found.last_complete) == (tried, complete)
    assert work_of(store, BERGEN).last_complete == complete


def test_two_transactions_see_offices_and_their_clients_at_once(store: Store) -> None:
    with store.write() as transaction:
        transaction.clients.remember_office(OSLO, CLIENT)
    with store.read() as transaction:
        assert transaction.clients.clients_of_offices([OSLO, BERGEN]) == {OSLO: CLIENT}


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile."""
    sent: list[str] = []
    engine: Engine = store._engine

    def remember(*arguments: Any) -> None:
        sent.append(arguments[2])

    event.listen(engine, "before_cursor_execute", remember)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", remember)


@pytest.mark.parametrize("offices", [1, 100])
def test_a_hundred_offices_take_no_more_queries_than_one(store: Store, offices: int) -> None:
    put(store, "9001", RecordState.HELD, Reason.WAITS_FOR_CONFIRM)
    put(store, "9002", RecordState.HELD, Reason.QUARANTINED)
    queued = {OfficeId(102 + number): [QondorInvoiceId(9001 + number)] for number in range(offices)}
    with counted(store) as sent, store.read() as transaction:
        transaction.open_work.of_invoices(queued, day=TODAY)
    assert len([statement for statement in sent if statement.startswith(("SELECT", "WITH"))]) <= 10


def test_what_is_asked_for_every_few_seconds_is_found_by_its_index(store: Store) -> None:
    with counted(store) as sent, store.read() as transaction:
        transaction.open_work.of_invoices({OSLO: [QondorInvoiceId(9001)]}, day=TODAY)
    if store._engine.dialect.name != "sqlite":
        return
    statements = [each for each in sent if each.startswith(("SELECT", "WITH"))]
    with store._engine.connect() as connection:
        for statement in statements:
            parameters = tuple(0 for _ in range(statement.count("?")))
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            scanned = [row[3] for row in plan if row[3].startswith("SCAN") and "INDEX" not in row[3]]
            assert [each for each in scanned if "given" not in each and "CONSTANT" not in each] == [], statement
