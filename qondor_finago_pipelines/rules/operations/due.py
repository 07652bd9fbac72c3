"""Whether a run is worth it now: what of an office's work is due, what waits and until when.

A run that finds nothing to do costs calls, and a record that cannot be settled now must not be tried without end. So
everything that is open has one instant from which on it is due:

- what was issued in Qondor, at once;
- what is held, again after `AGAIN`; the longer it has been held the less often, and never less than every `LONGEST`. At
  once when a person lifted what it waits for, and when its waiting time in Qondor is over;
- what is uncertain, again every `AGAIN`, and the moment its quiet period is over: then "not found" means something;
- an order that Qondor was not told of, every `AGAIN`; orders to be asked for their payment, by `rules.payments`;
- and a look at everything at each turn of `LOOK_ANYWAY`, so that nothing rests on this list being complete, and each
  day's cell gets its colour.

What a run tried in vain is due all the while. How soon the sensor asks for it again is `ask`'s to decide.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from ...records.days import OSLO, oslo_day, utc_bounds
from ...records.invoices.invoices import QueueEntry
from ...records.links import Intent, IntentState, Kind
from ...records.operations.open_work import Asked, Due, KnownRecord, OpenWork
from ...records.operations.results import RecordState
from ...records.plans import digest_of
from ..turns import asked_again_at, next_turn

AGAIN = timedelta(minutes=5)
"""As often as the article's invoice sync runs."""

LONGEST = timedelta(minutes=30)
"""What has been held for hours is looked at this often: whoever mends its cause may also run the office by hand."""

PATIENCE = 12
"""A held record is looked at a dozen times while its age doubles."""

LOOK_ANYWAY = timedelta(hours=1)

ASK_AGAIN = timedelta(minutes=6)
"""A little longer than the five-minute schedule: where that one runs, it is the one that tries again."""

AT_ONCE = datetime.min.replace(tzinfo=UTC)


class Task(Enum):
    """What there is to do, in words; `{}` is the number."""

    ISSUED = "{} new invoice{s}"
    CHANGED = "{} held invoice{s} changed in Qondor"
    MENDED = "{} held invoice{s} that a person let go"
    WAITED = "{} held invoice{s}"
    UNCERTAIN = "{} uncertain write{s} to look up"
    UNFINISHED = "{} order{s} that Qondor was not told of"
    PAYMENTS = "payments"
    ADOPTION = "orders of before to adopt"
    LOOK = "a look at everything"
    UNKNOWN_QUEUE = "a queue that could not be polled"

    def of(self, number: int) -> str:
        return self.value.format(number, s="" if number == 1 else "s")


@dataclass(frozen=True)
class Appointment:
    """One thing, and from when on it is due. `text` changes when somebody has had a go at it."""

    task: Task
    text: str
    at: datetime


def due_invoices(
    work: OpenWork,
    queue: Collection[QueueEntry] | None,
    *,
    now: datetime,
    days_backwards: int,
    payments_every: timedelta,
    quiet_period: timedelta,
    fail_after: timedelta,
) -> Due:
    """Whether the invoice flow of an office is due.

    `queue` is the office's part of a poll that is older than `work`, or None where Qondor did not answer: then there is
    work, since nobody knows that there is none. The durations are those of the settings (decisions 2).
    """
    agenda = [
        *_issued(work, queue),
        *(_again(work, record, fail_after) for record in work.known if record.state is not RecordState.UNCERTAIN),
        *_changed(work, queue or ()),
        *_uncertain(work, quiet_period),
        *_unfinished(work, queue or ()),
        *_payments(work, now, days_backwards, payments_every),
        *_looks(work, now),
    ]
    return _due(agenda, work.last_tried, now)


def due_by_the_clock(last_complete: datetime | None, *, tick: datetime) -> Due:
    """Whether a flow is due whose schedule alone says when: at each tick, unless a complete run began after it.

    That is the case when the daemon comes late, or somebody ran the office by hand meanwhile.
    """
    if last_complete is not None and last_complete >= tick:
        return Due(reason=f"a complete run began at {_clock(last_complete)}, after this tick was due")
    return Due(reason="its time has come", tasks=frozenset({f"tick {tick.isoformat()}"}))


