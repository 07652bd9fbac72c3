"""Which Finago project an invoice belongs to, and the project that its first invoice creates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from tests.end_to_end.installation import BERGEN, OSLO, Installation, assert_held, assert_settled

AKTIV, AVSLUTTET = 1, 2


def projects(world: World) -> Any:
    return world.books(OSLO).projects


def invoice_of(world: World, customer: int, project: int, **invoice: Any) -> int:
    return world.add_invoice(customer=customer, project=project, **invoice)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param("SO12345", 12345, id="SO and a number"),
        pytest.param(" SO12345 ", 12345, id="outer space"),
        pytest.param("SO2147483647", 2147483647, id="the largest id"),
        pytest.param("SO2147483648", 555, id="beyond the largest id"),
        pytest.param("SO12345-2", 555, id="more than a number"),
        pytest.param("so12345", 555, id="small letters"),
        pytest.param("BG-2026-7", 555, id="another convention"),
    ],
)
def test_the_project_number_or_else_the_qondor_id_is_the_finago_project_id(
    installation: Installation, world: World, customer: int, number: str, expected: int
) -> None:
    invoice = invoice_of(world, customer, world.add_project(id=555, number=number, customer=customer))

    result = installation.sync()

    assert_settled(result, invoice)
    assert world.order_of(invoice)["ProjectId"] == expected
    assert list(projects(world)) == [expected]
    assert bool(result.warnings) is (number.casefold().startswith("so") and expected == 555)


def test_the_first_invoice_creates_the_project_and_later_ones_leave_it_alone(
    installation: Installation, world: World, customer: int
) -> None:
    project = world.add_project(
        "Kick-off 2026",
        number="SO12345",
        customer=customer,
        category="Conference",
        start=date(2026, 12, 1),
        end=date(2026, 12, 3),
    )
    invoices = [invoice_of(world, customer, project) for _ in range(2)]
    assert_settled(installation.sync(), *invoices)

    made = dict(projects(world)[12345].members)
    assert made == {
        "Id": 12345,
        "Name": "Kick-off 2026",
        "CustomerId": 4711,
        "StatusId": AKTIV,
        "TypeId": 1,
        "DateStart": datetime(2026, 12, 1),  # noqa: DTZ001
        "DateStop": datetime(2026, 12, 3),  # noqa: DTZ001
        "NameDisplay": "Plain",
        "TimeReg": "WorkType",
    }
    world.qondor.projects[project]["name"] = "Kick-off 2027"
    later = invoice_of(world, customer, project)
    assert_settled(installation.sync(), later)
    assert projects(world)[12345].members == made
    assert world.calls.count("finago", "SaveProject") == 1


@pytest.mark.parametrize(
    ("status", "expected"),
    [("pending", AKTIV), ("confirmed", AKTIV), ("cancelled", AVSLUTTET), ("finished", AVSLUTTET)],
)
def test_the_project_is_created_whatever_its_status_with_the_mapped_status(
    installation: Installation, world: World, customer: int, status: str, expected: int
) -> None:
    invoice = invoice_of(world, customer, world.add_project(number="SO12345", customer=customer, status=status))

    assert_settled(installation.sync(), invoice)

    assert projects(world)[12345]["StatusId"] == expected


def test_a_category_that_finago_does_not_have_leaves_the_type_out_with_a_warning(
    installation: Installation, world: World, customer: int
) -> None:
    invoice = invoice_of(world, customer, world.add_project(number="SO12345", customer=customer, category="Gala"))

    result = installation.sync()

    assert_settled(result, invoice)
    assert projects(world)[12345].get("TypeId") is None
    assert any("'Gala'" in warning for warning in result.warnings)


@pytest.mark.parametrize("status", ["Aktiv", "Avsluttet"])
def test_the_status_that_a_new_project_needs_must_exist_in_finago(
    installation: Installation, world: World, customer: int, status: str
) -> None:
    statuses = world.books(OSLO).project_statuses
    number = next(key for key, name in statuses.items() if name == status)
    del statuses[number]
    qondor_status = "confirmed" if status == "Aktiv" else "finished"
    invoice = invoice_of(world, customer, world.add_project(number="SO12345", customer=customer, status=qondor_status))

    refused = assert_held(installation.sync(), invoice, Reason.SET_UP)

    assert status in refused.message
    statuses[number] = status
    assert_settled(installation.sync(), invoice)


def test_two_projects_with_one_finago_id_are_both_refused_by_name(
    installation: Installation, world: World, customer: int
) -> None:
    # 600 has no SO number and is itself; SO600 is somebody else's way to the same id.
    conflicts = [
        world.add_project(id=id, number=number, customer=customer) for id, number in ((600, "X"), (601, "SO600"))
    ]
    invoices = [invoice_of(world, customer, project) for project in conflicts]

    result = installation.sync()

    for invoice in invoices:
        refused = assert_held(result, invoice, Reason.PROJECT_ID_TAKEN)
        assert "600" in refused.message
        assert "601" in refused.message
    assert projects(world) == {}

    world.qondor.projects[601]["projectNo"] = world.qondor.invoices[invoices[1]]["projectNo"] = "SO12345"
    assert_settled(installation.sync(), *invoices)


def test_projects_of_two_offices_on_one_client_may_not_share_an_id(
    sandbox: Sandbox, installation: Installation, clock: Any
) -> None:
    world = sandbox.world = empty(shared_client=True, clock=clock)
    installation.configure()
    installation.sync_both()
    made = {}
    for office in (OSLO, BERGEN):
        customer = world.add_customer(f"Customer of {office}", office=office)
        project = world.add_project(office=office, number="SO12345", customer=customer)
        made[office] = world.add_invoice(customer=customer, project=project)

    results = installation.sync_both()

    for office, invoice in made.items():
        assert_held(results[office], invoice, Reason.PROJECT_ID_TAKEN)


@pytest.mark.parametrize(
    ("name", "same_customer"),
    [
        pytest.param("Kick-off 2026", False, id="the same name"),
        pytest.param("Something else", True, id="the same customer"),
    ],
)
def test_a_project_under_a_qondor_id_is_linked_when_name_or_customer_agrees(
    installation: Installation, world: World, customer: int, name: str, same_customer: bool
) -> None:
    world.add_finago_project(name, id=555, customer=4711 if same_customer else None)
    invoice = invoice_of(world, customer, world.add_project("Kick-off 2026", id=555, number="X", customer=customer))

    assert_settled(installation.sync(), invoice)

    assert world.order_of(invoice)["ProjectId"] == 555
    assert projects(world)[555]["Name"] == name


def test_an_accountants_own_project_is_never_overwritten(
    installation: Installation, world: World, customer: int
) -> None:
    world.add_company("Somebody else AS", id=4712)
    world.add_finago_project("Year-end closing", id=555, customer=4712)
    invoice = invoice_of(world, customer, world.add_project(id=555, number="X", customer=customer))

    assert_held(installation.sync(), invoice, Reason.PROJECT_OF_SOMEBODY_ELSE)

    assert projects(world)[555]["Name"] == "Year-end closing"
    assert world.orders_of(invoice) == []


def test_a_projects_own_customer_is_created_before_it(installation: Installation, world: World, customer: int) -> None:
    host = world.add_customer("Host of the event AS")
    invoice = invoice_of(world, customer, world.add_project(number="SO12345", customer=host))

    assert_settled(installation.sync(), invoice)

    company = world.books(OSLO).companies[projects(world)[12345]["CustomerId"]]
    assert company["ExternalId"] == str(host)
    assert world.order_of(invoice)["CustomerId"] == 4711


@pytest.mark.parametrize("fault", ["reset-after-effect", "reset-before-effect"])
def test_a_project_of_which_nobody_knows_whether_it_landed_is_looked_up_first(
    installation: Installation, world: World, customer: int, project: int, fault: str
) -> None:
    invoice = invoice_of(world, customer, project)
    world.faults.add("finago", "SaveProject", fault)

    first = installation.sync()

    assert not first.all_settled
    assert world.orders_of(invoice) == []
    installation.wait(seconds=2)
    assert_settled(installation.sync(), invoice)
    assert list(projects(world)) == [12345]
