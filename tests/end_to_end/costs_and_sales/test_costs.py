"""Supplier costs: what suppliers charge in Finago becomes actual costs on Qondor's projects."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.sandbox.world.voucher_builders import posting
from tests.end_to_end.installation import OSLO, Installation, assert_held, assert_settled

from .actuals import GALA, PROJECT, amounts, costs, money, only, sales


@pytest.fixture
def gala(world: World, customer: int) -> int:
    """Gala 2026, SO12346."""
    return world.add_project("Gala 2026", id=556, number="SO12346", customer=customer)


def test_a_supplier_invoice_becomes_an_actual_cost(installation: Installation, world: World, project: int) -> None:
    grand = world.add_company("Grand Hotel AS", type="Supplier")
    due = world.today() + timedelta(days=26)
    voucher = world.post_supplier_invoice("8000.00", project=PROJECT, supplier=grand, due=due)
    result = installation.load()
    assert not result.problems, result.problems
    assert_settled(result, f"voucher {voucher.key}")
    assert costs(world) == [
        {
            "id": 31,
            "externalReference": f"finago:102:{voucher.key}:{PROJECT}",
            "projectId": 555,
            "supplierName": "Grand Hotel AS",
            "transactionReference": "F-99812",
            "description": "Rooms 14-16 Nov",
            "invoiceDate": world.today().isoformat(),
            "dueDate": due.isoformat(),
            "amountExclVat": Decimal("8000.00"),
            "vatAmount": Decimal("2000.00"),
            "amountInclVat": Decimal("10000.00"),
            "isPaid": False,
            "paidDate": None,
            "currency": "NOK",
        }
    ]


def test_a_second_run_writes_nothing_and_needs_two_calls(
    installation: Installation, world: World, project: int
) -> None:
    world.post_supplier_invoice(project=PROJECT)
    installation.load()
    before = costs(world)
    installation.load()
    again = installation.load()
    assert (again.created, again.updated, again.problems) == (0, 0, ())
    assert again.calls["finago"] <= 3
    assert costs(world) == before


def test_a_supplier_credit_note_is_a_negative_cost(installation: Installation, world: World, project: int) -> None:
    world.post_supplier_credit_note("800.00", project=PROJECT)
    installation.load()
    assert amounts(costs(world)) == {555: money("-800.00", "-200.00")}


def test_a_cost_of_another_voucher_type_counts_when_it_owes_a_supplier(
    installation: Installation, world: World, project: int
) -> None:
    lines = [posting(6300, "100.00", project=PROJECT, vat_code=0), posting(2400, "-100.00")]
    world.post_voucher(lines, system_type="Miscellaneous")
    installation.load()
    assert amounts(costs(world)) == {555: money("100.00", "0.00")}


def test_a_purchase_that_is_paid_in_the_same_voucher_is_a_cost(
    installation: Installation, world: World, project: int
) -> None:
    """Over the supplier's account and out of the bank at once: what is owed is nothing, and the cost is paid."""
    grand = world.add_company("Grand Hotel AS", type="Supplier")
    world.post_voucher(
        [
            posting(6300, "100.00", project=PROJECT, vat_code=1),
            posting(2710, "25.00"),
            posting(2400, "-125.00", company=grand, Open=False),
            posting(2400, "125.00", company=grand, Open=False),
            posting(1920, "-125.00"),
        ],
        system_type="Payment",
    )
    installation.load()
    cost = only(costs(world))
    assert (cost["amountExclVat"], cost["vatAmount"], cost["isPaid"]) == (*money("100.00", "25.00"), True)
    assert cost["supplierName"] == "Grand Hotel AS"


@pytest.mark.parametrize(("amount", "owed"), [("5.00", "95.00"), ("-20.00", "120.00")], ids=["a fee", "a discount"])
def test_what_a_payment_books_on_a_project_changes_its_cost(
    installation: Installation, world: World, project: int, amount: str, owed: str
) -> None:
    lines = [posting(6300, amount, project=PROJECT), posting(2400, owed), posting(1920, "-100.00")]
    world.post_voucher(lines, system_type="Payment")
    installation.load()
    assert amounts(costs(world)) == {555: money(amount, "0.00")}


def test_payroll_on_a_project_is_listed_and_alerts_nobody(
    installation: Installation, world: World, project: int
) -> None:
    lines = [posting(5000, "1000.00", project=PROJECT), posting(2930, "-1000.00")]
    world.post_voucher(lines)
    result = installation.load()
    assert result.all_settled
    assert result.totals_by_day is not None
    listed = only([vars(each) for each in result.totals_by_day.listed])
    assert (listed["account"], listed["project"], listed["amount"]) == (5000, str(PROJECT), Decimal("1000.00"))
    assert costs(world) == []


def test_several_projects_in_one_voucher_share_its_vat_to_the_ore(
    installation: Installation, world: World, project: int, gala: int
) -> None:
    world.post_supplier_invoice("100.01", split={PROJECT: "33.33", GALA: "66.67"})
    installation.load()
    found = amounts(costs(world))
    assert found == {555: money("33.33", "8.33"), 556: money("66.68", "16.67")}
    assert sum(net for net, _ in found.values()) == Decimal("100.01")
    assert sum(vat for _, vat in found.values()) == Decimal("25.00")


def test_percentages_below_a_hundred_leave_a_rest_for_a_person(
    installation: Installation, world: World, project: int
) -> None:
    voucher = world.post_supplier_invoice("1000.00", split={PROJECT: "60"})
    result = installation.load()
    assert amounts(costs(world)) == {555: money("600.00", "150.00")}
    assert "400.00" in assert_held(result, f"voucher {voucher.key}", Reason.UNMATCHED).message


