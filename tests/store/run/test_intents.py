"""Writes that are committed before they are sent: never two of one record while nobody knows of the first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qondor_finago_pipelines.records.identifiers import ClientId
from qondor_finago_pipelines.records.links import Intent, IntentState, Kind
from qondor_finago_pipelines.store import Store, StoreConflict, Transaction
from tests.store.builders import CLIENT, OSLO, OTHER_CLIENT, open_intent

if TYPE_CHECKING:
    from tests.conftest import FakeClock

UNSETTLED = (IntentState.OPEN, IntentState.UNCERTAIN, IntentState.QUARANTINED)
SETTLED = (IntentState.LANDED, IntentState.REJECTED, IntentState.NOT_LANDED)


@pytest.fixture
def commit(store: Store) -> Callable[..., Intent]:
    """Opens an intent in a transaction of its own."""

    def commit(key: str = "9001", kind: Kind = Kind.ORDER, client_id: ClientId = CLIENT) -> Intent:
        expected = {"customer_id": 4711, "total": "12500.00", "project_id": None}
        return open_intent(store, key, kind, client_id=client_id, expected=expected)

    return commit


@pytest.fixture
def mark(store: Store) -> Callable[..., None]:
    def mark(intent: Intent, state: IntentState, **detail: Any) -> None:
        with store.write() as transaction:
            transaction.intents.mark(intent.id, state, detail=detail or None)

    return mark


def unsettled_keys(transaction: Transaction, kind: Kind | None = None) -> list[str]:
    return [intent.key for intent in transaction.intents.unsettled(CLIENT, kind)]


def test_an_intent_comes_back_whole(store: Store, clock: FakeClock, commit: Callable[..., Intent]) -> None:
    intent = commit()
    assert intent == Intent(
        id=intent.id,
        client_id=CLIENT,
        office_id=OSLO,
        kind=Kind.ORDER,
        key="9001",
        payload_hash="abc",
        committed_at=clock(),
        state=IntentState.OPEN,
        expected={"customer_id": 4711, "total": "12500.00", "project_id": None},
    )
    with store.read() as transaction:
        assert transaction.intents.get(intent.id) == intent
        assert transaction.intents.unsettled(CLIENT) == (intent,)
        with pytest.raises(StoreConflict, match="no intent"):
            transaction.intents.get(intent.id + 1)


@pytest.mark.parametrize("state", UNSETTLED)
def test_while_one_is_unsettled_there_is_no_second(
    store: Store, commit: Callable[..., Intent], mark: Callable[..., None], state: IntentState
) -> None:
    intent = commit()
    if state is not IntentState.OPEN:
        mark(intent, state)
    with pytest.raises(StoreConflict, match=r"order 9001 .* not settled"):
        commit()
    # Another record, another kind and another client are not in its way.
    commit("9002")
    commit(kind=Kind.INVOICING)
    commit(client_id=OTHER_CLIENT)
    with store.read() as transaction:
        assert unsettled_keys(transaction) == ["9001", "9002", "9001"]
        assert unsettled_keys(transaction, Kind.INVOICING) == ["9001"]


@pytest.mark.parametrize("state", SETTLED)
def test_after_one_is_settled_there_may_be_another(
    store: Store, commit: Callable[..., Intent], mark: Callable[..., None], state: IntentState
) -> None:
    first = commit()
    mark(first, state)
    with store.read() as transaction:
        assert transaction.intents.unsettled(CLIENT) == ()
    second = commit()
    assert second.id > first.id
    with store.read() as transaction:
        history = transaction.intents.history(CLIENT, Kind.ORDER, "9001")
    assert [intent.state for intent in history] == [state, IntentState.OPEN]


def test_a_refused_intent_does_not_spoil_the_transaction(store: Store, clock: FakeClock) -> None:
    common: dict[str, Any] = {"client_id": CLIENT, "office_id": OSLO, "payload_hash": "abc", "expected": {}}
    with store.write() as transaction:
        transaction.intents.open(key="9001", kind=Kind.ORDER, **common)
        with pytest.raises(StoreConflict):
            transaction.intents.open(key="9001", kind=Kind.ORDER, **common)
        transaction.intents.open(key="9002", kind=Kind.ORDER, **common)
    with store.read() as transaction:
        assert unsettled_keys(transaction) == ["9001", "9002"]


def test_of_threads_that_open_an_intent_at_once_one_wins(
    store: Store, commit: Callable[..., Intent], together: Callable[..., list[Any]]
) -> None:
    results = together([commit] * 8)
    assert sum(isinstance(result, Intent) for result in results) == 1
    assert sum(not isinstance(r, Intent) and isinstance(r.error, StoreConflict) for r in results) == 7
    with store.read() as transaction:
        assert unsettled_keys(transaction) == ["9001"]


def test_an_intent_whose_transaction_fails_was_never_there(store: Store, clock: FakeClock) -> None:
    with pytest.raises(StoreConflict), store.write() as transaction:  # noqa: PT012
        intent = transaction.intents.open(
            client_id=CLIENT, office_id=OSLO, kind=Kind.ORDER, key="9001", payload_hash="", expected={}
        )
        transaction.intents.get(intent.id + 1)
    with store.read() as transaction:
        assert transaction.intents.unsettled(CLIENT) == ()


@pytest.mark.parametrize("settled", SETTLED)
@pytest.mark.parametrize("then", list(IntentState))
def test_what_is_settled_stays_so(
    sqlite_store: Store, clock: FakeClock, settled: IntentState, then: IntentState
) -> None:
    intent = open_intent(sqlite_store)
    with sqlite_store.write() as transaction:
        transaction.intents.mark(intent.id, settled)
        if then is settled:
            transaction.intents.mark(intent.id, then)
        else:
            with pytest.raises(StoreConflict, match=f"is {settled.value} already"):
                transaction.intents.mark(intent.id, then)
        assert transaction.intents.get(intent.id).state is settled


def test_an_intent_that_does_not_exist_cannot_be_marked(sqlite_store: Store, clock: FakeClock) -> None:
    with sqlite_store.write() as transaction, pytest.raises(StoreConflict, match="no intent 17"):
        transaction.intents.mark(17, IntentState.LANDED)


def test_look_ups_are_counted(store: Store, commit: Callable[..., Intent]) -> None:
    intent, other = commit(), commit("9002")
    with store.write() as transaction:
        assert [transaction.intents.count_lookup(intent.id) for _ in range(3)] == [1, 2, 3]
        assert transaction.intents.get(intent.id).lookups == 3
        assert transaction.intents.get(other.id).lookups == 0


def test_first_contact_counts_every_order_that_was_or_may_have_been_sent(
    store: Store, clock: FakeClock, commit: Callable[..., Intent], mark: Callable[..., None]
) -> None:
    for number, state in enumerate((*UNSETTLED[1:], *SETTLED)):
        mark(commit(str(9001 + number)), state)
    commit("9100")
    commit("9001", kind=Kind.COMPANY)
    commit("9200", client_id=OTHER_CLIENT)
    clock.advance(timedelta(minutes=20))
    # Uncertain, quarantined, landed and open; rejected and not landed ones are no orders.
    with store.read() as transaction:
        assert len(transaction.intents.orders_sent(CLIENT)) == 4
        assert len(transaction.intents.orders_sent(OTHER_CLIENT)) == 1
        assert transaction.intents.orders_sent(ClientId(9)) == frozenset()


def test_an_order_sent_again_after_it_did_not_land_counts_once(
    store: Store, commit: Callable[..., Intent], mark: Callable[..., None]
) -> None:
    mark(commit(), IntentState.NOT_LANDED)
    mark(commit(), IntentState.LANDED)
    with store.read() as transaction:
        assert len(transaction.intents.orders_sent(CLIENT)) == 1


def test_keys_that_did_not_land_are_those_whose_latest_write_did_not(
    store: Store, commit: Callable[..., Intent], mark: Callable[..., None]
) -> None:
    mark(commit("9001"), IntentState.NOT_LANDED)
    mark(commit("9002"), IntentState.NOT_LANDED)
    mark(commit("9002"), IntentState.LANDED)
    mark(commit("9003"), IntentState.REJECTED)
    mark(commit("9004", kind=Kind.INVOICING), IntentState.NOT_LANDED)
    with store.read() as transaction:
        assert transaction.intents.not_landed_keys(CLIENT, Kind.ORDER) == {"9001"}
        assert transaction.intents.not_landed_keys(CLIENT, Kind.INVOICING) == {"9004"}
        assert transaction.intents.not_landed_keys(OTHER_CLIENT, Kind.ORDER) == frozenset()
