"""Vouchers in a foreign currency: held until somebody says how their amounts are meant, then exact to the øre."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.sandbox.world.voucher_builders import PostedVoucher, posting
from tests.end_to_end.customers_and_projects.edits import writes
from tests.end_to_end.installation import OSLO, Installation, assert_held, assert_settled

from .actuals import GALA, PROJECT, amounts, costs, money, only

EUR: dict[str, Any] = {"Currency": "EUR", "CurrencyRate": Decimal("11.745"), "CurrencyUnit": 1}


@pytest.fixture
def gala(world: World, customer: int) -> int:
    """Gala 2026, SO12346."""
    return world.add_project("Gala 2026", id=556, number="SO12346", customer=customer)


def set_reading(installation: Installation, reading: str) -> None:
    installation.configure(office_options={"costs_and_sales": {"foreign_lines": reading}})


def a_supplier_invoice(world: World, **members: Any) -> PostedVoucher:
    """100.01 EUR with VAT of 25.00 EUR, over two projects."""
    foreign = {**EUR, **members}
    return world.post_voucher(
        [
            posting(6300, "100.01", split={PROJECT: "33.33", GALA: "66.67"}, vat_code=1, Comment="Rooms", **foreign),
            posting(2710, "25.00", **foreign),
            posting(2400, "-125.01", **foreign),
        ],
        system_type="InvoiceSupplier",
    )


def test_a_foreign_voucher_is_held_while_nobody_has_said_how_it_is_meant(
    installation: Installation, world: World, project: int, gala: int
) -> None:
    voucher = a_supplier_invoice(world)
    held = assert_held(installation.load(), f"voucher {voucher.key}", Reason.CURRENCY_NOT_SETTLED)
    assert "EUR (rate 11.745 for 1)" in held.message
    assert "sum to 0.00 as they stand, and to 0.00 at their rates" in held.message
    assert "costs_and_sales.foreign_lines" in held.remedy
    assert costs(world) == []


def test_local_beside_eur_is_held_with_both_sums(installation: Installation, world: World, project: int) -> None:
    lines = [posting(6300, "100.00", project=PROJECT, **EUR), posting(2400, "-1174.50")]
    voucher = world.post_voucher(lines, system_type="InvoiceSupplier")
    held = assert_held(installation.load(), f"voucher {voucher.key}", Reason.CURRENCY_NOT_SETTLED)
    assert "sum to -1074.50 as they stand, and to 0.00 at their rates" in held.message


def test_stated_amounts_are_converted_so_that_the_voucher_sums_to_zero(
    installation: Installation, world: World, project: int, gala: int
) -> None:
    """1174.61745 and 293.625 become 1174.62 and 293.62, since 1468.24245 becomes 1468.24."""
    voucher = a_supplier_invoice(world)
    set_reading(installation, "stated")
    assert_settled(installation.load(), f"voucher {voucher.key}")
    found = amounts(costs(world))
    assert sum(net for net, _ in found.values()) == Decimal("1174.62")
    assert sum(vat for _, vat in found.values()) == Decimal("293.62")
    assert found == {555: money("391.50", "97.86"), 556: money("783.12", "195.76")}
    shown = {cost["projectId"]: (cost["currency"], cost["description"]) for cost in costs(world)}
    assert shown == {
        555: ("NOK", "Rooms (from 33.33 EUR at 11.745)"),
        556: ("NOK", "Rooms (from 66.68 EUR at 11.745)"),
    }
    before = writes(world)
    assert installation.load().updated == 0
    assert writes(world) == before


def test_home_amounts_count_as_they_stand(installation: Installation, world: World, project: int, gala: int) -> None:
    a_supplier_invoice(world)
    set_reading(installation, "home")
    installation.load()
    assert amounts(costs(world)) == {555: money("33.33", "8.33"), 556: money("66.68", "16.67")}
    assert {cost["currency"] for cost in costs(world)} == {"NOK"}
    before = writes(world)
    installation.load()
    assert writes(world) == before


def test_a_rate_for_a_hundred_is_divided_by_its_unit(installation: Installation, world: World, project: int) -> None:
    yen: dict[str, Any] = {"Currency": "JPY", "CurrencyRate": Decimal("7.05"), "CurrencyUnit": 100}
    lines = [posting(6300, "10000", project=PROJECT, vat_code=0, **yen), posting(2400, "-705.00")]
    world.books(OSLO).currencies["JPY"] = {"Symbol": "JPY", "Id": 9, "Rate": Decimal("7.05"), "Unit": 100}
    world.post_voucher(lines, system_type="InvoiceSupplier")
    set_reading(installation, "stated")
    installation.load()
    cost = only(costs(world))
    assert (cost["amountExclVat"], cost["description"]) == (Decimal("705.00"), "(from 10000.00 JPY at 7.05 for 100)")


def test_a_voucher_that_does_not_balance_at_its_rates_is_unbalanced(
    installation: Installation, world: World, project: int
) -> None:
    lines = [posting(6300, "100.00", project=PROJECT, **EUR), posting(2400, "-1174.52")]
    voucher = world.post_voucher(lines, system_type="InvoiceSupplier")
    set_reading(installation, "stated")
    held = assert_held(installation.load(), f"voucher {voucher.key}", Reason.UNBALANCED)
    assert "-0.02" in held.message


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"CurrencyRate": Decimal(0)}, "EUR (rate 0 for 1), which is no rate"),
        ({"CurrencyRate": None}, "EUR (no rate for 1), which is no rate"),
        ({"CurrencyUnit": 0}, "for 0), which is no rate"),
        ({"Currency": "XYZ"}, "a line in XYZ, a currency that Finago does not list"),
    ],
)
def test_a_line_that_cannot_be_converted_refuses_its_voucher_and_no_other(
    installation: Installation, world: World, project: int, gala: int, members: dict[str, Any], named: str
) -> None:
    voucher = a_supplier_invoice(world)
    for line in (1, 2, 3):
        world.change_line(voucher, line, **members)
    world.post_supplier_invoice("10.00", project=PROJECT)
    set_reading(installation, "stated")
    assert named in assert_held(installation.load(), f"voucher {voucher.key}", Reason.NO_RATE).message
    assert amounts(costs(world)) == {555: money("10.00", "2.50")}


@pytest.mark.parametrize("currency", ["", "LOCAL", "NOK", "nok"])
def test_the_clients_own_currency_is_no_foreign_one(
    installation: Installation, world: World, project: int, currency: str
) -> None:
    own: dict[str, Any] = {"Currency": currency}
    lines = [posting(6300, "100.00", project=PROJECT, vat_code=0, **own), posting(2400, "-100.00")]
    world.post_voucher(lines, system_type="InvoiceSupplier")
    installation.load()
    assert amounts(costs(world)) == {555: money("100.00", "0.00")}


def test_a_foreign_voucher_of_no_project_troubles_nobody(
    installation: Installation, world: World, project: int
) -> None:
    world.post_voucher([posting(2400, "100.00", **EUR), posting(1920, "-1174.50")], system_type="Payment")
    assert installation.load().all_settled
