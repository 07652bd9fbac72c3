"""Nothing is created in either system while the clocks are further apart than a look-up allows (decisions 7)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from qondor_finago_pipelines.records.operations.results import FlowResult
from qondor_finago_pipelines.sandbox import World
from tests.end_to_end.installation import OSLO, Installation

FLOWS: dict[str, Callable[[Installation], FlowResult]] = {
    "companies and projects": lambda installation: installation.follow(),
    "companies, projects and orders": lambda installation: installation.sync(),
    "costs": lambda installation: installation.load(),
}


def everything_new(installation: Installation) -> None:
    """A customer, a project, an invoice and a cost, none of which the other system has."""
    world = installation.world
    customer = world.add_customer("Havgap AS", id=78, organisation_number="987654321")
    project = world.add_project("Board meeting", id=556, number="SO12346", customer=customer)
    world.add_invoice(customer=customer, project=project)
    world.post_supplier_invoice(project=12346)


def created(world: World) -> list[int]:
    books = world.books(OSLO)
    return [len(books.orders), len(books.companies), len(books.projects), sum(map(len, world.qondor.actuals.values()))]


@pytest.mark.parametrize("minutes", [-60, -6, 6, 60])
@pytest.mark.parametrize("flow", FLOWS)
def test_nothing_is_created_while_the_clocks_are_far_apart(
    installation: Installation, world: World, flow: str, minutes: int
) -> None:
    everything_new(installation)
    before = created(world)
    world.advance(minutes=minutes)

    result = FLOWS[flow](installation)

    assert any("Nothing is created" in problem.message for problem in result.problems), result
    assert created(world) == before

    world.advance(minutes=-minutes)
    assert FLOWS[flow](installation).problems == ()
    assert created(world) != before


@pytest.mark.parametrize("minutes", [-4, 3])
@pytest.mark.parametrize("flow", FLOWS)
def test_a_clock_that_is_a_little_off_is_said_once(
    installation: Installation, world: World, flow: str, minutes: int
) -> None:
    everything_new(installation)
    world.advance(minutes=minutes)

    result = FLOWS[flow](installation)

    assert result.problems == ()
    # Both systems of the sandbox have one clock.
    assert len([warning for warning in result.warnings if "Our clock says" in warning]) == 2
