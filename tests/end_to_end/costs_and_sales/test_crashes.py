"""A run of costs and sales may die between any two effects: everything ends there once all the same."""

from __future__ import annotations

from typing import Any

import pytest

from qondor_finago_pipelines.sandbox import World
from tests.end_to_end.installation import Installation
from tests.end_to_end.mortality import SHARES, CrashPoint, mortal_process

from .actuals import GALA, PROJECT, amounts, costs, money, sales


def between_two_runs(installation: Installation) -> None:
    """One run's worth of every kind of write: something to create, to change and to delete."""
    world = installation.world
    world.add_customer("Nordlys AS", id=77, reference=4711)
    world.add_project("Kick-off 2026", id=555, number="SO12345", customer=77)
    world.add_project("Gala 2026", id=556, number="SO12346", customer=77)
    world.add_company("Nordlys AS", id=4711)
    changed = world.post_supplier_invoice("100.00", project=PROJECT)
    moved = world.post_supplier_invoice("200.00", project=PROJECT)
    assert installation.load().all_settled
    installation.wait(days=1)
    world.change_line(changed, 1, Comment="corrected")
    world.move_to_project(moved, GALA)
    world.post_customer_invoice("400.00", project=GALA)


def assert_right(world: World) -> None:
    assert amounts(costs(world)) == {555: money("100.00", "25.00"), 556: money("200.00", "50.00")}
    assert amounts(sales(world)) == {556: money("400.00", "100.00")}
    assert {cost["description"] for cost in costs(world)} == {"corrected", "Rooms 14-16 Nov"}


@SHARES
def test_a_process_that_dies_after_any_effect_is_carried_on(another_world: Any, share: slice) -> None:
    installation = another_world()
    between_two_runs(installation)
    with mortal_process() as immortal:
        assert installation.load().all_settled
    assert_right(installation.world)
    effects = immortal.effects
    assert {"PostCost", "PutCost", "DeleteCost", "PostSale"} <= set(effects)

    for number in range(1, len(effects) + 1)[share]:
        installation = another_world()
        between_two_runs(installation)
        with mortal_process(dies_after=number) as mortal, pytest.raises(CrashPoint):
            installation.load()
        assert mortal.effects == effects[:number]
        for _ in range(4):
            installation.wait(minutes=16)
            last = installation.load()
        assert last.all_settled, f"after effect {number}, {effects[number - 1]}: {last}"
        assert (last.created, last.updated) == (0, 0)
        assert_right(installation.world)
