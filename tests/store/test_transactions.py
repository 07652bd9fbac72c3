"""A transaction is all or nothing, also when the process dies, and is on the disk where money hangs on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from qondor_finago_pipelines.records.identifiers import ClientId, OfficeId
from qondor_finago_pipelines.store import Store, StoreUnavailable
from qondor_finago_pipelines.store.database import Mode

OSLO = OfficeId(102)
CLIENT = ClientId(7)
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

DIE_BEFORE_COMMIT = """
import os, sys
from qondor_finago_pipelines.store import Store
store = Store.open(sys.argv[1])
with store.write() as transaction:
    transaction.clients.remember_office(102, 7)
    transaction.events.append(office_id=102, kind="order", key="9001", event="intent", at=store.now())
    assert transaction.clients.client_of_office(102) == 7
    os._exit(9)
"""

DIE_AFTER_COMMIT = """
import os, sys
from qondor_finago_pipelines.store import Store
store = Store.open(sys.argv[1])
with store.write() as transaction:
    transaction.clients.remember_office(102, 7)
os._exit(9)
"""


def test_what_is_committed_is_there(store: Store) -> None:
    with store.write() as transaction:
        transaction.clients.remember_office(OSLO, CLIENT)
    with store.read() as transaction:
        assert transaction.clients.client_of_office(OSLO) == CLIENT


def test_an_error_in_the_middle_leaves_nothing(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as transaction:  # noqa: PT012
        transaction.clients.remember_office(OSLO, CLIENT)
        transaction.events.append(office_id=OSLO, kind="order", key="9001", event="intent", at=NOW)
        raise ZeroDivisionError
    with store.read() as transaction:
        assert transaction.clients.client_of_office(OSLO) is None
        assert transaction.events.history(OSLO, "order", "9001") == ()
    with store.write() as transaction:
        transaction.clients.remember_office(OSLO, CLIENT)


def test_a_process_that_dies_in_the_middle_leaves_nothing(
    store: Store, database_url: str, processes: Callable[..., list[Any]]
) -> None:
    (died,) = processes(DIE_BEFORE_COMMIT, [database_url])
    assert died.returncode == 9, died.stderr
    with store.write() as transaction:
        assert transaction.clients.client_of_office(OSLO) is None
        assert transaction.events.history(OSLO, "order", "9001") == ()


def test_a_process_that_dies_after_the_commit_leaves_all(
    store: Store, database_url: str, processes: Callable[..., list[Any]]
) -> None:
    (died,) = processes(DIE_AFTER_COMMIT, [database_url])
    assert died.returncode == 9, died.stderr
    with store.read() as transaction:
        assert transaction.clients.client_of_office(OSLO) == CLIENT


def test_who_only_reads_cannot_write(store: Store) -> None:
    with pytest.raises((StoreUnavailable, DatabaseError)), store.read() as transaction:
        transaction.clients.remember_office(OSLO, CLIENT)
    with store.read() as transaction:
        assert transaction.clients.client_of_office(OSLO) is None


def test_who_reads_sees_one_moment(store: Store) -> None:
    with store.read() as reading:
        assert reading.clients.client_of_office(OSLO) is None
        with store.write() as writing:
            writing.clients.remember_office(OSLO, CLIENT)
        assert reading.clients.client_of_office(OSLO) is None
    with store.read() as reading:
        assert reading.clients.client_of_office(OSLO) == CLIENT


def test_a_transaction_inside_one_that_writes_is_refused_at_once(store: Store) -> None:
    with store.write():
        with pytest.raises(RuntimeError, match="end it first"), store.write():
            pass
        with pytest.raises(RuntimeError, match="end it first"), store.read():
            pass
        with pytest.raises(RuntimeError, match="end it first"):
            store.block_calls("finago", NOW, "429")
    with store.write() as transaction:
        transaction.clients.remember_office(OSLO, CLIENT)


def test_a_transaction_ends_with_its_block(store: Store) -> None:
    with store.write() as transaction:
        pass
    with pytest.raises(Exception, match="closed"):
        transaction.clients.client_of_office(OSLO)


@pytest.mark.usefixtures("durable_sqlite")
def test_money_is_on_the_disk_before_the_commit_returns_and_a_call_slot_need_not_be(store: Store) -> None:
    def durability(mode: Mode) -> str:
        with store._connection(mode) as connection:
            if connection.dialect.name == "sqlite":
                return {1: "off", 2: "on"}[connection.scalar(text("PRAGMA synchronous"))]
            return str(connection.scalar(text("SHOW synchronous_commit")))

    assert durability(Mode.WRITE) == "on"
    assert durability(Mode.FAST_COMMIT) == "off"
    assert durability(Mode.WRITE) == "on"


def test_sqlite_says_so_when_its_file_may_not_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "store.db"
    folder.mkdir()
    with pytest.raises(StoreUnavailable, match="unable to open database file"):
        Store.open(f"sqlite:///{folder}")


def test_a_clock_without_a_time_zone_is_refused(database_url: str) -> None:
    store = Store.open(database_url, clock=lambda: datetime(2026, 11, 20, 9))  # noqa: DTZ001
    with store, pytest.raises(ValueError, match="zone"):
        store.now()


def test_no_error_shows_what_was_to_be_stored(store: Store) -> None:
    with store.write() as transaction:
        transaction.sessions.store("oslo", b"first", expected_version=0)
    with pytest.raises(Exception) as raised, store.write() as transaction:  # noqa: PT011
        transaction.sessions.refuse("oslo", settings_hash=object(), message="canary")  # type: ignore[arg-type]
    assert "canary" not in str(raised.value)
