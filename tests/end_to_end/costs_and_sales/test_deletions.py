"""Absence is no deletion until it is plausible: a login that lost a right sees an empty ledger, and no error."""

from __future__ import annotations

from decimal import Decimal

import pytest

from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.sandbox.world.voucher_builders import PostedVoucher
from tests.end_to_end.installation import OSLO, Installation

from .actuals import PROJECT, costs


@pytest.fixture
def twelve(installation: Installation, world: World, project: int) -> list[PostedVoucher]:
    """Twelve vouchers, loaded, of which one is older than any window."""
    posted = [
        world.post_supplier_invoice(f"{number}00.00", project=PROJECT, invoice_number=f"F-{number}")
        for number in range(1, 13)
    ]
    installation.load()
    assert len(costs(world)) == 12
    return posted


def test_an_empty_ledger_deletes_nothing_and_is_told_with_how_many_of_how_many(
    installation: Installation, world: World, twelve: list[PostedVoucher]
) -> None:
    lines = dict(world.books(OSLO).postings)
    world.books(OSLO).postings.clear()
    installation.wait(days=30)
    result = installation.load()
    assert len(costs(world)) == 12
    (problem,) = result.problems
    assert "12 of 12" in problem.message
    assert "--allow-deletions --office 102" in problem.remedy
    assert not result.looked_at_everything

    world.books(OSLO).postings.update(lines)
    world.calls.clear()
    again = installation.load()
    assert (again.problems, world.calls.writes("qondor")) == ((), 0)


@pytest.mark.parametrize(("gone", "deleted"), [(10, 10), (11, 0)])
def test_more_than_ten_and_more_than_a_fifth_at_once_are_no_deletion(
    installation: Installation, world: World, twelve: list[PostedVoucher], gone: int, deleted: int
) -> None:
    for voucher in twelve[:gone]:
        world.delete_voucher(voucher)
    installation.wait(days=1)
    assert bool(installation.load().problems) is (deleted == 0)
    assert len(costs(world)) == 12 - deleted


def test_what_a_person_allows_is_deleted_once(
    installation: Installation, world: World, twelve: list[PostedVoucher]
) -> None:
    for voucher in twelve[1:]:
        world.delete_voucher(voucher)
    installation.wait(days=1)
    installation.load()
    installation.allow_deletions()
    assert installation.load().problems == ()
    assert [cost["amountExclVat"] for cost in costs(world)] == [Decimal("100.00")]

    world.delete_voucher(twelve[0])
    installation.wait(days=1)
    assert installation.load().problems, "the next time a person is asked again"
    assert len(costs(world)) == 1


def test_a_voucher_that_was_deleted_and_comes_back_is_loaded_again_whatever_its_age(
    installation: Installation, world: World, twelve: list[PostedVoucher]
) -> None:
    lines = dict(world.books(OSLO).postings)
    world.delete_voucher(twelve[0])
    installation.wait(days=1)
    installation.load()
    assert len(costs(world)) == 11

    world.books(OSLO).postings.update(lines)
    installation.wait(days=60)
    installation.load()
    assert len(costs(world)) == 12


def test_an_empty_list_of_projects_deletes_nothing_either(
    installation: Installation, world: World, twelve: list[PostedVoucher]
) -> None:
    projects = dict(world.qondor.projects)
    world.qondor.projects.clear()
    installation.wait(days=1)
    (problem,) = [each for each in installation.load().problems if each.cause == "deletions"]
    assert "12 of 12" in problem.message
    assert len(costs(world)) == 12

    world.qondor.projects.update(projects)
    installation.wait(days=1)
    assert installation.load().problems == ()
    assert len(costs(world)) == 12


@pytest.mark.parametrize("failed_runs", [1, 3])
@pytest.mark.parametrize(
    ("system", "operation"),
    [
        ("finago", "GetTransactions"),
        ("finago", "GetFiscalYears"),
        ("finago", "GetTaxCodeList"),
        ("qondor", "GetAllProjects"),
        ("qondor", "PostCost"),
    ],
)
def test_what_only_failed_runs_asked_for_is_read_by_the_first_that_succeeds(
    installation: Installation, world: World, project: int, system: str, operation: str, failed_runs: int
) -> None:
    """Twenty days ago the first run was red; today's window of fourteen days would leave out what changed then."""
    world.post_supplier_invoice("100.00", project=PROJECT)
    world.faults.add(system, operation, "500", times=None)
    for _ in range(failed_runs):
        assert not installation.load().all_settled
        installation.wait(days=1)
    world.faults.clear()
    installation.wait(days=20)
    world.post_supplier_invoice("200.00", project=PROJECT)
    assert installation.load().problems == ()
    assert [cost["amountExclVat"] for cost in costs(world)] == [Decimal("100.00"), Decimal("200.00")]
