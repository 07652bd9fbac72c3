"""How records stand, their history, and the runs that brought them there."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import DatabaseError

from qondor_finago_pipelines.records.identifiers import OrderId
from qondor_finago_pipelines.records.links import Kind
from qondor_finago_pipelines.records.operations.results import RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.store import Store, StoreConflict, StoredOutcome, UnfinishedRun
from tests.store.builders import BERGEN, CLIENT, OSLO, OTHER_CLIENT, finish_run, put_outcome, start_run
from tests.store.engines import plain_engine

if TYPE_CHECKING:
    from tests.conftest import FakeClock

HOUR = timedelta(hours=1)


def history(store: Store, key: str = "9001") -> list[tuple[str, Any]]:
    with store.read() as transaction:
        return [(event.event, event.detail) for event in transaction.events.history(OSLO, "invoices", key)]


# outcomes


def test_an_outcome_comes_back_whole(store: Store, clock: FakeClock) -> None:
    outcome = put_outcome(store, "9001", RecordState.HELD, Reason.NO_PROJECT, content_hash="abc")
    assert outcome == StoredOutcome(
        key="9001",
        state=RecordState.HELD,
        reason=Reason.NO_PROJECT,
        message="Invoice 9001 has no project.",
        remedy="Choose one in Qondor.",
        first_seen=clock(),
        last_seen=clock(),
        content_hash="abc",
        run_id="run",
        runs=1,
    )
    put_outcome(store, "9002", RecordState.SETTLED)
    put_outcome(store, "9001", RecordState.SETTLED, flow="customers-and-projects")
    put_outcome(store, "9001", RecordState.SETTLED, office_id=BERGEN)
    with store.read() as transaction:
        assert transaction.outcomes.get(OSLO, "invoices", "9001") == outcome
        assert list(transaction.outcomes.of_office(OSLO, "invoices")) == ["9001", "9002"]
        assert transaction.outcomes.of_office(OSLO, "invoices")["9001"] == outcome
        assert transaction.outcomes.get(OSLO, "invoices", "9003") is None


def test_runs_that_meet_a_record_so_are_counted_in_a_row_and_each_once(store: Store) -> None:
    held: Any = ("9001", RecordState.HELD, Reason.CHANGED_WHILE_READ)
    assert put_outcome(store, *held, run_id="run-1").runs == 1
    assert put_outcome(store, *held, run_id="run-1").runs == 1
    assert put_outcome(store, *held, run_id="run-2").runs == 2
    # One that could not look at it neither counts nor begins anew.
    assert put_outcome(store, "9001", RecordState.NOT_REACHED, run_id="run-3").runs == 2
    assert put_outcome(store, *held, run_id="run-4", message="another wording").runs == 3
    assert put_outcome(store, "9001", RecordState.HELD, Reason.NO_PROJECT, run_id="run-5").runs == 1
    assert put_outcome(store, *held, run_id="run-6").runs == 1
    assert put_outcome(store, "9001", RecordState.SETTLED, run_id="run-7").runs == 1


def test_the_waiting_time_of_a_reason_begins_when_it_is_first_seen(store: Store, clock: FakeClock) -> None:
    began = clock()
    put_outcome(store, "9001", RecordState.HELD, Reason.NO_PROJECT)
    clock.advance(HOUR)
    outcome = put_outcome(store, "9001", RecordState.HELD, Reason.NO_PROJECT, message="another wording")
    assert (outcome.first_seen, outcome.last_seen) == (began, began + HOUR)
    assert outcome.message == "another wording"


def test_another_reason_begins_to_wait_anew(store: Store, clock: FakeClock) -> None:
    put_outcome(store, "9001", RecordState.HELD, Reason.NO_PROJECT)
    clock.advance(HOUR)
    put_outcome(store, "9001", RecordState.HELD, Reason.VAT_MISMATCH)
    clock.advance(HOUR)
    assert put_outcome(store, "9001", RecordState.HELD, Reason.VAT_MISMATCH).first_seen == clock() - HOUR
    clock.advance(HOUR)
    assert put_outcome(store, "9001", RecordState.HELD, Reason.NO_PROJECT).first_seen == clock()


def test_a_record_that_was_settled_in_between_begins_to_wait_anew(store: Store, clock: FakeClock) -> None:
    put_outcome(store, "9001", RecordState.HELD, Reason.NO_PROJECT)
    clock.advance(HOUR)
    put_outcome(store, "9001", RecordState.SETTLED)
    clock.advance(HOUR)
    assert put_outcome(store, "9001", RecordState.HELD, Reason.NO_PROJECT).first_seen == clock()


def test_an_outage_neither_mends_a_record_nor_starts_its_waiting_time_anew(store: Store, clock: FakeClock) -> None:
    held = put_outcome(store, "9001", RecordState.HELD, Reason.NO_PROJECT)
    clock.advance(HOUR)
    assert put_outcome(store, "9001", RecordState.NOT_REACHED, message="no answer") == held
    clock.advance(HOUR)
    assert put_outcome(store, "9001", RecordState.HELD, Reason.NO_PROJECT).first_seen == held.first_seen
    assert history(store) == [("held", {"reason": "no project", "why": "Invoice 9001 has no project."})]


def test_a_record_first_met_in_an_outage_was_not_reached(store: Store) -> None:
    assert put_outcome(store, "9001", RecordState.NOT_REACHED, message="no answer").state is RecordState.NOT_REACHED
    put_outcome(store, "9001", RecordState.SETTLED)
    assert [event for event, _ in history(store)] == ["not_reached", "settled"]


def test_every_change_of_state_reason_or_amount_is_an_event_and_nothing_else_is(store: Store) -> None:
    amount: dict[str, Any] = {"total": Decimal("1250.00"), "currency": "NOK"}
    put_outcome(store, "9001", RecordState.HELD, Reason.NO_PROJECT)
    put_outcome(store, "9001", RecordState.HELD, Reason.NO_PROJECT, message="another wording")
    put_outcome(store, "9001", RecordState.HELD, Reason.VAT_MISMATCH, message="12 % VAT")
    put_outcome(store, "9001", RecordState.HELD, Reason.VAT_MISMATCH, message="12 % VAT", **amount)
    put_outcome(store, "9001", RecordState.HELD, Reason.VAT_MISMATCH, message="12 % VAT", **amount)
    put_outcome(store, "9001", RecordState.FAILED, Reason.VAT_MISMATCH, message="12 % VAT", **amount)
    put_outcome(store, "9001", RecordState.SETTLED, message="", **amount)
    put_outcome(store, "9001", RecordState.SETTLED, message="", **amount)
    said = {"reason": "VAT mismatch", "why": "12 % VAT"}
    known = {"amount": "1250.00", "currency": "NOK"}
    assert history(store) == [
        ("held", {"reason": "no project", "why": "Invoice 9001 has no project."}),
        ("held", said),
        ("held", {**said, **known}),
        ("failed", {**said, **known}),
        ("settled", known),
    ]


def test_an_amount_is_kept_to_the_ore(store: Store) -> None:
    put_outcome(store, "9001", RecordState.HELD, Reason.NO_PROJECT, total=Decimal("99999999999.90"), currency="SEK")
    put_outcome(store, "9002", RecordState.FAILED, Reason.NO_PROJECT)
    put_outcome(store, "9003", RecordState.SETTLED)
    with store.read() as transaction:
        (found,) = transaction.outcomes.unsettled(OSLO, "invoices")
        assert (str(found.total), found.currency) == ("99999999999.90", "SEK")
        both = transaction.outcomes.unsettled(OSLO, "invoices", failed=True)
        assert [(each.key, each.total) for each in both] == [("9001", found.total), ("9002", None)]


def test_a_record_is_not_settled_since_it_was_settled_last_whatever_its_reasons(store: Store, clock: FakeClock) -> None:
    put_outcome(store, "9001", RecordState.HELD, Reason.NO_PROJECT)
    clock.advance(HOUR)
    put_outcome(store, "9001", RecordState.SETTLED)
    clock.advance(HOUR)
    again = clock()
    put_outcome(store, "9001", RecordState.NOT_REACHED)
    put_outcome(store, "9001", RecordState.HELD, Reason.VAT_MISMATCH)
    clock.advance(HOUR)
    put_outcome(store, "9001", RecordState.UNCERTAIN)
    put_outcome(store, "9001", RecordState.HELD, office_id=BERGEN)
    put_outcome(store, "9002", RecordState.SETTLED)
    asked = [(OSLO, "9001"), (BERGEN, "9001"), (OSLO, "9002"), (OSLO, "9003")]
    with store.read() as transaction:
        found = transaction.events.unsettled_since("invoices", asked)
    assert found == {(OSLO, "9001"): again, (BERGEN, "9001"): clock()}


# events


def test_a_history_is_told_in_the_order_in_which_it_happened(store: Store, clock: FakeClock) -> None:
    for event in ("intent", "landed", "acknowledged"):
        # Also where the clock goes back.
        clock.advance(-HOUR)
        with store.write() as transaction:
            transaction.events.append(office_id=OSLO, kind="order", key="9001", event=event, run_id="run")
    with store.write() as transaction:
        transaction.events.append(office_id=BERGEN, kind="order", key="9001", event="other")
        transaction.events.append(office_id=OSLO, kind="order", key="9002", event="landed", detail={"order": 5001})
    with store.read() as transaction:
        events = transaction.events.history(OSLO, "order", "9001")
        assert [event.event for event in events] == ["intent", "landed", "acknowledged"]
        assert {(event.run_id, event.detail) for event in events} == {("run", None)}
        (other,) = transaction.events.history(OSLO, "order", "9002")
        assert (other.at, other.run_id, other.detail) == (clock(), None, {"order": 5001})


def test_the_history_of_a_record_is_found_in_every_office_and_kind(store: Store) -> None:
    reference = "finago:102:2026-3-7:12345"
    with store.write() as transaction:
        for office, kind, key in (
            (OSLO, "order", "9001"),
            (BERGEN, "invoices", "9001"),
            (OSLO, "order", "90011"),
            (OSLO, "cost", reference),
            (OSLO, "cost", "finago:102:2026-3-70:12345"),
            (OSLO, "cost", "finago:102:2026-3-7%:12345"),
        ):
            transaction.events.append(office_id=office, kind=kind, key=key, event=f"{kind} {key}")
    with store.read() as transaction:
        found = transaction.events.about([OSLO, BERGEN], [("order", "9001"), ("invoices", "9001")])
        assert [(each.office_id, each.kind) for each in found] == [(OSLO, "order"), (BERGEN, "invoices")]
        assert [each.kind for each in transaction.events.about([BERGEN], [("order", "9001")])] == []
        of_voucher = transaction.events.about([OSLO], [("cost", "finago:102:2026-3-7:")], beginning=["cost"])
        assert [each.key for each in of_voucher] == [reference]


@pytest.mark.parametrize("statement", ["UPDATE events SET event = 'nothing'", "DELETE FROM events"])
def test_the_database_itself_keeps_a_history_from_being_changed(
    store: Store, database_url: str, clock: FakeClock, statement: str
) -> None:
    with store.write() as transaction:
        transaction.events.append(office_id=OSLO, kind="order", key="9001", event="intent")
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
        transaction.events.append(office_id=OSLO, kind="order", key="9001", event="intent")
    with engine.connect() as connection, pytest.raises(DatabaseError, match="only ever added"):
        connection.exec_driver_sql(statement)
    engine.dispose()


# runs


def test_the_last_complete_run_is_the_one_that_ended_last_and_read_everything(store: Store, clock: FakeClock) -> None:
    ended = {}
    for run_id, complete in (("first", True), ("second", True), ("broken off", False)):
        start_run(store, run_id)
        ended[run_id] = clock.advance(HOUR)
        finish_run(store, run_id, complete=complete)
    start_run(store, "still at work")
    start_run(store, "in Bergen", office_id=BERGEN)
    start_run(store, "another flow", flow="costs-and-sales")
    clock.advance(HOUR)
    finish_run(store, "in Bergen", complete=True)
    with store.read() as transaction:
        latest = transaction.runs.latest_complete([OSLO, BERGEN], "invoices")
        assert {office: found.finished_at for office, found in latest.items()} == {
            OSLO: ended["second"],
            BERGEN: clock(),
        }
        assert transaction.runs.latest_complete([OSLO], "costs-and-sales") == {}


def test_a_run_gives_its_result_when_it_is_finished(store: Store) -> None:
    start_run(store, "run")
    with store.read() as transaction:
        assert transaction.runs.result("run") is None
        assert transaction.runs.result("another") is None
    finish_run(store, "run", complete=True)
    with store.read() as transaction:
        assert transaction.runs.result("run") == {"created": 1}
    with store.write() as transaction, pytest.raises(StoreConflict, match="no run another"):
        transaction.runs.finish("another", result={}, complete=True)


def test_unfinished_runs_are_named(store: Store, clock: FakeClock) -> None:
    start_run(store, "second")
    began = clock.advance(-HOUR)
    start_run(store, "first")
    start_run(store, "in Bergen", office_id=BERGEN)
    start_run(store, "finished")
    finish_run(store, "finished", complete=False)
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
    start_run(store, "run")
    finish_run(store, "run", complete=True)
    start_run(store, "run")
    with store.read() as transaction:
        assert transaction.runs.result("run") is None
        assert transaction.runs.latest_complete([OSLO], "invoices") == {}


# adoption and first contact


def test_adoption_is_completed_for_each_client_and_kind(store: Store, clock: FakeClock) -> None:
    with store.write() as transaction:
        assert not transaction.adoption.completed(CLIENT, Kind.ORDER)
        transaction.adoption.complete(CLIENT, Kind.ORDER)
        transaction.adoption.complete(CLIENT, Kind.ORDER)
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
        transaction.confirmations.confirm(CLIENT)
        transaction.confirmations.confirm(CLIENT)
    with store.read() as transaction:
        assert transaction.confirmations.confirmed(CLIENT)
        assert not transaction.confirmations.confirmed(OTHER_CLIENT)


def test_orders_that_are_not_shown_keep_no_others_waiting_and_are_let_go_after_a_while(
    store: Store, clock: FakeClock
) -> None:
    with store.write() as transaction:
        transaction.adoption.begin_orders(CLIENT, [(OrderId(each), str(9000 + each)) for each in (1, 2, 3)])
        assert transaction.adoption.miss(CLIENT, [OrderId(3)], for_long=HOUR) == frozenset()
    clock.advance(HOUR / 2)
    with store.write() as transaction:
        assert [order for order, _ in transaction.adoption.waiting_orders(CLIENT, 9)] == [2, 1, 3]
        assert transaction.adoption.miss(CLIENT, [OrderId(2), OrderId(3)], for_long=HOUR) == frozenset()
    clock.advance(HOUR / 2)
    with store.write() as transaction:
        assert transaction.adoption.miss(CLIENT, [OrderId(2), OrderId(3)], for_long=HOUR) == {3}
        assert transaction.adoption.waiting_for(CLIENT, ["9003"]) == {"9003": (3,)}
