"""When a run is worth it: what is new, what waits and until when, and what the sensor asks for again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qondor_finago_pipelines.records.identifiers import ClientId, OfficeId, QondorInvoiceId
from qondor_finago_pipelines.records.invoices.invoices import QondorInvoice, QueueEntry
from qondor_finago_pipelines.records.links import Intent, IntentState, Kind
from qondor_finago_pipelines.records.operations.open_work import (
    Asked,
    Due,
    KnownRecord,
    OpenWork,
    UnfinishedOrder,
    UnpaidOrders,
)
from qondor_finago_pipelines.records.operations.results import RecordState
from qondor_finago_pipelines.records.plans import digest_of
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.rules.operations.due import (
    AGAIN,
    ASK_AGAIN,
    LONGEST,
    LOOK_ANYWAY,
    ask,
    due_by_the_clock,
    due_invoices,
    request_key,
)

OSLO = OfficeId(102)
NOW = datetime(2026, 11, 20, 9, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
QUIET = OpenWork(office_id=OSLO, last_tried=NOW - 7 * MINUTE, last_complete=NOW - 7 * MINUTE)
"""Looked at five past, and nothing open."""

HELD = KnownRecord(
    id="9001",
    state=RecordState.HELD,
    reason=Reason.SET_UP,
    since=NOW - 7 * MINUTE,
    looked_at=NOW - 7 * MINUTE,
    content_hash="as it was",
)
WRITE = Intent(
    id=1,
    client_id=ClientId(7),
    office_id=OSLO,
    kind=Kind.ORDER,
    key="9001",
    payload_hash="p",
    committed_at=NOW - 7 * MINUTE,
    state=IntentState.UNCERTAIN,
    expected={},
)
RULES: dict[str, Any] = {
    "days_backwards": 30,
    "payments_every": timedelta(minutes=30),
    "quiet_period": timedelta(minutes=15),
    "fail_after": timedelta(hours=24),
}


def entry(invoice_id: int, **members: Any) -> QueueEntry:
    return QueueEntry(id=QondorInvoiceId(invoice_id), office_id=OSLO, **members)


def due(work: OpenWork = QUIET, *queue: QueueEntry, now: datetime = NOW, **changes: Any) -> Due:
    return due_invoices(work, queue, now=now, **{**RULES, **changes})


def open_work(**members: Any) -> OpenWork:
    return replace(QUIET, **members)


# what is due


def test_nothing_in_the_queue_and_nothing_open_is_not_due_and_says_until_when() -> None:
    found = due()
    assert not found
    assert found.reason == "nothing is due; a look at everything at 11:00"
    assert found.next_at == datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def test_an_invoice_that_no_run_has_met_is_due_at_once() -> None:
    found = due(QUIET, entry(9001), entry(9002))
    assert found
    assert found.is_urgent
    assert found.reason == "2 new invoices"
    assert found.tasks == {"invoice 9001", "invoice 9002"}


def test_an_invoice_that_stands_twice_in_the_list_is_one() -> None:
    assert due(QUIET, entry(9001), entry(9001)).reason == "1 new invoice"


@pytest.mark.parametrize("state", [RecordState.HELD, RecordState.FAILED, RecordState.SETTLED])
def test_what_a_run_has_met_already_is_not_new(state: RecordState) -> None:
    assert not due(open_work(known=[replace(HELD, state=state, looked_at=NOW)]), entry(9001))


@pytest.mark.parametrize(
    ("held_for", "again_after"),
    [
        (timedelta(0), AGAIN),
        (HOUR, AGAIN),
        (2 * HOUR, 10 * MINUTE),
        (timedelta(days=30), LONGEST),
    ],
)
def test_the_longer_a_record_is_held_the_less_often_it_is_looked_at(
    held_for: timedelta, again_after: timedelta
) -> None:
    looked_at = NOW - again_after
    work = open_work(known=[replace(HELD, since=looked_at - held_for, looked_at=looked_at)], last_complete=looked_at)
    task = f"again 9001 {looked_at.isoformat()}"
    assert task in due(work, entry(9001)).tasks
    assert task not in due(work, entry(9001), now=NOW - timedelta(seconds=1)).tasks


def test_a_complete_run_counts_as_a_look_though_it_had_nothing_to_say_of_the_record() -> None:
    """Qondor lists an invoice, but its detail says that it is processed: the run leaves it as it stands."""
    listed = replace(HELD, state=RecordState.SETTLED, looked_at=NOW - HOUR, since=NOW - HOUR)
    assert not due(open_work(known=[listed], last_complete=NOW - MINUTE), entry(9001))


def test_a_held_invoice_is_due_when_its_waiting_time_in_qondor_is_over() -> None:
    mendable = replace(HELD, reason=Reason.VAT_MISMATCH, since=NOW - 24 * HOUR, looked_at=NOW - MINUTE)
    work = open_work(known=[mendable], last_complete=NOW - MINUTE)
    assert due(work, entry(9001))
    assert not due(work, entry(9001), now=NOW - timedelta(seconds=1))
    assert not due(open_work(known=[replace(mendable, reason=Reason.SET_UP)]), entry(9001))
    failed_in_vain = replace(mendable, since=NOW - 25 * HOUR)
    assert not due(open_work(known=[failed_in_vain], last_complete=NOW - MINUTE), entry(9001)), "it had its look"


def test_what_a_person_let_go_is_due_at_once() -> None:
    waiting = replace(HELD, reason=Reason.WAITS_FOR_CONFIRM, looked_at=NOW - MINUTE, mended_at=NOW)
    assert due(open_work(known=[waiting]), entry(9001)).reason == "1 held invoice that a person let go"
    seen = replace(waiting, looked_at=NOW + MINUTE)
    assert not due(open_work(known=[seen]), entry(9001), now=NOW + 2 * MINUTE)


def test_a_held_invoice_that_changed_in_qondor_is_due_at_once_where_the_list_shows_it() -> None:
    detail = QondorInvoice(id=QondorInvoiceId(9001), office_id=OSLO, number="2026-0042")
    looked_at = open_work(known=[replace(HELD, looked_at=NOW)])
    assert due(looked_at, entry(9001, detail=detail)).reason == "1 held invoice changed in Qondor"
    assert not due(looked_at, entry(9001)), "a summary does not show it"
    same = replace(HELD, looked_at=NOW, content_hash=digest_of(detail))
    assert not due(open_work(known=[same]), entry(9001, detail=detail))


def test_an_uncertain_write_is_due_the_moment_its_quiet_period_is_over() -> None:
    committed = NOW - timedelta(minutes=15)
    work = open_work(unsettled=[replace(WRITE, committed_at=committed)], last_tried=NOW - MINUTE)
    assert due(work).reason == "1 uncertain write to look up"
    assert not due(work, now=NOW - timedelta(seconds=1))


def test_an_uncertain_write_is_looked_up_before_too_since_what_is_found_counts_at_once() -> None:
    work = open_work(unsettled=[replace(WRITE, committed_at=NOW - AGAIN)], last_tried=None)
    assert due(work)
    assert not due(work, now=NOW - timedelta(seconds=1))


def test_an_uncertain_write_whose_look_up_fails_is_tried_every_five_minutes() -> None:
    old = replace(WRITE, committed_at=NOW - 3 * HOUR)
    assert not due(open_work(unsettled=[old], last_tried=NOW - AGAIN + timedelta(seconds=1)))
    assert due(open_work(unsettled=[old], last_tried=NOW - AGAIN))


def test_an_order_in_quarantine_waits_for_a_person() -> None:
    order = replace(WRITE, committed_at=NOW - 9 * HOUR, state=IntentState.QUARANTINED)
    assert not due(open_work(unsettled=[order]))
    assert due(open_work(unsettled=[replace(order, kind=Kind.COMPANY)], last_tried=NOW - LONGEST))


def test_an_order_that_finago_does_not_show_yet_is_looked_at_every_five_minutes() -> None:
    unseen = replace(HELD, state=RecordState.UNCERTAIN, reason=None, looked_at=NOW - AGAIN)
    assert due(open_work(known=[unseen], last_tried=NOW - AGAIN))
    assert not due(open_work(known=[unseen], last_tried=NOW - MINUTE))


def test_an_order_that_qondor_was_not_told_of_is_due_when_it_left_the_queue() -> None:
    order = UnfinishedOrder(invoice_id=QondorInvoiceId(9001), linked_at=NOW - HOUR)
    work = open_work(unfinished=[order], last_tried=NOW - AGAIN)
    assert due(work).reason == "1 order that Qondor was not told of"
    assert not due(open_work(unfinished=[order], last_tried=NOW - MINUTE))
    assert due(work, entry(9001)).reason == "1 new invoice", "in the queue it is that"


@pytest.mark.parametrize(
    ("asked_at", "is_due"),
    [(None, True), (NOW - 12 * MINUTE, False), (NOW - 13 * MINUTE, True), (NOW - MINUTE, False)],
)
def test_payments_are_due_at_the_turn_of_the_clock(asked_at: datetime | None, is_due: bool) -> None:
    unpaid = UnpaidOrders(order_date=date(2026, 11, 10), asked_at=asked_at)
    assert bool(due(open_work(unpaid=[unpaid]))) is is_due


def test_older_orders_are_asked_for_once_a_day() -> None:
    old = UnpaidOrders(order_date=date(2026, 10, 1), asked_at=NOW - 2 * HOUR)
    assert not due(open_work(unpaid=[old]))
    assert due(open_work(unpaid=[replace(old, asked_at=NOW - 11 * HOUR)])).reason == "payments"


def test_orders_of_before_are_adopted_run_by_run() -> None:
    assert due(open_work(is_adopting=True, last_tried=NOW - AGAIN))
    assert not due(open_work(is_adopting=True, last_tried=NOW - MINUTE))


def test_everything_is_looked_at_once_an_hour_and_first_of_all_each_day() -> None:
    assert due(open_work(last_complete=None)).reason == "a look at everything"
    assert due(open_work(last_complete=NOW - LOOK_ANYWAY))
    midnight = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
    late = open_work(last_complete=midnight - MINUTE)
    assert not due(late, now=midnight - timedelta(seconds=1))
    assert due(late, now=midnight)


def test_a_queue_that_could_not_be_polled_is_work_and_no_empty_queue() -> None:
    found = due_invoices(QUIET, None, now=NOW, **RULES)
    assert found
    assert found.reason == "a queue that could not be polled"


def test_a_flow_by_the_clock_is_due_unless_a_complete_run_began_after_the_tick() -> None:
    assert due_by_the_clock(None, tick=NOW)
    assert due_by_the_clock(NOW - MINUTE, tick=NOW)
    found = due_by_the_clock(NOW + MINUTE, tick=NOW)
    assert not found
    assert found.reason == "a complete run began at 10:13, after this tick was due"


# what the sensor asks for


def work_of(*tasks: str, last_tried: datetime | None = None) -> Due:
    return Due(reason="work", tasks=frozenset(tasks), last_tried=last_tried)


def test_the_same_work_is_not_asked_for_again_before_somebody_had_time_for_it() -> None:
    asked = ask(work_of("invoice 9001"), None, NOW)
    assert asked == Asked(tasks=frozenset({"invoice 9001"}), at=NOW, times=1)
    assert ask(work_of("invoice 9001"), asked, NOW + ASK_AGAIN - timedelta(seconds=1)) is None
    again = ask(work_of("invoice 9001"), asked, NOW + ASK_AGAIN)
    assert again is not None
    assert again.times == 2
    assert request_key(again) != request_key(asked)


def test_what_is_left_of_the_work_waits_too() -> None:
    asked = Asked(tasks=frozenset({"invoice 9001", "invoice 9002"}), at=NOW, times=1)
    assert ask(work_of("invoice 9002"), asked, NOW + MINUTE) is None


def test_new_work_does_not_wait_for_what_is_stuck() -> None:
    asked = Asked(tasks=frozenset({"invoice 9001"}), at=NOW, times=1)
    assert ask(work_of("invoice 9001", "invoice 9002"), asked, NOW + MINUTE) is not None


def test_where_somebody_else_tried_meanwhile_the_sensor_waits_from_then_on() -> None:
    asked = Asked(tasks=frozenset({"invoice 9001"}), at=NOW, times=1)
    tried = work_of("invoice 9001", last_tried=NOW + 5 * MINUTE)
    assert ask(tried, asked, NOW + ASK_AGAIN) is None
    assert ask(tried, asked, NOW + 5 * MINUTE + ASK_AGAIN) is not None


def test_the_same_look_at_the_same_memory_asks_for_the_same_run() -> None:
    """A daemon that dies after its request repeats it: Dagster knows the key, and makes no second run."""
    first, second = (ask(work_of("b", "a"), None, NOW) for _ in range(2))
    assert first is not None
    assert second is not None
    assert request_key(first) == request_key(second)


# nothing is forgotten, and nothing spins

instants = st.integers(0, 3 * 24 * 60).map(lambda minutes: NOW - minutes * MINUTE)
known_records = st.builds(
    KnownRecord,
    id=st.integers(9001, 9006).map(str),
    state=st.sampled_from([RecordState.HELD, RecordState.UNCERTAIN, RecordState.FAILED, RecordState.SETTLED]),
    since=instants,
    looked_at=instants,
    reason=st.sampled_from([None, Reason.SET_UP, Reason.VAT_MISMATCH, Reason.WAITS_FOR_CONFIRM, Reason.QUARANTINED]),
    mended_at=st.none() | instants,
)
writes = st.builds(
    replace,
    st.just(WRITE),
    id=st.integers(1, 99),
    key=st.integers(9001, 9006).map(str),
    kind=st.sampled_from([Kind.ORDER, Kind.COMPANY, Kind.INVOICING]),
    state=st.sampled_from([IntentState.OPEN, IntentState.UNCERTAIN, IntentState.QUARANTINED]),
    committed_at=instants,
)
works = st.builds(
    OpenWork,
    office_id=st.just(OSLO),
    known=st.lists(known_records, max_size=4, unique_by=lambda record: record.id),
    unsettled=st.lists(writes, max_size=3),
    unfinished=st.lists(
        st.builds(UnfinishedOrder, invoice_id=st.integers(9001, 9006).map(QondorInvoiceId), linked_at=instants),
        max_size=2,
    ),
    unpaid=st.lists(
        st.builds(
            UnpaidOrders, order_date=st.dates(date(2026, 9, 1), date(2026, 11, 20)), asked_at=st.none() | instants
        ),
        max_size=3,
    ),
    is_adopting=st.booleans(),
    last_tried=st.none() | instants,
    last_complete=st.none() | instants,
)
queues = st.lists(st.integers(9001, 9008).map(entry), max_size=4)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(works, queues)
def test_whatever_is_open_is_due_within_the_hour(work: OpenWork, queue: list[QueueEntry]) -> None:
    found = due(work, *queue)
    if not found:
        assert found.next_at is not None
        assert NOW < found.next_at <= NOW + LOOK_ANYWAY
        assert due(work, *queue, now=found.next_at), "it said so itself"
        assert not due(work, *queue, now=found.next_at - timedelta(seconds=1)), "and not before"


@settings(derandomize=True, max_examples=150, deadline=None)
@given(works, queues)
def test_nothing_is_overlooked_however_it_is_open(work: OpenWork, queue: list[QueueEntry]) -> None:
    """An hour after the last look whoever is in the queue or in the store has been due."""
    later = due(work, *queue, now=NOW + LOOK_ANYWAY)
    met = {record.id for record in work.known}
    for each in queue:
        assert str(each.id) in met or f"invoice {each.id}" in later.tasks
    for record in work.known:
        if record.state is not RecordState.UNCERTAIN:
            assert any(task.split()[1] == record.id for task in later.tasks)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(works, queues, st.lists(st.sampled_from(["nothing", "looked", "died"]), min_size=1, max_size=6))
def test_a_run_that_settles_nothing_is_asked_for_no_faster_than_the_schedule(
    work: OpenWork, queue: list[QueueEntry], runs: list[str]
) -> None:
    """Two hours of the sensor, every half minute, while no run gets anything done. It may look, fail, or just die."""
    asked: Asked | None = None
    requests: list[datetime] = []
    now = NOW
    while now < NOW + 2 * HOUR:
        wanted = ask(due(work, *queue, now=now), asked, now)
        if wanted is not None:
            ended = runs[len(requests) % len(runs)]
            requests.append(now)
            asked = wanted
            if ended != "died":
                work = replace(work, last_tried=now)
            if ended == "looked":
                work = replace(
                    work,
                    known=[replace(record, looked_at=now) for record in work.known],
                    unpaid=[replace(orders, asked_at=now) for orders in work.unpaid],
                    last_complete=now,
                )
        now += timedelta(seconds=30)
    # Each thing that becomes due for the first time goes at once; after that, the pace is that of the schedule.
    for start in requests:
        stretch = [each for each in requests if start <= each < start + 30 * MINUTE]
        assert len(stretch) <= 2 * 30 * MINUTE / AGAIN
