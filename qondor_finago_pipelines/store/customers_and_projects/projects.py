"""Which Qondor project claims which Finago project id."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, delete, select

from ...records.identifiers import ClientId, FinagoProjectId, OfficeId, QondorProjectId
from ...records.links import ProjectLink
from .. import schema
from ..statements import insert


class Projects:
    """Claims on Finago project ids. Two claims on one id are both kept: `rules` refuses both by name."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._now = now

    def claim(self, link: ProjectLink) -> None:
        """Sets the claim of one Qondor project; a project whose number changed moves to its new id."""
        what = {
            "finago_project_id": link.finago_project_id,
            "office_id": link.office_id,
            "linked_at": self._now(),
        }
        self._connection.execute(
            insert(self._connection, schema.project_links)
            .values(client_id=link.client_id, project_id=link.project_id, **what)
            .on_conflict_do_update(index_elements=["client_id", "project_id"], set_=what)
        )

    def of_client(self, client_id: ClientId) -> tuple[ProjectLink, ...]:
        """All claims on one client's ids, by Qondor project id."""
        table = schema.project_links
        rows = self._connection.execute(
            select(table).where(table.c.client_id == client_id).order_by(table.c.project_id)
        )
        return tuple(
            ProjectLink(
                client_id=ClientId(row.client_id),
                project_id=QondorProjectId(row.project_id),
                finago_project_id=FinagoProjectId(row.finago_project_id),
                office_id=OfficeId(row.office_id),
            )
            for row in rows
        )

    def release(self, client_id: ClientId, project_id: QondorProjectId) -> None:
        """Ends one project's claim."""
        table = schema.project_links
        self._connection.execute(delete(table).where(table.c.client_id == client_id, table.c.project_id == project_id))
