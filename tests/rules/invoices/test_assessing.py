"""Exactly one order: what an answer means, and what a look-up says of a write that nobody answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from qondor_finago_pipelines.records.identifiers import (
    ClientId,
    CompanyId,
    FinagoProjectId,
    InvoiceNumber,
    OfficeId,
    OrderId,
    QondorInvoiceId,
)
from qondor_finago_pipelines.records.invoices.orders import FinagoOrder, FinagoRow, Order, OrderRow, SavedOrder
from qondor_finago_pipelines.records.links import Intent, IntentState, Kind
from qondor_finago_pipelines.records.plans import Pending
from qondor_finago_pipelines.records.refusals import Reason, Refusal
from qondor_finago_pipelines.rules.invoices.assessing import (
    FoundOrder,
    Landed,
    NotLanded,
    Quarantine,
    Rejected,
    StillUncertain,
    Unclear,
    assess_adoption,
    assess_lookup,
    closed_period,
    match_saved,
    refusal_of,
    with_row_ids,
)
from qondor_finago_pipelines.rules.invoices.orders import OrderDecision
from tests.rules.builders import decide, finago_order, invoice

ONE, TWO, THREE = QondorInvoiceId(1), QondorInvoiceId(2), QondorInvoiceId(3)
SENT_AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
QUIET = timedelta(minutes=15)
LATER = SENT_AT + QUIET + timedelta(seconds=1)


def saved(reference: str | None, order_id: int | None = None, **members: Any) -> SavedOrder:
    return SavedOrder(reference=reference, order_id=None if order_id is None else OrderId(order_id), **members)


# Answers are matched by reference, never by position


def test_items_in_another_order_are_matched_by_reference() -> None:
    answers = match_saved([ONE, TWO], [saved("2", 5002, invoice_number=InvoiceNumber(10007)), saved(" 1 ", 5001)])
    assert answers == {ONE: Landed(OrderId(5001)), TWO: Landed(OrderId(5002), InvoiceNumber(10007))}


def test_each_item_succeeds_or_fails_alone() -> None:
    answers = match_saved([ONE, TWO], [saved("1", refusal="CustomerId 4711 does not exist"), saved("2", 5002)])
    assert answers == {ONE: Rejected("CustomerId 4711 does not exist"), TWO: Landed(OrderId(5002))}


@pytest.mark.parametrize(
    "replies",
    [
        [],
        [saved(None, 5001)],
        [saved("9", 5001)],
        [saved("1")],
        [saved("1", 5001), saved("1", 5002)],
        [saved("1", 5001), saved("1", refusal="no")],
        [saved("1", 5001, refusal="but it says no")],
    ],
)
def test_an_item_that_is_lacking_doubled_or_contradicts_itself_is_unclear(replies: Sequence[SavedOrder]) -> None:
    answers = match_saved([ONE], replies)
    assert isinstance(answers[ONE], Unclear)


def test_one_order_for_two_invoices_is_unclear_for_both() -> None:
    answers = match_saved([ONE, TWO, THREE], [saved("1", 5001), saved("2", 5001), saved("3", 5003)])
    assert isinstance(answers[ONE], Unclear)
    assert isinstance(answers[TWO], Unclear)
    assert answers[THREE] == Landed(OrderId(5003))


# Refusals


@pytest.mark.parametrize(
    "message",
    [
        "The period is closed",
        "DateInvoiced is in a closed period.",
        "Cannot post to locked fiscal year 2025",
        "Perioden er låst",
        "Regnskapsåret er avsluttet for 2025",
        "Datoen ligger i en periode som er stengt",
    ],
)
def test_a_closed_period_is_told_as_one(message: str) -> None:
    assert closed_period(message)
    refusal = refusal_of(ONE, message)
    assert refusal.reason is Reason.CLOSED_PERIOD
    assert "Invoice 1" in refusal.message
    assert "Open the period" in refusal.remedy


@pytest.mark.parametrize(
    "message",
    [
        "Office24Seven.Library.Core.ParameterNotFoundException: CustomerId",
        "The update was blocked",
        "Customer is closed",
        "PaymentTime must be a number",
    ],
)
def test_anything_else_is_told_in_finagos_own_words(message: str) -> None:
    assert not closed_period(message)
    refusal = refusal_of(ONE, message)
    assert refusal.reason is Reason.REFUSED_BY_FINAGO
    assert message in refusal.message


def test_finagos_words_are_shortened_and_hold_no_email_address() -> None:
    refusal = refusal_of(ONE, "Duplicate e-mail kari@example.no\n" + "x" * 5000)
    assert "kari@example.no" not in refusal.message
    assert len(str(refusal)) <= 500


def test_a_refusal_without_words_is_still_a_sentence() -> None:
    assert "no reason" in refusal_of(ONE, " ").message


# The look-up


def intent(**changes: Any) -> Intent:
    members: dict[str, Any] = {
        "id": 1,
        "client_id": ClientId(1),
        "office_id": OfficeId(102),
        "kind": Kind.ORDER,
        "key": "8001",
        "payload_hash": "x",
        "committed_at": SENT_AT,
        "state": IntentState.UNCERTAIN,
        "expected": {"customer_id": 4711, "project_id": 12345},
    }
    return Intent(**{**members, **changes})


def test_one_hit_that_agrees_in_customer_and_project_is_the_order() -> None:
    verdict = assess_lookup(intent(), [finago_order()], now=SENT_AT, quiet_period=QUIET)
    assert verdict == FoundOrder(finago_order())


def test_the_same_order_read_twice_is_one_hit() -> None:
    verdict = assess_lookup(intent(), [finago_order(), finago_order()], now=SENT_AT, quiet_period=QUIET)
    assert isinstance(verdict, FoundOrder)


def test_expected_ids_may_have_been_kept_as_text() -> None:
    kept = intent(expected={"customer_id": "4711", "project_id": "12345"})
    assert isinstance(assess_lookup(kept, [finago_order()], now=SENT_AT, quiet_period=QUIET), FoundOrder)


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"customer_id": CompanyId(4712)}, "customer 4712 instead of 4711"),
        ({"project_id": FinagoProjectId(1)}, "project 1 instead of 12345"),
        ({"customer_id": None}, "customer none instead of 4711"),
    ],
)
def test_a_hit_of_another_customer_or_project_is_for_a_person(members: dict[str, Any], named: str) -> None:
    verdict = assess_lookup(intent(), [finago_order(**members)], now=LATER, quiet_period=QUIET)
    assert isinstance(verdict, Quarantine)
    assert named in verdict.why
    assert "5001" in verdict.why


def test_what_was_not_remembered_cannot_agree() -> None:
    for order in (finago_order(), finago_order(customer_id=None, project_id=None)):
        verdict = assess_lookup(intent(expected={}), [order], now=LATER, quiet_period=QUIET)
        assert isinstance(verdict, Quarantine)


def test_several_hits_are_for_a_person_never_an_automatic_pick() -> None:
    verdict = assess_lookup(intent(), [finago_order(id=OrderId(5002)), finago_order()], now=LATER, quiet_period=QUIET)
    assert isinstance(verdict, Quarantine)
    assert "5001 and 5002" in verdict.why


@pytest.mark.parametrize("waited", [timedelta(0), QUIET - timedelta(seconds=1)])
def test_not_found_within_the_quiet_period_says_nothing_yet(waited: timedelta) -> None:
    others = [finago_order(reference="8002"), finago_order(reference="")]
    verdict = assess_lookup(intent(), others, now=SENT_AT + waited, quiet_period=QUIET)
    assert verdict == StillUncertain(SENT_AT + QUIET)


def test_not_found_after_the_quiet_period_did_not_land() -> None:
    assert assess_lookup(intent(), [finago_order(reference="8002")], now=LATER, quiet_period=QUIET) == NotLanded()


# Adoption


@pytest.fixture
def order_decision() -> OrderDecision:
    return decide(invoice(id=QondorInvoiceId(8001)))


def test_an_order_that_is_there_already_is_the_invoices_own_whatever_its_total(order_decision: OrderDecision) -> None:
    assert order_decision.order is not None
    found = finago_order(total_including_vat=None)
    assert assess_adoption(order_decision.order, [found, finago_order(reference="8002")]) == FoundOrder(found)


def test_an_invoice_that_finago_does_not_know_may_be_sent(order_decision: OrderDecision) -> None:
    assert order_decision.order is not None
    assert assess_adoption(order_decision.order, [finago_order(reference="8002")]) == NotLanded()


@pytest.mark.parametrize("members", [{"customer_id": CompanyId(1)}, {"project_id": FinagoProjectId(1)}])
def test_an_order_that_disagrees_is_for_a_person(order_decision: OrderDecision, members: dict[str, Any]) -> None:
    assert order_decision.order is not None
    assert isinstance(assess_adoption(order_decision.order, [finago_order(**members)]), Quarantine)


def test_several_orders_that_are_there_are_for_a_person(order_decision: OrderDecision) -> None:
    assert order_decision.order is not None
    hits = [finago_order(), finago_order(id=OrderId(5002))]
    assert isinstance(assess_adoption(order_decision.order, hits), Quarantine)


def test_a_company_that_is_still_to_be_created_has_no_order_yet() -> None:
    pending = decide(invoice(id=QondorInvoiceId(8001)), customer_id=Pending(Kind.COMPANY, "customer:77"))
    assert pending.order is not None
    assert isinstance(assess_adoption(pending.order, [finago_order()]), Quarantine)


# The rows of the second step


def order_with(*products: int | None) -> Order:
    one = Decimal(1)
    rows = (OrderRow(product_id=product, name="x", price=one, in_price=None, quantity=one) for product in products)
    decided = decide(invoice()).order
    assert decided is not None
    return replace(decided, rows=tuple(rows))


def rows_of(*rows: tuple[int, int | None]) -> FinagoOrder:
    return finago_order(rows=tuple(FinagoRow(id=row_id, product_id=product) for row_id, product in rows))


def test_rows_are_told_by_their_product_and_several_of_one_by_their_order() -> None:
    numbered = with_row_ids(order_with(30, 31, 30, None), rows_of((71, 31), (72, None), (73, 30), (74, 30)))
    assert isinstance(numbered, Order)
    assert [row.row_id for row in numbered.rows] == [73, 71, 74, 72]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (rows_of((71, 30)), "1 there, 2 sent"),
        (rows_of((71, 30), (72, 99)), "other rows"),
        (rows_of((71, 30), (0, 31)), "id cannot be read"),
    ],
)
def test_an_order_with_other_rows_than_were_sent_is_not_invoiced(found: FinagoOrder, told: str) -> None:
    refusal = with_row_ids(order_with(30, 31), found)
    assert isinstance(refusal, Refusal)
    assert refusal.reason is Reason.ORDER_CHANGED
    assert told in refusal.message
