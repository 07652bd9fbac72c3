"""Finago sessions at rest, one for each credential set (decisions 9).

The store sees only ciphertext. A session is replaced by compare-and-set: of two processes that both found it expired,
one wins, and the other reads the winner's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import or_, select, update

from .. import schema
from ..statements import Part, columns_of, insert


@dataclass(frozen=True, kw_only=True)
class StoredSession:
    """`version` counts every change. `refused_for` is the hash of the settings whose password was refused."""

    version: int
    ciphertext: bytes | None = field(default=None, repr=False)
    refused_for: str | None = None
    refused_message: str | None = None


class Sessions(Part):
    """Load, replace and discard sessions, remember a refused password, let one process at a time log in."""

    def load(self, credential_key: str) -> StoredSession | None:
        """None when nothing was ever stored, refused or claimed for it; its version counts as 0."""
        table = schema.sessions
        row = self._connection.execute(
            select(*columns_of(StoredSession, table)).where(table.c.credential_key == credential_key)
        ).one_or_none()
        return None if row is None else StoredSession(**row._mapping)

    def store(self, credential_key: str, ciphertext: bytes, *, expected_version: int) -> bool:
        """Stores a new session when nobody else did meanwhile; a refusal is forgotten. 0 expects none."""
        return self._replace(credential_key, ciphertext, expected_version)

    def discard(self, credential_key: str, *, expected_version: int) -> bool:
        """Forgets the session that Finago no longer accepts, unless somebody has replaced it already."""
        return self._replace(credential_key, None, expected_version)

    def refuse(self, credential_key: str, *, settings_hash: str, message: str) -> None:
        """Remembers that a login was refused with these settings; nobody tries again until they change."""
        table = schema.sessions
        what = {"refused_for": settings_hash, "refused_message": message}
        self._add(table, {"credential_key": credential_key, "version": 0})
        self._connection.execute(update(table).where(table.c.credential_key == credential_key).values(**what))

    def claim_login(self, credential_key: str, *, holder: str, lasts: timedelta) -> bool:
        """True when `holder` may log in now; while that `lasts`, nobody else may before its release, nor it again."""
        table = schema.sessions
        what = {"login_holder": holder, "login_until": self._now + lasts}
        claimed = self._connection.execute(
            insert(self._connection, table)
            .values(credential_key=credential_key, version=0, **what)
            .on_conflict_do_update(
                index_elements=["credential_key"],
                set_=what,
                where=or_(table.c.login_holder.is_(None), table.c.login_until <= self._now),
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
        what = {"ciphertext": ciphertext, "stored_at": self._now}
        if ciphertext is not None:
            what |= {"refused_for": None, "refused_message": None}
        if expected_version == 0:
            self._add(table, {"credential_key": credential_key, "version": 0})
        replaced = self._connection.execute(
            update(table)
            .where(table.c.credential_key == credential_key, table.c.version == expected_version)
            .values(version=expected_version + 1, **what)
            .returning(table.c.version)
        )
        return replaced.one_or_none() is not None
