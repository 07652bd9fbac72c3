"""From when on a run of the customer and project flow asks for changes (decisions 5).

What changed before the last complete run began, that run has seen. An outage longer than the usual window therefore
loses nothing: the window reaches back to where the last complete run began.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ..run.office_run import OfficeRun

OVERLAP = timedelta(minutes=2)
"""Qondor's clock is not ours, and a project may be on its way into the list while it is read."""


def window_start(run: OfficeRun) -> datetime:
    """The earlier of `changed_within_days` ago and the start of the last complete run, less the overlap.

    Where no run was complete yet, it stays where the first one had it, however long ago that was.
    """
    usual = timedelta(days=run.office.customers_and_projects.changed_within_days)
    with run.store.read() as transaction:
        seen = transaction.runs.last_complete_started(run.office_id, run.record.flow.value)
        first = transaction.runs.first_started(run.office_id, run.record.flow.value)
    now = run.store.now()
    if seen is None:
        seen = (first or now) - usual
    return min(now - usual, seen) - OVERLAP
