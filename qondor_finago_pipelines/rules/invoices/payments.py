"""Which orders are asked for their payment, and which of them are news to Qondor (decisions 6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ...records.identifiers import OrderId, QondorInvoiceId
from ...records.invoices.orders import FinagoOrder
from ...records.links import OrderLink
from ...records.money import ZERO
from ..turns import asked_again_at


@dataclass(frozen=True, kw_only=True)
class PaymentNews:
    """What Finago says of the orders that were asked for."""

    paid: tuple[tuple[OrderLink, date], ...] = ()
    """To be reported to Qondor, with the day of payment."""
    credited: tuple[OrderLink, ...] = ()
    """Paid or not, fully credited: not reported."""
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
    with `always` all of them. Only what Qondor knows as processed and not yet as paid is asked for, and no credit note.
    """
    young_from = today - timedelta(days=days_backwards)
    due = (
        link
        for link in links
        if link.acknowledged_at is not None
        and link.payment_reported_at is None
        and not link.is_credit
        and (always or _is_due(link, now=now, young_from=young_from, every=every))
    )
    return tuple(sorted(due, key=lambda link: (link.order_date, link.order_id)))


def _is_due(link: OrderLink, *, now: datetime, young_from: date, every: timedelta) -> bool:
    again_at = asked_again_at(link.order_date, link.payment_asked_at, young_from=young_from, every=every)
    return again_at is None or now >= again_at


def newly_paid(
    links: Iterable[OrderLink],
    orders: Mapping[OrderId, FinagoOrder],
    credits: Mapping[QondorInvoiceId, Sequence[OrderLink]],
) -> PaymentNews:
    """Sorts the links that were asked for. `orders` is what Finago returned, `credits` the credit notes by original.

    Credit notes and fully credited originals are not reported paid; a card payment is, credited or not.
    """
    paid: list[tuple[OrderLink, date]] = []
    credited: list[OrderLink] = []
    still_unpaid: list[OrderLink] = []
    gone: list[OrderLink] = []
    for link in links:
        order = orders.get(link.order_id)
        if link.is_credit:
            continue
        if order is None:
            gone.append(link)
        elif not link.is_card and is_fully_credited(link, credits.get(link.invoice_id, ())):
            credited.append(link)
        elif order.paid_on is None:
            still_unpaid.append(link)
        else:
            paid.append((link, order.paid_on))
    return PaymentNews(paid=tuple(paid), credited=tuple(credited), still_unpaid=tuple(still_unpaid), gone=tuple(gone))


def is_fully_credited(original: OrderLink, credit_notes: Iterable[OrderLink]) -> bool:
    """True when the credit notes of an original come to its whole total."""
    credited = -sum((note.total for note in credit_notes if note.is_credit), ZERO)
    return credited > 0 and credited >= original.total
