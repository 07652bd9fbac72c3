"""Brings a store to the newest form of its tables, whoever opens it first.

The whole way to the newest revision is one transaction, under a lock that other processes wait for: a process that dies
half-way leaves the store as it was, and two that start at once do the work once.
"""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from ..records.errors import SettingsError
from .database import POSTGRESQL_SCHEMA, Mode, in_mode
from .errors import StoreUnavailable

MIGRATIONS = Path(__file__).parent / "migrations"

_LOCK_KEY = 0x0F1A_60D0
"""Names our advisory lock in PostgreSQL; any number, as long as it stays the same."""

_one_at_a_time = threading.Lock()
"""Alembic keeps the migration under way in module globals, so that two in one process would mix."""


def migrate(engine: Engine) -> None:
    """Takes the store to the newest revision; nothing to do is the usual case and locks nothing.

    Raises LedgerUnavailable for a store that a newer version of this program has migrated, and SettingsError for a
    database user whose name would mix our tables with Dagster's.
    """
    config = alembic_config()
    heads = set(ScriptDirectory.from_config(config).get_heads())
    with in_mode(engine.connect(), Mode.READ) as connection, connection.begin():
        if _revisions(connection) == heads:
            return
    with _one_at_a_time, in_mode(engine.connect(), Mode.MIGRATE) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            if connection.scalar(text("SELECT current_user")) == POSTGRESQL_SCHEMA:
                raise SettingsError(
                    f"The database user {POSTGRESQL_SCHEMA} is called like the schema of the store: Dagster, which "
                    "looks for its tables in the schema of the user's name first, would take the store's for its own.",
                    remedy="Give the sync a database user of another name.",
                )
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {POSTGRESQL_SCHEMA}"))
        # Where another process was faster, alembic finds nothing left to do.
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StoreUnavailable(
                "The sync store was migrated by another version of this program.",
                remedy="Install that version, or give this one a store of its own.",
            ) from error


def check_revision(engine: Engine) -> None:
    """Raises LedgerUnavailable unless the store has the form that this program uses; changes nothing."""
    heads = set(ScriptDirectory.from_config(alembic_config()).get_heads())
    with in_mode(engine.connect(), Mode.READ) as connection, connection.begin():
        found = _revisions(connection)
    if not found:
        raise StoreUnavailable(
            "The database holds no sync store yet.", remedy="Any sync makes it, and the daemon does when it starts."
        )
    if found != heads:
        raise StoreUnavailable(
            f"The sync store has revision {', '.join(sorted(found))}, and this program uses "
            f"{', '.join(sorted(heads))}.",
            remedy="Install the same version everywhere, and restart the daemon: whoever opens the store migrates it.",
        )


def alembic_config() -> Config:
    """Alembic's configuration, without a file; `connection` has to be put into its attributes."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _revisions(connection: Connection) -> set[str]:
    return set(MigrationContext.configure(connection).get_current_heads())