def ask(due: Due, asked: Asked | None, now: datetime) -> Asked | None:
    """What the sensor asks for now, or None where it is to wait.

    A task that it has not asked for yet goes at once. The same tasks again, or fewer of them, wait until nobody has
    tried for `ASK_AGAIN`: a run was asked for, so either it is to come, or it did not get them done.
    """
    if not due:
        return None
    if asked is not None and due.tasks <= asked.tasks:
        tried = max(asked.at, due.last_tried or asked.at)
        if now < tried + ASK_AGAIN:
            return None
    return Asked(tasks=due.tasks, at=now, times=1 if asked is None else asked.times + 1)


def request_key(asked: Asked) -> str:
    """A short text for what was asked for and the how manieth time: the same again is the same request."""
    digest = hashlib.sha256("\n".join(sorted(asked.tasks)).encode()).hexdigest()
    return f"{digest[:16]}:{asked.times}"


def _issued(work: OpenWork, queue: Collection[QueueEntry] | None) -> Iterator[Appointment]:
    if queue is None:
        yield Appointment(Task.UNKNOWN_QUEUE, "the queue", AT_ONCE)
        return
    met = {record.id for record in work.known}
    for invoice_id in sorted({entry.id for entry in queue}):
        if str(invoice_id) not in met:
            yield Appointment(Task.ISSUED, f"invoice {invoice_id}", AT_ONCE)


def _again(work: OpenWork, record: KnownRecord, fail_after: timedelta) -> Appointment:
    """Something that waits - or that was done with and stands in the queue all the same - is looked at again."""
    looked_at = max(record.looked_at, work.last_complete or record.looked_at)
    if record.mended_at is not None and record.mended_at > record.looked_at:
        return Appointment(Task.MENDED, f"mended {record.id} {record.mended_at.isoformat()}", AT_ONCE)
    at = _less_and_less_often(record.since, looked_at)
    fails_at = record.since + fail_after
    may_fail = record.state is RecordState.HELD and record.reason is not None and record.reason.correctable_in_qondor
    if may_fail and looked_at < fails_at:
        at = min(at, fails_at)
    return Appointment(Task.WAITED, f"again {record.id} {looked_at.isoformat()}", at)


def _less_and_less_often(since: datetime, looked_at: datetime) -> datetime:
    return looked_at + min(max((looked_at - since) / PATIENCE, AGAIN), LONGEST)


def _changed(work: OpenWork, queue: Collection[QueueEntry]) -> Iterator[Appointment]:
    """Where the list came in its full form, it shows what changed since a run looked at it."""
    hashes = {record.id: record.content_hash for record in work.known}
    for entry in queue:
        before = hashes.get(str(entry.id))
        if before is not None and entry.detail is not None and (now := digest_of(entry.detail)) != before:
            yield Appointment(Task.CHANGED, f"changed {entry.id} {now}", AT_ONCE)


def _uncertain(work: OpenWork, quiet_period: timedelta) -> Iterator[Appointment]:
    keys = set()
    for intent in work.unsettled:
        keys.add(intent.key)
        if (at := _looked_up_at(intent, work.last_tried, quiet_period)) is not None:
            tried = _latest(intent.committed_at, work.last_tried)
            yield Appointment(Task.UNCERTAIN, f"write {intent.id} {tried.isoformat()}", at)
    for record in work.known:
        # Sent, and not shown by Finago yet: no write is open, but the invoice is not done with either.
        if record.state is RecordState.UNCERTAIN and record.id not in keys:
            looked_at = _latest(record.looked_at, work.last_tried)
            yield Appointment(Task.UNCERTAIN, f"uncertain {record.id} {looked_at.isoformat()}", looked_at + AGAIN)


