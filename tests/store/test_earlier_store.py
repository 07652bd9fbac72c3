"""The store of the unreleased version is taken over: whole, once, whatever happens meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import op
from sqlalchemy import text

from qondor_finago_pipelines.settings import store_url
from qondor_finago_pipelines.store import Store, StoreUnavailable, database, earlier_store
from tests.conftest import PostgreSQL
from tests.store.earlier import everything_in, make_earlier_store
from tests.store.engines import plain_engine
from tests.store.test_migrations import differences
from tests.store.test_opening import OPEN


@pytest.fixture
def address(tmp_path: Path) -> str:
    """That of a store in SQLite, beside the file of the earlier version."""
    make_earlier_store(f"sqlite:///{tmp_path / earlier_store.EARLIER_FILE}")
    return store_url({"DAGSTER_HOME": str(tmp_path)})


@pytest.fixture
def earlier_url(empty_database_url: str) -> str:
    """That of a store of the earlier version, once in each database; the SQLite file has a name of its own."""
    make_earlier_store(empty_database_url)
    return empty_database_url


def files(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_nothing_is_lost(earlier_url: str) -> None:
    before = everything_in(earlier_url, schema=earlier_store.EARLIER_SCHEMA)
    assert all(before.values())
    Store.open(earlier_url).close()
    after = everything_in(earlier_url, schema=database.POSTGRESQL_SCHEMA)
    before["outcomes"] = before.pop("standings")
    for table in before.keys() - {"alembic_version"}:
        # Later revisions may have added columns.
        found = [{name: row[name] for name in before[table][0]} for row in after[table]]
        assert found == before[table], table


def test_what_was_taken_over_has_the_tables_that_the_code_uses(earlier_url: str) -> None:
    Store.open(earlier_url).close()
    engine = plain_engine(earlier_url)
    assert differences(engine) == []
    engine.dispose()


def test_a_record_that_was_untouched_is_one_that_was_not_reached(earlier_url: str) -> None:
    in_schema = "" if earlier_url.startswith("sqlite") else f"{earlier_store.EARLIER_SCHEMA}."
    engine = plain_engine(earlier_url)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {in_schema}standings SET state = 'untouched'"))
    engine.dispose()
    Store.open(earlier_url).close()
    assert {row["state"] for row in everything_in(earlier_url, schema=database.POSTGRESQL_SCHEMA)["outcomes"]} == {
        "not_reached"
    }


def test_a_takeover_that_breaks_off_leaves_the_earlier_store_as_it_was(
    earlier_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything_in(earlier_url, schema=earlier_store.EARLIER_SCHEMA)

    def break_off(*_: Any, **__: Any) -> None:
        raise RuntimeError("the process dies")

    with monkeypatch.context() as patched:
        patched.setattr(op, "drop_index", break_off)
        with pytest.raises(RuntimeError, match="the process dies"):
            Store.open(earlier_url)
    assert everything_in(earlier_url, schema=earlier_store.EARLIER_SCHEMA) == before
    Store.open(earlier_url).close()


def test_processes_that_take_it_over_at_once_find_one_and_the_same(
    earlier_url: str, processes: Callable[..., list[Any]]
) -> None:
    (named,) = everything_in(earlier_url, schema=earlier_store.EARLIER_SCHEMA)["installation"]
    ended = processes(OPEN, *[[earlier_url]] * 3)
    assert {process.stdout.strip() for process in ended} == {named["installation_id"]}, ended


@pytest.mark.parametrize("revision", ["0001", "0003"])
def test_one_that_is_older_still_is_refused_and_left_alone(earlier_url: str, revision: str) -> None:
    in_schema = "" if earlier_url.startswith("sqlite") else f"{earlier_store.EARLIER_SCHEMA}."
    engine = plain_engine(earlier_url)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {in_schema}alembic_version SET version_num = '{revision}'"))
    engine.dispose()
    before = everything_in(earlier_url, schema=earlier_store.EARLIER_SCHEMA)
    with pytest.raises(StoreUnavailable, match=f"revision {revision} of an unreleased version, from before 0004"):
        Store.open(earlier_url)
    assert everything_in(earlier_url, schema=earlier_store.EARLIER_SCHEMA) == before


def test_two_schemas_are_refused(postgresql: PostgreSQL) -> None:
    url = postgresql.empty_database()
    Store.open(url).close()
    make_earlier_store(url)
    with pytest.raises(StoreUnavailable, match="holds two sync stores, in the schemas"):
        Store.open(url)


# the file


def test_the_file_gets_its_new_name_and_only_its_owner_may_read_it(address: str, tmp_path: Path) -> None:
    before = everything_in(f"sqlite:///{tmp_path / earlier_store.EARLIER_FILE}", schema="")
    (tmp_path / earlier_store.EARLIER_FILE).chmod(0o644)
    with Store.open(address) as store, store.read() as transaction:
        assert transaction.installation_id() == before["installation"][0]["installation_id"]
        assert files(tmp_path) == {"store.sqlite", "store.sqlite-wal", "store.sqlite-shm"}
        assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
    assert everything_in(address, schema="")["order_links"] == before["order_links"]


def test_what_a_process_that_died_left_in_the_log_is_taken_over(
    address: str, tmp_path: Path, processes: Callable[..., list[Any]]
) -> None:
    earlier = tmp_path / earlier_store.EARLIER_FILE
    (died,) = processes(
        "import os, sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1])\n"
        "connection.execute('UPDATE offices SET client_id = 4242')\n"
        "connection.commit()\n"
        "os._exit(9)",
        [str(earlier)],
    )
    assert died.returncode == 9
    assert earlier.with_name(f"{earlier.name}-wal").stat().st_size
    Store.open(address).close()
    assert {row["client_id"] for row in everything_in(address, schema="")["offices"]} == {4242}
    assert files(tmp_path) == {"store.sqlite"}


def test_a_process_that_dies_before_the_new_name_leaves_the_old_one(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", die)
        with pytest.raises(KeyboardInterrupt):
            Store.open(address)
    assert files(tmp_path) == {"ledger.sqlite"}
    Store.open(address).close()
    assert files(tmp_path) == {"store.sqlite"}


def test_processes_that_find_the_old_file_at_once_rename_it_once(
    address: str, tmp_path: Path, processes: Callable[..., list[Any]]
) -> None:
    ended = processes(OPEN, *[[address]] * 4)
    assert [process.returncode for process in ended] == [0] * 4, ended
    assert len({process.stdout for process in ended}) == 1
    assert files(tmp_path) == {"store.sqlite"}


def test_a_file_that_is_still_in_use_is_left_alone(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(earlier_store, "LOCK_SECONDS", 0.2)
    with closing(sqlite3.connect(tmp_path / earlier_store.EARLIER_FILE)) as daemon:
        daemon.execute("SELECT * FROM installation").fetchone()
        with pytest.raises(StoreUnavailable, match=r"ledger\.sqlite, cannot be taken over: database is locked"):
            Store.open(address)
    assert "store.sqlite" not in files(tmp_path)
    Store.open(address).close()


def test_a_file_that_is_older_still_keeps_its_name(address: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / earlier_store.EARLIER_FILE)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0002'")
        connection.commit()
    with pytest.raises(StoreUnavailable, match="revision 0002"):
        Store.open(address)
    assert files(tmp_path) == {"ledger.sqlite"}


@pytest.mark.parametrize("open_store", [Store.open, Store.open_as_it_is])
def test_two_files_are_refused(address: str, tmp_path: Path, open_store: Callable[[str], Store]) -> None:
    (tmp_path / "store.sqlite").touch()
    with pytest.raises(StoreUnavailable, match=r"two sync stores: .*store\.sqlite and .*ledger\.sqlite"):
        open_store(address)


def test_who_only_looks_renames_nothing(address: str, tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"still that of the version before, .*ledger\.sqlite"):
        Store.open_as_it_is(address)
    assert files(tmp_path) == {"ledger.sqlite"}


def test_a_file_of_another_name_has_nothing_to_do_with_it(address: str, tmp_path: Path) -> None:
    Store.open(f"sqlite:///{tmp_path / 'own.db'}").close()
    assert {"own.db", "ledger.sqlite"} <= files(tmp_path)
