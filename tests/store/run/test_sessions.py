"""Sessions are replaced by compare-and-set, and one process at a time logs in (decisions 9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from qondor_finago_pipelines.store import Store, StoredSession

if TYPE_CHECKING:
    from tests.conftest import FakeClock

KEY = "credential set of Oslo"


def load(store: Store) -> StoredSession | None:
    with store.read() as transaction:
        return transaction.sessions.load(KEY)


def keep(store: Store, ciphertext: bytes, expected_version: int) -> bool:
    with store.write() as transaction:
        return transaction.sessions.store(KEY, ciphertext, expected_version=expected_version)


def claim(store: Store, holder: str, lasts: timedelta = timedelta(minutes=1)) -> bool:
    with store.write() as transaction:
        at = store.now()
        return transaction.sessions.claim_login(KEY, holder=holder, at=at, until=at + lasts)


def test_the_first_session_expects_none(store: Store) -> None:
    assert load(store) is None
    assert not keep(store, b"early", 1)
    assert load(store) is None
    assert keep(store, b"\x00first\xff", 0)
    assert load(store) == StoredSession(version=1, ciphertext=b"\x00first\xff")


def test_who_comes_late_does_not_replace_the_newer_session(store: Store) -> None:
    keep(store, b"first", 0)
    assert keep(store, b"second", 1)
    assert not keep(store, b"late", 1)
    assert not keep(store, b"late", 0)
    assert load(store) == StoredSession(version=2, ciphertext=b"second")


def test_of_threads_that_renew_a_session_at_once_one_wins(store: Store, together: Callable[..., list[Any]]) -> None:
    keep(store, b"expired", 0)
    results = together([lambda n=n: keep(store, bytes([n]), 1) for n in range(6)])
    assert sorted(results) == [False] * 5 + [True]
    assert load(store) == StoredSession(version=2, ciphertext=bytes([results.index(True)]))


def test_of_threads_that_store_the_first_session_at_once_one_wins(
    store: Store, together: Callable[..., list[Any]]
) -> None:
    results = together([lambda n=n: keep(store, bytes([n]), 0) for n in range(6)])
    assert sorted(results) == [False] * 5 + [True]
    assert load(store) == StoredSession(version=1, ciphertext=bytes([results.index(True)]))


def test_only_the_session_that_was_seen_is_discarded(store: Store) -> None:
    keep(store, b"first", 0)
    keep(store, b"second", 1)
    with store.write() as transaction:
        assert not transaction.sessions.discard(KEY, expected_version=1)
        assert transaction.sessions.discard(KEY, expected_version=2)
        assert not transaction.sessions.discard(KEY, expected_version=2)
    assert load(store) == StoredSession(version=3)
    assert keep(store, b"third", 3)


def test_a_refused_password_is_remembered_until_a_session_is_stored(store: Store) -> None:
    with store.write() as transaction:
        transaction.sessions.refuse(KEY, settings_hash="abc", message="wrong password")
    assert load(store) == StoredSession(version=0, refused_for="abc", refused_message="wrong password")
    assert keep(store, b"first", 0)
    assert load(store) == StoredSession(version=1, ciphertext=b"first")
    with store.write() as transaction:
        transaction.sessions.refuse(KEY, settings_hash="def", message="blocked")
        transaction.sessions.discard(KEY, expected_version=1)
    assert load(store) == StoredSession(version=2, refused_for="def", refused_message="blocked")


def test_one_at_a_time_logs_in(store: Store, clock: FakeClock) -> None:
    assert claim(store, "run 1")
    assert not claim(store, "run 2")
    assert not claim(store, "run 1")
    with store.write() as transaction:
        transaction.sessions.release_login(KEY, "run 2")
    assert not claim(store, "run 2")
    with store.write() as transaction:
        transaction.sessions.release_login(KEY, "run 1")
    assert claim(store, "run 2")
    clock.advance(timedelta(minutes=1))
    assert claim(store, "run 3")


def test_of_threads_that_want_to_log_in_at_once_one_may(store: Store, together: Callable[..., list[Any]]) -> None:
    results = together([lambda n=n: claim(store, f"run {n}") for n in range(6)])
    assert sorted(results) == [False] * 5 + [True]


def test_logging_in_does_not_change_the_session(store: Store) -> None:
    keep(store, b"first", 0)
    claim(store, "run 1")
    assert load(store) == StoredSession(version=1, ciphertext=b"first")
    assert keep(store, b"second", 1)


def test_a_session_is_not_shown(sqlite_store: Store) -> None:
    keep(sqlite_store, b"canary", 0)
    assert "canary" not in repr(load(sqlite_store))
