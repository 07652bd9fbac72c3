"""Which Finago client a credential set and an office belong to; learned at login, remembered ever after."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from ...records.identifiers import ClientId, OfficeId
from .. import schema
from ..operations.events import Events
from ..statements import Part, chunks

_CLIENT = "client"
"""The kind of the events that tell when an office's client was asked for in vain."""


class Clients(Part):
    """Credential sets and offices, each with its Finago client (decisions 2, Scope)."""

    def client_of_credential(self, credential_key: str) -> ClientId | None:
        """The client that a login with this credential set last led to."""
        table = schema.credentials
        found: ClientId | None = self._connection.scalar(
            select(table.c.client_id).where(table.c.credential_key == credential_key)
        )
        return found

    def remember_credential(self, credential_key: str, client_id: ClientId) -> None:
        """Called after a login; a later one that leads elsewhere replaces it."""
        self._put(
            schema.credentials, {"credential_key": credential_key, "client_id": client_id, "learned_at": self._now}
        )

    def client_of_office(self, office_id: OfficeId) -> ClientId | None:
        """None before the first login: the lane is `office-<id>` until then."""
        return self.clients_of_offices([office_id]).get(office_id)

    def clients_of_offices(self, office_ids: Iterable[OfficeId]) -> dict[OfficeId, ClientId]:
        """The clients of those of the offices that have logged in before."""
        table = schema.offices
        return {
            row.office_id: row.client_id
            for some in chunks(office_ids)
            for row in self._connection.execute(select(table).where(table.c.office_id.in_(some)))
        }

    def remember_office(self, office_id: OfficeId, client_id: ClientId) -> None:
        self._put(schema.offices, {"office_id": office_id, "client_id": client_id, "learned_at": self._now})

    def asked_in_vain(self, office_id: OfficeId) -> datetime | None:
        """When the office's client was last asked for without an answer."""
        table = schema.events
        asked: datetime | None = self._connection.scalar(
            select(func.max(table.c.at)).where(
                table.c.office_id == office_id, table.c.kind == _CLIENT, table.c.key == str(office_id)
            )
        )
        return asked

    def remember_asked_in_vain(self, office_id: OfficeId, run_id: str) -> None:
        Events(self._connection, self._now).append(
            office_id=office_id, kind=_CLIENT, key=str(office_id), event="not learned", run_id=run_id
        )

    def all_offices(self) -> frozenset[OfficeId]:
        """Every office that has ever logged in to Finago, also one that the settings do not have any more."""
        return frozenset(self._connection.scalars(select(schema.offices.c.office_id)))

    def offices_of(self, client_id: ClientId) -> frozenset[OfficeId]:
        """All offices that were ever seen on this client and on no other since."""
        table = schema.offices
        return frozenset(self._connection.scalars(select(table.c.office_id).where(table.c.client_id == client_id)))
