"""Credit notes must reference the original invoice: which one, and when they have to wait for it."""

from __future__ import annotations

from typing import Any

import pytest

from qondor_finago_pipelines.records.identifiers import InvoiceNumber, OrderId
from qondor_finago_pipelines.records.invoices.invoices import PaymentType, QondorInvoice
from qondor_finago_pipelines.records.refusals import Reason, Refusal
from qondor_finago_pipelines.rules.invoices.originals import Original, original_of
from tests.rules.builders import credit_note, finago_order, order_link


def found(note: QondorInvoice, **changes: Any) -> Original | Refusal:
    arguments: dict[str, Any] = {"link": None, "order": None, "failed": False, "unsettled": False}
    return original_of(note, **{**arguments, **changes})


def refused(note: QondorInvoice, **changes: Any) -> Refusal:
    refusal = found(note, **changes)
    assert isinstance(refusal, Refusal)
    assert f"Credit note {note.id}" in refusal.message
    assert len(str(refusal)) <= 500
    return refusal


def test_the_original_is_the_order_of_its_external_reference() -> None:
    order = finago_order(invoice_number=InvoiceNumber(10007))
    assert found(credit_note(), order=order) == Original(order_id=OrderId(5001), invoice_number=InvoiceNumber(10007))


def test_without_external_reference_it_is_the_stores_link() -> None:
    note = credit_note(credited_invoice_external_reference=None)
    assert found(note, link=order_link(), order=finago_order()) == Original(order_id=OrderId(5001))


def test_our_own_original_brings_its_factoring_choice_and_card_payment() -> None:
    factored = found(credit_note(), link=order_link(factored=True), order=finago_order())
    assert factored == Original(order_id=OrderId(5001), factored=True)
    card = found(credit_note(), link=order_link(is_card=True), order=finago_order())
    assert card == Original(order_id=OrderId(5001), is_card=True)


def test_an_original_that_is_not_ours_counts_as_not_factored() -> None:
    note = credit_note(payment_type=PaymentType.CREDIT_CARD)
    assert found(note, order=finago_order()) == Original(order_id=OrderId(5001), is_card=True)


def test_an_original_invoiced_by_hand_since_is_invoiced() -> None:
    original = found(credit_note(), link=order_link(), order=finago_order(invoice_number=InvoiceNumber(10007)))
    assert isinstance(original, Original)
    assert original.invoice_number == 10007


def test_it_waits_while_its_original_is_held_or_uncertain() -> None:
    bare = credit_note(credited_invoice_external_reference=None)
    assert refused(bare, unsettled=True).reason is Reason.ORIGINAL_NOT_SETTLED
    held = refused(credit_note(), link=order_link(), order=finago_order(), unsettled=True)
    assert held.reason is Reason.ORIGINAL_NOT_SETTLED
    assert "invoice 8001" in held.message


@pytest.mark.parametrize(
    ("members", "waits"),
    [
        ({"acknowledged_at": None, "verified_at": None}, True),
        ({"acknowledged_at": None, "to_be_invoiced": True}, True),
        ({"acknowledged_at": None, "to_be_invoiced": True, "invoice_number": InvoiceNumber(10007)}, False),
        ({"acknowledged_at": None}, False),
        ({"verified_at": None}, False),
    ],
)
def test_it_waits_until_its_originals_order_is_compared_and_invoiced(members: dict[str, Any], waits: bool) -> None:
    answer = found(credit_note(), link=order_link(**members), order=finago_order())
    assert isinstance(answer, Refusal) is waits


def test_an_original_that_failed_is_refused() -> None:
    refusal = refused(credit_note(credited_invoice_external_reference=None), failed=True)
    assert refusal.reason is Reason.ORIGINAL_UNKNOWN
    assert "failed" in refusal.message


def test_an_original_that_nobody_knows_is_refused() -> None:
    refusal = refused(credit_note(credited_invoice_external_reference=None))
    assert refusal.reason is Reason.ORIGINAL_UNKNOWN
    assert "invoice 8001" in refusal.message


def test_a_credit_note_that_names_no_original_is_refused() -> None:
    refusal = refused(credit_note(credited_invoice_id=None, credited_invoice_external_reference=" "))
    assert refusal.reason is Reason.ORIGINAL_UNKNOWN
    assert "does not say" in refusal.message


@pytest.mark.parametrize("reference", ["SO-5001", "0", "-5001"])
def test_a_reference_that_is_no_order_id_is_refused(reference: str) -> None:
    refusal = refused(credit_note(credited_invoice_external_reference=reference))
    assert refusal.reason is Reason.ORIGINAL_UNKNOWN
    assert reference in refusal.message


def test_an_order_that_finago_no_longer_has_is_refused() -> None:
    for link in (None, order_link()):
        refusal = refused(credit_note(), link=link)
        assert refusal.reason is Reason.ORIGINAL_UNKNOWN
        assert "no order 5001" in refusal.message


def test_a_reference_that_is_another_order_than_the_one_sent_is_not_chosen_between() -> None:
    note = credit_note(credited_invoice_external_reference="6002")
    refusal = refused(note, link=order_link(), order=finago_order())
    assert refusal.reason is Reason.CONTRADICTORY
    assert "6002" in refusal.message
    assert "5001" in refusal.message
