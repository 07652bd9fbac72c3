"""The engine: which database, and how a transaction begins in each of the two.

SQLite is opened with a write-ahead log. A commit that carries money is on the disk before it returns
(`synchronous=FULL`): an intent that a power cut could take back would be worth nothing. Only the booking of call slots,
one for each call, does without (`Mode.FAST_COMMIT`): a lost slot costs no more than a call sent too early, and the
next full commit takes earlier ones to the disk with it. PostgreSQL gets the same by `synchronous_commit`.

A transaction that writes takes SQLite's only write lock at its beginning (`BEGIN IMMEDIATE`), so that it never finds
out halfway that somebody else was faster.
"""

from __future__ import annotations

import sqlite3
import time
from enum import Enum
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from ..records.errors import SettingsError

LOCK_SECONDS = 30
"""How long a statement waits for somebody else's transaction; ours last milliseconds."""

POSTGRESQL_SCHEMA = "qondor_finago_ledger"
"""Where our tables live in PostgreSQL: Dagster may keep its `runs` and `alembic_version` in the same database.

No user may be called so: PostgreSQL looks in the schema of the user's own name first; Dagster would find our tables.
"""

_SETTING = "QONDOR_FINAGO_DATABASE_URL"


class Mode(Enum):
    """What a transaction is for."""

    READ = "read"
    """One snapshot; the database itself refuses a write."""
    WRITE = "write"
    """On the disk when committed."""
    FAST_COMMIT = "brisk"
    """Seen by all when committed, on the disk a little later."""
    MIGRATE = "migrate"
    """As WRITE; SQLite's foreign keys are off, since tables are replaced whole."""


def store_url(address: str) -> URL:
    """The address in the form that this program uses: `sqlite:///file` or `postgresql+psycopg2://…`.

    `postgres://` and a PostgreSQL address with any driver come to psycopg2, which Dagster's storage brings along.
    Raises SettingsError, without the address, which may hold a password.
    """
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise SettingsError(
            "The address of the sync store cannot be read.",
            remedy=f"Set {_SETTING} to sqlite:///<file> or postgresql://<user>:<password>@<host>/<database>.",
        ) from error
    system = url.get_backend_name()
    if system in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg2")
    if system != "sqlite":
        raise SettingsError(
            f"The sync store cannot be kept in {system}.", remedy=f"Set {_SETTING} to SQLite or PostgreSQL."
        )
    file = url.database or ":memory:"
    if file == ":memory:" or file.startswith("file:"):
        raise SettingsError(
            "The sync store has no plain file: a store in memory would forget what was sent.",
            remedy=f"Set {_SETTING} to sqlite:///<file>.",
        )
    return url.set(drivername="sqlite")


def open_engine(url: URL) -> Engine:
    """An engine whose transactions begin as their `Mode` says. Connects to nothing yet; makes SQLite's folder."""
    if url.get_backend_name() == "sqlite":
        Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": LOCK_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={"options": f"-csearch_path={POSTGRESQL_SCHEMA}"},
        )
        event.listen(engine, "connect", _prepare_postgresql)
        event.listen(engine, "begin", _begin_postgresql)
    return engine


def in_mode(connection: Connection, mode: Mode) -> Connection:
    """The same connection; its next transaction begins in `mode`."""
    return connection.execution_options(store_mode=mode)


def _mode(connection: Connection) -> Mode:
    mode: Mode = connection.get_execution_options().get("store_mode", Mode.READ)
    return mode


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # Python's driver would begin transactions by itself, later than we need it.
    connection.isolation_level = None
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        _switch_to_write_ahead_log(connection)


def _switch_to_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Once in the life of the file. Here SQLite does not wait for another process at the same switch; we do."""
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    mode = _mode(connection)
    for statement in _SQLITE_BEGINNINGS[mode]:
        connection.exec_driver_sql(statement)


_SQLITE_BEGINNINGS = {
    Mode.READ: ("PRAGMA query_only = ON", "BEGIN"),
    Mode.WRITE: (
        "PRAGMA query_only = OFF",
        "PRAGMA foreign_keys = ON",
        "PRAGMA synchronous = FULL",
        "BEGIN IMMEDIATE",
    ),
    Mode.FAST_COMMIT: (
        "PRAGMA query_only = OFF",
        "PRAGMA foreign_keys = ON",
        "PRAGMA synchronous = NORMAL",
        "BEGIN IMMEDIATE",
    ),
    Mode.MIGRATE: (
        "PRAGMA query_only = OFF",
        "PRAGMA foreign_keys = OFF",
        "PRAGMA synchronous = FULL",
        "BEGIN IMMEDIATE",
    ),
}


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'; SET TIME ZONE 'UTC'")
        # A server told to be careless is not careless with us; one told to be more careful stays so.
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false) "
            "WHERE current_setting('synchronous_commit') IN ('off', 'local')"
        )
    connection.commit()


def _begin_postgresql(connection: Connection) -> None:
    mode = _mode(connection)
    if mode is Mode.READ:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    elif mode is Mode.FAST_COMMIT:
        connection.exec_driver_sql("SET LOCAL synchronous_commit = OFF")
