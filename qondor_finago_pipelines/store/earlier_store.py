"""Takes over the store of the unreleased version that called it a ledger: its file, its schema, its revision.

There is never a second store beside the first: what was sent would be in one, and be sent again by who opens the other.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, text

from .database import LOCK_SECONDS, POSTGRESQL_SCHEMA, STORE_FILE
from .errors import StoreUnavailable

EARLIER_FILE = "ledger.sqlite"
EARLIER_SCHEMA = "qondor_finago_ledger"
LAST_REVISION = "0004"
OLDER_REVISIONS = frozenset({"0001", "0002", "0003"})

_KEEP_ONE = "Stop every process, keep the one with the newer runs, and move the other away: it may know what was sent."


def earlier_file(file: Path) -> Path | None:
    """The earlier version's file beside ours, where there is one. Raises StoreUnavailable where there are both."""
    earlier = file.with_name(EARLIER_FILE)
    if file.name != STORE_FILE or not earlier.exists():
        return None
    # In this order, since another process may be renaming the one to the other.
    if file.exists() and earlier.exists():
        raise StoreUnavailable(f"There are two sync stores: {file} and {earlier}.", remedy=_KEEP_ONE)
    return earlier


def take_over_file(file: Path) -> None:
    """Renames the earlier version's file to ours, whole: one step, so that who is interrupted leaves one of the two.

    First its write-ahead log goes into it, for which every process of the earlier version has to be gone. Processes of
    this version wait for each other. Raises StoreUnavailable when the file is still in use, where it is older than can
    be taken over, and where both are there.
    """
    if earlier_file(file) is None:
        return
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if (earlier := earlier_file(file)) is not None:
            _close_log_and_rename(earlier, file)
    finally:
        os.close(folder)


def _close_log_and_rename(earlier: Path, file: Path) -> None:
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            address = f"{earlier.absolute().as_uri()}?mode=rw"
            with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
                if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
                    refuse_older({row[0] for row in connection.execute("SELECT version_num FROM alembic_version")})
                connection.execute("PRAGMA journal_mode = DELETE").fetchone()
                # Nobody opens it between this and its new name.
                connection.execute("BEGIN EXCLUSIVE")
                earlier.chmod(0o600)
                earlier.rename(file)
            return
        except sqlite3.DatabaseError as error:
            if "locked" in str(error) and time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            raise StoreUnavailable(
                f"The sync store of the version before, {earlier}, cannot be taken over: {error}.",
                remedy="Stop every process of that version, the daemon first; then the next command takes it over.",
            ) from error


def has_earlier_schema(connection: Connection) -> bool:
    """Whether the earlier version's schema is in this PostgreSQL database; never so in SQLite."""
    if connection.dialect.name != "postgresql":
        return False
    return connection.scalar(text("SELECT to_regnamespace(:name)"), {"name": EARLIER_SCHEMA}) is not None


def take_over_schema(connection: Connection) -> None:
    """Renames the earlier version's schema to ours. Raises StoreUnavailable where both are there."""
    if connection.scalar(text("SELECT to_regnamespace(:name)"), {"name": POSTGRESQL_SCHEMA}) is not None:
        raise StoreUnavailable(
            f"The database holds two sync stores, in the schemas {POSTGRESQL_SCHEMA} and {EARLIER_SCHEMA}.",
            remedy=_KEEP_ONE,
        )
    connection.execute(text(f"ALTER SCHEMA {EARLIER_SCHEMA} RENAME TO {POSTGRESQL_SCHEMA}"))


def forget_earlier_revision(connection: Connection, found: set[str]) -> None:
    """The last of the earlier revisions counts as none: our first takes its tables over."""
    refuse_older(found)
    if found == {LAST_REVISION}:
        connection.execute(text("DELETE FROM alembic_version"))


def refuse_older(found: set[str]) -> None:
    """Raises StoreUnavailable for a revision before the last of the earlier version."""
    if found & OLDER_REVISIONS:
        raise StoreUnavailable(
            f"The sync store has revision {', '.join(found)} of an unreleased version, from before {LAST_REVISION}, "
            "which cannot be taken over.",
            remedy="Open it once with the last unreleased version, then with this one.",
        )
