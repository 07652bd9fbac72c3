"""Call budgets: slots never closer than the rate allows, hours never above their limit (decisions 9).

Nothing here waits: what is judged is the slots that were booked.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from qondor_finago_pipelines.records.errors import CallsBlocked
from qondor_finago_pipelines.store import Store

if TYPE_CHECKING:
    from tests.conftest import FakeClock

QONDOR_RATE = Decimal("9.5")
NEXT_HOUR = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
ZERO = timedelta(0)

BOOK = """
import sys
from datetime import UTC, datetime
from decimal import Decimal
from qondor_finago_pipelines.store import Store
with Store.open(sys.argv[1], clock=lambda: datetime(2026, 11, 20, 9, tzinfo=UTC)) as store:
    for _ in range(40):
        print(store.reserve_call("qondor", calls_per_second=Decimal("9.5"), calls_per_hour=None).total_seconds())
"""


def book(store: Store, *, rate: Decimal = Decimal(20), hour: int | None = 7200, share: str = "1") -> timedelta:
    return store.reserve_call("finago", calls_per_second=rate, calls_per_hour=hour, share=Decimal(share))


def test_the_first_call_does_not_wait(store: Store) -> None:
    assert book(store) == ZERO


def test_calls_are_spaced_and_never_closer_than_the_rate(store: Store) -> None:
    waits = [book(store, rate=QONDOR_RATE) for _ in range(20)]
    assert waits[0] == ZERO
    assert all(after - before >= timedelta(seconds=1) / 9.5 for before, after in pairwise(waits))
    # 1 / 9.5 of a second has no end: it is rounded up, by less than a microsecond.
    assert waits[19] == 19 * timedelta(microseconds=105264)


def test_time_that_passes_is_no_credit(store: Store, clock: FakeClock) -> None:
    book(store)
    clock.advance(timedelta(minutes=5))
    assert [book(store) for _ in range(3)] == [ZERO, timedelta(milliseconds=50), timedelta(milliseconds=100)]


def test_systems_have_budgets_of_their_own(store: Store) -> None:
    book(store)
    assert store.reserve_call("qondor", calls_per_second=QONDOR_RATE, calls_per_hour=None) == ZERO


def test_threads_never_share_a_slot(store: Store, together: Callable[..., list[Any]]) -> None:
    def work() -> list[timedelta]:
        return [book(store, rate=QONDOR_RATE) for _ in range(25)]

    slots = sorted(slot for some in together([work] * 4) for slot in some)
    assert slots == [number * timedelta(microseconds=105264) for number in range(100)]


def test_processes_never_share_a_slot(database_url: str, processes: Callable[..., list[Any]]) -> None:
    ended = processes(BOOK, [database_url], [database_url])
    assert [process.returncode for process in ended] == [0, 0], ended
    slots = sorted(Decimal(line) for process in ended for line in process.stdout.split())
    assert slots == [number * Decimal("0.105264") for number in range(80)]


def test_an_hour_never_gets_more_calls_than_its_limit(store: Store, together: Callable[..., list[Any]]) -> None:
    def work() -> tuple[int, set[datetime]]:
        booked, ends = 0, set()
        for _ in range(30):
            try:
                book(store, hour=50)
                booked += 1
            except CallsBlocked as blocked:
                ends.add(blocked.until)
        return booked, ends

    results = together([work] * 4)
    assert sum(booked for booked, _ in results) == 50
    assert set().union(*(ends for _, ends in results)) == {NEXT_HOUR}


def test_the_next_hour_begins_anew(store: Store, clock: FakeClock) -> None:
    for _ in range(3):
        book(store, hour=3)
    with pytest.raises(CallsBlocked, match=r"10:00:00 UTC.*3 calls"):
        book(store, hour=3)
    clock.advance(timedelta(hours=1))
    assert [book(store, hour=3) for _ in range(3)]
    with pytest.raises(CallsBlocked):
        book(store, hour=3)


def test_a_call_counts_in_the_hour_in_which_it_is_sent(store: Store, clock: FakeClock) -> None:
    clock.advance(timedelta(minutes=59, seconds=58))
    one_a_second = Decimal(1)
    # Slots at 09:59:58 and 09:59:59, then 10:00:00 and 10:00:01.
    assert [book(store, rate=one_a_second, hour=2) for _ in range(4)] == [timedelta(seconds=n) for n in range(4)]
    with pytest.raises(CallsBlocked) as blocked:
        book(store, rate=one_a_second, hour=2)
    assert blocked.value.until == datetime(2026, 11, 20, 11, 0, tzinfo=UTC)


def test_sweeps_stop_earlier_than_writes(store: Store) -> None:
    for _ in range(80):
        book(store, hour=100, share="0.8")
    with pytest.raises(CallsBlocked):
        book(store, hour=100, share="0.8")
    for _ in range(18):
        book(store, hour=100, share="0.98")
    with pytest.raises(CallsBlocked):
        book(store, hour=100, share="0.98")


def test_a_call_that_is_refused_books_nothing(store: Store) -> None:
    book(store, hour=1)
    for _ in range(5):
        with pytest.raises(CallsBlocked):
            book(store, hour=1)
    assert book(store, hour=2) == timedelta(milliseconds=50)


def test_a_block_holds_for_everybody_until_its_end(store: Store, clock: FakeClock) -> None:
    until = clock() + timedelta(minutes=10)
    store.block_calls("finago", until, "quarantine")
    with pytest.raises(CallsBlocked, match="quarantine") as blocked:
        book(store)
    assert (blocked.value.system, blocked.value.until) == ("finago", until)
    assert store.reserve_call("qondor", calls_per_second=QONDOR_RATE, calls_per_hour=None) == ZERO
    clock.advance(timedelta(minutes=10))
    assert book(store) == ZERO


def test_a_shorter_block_does_not_end_a_longer_one(store: Store, clock: FakeClock) -> None:
    store.block_calls("finago", clock() + timedelta(minutes=10), "quarantine")
    store.block_calls("finago", clock() + timedelta(minutes=1), "429")
    with pytest.raises(CallsBlocked, match="quarantine"):
        book(store)


def test_the_systems_own_count_is_believed_when_it_is_lower(store: Store) -> None:
    store.observe_limit("finago", 3, NEXT_HOUR)
    assert len([book(store) for _ in range(3)]) == 3
    with pytest.raises(CallsBlocked, match="0 calls left") as blocked:
        book(store)
    assert blocked.value.until == NEXT_HOUR


def test_the_systems_own_count_is_not_believed_when_it_is_higher(store: Store) -> None:
    book(store, hour=2)
    store.observe_limit("finago", 7000, NEXT_HOUR)
    book(store, hour=2)
    with pytest.raises(CallsBlocked, match="2 calls"):
        book(store, hour=2)


def test_a_reply_that_was_overtaken_does_not_raise_the_count(store: Store) -> None:
    store.observe_limit("finago", 2, NEXT_HOUR)
    store.observe_limit("finago", 5, NEXT_HOUR)
    store.observe_limit("finago", 7000, NEXT_HOUR - timedelta(hours=1))
    assert len([book(store) for _ in range(2)]) == 2
    with pytest.raises(CallsBlocked):
        book(store)


def test_the_count_of_a_later_window_replaces_that_of_an_earlier_one(store: Store) -> None:
    store.observe_limit("finago", 0, NEXT_HOUR)
    store.observe_limit("finago", 7199, NEXT_HOUR + timedelta(hours=1))
    assert book(store) == ZERO


def test_the_systems_own_count_ends_with_its_window(store: Store, clock: FakeClock) -> None:
    store.observe_limit("finago", 0, clock() + timedelta(minutes=10))
    with pytest.raises(CallsBlocked):
        book(store)
    clock.advance(timedelta(minutes=10))
    assert book(store) == ZERO


def test_without_a_reset_time_the_count_holds_for_the_clock_hour(store: Store, clock: FakeClock) -> None:
    clock.advance(timedelta(minutes=20))
    store.observe_limit("finago", 0, None)
    with pytest.raises(CallsBlocked) as blocked:
        book(store)
    assert blocked.value.until == NEXT_HOUR


def test_what_sweeps_must_keep_free_is_kept_free_of_the_systems_own_count_too(store: Store) -> None:
    # Somebody else has used Finago: 25 of its 100 calls are left, 20 of them are not for sweeps.
    store.observe_limit("finago", 25, NEXT_HOUR)
    assert len([book(store, hour=100, share="0.8") for _ in range(5)]) == 5
    with pytest.raises(CallsBlocked):
        book(store, hour=100, share="0.8")
    assert book(store, hour=100, share="0.98") >= ZERO


@pytest.mark.parametrize(("rate", "share"), [("0", "1"), ("-1", "1"), ("1", "0"), ("1", "1.1")])
def test_a_rate_or_share_that_is_none_is_refused(sqlite_store: Store, rate: str, share: str) -> None:
    with pytest.raises(ValueError, match="positive"):
        book(sqlite_store, rate=Decimal(rate), share=share)


def test_an_instant_without_a_zone_is_refused(sqlite_store: Store) -> None:
    with pytest.raises(ValueError, match="time zone"):
        sqlite_store.block_calls("finago", datetime(2026, 11, 20, 9), "429")  # noqa: DTZ001
