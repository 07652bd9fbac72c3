"""Judges how all offices stand, from the store and the settings: nothing is asked of a system, and nothing is run."""

from __future__ import annotations

from datetime import date

from ...records.days import oslo_day, utc_bounds
from ...records.operations.office_status import ExpectedOffice, Verdict
from ...records.operations.results import Flow
from ...reports.open_records import days_until, open_by_day
from ...rules.operations.office_status import assess_status
from ...settings import OfficeSettings, Settings
from ...store import Store
from .silence import Silence, find_silences

DAYS_SHOWN = 60
"""So far back goes the picture of what was open."""


def status_of(settings: Settings, store: Store) -> tuple[Verdict, ...]:
    """Every verdict on every flow, as one look at the store gives it.

    Who is stale is who the alerts call silent (`flows.silence`): the badge and the message say the same.
    """
    verdicts: list[Verdict] = []
    with store.read() as transaction:
        silences = {
            (silence.office, silence.flow): silence for silence in find_silences(transaction, settings, store.now())
        }
        for flow in Flow:
            ended = transaction.open_work.last_tried([office.id for office in settings.offices], flow.value)
            expected = [
                _expected(office, flow, office.id in ended, silences.get((office.id, flow)))
                for office in settings.offices
            ]
            verdicts += assess_status(transaction.open_items.of(flow), expected)
    return tuple(verdicts)


def _expected(office: OfficeSettings, flow: Flow, has_run: bool, silence: Silence | None) -> ExpectedOffice:
    return ExpectedOffice(
        id=office.id,
        closed=office.closed,
        runs_by_itself=office.does(flow),
        has_run=has_run,
        silent_since=silence.heard if silence else None,
        silence=str(silence) if silence else "",
    )


def open_each_day(store: Store, flow: Flow) -> dict[date, int]:
    """How many records were open in all offices at the end of each of the last days, today's so far."""
    today = oslo_day(store.now())
    days = days_until(today, DAYS_SHOWN)
    with store.read() as transaction:
        open_now = transaction.open_items.number_open(flow)
        changes = transaction.open_items.changes_of_open(flow, utc_bounds(days[0])[0])
    return open_by_day(open_now, changes, days)
