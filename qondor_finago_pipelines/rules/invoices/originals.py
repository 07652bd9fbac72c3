"""Credit notes: the invoice that one credits, which must stand in Finago first (decisions 6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from ...records.identifiers import CompanyId, FinagoProjectId, InvoiceNumber, OrderId
from ...records.invoices.invoices import QondorInvoice
from ...records.invoices.orders import FinagoOrder, Order
from ...records.links import OrderLink
from ...records.money import ZERO, plain
from ...records.plans import Pending
from ...records.refusals import Reason, Refusal
from ..linking import positive_int
from ..text import one_line
from ..unreadable import refuse_unreadable

NEARLY = Decimal("0.05")
"""So far Finago's total of an order may be from Qondor's (decisions 6), where totals of both are held together."""


@dataclass(frozen=True, kw_only=True)
class Original:
    """What a credit note credits. `invoice_number` None: the original is not invoiced in Finago yet.

    `total` including VAT, in `currency`: Qondor's own where the original is ours. `credited`, above zero: what its
    other credit notes come to, whoever made them. What Finago does not say is None, or empty, and is not compared.
    """

    order_id: OrderId
    company_id: CompanyId | None = None
    project_id: FinagoProjectId | None = None
    currency: str = ""
    total: Decimal | None = None
    credited: Decimal = ZERO
    invoice_number: InvoiceNumber | None = None
    factored: bool = False
    is_card: bool = False


def original_of(
    invoice: QondorInvoice,
    *,
    link: OrderLink | None,
    order: FinagoOrder | None,
    failed: bool,
    unsettled: bool,
    credit_notes: Iterable[FinagoOrder] = (),
    on_their_way: Decimal = ZERO,
    credits_a_credit_note: bool = False,
) -> Original | Refusal:
    """What a credit note credits, or why it has to wait or cannot be sent.

    `link` is what the store knows of the original, `order` what Finago now has under the original's order id: that of
    the link, or else its External Reference. `failed` says that the original failed in Qondor, `unsettled` that it is
    still on its way (held, uncertain, or not looked at yet). `credit_notes` are those that Finago holds for the
    original, this one's own order left out, `on_their_way`, above zero, what others come to that were sent and that
    Finago does not show yet; `credits_a_credit_note` says that Qondor calls the original one.
    """
    original = "the invoice" if invoice.credited_invoice_id is None else f"invoice {invoice.credited_invoice_id}"
    reference = one_line(invoice.credited_invoice_external_reference)
    order_id = positive_int(reference)
    if reference and order_id is None:
        return _unknown(invoice, f"the External Reference of its original, {reference[:40]!r}, is no Finago order id")
    if credits_a_credit_note or (link is not None and link.is_credit) or (order is not None and is_credit_note(order)):
        return _unknown(invoice, f"{original}, which it credits, is a credit note itself")
    if link is not None and order_id is not None and order_id != link.order_id:
        return Refusal(
            Reason.CONTRADICTORY,
            f"Credit note {invoice.id}: {original} is order {order_id} by its External Reference, but order "
            f"{link.order_id} was sent for it.",
            "Find out in Finago which order is right; the credit note can be entered there by hand.",
        )
    if unsettled or (link is not None and not _is_settled(link)):
        return Refusal(
            Reason.ORIGINAL_NOT_SETTLED,
            f"Credit note {invoice.id} waits for {original}, which it credits.",
            "Settle that invoice; the credit note then goes by itself.",
        )
    credit_notes = tuple(credit_notes)
    for each in (order, *credit_notes) if order is not None else ():
        if unreadable := refuse_unreadable(f"Credit note {invoice.id}: order", each.id, each.unreadable, "Finago"):
            return unreadable
    if order is not None:
        return Original(
            order_id=order.id,
            company_id=order.customer_id,
            project_id=order.project_id,
            currency=order.currency or (link.currency if link is not None else ""),
            total=order.total_including_vat if link is None else link.total,
            credited=credited_by(credit_notes) + on_their_way,
            invoice_number=order.invoice_number or (link.invoice_number if link is not None else None),
            # Of one that is not ours nobody knows how it was sent, so it counts as not factored.
            factored=link is not None and link.factored,
            is_card=invoice.is_card if link is None else link.is_card,
        )
    if link is not None or order_id is not None:
        return _unknown(invoice, f"Finago has no order {link.order_id if link is not None else order_id}")
    if failed:
        return _unknown(invoice, f"{original}, which it credits, failed in Qondor")
    if invoice.credited_invoice_id is None:
        return _unknown(invoice, "it does not say which invoice it credits")
    return _unknown(invoice, f"{original}, which it credits, has no External Reference and no order in Finago")


def is_credit_note(order: FinagoOrder) -> bool:
    """Its reference fields are the link; nothing shows which sign a credit note's total has in Finago (F56)."""
    return order.credited_order_id is not None or order.credited_invoice_number is not None