def _looked_up_at(intent: Intent, last_tried: datetime | None, quiet_period: timedelta) -> datetime | None:
    """When a write is looked up next; None: only a person can settle it."""
    tried = _latest(intent.committed_at, last_tried)
    if intent.state is IntentState.QUARANTINED:
        return None if intent.kind is Kind.ORDER else _less_and_less_often(intent.committed_at, tried)
    quiet_at = intent.committed_at + quiet_period
    return min(tried + AGAIN, quiet_at) if tried < quiet_at else tried + AGAIN


def _unfinished(work: OpenWork, queue: Collection[QueueEntry]) -> Iterator[Appointment]:
    """Those that the queue does not show any more; whatever is in it, the run takes up there."""
    spoken_for = {record.id for record in work.known} | {str(entry.id) for entry in queue}
    for order in work.unfinished:
        if str(order.invoice_id) not in spoken_for:
            tried = _latest(order.linked_at, work.last_tried)
            yield Appointment(Task.UNFINISHED, f"unfinished {order.invoice_id} {tried.isoformat()}", tried + AGAIN)


def _payments(work: OpenWork, now: datetime, days_backwards: int, every: timedelta) -> Iterator[Appointment]:
    young_from = oslo_day(now) - timedelta(days=days_backwards)
    asked = [
        (asked_again_at(orders.order_date, orders.asked_at, young_from=young_from, every=every) or AT_ONCE, orders)
        for orders in work.unpaid
    ]
    if asked:
        at, orders = min(asked, key=lambda each: (each[0], each[1].order_date))
        text = orders.asked_at.isoformat() if orders.asked_at is not None else f"of {orders.order_date}"
        yield Appointment(Task.PAYMENTS, f"payments {text}", at)


def _looks(work: OpenWork, now: datetime) -> Iterator[Appointment]:
    if work.is_adopting:
        tried = work.last_tried or AT_ONCE
        yield Appointment(Task.ADOPTION, f"adoption {tried.isoformat()}", tried + AGAIN)
    today = oslo_day(now)
    if work.last_complete is None:
        midnight, _ = utc_bounds(today)
        yield Appointment(Task.LOOK, f"first look of {today}", midnight)
    else:
        _, midnight = utc_bounds(oslo_day(work.last_complete))
        at = min(next_turn(work.last_complete, LOOK_ANYWAY), midnight)
        yield Appointment(Task.LOOK, f"look {work.last_complete.isoformat()}", at)


def _latest(instant: datetime, other: datetime | None) -> datetime:
    return instant if other is None else max(instant, other)


def _due(agenda: Iterable[Appointment], last_tried: datetime | None, now: datetime) -> Due:
    now_due: list[Appointment] = []
    later: list[Appointment] = []
    for each in agenda:
        (now_due if each.at <= now else later).append(each)
    if now_due:
        return Due(
            reason=_in_words(now_due),
            tasks=frozenset(each.text for each in now_due),
            is_urgent=any(each.task is Task.ISSUED for each in now_due),
            last_tried=last_tried,
        )
    next_at = min((each.at for each in later), default=None)
    waits = [f"{_in_words(some)} at {_clock(at)}" for at, some in _by_instant(later)]
    return Due(reason="; ".join(["nothing is due", *waits]), next_at=next_at, last_tried=last_tried)


def _by_instant(later: Iterable[Appointment]) -> list[tuple[datetime, list[Appointment]]]:
    """What comes next, for the eye: by task, each with the earliest of its instants."""
    by_task: dict[Task, list[Appointment]] = {}
    for each in later:
        by_task.setdefault(each.task, []).append(each)
    return sorted(((min(each.at for each in some), some) for some in by_task.values()), key=lambda waits: waits[0])


def _in_words(agenda: Iterable[Appointment]) -> str:
    numbers = Counter(each.task for each in agenda)
    return "; ".join(task.of(numbers[task]) for task in Task if task in numbers)


def _clock(instant: datetime) -> str:
    """The time of day in Oslo."""
    return f"{instant.astimezone(OSLO):%H:%M}"
