"""A project whose number changes in Qondor moves to the project of its new number, where that is free or its own."""

from __future__ import annotations

from typing import Any

import pytest

from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from tests.end_to_end.installation import BERGEN, OSLO, Installation, assert_held, assert_settled

from .edits import edit_project, projects, snapshot, writes


@pytest.fixture
def linked(installation: Installation, project: int) -> int:
    """Kick-off 2026, linked to project 12345 in Finago."""
    assert_settled(installation.follow(), "project 555")
    return project


def at_rest(installation: Installation, world: World) -> None:
    written = writes(world)
    installation.follow()
    installation.sync()
    assert writes(world) == written


def test_a_project_whose_number_changes_moves_and_says_so(
    installation: Installation, world: World, linked: int
) -> None:
    edit_project(world, linked, projectNo="SO20000")

    result = installation.follow()

    assert_settled(result, "project 555")
    assert sorted(projects(world)) == [12345, 20000]
    assert any("12345" in warning and "20000" in warning for warning in result.warnings)
    assert installation.follow().warnings == ()
    at_rest(installation, world)


@pytest.mark.parametrize("number", ["SO20000", "BG-7"])
def test_it_does_not_move_onto_an_accountants_project(
    installation: Installation, world: World, linked: int, number: str
) -> None:
    """A new number may be a slip: what it has been so far is left only for what is its own."""
    place = 20000 if number == "SO20000" else linked
    world.add_finago_project("Year-end closing", id=place)
    edit_project(world, linked, projectNo=number)
    before = snapshot(world)

    refused = assert_held(installation.follow(), "project 555", Reason.PROJECT_OF_SOMEBODY_ELSE)

    assert "12345" in refused.message
    assert str(place) in refused.message
    assert snapshot(world) == before
    invoice = world.add_invoice(customer=77, project=linked)
    assert_held(installation.sync(), invoice, Reason.PROJECT_OF_SOMEBODY_ELSE)
    # Either remedy helps.
    edit_project(world, linked, projectNo="SO12345")
    world.qondor.invoices[invoice]["projectNo"] = "SO12345"
    assert_settled(installation.sync(), invoice)
    assert_settled(installation.follow(), "project 555")
    edit_project(world, linked, projectNo=number, name="Year-end closing")
    assert_settled(installation.follow(), "project 555")
    at_rest(installation, world)


def test_it_moves_onto_what_is_its_own(installation: Installation, world: World, linked: int) -> None:
    world.add_finago_project("Kick-off 2026", id=20000)
    edit_project(world, linked, projectNo="SO20000")
    assert_settled(installation.follow(), "project 555")
    assert projects(world)[20000]["CustomerId"] == 4711
    at_rest(installation, world)


def test_a_deactivated_project_at_the_new_number_comes_back(
    installation: Installation, world: World, linked: int
) -> None:
    world.add_finago_project("Kick-off 2026", id=20000, active=False)
    edit_project(world, linked, projectNo="SO20000")
    assert_settled(installation.follow(), "project 555")
    assert projects(world)[20000].active
    at_rest(installation, world)


def test_two_projects_that_exchange_their_numbers_stay_where_they_are_until_a_person_has_looked(
    installation: Installation, world: World, linked: int
) -> None:
    world.add_project("Board meeting", id=556, number="SO12346", customer=77)
    assert_settled(installation.follow(), "project 556")
    edit_project(world, 555, projectNo="SO12346")
    edit_project(world, 556, projectNo="SO12345")
    before = snapshot(world)

    result = installation.follow()

    for project in (555, 556):
        assert_held(result, f"project {project}", Reason.PROJECT_ID_TAKEN)
    assert snapshot(world) == before
    edit_project(world, 555, projectNo="SO12345")
    edit_project(world, 556, projectNo="SO12346")
    assert_settled(installation.follow(), "project 555", "project 556")
    assert snapshot(world) == before


def test_a_number_that_another_project_still_stands_at_is_free_once_that_one_has_moved(
    installation: Installation, world: World, linked: int
) -> None:
    edit_project(world, linked, projectNo="SO20000")
    world.add_project("Board meeting", id=556, number="SO12345", customer=77)

    first = installation.follow()

    assert_settled(first, "project 555")
    refused = assert_held(first, "project 556", Reason.PROJECT_ID_TAKEN)
    assert "555" in refused.message
    assert projects(world)[12345]["Name"] == "Kick-off 2026"
    assert_settled(installation.follow(), "project 556")
    at_rest(installation, world)


def test_a_project_that_takes_anothers_number_holds_both(installation: Installation, world: World, linked: int) -> None:
    world.add_project("Board meeting", id=556, number="SO12346", customer=77)
    installation.follow()
    edit_project(world, 556, projectNo="SO12345")
    before = snapshot(world)

    result = installation.follow()

    for project in (555, 556):
        refused = assert_held(result, f"project {project}", Reason.PROJECT_ID_TAKEN)
        assert "555" in refused.message
        assert "556" in refused.message
    assert snapshot(world) == before


@pytest.mark.parametrize("status", ["pending", "finished", "cancelled"])
def test_one_that_may_not_be_created_stays_where_it_is_and_says_so(
    installation: Installation, world: World, linked: int, status: str
) -> None:
    code = {"pending": 1, "finished": 3, "cancelled": 4}[status]
    edit_project(world, linked, projectNo="SO20000", status=code)

    result = installation.follow()

    assert sorted(projects(world)) == [12345]
    assert any("12345" in warning and "20000" in warning for warning in result.warnings)
    at_rest(installation, world)


@pytest.mark.parametrize("first", [OSLO, BERGEN])
def test_a_number_that_a_project_of_another_office_of_the_client_has_is_refused_for_both(
    sandbox: Sandbox, installation: Installation, clock: Any, first: OfficeId
) -> None:
    world = sandbox.world = empty(shared_client=True, clock=clock)
    installation.configure()
    for project, office in ((555, OSLO), (655, BERGEN)):
        world.add_project(f"Event {project}", id=project, number=f"SO{project}00", office=office)
    for office in (OSLO, BERGEN):
        installation.follow(office)
    edit_project(world, 555, projectNo="SO65500")
    before = snapshot(world)

    for office in (first, *({OSLO, BERGEN} - {first})):
        result = installation.follow(office)
        if office == OSLO:
            assert_held(result, "project 555", Reason.PROJECT_ID_TAKEN)
    # Nothing changed in Bergen's own project: it is told as soon as it is looked at.
    edit_project(world, 655, name="Event in Bergen")
    assert_held(installation.follow(BERGEN), "project 655", Reason.PROJECT_ID_TAKEN)
    assert snapshot(world) == before