_CREDITS = ("ReferenceOrderId", "ReferenceInvoiceId")


def credits(note: FinagoOrder, original: FinagoOrder) -> bool:
    """Whether an order is a credit note of the other, or cannot be told not to be one."""
    if note.id == original.id:
        return False
    if any(member in trouble for trouble in note.unreadable for member in _CREDITS):
        # Whatever it says, nobody can read it: it may be one.
        return True
    return note.credited_order_id == original.id or (
        note.credited_invoice_number is not None and note.credited_invoice_number == original.invoice_number
    )


def credited_by(notes: Iterable[FinagoOrder]) -> Decimal:
    """What credit notes come to, above zero."""
    return sum((abs(note.total_including_vat or ZERO) for note in notes), ZERO)


def check_credit_note(order: Order, original: Original, *, planned: Decimal = ZERO) -> Refusal | None:
    """Why an order does not fit the original that it credits: another company, project or currency, or too much.

    `planned`, above zero, is what credit notes of the same original come to that this run sends before it. Names both
    documents and both values (decisions 6).
    """
    pairs = (
        ("company", order.customer_id, original.company_id),
        ("project", order.project_id, original.project_id),
        ("currency", order.currency.symbol, original.currency),
    )
    differing = [
        f"{'a new ' if isinstance(ours, Pending) else ''}{what}{'' if isinstance(ours, Pending) else f' {ours}'}, "
        f"not {theirs}"
        for what, ours, theirs in pairs
        if theirs and ours != theirs
    ]
    already = original.credited + planned
    if not differing and original.total is not None:
        credit = abs(order.total_including_vat)
        if already + credit > original.total + (NEARLY if already else ZERO):
            differing = [
                f"{plain(credit)} where {plain(original.total)} {order.currency.symbol} is all of it"
                + (f" and {plain(already)} is credited already" if already else "")
            ]
    if not differing:
        return None
    return Refusal(
        Reason.CREDIT_DOES_NOT_FIT,
        f"Credit note {order.reference} does not fit order {original.order_id} in Finago, which it credits: it has "
        f"{', '.join(differing)}.",
        "Compare both documents. Delete the credit note in Qondor and issue it again from the right invoice, or credit "
        "the rest by hand in Finago.",
    )


def _is_settled(link: OrderLink) -> bool:
    """True when the original's order stands in Finago as it is to stand: total compared, both steps done."""
    if link.acknowledged_at is not None:
        return True
    return link.verified_at is not None and (not link.to_be_invoiced or link.invoice_number is not None)


def _unknown(invoice: QondorInvoice, why: str) -> Refusal:
    return Refusal(
        Reason.ORIGINAL_UNKNOWN,
        f"Credit note {invoice.id}: {why}.",
        "A credit note needs the External Reference of its original. Credit it by hand in Finago, or delete the credit "
        "note in Qondor and issue it again from the right invoice.",
    )
