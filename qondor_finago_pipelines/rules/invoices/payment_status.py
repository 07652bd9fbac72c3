"""Which orders are asked for their payment, and which of them are news to Qondor (decisions 6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ...records.identifiers import OrderId
from ...records.invoices.orders import FinagoOrder
from ...records.links import OrderLink
from ..turns import asked_again_at
from .originals import NEARLY, credited_by


@dataclass(frozen=True, kw_only=True)
class PaymentNews:
    """What Finago says of the orders that were asked for."""

    paid: tuple[tuple[OrderLink, date], ...] = ()
    """To be reported to Qondor, with the day of payment."""
    credited: tuple[OrderLink, ...] = ()
    """Settled by credit notes that come to all of it, and by no payment: not reported."""
    open_again: tuple[OrderLink, ...] = ()
    """Reported as paid earlier, or closed as credited, and unpaid now."""
    still_unpaid: tuple[OrderLink, ...] = ()
    gone: tuple[OrderLink, ...] = ()
    """Finago no longer returns them."""


def links_due(
    links: Iterable[OrderLink],
    *,
    now: datetime,
    today: date,
    days_backwards: int,
    every: timedelta,
    always: bool,
) -> tuple[OrderLink, ...]:
    """The links whose orders are asked for now, oldest order first.

    Orders of the last `days_backwards` days at each turn of `every`, older ones once an Oslo day, whatever their age;
    with `always` all of them. Only what Qondor knows as processed is asked for, and no credit note. What was reported
    as paid is looked at again once an Oslo day: a payment may be taken back.
    """
    young_from = today - timedelta(days=days_backwards)
    due = (
        link
        for link in links
        if link.acknowledged_at is not None
        and not link.is_credit
        and (
            _is_due(link, now=now, young_from=date.max, every=every)
            if link.payment_reported_at is not None
            else always or _is_due(link, now=now, young_from=young_from, every=every)
        )
    )
    return tuple(sorted(due, key=lambda link: (link.order_date, link.order_id)))


def _is_due(link: OrderLink, *, now: datetime, young_from: date, every: timedelta) -> bool:
    again_at = asked_again_at(link.order_date, link.payment_asked_at, young_from=young_from, every=every)
    return again_at is None or now >= again_at


def seem_paid(links: Iterable[OrderLink], orders: Mapping[OrderId, FinagoOrder]) -> tuple[FinagoOrder, ...]:
    """The orders that Finago shows as paid now and Qondor does not: only of these matters how they came to be paid.

    A card payment is paid whatever was credited later.
    """
    return tuple(
        order
        for link in links
        if link.payment_reported_at is None
        and not link.is_card
        and (order := orders.get(link.order_id)) is not None
        and order.paid_on is not None
    )


def newly_paid(
    links: Iterable[OrderLink],
    orders: Mapping[OrderId, FinagoOrder],
    credit_notes: Mapping[OrderId, Sequence[FinagoOrder]],
) -> PaymentNews:
    """Sorts the links that were asked for. `orders` is what Finago returned, `credit_notes` what it holds by original.

    Credit notes and fully credited originals are not reported paid; a card payment is, credited or not.
    """
    paid: list[tuple[OrderLink, date]] = []
    credited: list[OrderLink] = []
    still_unpaid: list[OrderLink] = []
    open_again: list[OrderLink] = []
    gone: list[OrderLink] = []
    for link in links:
        order = orders.get(link.order_id)
        if link.is_credit:
            continue
        if order is None:
            gone.append(link)
        elif link.payment_reported_at is not None:
            if order.paid_on is None:
                open_again.append(link)
        elif order.paid_on is None:
            still_unpaid.append(link)
        elif not link.is_card and is_fully_credited(order, credit_notes.get(order.id, ())):
            credited.append(link)
        else:
            paid.append((link, order.paid_on))
    return PaymentNews(
        paid=tuple(paid),
        credited=tuple(credited),
        still_unpaid=tuple(still_unpaid),
        open_again=tuple(open_again),
        gone=tuple(gone),
    )


def is_fully_credited(original: FinagoOrder, credit_notes: Iterable[FinagoOrder]) -> bool:
    """True when credit notes that are invoiced in Finago now, by whomever, come to all of an order.

    An offer credits nothing yet, and one that is gone does so no more.
    """
    credited = credited_by(note for note in credit_notes if note.invoice_number is not None)
    return (
        credited > 0 and original.total_including_vat is not None and credited >= original.total_including_vat - NEARLY
    )
