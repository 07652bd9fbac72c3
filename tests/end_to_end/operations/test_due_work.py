"""Which offices have work, as sensor and schedules find out: over HTTP, before and after runs of the flow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from qondor_finago_pipelines.flows.invoices.first_contact import confirm
from qondor_finago_pipelines.flows.operations.due_work import DueWork
from qondor_finago_pipelines.records.errors import SystemUnreachable
from qondor_finago_pipelines.records.operations.open_work import Due
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.settings import Settings
from qondor_finago_pipelines.store import Store
from tests.end_to_end.installation import BERGEN, OSLO, Installation, assert_held, assert_settled, outcome

POLLS = {"qondor GetAllUnprocessedInvoices": 1}


@pytest.fixture
def due_work(installation: Installation) -> Iterator[DueWork]:
    with installation.service() as sync:
        yield sync.due_work


def due_work_at(installation: Installation, settings: Settings, store: Store) -> DueWork:
    return DueWork(settings, installation.environ, store, pause=installation.clock.sleep)


@pytest.fixture
def at_rest(installation: Installation) -> Installation:
    """Both offices have had their first look of the day."""
    installation.sync(OSLO)
    installation.sync(BERGEN)
    installation.wait(minutes=1)
    installation.world.calls.clear()
    return installation


def tick(due_work: DueWork, flow: Flow = Flow.INVOICES) -> Due:
    return due_work.due(flow, OSLO, tick=due_work.store.now())


def test_a_new_office_is_due_and_after_its_first_run_it_is_not(installation: Installation, due_work: DueWork) -> None:
    assert due_work.due_invoices()[OSLO].reason == "a look at everything"
    installation.sync(OSLO)
    installation.wait(seconds=30)
    due = due_work.due_invoices()
    assert (bool(due[OSLO]), bool(due[BERGEN])) == (False, True)


def test_one_poll_tells_of_all_offices_and_nobody_logs_in_to_finago(
    at_rest: Installation, due_work: DueWork, world: World, customer: int, project: int
) -> None:
    first = world.add_invoice(customer=customer, project=project)
    due = due_work.due_invoices()
    assert (due[OSLO].reason, bool(due[BERGEN])) == ("1 new invoice", False)
    assert due[OSLO].tasks == {f"invoice {first}"}
    assert world.calls.by_operation() == POLLS


def test_what_was_settled_since_the_poll_is_known_as_settled(
    at_rest: Installation, due_work: DueWork, invoice: int
) -> None:
    assert due_work.due_invoices()[OSLO]
    assert_settled(at_rest.sync(OSLO), invoice)
    assert not tick(due_work), "the poll that the schedule shares still shows it"


def test_a_poll_of_the_sensor_serves_the_schedules_of_all_offices(
    at_rest: Installation, due_work: DueWork, world: World
) -> None:
    due_work.due_invoices()
    for office in (OSLO, BERGEN):
        due_work.due(Flow.INVOICES, office, tick=due_work.store.now())
    assert world.calls.by_operation() == POLLS


def test_the_sensor_itself_gets_a_fresh_poll(
    at_rest: Installation, due_work: DueWork, world: World, customer: int, project: int
) -> None:
    assert not due_work.due_invoices()[OSLO]
    world.add_invoice(customer=customer, project=project)
    at_rest.wait(seconds=due_work._settings.sync.poll_seconds)
    assert due_work.due_invoices()[OSLO]


def test_a_poll_that_fails_is_told_to_the_sensor_and_is_work_for_the_schedule(
    at_rest: Installation, due_work: DueWork, world: World
) -> None:
    world.faults.add("qondor", "GetAllUnprocessedInvoices", "500", times=1)
    with pytest.raises(SystemUnreachable):
        due_work.due_invoices()
    assert tick(due_work).reason == "a queue that could not be polled"
    assert world.calls.count("qondor") == 1, "one try, which all of them share: the next tick is the next try"
    at_rest.wait(seconds=due_work._settings.sync.poll_seconds)
    assert not due_work.due_invoices()[OSLO]


def test_a_held_invoice_is_left_alone_for_five_minutes_and_a_run_in_between_counts(
    at_rest: Installation, due_work: DueWork, world: World, customer: int
) -> None:
    homeless = world.add_invoice(customer=customer, project=None)
    assert_held(at_rest.sync(OSLO), homeless, Reason.NO_PROJECT)
    at_rest.wait(minutes=4, seconds=59)
    assert not due_work.due_invoices()[OSLO]
    at_rest.wait(seconds=6)
    assert due_work.due_invoices()[OSLO].reason == "1 held invoice"
    at_rest.sync(OSLO)
    at_rest.wait(seconds=30)
    assert not due_work.due_invoices()[OSLO]


def test_what_waits_for_confirm_is_due_as_soon_as_a_person_said_so(
    installation: Installation, world: World, invoice: int, customer: int, project: int
) -> None:
    installation.configure(sync={"max_new_orders": 1})
    waits = world.add_invoice(customer=customer, project=project)
    first = installation.sync(OSLO)
    assert_settled(first, invoice)
    assert_held(first, waits, Reason.WAITS_FOR_CONFIRM)
    installation.wait(minutes=1)
    with installation.service() as sync:
        due_work = due_work_at(installation, sync.settings, sync.store)
        assert not due_work.due_invoices()[OSLO]
        confirm(sync.store, OSLO)
        installation.wait(seconds=5)
        assert due_work.due_invoices()[OSLO].reason == "1 held invoice that a person let go"
    assert_settled(installation.sync(OSLO), waits)


def test_an_order_that_may_have_landed_is_due_when_its_quiet_period_is_over(
    at_rest: Installation, world: World, invoice: int
) -> None:
    at_rest.configure(sync={"quiet_period_seconds": 120})
    world.faults.add("finago", "SaveInvoices", "reset-before-effect", times=1)
    result = at_rest.sync(OSLO)
    assert outcome(result, invoice).state == "uncertain"
    with at_rest.service() as sync:
        due_work = due_work_at(at_rest, sync.settings, sync.store)
        at_rest.wait(seconds=60)
        assert not due_work.due_invoices()[OSLO]
        at_rest.wait(seconds=61)
        assert due_work.due_invoices()[OSLO].reason == "1 uncertain write to look up"
    assert_settled(at_rest.sync(OSLO), invoice)


def test_payments_come_round_by_the_clock_and_the_schedule_leaves_them_to_the_sensor_for_a_moment(
    installation: Installation, world: World, invoice: int
) -> None:
    installation.configure(sync={"payments_every_minutes": 15})
    assert_settled(installation.sync(OSLO), invoice)
    with installation.service() as sync:
        due_work = due_work_at(installation, sync.settings, sync.store)
        installation.wait(minutes=14)
        assert not due_work.due_invoices()[OSLO]
        installation.wait(minutes=1, seconds=5)
        assert not tick(due_work)
        assert due_work.due_invoices()[OSLO].reason == "payments"
        installation.wait(seconds=10)
        assert tick(due_work)
    world.calls.clear()
    installation.sync(OSLO, trigger="sensor")
    assert world.calls.by_operation() == {**POLLS, "finago GetInvoices": 1}


def test_the_sensor_asks_only_for_the_payments_whose_turn_it_is(
    installation: Installation, world: World, invoice: int
) -> None:
    installation.configure(sync={"payments_every_minutes": 30})
    assert_settled(installation.sync(OSLO), invoice)
    installation.wait(minutes=10)
    world.calls.clear()
    installation.sync(OSLO, trigger="sensor")
    assert world.calls.by_operation() == POLLS
    installation.sync(OSLO, trigger="ui")
    assert world.calls.count("finago", "GetInvoices") == 1, "a person's run always asks"


def test_the_other_flows_are_due_at_each_tick_unless_somebody_was_faster(
    installation: Installation, due_work: DueWork, customer: int
) -> None:
    at = installation.clock()
    assert due_work.due(Flow.CUSTOMERS_AND_PROJECTS, OSLO, tick=at)
    installation.wait(minutes=1)
    installation.follow(OSLO)
    assert not due_work.due(Flow.CUSTOMERS_AND_PROJECTS, OSLO, tick=at), "the daemon came late"
    assert due_work.due(Flow.CUSTOMERS_AND_PROJECTS, OSLO, tick=at + timedelta(hours=1))


def test_an_office_that_is_closed_is_never_due(installation: Installation, world: World, invoice: int) -> None:
    installation.configure(office_options={"closed": True})
    with installation.service() as sync:
        due_work = due_work_at(installation, sync.settings, sync.store)
        assert due_work.due_invoices() == {}
        assert tick(due_work).reason == "the office is closed"
    assert world.calls.calls == []
