"""The invoice flow beside the customer and project flow: both create companies and projects, and nothing twice."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from qondor_finago_pipelines.records.operations.results import RecordState
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from qondor_finago_pipelines.store import Store
from tests.end_to_end.customers_and_projects.edits import companies, edit_project, projects, writes
from tests.end_to_end.installation import BERGEN, OSLO, Installation, assert_settled, outcome

NUMBER = "912345688"


@pytest.fixture
def shared(sandbox: Sandbox, installation: Installation, clock: Any) -> World:
    """Oslo and Bergen keep their books in one Finago client, and both have been there."""
    sandbox.world = empty(shared_client=True, clock=clock)
    installation.configure()
    for office in (OSLO, BERGEN):
        installation.follow(office)
    return sandbox.world


def new_business(world: World, *, offices: tuple[int, ...] = (OSLO,)) -> list[int]:
    """In each office a customer of one organisation, its project, and an invoice; gives the invoices."""
    invoices = []
    for office in offices:
        customer = world.add_customer("Nordlys AS", office=office, organisation_number=NUMBER)
        project = world.add_project(office=office, customer=customer)
        invoices.append(world.add_invoice(customer=customer, project=project))
    return invoices


@pytest.mark.parametrize("invoices_first", [True, False])
def test_what_one_flow_created_the_other_finds(installation: Installation, world: World, invoices_first: bool) -> None:
    (invoice,) = new_business(world)
    flows = [installation.sync, installation.follow]

    for flow in flows if invoices_first else flows[::-1]:
        assert flow().all_settled
    written = writes(world)
    for flow in flows:
        assert flow().all_settled

    (company,) = companies(world)
    (project,) = projects(world)
    order = world.order_of(invoice)
    assert (order["CustomerId"], order["ProjectId"]) == (company, project)
    assert writes(world) == written


def test_both_flows_of_two_offices_on_one_client_at_once_create_each_thing_once(
    installation: Installation, shared: World
) -> None:
    new_business(shared, offices=(OSLO, BERGEN))
    shared.faults.add("finago", "SaveCompanies", "latency", seconds=0.2, times=None)
    flows = [(flow, office) for office in (OSLO, BERGEN) for flow in (installation.sync, installation.follow)]

    with ThreadPoolExecutor(len(flows)) as pool:
        for future in [pool.submit(flow, office) for flow, office in flows]:
            future.result()
    for flow, office in flows:
        flow(office)

    assert Counter(company["OrganizationNumber"] for company in companies(shared).values()) == {NUMBER: 1}
    assert len(projects(shared)) == 2
    assert len(shared.books(OSLO).orders) == 2


def test_the_flow_waits_for_the_lease_of_its_finago_client_and_names_the_holder(
    installation: Installation, world: World, project: int, clock: Any
) -> None:
    installation.follow()
    edit_project(world, project, name="Changed")
    with Store.open(installation.store_url, clock=clock, sleep=clock.sleep) as store:
        lease = store.take_lease(
            f"{world.offices[OSLO].client_id}:finago",
            "the invoice run",
            lasts=timedelta(minutes=5),
            wait=timedelta(0),
        )
        result = installation.follow()
        store.release(lease)

    assert "the invoice run" in str(result.skipped)
    assert projects(world)[12345]["Name"] == "Kick-off 2026"
    assert_settled(installation.follow(), "project 555")


@pytest.mark.parametrize("operation", ["SaveCompanies", "SaveProject"])
@pytest.mark.parametrize("fault", ["reset-after-effect", "reset-before-effect"])
@pytest.mark.parametrize("invoices_first", [True, False])
def test_what_one_flow_left_uncertain_the_other_looks_up_and_never_doubles(
    installation: Installation, world: World, operation: str, fault: str, invoices_first: bool
) -> None:
    (invoice,) = new_business(world)
    flows = [installation.sync, installation.follow]
    world.faults.add("finago", operation, fault)
    first, second = flows if invoices_first else flows[::-1]

    assert not first().all_settled
    at_once = second()
    assert at_once.all_settled or at_once.uncertain
    installation.wait(seconds=2)
    for flow in (second, first):
        assert flow().all_settled

    assert [company["OrganizationNumber"] for company in companies(world).values()] == [NUMBER]
    assert list(projects(world)) == [world.order_of(invoice)["ProjectId"]]


def test_a_project_that_the_invoice_flow_created_is_followed_from_then_on(
    installation: Installation, world: World, customer: int
) -> None:
    project = world.add_project(number="SO12345", customer=customer, status="pending")
    invoice = world.add_invoice(customer=customer, project=project)
    assert_settled(installation.sync(), invoice)
    edit_project(world, project, name="Kick-off 2027", status=4)

    assert_settled(installation.follow(), f"project {project}")

    assert (projects(world)[12345]["Name"], projects(world)[12345]["StatusId"]) == ("Kick-off 2027", 2)


def test_a_lost_store_doubles_nothing(installation: Installation, world: World) -> None:
    new_business(world)
    installation.follow()
    before = [sorted(companies(world)), sorted(projects(world))]
    installation.lose_store()
    written = writes(world)

    result = installation.follow()

    assert result.all_settled
    assert [sorted(companies(world)), sorted(projects(world))] == before
    assert writes(world) == written


def test_first_contact_holds_orders_but_neither_customers_nor_projects(
    installation: Installation, world: World
) -> None:
    installation.configure(sync={"max_new_orders": 0})
    (invoice,) = new_business(world)
    assert outcome(installation.sync(), invoice).state is RecordState.HELD
    assert not companies(world)

    assert installation.follow().all_settled

    assert len(companies(world)) == len(projects(world)) == 1


def test_a_session_of_other_books_writes_nothing(installation: Installation, world: World, project: int) -> None:
    installation.follow()
    edit_project(world, project, name="Changed")
    other = world.offices[BERGEN].client_id
    for session in world.finago.sessions.values():
        object.__setattr__(session.identity, "client_id", other)
    written = writes(world)

    result = installation.follow()

    assert [problem.cause for problem in result.problems] == ["login"]
    assert writes(world) == written
