"""Payment status back: orders that are paid in Finago become paid in Qondor.

Every linked unpaid order is asked for by its OrderId, 1,000 a call: recent ones every `payments_every_minutes`, older
ones once a day, and all of them when a person runs the flow. What was reported as paid is looked at once a day while it
is young (decisions 6).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from ...records.days import oslo_day
from ...records.errors import CallFailed, NotFound, RequestRefused
from ...records.identifiers import OrderId
from ...records.invoices.orders import FinagoOrder
from ...records.links import Kind, OrderLink
from ...records.refusals import Reason, Refusal
from ...rules.invoices.payment_status import links_due, newly_paid, seem_paid
from ...rules.unreadable import refuse_unreadable
from ..run.alert_causes import cause_of
from ..run.office_run import OfficeRun
from .credit_notes import credit_notes_of

ASKED_BY_A_PERSON = frozenset({"cli", "ui"})
"""The triggers of runs that ask for every unpaid order, whenever it was last asked for."""


def report_payments(run: OfficeRun) -> None:
    """Reads the unpaid orders that are due and tells Qondor which of them are paid, and since which day."""
    with run.store.read() as transaction:
        unpaid = transaction.orders.unpaid(run.office_id)
        young_from = run.today - timedelta(days=run.office.invoices.days_backwards)
        closed = () if run.is_past_day else transaction.orders.closed(run.office_id, young_from)
    if run.is_past_day:
        due: tuple[OrderLink, ...] = tuple(
            link for link in unpaid if link.linked_at is not None and oslo_day(link.linked_at) == run.day
        )
    else:
        due = links_due(
            (*unpaid, *closed),
            now=run.store.now(),
            today=run.today,
            days_backwards=run.office.invoices.days_backwards,
            every=timedelta(minutes=run.sync.payments_every_minutes),
            always=run.trigger in ASKED_BY_A_PERSON,
        )
    asked = {link.invoice_id for link in due}
    run.record.not_due |= {str(link.invoice_id) for link in (*unpaid, *closed) if link.invoice_id not in asked}
    if not due:
        return
    found = run.finago.orders([link.order_id for link in due])
    due = _readable(run, due, found)
    credit_notes = credit_notes_of(run, seem_paid(due, found))
    due = _readable(run, due, {order_id: note for order_id, notes in credit_notes.items() for note in notes})
    verdict = newly_paid(due, found, credit_notes)
    with run.write() as transaction:
        for link in due:
            order = found.get(link.order_id)
            number = order.invoice_number if order is not None else None
            transaction.orders.update(
                link.invoice_id,
                payment_asked_at=run.store.now(),
                invoice_number=number or link.invoice_number,
            )
    for link, day in verdict.paid:
        _report_paid(run, link, day)
    for link in verdict.credited:
        _close_as_credited(run, link, credit_notes[link.order_id])
    told = [(link, _gone(link)) for link in verdict.gone]
    told += [(link, _taken_back(link)) for link in verdict.open_again if link.paid_on is not None]
    _open_again(run, [link for link in verdict.open_again if link.paid_on is None])
    for link, refusal in told:
        run.record.look_at_link(link)
        run.record.refuse(link.invoice_id, refusal)
    run.record.unchanged += len(due) - len(verdict.paid) - len(verdict.credited) - len(told)


def _readable(run: OfficeRun, due: Sequence[OrderLink], found: Mapping[OrderId, FinagoOrder]) -> tuple[OrderLink, ...]:
    """Those whose orders can be read; the others are named, and asked for again by the next run."""
    kept: list[OrderLink] = []
    for link in due:
        order = found.get(link.order_id)
        refusal = order and refuse_unreadable(
            f"Invoice {link.invoice_id}: order", link.order_id, order.unreadable, "Finago"
        )
        if refusal:
            run.record.look_at_link(link)
            run.record.refuse(link.invoice_id, refusal)
        else:
            kept.append(link)
    return tuple(kept)


def _report_paid(run: OfficeRun, link: OrderLink, day: date) -> None:
    try:
        run.qondor.set_as_paid(link.invoice_id, day)
    except (RequestRefused, NotFound) as refused:
        run.record.look_at_link(link)
        run.record.refuse(
            link.invoice_id,
            Refusal(
                Reason.REFUSED_BY_QONDOR,
                f"Invoice {link.invoice_id} is paid in Finago (order {link.order_id}, {day}), but Qondor does not take "
                f"it as paid: {refused.message}",
                "See what became of the invoice in Qondor.",
            ),
        )
        return
    except CallFailed as failure:
        run.record.look_at_link(link)
        run.record.untouched(
            link.invoice_id, f"Order {link.order_id} is paid, but Qondor could not be told: {failure.message}"
        )
        run.goes_on_after(failure, cause_of(failure))
        return
    run.circuit_breaker.kept()
    with run.write() as transaction:
        transaction.orders.update(link.invoice_id, paid_on=day, payment_reported_at=run.store.now())
        run.log_event(
            transaction, Kind.ORDER, str(link.invoice_id), "paid", {"order": link.order_id, "day": day.isoformat()}
        )
    run.record.paid += 1
    if str(link.invoice_id) in run.record.outcomes:
        run.record.note(link.invoice_id, f"paid {day}")
    else:
        run.record.look_at_link(link)
        run.record.settle(link.invoice_id)
        run.record.note(link.invoice_id, f"paid {day}")


def _close_as_credited(run: OfficeRun, link: OrderLink, credit_notes: Sequence[FinagoOrder]) -> None:
    """Nobody paid: Qondor is told nothing. A person is, where a credit note is not one of ours."""
    with run.write() as transaction:
        transaction.orders.update(link.invoice_id, payment_reported_at=run.store.now())
        run.log_event(transaction, Kind.ORDER, str(link.invoice_id), "credited", {"order": link.order_id})
        ours = transaction.orders.of_orders(run.client_id, [note.id for note in credit_notes])
    if len(ours) == len(credit_notes):
        return
    run.record.look_at_link(link)
    run.record.refuse(
        link.invoice_id,
        Refusal(
            Reason.CREDITED_IN_FINAGO,
            f"Invoice {link.invoice_id}: credit notes in Finago come to all of its order {link.order_id}, which Finago "
            "shows as paid. Qondor is not told that it is paid.",
            "Credit the invoice in Qondor, where that was not done there. Nothing else has to be done.",
        ),
    )


def _open_again(run: OfficeRun, links: Sequence[OrderLink]) -> None:
    """What was closed as credited is unpaid after all: it is asked for like any other."""
    with run.write() as transaction:
        for link in links:
            transaction.orders.update(link.invoice_id, payment_reported_at=None)


def _taken_back(link: OrderLink) -> Refusal:
    return Refusal(
        Reason.PAYMENT_TAKEN_BACK,
        f"Invoice {link.invoice_id}: Finago shows its order {link.order_id} as unpaid, which Qondor was told is paid "
        f"since {link.paid_on}.",
        "Find out in Finago why. Qondor knows no way back from paid: tell the invoice's project manager.",
    )


def _gone(link: OrderLink) -> Refusal:
    return Refusal(
        Reason.ORDER_GONE,
        f"Invoice {link.invoice_id}: Finago no longer returns its order {link.order_id}, so that nobody knows whether "
        "it is paid.",
        "Find out in Finago who deleted the order, and whether the invoice is to be credited in Qondor.",
    )
