"""A credit note fits the invoice that it credits, and what was credited in Finago by hand counts (decisions 6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.sandbox.world.invoice_lines import line
from tests.end_to_end.installation import OSLO, Installation, assert_held, assert_settled, outcome

HALF = Decimal("0.5")


@pytest.fixture
def sent(installation: Installation, world: World, customer: int, project: int) -> Any:
    """An invoice that stands in Finago, invoiced there, and is processed in Qondor."""

    def send(**invoice: Any) -> int:
        made = world.add_invoice(**{"customer": customer, "project": project, **invoice})
        assert_settled(installation.sync(), made)
        if world.order_of(made).get("InvoiceId") is None:
            world.invoice_order(world.order_of(made)["OrderId"])
        return made

    return send


def credit_by_hand(world: World, original: int, share: Decimal = Decimal(1)) -> None:
    """A credit note that an accountant makes in Finago, of all of an invoice or a share of it, and invoices there."""
    order = world.order_of(original)
    world.add_order(
        original,
        company=order["CustomerId"],
        project=order["ProjectId"],
        status="Invoiced",
        ReferenceNumber="by hand",
        ReferenceOrderId=order["OrderId"],
        ReferenceInvoiceId=order.get("InvoiceId"),
        OrderTotalIncVat=-order["OrderTotalIncVat"] * share,
    )


def assert_nothing_is_written_again(installation: Installation, world: World) -> None:
    world.calls.clear()
    installation.sync()
    assert world.calls.writes() == 0


# the credit note fits its original


def test_a_credit_note_of_another_customer_than_its_original_is_held(
    installation: Installation, world: World, sent: Any
) -> None:
    original = sent()
    world.add_company(id=4799, name="Fjord AS", organisation_number="923609016")
    world.add_customer(id=99, name="Fjord AS", organisationNumber="923609016", externalReference="4799")
    note = world.add_invoice(credit_of=original, customer=99, project=world.qondor.invoices[original]["projectId"])

    result = installation.sync()

    assert_held(result, note, Reason.CREDIT_DOES_NOT_FIT)
    assert "company 4799, not 4711" in outcome(result, note).message
    assert_nothing_is_written_again(installation, world)


def test_a_credit_note_of_another_project_is_held_and_goes_when_it_is_issued_anew_as_its_remedy_says(
    installation: Installation, world: World, sent: Any, customer: int
) -> None:
    original = sent()
    other = world.add_project(customer=customer)
    note = world.add_invoice(credit_of=original, project=other)

    assert_held(installation.sync(), note, Reason.CREDIT_DOES_NOT_FIT)

    del world.qondor.invoices[note]
    again = world.add_invoice(credit_of=original)
    assert_settled(installation.sync(), again)


def test_an_invoice_credited_twice_in_full_is_credited_once(
    installation: Installation, world: World, sent: Any
) -> None:
    original = sent()
    first, second = world.add_invoice(credit_of=original), world.add_invoice(credit_of=original)

    result = installation.sync()

    assert_settled(result, first)
    assert_held(result, second, Reason.CREDIT_DOES_NOT_FIT)
    assert_held(installation.sync(), second, Reason.CREDIT_DOES_NOT_FIT)
    assert world.orders_of(second) == []


def test_what_was_credited_by_hand_counts_too(installation: Installation, world: World, sent: Any) -> None:
    original = sent()
    credit_by_hand(world, original)
    note = world.add_invoice(credit_of=original)

    assert_held(installation.sync(), note, Reason.CREDIT_DOES_NOT_FIT)


def test_more_than_the_invoice_was_is_held(installation: Installation, world: World, sent: Any) -> None:
    original = sent(lines=[line(quantity=1, price="400.00")])
    note = world.add_invoice(credit_of=original, lines=[line(quantity=-2, price="400.00")])
    rest = world.add_invoice(credit_of=original, lines=[line(quantity=-1, price="400.00")])

    result = installation.sync()

    assert_held(result, note, Reason.CREDIT_DOES_NOT_FIT)
    assert_settled(result, rest)


def test_credit_notes_in_a_circle_are_each_refused_by_name_and_stop_nobody(
    installation: Installation, world: World, sent: Any
) -> None:
    original = sent()
    one, two = world.add_invoice(credit_of=original), world.add_invoice(credit_of=original)
    world.qondor.invoices[one].update(creditedInvoiceId=two, creditedInvoiceExternalReference=None)
    world.qondor.invoices[two].update(creditedInvoiceId=one, creditedInvoiceExternalReference=None)
    good = world.add_invoice(credit_of=original)

    result = installation.sync()

    assert_settled(result, good)
    for note in (one, two):
        assert_held(result, note, Reason.ORIGINAL_UNKNOWN)
        assert "is a credit note itself" in outcome(result, note).message


# credited by hand


def close(world: World, original: int) -> None:
    """Finago closes an invoice, against its credit notes or a payment, and shows it as paid."""
    world.pay(world.order_of(original)["OrderId"])


def test_an_invoice_credited_by_hand_in_finago_is_not_reported_as_paid_and_somebody_is_told(
    installation: Installation, world: World, sent: Any
) -> None:
    original = sent()
    credit_by_hand(world, original)
    close(world, original)

    result = installation.sync()

    assert world.qondor.status_of(original) == "Processed"
    assert_held(result, original, Reason.CREDITED_IN_FINAGO)
    world.calls.clear()
    installation.sync()
    assert world.calls.count("finago", "GetInvoices") == 0, "it is asked for no more"


def test_half_by_hand_and_half_from_qondor_is_all_of_it(installation: Installation, world: World, sent: Any) -> None:
    original = sent(lines=[line(quantity=2, price="400.00")])
    note = world.add_invoice(credit_of=original, lines=[line(quantity=-1, price="400.00")])
    assert_settled(installation.sync(), note)
    credit_by_hand(world, original, share=HALF)
    close(world, original)

    installation.sync()

    assert world.qondor.status_of(original) == "Processed"


def test_half_by_hand_and_the_rest_paid_is_paid(installation: Installation, world: World, sent: Any) -> None:
    original = sent()
    credit_by_hand(world, original, share=HALF)
    close(world, original)

    installation.sync()

    assert world.qondor.status_of(original) == "Paid"


def test_a_credit_note_that_stayed_an_offer_and_was_deleted_credits_nothing(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    """Both go as offers; the accountant deletes the credit note's and invoices the other, and the customer pays."""
    original = world.add_invoice(customer=customer, project=project)
    note = world.add_invoice(credit_of=original)
    assert_settled(installation.sync(), original, note)
    del world.books(OSLO).orders[world.order_of(note)["OrderId"]]
    world.invoice_order(world.order_of(original)["OrderId"])
    close(world, original)

    installation.sync()

    assert world.qondor.status_of(original) == "Paid"


