"""Credit notes: the invoice that one credits, which must stand in Finago first (decisions 6)."""

from __future__ import annotations

from dataclasses import dataclass

from ...records.identifiers import InvoiceNumber, OrderId
from ...records.invoices.invoices import QondorInvoice
from ...records.invoices.orders import FinagoOrder
from ...records.links import OrderLink
from ...records.refusals import Reason, Refusal
from ..linking import positive_int
from ..text import one_line


@dataclass(frozen=True, kw_only=True)
class Original:
    """What a credit note credits. `invoice_number` None: the original is not invoiced in Finago yet."""

    order_id: OrderId
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
) -> Original | Refusal:
    """What a credit note credits, or why it has to wait or cannot be sent.

    `link` is what the store knows of the original, `order` what Finago now has under the original's order id: that of
    the link, or else its External Reference. `failed` says that the original failed in Qondor, `unsettled` that it is
    still on its way (held, uncertain, or not looked at yet).
    """
    original = "the invoice" if invoice.credited_invoice_id is None else f"invoice {invoice.credited_invoice_id}"
    reference = one_line(invoice.credited_invoice_external_reference)
    order_id = positive_int(reference)
    if reference and order_id is None:
        return _unknown(invoice, f"the External Reference of its original, {reference[:40]!r}, is no Finago order id")
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
    if order is not None:
        number = order.invoice_number or (link.invoice_number if link is not None else None)
        if link is None:
            # Not ours: nobody knows how it was sent, so it counts as not factored.
            return Original(order_id=order.id, invoice_number=number, is_card=invoice.is_card)
        return Original(order_id=order.id, invoice_number=number, factored=link.factored, is_card=link.is_card)
    if link is not None or order_id is not None:
        return _unknown(invoice, f"Finago has no order {link.order_id if link is not None else order_id}")
    if failed:
        return _unknown(invoice, f"{original}, which it credits, failed in Qondor")
    if invoice.credited_invoice_id is None:
        return _unknown(invoice, "it does not say which invoice it credits")
    return _unknown(invoice, f"{original}, which it credits, has no External Reference and no order in Finago")


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
