"""Which Finago company stands for which Qondor customer or consumer."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import ColumnElement, select

from ...records.identifiers import ClientId, CompanyId
from ...records.links import CompanyLink
from .. import schema
from ..statements import Part, columns_of


class Companies(Part):
    """Links of companies, one for each client and key (`customer:77`, `consumer:<hash>`)."""

    def link(self, link: CompanyLink) -> None:
        """Sets the link; one that a person's External Reference contradicts is replaced (decisions 5)."""
        self._put(schema.company_links, {**asdict(link), "linked_at": self._now})

    def get(self, client_id: ClientId, key: str) -> CompanyLink | None:
        table = schema.company_links
        found = self._select(table.c.client_id == client_id, table.c.key == key)
        return found[0] if found else None

    def of_client(self, client_id: ClientId) -> dict[str, CompanyId]:
        """Company ids by key."""
        return {link.key: link.company_id for link in self._select(schema.company_links.c.client_id == client_id)}

    def linked_elsewhere(self, client_id: ClientId, key: str) -> bool:
        """Whether another Finago client has a company for the key: a global customer serves one client only."""
        table = schema.company_links
        return bool(self._select(table.c.client_id != client_id, table.c.key == key))

    def _select(self, *conditions: ColumnElement[bool]) -> tuple[CompanyLink, ...]:
        table = schema.company_links
        rows = self._connection.execute(
            select(*columns_of(CompanyLink, table)).where(*conditions).order_by(table.c.client_id, table.c.key)
        )
        return tuple(CompanyLink(**row._mapping) for row in rows)