def test_a_payment_that_is_taken_back_is_told_until_it_is_there_again(
    installation: Installation, world: World, sent: Any
) -> None:
    invoice = sent()
    order = world.order_of(invoice)
    world.pay(order["OrderId"])
    assert installation.sync().paid == 1
    paid = order.members.pop("Paid")

    installation.wait(days=1)
    assert_held(installation.sync(), invoice, Reason.PAYMENT_TAKEN_BACK)
    assert world.qondor.status_of(invoice) == "Paid", "Qondor knows no way back"

    order.members["Paid"] = paid
    installation.wait(days=1)
    assert installation.sync().all_settled


def test_an_ordinary_run_asks_for_no_credit_notes(installation: Installation, world: World, sent: Any) -> None:
    sent()
    world.calls.clear()

    installation.sync()

    assert world.calls.count("finago", "GetInvoices") == 1


def test_a_day_later_reported_payments_cost_no_call_of_their_own(
    installation: Installation, world: World, sent: Any
) -> None:
    paid, unpaid = sent(), sent()
    world.pay(world.order_of(paid)["OrderId"])
    installation.sync()
    installation.wait(days=1)
    world.calls.clear()

    installation.sync()

    assert world.qondor.status_of(unpaid) == "Processed"
    assert world.calls.count("finago", "GetInvoices") == 2, "the first one finds the session over"
