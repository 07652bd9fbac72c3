"""How all offices stand, as both databases tell it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from qondor_finago_pipelines.records.identifiers import ClientId, OfficeId
from qondor_finago_pipelines.records.links import IntentState, Kind
from qondor_finago_pipelines.records.operations.office_status import QUARANTINED, FlowStatus
from qondor_finago_pipelines.records.operations.results import Flow, RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.store import Store

if TYPE_CHECKING:
    from tests.conftest import FakeClock

OSLO, BERGEN = OfficeId(102), OfficeId(103)
CLIENT = ClientId(7)
HOUR = timedelta(hours=1)


@pytest.fixture
def store(database_url: str, clock: FakeClock) -> Iterator[Store]:
    with Store.open(database_url, clock=clock) as store:
        yield store


def state_of(store: Store, flow: Flow = Flow.INVOICES) -> FlowStatus:
    with store.read() as transaction:
        return transaction.open_items.of(flow)


def put(store: Store, key: str, state: RecordState, reason: Reason | None = None, office: OfficeId = OSLO) -> None:
    with store.write() as transaction:
        transaction.outcomes.put(
            office_id=office,
            flow="invoices",
            key=key,
            state=state,
            reason=reason,
            message="It has no project.",
            remedy="Choose one.",
            at=store.now(),
            run_id="run",
        )


def test_what_is_held_or_uncertain_is_open_and_what_is_settled_or_failed_is_not(store: Store, clock: FakeClock) -> None:
    began = clock()
    put(store, "9001", RecordState.HELD, Reason.NO_PROJECT)
    put(store, "9002", RecordState.UNCERTAIN)
    put(store, "9003", RecordState.SETTLED)
    put(store, "9004", RecordState.FAILED, Reason.NO_PROJECT)
    put(store, "8001", RecordState.HELD, Reason.QUARANTINED, BERGEN)
    found = {each.record: (each.office, each.state, each.since, each.reason) for each in state_of(store).open}
    assert found == {
        "9001": (OSLO, "held", began, "no project"),
        "9002": (OSLO, "uncertain", began, ""),
        "8001": (BERGEN, QUARANTINED, began, "quarantined"),
    }
    assert list(state_of(store, Flow.COSTS_AND_SALES).open) == []


def test_a_write_in_quarantine_is_open_in_its_flow_without_its_key(store: Store) -> None:
    """The key of a booker's company is made from the e-mail address."""
    with store.write() as transaction:
        for kind, key in ((Kind.COMPANY, "consumer:5d41402abc4b2a76b9719d911017c592"), (Kind.ORDER, "9001")):
            intent = transaction.intents.open(
                client_id=CLIENT,
                office_id=OSLO,
                kind=kind,
                key=key,
                payload_hash="hash",
                expected={},
                at=store.now(),
            )
            transaction.intents.mark(intent.id, IntentState.QUARANTINED, at=store.now())
    (company,) = state_of(store, Flow.CUSTOMERS_AND_PROJECTS).open
    assert (company.office, company.record, company.state) == (OSLO, f"company, intent {intent.id - 1}", QUARANTINED)
    assert "5d41" not in repr(company)
    (order,) = state_of(store).open
    assert order.record == f"order, intent {intent.id}"
    put(store, "9001", RecordState.HELD, Reason.QUARANTINED)
    (order,) = state_of(store).open
    assert order.record == "9001", "told once, by its own standing"


def test_the_store_knows_every_office_that_ever_logged_in(store: Store) -> None:
    assert state_of(store).known == frozenset()
    with store.write() as transaction:
        transaction.clients.remember_office(OfficeId(105), CLIENT)
    assert state_of(store).known == {OfficeId(105)}


def test_the_history_tells_when_records_became_open_and_when_they_ceased_to_be(store: Store, clock: FakeClock) -> None:
    put(store, "9001", RecordState.HELD, Reason.NO_PROJECT)
    put(store, "9002", RecordState.SETTLED)
    since = clock.advance(HOUR)
    put(store, "9001", RecordState.HELD, Reason.VAT_MISMATCH)
    put(store, "9003", RecordState.UNCERTAIN, office=BERGEN)
    clock.advance(HOUR)
    put(store, "9001", RecordState.SETTLED)
    put(store, "9003", RecordState.FAILED, Reason.NO_PROJECT, BERGEN)
    put(store, "9004", RecordState.HELD, Reason.NO_PROJECT)
    clock.advance(HOUR)
    with store.write() as transaction:
        transaction.outcomes.close(office_id=OSLO, flow="invoices", keep=[], at=store.now(), run_id="run")
    with store.read() as transaction:
        changes = transaction.open_items.changes_of_open(Flow.INVOICES, since)
        number = transaction.open_items.number_open(Flow.INVOICES)
    assert list(changes) == [
        (since, 1),
        (since + HOUR, -1),
        (since + HOUR, -1),
        (since + HOUR, 1),
        (since + 2 * HOUR, -1),
    ], "another reason is no change; what was settled at once never was open"
    assert number == 0
    assert number - sum(change for _, change in changes) == 1, "so one was open when it began"
