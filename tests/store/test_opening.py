"""Opening a store: by whoever comes first, by several at once, and what cannot be a store."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, make_url, text

from qondor_finago_pipelines.records.errors import SettingsError
from qondor_finago_pipelines.store import Store, StoreUnavailable
from qondor_finago_pipelines.store.database import POSTGRESQL_SCHEMA, store_url
from tests.conftest import PostgreSQL
from tests.store.engines import plain_engine

OPEN = """
import sys
from qondor_finago_pipelines.store import Store
with Store.open(sys.argv[1]) as store, store.read() as transaction:
    print(transaction.installation_id())
"""


def test_the_installation_keeps_its_name_over_restarts(empty_database_url: str) -> None:
    names = set()
    for _ in range(2):
        with Store.open(empty_database_url) as store, store.read() as transaction:
            names.add(transaction.installation_id())
    assert len(names) == 1


def test_two_stores_are_two_installations(tmp_path: Path) -> None:
    names = set()
    for file in ("one.db", "two.db"):
        with Store.open(f"sqlite:///{tmp_path / file}") as store, store.read() as transaction:
            names.add(transaction.installation_id())
    assert len(names) == 2


def test_processes_that_open_an_empty_store_at_once_find_one_and_the_same(
    empty_database_url: str, processes: Callable[..., list[Any]]
) -> None:
    ended = processes(OPEN, *[[empty_database_url]] * 3)
    assert [process.returncode for process in ended] == [0, 0, 0], ended
    assert len({process.stdout for process in ended}) == 1
    assert ended[0].stdout.strip()


def test_a_database_user_for_whom_dagster_would_find_the_stores_tables_is_refused(postgresql: PostgreSQL) -> None:
    address = make_url(postgresql.empty_database())
    postgresql.execute(f"CREATE ROLE {POSTGRESQL_SCHEMA} LOGIN SUPERUSER")
    try:
        with pytest.raises(SettingsError, match="Give the sync a database user of another name"):
            Store.open(address.set(username=POSTGRESQL_SCHEMA).render_as_string(hide_password=False))
    finally:
        postgresql.execute(f"DROP ROLE {POSTGRESQL_SCHEMA}")


def test_threads_that_open_an_empty_store_at_once_find_one_and_the_same(
    empty_database_url: str, together: Callable[..., list[Any]]
) -> None:
    def name() -> str:
        with Store.open(empty_database_url) as store, store.read() as transaction:
            return transaction.installation_id()

    names = together([name] * 6)
    assert len(set(names)) == 1
    assert isinstance(names[0], str)


def test_threads_that_open_different_empty_stores_at_once_do_not_mix_them(
    tmp_path: Path, together: Callable[..., list[Any]]
) -> None:
    def name(number: int) -> str:
        with Store.open(f"sqlite:///{tmp_path / str(number)}.db") as store, store.read() as transaction:
            return transaction.installation_id()

    names = together([lambda number=number: name(number) for number in range(6)])
    assert all(isinstance(one, str) for one in names)
    assert len(set(names)) == 6


def test_a_store_waits_for_who_is_just_making_the_file(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    other = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE something (id INTEGER)")
    other.execute("BEGIN IMMEDIATE")
    done = threading.Timer(0.2, other.rollback)
    done.start()
    with Store.open(f"sqlite:///{file}") as store, store.read() as transaction:
        assert done.finished.is_set()
        assert transaction.installation_id()
    done.join()
    other.close()


def test_the_folder_of_a_sqlite_store_is_made(tmp_path: Path) -> None:
    file = tmp_path / "not" / "yet" / "there" / "store.db"
    Store.open(f"sqlite:///{file}").close()
    assert file.exists()


def test_only_its_owner_may_read_a_store(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with Store.open(f"sqlite:///{tmp_path / 'made' / 'store.db'}") as store, store.write():
            made = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "made").iterdir()}
    finally:
        os.umask(before)
    assert made == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}
    assert (tmp_path / "made").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "address",
    [
        "postgres://sync:secret@db.example/store",
        "postgresql://sync:secret@db.example/store",
        "postgresql+psycopg://sync:secret@db.example/store",
        "postgresql+psycopg2://sync:secret@db.example/store",
    ],
)
def test_every_way_to_write_a_postgresql_address_comes_to_psycopg2(address: str) -> None:
    url = store_url(address)
    assert url.drivername == "postgresql+psycopg2"
    assert (url.username, url.password, url.host, url.database) == ("sync", "secret", "db.example", "store")


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("sqlite://", "has no plain file"),
        ("sqlite:///:memory:", "has no plain file"),
        ("sqlite:///file::memory:?uri=true", "has no plain file"),
        ("mysql://sync:secret@db.example/store", "cannot be kept in mysql"),
        ("secret", "cannot be read"),
    ],
)
def test_an_address_that_is_none_is_refused_without_being_shown(address: str, what: str) -> None:
    with pytest.raises(SettingsError, match=what) as refused:
        Store.open(address)
    assert "secret" not in str(refused.value)
    assert "QONDOR_FINAGO_DATABASE_URL" in str(refused.value)


def test_a_database_that_does_not_answer_is_named_without_its_password() -> None:
    # Nothing listens on port 1 of this machine.
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:1") as refused:
        Store.open("postgresql://sync:secret@127.0.0.1:1/store?connect_timeout=2")
    assert "secret" not in str(refused.value)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "offices.yaml"
    content = "offices: []\n" * 1000
    file.write_text(content)
    with pytest.raises(StoreUnavailable, match="not a database"):
        Store.open(f"sqlite:///{file}")
    assert file.read_text() == content


def test_a_store_of_a_newer_version_is_refused_and_left_alone(empty_database_url: str) -> None:
    Store.open(empty_database_url).close()
    engine = plain_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreUnavailable, match="another version"):
        Store.open(empty_database_url)
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"
    engine.dispose()


def test_sqlite_writes_its_log_ahead(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    Store.open(f"sqlite:///{file}").close()
    connection = sqlite3.connect(file)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


# opened only to be looked at


def test_a_store_can_be_looked_at_as_it_is(empty_database_url: str) -> None:
    Store.open(empty_database_url).close()
    with Store.open_as_it_is(empty_database_url) as store, store.read() as transaction:
        assert transaction.installation_id()


def test_looking_makes_no_tables(empty_database_url: str) -> None:
    engine = plain_engine(empty_database_url)
    engine.connect().close()
    with pytest.raises(StoreUnavailable, match="holds no sync store yet"):
        Store.open_as_it_is(empty_database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_looking_makes_no_file(tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "store.db"
    with pytest.raises(StoreUnavailable, match=r"There is no sync store at .*store\.db"):
        Store.open_as_it_is(f"sqlite:///{file}")
    assert not file.parent.exists()


def test_a_store_of_another_version_is_named_and_left_as_it_is(empty_database_url: str) -> None:
    Store.open(empty_database_url).close()
    engine = plain_engine(empty_database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(StoreUnavailable, match=r"has revision 0001, and this program uses store_\d{4}\."):
        Store.open_as_it_is(empty_database_url)
    engine.dispose()


def test_a_database_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="does not answer"):
        Store.open_as_it_is("postgresql://nobody:secret@127.0.0.1:1/none")
