"""Credit notes must reference the original invoice: which one, and when they have to wait for it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from qondor_finago_pipelines.records.identifiers import CompanyId, FinagoProjectId, InvoiceNumber, OrderId
from qondor_finago_pipelines.records.invoices.invoices import PaymentType, QondorInvoice
from qondor_finago_pipelines.records.invoices.orders import Currency, FinagoOrder
from qondor_finago_pipelines.records.links import Kind
from qondor_finago_pipelines.records.plans import Pending
from qondor_finago_pipelines.records.refusals import Reason, Refusal
from qondor_finago_pipelines.rules.invoices.originals import Original, check_credit_note, credits, original_of
from tests.rules.builders import credit_note, decide, finago_order, order_link


def found(note: QondorInvoice, **changes: Any) -> Original | Refusal:
    arguments: dict[str, Any] = {"link": None, "order": None, "failed": False, "unsettled": False}
    return original_of(note, **{**arguments, **changes})


def original(**changes: Any) -> Original:
    """Order 5001 as a credit note's original."""
    order = finago_order()
    usual = Original(
        order_id=OrderId(5001),
        company_id=order.customer_id,
        project_id=order.project_id,
        currency="NOK",
        total=order.total_including_vat,
    )
    return replace(usual, **changes)


def refused(note: QondorInvoice, **changes: Any) -> Refusal:
    refusal = found(note, **changes)
    assert isinstance(refusal, Refusal)
    assert f"Credit note {note.id}" in refusal.message
    assert len(str(refusal)) <= 500
    return refusal


def test_the_original_is_the_order_of_its_external_reference() -> None:
    order = finago_order(invoice_number=InvoiceNumber(10007))
    assert found(credit_note(), order=order) == original(invoice_number=InvoiceNumber(10007))


def test_without_external_reference_it_is_the_stores_link() -> None:
    note = credit_note(credited_invoice_external_reference=None)
    assert found(note, link=order_link(), order=finago_order()) == original()


def test_our_own_original_brings_its_factoring_choice_and_card_payment() -> None:
    factored = found(credit_note(), link=order_link(factored=True), order=finago_order())
    assert factored == original(factored=True)
    card = found(credit_note(), link=order_link(is_card=True), order=finago_order())
    assert card == original(is_card=True)


def test_an_original_that_is_not_ours_counts_as_not_factored() -> None:
    note = credit_note(payment_type=PaymentType.CREDIT_CARD)
    assert found(note, order=finago_order()) == original(is_card=True)


def test_an_original_invoiced_by_hand_since_is_invoiced() -> None:
    known = found(credit_note(), link=order_link(), order=finago_order(invoice_number=InvoiceNumber(10007)))
    assert known == original(invoice_number=InvoiceNumber(10007))


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


# A credit note fits its original


def misfit(known: Original, *, planned: str = "0", **changes: Any) -> str:
    order = decide(credit_note(), original=known).order
    assert order is not None
    refusal = check_credit_note(replace(order, **changes), known, planned=Decimal(planned))
    if refusal is None:
        return ""
    assert refusal.reason is Reason.CREDIT_DOES_NOT_FIT
    assert str(order.reference) in refusal.message
    assert f"order {known.order_id}" in refusal.message, "both documents are named"
    assert len(str(refusal)) <= 500
    return refusal.message


def test_a_credit_note_of_all_of_its_original_fits() -> None:
    assert misfit(original()) == ""
    assert misfit(original(company_id=None, project_id=None, currency="", total=None)) == "", "nothing to compare"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"customer_id": CompanyId(4712)}, "company 4712, not 4711"),
        ({"customer_id": Pending(Kind.COMPANY, "customer:77")}, "a new company, not 4711"),
        ({"project_id": FinagoProjectId(12346)}, "project 12346, not 12345"),
        ({"currency": Currency(symbol="EUR", rate=Decimal("11.5"))}, "currency EUR, not NOK"),
        ({"total_including_vat": Decimal("-12500.01")}, "12500.01 where 12500.00 NOK is all of it"),
    ],
)
def test_another_company_project_currency_or_more_than_it_was_is_held(changes: dict[str, Any], told: str) -> None:
    assert told in misfit(original(), **changes)


def test_all_credit_notes_of_an_original_together_are_not_above_its_total() -> None:
    assert misfit(original(credited=Decimal("0.05"))) == "", "so far Finago's totals may be from Qondor's"
    assert misfit(original(credited=Decimal("0.06"))) != ""
    assert "12500.00 is credited already" in misfit(original(credited=Decimal("12500.00")))
    assert misfit(original(), planned="12500.00") != "", "two of one run see each other"


def test_what_others_credited_counts_by_its_amount_whatever_its_sign() -> None:
    notes = [
        finago_order(id=OrderId(6001), credited_order_id=OrderId(5001), total_including_vat=Decimal("-100.00")),
        finago_order(id=OrderId(6002), credited_order_id=OrderId(5001), total_including_vat=Decimal("50.00")),
    ]
    assert found(credit_note(), order=finago_order(), credit_notes=notes) == original(credited=Decimal("150.00"))


def test_the_total_of_an_original_of_ours_is_qondors() -> None:
    near = finago_order(total_including_vat=Decimal("12499.99"))
    assert found(credit_note(), link=order_link(), order=near) == original()


def test_what_is_on_its_way_counts_as_credited() -> None:
    five = Decimal("5.00")
    assert found(credit_note(), order=finago_order(), on_their_way=five) == original(credited=five)


def test_a_credit_note_that_cannot_be_read_is_not_taken_for_nothing() -> None:
    note = finago_order(id=OrderId(6001), unreadable=("InvoiceOrder.ReferenceOrderId is not an Int",))
    assert credits(note, finago_order())
    assert refused_beside(note).reason is Reason.UNREADABLE
    other = finago_order(id=OrderId(6001), unreadable=("InvoiceOrder.Paid is not a DateTime",))
    assert not credits(other, finago_order())


def refused_beside(note: FinagoOrder) -> Refusal:
    refusal = found(credit_note(), order=finago_order(), credit_notes=[note])
    assert isinstance(refusal, Refusal)
    assert f"order {note.id}" in refusal.message
    return refusal


def test_a_credit_note_of_a_credit_note_is_refused() -> None:
    assert "is a credit note itself" in refused(credit_note(), credits_a_credit_note=True, unsettled=True).message
    assert "is a credit note itself" in refused(credit_note(), link=order_link(is_credit=True)).message
    in_finago = finago_order(credited_invoice_number=InvoiceNumber(10001))
    assert "is a credit note itself" in refused(credit_note(), order=in_finago).message
