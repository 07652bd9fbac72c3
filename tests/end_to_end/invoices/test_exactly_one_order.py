"""Every invoice becomes exactly one order, whatever happens on the way (decisions 7)."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from qondor_finago_pipelines.flows.invoices.first_contact import confirm
from qondor_finago_pipelines.records.operations.results import RecordState
from qondor_finago_pipelines.sandbox import World
from tests.end_to_end.installation import Installation, outcome


def test_a_second_run_over_the_same_queue_writes_nothing(
    installation: Installation, world: World, invoice: int
) -> None:
    first = installation.sync()
    assert outcome(first, invoice).state is RecordState.SETTLED
    world.calls.clear()

    second = installation.sync()

    assert world.calls.writes() == 0
    assert second.created == 0
    assert len(world.orders_of(invoice)) == 1


@pytest.mark.parametrize("fault", ["reset-after-effect", "500", "cut-reply", "short-reply", "html", "not-parsable"])
def test_a_write_whose_answer_is_lost_is_looked_up_and_never_sent_again(
    installation: Installation, world: World, invoice: int, fault: str
) -> None:
    world.faults.add("finago", "SaveInvoices", fault, lands=True, at=300)

    first = installation.sync()

    assert outcome(first, invoice).state is RecordState.UNCERTAIN
    assert not first.all_settled
    assert len(world.orders_of(invoice)) == 1

    second = installation.sync()

    assert outcome(second, invoice).state is RecordState.SETTLED
    assert len(world.orders_of(invoice)) == 1
    assert world.qondor.status_of(invoice) == "Processed"


def test_an_order_that_the_list_of_registered_ones_lacks_is_found_by_its_change_date_and_told(
    installation: Installation, world: World, invoice: int
) -> None:
    world.faults.add("finago", "SaveInvoices", "reset-after-effect")
    installation.sync()
    # As if Finago kept another time for the list than for the search.
    world.order_of(invoice).registered -= timedelta(days=1)

    second = installation.sync()

    assert outcome(second, invoice).state is RecordState.SETTLED
    assert len(world.orders_of(invoice)) == 1
    assert [problem.cause for problem in second.problems] == ["orders not listed"]
    assert f"invoice {invoice}" in second.problems[0].message
    assert installation.sync().all_settled


def test_not_found_is_said_only_after_both_ways_of_looking(
    installation: Installation, world: World, invoice: int
) -> None:
    world.faults.add("finago", "SaveInvoices", "reset-before-effect")
    installation.sync()
    world.calls.clear()
    world.faults.add("finago", "GetInvoices", "500", times=None)

    assert not installation.sync().all_settled
    assert world.orders_of(invoice) == []

    world.faults.clear()
    assert outcome(installation.sync(), invoice).state is RecordState.SETTLED
    assert len(world.orders_of(invoice)) == 1


@pytest.mark.parametrize("fault", ["reset-before-effect", "500"])
def test_a_write_that_never_arrived_is_sent_again_only_after_the_quiet_period(
    installation: Installation, world: World, invoice: int, fault: str
) -> None:
    installation.configure(sync={"quiet_period_seconds": 900})
    world.faults.add("finago", "SaveInvoices", fault)
    installation.sync()

    installation.wait(minutes=14)
    early = installation.sync()
    assert outcome(early, invoice).state is RecordState.UNCERTAIN
    assert world.orders_of(invoice) == []

    installation.wait(minutes=2)
    late = installation.sync()
    assert outcome(late, invoice).state is RecordState.SETTLED
    assert len(world.orders_of(invoice)) == 1


def test_a_run_on_an_empty_store_adopts_first_and_doubles_nothing(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    invoices = [world.add_invoice(customer=customer, project=project) for _ in range(3)]
    world.faults.add("qondor", "SetAsProcessed", "503", times=None)
    installation.sync()
    world.faults.clear()
    installation.lose_store()

    again = installation.sync()

    assert [outcome(again, invoice).state for invoice in invoices] == [RecordState.SETTLED] * 3
    assert [len(world.orders_of(invoice)) for invoice in invoices] == [1, 1, 1]


def test_first_contact_sends_one_order_and_the_others_wait_for_confirm(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    installation.configure(sync={"max_new_orders": 1})
    first, second = (world.add_invoice(customer=customer, project=project) for _ in range(2))

    result = installation.sync()

    assert outcome(result, first).state is RecordState.SETTLED
    assert outcome(result, second).reason == "waits for confirm"
    assert world.orders_of(second) == []
    with installation.service() as sync:
        confirm(sync.store, result.office)
    assert outcome(installation.sync(), second).state is RecordState.SETTLED


def test_an_unanswered_second_step_is_settled_by_reading_the_invoice_number(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    invoice = world.add_invoice(customer=customer, project=project, card=True)
    world.faults.add("finago", "SaveInvoices", "reset-after-effect", after=1)

    first = installation.sync()
    assert outcome(first, invoice).state is RecordState.UNCERTAIN

    second = installation.sync()
    assert outcome(second, invoice).state is RecordState.SETTLED
    assert world.qondor.status_of(invoice) == "Paid"
    assert len(world.orders_of(invoice)) == 1


def test_an_older_back_up_that_was_put_back_doubles_nothing(
    installation: Installation, world: World, project: int, customer: int
) -> None:
    """The orders of the days between stand in Finago, their invoices still in the queue: nothing was acknowledged."""
    world.add_invoice(project=project, customer=customer)
    installation.sync()
    file = Path(installation.store_url.removeprefix("sqlite:///"))
    back_up = file.with_name("back-up")
    with sqlite3.connect(file) as store, sqlite3.connect(back_up) as copy:
        store.backup(copy)
    installation.wait(hours=3)
    world.faults.add("qondor", "SetAsProcessed", "500", times=None)
    lost = [world.add_invoice(project=project, customer=customer) for _ in range(3)]
    installation.sync()
    assert [len(world.orders_of(invoice)) for invoice in lost] == [1, 1, 1]

    installation.lose_store()
    back_up.rename(file)
    world.faults.clear()
    installation.wait(hours=3)
    result = installation.sync()
    assert [len(world.orders_of(invoice)) for invoice in lost] == [1, 1, 1]
    assert (result.created, result.all_settled) == (0, True)
    assert any("older back-up" in warning for warning in result.warnings)
