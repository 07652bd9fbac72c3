"""The five kinds of invoice, and what each of them becomes in Finago."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from qondor_finago_pipelines.records.operations.results import RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import World, line
from tests.end_to_end.installation import Installation, assert_held, assert_settled, outcome

ONE_LINE = [line(quantity=25, price="400.00")]


@pytest.fixture
def issue(world: World, customer: int, project: int) -> Any:
    """Issues an invoice of this customer and project in Qondor."""
    return lambda **invoice: world.add_invoice(**{"customer": customer, "project": project, **invoice})


@pytest.fixture
def factoring(installation: Installation) -> None:
    installation.configure(invoices={"send_to_factoring_directly": True})


def ending(order: Any) -> tuple[str, str, bool]:
    """How an order ends: its status, how it reaches the customer, and whether it goes to factoring."""
    return order["OrderStatus"], order["Distributor"], order["SendToFactoring"]


OFFER = ("Offer", "Manual", False)
INVOICED = ("Invoiced", "Manual", False)
FACTORED = ("Invoiced", "Auto", True)


def test_every_kind_becomes_one_order_and_is_processed_with_the_order_id(
    installation: Installation, world: World, issue: Any
) -> None:
    kinds = {
        issue(kind="offer"): ("customer offer invoice", OFFER),
        issue(kind="form"): ("customer form invoice", OFFER),
        issue(kind="booking", customer=None): ("booking invoice", OFFER),
        issue(kind="booking", customer=None, card=True): ("card payment", INVOICED),
    }
    kinds[issue(credit_of=next(iter(kinds)))] = ("credit note", OFFER)

    result = installation.sync()

    assert_settled(result, *kinds)
    for invoice, (what, end) in kinds.items():
        order = world.order_of(invoice)
        assert (outcome(result, invoice).what, ending(order)) == (what, end)
        assert world.qondor.invoices[invoice]["externalReference"] == str(order["OrderId"])


# Card payments


@pytest.mark.parametrize(
    ("paid", "expected"),
    [
        pytest.param("2026-11-17", datetime(2026, 11, 17), id="on the day Qondor names"),  # noqa: DTZ001
        pytest.param(None, datetime(2026, 11, 16), id="else on the invoice's date"),  # noqa: DTZ001
    ],
)
def test_a_card_payment_is_invoiced_and_marked_as_paid_with_the_configured_method(
    installation: Installation, world: World, issue: Any, paid: str | None, expected: datetime
) -> None:
    payment = issue(card=True, invoice_date=date(2026, 11, 16), paidDate=paid)

    assert_settled(installation.sync(), payment)

    order = world.order_of(payment)
    assert order["InvoiceId"] is not None
    assert (order["Paid"], order["PaymentMethodId"], order["PaymentTime"]) == (expected, 7, 0)
    assert order["DateInvoiced"] == order["DateOrdered"] == datetime(2026, 11, 16)  # noqa: DTZ001
    assert world.calls.count("finago", "SaveInvoices") == 2


def test_a_card_payment_is_no_invoice_before_its_second_step(
    installation: Installation, world: World, issue: Any
) -> None:
    payment = issue(card=True)
    world.close_period(world.today())

    assert_held(installation.sync(), payment, Reason.CLOSED_PERIOD)

    order = world.order_of(payment)
    assert order["OrderStatus"] == "ForInvoicing"
    assert [order.get(name) for name in ("InvoiceId", "Paid", "PaymentMethodId", "DateInvoiced")] == [None] * 4


# Factoring


@pytest.mark.usefixtures("factoring")
def test_with_factoring_an_invoice_is_invoiced_and_distributed_by_itself(
    installation: Installation, world: World, issue: Any
) -> None:
    invoice, payment = issue(), issue(card=True)

    assert_settled(installation.sync(), invoice, payment)

    assert ending(world.order_of(invoice)) == FACTORED
    assert ending(world.order_of(payment)) == INVOICED, "what is paid by card is never factored"


def test_without_factoring_an_invoice_is_created_as_an_offer(
    installation: Installation, world: World, issue: Any
) -> None:
    invoice = issue()

    assert_settled(installation.sync(), invoice)

    assert ending(world.order_of(invoice)) == OFFER
    assert world.calls.count("finago", "SaveInvoices") == 1


@pytest.mark.usefixtures("factoring")
def test_a_total_of_zero_becomes_an_offer_with_a_warning(installation: Installation, world: World, issue: Any) -> None:
    invoice = issue(lines=[line(quantity=1, price="100.00"), line(quantity=-1, price="100.00")])

    result = installation.sync()

    assert_settled(result, invoice)
    assert ending(world.order_of(invoice)) == OFFER
    assert any("total is 0" in warning for warning in result.warnings)


# What becomes a real invoice was compared before


@pytest.mark.usefixtures("factoring")
@pytest.mark.parametrize("card", [pytest.param(False, id="factoring"), pytest.param(True, id="card payment")])
def test_a_total_that_is_off_by_an_ore_is_never_invoiced_nor_sent_again(
    installation: Installation, world: World, issue: Any, card: bool
) -> None:
    invoice = issue(card=card)
    world.distort_total(invoice, "0.01")

    refused = assert_held(installation.sync(), invoice, Reason.TOTAL_DIFFERS_IN_FINAGO)
    assert "12500.01" in refused.message
    assert "12500.00" in refused.message
    world.calls.clear()
    assert_held(installation.sync(), invoice, Reason.TOTAL_DIFFERS_IN_FINAGO)

    assert world.calls.writes() == 0
    assert world.order_of(invoice).get("InvoiceId") is None
    assert world.qondor.status_of(invoice) == "Unprocessed"


@pytest.mark.parametrize("card", [False, True])
def test_it_settles_by_itself_once_the_total_is_corrected_in_finago(
    installation: Installation, world: World, issue: Any, card: bool
) -> None:
    invoice = issue(card=card)
    world.distort_total(invoice, "1.00")
    assert_held(installation.sync(), invoice, Reason.TOTAL_DIFFERS_IN_FINAGO)

    world.distort_total(invoice, "0.00")
    world.order_of(invoice).members["OrderTotalIncVat"] = world.qondor.invoices[invoice]["totalInclVat"]

    assert_settled(installation.sync(), invoice)
    assert (world.order_of(invoice).get("InvoiceId") is not None) is card


@pytest.mark.parametrize(("off", "state"), [("0.05", RecordState.SETTLED), ("0.06", RecordState.HELD)])
def test_an_offer_may_differ_by_rounding_and_by_five_ore_at_most(
    installation: Installation, world: World, issue: Any, off: str, state: RecordState
) -> None:
    invoice = issue(lines=ONE_LINE * 9)
    world.distort_total(invoice, off)

    assert outcome(installation.sync(), invoice).state is state


# Credit notes


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        pytest.param({}, OFFER, id="of an offer: an offer"),
        pytest.param({"card": True}, INVOICED, id="of a card payment: invoiced"),
    ],
)
def test_an_original_in_the_same_queue_goes_first(
    installation: Installation, world: World, issue: Any, original: dict[str, Any], expected: tuple[str, str, bool]
) -> None:
    # The credit note has the lower id: order in the queue decides nothing.
    issued = issue(id=9050, **original)
    note = issue(id=9049, credit_of=issued)

    assert_settled(installation.sync(), issued, note)

    order, credited = world.order_of(note), world.order_of(issued)
    assert ending(order) == expected
    assert order["ReferenceOrderId"] == credited["OrderId"]
    assert order.get("ReferenceInvoiceId") == credited.get("InvoiceId")
    assert order["OrderTotalIncVat"] == -credited["OrderTotalIncVat"]


def test_the_credit_note_of_a_card_payment_is_paid_back_by_the_same_method(
    installation: Installation, world: World, issue: Any
) -> None:
    payment = issue(card=True)
    installation.sync()
    note = issue(credit_of=payment)

    assert_settled(installation.sync(), note)

    order = world.order_of(note)
    # The sandbox sets Paid when the amount that is paid is the whole, here negative, total.
    assert (order["PaymentMethodId"], order["PaymentTime"], order["Paid"]) == (7, 0, order["DateInvoiced"])
    assert order["InvoiceText"] == "Credit note"
    assert world.qondor.status_of(note) == "Processed"


@pytest.mark.parametrize(
    ("invoiced_by_hand", "expected"),
    [pytest.param(True, INVOICED, id="invoiced since"), pytest.param(False, OFFER, id="not invoiced")],
)
def test_the_original_of_an_earlier_run_decides_what_its_credit_note_becomes(
    installation: Installation, world: World, issue: Any, invoiced_by_hand: bool, expected: tuple[str, str, bool]
) -> None:
    original = issue()
    installation.sync()
    if invoiced_by_hand:
        world.invoice_order(world.order_of(original)["OrderId"])
    # The factoring choice is the original's, whatever the settings say by now.
    installation.configure(invoices={"send_to_factoring_directly": True})
    note = issue(credit_of=original)

    result = installation.sync()

    assert_settled(result, note)
    assert ending(world.order_of(note)) == expected
    assert any("not invoiced" in warning for warning in result.warnings) is not invoiced_by_hand


def test_the_credit_note_of_a_factored_invoice_is_factored(
    installation: Installation, world: World, issue: Any, factoring: None
) -> None:
    original = issue()
    note = issue(credit_of=original)

    assert_settled(installation.sync(), original, note)

    assert ending(world.order_of(note)) == FACTORED
    assert world.order_of(note)["ReferenceInvoiceId"] == world.order_of(original)["InvoiceId"]


@pytest.mark.usefixtures("factoring")
def test_an_original_that_is_not_ours_counts_as_not_factored(
    installation: Installation, world: World, issue: Any
) -> None:
    original = issue(status="Processed", reference=40011)
    world.add_finago_project(id=12345, customer=4711)
    world.add_order(original, id=40011, company=4711, project=12345, status="Invoiced", ReferenceNumber="by hand")
    note = issue(credit_of=original)

    assert_settled(installation.sync(), note)

    assert ending(world.order_of(note)) == INVOICED
    assert world.order_of(note)["ReferenceOrderId"] == 40011


def test_a_credit_note_finds_its_original_by_the_store_when_it_has_no_external_reference(
    installation: Installation, world: World, issue: Any
) -> None:
    original = issue()
    installation.sync()
    note = issue(credit_of=original, creditedInvoiceExternalReference=None)

    assert_settled(installation.sync(), note)

    assert world.order_of(note)["ReferenceOrderId"] == world.order_of(original)["OrderId"]


@pytest.mark.parametrize(
    "note",
    [
        pytest.param({"credit_of": 8999}, id="an invoice that Qondor does not have"),
        pytest.param({"credit_of": 8999, "creditedInvoiceExternalReference": "40999"}, id="an order Finago has not"),
        pytest.param({"credit_of": 8999, "creditedInvoiceExternalReference": "F-17"}, id="a reference that is no id"),
    ],
)
def test_the_credit_note_of_an_unknown_original_is_held(
    installation: Installation, world: World, issue: Any, note: dict[str, Any]
) -> None:
    lines = [line(quantity=-1, price="400.00")]
    held = issue(lines=lines, **note)

    assert_held(installation.sync(), held, Reason.ORIGINAL_UNKNOWN)

    assert world.orders_of(held) == []


def test_a_credit_note_waits_for_a_held_original_and_follows_it_in_the_same_run(
    installation: Installation, world: World, issue: Any
) -> None:
    original = issue(currency="ISK")
    note = issue(credit_of=original)
    result = installation.sync()
    assert_held(result, original, Reason.UNKNOWN_CURRENCY)
    assert_held(result, note, Reason.ORIGINAL_NOT_SETTLED)

    world.books(102).currencies["ISK"] = {**world.books(102).currencies["DKK"], "Symbol": "ISK"}

    assert_settled(installation.sync(), original, note)


def test_a_credit_note_waits_while_its_original_is_uncertain(
    installation: Installation, world: World, issue: Any
) -> None:
    original = issue()
    note = issue(credit_of=original)
    world.faults.add("finago", "SaveInvoices", "reset-after-effect")

    result = installation.sync()

    assert outcome(result, original).state is RecordState.UNCERTAIN
    assert_held(result, note, Reason.ORIGINAL_NOT_SETTLED)
    assert world.orders_of(note) == []
    assert_settled(installation.sync(), original, note)
    assert len(world.orders_of(original)) == 1


def test_the_credit_note_of_an_original_that_failed_in_qondor_is_held_for_its_project_manager(
    installation: Installation, issue: Any
) -> None:
    installation.configure(invoices={"fail_in_qondor_after_hours": 0})
    original = issue(currency="ISK")
    assert outcome(installation.sync(), original).state is RecordState.FAILED
    installation.configure()
    note = issue(credit_of=original)

    assert_held(installation.sync(), note, Reason.ORIGINAL_UNKNOWN)


@pytest.mark.parametrize(
    ("credit", "quantity"), [pytest.param(True, 1, id="credit note"), pytest.param(False, -1, id="invoice")]
)
def test_a_credit_note_above_zero_and_an_invoice_below_zero_are_held(
    installation: Installation, world: World, issue: Any, credit: bool, quantity: int
) -> None:
    original = issue(status="Processed", reference=40011)
    wrong = issue(credit_of=original if credit else None, lines=[line(quantity=quantity)])

    assert_held(installation.sync(), wrong, Reason.WRONG_SIGN)

    assert world.orders_of(wrong) == []
