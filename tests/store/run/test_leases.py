"""One holder at a time, and an old holder writes nothing any more (decisions 7)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qondor_finago_pipelines.records.errors import LeaseHeld, LeaseLost
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.store import Lease, Store

if TYPE_CHECKING:
    from tests.conftest import FakeClock

LANE = "finago-7"
OSLO = OfficeId(102)
MINUTE = timedelta(minutes=1)
AT_ONCE = timedelta(0)

TAKE = """
import sys
from datetime import timedelta
from qondor_finago_pipelines.store import Store
from qondor_finago_pipelines.records.errors import LeaseHeld
with Store.open(sys.argv[1]) as store:
    try:
        lease = store.take_lease("finago-7", sys.argv[2], lasts=timedelta(hours=1), wait=timedelta(0))
        print("took", lease.fence)
    except LeaseHeld as held:
        print("held by", held.holder)
"""


def take(store: Store, holder: str, *, lasts: timedelta = MINUTE, wait: timedelta = AT_ONCE) -> Lease:
    return store.take_lease(LANE, holder, lasts=lasts, wait=wait)


def note(store: Store, lease: Lease, event: str) -> None:
    with store.write(lease) as transaction:
        transaction.events.append(office_id=OSLO, kind="order", key="9001", event=event, at=store.now())


def noted(store: Store) -> list[str]:
    with store.read() as transaction:
        return [event.event for event in transaction.events.history(OSLO, "order", "9001")]


def test_a_lease_says_what_it_is(store: Store, clock: FakeClock) -> None:
    assert take(store, "run 1") == Lease(lane=LANE, holder="run 1", fence=1, expires_at=clock() + MINUTE, lasts=MINUTE)


def test_who_comes_second_is_told_who_holds_it(store: Store) -> None:
    take(store, "run 1")
    with pytest.raises(LeaseHeld, match="finago-7 is held by run 1") as held:
        take(store, "run 2")
    assert (held.value.lane, held.value.holder) == (LANE, "run 1")


def test_the_holder_itself_cannot_take_it_twice(store: Store) -> None:
    take(store, "run 1")
    with pytest.raises(LeaseHeld):
        take(store, "run 1")


def test_lanes_do_not_disturb_each_other(store: Store) -> None:
    take(store, "run 1")
    other = store.take_lease("qondor-costs-7", "run 2", lasts=MINUTE, wait=AT_ONCE)
    note(store, other, "cost")
    assert noted(store) == ["cost"]


def test_an_expired_lease_is_taken_over_and_the_old_holder_writes_nothing(store: Store, clock: FakeClock) -> None:
    old = take(store, "run 1")
    note(store, old, "intent of run 1")
    clock.advance(MINUTE)
    new = take(store, "run 2")
    assert new.fence == old.fence + 1

    with pytest.raises(LeaseLost, match="run 2 took it"):
        note(store, old, "late")
    note(store, new, "settled by run 2")
    assert noted(store) == ["intent of run 1", "settled by run 2"]


def test_the_fence_tells_two_leases_of_the_same_name_apart(store: Store, clock: FakeClock) -> None:
    old = take(store, "the same name")
    clock.advance(MINUTE)
    new = take(store, "the same name")
    with pytest.raises(LeaseLost):
        note(store, old, "late")
    with pytest.raises(LeaseLost):
        store.renew(old)
    store.release(old)
    note(store, new, "still held")
    assert noted(store) == ["still held"]


def test_a_lease_that_ran_out_writes_nothing_though_nobody_took_it(store: Store, clock: FakeClock) -> None:
    lease = take(store, "run 1")
    clock.advance(MINUTE)
    with pytest.raises(LeaseLost, match="ran out"):
        note(store, lease, "late")
    assert noted(store) == []


def test_a_renewed_lease_lasts_from_then_on(store: Store, clock: FakeClock) -> None:
    lease = take(store, "run 1")
    clock.advance(timedelta(seconds=50))
    renewed = store.renew(lease)
    assert renewed.expires_at == clock() + MINUTE
    assert renewed.fence == lease.fence
    clock.advance(timedelta(seconds=50))
    # The row counts, not the copy that a run happens to hold.
    note(store, lease, "in time")
    with pytest.raises(LeaseHeld):
        take(store, "run 2")
    assert noted(store) == ["in time"]


def test_a_lease_that_ran_out_and_nobody_took_can_be_renewed(store: Store, clock: FakeClock) -> None:
    lease = take(store, "run 1")
    clock.advance(2 * MINUTE)
    note(store, store.renew(lease), "nobody wrote in between")
    assert noted(store) == ["nobody wrote in between"]


def test_a_lease_that_was_taken_over_cannot_be_renewed(store: Store, clock: FakeClock) -> None:
    lease = take(store, "run 1")
    clock.advance(MINUTE)
    take(store, "run 2")
    with pytest.raises(LeaseLost):
        store.renew(lease)


def test_a_released_lane_is_free_and_its_fence_goes_on(store: Store) -> None:
    fences = []
    for run in range(4):
        lease = take(store, f"run {run}")
        fences.append(lease.fence)
        store.release(lease)
        store.release(lease)
        with pytest.raises(LeaseLost):
            note(store, lease, "after the release")
    assert fences == [1, 2, 3, 4]
    assert noted(store) == []


def test_an_old_holder_cannot_release_the_new_ones_lease(store: Store, clock: FakeClock) -> None:
    old = take(store, "run 1")
    clock.advance(MINUTE)
    new = take(store, "run 2")
    store.release(old)
    note(store, new, "still held")
    with pytest.raises(LeaseHeld):
        take(store, "run 3")


def test_who_waits_long_enough_gets_it(store: Store, clock: FakeClock) -> None:
    take(store, "run 1")
    began = clock()
    assert take(store, "run 2", wait=2 * MINUTE).fence == 2
    assert clock() - began == MINUTE


def test_who_waits_in_vain_leaves_after_that_time_and_no_later(store: Store, clock: FakeClock) -> None:
    take(store, "run 1")
    began = clock()
    with pytest.raises(LeaseHeld):
        take(store, "run 2", wait=timedelta(seconds=30.1))
    assert clock() - began == timedelta(seconds=30.1)


def test_of_threads_that_ask_at_once_one_gets_it(store: Store, together: Callable[..., list[Any]]) -> None:
    results = together([lambda run=run: take(store, f"run {run}") for run in range(8)])
    taken = [result for result in results if isinstance(result, Lease)]
    assert len(taken) == 1
    assert taken[0].fence == 1
    assert all(isinstance(result.error, LeaseHeld) for result in results if result not in taken)


def test_of_threads_that_ask_for_an_expired_lease_one_gets_it(
    store: Store, clock: FakeClock, together: Callable[..., list[Any]]
) -> None:
    take(store, "dead")
    clock.advance(MINUTE)
    results = together([lambda run=run: take(store, f"run {run}") for run in range(8)])
    assert [result.fence for result in results if isinstance(result, Lease)] == [2]


def test_of_processes_that_ask_at_once_one_gets_it(database_url: str, processes: Callable[..., list[Any]]) -> None:
    ended = processes(TAKE, [database_url, "run 1"], [database_url, "run 2"])
    assert [process.returncode for process in ended] == [0, 0], ended
    lines = sorted(process.stdout.strip() for process in ended)
    assert lines[0] in ("held by run 1", "held by run 2")
    assert lines[1] == "took 1"


def test_nobody_takes_over_while_the_old_holder_is_committing(store: Store, clock: FakeClock) -> None:
    """The fence is checked at the beginning of a transaction, and holds to its end."""
    old = take(store, "run 1")
    order: list[str] = []
    asked = threading.Event()

    def take_over() -> None:
        asked.set()
        lease = take(store, "run 2", wait=MINUTE)
        order.append("taken over")
        with store.read() as transaction:
            order.extend(event.event for event in transaction.events.history(OSLO, "order", "9001"))
        note(store, lease, "run 2")

    other = threading.Thread(target=take_over)
    with store.write(old) as transaction:
        clock.advance(MINUTE)
        other.start()
        assert asked.wait(60)
        other.join(0.2)
        transaction.events.append(office_id=OSLO, kind="order", key="9001", event="run 1", at=clock())
        order.append("committing")
    other.join(300)
    assert order == ["committing", "taken over", "run 1"]
    assert noted(store) == ["run 1", "run 2"]


def test_leases_are_told_in_utc(store: Store) -> None:
    lease = take(store, "run 1")
    assert lease.expires_at == datetime(2026, 11, 20, 9, 1, tzinfo=UTC)
    assert lease.expires_at.tzinfo is UTC
