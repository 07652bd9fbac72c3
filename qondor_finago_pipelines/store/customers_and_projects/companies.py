"""Which Finago company stands for which Qondor customer or consumer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select

from ...records.identifiers import ClientId, CompanyId, OfficeId
from ...records.links import CompanyLink
from .. import schema
from ..statements import insert


class Companies:
    """Links of companies, one for each client and key (`customer:77`, `consumer:<hash>`)."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._now = now

    def link(self, link: CompanyLink) -> None:
        """Sets the link; one that a person's External Reference contradicts is replaced (decisions 5)."""
        what = {"company_id": link.company_id, "office_id": link.office_id, "linked_at": self._now()}
        self._connection.execute(
            insert(self._connection, schema.company_links)
            .values(client_id=link.client_id, key=link.key, **what)
            .on_conflict_do_update(index_elements=["client_id", "key"], set_=what)
        )

    def get(self, client_id: ClientId, key: str) -> CompanyLink | None:
        table = schema.company_links
        found = self._select(table.c.client_id == client_id, table.c.key == key)
        return found[0] if found else None

    def of_client(self, client_id: ClientId) -> dict[str, CompanyId]:
        """Company ids by key."""
        found = self._select(schema.company_links.c.client_id == client_id)
        return {link.key: link.company_id for link in found}

    def of_office(self, office_id: OfficeId) -> tuple[CompanyLink, ...]:
        """What was linked by runs of this office."""
        return self._select(schema.company_links.c.office_id == office_id)

    def linked_elsewhere(self, client_id: ClientId, key: str) -> bool:
        """Whether another Finago client has a company for the key: a global customer serves one client only."""
        table = schema.company_links
        return bool(self._select(table.c.client_id != client_id, table.c.key == key))

    def unlink(self, client_id: ClientId, key: str) -> None:
        table = schema.company_links
        self._connection.execute(delete(table).where(table.c.client_id == client_id, table.c.key == key))

    def _select(self, *conditions: ColumnElement[bool]) -> tuple[CompanyLink, ...]:
        table = schema.company_links
        rows = self._connection.execute(select(table).where(*conditions).order_by(table.c.client_id, table.c.key))
        return tuple(
            CompanyLink(
                client_id=ClientId(row.client_id),
                key=row.key,
                company_id=CompanyId(row.company_id),
                office_id=OfficeId(row.office_id),
            )
            for row in rows
        )
