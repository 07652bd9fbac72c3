"""Which flows of which offices are expected to run by themselves, and since when: who is silent is counted from there.

Without it an office that never had a run would be silent for ever, and nobody would know since when.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select, tuple_

from ...records.identifiers import OfficeId
from .. import schema
from ..statements import Part, chunks


class WatchedFlows(Part):
    """One row for each office and flow that is watched."""

    def since(self) -> dict[tuple[OfficeId, str], datetime]:
        """Since when each flow of each office is watched."""
        rows = self._connection.execute(select(schema.watched_flows))
        return {(row.office_id, row.flow): row.since for row in rows}

    def begin(self, flows: Collection[tuple[OfficeId, str]]) -> None:
        """These are watched from now on; one that is watched already stays as it is."""
        if flows:
            self._add(
                schema.watched_flows,
                *({"office_id": office, "flow": flow, "since": self._now} for office, flow in flows),
            )

    def end(self, flows: Collection[tuple[OfficeId, str]]) -> None:
        """These are watched no more: their office was closed, or the flow was disabled."""
        table = schema.watched_flows
        for some in chunks(flows):
            self._connection.execute(delete(table).where(tuple_(table.c.office_id, table.c.flow).in_(some)))
