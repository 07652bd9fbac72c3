"""A run may be forgotten only where a later one has made what it made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qondor_finago_pipelines.rules.operations.history import Cell, EndedRun, Made, may_go

BEFORE = datetime(2026, 8, 22, tzinfo=UTC)
DAY = timedelta(days=1)
ORDERS, PAYMENTS = Cell("finago_orders", "2026-08-01|102"), Cell("invoice_payments", "2026-08-01|102")
BOTH = frozenset({ORDERS, PAYMENTS})


def run(
    *, days: float = 1, succeeded: bool = True, made: frozenset[Cell] = BOTH, meant: frozenset[Cell] = BOTH
) -> EndedRun:
    return EndedRun(run_id="old", ended_at=BEFORE - days * DAY, succeeded=succeeded, made=made, meant=meant)


def by(run_id: str, *, days: float = 0.5) -> Made:
    return Made(run_id=run_id, at=BEFORE - days * DAY)


def test_a_success_goes_when_every_cell_of_it_was_made_later() -> None:
    assert may_go(run(), {ORDERS: by("new"), PAYMENTS: by("newer")}, before=BEFORE)


def test_a_success_stays_while_one_cell_is_green_because_of_it() -> None:
    assert not may_go(run(), {ORDERS: by("new"), PAYMENTS: by("old", days=1)}, before=BEFORE)


def test_a_failure_stays_until_each_of_its_cells_is_green_again() -> None:
    failed = run(succeeded=False, made=frozenset())
    assert not may_go(failed, {}, before=BEFORE), "its red cell is all that tells of it"
    assert not may_go(failed, {ORDERS: by("new")}, before=BEFORE)
    assert may_go(failed, {ORDERS: by("new"), PAYMENTS: by("new")}, before=BEFORE)


def test_a_success_before_the_failure_makes_up_for_nothing() -> None:
    failed = run(succeeded=False, made=frozenset())
    assert not may_go(failed, dict.fromkeys(BOTH, by("earlier", days=2)), before=BEFORE)


@pytest.mark.parametrize("meant", [BOTH, frozenset()])
def test_a_success_that_left_every_cell_alone_goes_by_its_age(meant: frozenset[Cell]) -> None:
    """The office was left to another run, or the job makes no assets."""
    assert may_go(run(made=frozenset(), meant=meant), {}, before=BEFORE)
    assert not may_go(run(days=-0.1, made=frozenset(), meant=meant), {}, before=BEFORE)


def test_nothing_young_goes() -> None:
    assert not may_go(run(days=0), dict.fromkeys(BOTH, by("new", days=-1)), before=BEFORE)
