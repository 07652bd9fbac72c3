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
from qondor_finago_pipelines.store import Ledger, LedgerUnavailable
from qondor_finago_pipelines.store.database import Mode

OSLO = OfficeId(102)
CLIENT = ClientId(7)
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

DIE_BEFORE_COMMIT = """
import os, sys
from qondor_finago_pipelines.ledger import Ledger
ledger = Ledger.open(sys.argv[1])
with ledger.write() as transaction:
    transaction.clients.remember_office(102, 7)
    transaction.events.append(office_id=102, kind="order", key="9001", event="intent", at=ledger.now())
    assert transaction.clients.client_of_office(102) == 7
    os._exit(9)
"""

DIE_AFTER_COMMIT = """
import os, sys
from qondor_finago_pipelines.ledger import Ledger
ledger = Ledger.open(sys.argv[1])
with ledger.write() as transaction:
    transaction.clients.remember_office(102, 7)
os._exit(9)
"""


def test_what_is_committed_is_there(ledger: Ledger) -> None:
    with ledger.write() as transaction:
        transaction.clients.remember_office(OSLO, CLIENT)
    with ledger.read() as transaction:
        assert transaction.clients.client_of_office(OSLO) == CLIENT


def test_an_error_in_the_middle_leaves_nothing(ledger: Ledger) -> None:
    with pytest.raises(ZeroDivisionError), ledger.write() as transaction:  # noqa: PT012
        transaction.clients.remember_office(OSLO, CLIENT)
        transaction.events.append(office_id=OSLO, kind="order", key="9001", event="intent", at=NOW)
        raise ZeroDivisionError
    with ledger.read() as transaction:
        assert transaction.clients.client_of_office(OSLO) is None
        assert transaction.events.history(OSLO, "order", "9001") == ()
    with ledger.write() as transaction:
        transaction.clients.remember_office(OSLO, CLIENT)


def test_a_process_that_dies_in_the_middle_leaves_nothing(
    ledger: Ledger, database_url: str, processes: Callable[..., list[Any]]
) -> None:
    (died,) = processes(DIE_BEFORE_COMMIT, [database_url])
    assert died.returncode == 9, died.stderr
    with ledger.write() as transaction:
        assert transaction.clients.client_of_office(OSLO) is None
        assert transaction.events.history(OSLO, "order", "9001") == ()


def test_a_process_that_dies_after_the_commit_leaves_all(
    ledger: Ledger, database_url: str, processes: Callable[..., list[Any]]
) -> None:
    (died,) = processes(DIE_AFTER_COMMIT, [database_url])
    assert died.returncode == 9, died.stderr
    with ledger.read() as transaction:
        assert transaction.clients.client_of_office(OSLO) == CLIENT


def test_who_only_reads_cannot_write(ledger: Ledger) -> None:
    with pytest.raises((LedgerUnavailable, DatabaseError)), ledger.read() as transaction:
        transaction.clients.remember_office(OSLO, CLIENT)
    with ledger.read() as transaction:
        assert transaction.clients.client_of_office(OSLO) is None


def test_who_reads_sees_one_moment(ledger: Ledger) -> None:
    with ledger.read() as reading:
        assert reading.clients.client_of_office(OSLO) is None
        with ledger.write() as writing:
            writing.clients.remember_office(OSLO, CLIENT)
        assert reading.clients.client_of_office(OSLO) is None
    with ledger.read() as reading:
        assert reading.clients.client_of_office(OSLO) == CLIENT


def test_a_transaction_inside_one_that_writes_is_refused_at_once(ledger: Ledger) -> None:
    with ledger.write():
        with pytest.raises(RuntimeError, match="end it first"), ledger.write():
            pass
        with pytest.raises(RuntimeError, match="end it first"), ledger.read():
            pass
        with pytest.raises(RuntimeError, match="end it first"):
            ledger.block_calls("finago", NOW, "429")
    with ledger.write() as transaction:
        transaction.clients.remember_office(OSLO, CLIENT)


def test_a_transaction_ends_with_its_block(ledger: Ledger) -> None:
    with ledger.write() as transaction:
        pass
    with pytest.raises(Exception, match="closed"):
        transaction.clients.client_of_office(OSLO)


def test_money_is_on_the_disk_before_the_commit_returns_and_a_call_slot_need_not_be(ledger: Ledger) -> None:
    def durability(mode: Mode) -> str:
        with ledger._connection(mode) as connection:
            if connection.dialect.name == "sqlite":
                return {1: "off", 2: "on"}[connection.scalar(text("PRAGMA synchronous"))]
            return str(connection.scalar(text("SHOW synchronous_commit")))

    assert durability(Mode.WRITE) == "on"
    assert durability(Mode.BRISK) == "off"
    assert durability(Mode.WRITE) == "on"


def test_sqlite_says_so_when_its_file_may_not_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "ledger.db"
    folder.mkdir()
    with pytest.raises(LedgerUnavailable, match="unable to open database file"):
        Ledger.open(f"sqlite:///{folder}")


def test_a_clock_without_a_time_zone_is_refused(database_url: str) -> None:
    ledger = Ledger.open(database_url, clock=lambda: datetime(2026, 11, 20, 9))  # noqa: DTZ001
    with ledger, pytest.raises(ValueError, match="zone"):
        ledger.now()


def test_no_error_shows_what_was_to_be_stored(ledger: Ledger) -> None:
    with ledger.write() as transaction:
        transaction.sessions.store("oslo", b"first", expected_version=0)
    with pytest.raises(Exception) as raised, ledger.write() as transaction:  # noqa: PT011
        transaction.sessions.refuse("oslo", settings_hash=object(), message="canary")  # type: ignore[arg-type]
    assert "canary" not in str(raised.value)
