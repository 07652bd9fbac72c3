"""Sessions are replaced by compare-and-set, and one process at a time logs in (decisions 9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from qondor_finago_pipelines.store import Ledger, StoredSession

if TYPE_CHECKING:
    from tests.conftest import FakeClock

KEY = "credential set of Oslo"


def load(ledger: Ledger) -> StoredSession | None:
    with ledger.read() as transaction:
        return transaction.sessions.load(KEY)


def store(ledger: Ledger, ciphertext: bytes, expected_version: int) -> bool:
    with ledger.write() as transaction:
        return transaction.sessions.store(KEY, ciphertext, expected_version=expected_version)


def claim(ledger: Ledger, holder: str, lasts: timedelta = timedelta(minutes=1)) -> bool:
    with ledger.write() as transaction:
        at = ledger.now()
        return transaction.sessions.claim_login(KEY, holder=holder, at=at, until=at + lasts)


def test_the_first_session_expects_none(ledger: Ledger) -> None:
    assert load(ledger) is None
    assert not store(ledger, b"early", 1)
    assert load(ledger) is None
    assert store(ledger, b"\x00first\xff", 0)
    assert load(ledger) == StoredSession(version=1, ciphertext=b"\x00first\xff")


def test_who_comes_late_does_not_replace_the_newer_session(ledger: Ledger) -> None:
    store(ledger, b"first", 0)
    assert store(ledger, b"second", 1)
    assert not store(ledger, b"late", 1)
    assert not store(ledger, b"late", 0)
    assert load(ledger) == StoredSession(version=2, ciphertext=b"second")


def test_of_threads_that_renew_a_session_at_once_one_wins(ledger: Ledger, together: Callable[..., list[Any]]) -> None:
    store(ledger, b"expired", 0)
    results = together([lambda n=n: store(ledger, bytes([n]), 1) for n in range(6)])
    assert sorted(results) == [False] * 5 + [True]
    assert load(ledger) == StoredSession(version=2, ciphertext=bytes([results.index(True)]))


def test_of_threads_that_store_the_first_session_at_once_one_wins(
    ledger: Ledger, together: Callable[..., list[Any]]
) -> None:
    results = together([lambda n=n: store(ledger, bytes([n]), 0) for n in range(6)])
    assert sorted(results) == [False] * 5 + [True]
    assert load(ledger) == StoredSession(version=1, ciphertext=bytes([results.index(True)]))


def test_only_the_session_that_was_seen_is_discarded(ledger: Ledger) -> None:
    store(ledger, b"first", 0)
    store(ledger, b"second", 1)
    with ledger.write() as transaction:
        assert not transaction.sessions.discard(KEY, expected_version=1)
        assert transaction.sessions.discard(KEY, expected_version=2)
        assert not transaction.sessions.discard(KEY, expected_version=2)
    assert load(ledger) == StoredSession(version=3)
    assert store(ledger, b"third", 3)


def test_a_refused_password_is_remembered_until_a_session_is_stored(ledger: Ledger) -> None:
    with ledger.write() as transaction:
        transaction.sessions.refuse(KEY, settings_hash="abc", message="wrong password")
    assert load(ledger) == StoredSession(version=0, refused_for="abc", refused_message="wrong password")
    assert store(ledger, b"first", 0)
    assert load(ledger) == StoredSession(version=1, ciphertext=b"first")
    with ledger.write() as transaction:
        transaction.sessions.refuse(KEY, settings_hash="def", message="blocked")
        transaction.sessions.discard(KEY, expected_version=1)
    assert load(ledger) == StoredSession(version=2, refused_for="def", refused_message="blocked")


def test_one_at_a_time_logs_in(ledger: Ledger, clock: FakeClock) -> None:
    assert claim(ledger, "run 1")
    assert not claim(ledger, "run 2")
    assert not claim(ledger, "run 1")
    with ledger.write() as transaction:
        transaction.sessions.release_login(KEY, "run 2")
    assert not claim(ledger, "run 2")
    with ledger.write() as transaction:
        transaction.sessions.release_login(KEY, "run 1")
    assert claim(ledger, "run 2")
    clock.advance(timedelta(minutes=1))
    assert claim(ledger, "run 3")


def test_of_threads_that_want_to_log_in_at_once_one_may(ledger: Ledger, together: Callable[..., list[Any]]) -> None:
    results = together([lambda n=n: claim(ledger, f"run {n}") for n in range(6)])
    assert sorted(results) == [False] * 5 + [True]


def test_logging_in_does_not_change_the_session(ledger: Ledger) -> None:
    store(ledger, b"first", 0)
    claim(ledger, "run 1")
    assert load(ledger) == StoredSession(version=1, ciphertext=b"first")
    assert store(ledger, b"second", 1)


def test_a_session_is_not_shown(sqlite_ledger: Ledger) -> None:
    store(sqlite_ledger, b"canary", 0)
    assert "canary" not in repr(load(sqlite_ledger))
