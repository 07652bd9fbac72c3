"""Qondor's queue: whose invoice is whose, and which of them can be worked with at all (decisions 3).

Bad content is named, never guessed, and one bad invoice never stops another.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ...records.identifiers import OfficeId, QondorInvoiceId
from ...records.invoices.invoices import InvoiceStatus, InvoiceType, PaymentType, QondorInvoice, Queue, QueueEntry
from ...records.money import plain
from ...records.refusals import Reason, Refusal
from ..email_addresses import usable_email
from ..text import listed, one_line
from .totals import check_sign

_ASK_QONDOR = "Issue the invoice again in Qondor; if it stays so, ask Qondor's support."
_UNREASONABLE = Decimal(10) ** 12
_LINE_MEMBER = re.compile(r"invoiceLines\[(\d+)\]\.?", re.IGNORECASE)
_KINDS: Mapping[object, str] = {
    InvoiceType.CUSTOMER_OFFER: "customer offer invoice",
    InvoiceType.CUSTOMER_FORM: "customer form invoice",
    InvoiceType.BOOKING: "booking invoice",
}


@dataclass(frozen=True, kw_only=True)
class DividedQueue:
    """One poll, sorted by office. Every known office has its entries, if only none."""

    by_office: Mapping[OfficeId, tuple[QueueEntry, ...]]
    refusals: Mapping[OfficeId, Mapping[QondorInvoiceId, Refusal]]
    """Invoices that stand in the list more than once: refused in every office they name, in no `by_office`."""
    unknown_offices: Mapping[OfficeId, int]
    """Offices that are not in the settings, with the number of their invoices: left alone."""
    warnings: tuple[str, ...] = ()


def divide_queue(queue: Queue, offices: Collection[OfficeId]) -> DividedQueue:
    """Sorts a poll by office. `offices` are all those of the settings, whether they are in this run or not."""
    times = Counter(entry.id for entry in queue.entries)
    by_office: dict[OfficeId, list[QueueEntry]] = {office: [] for office in sorted(offices)}
    refusals: dict[OfficeId, dict[QondorInvoiceId, Refusal]] = {office: {} for office in sorted(offices)}
    unknown: Counter[OfficeId] = Counter()
    warnings = [f"Part of Qondor's queue cannot be read and is left alone: {text}" for text in queue.unreadable]
    for entry in queue.entries:
        if entry.office_id is None:
            warnings.append(f"Invoice {entry.id} in Qondor's queue names no office and is left alone.")
        elif entry.office_id not in by_office:
            unknown[entry.office_id] += 1
        elif times[entry.id] > 1:
            refusals[entry.office_id][entry.id] = Refusal(
                Reason.TWICE_IN_QUEUE,
                f"Invoice {entry.id} stands {times[entry.id]} times in Qondor's queue.",
                "Ask Qondor's support which of them is right; nothing is sent until it stands there once.",
            )
        else:
            by_office[entry.office_id].append(entry)
    warnings += [
        f"Qondor's queue holds {count} invoice{'s' if count > 1 else ''} of office {office}, which is not in the "
        "settings: left alone."
        for office, count in sorted(unknown.items())
    ]
    return DividedQueue(
        by_office={office: tuple(entries) for office, entries in by_office.items()},
        refusals=refusals,
        unknown_offices=dict(sorted(unknown.items())),
        warnings=tuple(warnings),
    )


def describe(invoice: QondorInvoice) -> str:
    """The invoice's kind in the article's words."""
    if invoice.is_credit:
        return "credit note"
    if invoice.is_card:
        return "card payment"
    return _KINDS.get(invoice.invoice_type, "invoice")


def split_waves(
    details: Iterable[QondorInvoice], queued_ids: Collection[QondorInvoiceId]
) -> tuple[tuple[QondorInvoice, ...], tuple[QondorInvoice, ...]]:
    """The invoices in two waves, each in order of id: a credit note follows an original that is itself in the queue.

    `queued_ids` are the ids of the queue that this run works on, refused ones included: their credit notes are judged
    when the first wave has shown what became of them.
    """
    first: list[QondorInvoice] = []
    second: list[QondorInvoice] = []
    for detail in sorted(details, key=lambda invoice: invoice.id):
        follows = detail.is_credit and detail.credited_invoice_id in queued_ids
        (second if follows else first).append(detail)
    return tuple(first), tuple(second)


def check_entry(entry: QueueEntry, detail: QondorInvoice) -> Refusal | None:
    """The first reason why this invoice cannot be worked with, as it stands in list and detail; None when it can.

    After it, every member that the other rules reckon with is there: project, date, currency, total, and of each line
    name, quantity, price and VAT rate.
    """
    return (
        _check_status(detail)
        or _check_figures(entry, detail)
        or _check_agreement(entry, detail)
        or _check_links(detail)
        or _check_types(detail)
        or _check_completeness(entry, detail)
        or _check_vat_on_margin(detail)
        or check_sign(detail)
    )


def _check_status(detail: QondorInvoice) -> Refusal | None:
    if detail.status == InvoiceStatus.UNPROCESSED or detail.status is None:
        return None  # A null status is named with whatever else is missing.
    if not isinstance(detail.status, InvoiceStatus):
        return Refusal(
            Reason.UNKNOWN_TYPE,
            f"Invoice {detail.id} has the status {one_line(detail.status)!r} in Qondor, which is not known here.",
            "Ask Qondor's support what it means; the other invoices go on.",
        )
    return Refusal(
        Reason.NO_LONGER_UNPROCESSED,
        f"Invoice {detail.id} stands in Qondor's queue, but is {detail.status.name.lower()} there already.",
        "Nothing to do if somebody settled it by hand; else ask Qondor's support why it is still in the queue.",
    )


def _check_figures(entry: QueueEntry, detail: QondorInvoice) -> Refusal | None:
    """Refuses numbers that nothing can be reckoned with, before anything is."""
    figures = [
        ("total", entry.total_including_vat),
        ("total including VAT", detail.total_including_vat),
        ("total excluding VAT", detail.total_excluding_vat),
        ("total VAT", detail.total_vat),
    ]
    for number, line in enumerate(detail.lines, start=1):
        figures += [
            (f"quantity of line {number}", line.quantity),
            (f"price of line {number}", line.out_price),
            (f"cost price of line {number}", line.in_price),
            (f"VAT rate of line {number}", line.vat_percentage),
            (f"VAT on the margin of line {number}", line.vat_percentage_fee),
            (f"VAT of line {number}", line.vat_amount),
        ]
    for what, figure in figures:
        if figure is not None and not (figure.is_finite() and abs(figure) < _UNREASONABLE):
            return Refusal(
                Reason.INCOMPLETE, f"Invoice {detail.id}: the {what} is no number to reckon with.", _ASK_QONDOR
            )
    return None


def _check_agreement(entry: QueueEntry, detail: QondorInvoice) -> Refusal | None:
    for what, in_list, in_detail in _compared(entry, detail):
        if in_list != in_detail:
            return Refusal(
                Reason.CONTRADICTORY,
                f"Invoice {entry.id}: the {what} is {in_list} in Qondor's list, but {in_detail} in its detail.",
                _ASK_QONDOR,
            )
    return None


def _compared(entry: QueueEntry, detail: QondorInvoice) -> Iterator[tuple[str, object, object]]:
    """What list and detail must agree on; what one of them does not have is not compared."""
    yield "id", entry.id, detail.id
    if entry.office_id is not None and detail.office_id is not None:
        yield "office", entry.office_id, detail.office_id
    if entry.currency is not None and detail.currency is not None:
        yield "currency", one_line(entry.currency).upper(), one_line(detail.currency).upper()
    if entry.total_including_vat is not None and detail.total_including_vat is not None:
        yield "total including VAT", plain(entry.total_including_vat), plain(detail.total_including_vat)
    for what, in_list, in_detail in (
        ("customer", entry.customer_id, detail.customer_id),
        ("project", entry.project_id, detail.project_id),
    ):
        if in_list is not None and in_detail is not None:
            yield what, in_list, in_detail
    yield "kind", _credit_or_not(entry.is_credit), _credit_or_not(detail.is_credit)


def _credit_or_not(is_credit: bool) -> str:
    return "credit note" if is_credit else "invoice"


def _check_links(detail: QondorInvoice) -> Refusal | None:
    if detail.project_id is None and not _is_garbled(detail, "projectId"):
        return Refusal(
            Reason.NO_PROJECT,
            f"Invoice {detail.id} is not linked to a project.",
            "Every invoice needs a project: delete it in Qondor, link it to one and issue it again.",
        )
    if detail.is_booking:
        if usable_email(detail.email) is None and not _is_garbled(detail, "email"):
            return Refusal(
                Reason.BOOKING_WITHOUT_EMAIL,
                f"Booking invoice {detail.id} has no usable e-mail address, by which its booker is known in Finago.",
                "Enter one valid e-mail address of the booker in Qondor, delete the invoice and issue it again.",
            )
    elif (
        isinstance(detail.invoice_type, InvoiceType)
        and detail.customer_id is None
        and not _is_garbled(detail, "customerId")
    ):
        return Refusal(
            Reason.NO_CUSTOMER,
            f"Invoice {detail.id} is a {describe(detail)} without a customer.",
            "Choose its customer in Qondor, delete the invoice and issue it again.",
        )
    return None


def _is_garbled(detail: QondorInvoice, member: str) -> bool:
    """True when the member is there but cannot be read, which is not the same as being left out."""
    return any(
        text.casefold().startswith(member.casefold()) and not text.casefold().endswith(("is null", "is missing"))
        for text in detail.unreadable
    )


def _check_types(detail: QondorInvoice) -> Refusal | None:
    for what, value in (("invoice type", detail.invoice_type), ("payment type", detail.payment_type)):
        if value is not None and not isinstance(value, (InvoiceType, PaymentType)):
            return Refusal(
                Reason.UNKNOWN_TYPE,
                f"Invoice {detail.id} has the {what} {one_line(value)!r}, which is not known here.",
                "Ask for this integration to be taught the new type; the other invoices go on.",
            )
    return None


def _check_completeness(entry: QueueEntry, detail: QondorInvoice) -> Refusal | None:
    faults = tuple(map(_in_words, (*entry.unreadable, *detail.unreadable))) or tuple(_missing(detail))
    if not faults:
        return None
    more = f" (and {len(faults) - 3} more)" if len(faults) > 3 else ""
    return Refusal(
        Reason.INCOMPLETE, f"Invoice {detail.id} is incomplete: {listed(dict.fromkeys(faults[:3]))}{more}.", _ASK_QONDOR
    )


def _in_words(unreadable: str) -> str:
    """`invoiceLines[0].quantity is null` as `line 1: quantity is null`."""
    return _LINE_MEMBER.sub(lambda match: f"line {int(match[1]) + 1}: ", one_line(unreadable)).rstrip(".")


def _missing(detail: QondorInvoice) -> Iterator[str]:
    members: tuple[tuple[str, object], ...] = (
        ("status", detail.status),
        ("invoice type", detail.invoice_type),
        ("payment type", detail.payment_type),
        ("invoice date", detail.invoice_date),
        ("currency", one_line(detail.currency) or None),
        ("total including VAT", detail.total_including_vat),
    )
    yield from (f"it has no {name}" for name, value in members if value is None)
    if detail.is_booking and not one_line(detail.customer_name):
        yield "it has no name of the booker"
    if not detail.lines:
        yield "it has no lines"
    for number, line in enumerate(detail.lines, start=1):
        numbers: tuple[tuple[str, object], ...] = (
            ("name", one_line(line.name) or None),
            ("quantity", line.quantity),
            ("price", line.out_price),
            ("VAT rate", line.vat_percentage),
        )
        yield from (f"line {number} has no {name}" for name, value in numbers if value is None)


def _check_vat_on_margin(detail: QondorInvoice) -> Refusal | None:
    for number, line in enumerate(detail.lines, start=1):
        if line.vat_percentage_fee:
            return Refusal(
                Reason.VAT_ON_MARGIN,
                f"Invoice {detail.id}, line {number}: it has VAT on the margin ({plain(line.vat_percentage_fee)} %), "
                "which an order in Finago cannot carry.",
                "Enter this invoice in Finago by hand and settle it in Qondor, or issue it again without VAT on the "
                "margin.",
            )
    return None
