"""Which Finago client a credential set and an office belong to; learned at login, remembered ever after."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Connection, select

from ...records.identifiers import ClientId, OfficeId
from .. import schema
from ..statements import chunks, insert


class Clients:
    """Credential sets and offices, each with its Finago client (decisions 2, Scope)."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._now = now

    def client_of_credential(self, credential_key: str) -> ClientId | None:
        """The client that a login with this credential set last led to."""
        table = schema.credentials
        found = self._connection.scalar(select(table.c.client_id).where(table.c.credential_key == credential_key))
        return None if found is None else ClientId(found)

    def remember_credential(self, credential_key: str, client_id: ClientId) -> None:
        """Called after a login; a later one that leads elsewhere replaces it."""
        what = {"client_id": client_id, "learned_at": self._now()}
        self._connection.execute(
            insert(self._connection, schema.credentials)
            .values(credential_key=credential_key, **what)
            .on_conflict_do_update(index_elements=["credential_key"], set_=what)
        )

    def client_of_office(self, office_id: OfficeId) -> ClientId | None:
        """None before the first login: the lane is `office-<id>` until then."""
        table = schema.offices
        found = self._connection.scalar(select(table.c.client_id).where(table.c.office_id == office_id))
        return None if found is None else ClientId(found)

    def clients_of_offices(self, office_ids: Iterable[OfficeId]) -> dict[OfficeId, ClientId]:
        """The clients of those of the offices that have logged in before."""
        table = schema.offices
        return {
            OfficeId(row.office_id): ClientId(row.client_id)
            for some in chunks(office_ids)
            for row in self._connection.execute(
                select(table.c.office_id, table.c.client_id).where(table.c.office_id.in_(some))
            )
        }

    def remember_office(self, office_id: OfficeId, client_id: ClientId) -> None:
        what = {"client_id": client_id, "learned_at": self._now()}
        self._connection.execute(
            insert(self._connection, schema.offices)
            .values(office_id=office_id, **what)
            .on_conflict_do_update(index_elements=["office_id"], set_=what)
        )

    def offices_of(self, client_id: ClientId) -> frozenset[OfficeId]:
        """All offices that were ever seen on this client and on no other since."""
        table = schema.offices
        found = self._connection.scalars(select(table.c.office_id).where(table.c.client_id == client_id))
        return frozenset(OfficeId(office_id) for office_id in found)
