"""Watches that every flow of every open office comes to its end again and again, and reports those that do not.

What counts as silent is for `rules.silence` to say. An office that is closed, and a flow that is disabled, are watched
no more: what was open of them ends. What is enabled again is watched from then on, as if it had just come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial

from ...records.days import OSLO, oslo_day
from ...records.identifiers import OfficeId
from ...records.operations.results import Flow
from ...rules.operations.due import LOOK_ANYWAY
from ...rules.operations.silence import last_heard, silent_from, turns_missed
from ...settings import Settings, scheduled_turns
from ...store import Store, Transaction
from ..run.alert_causes import SILENCE
from .due_work import why_switched_off

Watched = tuple[OfficeId, str]


@dataclass(frozen=True, kw_only=True)
class Silence:
    """A flow of an office that has been silent for too long. The instants are UTC."""

    office: OfficeId
    flow: Flow
    heard: datetime
    """When its last complete run ended, or, if later, since when it is watched."""
    was_complete: bool
    """Whether there was such a run since."""
    missed: tuple[datetime, datetime]
    tried: datetime | None
    """When the last run began that came to any end after that; None: there was none."""

    def __str__(self) -> str:
        since = _clock(self.heard) if self.was_complete else f"{_clock(self.heard)}, when its watch began"
        turns = " and ".join(_clock(turn) for turn in self.missed)
        what = f"No run of {self.flow.in_words} has got through since {since}; one was due at {turns}."
        return f"{what} {self._what_to_do}"

    @property
    def _what_to_do(self) -> str:
        if self.tried is None:
            return (
                "No run has ended since either: see in Dagster that the flow's schedule is switched on, and what its "
                "runs wait for."
            )
        return (
            f"The last run that ended began at {_clock(self.tried)} and met trouble: its page in Dagster, and the "
            "alerts of this office, say what to mend."
        )


def find_silences(transaction: Transaction, settings: Settings, now: datetime) -> list[Silence]:
    """Every flow that is watched, still enabled, and silent."""
    since = transaction.watched_flows.since()
    found: list[Silence] = []
    for flow in Flow:
        offices = [office for office in settings.offices if office.does(flow) and (office.id, flow.value) in since]
        complete = transaction.runs.latest_complete([office.id for office in offices], flow.value)
        for office in offices:
            last = complete.get(office.id)
            watched = since[office.id, flow.value]
            heard = last_heard(watched, last.day if last else None, last.finished_at if last else None)
            missed = _missed(office.schedule(flow), flow, heard)
            if now < silent_from(*missed):
                continue
            tried = transaction.open_work.last_tried([office.id], flow.value).get(office.id)
            found.append(
                Silence(
                    office=office.id,
                    flow=flow,
                    heard=heard,
                    was_complete=heard != watched,
                    missed=missed,
                    tried=tried if tried is not None and tried > heard else None,
                )
            )
    return found


@lru_cache(maxsize=4096)
def _missed(schedule: str, flow: Flow, heard: datetime) -> tuple[datetime, datetime]:
    """Kept, since a schedule takes a while to reckon, and for most flows nothing was heard since the last look."""
    looks_every = LOOK_ANYWAY if flow is Flow.INVOICES else None
    return turns_missed(heard, partial(scheduled_turns, schedule), looks_every=looks_every)


def update_silences(store: Store, settings: Settings) -> list[Silence]:
    """Brings the store's alerts of silence up to date, and ends those of flows that run no more; gives who is silent.

    Writes only where something changed, so that it may be asked several times a minute.
    """
    now = store.now()
    offices = {office.id: office for office in settings.offices}
    enabled: set[Watched] = {
        (office.id, flow.value) for office in settings.offices for flow in Flow if office.does(flow)
    }
    with store.read() as transaction:
        watched = set(transaction.watched_flows.since())
        told_silent = transaction.alerts.open_with(SILENCE)
        left_over = sorted(transaction.alerts.open_flows() - enabled)
        silences = find_silences(transaction, settings, now)
    silent = {(silence.office, silence.flow.value) for silence in silences}
    heard_again = sorted((told_silent & enabled) - silent)
    news = [silence for silence in silences if (silence.office, silence.flow.value) not in told_silent]
    if watched == enabled and not (left_over or heard_again or news):
        return silences
    with store.write() as transaction:
        transaction.watched_flows.begin(sorted(enabled - watched), at=now)
        transaction.watched_flows.end(sorted(watched - enabled))
        for office, flow in left_over:
            known = offices.get(office)
            why = why_switched_off(known, Flow(flow)) if known else "the office is not in the settings any more"
            transaction.alerts.resolve(office_id=office, flow=flow, keep=(), at=now, because=why)
        for office, flow in heard_again:
            transaction.alerts.resolve_cause(office_id=office, flow=flow, cause=SILENCE, at=now)
        for silence in news:
            transaction.alerts.report(
                office_id=silence.office,
                flow=silence.flow.value,
                cause=SILENCE,
                record=None,
                message=str(silence),
                at=now,
                day=oslo_day(now),
            )
    return silences


def _clock(instant: datetime) -> str:
    return f"{instant.astimezone(OSLO):%Y-%m-%d %H:%M}"
