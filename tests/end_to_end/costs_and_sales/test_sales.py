"""Sales revenue: what is charged in Finago itself becomes actual sales; what came from Qondor is no news there."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.sandbox.world.voucher_builders import posting
from tests.end_to_end.installation import Installation

from .actuals import PROJECT, amounts, costs, money, only, sales


def test_a_customer_invoice_made_in_finago_becomes_an_actual_sale(
    installation: Installation, world: World, project: int
) -> None:
    fjord = world.add_company("Fjord AS", id=4800)
    due = world.today() + timedelta(days=14)
    voucher = world.post_customer_invoice("10000.00", project=PROJECT, customer=fjord, due=due, invoice_number="20417")
    installation.load()
    assert sales(world) == [
        {
            "id": 31,
            "externalReference": f"finago:102:{voucher.key}:{PROJECT}",
            "projectId": 555,
            "customerName": "Fjord AS",
            "transactionReference": "20417",
            "description": "Conference",
            "invoiceDate": world.today().isoformat(),
            "dueDate": due.isoformat(),
            "amountExclVat": Decimal("10000.00"),
            "vatAmount": Decimal("2500.00"),
            "amountInclVat": Decimal("12500.00"),
            "isPaid": False,
            "paidDate": None,
            "currency": "NOK",
        }
    ]
    assert costs(world) == []


def test_a_credit_note_made_in_finago_is_a_negative_sale(
    installation: Installation, world: World, project: int
) -> None:
    world.post_customer_credit_note("1000.00", project=PROJECT)
    installation.load()
    assert amounts(sales(world)) == {555: money("-1000.00", "-250.00")}


def test_revenue_in_a_manual_voucher_is_a_sale_and_paid(installation: Installation, world: World, project: int) -> None:
    world.post_voucher([posting(1920, "100.00"), posting(3000, "-100.00", project=PROJECT, vat_code=5)])
    installation.load()
    sale = only(sales(world))
    assert (sale["amountExclVat"], sale["isPaid"], sale["paidDate"]) == (Decimal("100.00"), True, None)


def test_costs_and_sales_of_one_voucher_are_kept_apart(installation: Installation, world: World, project: int) -> None:
    world.post_voucher(
        [
            posting(6300, "100.00", project=PROJECT, vat_code=0),
            posting(3000, "-40.00", project=PROJECT, vat_code=5),
            posting(2400, "-60.00"),
        ],
        system_type="InvoiceSupplier",
    )
    installation.load()
    assert amounts(costs(world)) == {555: money("100.00", "0.00")}
    assert amounts(sales(world)) == {555: money("40.00", "0.00")}
    assert only(costs(world))["externalReference"] == only(sales(world))["externalReference"]


@pytest.fixture
def card_payment(installation: Installation, world: World, customer: int, project: int) -> int:
    """A card payment that the invoice flow made a real invoice of in Finago."""
    invoice = world.add_invoice(customer=customer, project=project, card=True)
    installation.sync()
    assert world.order_of(invoice).get("InvoiceId") is not None
    return invoice


def test_revenue_of_an_invoice_that_came_from_qondor_is_not_loaded_twice(
    installation: Installation, world: World, card_payment: int
) -> None:
    result = installation.load()
    assert sales(world) == []
    assert result.totals_by_day is not None
    assert result.totals_by_day.skipped_as_ours == 1
    assert result.all_settled


def test_an_order_that_accountants_invoiced_by_hand_is_ours_as_well(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    invoice = world.add_invoice(customer=customer, project=project)
    installation.sync()
    world.invoice_order(world.order_of(invoice)["OrderId"])
    result = installation.load()
    assert sales(world) == []
    assert result.totals_by_day is not None
    assert result.totals_by_day.skipped_as_ours == 1


def test_even_a_lost_store_does_not_load_what_came_from_qondor(
    installation: Installation, world: World, card_payment: int
) -> None:
    installation.lose_store()
    installation.load()
    assert sales(world) == []


def test_a_credit_note_made_by_hand_against_our_invoice_is_loaded(
    installation: Installation, world: World, card_payment: int
) -> None:
    number = str(world.order_of(card_payment)["InvoiceId"])
    world.post_customer_credit_note("100.00", project=PROJECT, invoice_number=number)
    installation.load()
    assert amounts(sales(world)) == {555: money("-100.00", "-25.00")}


def test_all_revenue_is_loaded_where_the_office_wants_it(
    installation: Installation, world: World, card_payment: int
) -> None:
    installation.configure(office_options={"costs_and_sales": {"sales_invoiced_by_qondor": "load"}})
    installation.load()
    assert only(sales(world))["projectId"] == 555


def test_a_reversal_made_by_hand_of_our_invoice_is_loaded(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    """It has the type and the number of the invoice, and takes its revenue back."""
    invoice = world.add_invoice(customer=customer, project=project)
    installation.sync()
    order = world.order_of(invoice)
    world.invoice_order(order["OrderId"])
    total = order["OrderTotalIncVat"] - order["OrderTotalVat"]
    world.post_customer_invoice(-total, project=PROJECT, invoice_number=str(order["InvoiceId"]))
    result = installation.load()
    assert only(sales(world))["amountExclVat"] == -total
    assert result.totals_by_day is not None
    assert result.totals_by_day.skipped_as_ours == 1
