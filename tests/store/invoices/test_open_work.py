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
from qondor_finago_pipelines.records.invoices.open_work import KnownRecord, OpenWork, UnfinishedOrder, UnpaidOrders
from qondor_finago_pipelines.records.links import IntentState, Kind, OrderLink
from qondor_finago_pipelines.records.operations.results import RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.store import Ledger

if TYPE_CHECKING:
    from tests.conftest import FakeClock

OSLO, BERGEN = OfficeId(102), OfficeId(103)
CLIENT = ClientId(7)
TODAY = date(2026, 11, 20)
HOUR = timedelta(hours=1)


def work_of(ledger: Ledger, office: OfficeId = OSLO, *queued: int) -> OpenWork:
    with ledger.read() as transaction:
        found = transaction.open_work.of_invoices({office: [QondorInvoiceId(each) for each in queued]}, day=TODAY)
    return found[office]


def put(ledger: Ledger, key: str, state: RecordState, reason: Reason | None = None, office: OfficeId = OSLO) -> None:
    with ledger.write() as transaction:
        transaction.outcomes.put(
            office_id=office,
            flow="invoices",
            key=key,
            state=state,
            reason=reason,
            message="",
            remedy="",
            at=ledger.now(),
            run_id="run",
            content_hash="hash",
        )


def link(ledger: Ledger, invoice: int, **members: Any) -> None:
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
        "linked_at": ledger.now(),
        "acknowledged_at": ledger.now(),
    }
    with ledger.write() as transaction:
        transaction.orders.link(OrderLink(**{**given, **members}))


def run(ledger: Ledger, run_id: str, *, day: date = TODAY, complete: bool = True, office: OfficeId = OSLO) -> None:
    with ledger.write() as transaction:
        transaction.runs.start(
            run_id=run_id, office_id=office, flow="invoices", day=day, trigger="schedule", at=ledger.now()
        )
        transaction.runs.finish(run_id, result={}, complete=complete, at=ledger.now())


def test_an_office_that_never_ran_has_nothing_open(ledger: Ledger) -> None:
    assert work_of(ledger) == OpenWork(office_id=OSLO)


def test_what_is_held_or_uncertain_is_known_and_of_the_rest_what_the_queue_shows(
    ledger: Ledger, clock: FakeClock
) -> None:
    put(ledger, "9001", RecordState.HELD, Reason.NO_PROJECT)
    put(ledger, "9002", RecordState.UNCERTAIN)
    put(ledger, "9003", RecordState.SETTLED)
    put(ledger, "9004", RecordState.SETTLED)
    put(ledger, "9004", RecordState.HELD, office=BERGEN)
    found = work_of(ledger, OSLO, 9003, 9999)
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


def test_a_confirmation_shows_on_what_waits_for_it(ledger: Ledger, clock: FakeClock) -> None:
    put(ledger, "9001", RecordState.HELD, Reason.WAITS_FOR_CONFIRM)
    put(ledger, "9002", RecordState.HELD, Reason.NO_PROJECT)
    with ledger.write() as transaction:
        transaction.clients.remember_office(OSLO, CLIENT)
    assert [each.mended_at for each in work_of(ledger).known] == [None, None]
    confirmed = clock.advance(HOUR)
    with ledger.write() as transaction:
        transaction.confirmations.confirm(CLIENT, confirmed)
    assert [each.mended_at for each in work_of(ledger).known] == [confirmed, None]


def test_what_a_person_decided_shows_on_what_was_in_quarantine(ledger: Ledger, clock: FakeClock) -> None:
    put(ledger, "9001", RecordState.HELD, Reason.QUARANTINED)
    assert [each.mended_at for each in work_of(ledger).known] == [None]
    decided = clock.advance(HOUR)
    with ledger.write() as transaction:
        transaction.events.append(
            office_id=OSLO, kind=Kind.ORDER.value, key="9001", event="linked by a person", at=decided
        )
    assert [each.mended_at for each in work_of(ledger).known] == [decided]


def test_only_unsettled_writes_to_finago_of_this_office_are_open(ledger: Ledger) -> None:
    with ledger.write() as transaction:
        for key, office, kind, state in (
            ("9001", OSLO, Kind.ORDER, IntentState.UNCERTAIN),
            ("9002", OSLO, Kind.ORDER, IntentState.LANDED),
            ("customer:77", OSLO, Kind.COMPANY, IntentState.QUARANTINED),
            ("9003", BERGEN, Kind.ORDER, IntentState.UNCERTAIN),
            ("finago:102:2026-3-20418:12345", OSLO, Kind.COST, IntentState.UNCERTAIN),
        ):
            intent = transaction.intents.open(
                client_id=CLIENT, office_id=office, kind=kind, key=key, payload_hash="p", expected={}, at=ledger.now()
            )
            transaction.intents.mark(intent.id, state, at=ledger.now())
    assert [each.key for each in work_of(ledger).unsettled] == ["9001", "customer:77"]


