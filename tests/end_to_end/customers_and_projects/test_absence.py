"""A login that lost a right sees no companies and no projects, and no error: nothing is created anew for that."""

from __future__ import annotations

import pytest

from qondor_finago_pipelines.sandbox import World
from tests.end_to_end.installation import OSLO, Installation

from .edits import companies, projects


@pytest.fixture
def followed(installation: Installation, world: World) -> int:
    """Twelve customers, each with a project, all of them in Finago."""
    for number in range(12):
        customer = world.add_customer(f"Customer {number} AS")
        world.add_project(f"Event {number}", customer=customer)
    installation.follow()
    return len(companies(world))


def test_companies_that_nobody_shows_any_more_are_not_created_anew(
    installation: Installation, world: World, followed: int
) -> None:
    shown = dict(world.books(OSLO).companies)
    world.books(OSLO).companies.clear()
    for customer in world.qondor.customers.values():
        customer["externalReference"] = None
    result = installation.follow()
    assert world.books(OSLO).companies == {}
    (problem,) = result.problems
    assert "of the 12 companies" in problem.message
    assert "may still read companies" in problem.remedy

    world.books(OSLO).companies.update(shown)
    assert installation.follow().problems == ()
    assert len(companies(world)) == followed


def test_a_company_that_nobody_shows_any_more_is_not_created_anew_for_an_emptied_reference(
    installation: Installation, world: World
) -> None:
    world.add_customer("Nordlys AS", id=77)
    installation.follow()
    world.books(OSLO).companies.clear()
    world.qondor.customers[77]["externalReference"] = None

    (problem,) = installation.follow().problems

    assert "1 of the 1 companies" in problem.message
    assert world.books(OSLO).companies == {}


def test_projects_that_nobody_shows_any_more_are_not_created_anew(
    installation: Installation, world: World, followed: int
) -> None:
    world.books(OSLO).projects.clear()
    result = installation.follow()
    assert world.books(OSLO).projects == {}
    (problem,) = result.problems
    assert "of the 12 projects" in problem.message


def test_one_company_and_one_project_that_are_gone_come_back(
    installation: Installation, world: World, followed: int
) -> None:
    gone = next(iter(world.books(OSLO).projects))
    del world.books(OSLO).projects[gone]
    assert installation.follow().problems == ()
    assert gone in world.books(OSLO).projects
    assert len(projects(world)) == 12
