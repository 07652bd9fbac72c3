"""Which Finago company stands for which Qondor customer or consumer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from sqlalchemy import ColumnElement, select, update

from ...records.identifiers import ClientId, CompanyId
from ...records.links import CompanyLink
from .. import schema
from ..statements import Part, columns_of


class Companies(Part):
    """Links of companies, one for each client and key (`customer:77`, `consumer:<hash>`)."""

    def link(self, link: CompanyLink) -> None:
        """Sets the link; one that a person's External Reference contradicts is replaced (decisions 5).

        That it stands in Qondor is forgotten with it: `stands_in_qondor` says so again.
        """
        self._put(schema.company_links, {**asdict(link), "linked_at": self._now})

    def get(self, client_id: ClientId, key: str) -> CompanyLink | None:
        table = schema.company_links
        found = self._select(table.c.client_id == client_id, table.c.key == key)
        return found[0] if found else None

    def of_client(self, client_id: ClientId) -> dict[str, CompanyId]:
        """Company ids by key."""
        return {link.key: link.company_id for link in self._select(schema.company_links.c.client_id == client_id)}

    def stands_in_qondor(self, client_id: ClientId, references: Mapping[str, CompanyId]) -> None:
        """Remembers of each customer's link, by key, that it has been seen as the External Reference."""
        table = schema.company_links
        unseen = self._select(table.c.client_id == client_id, table.c.in_qondor_since.is_(None))
        for link in unseen:
            if references.get(link.key) == link.company_id:
                self._connection.execute(
                    update(table)
                    .where(table.c.client_id == client_id, table.c.key == link.key)
                    .values(in_qondor_since=self._now)
                )

    def seen_in_qondor(self, client_id: ClientId) -> frozenset[str]:
        """The keys of links that have stood in Qondor: where the Reference is empty now, a person emptied it."""
        table = schema.company_links
        return frozenset(
            link.key for link in self._select(table.c.client_id == client_id, table.c.in_qondor_since.is_not(None))
        )

    def linked_elsewhere(self, client_id: ClientId, key: str, *, reference_is_empty: bool) -> bool:
        """Whether another Finago client has a company for the key: a global customer serves one client only.

        A link that stood in Qondor and was emptied there is none any more.
        """
        table = schema.company_links
        links = self._select(table.c.client_id != client_id, table.c.key == key)
        return any(link.in_qondor_since is None or not reference_is_empty for link in links)

    def _select(self, *conditions: ColumnElement[bool]) -> tuple[CompanyLink, ...]:
        table = schema.company_links
        rows = self._connection.execute(
            select(*columns_of(CompanyLink, table)).where(*conditions).order_by(table.c.client_id, table.c.key)
        )
        return tuple(CompanyLink(**row._mapping) for row in rows)
