"""Judges how all offices stand, from the ledger and the settings: nothing is asked of a system, and nothing is run."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from croniter import croniter

from ..ledger import Ledger
from ..records.days import OSLO, oslo_day, utc_bounds
from ..records.results import Flow
from ..records.standing_state import ExpectedOffice, Verdict
from ..reports.open_records import days_until, open_by_day
from ..rules.standing import judge_standing
from ..settings import OfficeSettings, Settings

GRACE = timedelta(hours=2)
"""How long after a tick of its schedule a complete run may take: queueing, trying again, a long window of costs.

Where nothing was issued, the invoice flow looks at everything only once an hour; that fits into it as well.
"""

DAYS_SHOWN = 60
"""So far back goes the picture of what was open."""


def standing_of(settings: Settings, ledger: Ledger) -> tuple[Verdict, ...]:
    """Every verdict on every flow, as one look at the ledger gives it."""
    now = ledger.now()
    verdicts: list[Verdict] = []
    with ledger.read() as transaction:
        for flow in Flow:
            expected = [_expected(office, flow, now) for office in settings.offices]
            periods = {office.id: office.period for office in expected if office.period is not None}
            state = transaction.standing_states.of(flow, periods, at=now)
            verdicts += judge_standing(state, expected, now=now)
    return tuple(verdicts)


def open_each_day(ledger: Ledger, flow: Flow) -> dict[date, int]:
    """How many records were open in all offices at the end of each of the last days, today's so far."""
    today = oslo_day(ledger.now())
    days = days_until(today, DAYS_SHOWN)
    with ledger.read() as transaction:
        open_now = transaction.standing_states.number_open(flow)
        changes = transaction.standing_states.changes_of_open(flow, utc_bounds(days[0])[0])
    return open_by_day(open_now, changes, days)


def _expected(office: OfficeSettings, flow: Flow, now: datetime) -> ExpectedOffice:
    schedule = office.flow(flow).schedule
    period = now - last_tick(schedule, now - GRACE) if office.does(flow) else None
    return ExpectedOffice(id=office.id, closed=office.closed, period=period)


def last_tick(schedule: str, before: datetime) -> datetime:
    """The latest tick of a cron schedule in Europe/Oslo, at or before an instant."""
    # It steps back from the minute after: a tick that falls on the instant itself counts.
    start = before.astimezone(OSLO) + timedelta(seconds=1)
    tick: datetime = croniter(schedule, start).get_prev(datetime)
    return tick
