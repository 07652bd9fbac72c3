"""Which flows of which offices are expected to run by themselves, and since when: who is silent is counted from there.

Without it an office that never had a run would be silent for ever, and nobody would know since when.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, select

from ...records.identifiers import OfficeId
from .. import schema
from ..statements import insert


class WatchedFlows:
    """One row for each office and flow that is watched."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def since(self) -> dict[tuple[OfficeId, str], datetime]:
        """Since when each flow of each office is watched."""
        rows = self._connection.execute(select(schema.watched_flows))
        return {(OfficeId(row.office_id), row.flow): row.since for row in rows}

    def begin(self, flows: Collection[tuple[OfficeId, str]], *, at: datetime) -> None:
        """These are watched from now on; one that is watched already stays as it is."""
        if flows:
            self._connection.execute(
                insert(self._connection, schema.watched_flows)
                .values([{"office_id": office, "flow": flow, "since": at} for office, flow in flows])
                .on_conflict_do_nothing()
            )

    def end(self, flows: Collection[tuple[OfficeId, str]]) -> None:
        """These are watched no more: their office was closed, or the flow was disabled."""
        table = schema.watched_flows
        for office, flow in flows:
            self._connection.execute(delete(table).where(table.c.office_id == office, table.c.flow == flow))