def test_orders_are_unfinished_until_qondor_was_told_and_then_unpaid(ledger: Ledger, clock: FakeClock) -> None:
    link(ledger, 9001, acknowledged_at=None)
    link(ledger, 9002, payment_asked_at=clock() - HOUR)
    link(ledger, 9003, payment_asked_at=clock())
    link(ledger, 9004, order_date=date(2026, 10, 1))
    link(ledger, 9005, order_date=date(2026, 10, 1), payment_asked_at=clock())
    link(ledger, 9006, payment_reported_at=clock(), order_date=date(2026, 9, 1))
    link(ledger, 9007, is_credit=True, order_date=date(2026, 9, 1))
    found = work_of(ledger)
    assert found.unfinished == (UnfinishedOrder(invoice_id=QondorInvoiceId(9001), linked_at=clock()),)
    assert found.unpaid == (
        UnpaidOrders(order_date=date(2026, 10, 1), asked_at=None),
        UnpaidOrders(order_date=TODAY, asked_at=clock() - HOUR),
    )


def test_orders_that_wait_for_adoption_concern_every_office_of_their_client(ledger: Ledger) -> None:
    with ledger.write() as transaction:
        transaction.clients.remember_office(OSLO, CLIENT)
        transaction.clients.remember_office(BERGEN, ClientId(8))
        transaction.adoption.begin_orders(CLIENT, [(OrderId(50001), "9001")])
    assert work_of(ledger).is_adopting
    assert not work_of(ledger, BERGEN).is_adopting
    with ledger.write() as transaction:
        transaction.adoption.leave_to_queue(CLIENT, [OrderId(50001)], ledger.now())
    assert not work_of(ledger).is_adopting


def test_the_latest_runs_are_known_the_complete_ones_by_day(ledger: Ledger, clock: FakeClock) -> None:
    run(ledger, "yesterday's", day=date(2026, 11, 19))
    assert work_of(ledger).last_complete is None, "today's cell has no colour yet"
    complete = clock.advance(HOUR)
    run(ledger, "complete")
    run(ledger, "of another office", office=BERGEN)
    tried = clock.advance(HOUR)
    run(ledger, "in vain", complete=False)
    clock.advance(HOUR)
    with ledger.write() as transaction:
        transaction.runs.start(
            run_id="at work", office_id=OSLO, flow="invoices", day=TODAY, trigger="ui", at=ledger.now()
        )
    found = work_of(ledger)
    assert (found.last_tried, found.last_complete) == (tried, complete)
    assert work_of(ledger, BERGEN).last_complete == complete


def test_two_transactions_see_offices_and_their_clients_at_once(ledger: Ledger) -> None:
    with ledger.write() as transaction:
        transaction.clients.remember_office(OSLO, CLIENT)
    with ledger.read() as transaction:
        assert transaction.clients.clients_of_offices([OSLO, BERGEN]) == {OSLO: CLIENT}


@contextmanager
def counted(ledger: Ledger) -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile."""
    sent: list[str] = []
    engine: Engine = ledger._engine

    def remember(*arguments: Any) -> None:
        sent.append(arguments[2])

    event.listen(engine, "before_cursor_execute", remember)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", remember)


@pytest.mark.parametrize("offices", [1, 100])
def test_a_hundred_offices_take_no_more_queries_than_one(ledger: Ledger, offices: int) -> None:
    put(ledger, "9001", RecordState.HELD, Reason.WAITS_FOR_CONFIRM)
    put(ledger, "9002", RecordState.HELD, Reason.QUARANTINED)
    queued = {OfficeId(102 + number): [QondorInvoiceId(9001 + number)] for number in range(offices)}
    with counted(ledger) as sent, ledger.read() as transaction:
        transaction.open_work.of_invoices(queued, day=TODAY)
    assert len([statement for statement in sent if statement.startswith(("SELECT", "WITH"))]) <= 10


def test_what_is_asked_for_every_few_seconds_is_found_by_its_index(ledger: Ledger) -> None:
    with counted(ledger) as sent, ledger.read() as transaction:
        transaction.open_work.of_invoices({OSLO: [QondorInvoiceId(9001)]}, day=TODAY)
    if ledger._engine.dialect.name != "sqlite":
        return
    statements = [each for each in sent if each.startswith(("SELECT", "WITH"))]
    with ledger._engine.connect() as connection:
        for statement in statements:
            parameters = tuple(0 for _ in range(statement.count("?")))
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            scanned = [row[3] for row in plan if row[3].startswith("SCAN") and "INDEX" not in row[3]]
            assert [each for each in scanned if "given" not in each and "CONSTANT" not in each] == [], statement
