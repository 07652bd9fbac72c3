"""An invoice bears a copy of its project; what counts is the project's own record, and the link in the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from tests.end_to_end.installation import BERGEN, OSLO, Installation, assert_held, assert_settled

COPIES = pytest.mark.parametrize(
    "copy",
    [
        pytest.param({"projectNo": None}, id="no number"),
        pytest.param({"projectNo": "so12345"}, id="another case"),
        pytest.param({"projectNo": "SO11111"}, id="an old number"),
        pytest.param({"projectNo": "SO 12345"}, id="a space in it"),
        pytest.param({"projectNo": "SO12345-2"}, id="a part"),
        pytest.param({"projectName": "Kick-off 2025"}, id="an old name"),
    ],
)
LINKED = pytest.mark.parametrize("linked", [True, False], ids=["linked", "new"])


def invoice_with(world: World, customer: int, project: int, copy: Mapping[str, Any]) -> int:
    invoice = world.add_invoice(customer=customer, project=project)
    world.qondor.invoices[invoice].update(copy)
    return invoice


@LINKED
@COPIES
def test_a_copy_never_decides_which_project_takes_the_revenue(
    installation: Installation, world: World, customer: int, project: int, linked: bool, copy: Mapping[str, Any]
) -> None:
    if linked:
        assert_settled(installation.follow(), "project 555")
    invoice = invoice_with(world, customer, project, copy)

    result = installation.sync()

    assert_settled(result, invoice)
    assert list(world.books(OSLO).projects) == [12345]
    assert world.order_of(invoice)["ProjectId"] == 12345
    # Where store and copy agree on the number, nobody looks at the rest of the record.
    if not (linked and "projectName" in copy):
        assert any("the record is followed" in warning for warning in result.warnings)
    written = world.calls.writes("finago")
    installation.sync()
    assert world.calls.writes("finago") == written


def test_a_new_projects_name_is_its_records_and_so_is_the_event_in_the_title(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    invoice = invoice_with(world, customer, project, {"projectName": "Kick-off 2025", "name": "Final"})

    assert_settled(installation.sync(), invoice)

    assert world.books(OSLO).projects[12345]["Name"] == "Kick-off 2026"
    assert world.order_of(invoice)["InvoiceTitle"] == "Final - Kick-off 2026"


def test_a_copy_that_agrees_costs_no_call_and_one_that_does_not_costs_one(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    installation.follow()
    for copy, asked in (({}, 0), ({"projectNo": None}, 1)):
        world.calls.clear()
        invoices = [invoice_with(world, customer, project, copy) for _ in range(2)]
        assert_settled(installation.sync(), *invoices)
        assert world.calls.count("qondor", "GetProject") == asked
        assert world.calls.count("qondor", "GetAllProjects") == 0
        assert world.calls.count("finago", "GetProjectsDetailed") == 1


def test_the_link_holds_until_the_projects_own_number_changes(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    first = world.add_invoice(customer=customer, project=project)
    assert_settled(installation.sync(), first)
    world.qondor.projects[project]["projectNo"] = "SO20000"
    old = invoice_with(world, customer, project, {"projectNo": "SO12345"})
    assert_settled(installation.sync(), old)
    assert world.order_of(old)["ProjectId"] == 12345

    new = world.add_invoice(customer=customer, project=project)
    result = installation.sync()

    assert_settled(result, new)
    assert world.order_of(new)["ProjectId"] == 20000
    assert any("was project 12345" in warning for warning in result.warnings)
    late = invoice_with(world, customer, project, {"projectNo": "SO12345"})
    assert_settled(installation.sync(), late)
    assert world.order_of(late)["ProjectId"] == 20000


def test_a_record_that_cannot_be_read_holds_its_own_invoices_alone(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    other = world.add_project("Board meeting", id=556, number="SO12346", customer=customer)
    installation.follow()
    held = invoice_with(world, customer, project, {"projectNo": None})
    settles = world.add_invoice(customer=customer, project=other)
    for operation in ("GetProject", "GetAllProjects"):
        odd = {"reference": "555", "member": "projectNo", "value": {}}
        world.faults.add("qondor", operation, "odd-value", times=None, **odd)

    result = installation.sync()

    assert_held(result, held, Reason.UNREADABLE)
    assert_settled(result, settles)
    world.faults.clear()
    assert_settled(installation.sync(), held)
    assert world.order_of(held)["ProjectId"] == 12345


@pytest.mark.parametrize("fault", ["not-parsable", "null-member"])
def test_a_record_that_does_not_come_alone_is_looked_for_in_the_list(
    installation: Installation, world: World, customer: int, project: int, fault: str
) -> None:
    installation.follow()
    invoice = invoice_with(world, customer, project, {"projectNo": None})
    world.faults.add("qondor", "GetProject", fault, times=None, **({"member": "id"} if fault == "null-member" else {}))

    assert_settled(installation.sync(), invoice)

    assert world.order_of(invoice)["ProjectId"] == 12345


@pytest.mark.parametrize("number", ["SO12345", "X"])
def test_a_linked_projects_invoices_wait_too_while_another_one_claims_its_id(
    installation: Installation, world: World, customer: int, project: int, number: str
) -> None:
    if number == "X":
        world.qondor.projects[project]["projectNo"] = "X"
    installation.follow()
    rival = world.add_project("Board meeting", id=556, number="SO12345" if number == "SO12345" else "SO555")
    assert_held(installation.follow(), f"project {rival}", Reason.PROJECT_ID_TAKEN)
    invoice = world.add_invoice(customer=customer, project=project)

    refused = assert_held(installation.sync(), invoice, Reason.PROJECT_ID_TAKEN)

    assert "555" in refused.message
    assert "556" in refused.message
    world.qondor.projects[rival]["projectNo"] = "SO556"
    assert_settled(installation.sync(), invoice)


def test_a_project_of_an_office_with_other_books_takes_no_invoice(
    installation: Installation, world: World, customer: int
) -> None:
    theirs = world.add_project("Fjord tour", id=700, number="SO700", office=BERGEN)
    invoice = invoice_with(world, customer, theirs, {"officeId": OSLO})

    refused = assert_held(installation.sync(), invoice, Reason.NO_PROJECT)

    assert "office 103" in refused.message
    assert not world.books(OSLO).projects
    # The remedy helps.
    ours = world.add_project("Fjord tour", id=701, number="SO701", office=OSLO)
    world.qondor.invoices[invoice].update(projectId=ours, projectNo="SO701")
    assert_settled(installation.sync(), invoice)


def test_a_project_of_another_office_of_the_same_books_takes_it(
    sandbox: Sandbox, installation: Installation, clock: Any
) -> None:
    world = sandbox.world = empty(shared_client=True, clock=clock)
    installation.configure()
    installation.sync_both()
    customer = world.add_customer("Nordlys AS", office=OSLO)
    theirs = world.add_project("Fjord tour", id=700, number="SO700", office=BERGEN)
    invoice = invoice_with(world, customer, theirs, {"officeId": OSLO})

    assert_settled(installation.sync(), invoice)
