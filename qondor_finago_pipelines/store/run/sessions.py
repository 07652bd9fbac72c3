"""Finago sessions at rest, one for each credential set (decisions 9).

The store sees only ciphertext. A session is replaced by compare-and-set: of two processes that both found it expired,
one wins, and the other reads the winner's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from .. import schema
from ..statements import insert


@dataclass(frozen=True, kw_only=True)
class StoredSession:
    """`version` counts every change. `refused_for` is the hash of the settings whose password was refused."""

    version: int
    ciphertext: bytes | None = field(default=None, repr=False)
    refused_for: str | None = None
    refused_message: str | None = None


class Sessions:
    """Load, replace and discard sessions, remember a refused password, let one process at a time log in."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._now = now

    def load(self, credential_key: str) -> StoredSession | None:
        """None when nothing was ever stored, refused or claimed for it; its version counts as 0."""
        table = schema.sessions
        row = self._connection.execute(
            select(table.c.version, table.c.ciphertext, table.c.refused_for, table.c.refused_message).where(
                table.c.credential_key == credential_key
            )
        ).one_or_none()
        if row is None:
            return None
        return StoredSession(
            version=row.version,
            ciphertext=None if row.ciphertext is None else bytes(row.ciphertext),
            refused_for=row.refused_for,
            refused_message=row.refused_message,
        )

    def store(self, credential_key: str, ciphertext: bytes, *, expected_version: int) -> bool:
        """Stores a new session when nobody else did meanwhile; a refusal is forgotten. 0 expects none."""
        return self._replace(credential_key, ciphertext, expected_version)

    def discard(self, credential_key: str, *, expected_version: int) -> bool:
        """Forgets the session that Finago no longer accepts, unless somebody has replaced it already."""
        return self._replace(credential_key, None, expected_version)

    def refuse(self, credential_key: str, *, settings_hash: str, message: str) -> None:
        """Remembers that a login was refused with these settings; nobody tries again until they change."""
        what = {"refused_for": settings_hash, "refused_message": message}
        self._connection.execute(
            insert(self._connection, schema.sessions)
            .values(credential_key=credential_key, version=0, **what)
            .on_conflict_do_update(index_elements=["credential_key"], set_=what)
        )

    def claim_login(self, credential_key: str, *, holder: str, at: datetime, until: datetime) -> bool:
        """True when `holder` may log in now; until then, or its release, nobody else may. Not even itself, again."""
        table = schema.sessions
        what = {"login_holder": holder, "login_until": until}
        claimed = self._connection.execute(
            insert(self._connection, table)
            .values(credential_key=credential_key, version=0, **what)
            .on_conflict_do_update(
                index_elements=["credential_key"],
                set_=what,
                where=or_(table.c.login_holder.is_(None), table.c.login_until <= at),
            )
            .returning(table.c.version)
        )
        return claimed.one_or_none() is not None

    def release_login(self, credential_key: str, holder: str) -> None:
        """Ends our claim; somebody else's stays."""
        table = schema.sessions
        self._connection.execute(
            update(table)
            .where(table.c.credential_key == credential_key, table.c.login_holder == holder)
            .values(login_holder=None, login_until=None)
        )

    def _replace(self, credential_key: str, ciphertext: bytes | None, expected_version: int) -> bool:
        table = schema.sessions
        what = {"ciphertext": ciphertext, "stored_at": self._now()}
        if ciphertext is not None:
            what |= {"refused_for": None, "refused_message": None}
        if expected_version == 0:
            self._connection.execute(
                insert(self._connection, table)
                .values(credential_key=credential_key, version=0)
                .on_conflict_do_nothing()
            )
        replaced = self._connection.execute(
            update(table)
            .where(table.c.credential_key == credential_key, table.c.version == expected_version)
            .values(version=expected_version + 1, **what)
            .returning(table.c.version)
        )
        return replaced.one_or_none() is not None
