"""What the store need not remember for ever: ended runs and alerts of long ago.

Links, intents, standings and events stay: who asks for them may ask years later. Of the runs it keeps the one from
which windows and freshness are reckoned, of the alerts all that are still open.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from .. import schema
from ..statements import CHUNK

MOST_AT_ONCE = 100 * CHUNK
"""So many rows go in one transaction at most; the rest goes the next night."""


class Pruning:
    """Deletes for good."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def runs(self, before: datetime) -> int:
        """Forgets runs that began before an instant and were followed by a complete one of the same or a later day.

        Whatever asks the runs for something - since when a window must reach back, whether an office is fresh, when a
        day was last looked at - asks for the latest. An office that has had no complete run since keeps them all.
        """
        table, later = schema.runs, schema.runs.alias("later")
        followed = (
            select(later.c.run_id)
            .where(
                later.c.office_id == table.c.office_id,
                later.c.flow == table.c.flow,
                later.c.complete.is_(True),
                later.c.day >= table.c.day,
                later.c.started_at > table.c.started_at,
                # Says no more than the line above, to the index.
                later.c.finished_at > table.c.started_at,
            )
            .exists()
        )
        old = select(table.c.run_id).where(table.c.started_at < before, followed).limit(MOST_AT_ONCE)
        return self._connection.execute(delete(table).where(table.c.run_id.in_(old))).rowcount

    def alerts(self, before: datetime) -> int:
        """Forgets alerts that were resolved before an instant."""
        table = schema.alerts
        old = select(table.c.id).where(table.c.resolved_at < before).limit(MOST_AT_ONCE)
        return self._connection.execute(delete(table).where(table.c.id.in_(old))).rowcount
