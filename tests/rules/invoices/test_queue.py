"""The queue: whose invoice is whose, and bad content, which is named and never guessed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from qondor_finago_pipelines.records.identifiers import CustomerId, OfficeId, QondorInvoiceId, QondorProjectId
from qondor_finago_pipelines.records.invoices.invoices import (
    InvoiceStatus,
    InvoiceType,
    QondorInvoice,
    Queue,
    QueueEntry,
)
from qondor_finago_pipelines.records.refusals import Reason, Refusal
from qondor_finago_pipelines.rules.invoices.queue import check_entry, describe, divide_queue, split_waves
from tests.rules.builders import booking, card_payment, credit_note, invoice, line

OSLO, BERGEN, UNKNOWN = OfficeId(102), OfficeId(205), OfficeId(999)


def entry(number: int = 9001, office: OfficeId | None = OSLO, **members: Any) -> QueueEntry:
    return QueueEntry(id=QondorInvoiceId(number), office_id=office, **members)


def listed(detail: QondorInvoice, **changes: Any) -> QueueEntry:
    """The list entry that agrees with a detail, with changes."""
    members: dict[str, Any] = {
        "id": detail.id,
        "office_id": detail.office_id,
        "is_credit": detail.is_credit,
        "currency": detail.currency,
        "total_including_vat": detail.total_including_vat,
    }
    return QueueEntry(**{**members, **changes})


def refused(detail: QondorInvoice, **changes: Any) -> Refusal:
    refusal = check_entry(listed(detail, **changes), detail)
    assert refusal is not None
    assert str(detail.id) in refusal.message
    assert len(str(refusal)) <= 500
    return refusal


# One poll for all offices


def test_one_poll_serves_every_office() -> None:
    divided = divide_queue(Queue(entries=(entry(1), entry(2, BERGEN), entry(3))), [OSLO, BERGEN])
    assert [e.id for e in divided.by_office[OSLO]] == [1, 3]
    assert [e.id for e in divided.by_office[BERGEN]] == [2]
    assert divided.warnings == ()


def test_an_office_without_invoices_has_an_empty_queue() -> None:
    divided = divide_queue(Queue(entries=()), [OSLO])
    assert divided.by_office[OSLO] == ()
    assert divided.refusals[OSLO] == {}


def test_an_office_that_is_not_in_the_settings_is_left_alone_and_reported() -> None:
    divided = divide_queue(Queue(entries=(entry(1, UNKNOWN), entry(2, UNKNOWN), entry(3))), [OSLO])
    assert divided.unknown_offices == {UNKNOWN: 2}
    assert UNKNOWN not in divided.by_office
    assert any("2 invoices of office 999" in warning for warning in divided.warnings)


def test_an_invoice_twice_in_the_list_is_refused_by_name_and_the_others_go_on() -> None:
    divided = divide_queue(Queue(entries=(entry(1), entry(1), entry(2))), [OSLO])
    assert [e.id for e in divided.by_office[OSLO]] == [2]
    refusal = divided.refusals[OSLO][QondorInvoiceId(1)]
    assert refusal.reason is Reason.TWICE_IN_QUEUE
    assert "Invoice 1 " in refusal.message


def test_an_invoice_listed_for_two_offices_is_refused_in_both() -> None:
    divided = divide_queue(Queue(entries=(entry(1), entry(1, BERGEN))), [OSLO, BERGEN])
    assert divided.by_office == {OSLO: (), BERGEN: ()}
    assert all(QondorInvoiceId(1) in divided.refusals[office] for office in (OSLO, BERGEN))


def test_what_cannot_be_read_or_names_no_office_is_a_warning() -> None:
    divided = divide_queue(Queue(entries=(entry(1, None),), unreadable=("element 4 has no id",)), [OSLO])
    assert any("element 4 has no id" in warning for warning in divided.warnings)
    assert any("Invoice 1 " in warning and "no office" in warning for warning in divided.warnings)


# The five kinds


def test_a_complete_invoice_of_every_kind_passes() -> None:
    kinds = {
        "customer offer invoice": invoice(),
        "customer form invoice": invoice(invoice_type=InvoiceType.CUSTOMER_FORM),
        "booking invoice": booking(),
        "card payment": card_payment(),
        "credit note": credit_note(),
    }
    for kind, detail in kinds.items():
        assert check_entry(listed(detail), detail) is None, kind
        assert describe(detail) == kind


def test_a_credit_note_of_a_card_payment_is_called_a_credit_note() -> None:
    assert describe(credit_note(payment_type=card_payment().payment_type)) == "credit note"


def test_an_invoice_of_an_unknown_type_is_described_all_the_same() -> None:
    assert describe(invoice(invoice_type="Subscription")) == "invoice"


# What cannot be worked with


@pytest.mark.parametrize("status", [InvoiceStatus.PROCESSED, InvoiceStatus.FAILED, InvoiceStatus.PAID])
def test_a_detail_that_is_no_longer_unprocessed(status: InvoiceStatus) -> None:
    assert refused(invoice(status=status)).reason is Reason.NO_LONGER_UNPROCESSED


@pytest.mark.parametrize(
    ("changes", "figures"),
    [
        ({"office_id": BERGEN}, ("205", "102")),
        ({"currency": "SEK"}, ("SEK", "NOK")),
        ({"total_including_vat": Decimal("99.00")}, ("99.00", "12500.00")),
        ({"is_credit": True}, ("credit note", "invoice")),
        ({"customer_id": CustomerId(78)}, ("78", "77")),
        ({"project_id": QondorProjectId(556)}, ("556", "555")),
    ],
)
def test_list_and_detail_that_disagree(changes: dict[str, Any], figures: tuple[str, str]) -> None:
    refusal = refused(invoice(), **changes)
    assert refusal.reason is Reason.CONTRADICTORY
    assert all(figure in refusal.message for figure in figures)


def test_list_and_detail_agree_on_the_amount_however_it_is_written() -> None:
    detail = invoice()
    assert check_entry(listed(detail, total_including_vat=Decimal("12500"), currency="nok"), detail) is None


def test_what_the_list_does_not_say_is_no_disagreement() -> None:
    detail = invoice()
    assert check_entry(listed(detail, total_including_vat=None, currency=None), detail) is None


def test_all_invoices_must_be_linked_to_a_project() -> None:
    refusal = refused(invoice(project_id=None))
    assert refusal.reason is Reason.NO_PROJECT
    assert "project" in refusal.remedy


@pytest.mark.parametrize("kind", [InvoiceType.CUSTOMER_OFFER, InvoiceType.CUSTOMER_FORM])
def test_an_offer_or_form_invoice_needs_a_customer(kind: InvoiceType) -> None:
    assert refused(invoice(invoice_type=kind, customer_id=None)).reason is Reason.NO_CUSTOMER


@pytest.mark.parametrize("email", [None, "", "   ", "ingen", "@", "a b@c.no"])
def test_a_booking_needs_an_email(email: str | None) -> None:
    refusal = refused(booking(email=email))
    assert refusal.reason is Reason.BOOKING_WITHOUT_EMAIL


def test_an_offer_invoice_needs_no_email() -> None:
    detail = invoice(email=None)
    assert check_entry(listed(detail), detail) is None


@pytest.mark.parametrize(
    ("member", "value"), [("invoice_type", "Subscription"), ("payment_type", "Voucher"), ("status", "OnHold")]
)
def test_an_unknown_type_holds_only_the_invoice_that_has_it(member: str, value: str) -> None:
    refusal = refused(invoice(**{member: value}))
    assert refusal.reason is Reason.UNKNOWN_TYPE
    assert value in refusal.message


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"lines": ()}, "no lines"),
        ({"invoice_date": None}, "no invoice date"),
        ({"currency": None}, "no currency"),
        ({"total_including_vat": None}, "no total including VAT"),
        ({"status": None}, "no status"),
        ({"invoice_type": None}, "no invoice type"),
        ({"payment_type": None}, "no payment type"),
    ],
)
def test_a_missing_member_is_named(changes: dict[str, Any], named: str) -> None:
    refusal = refused(invoice(**changes))
    assert refusal.reason is Reason.INCOMPLETE
    assert named in refusal.message


@pytest.mark.parametrize(
    ("member", "named"),
    [("name", "name"), ("quantity", "quantity"), ("out_price", "price"), ("vat_percentage", "VAT rate")],
)
def test_a_null_on_a_line_is_named_with_its_line(member: str, named: str) -> None:
    refusal = refused(invoice(lines=(line(), line(**{member: None}))))
    assert refusal.reason is Reason.INCOMPLETE
    assert f"line 2 has no {named}" in refusal.message


def test_a_line_may_lack_article_number_cost_price_and_vat_amount() -> None:
    detail = invoice(lines=(line(article_number=None, in_price=None, vat_amount=None),))
    assert check_entry(listed(detail), detail) is None


def test_what_could_not_be_read_is_told_with_its_line() -> None:
    refusal = refused(invoice(unreadable=("invoiceLines[0].quantity is 'many'",)))
    assert refusal.reason is Reason.INCOMPLETE
    assert "line 1: quantity is 'many'" in refusal.message


def test_many_faults_still_fit_one_message() -> None:
    refusal = refused(invoice(unreadable=tuple(f"invoiceLines[{n}].quantity is null" for n in range(40))))
    assert "37 more" in refusal.message


def test_a_project_that_is_garbled_is_not_taken_for_a_missing_one() -> None:
    garbled = invoice(project_id=None, unreadable=("projectId is 'abc'",))
    assert refused(garbled).reason is Reason.INCOMPLETE
    missing = invoice(project_id=None, unreadable=("projectId is null",))
    assert refused(missing).reason is Reason.NO_PROJECT


@pytest.mark.parametrize("number", ["1E+400", "NaN", "-Infinity", "1000000000000"])
def test_a_number_that_nothing_can_be_reckoned_with_is_refused_not_stumbled_over(number: str) -> None:
    for detail in (
        invoice(total_including_vat=Decimal(number)),
        invoice(lines=(line(out_price=Decimal(number)),)),
    ):
        assert refused(detail).reason is Reason.INCOMPLETE


def test_vat_on_the_margin_is_held() -> None:
    refusal = refused(invoice(lines=(line(), line(vat_percentage_fee=Decimal(25)))))
    assert refusal.reason is Reason.VAT_ON_MARGIN
    assert "line 2" in refusal.message


def test_a_margin_vat_of_zero_is_none() -> None:
    detail = invoice(lines=(line(vat_percentage_fee=Decimal(0)),))
    assert check_entry(listed(detail), detail) is None


def test_a_credit_note_with_a_positive_total_is_held() -> None:
    assert refused(credit_note(total_including_vat=Decimal("12500.00"))).reason is Reason.WRONG_SIGN


def test_a_booking_without_a_name_is_incomplete() -> None:
    refusal = refused(booking(customer_name=" "))
    assert refusal.reason is Reason.INCOMPLETE
    assert "name of the booker" in refusal.message


def test_no_refusal_tells_a_name_or_an_email() -> None:
    for changes in ({"project_id": None}, {"lines": ()}, {"invoice_type": "X"}, {"email": "kari nordmann"}):
        text = str(check_entry(listed(booking(**changes)), booking(**changes)))
        assert "nordmann" not in text.casefold()
        assert "kari@" not in text.casefold()


# Originals before their credit notes


def test_when_both_are_in_the_queue_the_original_goes_first() -> None:
    original = invoice(id=QondorInvoiceId(9500))
    note = credit_note(id=QondorInvoiceId(9400), credited_invoice_id=original.id)
    other = invoice(id=QondorInvoiceId(9300))
    first, second = split_waves([note, original, other], [note.id, original.id, other.id])
    assert [detail.id for detail in first] == [9300, 9500]
    assert [detail.id for detail in second] == [9400]


def test_a_credit_note_whose_original_is_not_in_the_queue_waits_for_nobody() -> None:
    note = credit_note()
    assert split_waves([note], [note.id]) == ((note,), ())


def test_a_credit_note_of_an_original_that_was_refused_follows_in_the_second_wave() -> None:
    note = credit_note(credited_invoice_id=QondorInvoiceId(9500))
    assert split_waves([note], [note.id, QondorInvoiceId(9500)]) == ((), (note,))
