"""What is gone in bulk, from Qondor's queue or Finago's orders, stays listed for a day: absence must be plausible."""

from __future__ import annotations

from copy import deepcopy

import pytest

from qondor_finago_pipelines.records.operations.results import Flow, RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import World
from tests.end_to_end.installation import OSLO, Installation, assert_held, assert_settled, outcome


def held(world: World, number: int) -> list[int]:
    """So many invoices of a customer whose External Reference is no Company ID."""
    customer = world.add_customer("Havgap AS", id=78, reference="F1", organisation_number="987654321")
    project = world.add_project("Board meeting", id=556, number="SO12346", customer=customer)
    return [world.add_invoice(customer=customer, project=project) for _ in range(number)]


def listed(installation: Installation) -> int:
    """How many invoices the store shows as waiting for somebody."""
    with installation.service() as service, service.store.read() as transaction:
        stored = transaction.outcomes.of_office(OSLO, Flow.INVOICES.value)
    return sum(how.state is RecordState.HELD for how in stored.values())


def test_what_goes_in_bulk_stays_listed_until_it_comes_back(installation: Installation, world: World) -> None:
    invoices = held(world, 12)
    installation.sync()
    kept = deepcopy(world.qondor.invoices)
    world.qondor.invoices.clear()

    [problem] = installation.sync().problems
    assert problem.message.startswith("12 of 12 records that wait for somebody are not shown any more")
    assert problem.remedy
    assert listed(installation) == 12

    world.qondor.invoices.update(kept)
    installation.wait(hours=3)
    result = installation.sync()
    assert result.problems == ()
    assert {outcome(result, invoice).state for invoice in invoices} == {RecordState.HELD}


def test_what_was_withdrawn_in_bulk_indeed_is_closed_after_a_day(installation: Installation, world: World) -> None:
    held(world, 12)
    installation.sync()
    world.qondor.invoices.clear()
    installation.sync()
    installation.wait(hours=23)
    assert len(installation.sync().problems) == 1

    installation.wait(hours=1)

    assert installation.sync().problems == ()
    assert listed(installation) == 0


@pytest.mark.parametrize(("all_of_them", "gone"), [(1, 1), (10, 10), (60, 12)])
def test_a_few_are_withdrawn_at_once(installation: Installation, world: World, all_of_them: int, gone: int) -> None:
    invoices = held(world, all_of_them)
    installation.sync()
    for invoice in invoices[:gone]:
        del world.qondor.invoices[invoice]

    assert installation.sync().problems == ()
    assert listed(installation) == all_of_them - gone


def test_customers_and_projects_go_in_bulk_no_more_than_invoices(installation: Installation, world: World) -> None:
    for number in range(12):
        world.add_customer(f"Havgap {number} AS", reference="F1", organisation_number="987654321")
    installation.follow()
    kept = deepcopy(world.qondor.customers)
    world.qondor.customers.clear()

    [problem] = installation.follow().problems
    assert problem.message.startswith("12 of 12 records")

    world.qondor.customers.update(kept)
    assert installation.follow().problems == ()


@pytest.fixture
def forgotten(installation: Installation, world: World, customer: int, project: int) -> list[int]:
    """Twelve invoices with their orders, of which a store that was lost knows nothing: six are in the queue still."""
    invoices = [world.add_invoice(customer=customer, project=project) for _ in range(12)]
    installation.configure(sync={"max_new_orders": "unlimited"})
    world.faults.add("qondor", "SetAsProcessed", "503", after=6, times=None)
    installation.sync()
    world.faults.clear()
    installation.lose_store()
    # The first contact lists the orders, by both ways of looking, and no more than that.
    world.faults.add("finago", "GetInvoices", "500", after=2, times=None)
    installation.sync()
    world.faults.clear()
    assert len(waiting(installation)) == 12
    return invoices


def waiting(installation: Installation) -> list[str]:
    """The references of the listed orders that nobody has looked at yet, the next one first."""
    with installation.service() as service, service.store.read() as transaction:
        [client] = [client for client, offices in service.offices_by_client().items() if OSLO in offices]
        return [reference for _, reference in transaction.adoption.waiting_orders(client, 1000)]


def test_orders_that_are_not_shown_any_more_are_made_no_second_time(
    installation: Installation, world: World, forgotten: list[int]
) -> None:
    shown = dict(world.books(OSLO).orders)
    world.books(OSLO).orders.clear()
    queued = [invoice for invoice in forgotten if world.qondor.status_of(invoice) == "Unprocessed"]
    assert len(queued) == 6

    result = installation.sync()

    assert world.books(OSLO).orders == {}
    assert {problem.cause for problem in result.problems} == {"vanished"}
    for invoice in queued:
        assert_held(result, invoice, Reason.ORDER_GONE)
    assert len(waiting(installation)) == 12

    world.books(OSLO).orders.update(shown)
    installation.wait(hours=20)
    assert_settled(installation.sync(), *queued)
    installation.sync()
    assert waiting(installation) == []
    assert [len(world.orders_of(invoice)) for invoice in forgotten] == [1] * 12


def test_orders_that_were_deleted_indeed_are_let_go_after_a_day(
    installation: Installation, world: World, forgotten: list[int]
) -> None:
    world.books(OSLO).orders.clear()
    installation.sync()
    installation.wait(hours=25)
    assert installation.sync().problems == ()
    assert waiting(installation) == []
    assert sum(len(world.orders_of(invoice)) for invoice in forgotten) == 6
