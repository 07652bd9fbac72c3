"""Which offices have work, as sensor and schedules find out: over HTTP, before and after runs of the flow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from qondor_finago_pipelines.flows.invoices.first_contact import confirm
from qondor_finago_pipelines.flows.operations.due_work import Lookout
from qondor_finago_pipelines.records.errors import SystemUnreachable
from qondor_finago_pipelines.records.invoices.open_work import Due
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.settings import Settings
from qondor_finago_pipelines.store import Ledger
from tests.end_to_end.installation import BERGEN, OSLO, Installation, assert_held, assert_settled, outcome

POLLS = {"qondor GetAllUnprocessedInvoices": 1}


@pytest.fixture
def lookout(installation: Installation) -> Iterator[Lookout]:
    with installation.desk() as desk:
        yield lookout_at(installation, desk.settings, desk.ledger)


def lookout_at(installation: Installation, settings: Settings, ledger: Ledger) -> Lookout:
    return Lookout(settings, installation.environ, ledger, pause=installation.clock.sleep)


@pytest.fixture
def invoice(world: World, customer: int, project: int) -> int:
    return world.add_invoice(customer=customer, project=project)


@pytest.fixture
def at_rest(installation: Installation) -> Installation:
    """Both offices have had their first look of the day."""
    installation.sync(OSLO)
    installation.sync(BERGEN)
    installation.wait(minutes=1)
    installation.world.calls.clear()
    return installation


def tick(lookout: Lookout, flow: Flow = Flow.INVOICES) -> Due:
    return lookout.due(flow, OSLO, tick=lookout.ledger.now())


def test_a_new_office_is_due_and_after_its_first_run_it_is_not(installation: Installation, lookout: Lookout) -> None:
    assert lookout.due_invoices()[OSLO].reason == "a look at everything"
    installation.sync(OSLO)
    installation.wait(seconds=30)
    due = lookout.due_invoices()
    assert (bool(due[OSLO]), bool(due[BERGEN])) == (False, True)


def test_one_poll_tells_of_all_offices_and_nobody_logs_in_to_finago(
    at_rest: Installation, lookout: Lookout, world: World, customer: int, project: int
) -> None:
    first = world.add_invoice(customer=customer, project=project)
    due = lookout.due_invoices()
    assert (due[OSLO].reason, bool(due[BERGEN])) == ("1 new invoice", False)
    assert due[OSLO].tasks == {f"invoice {first}"}
    assert world.calls.by_operation() == POLLS


def test_what_was_settled_since_the_poll_is_known_as_settled(
    at_rest: Installation, lookout: Lookout, invoice: int
) -> None:
    assert lookout.due_invoices()[OSLO]
    assert_settled(at_rest.sync(OSLO), invoice)
    assert not tick(lookout), "the poll that the schedule shares still shows it"


def test_a_poll_of_the_sensor_serves_the_schedules_of_all_offices(
    at_rest: Installation, lookout: Lookout, world: World
) -> None:
    lookout.due_invoices()
    for office in (OSLO, BERGEN):
        lookout.due(Flow.INVOICES, office, tick=lookout.ledger.now())
    assert world.calls.by_operation() == POLLS


def test_the_sensor_itself_gets_a_fresh_poll(
    at_rest: Installation, lookout: Lookout, world: World, customer: int, project: int
) -> None:
    assert not lookout.due_invoices()[OSLO]
    world.add_invoice(customer=customer, project=project)
    at_rest.wait(seconds=lookout._settings.sync.poll_seconds)
    assert lookout.due_invoices()[OSLO]


def test_a_poll_that_fails_is_told_to_the_sensor_and_is_work_for_the_schedule(
    at_rest: Installation, lookout: Lookout, world: World
) -> None:
    world.faults.add("qondor", "GetAllUnprocessedInvoices", "500", times=1)
    with pytest.raises(SystemUnreachable):
        lookout.due_invoices()
    assert tick(lookout).reason == "a queue that could not be polled"
    assert world.calls.count("qondor") == 1, "one try, which all of them share: the next tick is the next try"
    at_rest.wait(seconds=lookout._settings.sync.poll_seconds)
    assert not lookout.due_invoices()[OSLO]


def test_a_held_invoice_is_left_alone_for_five_minutes_and_a_run_in_between_counts(
    at_rest: Installation, lookout: Lookout, world: World, customer: int
) -> None:
    homeless = world.add_invoice(customer=customer, project=None)
    assert_held(at_rest.sync(OSLO), homeless, Reason.NO_PROJECT)
    at_rest.wait(minutes=4, seconds=59)
    assert not lookout.due_invoices()[OSLO]
    at_rest.wait(seconds=6)
    assert lookout.due_invoices()[OSLO].reason == "1 held invoice"
    at_rest.sync(OSLO)
    at_rest.wait(seconds=30)
    assert not lookout.due_invoices()[OSLO]


def test_what_waits_for_confirm_is_due_as_soon_as_a_person_said_so(
    installation: Installation, world: World, invoice: int, customer: int, project: int
) -> None:
    installation.configure(sync={"max_new_orders": 1})
    waits = world.add_invoice(customer=customer, project=project)
    first = installation.sync(OSLO)
    assert_settled(first, invoice)
    assert_held(first, waits, Reason.WAITS_FOR_CONFIRM)
    installation.wait(minutes=1)
    with installation.desk() as desk:
        lookout = lookout_at(installation, desk.settings, desk.ledger)
        assert not lookout.due_invoices()[OSLO]
        confirm(desk.ledger, OSLO)
        installation.wait(seconds=5)
        assert lookout.due_invoices()[OSLO].reason == "1 held invoice that a person let go"
    assert_settled(installation.sync(OSLO), waits)


def test_an_order_that_may_have_landed_is_due_when_its_quiet_period_is_over(
    at_rest: Installation, world: World, invoice: int
) -> None:
    at_rest.configure(sync={"quiet_period_seconds": 120})
    world.faults.add("finago", "SaveInvoices", "reset-before-effect", times=1)
    result = at_rest.sync(OSLO)
    assert outcome(result, invoice).state == "uncertain"
    with at_rest.desk() as desk:
        lookout = lookout_at(at_rest, desk.settings, desk.ledger)
        at_rest.wait(seconds=60)
        assert not lookout.due_invoices()[OSLO]
        at_rest.wait(seconds=61)
        assert lookout.due_invoices()[OSLO].reason == "1 uncertain write to look up"
    assert_settled(at_rest.sync(OSLO), invoice)


def test_payments_come_round_by_the_clock_and_the_schedule_leaves_them_to_the_sensor_for_a_moment(
    installation: Installation, world: World, invoice: int
) -> None:
    installation.configure(sync={"payments_every_minutes": 15})
    assert_settled(installation.sync(OSLO), invoice)
    with installation.desk() as desk:
        lookout = lookout_at(installation, desk.settings, desk.ledger)
        installation.wait(minutes=14)
        assert not lookout.due_invoices()[OSLO]
        installation.wait(minutes=1, seconds=5)
        assert not tick(lookout)
        assert lookout.due_invoices()[OSLO].reason == "payments"
        installation.wait(seconds=10)
        assert tick(lookout)
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
    installation: Installation, lookout: Lookout, customer: int
) -> None:
    at = installation.clock()
    assert lookout.due(Flow.CUSTOMERS_AND_PROJECTS, OSLO, tick=at)
    installation.wait(minutes=1)
    installation.follow(OSLO)
    assert not lookout.due(Flow.CUSTOMERS_AND_PROJECTS, OSLO, tick=at), "the daemon came late"
    assert lookout.due(Flow.CUSTOMERS_AND_PROJECTS, OSLO, tick=at + timedelta(hours=1))


def test_an_office_that_is_closed_is_never_due(installation: Installation, world: World, invoice: int) -> None:
    installation.configure(office_options={"closed": True})
    with installation.desk() as desk:
        lookout = lookout_at(installation, desk.settings, desk.ledger)
        assert lookout.due_invoices() == {}
        assert tick(lookout).reason == "the office is closed"
    assert world.calls.calls == []
