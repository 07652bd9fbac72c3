"""Dagster remembers runs of its own: by the newest of them a store shows that it is older than the world."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import dagster as dg


def newest_run_began(instance: dg.DagsterInstance, assets: Iterable[dg.AssetKey]) -> datetime | None:
    """When the newest run that made one of these assets began, in UTC; None where none did.

    Only of such a run is it certain that it wrote to the store: others only looked, or were kept from their work.
    """
    made = [event for key in assets if (event := instance.get_latest_materialization_event(key)) is not None]
    if not made:
        return None
    record = instance.get_run_record_by_id(max(made, key=lambda event: event.timestamp).run_id)
    if record is None or record.start_time is None:
        return None
    return datetime.fromtimestamp(record.start_time, UTC)
