"""What an answer of Finago means for the record that was sent, and what a look-up says of one that nobody answered.

Nothing is ever concluded from the position of an item, nor from a first look that found nothing (decisions 6 and 7).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ...records.identifiers import InvoiceNumber, OrderId, QondorInvoiceId
from ...records.invoices.orders import FinagoOrder, Order, SavedOrder
from ...records.links import Intent
from ...records.plans import Pending
from ...records.refusals import Reason, Refusal
from ..text import ended, listed, without_addresses

# The answer to a write


@dataclass(frozen=True)
class Landed:
    """The order stands in Finago."""

    order_id: OrderId
    invoice_number: InvoiceNumber | None = None


@dataclass(frozen=True)
class Rejected:
    """Finago refused this item, and certainly did not save it."""

    message: str


@dataclass(frozen=True)
class Unclear:
    """The answer does not tell what became of the item: a look-up has to."""

    why: str


def match_saved(
    sent: Sequence[QondorInvoiceId], replies: Sequence[SavedOrder]
) -> dict[QondorInvoiceId, Landed | Rejected | Unclear]:
    """What became of each order that was sent, matched by ReferenceNumber alone."""
    items: dict[str, list[SavedOrder]] = {str(invoice_id): [] for invoice_id in sent}
    for reply in replies:
        reference = (reply.reference or "").strip()
        if reference in items:
            items[reference].append(reply)
    answers = {invoice_id: _answer(items[str(invoice_id)]) for invoice_id in sent}
    orders = [answer.order_id for answer in answers.values() if isinstance(answer, Landed)]
    return {
        invoice_id: Unclear(f"the answer gives order {answer.order_id} for several invoices")
        if isinstance(answer, Landed) and orders.count(answer.order_id) > 1
        else answer
        for invoice_id, answer in answers.items()
    }


def _answer(items: Sequence[SavedOrder]) -> Landed | Rejected | Unclear:
    if not items:
        return Unclear("the answer has no item with this reference")
    if len(items) > 1:
        return Unclear(f"the answer has {len(items)} items with this reference")
    (item,) = items
    if item.refusal is not None and item.order_id is not None:
        return Unclear(f"the answer names order {item.order_id} and an error at once")
    if item.refusal is not None:
        return Rejected(item.refusal)
    if item.order_id is None:
        return Unclear("the answer has neither an order id nor an error")
    return Landed(item.order_id, item.invoice_number)


def with_row_ids(order: Order, found: FinagoOrder) -> Order | Refusal:
    """The order with Finago's ids of its rows; a refusal where these are not the rows that were sent.

    A row is told by its product, several of one product by their order. Without its id it would be added once more.
    """
    ids: defaultdict[int | None, list[int]] = defaultdict(list)
    for there in found.rows:
        ids[there.product_id].append(there.id)
    if Counter(row.product_id for row in order.rows) != Counter(there.product_id for there in found.rows):
        wrong = f"has other rows than were sent ({len(found.rows)} there, {len(order.rows)} sent)"
    elif not all(there.id for there in found.rows):
        wrong = "has a row whose id cannot be read"
    else:
        return replace(order, rows=tuple(replace(row, row_id=ids[row.product_id].pop(0)) for row in order.rows))
    return Refusal(
        Reason.ORDER_CHANGED,
        f"Invoice {order.reference}: order {found.id} in Finago {wrong}, so that it is not invoiced.",
        "Put the rows of the order right in Finago, or invoice it there by hand.",
    )


_CLOSED_PERIOD = re.compile(
    r"\b(period|periode\w*|fiscal year|regnskaps\w+|date|dato)\b.*\b(clos|lock|lukk|låst|laast|sper|steng|avslutt)"
    r"|\b(clos|lock|lukk|låst|laast|sper|steng|avslutt)\w*\b.*\b(period|periode|fiscal year|regnskaps)",
    re.IGNORECASE | re.DOTALL,
)


def closed_period(message: str) -> bool:
    """True when Finago's message speaks of a closed or locked period, in English or Norwegian.

    No public source has the text, so this is read broadly: it only chooses the words of the remedy.
    """
    return _CLOSED_PERIOD.search(message) is not None


def refusal_of(invoice_id: QondorInvoiceId, message: str) -> Refusal:
    """The refusal of an invoice whose order Finago refused with `message`."""
    said = ended(without_addresses(message)) if message.strip() else "It gave no reason."
    if closed_period(message):
        return Refusal(
            Reason.CLOSED_PERIOD,
            f"Invoice {invoice_id}: its date lies in a period that is closed in Finago. Finago says: {said}",
            "Open the period in Finago, or delete the invoice in Qondor and issue it with a later date; the date is "
            "never moved here.",
        )
    return Refusal(
        Reason.REFUSED_BY_FINAGO,
        f"Invoice {invoice_id}: Finago refused its order. Finago says: {said}",
        "Correct what Finago names; the invoice is tried again in every run.",
    )


# The look-up of a write that nobody answered


@dataclass(frozen=True)
class FoundOrder:
    """The order landed after all."""

    order: FinagoOrder


@dataclass(frozen=True)
class NotLanded:
    """The write did not land and may be sent again."""


@dataclass(frozen=True)
class StillUncertain:
    """Nothing was found, but it is too early to say so: look again when `due_at` has come."""

    due_at: datetime


@dataclass(frozen=True)
class Quarantine:
    """What was found cannot be told apart safely: a person settles it."""

    why: str


def assess_lookup(
    intent: Intent, hits: Sequence[FinagoOrder], *, now: datetime, quiet_period: timedelta
) -> FoundOrder | NotLanded | StillUncertain | Quarantine:
    """What a look-up of an uncertain order says. `hits` are orders registered since the intent, less the margin.

    Only those with the intent's own reference count. `now` is when the look-up began: what landed later is not in it.
    """
    own = _distinct(hit for hit in hits if hit.reference.strip() == intent.key)
    if not own:
        return _not_found(intent, now=now, quiet_period=quiet_period)
    return _one_of(own, intent.key, intent.expected.get("customer_id"), intent.expected.get("project_id"))


def _not_found(intent: Intent, *, now: datetime, quiet_period: timedelta) -> NotLanded | StillUncertain:
    due_at = intent.committed_at + quiet_period
    return NotLanded() if now >= due_at else StillUncertain(due_at)


def _distinct(orders: Iterable[FinagoOrder]) -> list[FinagoOrder]:
    """One of each order id, in order of id: the same order read twice is still one order."""
    return [order for _, order in sorted({order.id: order for order in orders}.items())]


def _differences(order: FinagoOrder, customer_id: str | int | None, project_id: str | int | None) -> str:
    """In what an order differs from what was sent, in words; empty when customer and project agree."""
    pairs = (("customer", order.customer_id, customer_id), ("project", order.project_id, project_id))
    return listed(
        f"{what} {found or 'none'} instead of {wanted or 'none'}"
        for what, found, wanted in pairs
        if found is None or wanted is None or str(found) != str(wanted)
    )


# Adoption: what stands in Finago while the store knows nothing


def assess_adoption(order: Order, hits: Sequence[FinagoOrder]) -> FoundOrder | NotLanded | Quarantine:
    """Which of the orders found in Finago is the one of an invoice that is still unprocessed in Qondor.

    `order` is what would be sent for it. One order with its reference that agrees in customer and project is its own,
    whatever its total: the comparison that follows holds a total that differs. None with its reference: it may be sent.
    Anything else is for a person, since sending it might double it.
    """
    reference = str(order.reference)
    own = _distinct(hit for hit in hits if hit.reference.strip() == reference)
    if not own:
        return NotLanded()
    # A company that is still to be created cannot be the customer of an order that is there already.
    customer_id = None if isinstance(order.customer_id, Pending) else order.customer_id
    return _one_of(own, reference, customer_id, order.project_id)


def _one_of(
    own: Sequence[FinagoOrder], reference: str, customer_id: str | int | None, project_id: str | int | None
) -> FoundOrder | Quarantine:
    if len(own) > 1:
        return Quarantine(f"Finago has several orders for invoice {reference}: {listed(hit.id for hit in own)}.")
    (hit,) = own
    different = _differences(hit, customer_id, project_id)
    if different:
        return Quarantine(f"Finago has order {hit.id} for invoice {reference}, but with {different}.")
    return FoundOrder(hit)
