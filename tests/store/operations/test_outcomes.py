"""How records stand, their history, and the runs that brought them there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import DatabaseError

from qondor_finago_pipelines.records.identifiers import ClientId, OfficeId, OrderId
from qondor_finago_pipelines.records.links import Kind
from qondor_finago_pipelines.records.operations.results import RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.store import Store, StoreConflict, StoredOutcome, UnfinishedRun
from tests.store.engines import plain_engine

if TYPE_CHECKING:
    from tests.conftest import FakeClock

OSLO, BERGEN = OfficeId(102), OfficeId(103)
CLIENT, OTHER_CLIENT = ClientId(7), ClientId(8)
HOUR = timedelta(hours=1)


@pytest.fixture
def put(store: Store) -> Callable[..., StoredOutcome]:
    """Sets how invoice 9001 of Oslo stands, in a transaction of its own."""

    def put(state: RecordState, reason: Reason | None = None, **members: Any) -> StoredOutcome:
        given: dict[str, Any] = {
            "office_id": OSLO,
            "flow": "invoices",
            "key": "9001",
            "message": "Invoice 9001 has no project.",
            "remedy": "Choose one in Qondor.",
            "at": store.now(),
            "run_id": "run",
            **members,
        }
        with store.write() as transaction:
            return transaction.outcomes.put(state=state, reason=reason, **given)

    return put


def history(store: Store, key: str = "9001") -> list[tuple[str, Any]]:
    with store.read() as transaction:
        return [(event.event, event.detail) for event in transaction.events.history(OSLO, "invoices", key)]


# standings


def test_a_standing_comes_back_whole(store: Store, clock: FakeClock, put: Callable[..., StoredOutcome]) -> None:
    standing = put(RecordState.HELD, Reason.NO_PROJECT, content_hash="abc")
    assert standing == StoredOutcome(
        key="9001",
        state=RecordState.HELD,
        reason=Reason.NO_PROJECT,
        message="Invoice 9001 has no project.",
        remedy="Choose one in Qondor.",
        first_seen=clock(),
        last_seen=clock(),
        content_hash="abc",
    )
    put(RecordState.SETTLED, key="9002")
    put(RecordState.SETTLED, key="9001", flow="customers-and-projects")
    put(RecordState.SETTLED, key="9001", office_id=BERGEN)
    with store.read() as transaction:
        assert transaction.outcomes.get(OSLO, "invoices", "9001") == standing
        assert list(transaction.outcomes.of_office(OSLO, "invoices")) == ["9001", "9002"]
        assert transaction.outcomes.of_office(OSLO, "invoices")["9001"] == standing
        assert transaction.outcomes.get(OSLO, "invoices", "9003") is None


def test_the_waiting_time_of_a_reason_begins_when_it_is_first_seen(
    clock: FakeClock, put: Callable[..., StoredOutcome]
) -> None:
    began = clock()
    put(RecordState.HELD, Reason.NO_PROJECT)
    clock.advance(HOUR)
    standing = put(RecordState.HELD, Reason.NO_PROJECT, message="another wording")
    assert (standing.first_seen, standing.last_seen) == (began, began + HOUR)
    assert standing.message == "another wording"


def test_another_reason_begins_to_wait_anew(clock: FakeClock, put: Callable[..., StoredOutcome]) -> None:
    put(RecordState.HELD, Reason.NO_PROJECT)
    clock.advance(HOUR)
    put(RecordState.HELD, Reason.VAT_MISMATCH)
    clock.advance(HOUR)
    assert put(RecordState.HELD, Reason.VAT_MISMATCH).first_seen == clock() - HOUR
    clock.advance(HOUR)
    assert put(RecordState.HELD, Reason.NO_PROJECT).first_seen == clock()


def test_a_record_that_was_settled_in_between_begins_to_wait_anew(
    clock: FakeClock, put: Callable[..., StoredOutcome]
) -> None:
    put(RecordState.HELD, Reason.NO_PROJECT)
    clock.advance(HOUR)
    put(RecordState.SETTLED)
    clock.advance(HOUR)
    assert put(RecordState.HELD, Reason.NO_PROJECT).first_seen == clock()


def test_an_outage_neither_mends_a_record_nor_starts_its_waiting_time_anew(
    store: Store, clock: FakeClock, put: Callable[..., StoredOutcome]
) -> None:
    held = put(RecordState.HELD, Reason.NO_PROJECT)
    clock.advance(HOUR)
    assert put(RecordState.NOT_REACHED, message="no answer") == held
    clock.advance(HOUR)
    assert put(RecordState.HELD, Reason.NO_PROJECT).first_seen == held.first_seen
    assert history(store) == [("held", {"reason": "no project"})]


def test_a_record_first_met_in_an_outage_is_untouched(store: Store, put: Callable[..., StoredOutcome]) -> None:
    assert put(RecordState.NOT_REACHED, message="no answer").state is RecordState.NOT_REACHED
    put(RecordState.SETTLED)
    assert [event for event, _ in history(store)] == ["untouched", "settled"]


def test_every_change_of_state_or_reason_is_an_event_and_nothing_else_is(
    store: Store, put: Callable[..., StoredOutcome]
) -> None:
    put(RecordState.HELD, Reason.NO_PROJECT)
    put(RecordState.HELD, Reason.NO_PROJECT, message="another wording")
    put(RecordState.HELD, Reason.VAT_MISMATCH)
    put(RecordState.FAILED, Reason.VAT_MISMATCH)
    put(RecordState.SETTLED)
    put(RecordState.SETTLED)
    assert history(store) == [
        ("held", {"reason": "no project"}),
        ("held", {"reason": "VAT mismatch"}),
        ("failed", {"reason": "VAT mismatch"}),
        ("settled", None),
    ]


# events


def test_a_history_is_told_in_the_order_in_which_it_happened(store: Store, clock: FakeClock) -> None:
    with store.write() as transaction:
        for event in ("intent", "landed", "acknowledged"):
            # Also where the clock stands, or goes back.
            transaction.events.append(
                office_id=OSLO, kind="order", key="9001", event=event, at=clock.advance(-HOUR), run_id="run"
            )
        transaction.events.append(office_id=BERGEN, kind="order", key="9001", event="other", at=clock())
        transaction.events.append(
            office_id=OSLO, kind="order", key="9002", event="landed", at=clock(), detail={"order": 5001}
        )
    with store.read() as transaction:
        events = transaction.events.history(OSLO, "order", "9001")
        assert [event.event for event in events] == ["intent", "landed", "acknowledged"]
        assert {(event.run_id, event.detail) for event in events} == {("run", None)}
        (other,) = transaction.events.history(OSLO, "order", "9002")
        assert (other.at, other.run_id, other.detail) == (clock(), None, {"order": 5001})


@pytest.mark.parametrize("statement", ["UPDATE events SET event = 'nothing'", "DELETE FROM events"])
def test_the_database_itself_keeps_a_history_from_being_changed(
    store: Store, database_url: str, clock: FakeClock, statement: str
) -> None:
    with store.write() as transaction:
        transaction.events.append(office_id=OSLO, kind="order", key="9001", event="intent", at=clock())
    engine = plain_engine(database_url)
    with engine.connect() as connection, pytest.raises(DatabaseError, match="only ever added"):
        connection.exec_driver_sql(statement)
    engine.dispose()
    with store.read() as transaction:
        assert [event.event for event in transaction.events.history(OSLO, "order", "9001")] == ["intent"]


def test_postgresql_does_not_let_a_history_be_emptied(store: Store, database_url: str) -> None:
    engine = plain_engine(database_url)
    statement = "TRUNCATE events" if engine.dialect.name == "postgresql" else "DELETE FROM events"
    with store.write() as transaction:
        transaction.events.append(office_id=OSLO, kind="order", key="9001", event="intent", at=store.now())
    with engine.connect() as connection, pytest.raises(DatabaseError, match="only ever added"):
        connection.exec_driver_sql(statement)
    engine.dispose()


# runs


def start(store: Store, run_id: str, office_id: OfficeId = OSLO, flow: str = "invoices") -> None:
    with store.write() as transaction:
        transaction.runs.start(
            run_id=run_id,
            office_id=office_id,
            flow=flow,
            day=date(2026, 11, 20),
            trigger="schedule",
            at=store.now(),
        )


def finish(store: Store, run_id: str, *, complete: bool) -> None:
    with store.write() as transaction:
        transaction.runs.finish(run_id, result={"created": 1}, complete=complete, at=store.now())


def test_the_last_complete_run_is_the_one_that_ended_last_and_read_everything(store: Store, clock: FakeClock) -> None:
    ended = {}
    for run_id, complete in (("first", True), ("second", True), ("broken off", False)):
        start(store, run_id)
        ended[run_id] = clock.advance(HOUR)
        finish(store, run_id, complete=complete)
    start(store, "still at work")
    start(store, "in Bergen", BERGEN)
    start(store, "another flow", flow="costs-and-sales")
    clock.advance(HOUR)
    finish(store, "in Bergen", complete=True)
    with store.read() as transaction:
        assert transaction.runs.last_complete(OSLO, "invoices") == ended["second"]
        assert transaction.runs.last_complete(BERGEN, "invoices") == clock()
        assert transaction.runs.last_complete(OSLO, "costs-and-sales") is None


def test_a_run_gives_its_result_when_it_is_finished(store: Store) -> None:
    start(store, "run")
    with store.read() as transaction:
        assert transaction.runs.result("run") is None
        assert transaction.runs.result("another") is None
    finish(store, "run", complete=True)
    with store.read() as transaction:
        assert transaction.runs.result("run") == {"created": 1}
    with store.write() as transaction, pytest.raises(StoreConflict, match="no run another"):
        transaction.runs.finish("another", result={}, complete=True, at=store.now())


def test_unfinished_runs_are_named(store: Store, clock: FakeClock) -> None:
    start(store, "second")
    began = clock.advance(-HOUR)
    start(store, "first")
    start(store, "in Bergen", BERGEN)
    start(store, "finished")
    finish(store, "finished", complete=False)
    with store.read() as transaction:
        assert [run.run_id for run in transaction.runs.unfinished(OSLO)] == ["first", "second"]
        assert len(transaction.runs.unfinished()) == 3
        assert transaction.runs.unfinished(BERGEN) == (
            UnfinishedRun(
                run_id="in Bergen",
                office_id=BERGEN,
                flow="invoices",
                day=date(2026, 11, 20),
                trigger="schedule",
                started_at=began,
            ),
        )


def test_a_step_that_is_tried_anew_begins_its_run_afresh(store: Store) -> None:
    start(store, "run")
    finish(store, "run", complete=True)
    start(store, "run")
    with store.read() as transaction:
        assert transaction.runs.result("run") is None
        assert transaction.runs.last_complete(OSLO, "invoices") is None


# adoption and first contact


def test_adoption_is_completed_for_each_client_and_kind(store: Store, clock: FakeClock) -> None:
    with store.write() as transaction:
        assert not transaction.adoption.completed(CLIENT, Kind.ORDER)
        transaction.adoption.complete(CLIENT, Kind.ORDER, clock())
        transaction.adoption.complete(CLIENT, Kind.ORDER, clock() + HOUR)
    with store.read() as transaction:
        assert transaction.adoption.completed(CLIENT, Kind.ORDER)
        assert not transaction.adoption.completed(CLIENT, Kind.COMPANY)
        assert not transaction.adoption.completed(OTHER_CLIENT, Kind.ORDER)


def test_orders_wait_for_their_adoption_over_several_runs(store: Store) -> None:
    candidates = [(OrderId(number), str(number + 4000)) for number in range(1, 1203)]
    with store.write() as transaction:
        transaction.adoption.begin_orders(CLIENT, candidates)
        transaction.adoption.begin_orders(CLIENT, candidates[:10])
        transaction.adoption.begin_orders(OTHER_CLIENT, candidates[:1])
        transaction.adoption.begin_orders(CLIENT, [])
        assert transaction.adoption.waiting_orders(CLIENT, 2) == ((1202, "5202"), (1201, "5201"))
        transaction.adoption.waited(CLIENT, [order_id for order_id, _ in candidates[2:]])
    with store.read() as transaction:
        assert transaction.adoption.waiting_orders(CLIENT, 1000) == ((2, "4002"), (1, "4001"))
        assert transaction.adoption.waiting_orders(OTHER_CLIENT, 1000) == ((1, "4001"),)


def test_orders_that_wait_are_found_by_their_reference_number(store: Store) -> None:
    candidates = [(OrderId(5001), "9001"), (OrderId(5002), "9002"), (OrderId(5003), "9001"), (OrderId(5004), "9003")]
    with store.write() as transaction:
        transaction.adoption.begin_orders(CLIENT, candidates)
        transaction.adoption.begin_orders(OTHER_CLIENT, [(OrderId(6001), "9001")])
        assert transaction.adoption.waiting_for(CLIENT, ["9001", "9002", "9004"]) == {
            "9001": (5001, 5003),
            "9002": (5002,),
        }
        transaction.adoption.waited(CLIENT, [OrderId(5001)])
        assert transaction.adoption.waiting_for(CLIENT, ["9001"]) == {"9001": (5003,)}


def test_a_client_is_confirmed_once(store: Store, clock: FakeClock) -> None:
    with store.write() as transaction:
        assert not transaction.confirmations.confirmed(CLIENT)
        transaction.confirmations.confirm(CLIENT, clock())
        transaction.confirmations.confirm(CLIENT, clock() + HOUR)
    with store.read() as transaction:
        assert transaction.confirmations.confirmed(CLIENT)
        assert not transaction.confirmations.confirmed(OTHER_CLIENT)
