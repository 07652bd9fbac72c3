"""What was left out is said, in every run while it is in the window; what moves costs is loaded where they were."""

from __future__ import annotations

from decimal import Decimal

import pytest

from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.sandbox.world.voucher_builders import posting
from tests.end_to_end.customers_and_projects.edits import writes
from tests.end_to_end.installation import Installation

from .actuals import GALA, PROJECT, amounts, costs, money

MOVES = [posting(6300, "-1000.00", project=PROJECT), posting(6300, "1000.00", project=GALA)]


@pytest.fixture
def gala(world: World, customer: int) -> int:
    """Gala 2026, SO12346."""
    return world.add_project("Gala 2026", id=556, number="SO12346", customer=customer)


def test_what_is_not_loaded_is_told_in_every_run_and_alerts_nobody(
    installation: Installation, world: World, project: int
) -> None:
    payroll = world.post_voucher([posting(5000, "1000.00", project=PROJECT), posting(2930, "-1000.00")])
    wrong_vat = world.post_voucher(
        [posting(6300, "100.00", project=PROJECT, vat_code=1), posting(2710, "60.00"), posting(2400, "-160.00")]
    )
    expected = [
        {
            "voucher": payroll.key,
            "account": 5000,
            "project": str(PROJECT),
            "amount": "1000.00",
            "why": "not a supplier cost",
        },
        {"voucher": wrong_vat.key, "account": 2710, "project": "", "amount": "35.00", "why": "unmatched VAT"},
    ]
    for _ in range(2):
        result = installation.load()
        assert result.all_settled
        assert result.as_json()["unloaded"] == expected
    # The window of the next run begins where the last complete one ended.
    installation.wait(days=40)
    installation.load()
    installation.wait(days=1)
    assert installation.load().as_json()["unloaded"] == []


def test_revenue_of_our_own_invoices_is_told(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    world.add_invoice(customer=customer, project=project, card=True)
    installation.sync()
    unloaded = installation.load().as_json()["unloaded"]
    assert {(each["why"], each["account"]) for each in unloaded} == {("invoiced by Qondor", 3000)}
    assert sum(Decimal(each["amount"]) for each in unloaded) > 0


def test_a_voucher_that_is_mended_is_told_no_more(installation: Installation, world: World, project: int) -> None:
    voucher = world.post_voucher([posting(5000, "1000.00", project=PROJECT), posting(2930, "-1000.00")])
    installation.load()
    world.change_line(voucher, 1, AccountNo=1200)
    assert installation.load().as_json()["unloaded"] == []


def test_a_correction_moves_a_cost_that_was_loaded(
    installation: Installation, world: World, project: int, gala: int
) -> None:
    world.post_supplier_invoice("1000.00", project=PROJECT)
    world.post_voucher(MOVES)
    result = installation.load()
    assert result.as_json()["unloaded"] == []
    assert sorted((cost["projectId"], cost["amountExclVat"]) for cost in costs(world)) == [
        (555, Decimal("-1000.00")),
        (555, Decimal("1000.00")),
        (556, Decimal("1000.00")),
    ]
    before = writes(world)
    installation.load()
    assert writes(world) == before


def test_a_correction_from_no_project_is_loaded(
    installation: Installation, world: World, project: int, gala: int
) -> None:
    world.post_voucher([posting(6300, "-1000.00"), posting(6300, "1000.00", project=GALA)])
    installation.load()
    assert amounts(costs(world)) == {556: money("1000.00", "0.00")}


@pytest.mark.parametrize(("account", "loaded"), [(6300, "999.99"), (6800, "1000.00")])
def test_what_was_never_loaded_there_is_listed_and_loaded_once_it_was(
    installation: Installation, world: World, project: int, gala: int, account: int, loaded: str
) -> None:
    """Too little was loaded, or from another account."""
    world.post_supplier_invoice(loaded, project=PROJECT, account=account)
    correction = world.post_voucher(MOVES)
    result = installation.load()
    assert result.all_settled
    assert [(each["voucher"], each["amount"], each["why"]) for each in result.as_json()["unloaded"]] == [
        (correction.key, "-1000.00", "corrects what was never loaded"),
        (correction.key, "1000.00", "corrects what was never loaded"),
    ]
    assert len(costs(world)) == 1
    world.post_supplier_invoice("1000.00", project=PROJECT)
    assert installation.load().as_json()["unloaded"] == []
    assert len(costs(world)) == 4


def test_one_correction_may_go_on_from_another_but_nothing_is_moved_twice(
    installation: Installation, world: World, project: int, gala: int
) -> None:
    world.post_voucher([posting(6300, "-1000.00", project=GALA), posting(6300, "1000.00")])
    world.post_voucher(MOVES)
    again = world.post_voucher(MOVES)
    world.post_supplier_invoice("1000.00", project=PROJECT)
    unloaded = installation.load().as_json()["unloaded"]
    assert {each["voucher"] for each in unloaded} == {again.key}
    sums = {555: Decimal(0), 556: Decimal(0)}
    for cost in costs(world):
        sums[cost["projectId"]] += cost["amountExclVat"]
    assert sums == {555: Decimal(0), 556: Decimal(0)}
