"""The Finago stand-in: orders, invoices, credit notes and payments (contract/finago.md 7, decisions 6)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from qondor_finago_pipelines.sandbox import World
from tests.conftest import FakeClock

from .conftest import OSLO, Fault, Soap

ROW = (
    "<InvoiceRow><ProductId>301</ProductId><Price>400.00</Price>"
    "<Name>Package</Name><Quantity>25</Quantity></InvoiceRow>"
)


@pytest.fixture
def oslo(oslo: Soap, world: World) -> Soap:
    world.add_company("Nordlys AS", id=4711)
    world.add_finago_project(id=12345)
    return oslo


def order(
    *,
    id: int | None = None,
    customer: int | None = 4711,
    status: str = "Offer",
    reference: str = "9001",
    between: str = "",
    payment: str = "",
    project: int | None = 12345,
    rows: str = ROW,
    tail: str = "",
    dates: str = "",
    paid: str = "",
) -> str:
    """An InvoiceOrder in schema order."""
    return (
        (f"<OrderId>{id}</OrderId>" if id else "")
        + (f"<CustomerId>{customer}</CustomerId>" if customer else "")
        + f"<OrderStatus>{status}</OrderStatus>{dates}"
        + (f"<ProjectId>{project}</ProjectId>" if project else "")
        + f"<IncludeVAT>false</IncludeVAT>{paid}{between}{payment}"
        + (f"<InvoiceRows>{rows}</InvoiceRows>" if rows else "")
        + f"{tail}<ReferenceNumber>{reference}</ReferenceNumber>"
    )


def test_a_saved_order_has_an_id_and_keeps_what_was_sent(oslo: Soap, world: World) -> None:
    saved = oslo.save_order(order(between="<DepartmentId>3</DepartmentId>"))
    stored = world.order_of(9001)
    assert saved["OrderId"] == str(stored["OrderId"])
    assert (saved["ReferenceNumber"], saved["CustomerId"]) == ("9001", "4711")
    assert (stored["DepartmentId"], stored["CustomerName"], stored["ProjectId"]) == (3, "Nordlys AS", 12345)
    assert "OrderTotalIncVat" not in saved


def test_the_total_is_computed_from_rows_and_product_rates(oslo: Soap) -> None:
    rows = (
        "<InvoiceRow><ProductId>301</ProductId><Price>33.335</Price><Quantity>3</Quantity></InvoiceRow>"
        "<InvoiceRow><ProductId>302</ProductId><Price>100</Price><Quantity>1</Quantity></InvoiceRow>"
        "<InvoiceRow><Name>Thank you</Name><Type>Text</Type></InvoiceRow>"
    )
    saved = oslo.save_order(order(rows=rows))
    read = oslo.order(saved["OrderId"], "OrderTotalIncVat", "OrderTotalVat")
    # 100.005 is 100.01 and its VAT 25.0025 is 25.00; 100.00 has 15.00 of VAT.
    assert Decimal(read["OrderTotalIncVat"]) == Decimal("240.01")
    assert Decimal(read["OrderTotalVat"]) == Decimal("40.00")


def test_a_total_that_was_sent_is_ignored(oslo: Soap) -> None:
    saved = oslo.save_order(
        order(between="").replace("</IncludeVAT>", "</IncludeVAT><OrderTotalIncVat>1</OrderTotalIncVat>")
    )
    assert oslo.order(saved["OrderId"], "OrderTotalIncVat")["OrderTotalIncVat"] == "12500.00"


def test_finago_can_be_made_to_compute_another_total(oslo: Soap, world: World) -> None:
    number = world.add_invoice()
    world.distort_total(number, "0.50")
    saved = oslo.save_order(order(reference=str(number)))
    assert oslo.order(saved["OrderId"], "OrderTotalIncVat")["OrderTotalIncVat"] == "12500.50"


def test_rows_come_only_when_asked_for_twice(oslo: Soap) -> None:
    number = oslo.save_order(order())["OrderId"]
    assert "InvoiceRows" not in oslo.order(number, "InvoiceRows")
    assert "InvoiceRows" not in oslo.order(number, "OrderId", rows=("Price",))
    row = oslo.order(number, "InvoiceRows", rows=("Price", "Quantity", "VatRate", "ProductNo"))["InvoiceRows"][
        "InvoiceRow"
    ]
    assert (row["Price"], row["Quantity"], row["VatRate"], row["ProductNo"]) == ("400.00", "25", "25", "3000-25")


def test_an_order_shows_only_its_id_and_include_vat_unless_asked(oslo: Soap) -> None:
    number = oslo.save_order(order())["OrderId"]
    assert oslo.order(number) == {"OrderId": number, "IncludeVAT": None}
    assert oslo.order(number, "IncludeVAT", "Bogus") == {"OrderId": number, "IncludeVAT": "false"}


def test_a_search_for_orders_needs_a_filter(oslo: Soap) -> None:
    for nothing in ("<searchParams/>", "<searchParams><OrderIds/></searchParams>", ""):
        with pytest.raises(Fault, match="at least one search parameter"):
            oslo.items("InvoiceService", "GetInvoices", nothing)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (order(customer=99), "Customer 99 was not found"),
        (order(project=99), "Project 99 was not found"),
        (order(between="<DepartmentId>99</DepartmentId>"), "Department 99 was not found"),
        (order(rows=ROW.replace("301", "99")), "Product 99 was not found"),
        (order(payment="<PaymentMethodId>99</PaymentMethodId>"), "Payment method 99 was not found"),
        (order(tail="<ReferenceOrderId>99</ReferenceOrderId>"), "Order 99 was not found"),
    ],
)
def test_an_unknown_reference_refuses_its_item_and_no_other(oslo: Soap, world: World, content: str, said: str) -> None:
    batch = "".join(f"<InvoiceOrder>{one}</InvoiceOrder>" for one in (content, order(reference="9002")))
    bad, good = oslo.items("InvoiceService", "SaveInvoices", f"<invoices>{batch}</invoices>")
    assert bad["APIException"]["Type"] == "Office24Seven.Library.Core.ParameterNotFoundException"
    assert said in bad["APIException"]["Message"]
    assert (bad["ReferenceNumber"], "OrderId" in bad) == ("9001", False)
    assert good["OrderId"] == str(world.order_of(9002)["OrderId"])
    assert world.orders_of(9001) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (order(customer=None), "CustomerId is required"),
        (order(reference="9" * 51), "ReferenceNumber may hold at most 50"),
        (order(rows=f"<InvoiceRow><ProductId>301</ProductId><Name>{'x' * 301}</Name></InvoiceRow>"), "Name may hold"),
        (order(status="Invoiced", rows=""), "without rows"),
    ],
)
def test_an_impossible_order_is_refused(oslo: Soap, world: World, content: str, said: str) -> None:
    assert said in oslo.save_order(content)["APIException"]["Message"]
    assert world.books(OSLO).orders == {}


def test_a_supplier_can_not_be_invoiced(oslo: Soap, world: World) -> None:
    supplier = world.add_company("Grand Hotel", type="Supplier")
    assert "supplier" in oslo.save_order(order(customer=supplier))["APIException"]["Message"]


def test_invoicing_gives_numbers_without_gaps(oslo: Soap) -> None:
    first = oslo.save_order(order(status="Invoiced", reference="1"))
    refused = oslo.save_order(order(status="Invoiced", reference="2", customer=99))
    second = oslo.save_order(order(status="Invoiced", reference="3"))
    assert "APIException" in refused
    assert int(second["InvoiceId"]) == int(first["InvoiceId"]) + 1
    assert "InvoiceId" not in oslo.save_order(order(reference="4"))


def test_the_second_step_invoices_the_same_order_with_its_rows(oslo: Soap, world: World) -> None:
    number = int(oslo.save_order(order(status="ForInvoicing"))["OrderId"])
    saved = oslo.save_order(
        order(id=number, status="Invoiced", rows="", dates="<DateInvoiced>2026-11-19T00:00:00</DateInvoiced>")
    )
    assert saved["OrderId"] == str(number)
    read = oslo.order(number, "InvoiceId", "DateInvoiced", "OrderTotalIncVat", "OrderStatus")
    assert read["InvoiceId"] == saved["InvoiceId"]
    assert read["DateInvoiced"] == "2026-11-19T00:00:00"
    assert read["OrderTotalIncVat"] == "12500.00"
    assert len(world.order_of(9001).rows) == 1


def test_an_invoice_can_not_be_changed(oslo: Soap) -> None:
    number = int(oslo.save_order(order(status="Invoiced"))["OrderId"])
    again = oslo.save_order(order(id=number, status="Invoiced", rows=""))
    assert "is invoiced and can not be changed" in again["APIException"]["Message"]


def test_a_row_of_an_update_that_names_none_that_stands_there_is_one_more(oslo: Soap, world: World) -> None:
    number = int(oslo.save_order(order())["OrderId"])
    oslo.save_order(order(id=number))
    assert len(world.order_of(9001).rows) == 2


def test_an_update_changes_and_deletes_the_rows_that_it_names(oslo: Soap, world: World) -> None:
    number = int(oslo.save_order(order())["OrderId"])
    (row,) = world.order_of(9001).rows
    changed = (
        f"<InvoiceRow><RowId>{row['RowId']}</RowId><Quantity>1</Quantity><ChangeState>Edit</ChangeState></InvoiceRow>"
    )
    oslo.save_order(
        order(id=number, rows=changed + ROW.replace("</InvoiceRow>", "<ChangeState>Add</ChangeState></InvoiceRow>"))
    )
    assert [row["Quantity"] for row in world.order_of(9001).rows] == [1, 25]
    oslo.save_order(
        order(
            id=number, rows=f"<InvoiceRow><RowId>{row['RowId']}</RowId><ChangeState>Delete</ChangeState></InvoiceRow>"
        )
    )
    assert oslo.order(number, "OrderTotalIncVat")["OrderTotalIncVat"] == "12500.00"


def test_a_closed_period_refuses_the_invoice_and_uses_up_no_number(oslo: Soap, world: World) -> None:
    world.close_period(date(2026, 10, 31))
    closed = order(status="Invoiced", dates="<DateInvoiced>2026-10-31T00:00:00</DateInvoiced>")
    assert "closed period" in oslo.save_order(closed)["APIException"]["Message"]
    saved = oslo.save_order(order(status="Invoiced", dates="<DateInvoiced>2026-11-01T00:00:00</DateInvoiced>"))
    assert saved["InvoiceId"] == "10001"


PAYMENT = "<PaymentMethodId>7</PaymentMethodId><PaymentAmount>12500.00</PaymentAmount>"
PAID = "<Paid>2026-11-19T00:00:00</Paid>"


def test_a_card_payment_is_paid_when_it_is_invoiced_and_not_before(oslo: Soap) -> None:
    early = oslo.save_order(order(status="ForInvoicing", payment=PAYMENT, paid=PAID))
    assert "Paid" not in oslo.order(early["OrderId"], "Paid")
    oslo.save_order(order(id=early["OrderId"], status="Invoiced", payment=PAYMENT, paid=PAID, rows=""))
    read = oslo.order(early["OrderId"], "Paid", "PaymentAmount", "PaymentMethodId")
    assert read["Paid"] == "2026-11-19T00:00:00"
    assert read["PaymentMethodId"] == "7"
    assert "PaymentAmount" not in read


def test_a_payment_of_another_amount_leaves_the_invoice_unpaid(oslo: Soap) -> None:
    saved = oslo.save_order(order(status="Invoiced", payment=PAYMENT.replace("12500", "12000"), paid=PAID))
    assert "Paid" not in oslo.order(saved["OrderId"], "Paid")


def test_a_payment_needs_a_method(oslo: Soap) -> None:
    alone = "<PaymentAmount>12500.00</PaymentAmount>"
    assert "PaymentMethodId" in oslo.save_order(order(status="Invoiced", payment=alone))["APIException"]["Message"]


def test_a_credit_note_refers_to_its_original(oslo: Soap, world: World) -> None:
    original = oslo.save_order(order(status="Invoiced"))
    references = (
        f"<ReferenceInvoiceId>{original['InvoiceId']}</ReferenceInvoiceId>"
        f"<ReferenceOrderId>{original['OrderId']}</ReferenceOrderId>"
    )
    oslo.save_order(order(status="Invoiced", reference="9002", rows=ROW.replace(">25<", ">-25<"), tail=references))
    note = world.order_of(9002)
    assert note["OrderTotalIncVat"] == Decimal("-12500.00")
    assert note["ReferenceOrderId"] == int(original["OrderId"])


def test_an_omitted_rate_means_one_and_so_is_left_out(oslo: Soap) -> None:
    currency = "<Currency><Rate>11.745</Rate><Unit>1</Unit><Symbol>EUR</Symbol></Currency>"
    saved = oslo.save_order(order(between=currency))
    assert oslo.order(saved["OrderId"], "Currency")["Currency"] == {"Rate": "11.745", "Symbol": "EUR"}
    unknown = oslo.save_order(order(between="<Currency><Symbol>ISK</Symbol></Currency>"))
    assert "Currency ISK was not found" in unknown["APIException"]["Message"]


def test_orders_registered_after_an_instant_in_utc(oslo: Soap, clock: FakeClock) -> None:
    first = oslo.save_order(order(reference="1"))["OrderId"]
    clock.advance(minutes=10)
    second = oslo.save_order(order(reference="2"))["OrderId"]

    def registered(after: str, changed: str = "") -> list[Any]:
        content = f"<syncParams>{changed}<RegisteredAfter>{after}</RegisteredAfter></syncParams>"
        return [item.text for item in oslo.call("InvoiceService", "GetOrderSyncList", content)[0]]

    assert registered("2026-11-20T08:59:59Z") == [first, second]
    assert registered("2026-11-20T09:00:00") == [second]
    assert registered("2026-11-20T10:05:00+01:00") == [second]
    assert registered("2026-11-20T09:10:00Z") == []
    clock.advance(minutes=10)
    oslo.save_order(order(id=first, reference="1"))
    nothing = "0001-01-01T00:00:00"
    assert registered(nothing, "<ChangedAfter>2026-11-20T09:15:00Z</ChangedAfter>") == [first]
    with pytest.raises(Fault, match="either"):
        registered(nothing)


def test_orders_are_filtered_by_customer_state_and_number(oslo: Soap) -> None:
    offer = oslo.save_order(order(reference="1"))["OrderId"]
    invoice = oslo.save_order(order(reference="2", status="Invoiced"))

    def found(filter: str) -> list[str]:
        items = oslo.items("InvoiceService", "GetInvoices", f"<searchParams>{filter}</searchParams>")
        return [item["OrderId"] for item in items]

    customer = "<CustomerIds><int>4711</int></CustomerIds>"
    assert found(customer) == [offer, invoice["OrderId"]]
    assert found(f"{customer}<OrderStates><OrderSlipStateType>Offer</OrderSlipStateType></OrderStates>") == [offer]
    assert found(f"<InvoiceIds><int>{invoice['InvoiceId']}</int></InvoiceIds>") == [invoice["OrderId"]]


def test_what_the_accountant_does_by_hand_shows(oslo: Soap, world: World) -> None:
    number = int(oslo.save_order(order())["OrderId"])
    assert world.invoice_order(number) == 10001
    world.pay(number, on=date(2026, 11, 18))
    read = oslo.order(number, "InvoiceId", "Paid", "OrderStatus")
    assert (read["InvoiceId"], read["Paid"], read["OrderStatus"]) == ("10001", "2026-11-18T00:00:00", "Invoiced")
