"""Every row of the article's table of invoice header fields, and how each kind of invoice ends in Finago."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from qondor_finago_pipelines.records.addresses import PostalAddress
from qondor_finago_pipelines.records.identifiers import CompanyId, FinagoProjectId, InvoiceNumber, OrderId
from qondor_finago_pipelines.records.invoices.invoices import InvoiceType, PaymentType
from qondor_finago_pipelines.records.invoices.orders import CardPayment, Order
from qondor_finago_pipelines.records.links import Kind
from qondor_finago_pipelines.records.plans import Pending
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.rules.invoices.orders import OrderDecision, OrderOptions
from qondor_finago_pipelines.rules.invoices.originals import Original
from tests.rules.builders import booking, card_payment, credit_note, decide, invoice, line, of_lines

FACTORING = OrderOptions(department_id=3, online_payment_method_id=7, send_to_factoring_directly=True)


def order_of(decision: OrderDecision) -> Order:
    assert decision.refusal is None, decision.refusal
    assert decision.order is not None
    return decision.order


def ending(decision: OrderDecision) -> tuple[str, str, bool]:
    order = order_of(decision)
    return order.status, order.distributor, order.send_to_factoring


# The header table


def test_invoice_id_becomes_reference_number() -> None:
    assert order_of(decide(invoice())).reference == 9001


def test_project_number_becomes_project_id() -> None:
    assert order_of(decide(invoice(), project_id=FinagoProjectId(12345))).project_id == 12345


def test_customer_becomes_customer_id() -> None:
    assert order_of(decide(invoice(), customer_id=CompanyId(4711))).customer_id == 4711
    pending = Pending(Kind.COMPANY, "customer:77")
    assert order_of(decide(invoice(), customer_id=pending)).customer_id == pending


@pytest.mark.parametrize(
    ("name", "event", "title"),
    [
        ("Kick-off 2026, final", "Kick-off 2026", "Kick-off 2026, final - Kick-off 2026"),
        ("Kick-off 2026", "Kick-off 2026", "Kick-off 2026"),
        (" Kick-off 2026 ", "Kick-off 2026", "Kick-off 2026"),
        ("Final", None, "Final"),
        ("Final", "  ", "Final"),
        (None, "Kick-off 2026", "Kick-off 2026"),
        (None, None, ""),
    ],
)
def test_name_and_event_become_invoice_title(name: str | None, event: str | None, title: str) -> None:
    assert order_of(decide(invoice(name=name, project_name=event))).title == title


def test_a_title_is_cut_at_300_characters_with_a_warning() -> None:
    decision = decide(invoice(name="n" * 400))
    assert order_of(decision).title == "n" * 300
    assert any("Invoice 9001" in warning and "300" in warning for warning in decision.warnings)


def test_a_title_of_300_characters_is_not_cut() -> None:
    decision = decide(invoice(name="n" * 300, project_name=None))
    assert order_of(decision).title == "n" * 300
    assert decision.warnings == ()


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"invoice_type": InvoiceType.CUSTOMER_OFFER}, "Customer offer invoice"),
        ({"invoice_type": InvoiceType.CUSTOMER_FORM}, "Customer form invoice"),
        ({"invoice_type": InvoiceType.BOOKING}, "Booking invoice"),
        ({"payment_type": PaymentType.CREDIT_CARD}, "Credit card payment"),
        ({"payment_type": PaymentType.CREDIT_CARD, "invoice_type": InvoiceType.BOOKING}, "Credit card payment"),
    ],
)
def test_invoice_type_becomes_invoice_text(changes: dict[str, Any], text: str) -> None:
    assert order_of(decide(invoice(**changes))).text == text


def test_a_credit_note_is_called_a_credit_note_whatever_it_credits() -> None:
    for payment in PaymentType:
        assert order_of(decide(credit_note(payment_type=payment))).text == "Credit note"


def test_date_of_issue_becomes_date_ordered() -> None:
    assert order_of(decide(invoice())).date_ordered == date(2026, 11, 20)


def test_currency_is_matched_by_code_and_sent_with_rate_and_unit() -> None:
    currency = order_of(decide(invoice(currency="SEK", currency_number=752))).currency
    assert (currency.symbol, currency.rate, currency.unit) == ("SEK", Decimal("98.5"), 100)


def test_an_unknown_currency_is_refused() -> None:
    decision = decide(invoice(currency="ISK", currency_number=None))
    assert decision.order is None
    assert decision.refusal is not None
    assert decision.refusal.reason is Reason.UNKNOWN_CURRENCY


def test_total_incl_vat_becomes_order_total_inc_vat() -> None:
    assert order_of(decide(invoice())).total_including_vat == Decimal("12500.00")


def test_email_address_becomes_invoice_email_address() -> None:
    assert order_of(decide(invoice(email=" faktura@nordlys.example "))).email == "faktura@nordlys.example"
    assert order_of(decide(invoice(email=" "))).email is None


def test_an_email_address_too_long_for_finago_is_left_out_since_half_of_it_is_another() -> None:
    decision = decide(invoice(email=";".join(f"{'f' * 60}{number}@nordlys.example" for number in range(4))))
    assert order_of(decision).email is None
    assert any("left out" in warning for warning in decision.warnings)


@pytest.mark.parametrize("email", ["faktura@nordlys.example.", "<faktura@nordlys.example>", "faktura", "a@b.no; b"])
def test_what_is_no_email_address_is_never_sent(email: str) -> None:
    decision = decide(invoice(email=email))
    assert order_of(decision).email is None
    assert any("no valid one" in warning for warning in decision.warnings)


def test_an_email_address_is_sent_without_what_nobody_sees() -> None:
    assert order_of(decide(invoice(email="faktura@nordlys.example\u200b\r\n"))).email == "faktura@nordlys.example"


def test_the_department_is_the_configured_one() -> None:
    assert order_of(decide(invoice())).department_id == 3


# Payment time


@pytest.mark.parametrize(
    ("due", "days"), [(date(2026, 12, 4), 14), (date(2026, 11, 20), 0), (date(2027, 11, 20), 365), (None, None)]
)
def test_payment_time_is_the_days_from_invoice_date_to_due_date(due: date | None, days: int | None) -> None:
    decision = decide(invoice(due_date=due))
    assert order_of(decision).payment_time == days
    assert decision.warnings == ()


def test_a_due_date_before_the_invoice_date_becomes_0_with_a_warning() -> None:
    decision = decide(invoice(due_date=date(2026, 11, 19)))
    assert order_of(decision).payment_time == 0
    assert any("1 days before" in warning for warning in decision.warnings)


def test_a_card_payment_has_payment_time_0() -> None:
    assert order_of(decide(card_payment())).payment_time == 0
    assert order_of(decide(card_payment(due_date=None))).payment_time == 0


def test_a_due_date_beyond_what_finago_can_hold_is_refused() -> None:
    decision = decide(invoice(due_date=date(9999, 12, 31)))
    assert decision.refusal is not None
    assert decision.refusal.reason is Reason.INCOMPLETE
    assert "9999-12-31" in decision.refusal.message


# Offers and factoring


def test_without_factoring_an_invoice_becomes_an_offer() -> None:
    for detail in (invoice(), invoice(invoice_type=InvoiceType.CUSTOMER_FORM), booking()):
        assert ending(decide(detail)) == ("Offer", "Manual", False)
        assert order_of(decide(detail)).card_payment is None


def test_with_factoring_an_invoice_is_sent_directly_with_automatic_distribution() -> None:
    assert ending(decide(invoice(), options=FACTORING)) == ("Invoiced", "Auto", True)
    assert order_of(decide(invoice(), options=FACTORING)).to_be_invoiced


# Card payments


def test_a_card_payment_is_invoiced_and_marked_paid_with_the_configured_method() -> None:
    decision = decide(card_payment())
    assert ending(decision) == ("Invoiced", "Manual", False)
    assert order_of(decision).card_payment == CardPayment(
        method_id=7, amount=Decimal("12500.00"), paid_on=date(2026, 11, 20)
    )


def test_a_card_payment_is_paid_on_its_paid_date_where_it_has_one() -> None:
    payment = order_of(decide(card_payment(paid_date=date(2026, 11, 18)))).card_payment
    assert payment is not None
    assert payment.paid_on == date(2026, 11, 18)


def test_a_card_payment_never_goes_to_factoring() -> None:
    assert ending(decide(card_payment(), options=FACTORING)) == ("Invoiced", "Manual", False)


def test_a_booking_paid_by_card_is_a_card_payment() -> None:
    assert ending(decide(booking(payment_type=PaymentType.CREDIT_CARD))) == ("Invoiced", "Manual", False)


# Totals of zero


@pytest.mark.parametrize("payment", list(PaymentType))
@pytest.mark.parametrize("is_credit", [False, True])
def test_a_total_of_0_becomes_an_offer_with_a_warning(payment: PaymentType, is_credit: bool) -> None:
    free = of_lines("0.00", line(out_price=Decimal(0), vat_amount=None))
    detail = type(free)(**{**free.__dict__, "payment_type": payment, "is_credit": is_credit})
    decision = decide(
        detail,
        options=FACTORING,
        original=Original(order_id=OrderId(5001), invoice_number=InvoiceNumber(10007), factored=True),
    )
    assert ending(decision) == ("Offer", "Manual", False)
    assert order_of(decision).card_payment is None
    assert any("total is 0" in warning for warning in decision.warnings)


def test_an_invoice_with_a_negative_total_is_never_sent() -> None:
    decision = decide(of_lines("-500.00", line(quantity=Decimal(-1), vat_amount=None)))
    assert decision.order is None
    assert decision.refusal is not None
    assert decision.refusal.reason is Reason.WRONG_SIGN


def test_an_invoice_that_does_not_add_up_is_never_sent() -> None:
    decision = decide(invoice(total_including_vat=Decimal("1.00")))
    assert decision.order is None
    assert decision.refusal is not None
    assert decision.refusal.reason is Reason.TOTALS_DO_NOT_ADD_UP


# Credit notes must reference the original invoice


def test_a_credit_note_refers_to_order_and_invoice_of_its_original() -> None:
    original = Original(order_id=OrderId(5001), invoice_number=InvoiceNumber(10007))
    order = order_of(decide(credit_note(), original=original))
    assert order.credited_order_id == 5001
    assert order.credited_invoice_number == 10007


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        (Original(order_id=OrderId(5001), invoice_number=InvoiceNumber(10007)), ("Invoiced", "Manual", False)),
        (
            Original(order_id=OrderId(5001), invoice_number=InvoiceNumber(10007), factored=True),
            ("Invoiced", "Auto", True),
        ),
    ],
)
@pytest.mark.parametrize("factoring", [False, True])
def test_a_credit_note_is_invoiced_with_its_originals_factoring_choice_not_the_settings(
    original: Original, expected: tuple[str, str, bool], factoring: bool
) -> None:
    options = OrderOptions(department_id=3, online_payment_method_id=7, send_to_factoring_directly=factoring)
    decision = decide(credit_note(), original=original, options=options)
    assert ending(decision) == expected
    assert order_of(decision).card_payment is None
    assert decision.warnings == ()


@pytest.mark.parametrize("factored", [False, True])
def test_a_credit_note_of_what_is_not_invoiced_yet_becomes_an_offer_with_a_warning(factored: bool) -> None:
    original = Original(order_id=OrderId(5001), factored=factored)
    decision = decide(credit_note(), original=original, options=FACTORING)
    assert ending(decision) == ("Offer", "Manual", False)
    order = order_of(decision)
    assert (order.credited_order_id, order.credited_invoice_number) == (5001, None)
    assert any("not invoiced in Finago" in warning for warning in decision.warnings)


@pytest.mark.parametrize("told_by", ["the credit note", "the original"])
def test_a_credited_card_payment_follows_the_card_rule_with_a_negative_amount(told_by: str) -> None:
    by_original = told_by == "the original"
    original = Original(order_id=OrderId(5001), invoice_number=InvoiceNumber(10007), is_card=by_original)
    payment = PaymentType.INVOICE if by_original else PaymentType.CREDIT_CARD
    decision = decide(credit_note(payment_type=payment), original=original, options=FACTORING)
    assert ending(decision) == ("Invoiced", "Manual", False)
    order = order_of(decision)
    assert order.card_payment == CardPayment(method_id=7, amount=Decimal("-12500.00"), paid_on=date(2026, 11, 20))
    assert order.payment_time == 0


# One person books for many


def test_a_booker_under_another_name_is_named_on_the_order() -> None:
    order = order_of(decide(booking(), other_bill_to=True))
    assert order.customer_name == "Kari Anne Nordmann"
    assert order.invoice_address == PostalAddress(street="Storgata 1", postal_code="0155", city="Oslo", country="NO")


def test_a_booker_who_is_the_company_needs_no_name_on_the_order() -> None:
    order = order_of(decide(booking()))
    assert order.customer_name is None
    assert order.invoice_address is None


def test_a_long_booker_name_is_cut_at_100_with_a_warning() -> None:
    decision = decide(booking(customer_name="K" * 150), other_bill_to=True)
    assert order_of(decision).customer_name == "K" * 100
    assert any("100" in warning and "KKK" not in warning for warning in decision.warnings)


def test_an_order_shows_no_email_and_no_booker_in_its_repr() -> None:
    shown = repr(order_of(decide(booking(), other_bill_to=True)))
    assert "Nordmann" not in shown
    assert "Example.no" not in shown
    assert "Storgata" not in shown
