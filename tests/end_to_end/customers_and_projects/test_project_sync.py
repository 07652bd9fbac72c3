"""Projects follow Qondor: number, name, status, dates, category and customer (article: project sync, linking)."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from qondor_finago_pipelines.records.operations.results import FieldChange, RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from tests.end_to_end.installation import BERGEN, OSLO, Installation, assert_held, assert_settled, outcome

from .edits import companies, edit_customer, edit_project, projects, snapshot, writes

AKTIV, AVSLUTTET = 1, 2


def midnight(year: int, month: int, day: int) -> datetime:
    """A day as Finago holds it: without time zone."""
    return datetime(year, month, day)  # noqa: DTZ001


# The table of project fields


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        pytest.param("SO12345", 12345, id="SO and a number"),
        pytest.param("SO12345-2", 555, id="more than a number"),
        pytest.param("BG-2026-7", 555, id="another convention"),
    ],
)
def test_the_project_number_or_else_the_qondor_id_is_the_finago_project_id(
    installation: Installation, world: World, customer: int, number: str, expected: int
) -> None:
    world.add_project(id=555, number=number, customer=customer)

    result = installation.follow()

    assert_settled(result, "project 555")
    assert list(projects(world)) == [expected]
    assert bool(result.warnings) is (number == "SO12345-2")


def test_a_confirmed_project_is_created_with_every_field(
    installation: Installation, world: World, customer: int
) -> None:
    world.add_project(
        "Kick-off 2026",
        id=555,
        number="SO12345",
        customer=customer,
        category="Conference",
        start=date(2026, 12, 1),
        end=date(2026, 12, 3),
    )

    result = installation.follow()

    assert projects(world)[12345].members == {
        "Id": 12345,
        "Name": "Kick-off 2026",
        "CustomerId": 4711,
        "StatusId": AKTIV,
        "TypeId": 1,
        "DateStart": midnight(2026, 12, 1),
        "DateStop": midnight(2026, 12, 3),
        "NameDisplay": "Plain",
        "TimeReg": "WorkType",
    }
    assert outcome(result, "project 555").did == "created project 12345"


@pytest.mark.parametrize(
    ("in_qondor", "in_finago", "told"),
    [
        pytest.param({"name": "Årsmøte"}, {"Name": "Årsmøte"}, ("name", "Kick-off 2026", "Årsmøte"), id="Project name"),
        pytest.param({"name": "N" * 300}, {"Name": "N" * 300}, ("name", "Kick-off 2026", "N" * 300), id="300 letters"),
        pytest.param({"status": 3}, {"StatusId": AVSLUTTET}, ("status", "Aktiv", "Avsluttet"), id="Project status"),
        pytest.param(
            {"startDate": "2027-01-11"},
            {"DateStart": midnight(2027, 1, 11)},
            ("start date", None, "2027-01-11"),
            id="DateStart",
        ),
        pytest.param(
            {"endDate": "2027-01-12"},
            {"DateStop": midnight(2027, 1, 12)},
            ("end date", None, "2027-01-12"),
            id="DateStop",
        ),
        pytest.param({"projectCategory": "conference"}, {"TypeId": 1}, ("category", "", "Conference"), id="TypeId"),
        pytest.param({"customerId": 78}, {"CustomerId": 4712}, ("customer", "4711", "4712"), id="CustomerId"),
    ],
)
def test_what_changes_in_qondor_changes_in_finago_and_only_that(
    installation: Installation,
    world: World,
    project: int,
    in_qondor: dict[str, Any],
    in_finago: dict[str, Any],
    told: tuple[str, str | None, str],
) -> None:
    world.add_company("Fjord AS", id=4712)
    world.add_customer("Fjord AS", id=78, reference=4712)
    assert installation.follow().all_settled
    before = copy.deepcopy(projects(world)[12345].members)
    edit_project(world, project, **in_qondor)

    result = installation.follow()

    assert_settled(result, "project 555")
    assert projects(world)[12345].members == {**before, **in_finago}
    field, was, became = told
    was = was if was is not None else str(before[next(iter(in_finago))].date())
    assert result.changes == (FieldChange(record="project 555", field=field, before=was, after=became),)
    assert (result.created, result.updated) == (0, 1)
    written = writes(world)
    installation.follow()
    assert writes(world) == written


def test_what_finagos_people_own_is_never_touched_and_never_reset(
    installation: Installation, world: World, customer: int
) -> None:
    owned: dict[str, Any] = {
        "Participants": [11, 12],
        "Budget": 250000,
        "DepartmentId": 3,
        "Description": "Ask Kari first",
        "CustomerReference": "PO-88",
        "MultiCustomer": True,
        "FixedPrice": True,
    }
    world.add_finago_project("Old name", id=12345, **copy.deepcopy(owned))
    world.add_project("Kick-off 2026", id=555, number="SO12345", customer=customer)

    assert_settled(installation.follow(), "project 555")

    project = projects(world)[12345]
    assert project["Name"] == "Kick-off 2026"
    assert {name: project[name] for name in owned} == owned


def test_a_project_without_category_dates_or_customer_is_created_and_clears_nothing(
    installation: Installation, world: World
) -> None:
    world.add_project("Empty", id=555, number="SO12345", startDate=None, endDate=None)
    assert installation.follow().all_settled
    assert projects(world)[12345].members == {
        "Id": 12345,
        "Name": "Empty",
        "StatusId": AKTIV,
        "NameDisplay": "Plain",
        "TimeReg": "WorkType",
    }
    projects(world)[12345].members.update(TypeId=1, DateStart=midnight(2026, 12, 1))
    before = copy.deepcopy(projects(world)[12345].members)

    assert installation.follow().all_settled

    assert projects(world)[12345].members == before


def test_a_category_that_finago_does_not_have_leaves_the_type_out_with_a_warning(
    installation: Installation, world: World
) -> None:
    world.add_project(id=555, number="SO12345", category="Gala")

    result = installation.follow()

    assert_settled(result, "project 555")
    assert projects(world)[12345].get("TypeId") is None
    assert any("'Gala'" in warning for warning in result.warnings)


# Status mapping; when projects are synced


@pytest.mark.parametrize(
    ("status", "expected"),
    [("pending", AKTIV), ("confirmed", AKTIV), ("cancelled", AVSLUTTET), ("finished", AVSLUTTET)],
)
def test_the_status_of_a_project_that_exists_is_mapped(
    installation: Installation, world: World, status: str, expected: int
) -> None:
    world.add_finago_project("Kick-off 2026", id=12345, status="Avsluttet" if expected == AKTIV else "Aktiv")
    world.add_project("Kick-off 2026", id=555, number="SO12345", status=status)

    assert_settled(installation.follow(), "project 555")

    assert projects(world)[12345]["StatusId"] == expected


@pytest.mark.parametrize("status", ["pending", "cancelled", "finished"])
def test_only_confirmed_projects_are_created(installation: Installation, world: World, status: str) -> None:
    project = world.add_project(id=555, number="SO12345", status=status)

    result = installation.follow()

    assert_settled(result, "project 555")
    assert outcome(result, "project 555").did == "not confirmed, so not created"
    assert not projects(world)
    edit_project(world, project, status=2)
    assert_settled(installation.follow(), "project 555")
    assert list(projects(world)) == [12345]


@pytest.mark.usefixtures("project")
def test_a_status_name_that_finago_lacks_is_a_matter_of_set_up(installation: Installation, world: World) -> None:
    statuses = world.books(OSLO).project_statuses
    del statuses[AKTIV]

    refused = assert_held(installation.follow(), "project 555", Reason.SET_UP)

    assert "Aktiv" in refused.message
    statuses[AKTIV] = "Aktiv"
    assert_settled(installation.follow(), "project 555")


def test_an_unknown_status_is_refused_and_not_guessed(installation: Installation, world: World) -> None:
    world.add_project(id=555, number="SO12345", status="confirmed")
    edit_project(world, 555, status=9, statusText="OnHold")

    assert_held(installation.follow(), "project 555", Reason.UNKNOWN_TYPE)

    assert not projects(world)


@pytest.mark.parametrize("finago_status", ["Aktiv", "Avsluttet"])
def test_a_deactivated_project_comes_back_when_qondor_has_it_confirmed(
    installation: Installation, world: World, finago_status: str
) -> None:
    world.add_finago_project("Kick-off 2026", id=12345, status=finago_status, deactivated=True)
    world.add_project("Kick-off 2026", id=555, number="SO12345")

    result = installation.follow()

    assert_settled(result, "project 555")
    assert projects(world)[12345].active
    assert projects(world)[12345]["StatusId"] == AKTIV
    assert FieldChange(record="project 555", field="status", before="deactivated", after="Aktiv") in result.changes


@pytest.mark.parametrize("status", ["pending", "cancelled", "finished"])
def test_a_deactivated_project_stays_so_while_qondor_does_not_have_it_confirmed(
    installation: Installation, world: World, status: str
) -> None:
    world.add_finago_project("Old name", id=12345, status="Avsluttet", deactivated=True)
    world.add_project("Kick-off 2026", id=555, number="SO12345", status=status)

    assert_settled(installation.follow(), "project 555")

    assert not projects(world)[12345].active
    assert projects(world)[12345]["Name"] == "Kick-off 2026"


def test_only_projects_changed_within_the_configured_days_are_processed(
    installation: Installation, world: World
) -> None:
    for project, days in ((555, 6), (556, 8)):
        changed = (world.now() - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        world.add_project(id=project, number=f"SO{project}", settingsLastEditedDate=changed)

    assert [record.id for record in installation.follow().records] == ["project 555"]

    installation.configure(office_options={"customers_and_projects": {"changed_within_days": 10}})
    assert [record.id for record in installation.follow().records] == ["project 555", "project 556"]


@pytest.mark.parametrize("began", ["complete", "never complete"])
def test_an_outage_longer_than_the_window_loses_no_change(
    installation: Installation, world: World, project: int, began: str
) -> None:
    if began == "complete":
        assert installation.follow().all_settled
    world.faults.add("finago", "GetProjectsDetailed", "500", times=None)
    installation.follow()
    installation.wait(hours=1)
    edit_project(world, project, name="Changed at the beginning of the outage")
    for _ in range(3):
        installation.wait(days=5)
        assert installation.follow().problems
    world.faults.clear()

    assert_settled(installation.follow(), "project 555")

    assert projects(world)[12345]["Name"] == "Changed at the beginning of the outage"


def test_a_change_made_while_a_run_is_under_way_is_seen_by_the_next(
    installation: Installation, world: World, project: int
) -> None:
    """The window begins where the last complete run began, not where it ended."""
    assert installation.follow().all_settled
    # Changed a minute before the run began, as Qondor's clock has it: too late for the list that the run had read.
    late = world.now().astimezone(UTC) - timedelta(minutes=1)
    installation.wait(days=9)
    world.qondor.projects[project].update(name="Late", settingsLastEditedDate=late.strftime("%Y-%m-%dT%H:%M:%SZ"))

    assert_settled(installation.follow(), "project 555")

    assert projects(world)[12345]["Name"] == "Late"


def test_a_project_that_is_held_is_looked_at_until_it_is_settled_whatever_the_window(
    installation: Installation, world: World, customer: int
) -> None:
    world.add_finago_project("Year-end closing", id=555)
    world.add_project("Kick-off 2026", id=555, number="X", customer=customer)
    for _ in range(3):
        assert_held(installation.follow(), "project 555", Reason.PROJECT_OF_SOMEBODY_ELSE)
        installation.wait(days=5)
    projects(world)[555].members["Name"] = "Kick-off 2026"

    assert_settled(installation.follow(), "project 555")

    assert projects(world)[555]["CustomerId"] == 4711
    assert [record.id for record in installation.follow().records] == ["customer 77"], "from now on it is known"


# Whose project it is


def test_two_projects_that_come_to_one_finago_id_are_both_refused_by_name(
    installation: Installation, world: World
) -> None:
    world.add_project(id=600, number="X")
    assert installation.follow().all_settled
    installation.wait(days=10)
    world.add_project(id=601, number="SO600")
    before = snapshot(world)

    result = installation.follow()

    for project in (600, 601):
        refused = assert_held(result, f"project {project}", Reason.PROJECT_ID_TAKEN)
        assert "600" in refused.message
        assert "601" in refused.message
    assert snapshot(world) == before
    edit_project(world, 601, projectNo="SO601")
    assert_settled(installation.follow(), "project 600", "project 601")
    assert sorted(projects(world)) == [600, 601]


def test_a_project_number_in_two_offices_of_one_client_is_refused_in_both(
    sandbox: Sandbox, installation: Installation, clock: Any
) -> None:
    world = sandbox.world = empty(shared_client=True, clock=clock)
    installation.configure()
    for office in (OSLO, BERGEN):
        installation.follow(office)
    for project, office in ((555, OSLO), (556, BERGEN)):
        world.add_project(id=project, number="SO12345", office=office)

    for project, office in ((555, OSLO), (556, BERGEN)):
        assert_held(installation.follow(office), f"project {project}", Reason.PROJECT_ID_TAKEN)
    assert not projects(world)


def test_a_project_number_in_two_offices_with_books_of_their_own_is_two_projects(
    installation: Installation, world: World
) -> None:
    for project, office in ((555, OSLO), (556, BERGEN)):
        world.add_project(id=project, number="SO12345", office=office)
        assert_settled(installation.follow(office), f"project {project}")
        assert list(projects(world, office)) == [12345]


@pytest.mark.parametrize("agrees", ["name", "customer", "nothing"])
def test_an_accountants_own_project_is_never_overwritten(
    installation: Installation, world: World, customer: int, agrees: str
) -> None:
    name = "Kick-off 2026" if agrees == "name" else "Year-end closing"
    world.add_finago_project(name, id=555, customer=4711 if agrees == "customer" else None)
    world.add_project("Kick-off 2026", id=555, number="X", customer=customer)

    result = installation.follow()

    if agrees == "nothing":
        assert_held(result, "project 555", Reason.PROJECT_OF_SOMEBODY_ELSE)
        assert projects(world)[555]["Name"] == "Year-end closing"
    else:
        assert_settled(result, "project 555")
        assert (projects(world)[555]["Name"], projects(world)[555]["CustomerId"]) == ("Kick-off 2026", 4711)


# A project links its customer first


def test_a_projects_customer_is_created_before_it_in_the_same_run(installation: Installation, world: World) -> None:
    world.add_customer("Nordlys AS", id=77)
    world.add_project(id=555, number="SO12345", customer=77)

    assert_settled(installation.follow(), "customer 77", "project 555")

    (company,) = companies(world)
    assert projects(world)[12345]["CustomerId"] == company


def test_a_refused_customer_leaves_its_project_without_and_the_project_follows_later(
    installation: Installation, world: World
) -> None:
    world.add_company("Nordlys AS", id=4711)
    world.add_customer("Nordlys AS", id=77, reference="ABC")
    world.add_project(id=555, number="SO12345", customer=77)

    result = installation.follow()

    assert_held(result, "customer 77", Reason.INVALID_CUSTOMER_REFERENCE)
    assert_settled(result, "project 555")
    assert projects(world)[12345].get("CustomerId") is None
    assert any("Project 555" in warning for warning in result.warnings)
    # Long after the project changed, somebody mends the customer.
    installation.wait(days=20)
    edit_customer(world, 77, externalReference="4711")
    assert_settled(installation.follow(), "customer 77", "project 555")
    assert projects(world)[12345]["CustomerId"] == 4711


def test_a_customer_that_finago_refuses_leaves_its_project_without_and_it_follows_later(
    installation: Installation, world: World
) -> None:
    world.add_customer("Nordlys AS", id=77)
    world.add_project(id=555, number="SO12345", customer=77)
    world.faults.add("finago", "SaveCompanies", "api-exception", item=0)

    result = installation.follow()

    assert_held(result, "customer 77", Reason.REFUSED_BY_FINAGO)
    assert_settled(result, "project 555")
    assert projects(world)[12345].get("CustomerId") is None
    installation.wait(days=20)
    assert installation.follow().all_settled
    (company,) = companies(world)
    assert projects(world)[12345]["CustomerId"] == company


# Writes that fail


@pytest.mark.parametrize("fault", ["reset-after-effect", "reset-before-effect"])
@pytest.mark.parametrize("is_there", [False, True])
@pytest.mark.usefixtures("project")
def test_a_project_of_which_nobody_knows_whether_it_was_saved_is_looked_at_first(
    installation: Installation, world: World, fault: str, is_there: bool
) -> None:
    if is_there:
        world.add_finago_project("Old name", id=12345)
    world.faults.add("finago", "SaveProject", fault)

    first = installation.follow()

    assert outcome(first, "project 555").state is RecordState.UNCERTAIN
    installation.wait(seconds=2)
    assert_settled(installation.follow(), "project 555")
    assert projects(world)[12345]["Name"] == "Kick-off 2026"


@pytest.mark.parametrize("is_there", [False, True])
def test_a_project_that_finago_refuses_stops_no_other(installation: Installation, world: World, is_there: bool) -> None:
    for project, category in ((555, "Conference"), (556, None)):
        world.add_project("Kick-off 2026", id=project, number=f"SO{project}", category=category)
        if is_there:
            world.add_finago_project("Old name", id=project)
    # The type is gone from Finago by the time that the project is saved with it.
    world.faults.add("finago", "GetProjectTypes", "unknown-enum-value", member="Key", value=99)

    result = installation.follow()

    assert_held(result, "project 555", Reason.REFUSED_BY_FINAGO)
    assert_settled(result, "project 556")
    assert_settled(installation.follow(), "project 555", "project 556")


# The day


@pytest.mark.usefixtures("project")
def test_a_past_day_is_refused_with_the_reason(installation: Installation, world: World) -> None:
    yesterday = world.today() - timedelta(days=1)
    result = installation.follow(day=yesterday, trigger="ui")

    assert [problem.cause for problem in result.problems] == ["settings"]
    assert str(yesterday) in result.problems[0].message
    assert world.calls.count() == 0


@pytest.mark.usefixtures("project")
def test_a_scheduled_run_that_begins_after_midnight_is_left_to_the_next(
    installation: Installation, world: World
) -> None:
    yesterday = world.today() - timedelta(days=1)
    result = installation.follow(day=yesterday, trigger="schedule")

    assert not result.problems
    assert f"{yesterday} is over" in str(result.skipped)
    assert world.calls.count() == 0


@pytest.mark.usefixtures("project")
def test_a_flow_that_is_disabled_is_skipped(installation: Installation, world: World) -> None:
    installation.configure(office_options={"customers_and_projects": {"enabled": False}})

    assert "disabled" in str(installation.follow().skipped)

    assert world.calls.count() == 0
