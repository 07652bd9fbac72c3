"""Which Qondor project claims which Finago project id."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import select

from ...records.identifiers import ClientId, QondorProjectId
from ...records.links import ProjectLink
from .. import schema
from ..statements import Part, columns_of


class Projects(Part):
    """Claims on Finago project ids. Two claims on one id are both kept: `rules` refuses both by name."""

    def claim(self, link: ProjectLink) -> None:
        """Sets the claim of one Qondor project; a project whose number changed moves to its new id."""
        self._put(schema.project_links, {**asdict(link), "linked_at": self._now})

    def of_client(self, client_id: ClientId) -> tuple[ProjectLink, ...]:
        """All claims on one client's ids, by Qondor project id."""
        table = schema.project_links
        rows = self._connection.execute(
            select(*columns_of(ProjectLink, table)).where(table.c.client_id == client_id).order_by(table.c.project_id)
        )
        return tuple(ProjectLink(**row._mapping) for row in rows)

    def of_project(self, project_id: QondorProjectId) -> tuple[ProjectLink, ...]:
        """The claims of one project of Qondor, in whichever client."""
        table = schema.project_links
        rows = self._connection.execute(
            select(*columns_of(ProjectLink, table)).where(table.c.project_id == project_id).order_by(table.c.client_id)
        )
        return tuple(ProjectLink(**row._mapping) for row in rows)
