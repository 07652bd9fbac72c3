"""The article's field tables, row by row: what Qondor has, and where it then stands in Finago."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from qondor_finago_pipelines.sandbox import World, line
from tests.end_to_end.installation import OSLO, Installation, assert_settled


@pytest.fixture
def orders_for(installation: Installation, world: World, customer: int, project: int) -> Any:
    """Issues invoices in Qondor, runs the flow, and gives the orders that Finago then has, in the same order."""

    def send(*invoices: dict[str, Any]) -> Any:
        made = [world.add_invoice(**{"customer": customer, "project": project, **invoice}) for invoice in invoices]
        assert_settled(installation.sync(), *made)
        return [world.order_of(invoice) for invoice in made]

    return send


@pytest.fixture
def order_for(orders_for: Any) -> Any:
    """The same for one invoice."""
    return lambda **invoice: orders_for(invoice)[0]


@pytest.fixture
def company_for(order_for: Any, world: World) -> Any:
    """Issues a booking invoice, runs the flow, and gives the company that Finago then has for the booker."""

    def send(**booking: Any) -> Any:
        order = order_for(kind="booking", customer=None, **booking)
        return world.books(OSLO).companies[order["CustomerId"]]

    return send


# Invoice header fields


def test_invoice_id_is_the_reference_number(order_for: Any) -> None:
    assert order_for(id=9042)["ReferenceNumber"] == "9042"


def test_project_number_gives_the_project_id(order_for: Any) -> None:
    assert order_for()["ProjectId"] == 12345


def test_customer_is_the_company_of_its_external_reference(order_for: Any) -> None:
    assert order_for()["CustomerId"] == 4711


def test_name_and_event_are_the_invoice_title(orders_for: Any) -> None:
    titles = {
        ("Final invoice", "Kick-off 2026"): "Final invoice - Kick-off 2026",
        ("Kick-off 2026", "Kick-off 2026"): "Kick-off 2026",
        ("Final invoice", None): "Final invoice",
        ("x" * 400, "Kick-off 2026"): "x" * 300,
    }
    orders = orders_for(*({"name": name, "projectName": event} for name, event in titles))
    assert [order["InvoiceTitle"] for order in orders] == list(titles.values())


def test_invoice_type_is_the_invoice_text(orders_for: Any) -> None:
    booking = {"kind": "booking", "customer": None}
    orders = orders_for({"kind": "offer"}, {"kind": "form"}, booking, {"kind": "offer", "card": True})
    assert [order["InvoiceText"] for order in orders] == [
        "Customer offer invoice",
        "Customer form invoice",
        "Booking invoice",
        "Credit card payment",
    ]


def test_date_of_issue_is_the_order_date(order_for: Any) -> None:
    assert order_for(invoice_date=date(2026, 11, 2))["DateOrdered"] == datetime(2026, 11, 2)  # noqa: DTZ001


def test_currency_is_matched_by_its_code_and_sent_with_rate_and_unit(order_for: Any) -> None:
    assert order_for(currency="SEK")["Currency"] == {"Symbol": "SEK", "Rate": Decimal("104.36"), "Unit": 100}


def test_total_including_vat_is_the_order_total(order_for: Any) -> None:
    lines = [line(quantity=3, price="99.99"), line(article="3200", quantity=2, price="1295.55", vat=12)]
    order = order_for(lines=lines)
    assert order["OrderTotalIncVat"] == Decimal("374.96") + Decimal("2902.03")


def test_email_address_is_the_invoice_email_address(order_for: Any) -> None:
    assert order_for(email="faktura@nordlys.example")["InvoiceEmailAddress"] == "faktura@nordlys.example"


def test_the_configured_department_receives_the_invoice(order_for: Any) -> None:
    assert order_for()["DepartmentId"] == 3


def test_due_date_is_the_payment_time_in_days(orders_for: Any) -> None:
    issued = date(2026, 11, 10)
    # Finago reads a negative number of days as a code, so that a due date in the past means at once.
    orders = orders_for(*({"invoice_date": issued, "due_date": date(2026, 11, day)} for day in (24, 10, 1)))
    assert [order["PaymentTime"] for order in orders] == [14, 0, 0]


# Invoice line fields


@pytest.fixture
def rows_for(order_for: Any) -> Any:
    """Sends one invoice with these lines and gives the rows that Finago then has."""
    return lambda *lines: order_for(lines=list(lines)).rows


def test_name_on_invoice_is_the_row_name(rows_for: Any) -> None:
    (row,) = rows_for(line("Conference package, day 2"))
    assert row["Name"] == "Conference package, day 2"


def test_article_number_is_mapped_to_a_product_by_its_category(rows_for: Any) -> None:
    rows = rows_for(
        line(article="3000", vat=25),
        line(article="3000", vat=15),
        line(article="3200", vat=12),
    )
    assert [row["ProductId"] for row in rows] == [301, 302, 321]


def test_an_unmapped_article_falls_to_the_misc_product_and_the_misc_category(rows_for: Any) -> None:
    rows = rows_for(line(article="7777", vat=25), line(article="7777", vat=12), line(article=None, vat=25))
    assert [row["ProductId"] for row in rows] == [900, 902, 900]


def test_out_price_excluding_vat_is_the_price(rows_for: Any) -> None:
    prices = [Decimal("400.00"), Decimal("99.9999"), Decimal("0.005")]
    assert [row["Price"] for row in rows_for(*(line(price=price, quantity=100) for price in prices))] == prices


def test_in_price_excluding_vat_is_the_in_price(rows_for: Any) -> None:
    costs = [Decimal("310.00"), Decimal("0.00")]
    assert [row["InPrice"] for row in rows_for(*(line(cost=cost) for cost in costs))] == costs


def test_quantity_is_the_quantity(rows_for: Any) -> None:
    quantities = [Decimal("25"), Decimal("0.5"), Decimal("1.3333")]
    assert [row["Quantity"] for row in rows_for(*(line(quantity=each) for each in quantities))] == quantities


def test_a_deduction_keeps_a_positive_price_and_turns_its_quantity(rows_for: Any) -> None:
    _, discount = rows_for(line(quantity=25, price="400.00"), line("Discount", quantity=2, price="-150.00"))
    assert (discount["Price"], discount["Quantity"]) == (Decimal("150"), Decimal("-2"))


# Consumer customer fields, for booking invoices


def test_name_is_the_company_name_of_a_consumer(company_for: Any) -> None:
    company = company_for(booker="Kari Marie Nordmann")
    assert (company["Type"], company["Name"], company["FirstName"]) == ("Consumer", "Kari Marie Nordmann", "Kari")


def test_email_address_stands_in_all_email_fields(company_for: Any) -> None:
    company = company_for(email="kari@booker.example")
    assert company["EmailAddresses"] == {
        place: {"Value": "kari@booker.example"} for place in ("Primary", "Work", "Home", "Invoice")
    }


def test_address_is_the_full_postal_address(company_for: Any) -> None:
    company = company_for(address="Fjordveien 7", address2="Oppgang B", zipCode="5003", city="Bergen")
    for place in ("Invoice", "Post"):
        address = company["Addresses"][place]
        assert (address["Street"], address["PostalCode"], address["PostalArea"], address["Country"]) == (
            "Fjordveien 7, Oppgang B",
            "5003",
            "Bergen",
            "NO",
        )


def test_country_is_the_country_code(company_for: Any) -> None:
    assert company_for(countryCode="SE")["Country"] == "SE"