@pytest.mark.parametrize("split", [{PROJECT: "60", GALA: "60"}, {PROJECT: "-1"}, {PROJECT: None, GALA: None}])
def test_percentages_that_do_not_fit_refuse_the_voucher(
    installation: Installation, world: World, project: int, gala: int, split: dict[int | str, str | None]
) -> None:
    voucher = world.post_supplier_invoice("1000.00", split=split)
    assert_held(installation.load(), f"voucher {voucher.key}", Reason.WRONG_SPLIT)
    assert costs(world) == []


def test_fixed_assets_beside_expenses_take_their_share_of_the_vat(
    installation: Installation, world: World, project: int
) -> None:
    world.post_voucher(
        [
            posting(1200, "3000.00", vat_code=1),
            posting(6300, "1000.00", project=PROJECT, vat_code=1),
            posting(2710, "1000.00"),
            posting(2400, "-5000.00"),
        ],
        type_id=3,
        system_type="InvoiceSupplier",
    )
    installation.load()
    assert amounts(costs(world)) == {555: money("1000.00", "250.00")}


def test_reverse_charge_has_no_vat_for_the_project(installation: Installation, world: World, project: int) -> None:
    world.books(OSLO).tax_codes[86] = ("Tjenester fra utlandet", Decimal(25), 2711)
    world.post_voucher(
        [
            posting(6300, "1000.00", project=PROJECT, vat_code=86),
            posting(2711, "250.00"),
            posting(2701, "-250.00"),
            posting(2400, "-1000.00"),
        ],
        system_type="InvoiceSupplier",
    )
    result = installation.load()
    assert amounts(costs(world)) == {555: money("1000.00", "0.00")}
    assert result.as_json()["unloaded"] == []


def test_a_vat_code_that_finago_does_not_list_holds_the_voucher_until_it_does(
    installation: Installation, world: World, project: int
) -> None:
    lines = [posting(6300, "1000.00", project=PROJECT, vat_code=13), posting(2712, "111.10"), posting(2400, "-1111.10")]
    voucher = world.post_voucher(lines, system_type="InvoiceSupplier")
    held = assert_held(installation.load(), f"voucher {voucher.key}", Reason.UNKNOWN_VAT_CODE)
    assert "the VAT code 13" in held.message
    world.books(OSLO).tax_codes[13] = ("Inngående avgift, råfisk", Decimal("11.11"), 2712)
    assert_settled(installation.load(), f"voucher {voucher.key}")
    assert amounts(costs(world)) == {555: money("1000.00", "111.10")}


def test_a_project_without_so_number_is_matched_by_its_qondor_id(
    installation: Installation, world: World, customer: int
) -> None:
    world.add_project("Study tour", id=777, number="2026-77", customer=customer)
    world.post_supplier_invoice("10.00", project=777)
    installation.load()
    assert amounts(costs(world)) == {777: money("10.00", "2.50")}


@pytest.mark.parametrize("dimension", ["99999", "Oslo"])
def test_what_matches_no_project_is_listed_for_a_person(
    installation: Installation, world: World, project: int, dimension: str
) -> None:
    voucher = world.post_supplier_invoice("1000.00", project=dimension)
    held = assert_held(installation.load(), f"voucher {voucher.key}", Reason.UNMATCHED)
    assert "1000.00" in held.message
    assert dimension in held.message
    assert costs(world) == []


def test_an_unmatched_voucher_is_loaded_once_its_project_is_there(
    installation: Installation, world: World, project: int, customer: int
) -> None:
    voucher = world.post_supplier_invoice("1000.00", project=GALA)
    assert_held(installation.load(), f"voucher {voucher.key}", Reason.UNMATCHED)
    world.add_project("Gala 2026", id=556, number="SO12346", customer=customer)
    installation.wait(days=40)
    result = installation.load()
    assert_settled(result, f"voucher {voucher.key}")
    assert amounts(costs(world)) == {556: money("1000.00", "250.00")}


def test_a_credit_card_supplier_without_vat_lines(installation: Installation, world: World, project: int) -> None:
    world.post_supplier_invoice("99.90", project=PROJECT, vat_rate=0)
    installation.load()
    assert amounts(costs(world)) == {555: money("99.90", "0.00")}
    assert sales(world) == []


def test_a_supplier_that_is_a_person_is_named_in_qondor_and_nowhere_else(
    installation: Installation, world: World, project: int
) -> None:
    guide = world.add_company("Kari Nordmann", type="Supplier")
    world.post_supplier_invoice("500.00", project=PROJECT, supplier=guide, comment="Guide Kari Nordmann")
    result = installation.load(deliver=True)
    assert only(costs(world))["supplierName"] == "Kari Nordmann"
    assert "Nordmann" not in repr(result.records) + repr(result.changes) + repr(result.warnings)
    with installation.service() as sync, sync.store.read() as transaction:
        assert "Nordmann" not in repr(transaction.outcomes.of_office(OSLO, "costs-and-sales"))


def test_a_project_that_is_planned_in_another_currency_is_flagged(
    installation: Installation, world: World, project: int, gala: int
) -> None:
    world.qondor.projects[555]["currency"] = "EUR"
    world.post_supplier_invoice("1000.00", split={PROJECT: "50", GALA: "50"})
    result = installation.load()
    assert result.warnings == (
        "Project 555 is planned in EUR; its actual costs and sales are in NOK, the currency of the books in Finago.",
    )


def test_a_hundred_percent_and_none_at_all_are_the_same(
    installation: Installation, world: World, project: int, gala: int
) -> None:
    world.post_supplier_invoice("100.01", split={PROJECT: "100"})
    world.post_supplier_invoice("100.01", split={GALA: None})
    installation.load()
    assert amounts(costs(world)) == {555: money("100.01", "25.00"), 556: money("100.01", "25.00")}
