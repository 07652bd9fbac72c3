"""From an order that stands in Finago to an invoice that is settled: compared, invoiced, acknowledged.

The same steps serve an order that this run created and one that an earlier run left half done, so that a crash at any
point is carried on from where it happened. Acknowledging in Qondor always comes last (decisions 6 and 7).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ...records.errors import CallFailed, NotFound, RequestRefused
from ...records.identifiers import OrderId, QondorInvoiceId
from ...records.invoices.orders import INVOICED, FinagoOrder, Order, SavedOrder
from ...records.links import IntentState, Kind, OrderLink
from ...records.plans import digest_of
from ...records.refusals import Reason, Refusal
from ...rules.invoices.assessing import Landed, Rejected, match_saved, refusal_of, with_row_ids
from ...rules.invoices.totals import finago_total_agrees
from ...rules.unreadable import refuse_unreadable
from ..run.alert_causes import cause_of
from ..run.office_run import OfficeRun
from ..run.outbox import Answer, Outbox, Write, uncertain
from .unsettled import not_invoiced


def finish(run: OfficeRun, links: Iterable[OrderLink], orders: Mapping[QondorInvoiceId, Order]) -> None:
    """Carries every linked, unacknowledged invoice as far as it can go and says in the run's record where it ended.

    `orders` holds what was decided for those that still have to be invoiced.
    """
    waiting = list(links)
    if not waiting:
        return
    found = run.finago.orders(
        [link.order_id for link in waiting],
        with_rows=any(link.to_be_invoiced and link.invoice_number is None for link in waiting),
    )
    outbox = Outbox(run, not_invoiced)
    for link in waiting:
        verified = _verify(run, link, found.get(link.order_id))
        if verified is None:
            continue
        invoiced = _invoice(run, outbox, verified, orders.get(link.invoice_id), found[link.order_id])
        if invoiced is not None:
            _acknowledge(run, invoiced)


def _verify(run: OfficeRun, link: OrderLink, found: FinagoOrder | None) -> OrderLink | None:
    """Compares Finago's total with ours, to the øre where it matters, before anything is invoiced or acknowledged."""
    run.record.linked(link, found.status if found else None)
    if found is None and run.store.now() - (link.linked_at or run.store.now()) > run.quiet_period:
        run.record.refuse(
            link.invoice_id,
            Refusal(
                Reason.ORDER_GONE,
                f"Invoice {link.invoice_id}: Finago does not show order {link.order_id}, which was saved for it.",
                "Find out in Finago what became of the order; nothing more is sent for the invoice until it is there.",
            ),
        )
        return None
    if found is None:
        run.record.leave_uncertain(
            link.invoice_id,
            f"Order {link.order_id} of invoice {link.invoice_id} was saved, but Finago does not show it yet.",
        )
        return None
    if unreadable := refuse_unreadable(f"Invoice {link.invoice_id}: order", link.order_id, found.unreadable, "Finago"):
        # Whether it is invoiced already may be just what cannot be read.
        run.record.refuse(link.invoice_id, unreadable)
        return None
    # As it stands in Qondor now: what changed there after the order was sent must not be acknowledged.
    detail = run.details.get(link.invoice_id)
    refusal = finago_total_agrees(
        link.total if detail is None or detail.total_including_vat is None else detail.total_including_vat,
        found.total_including_vat,
        line_count=link.line_count,
        exact=link.exact,
        invoice_id=link.invoice_id,
        order_id=link.order_id,
    )
    if refusal is not None:
        run.record.refuse(link.invoice_id, refusal)
        return None
    now = run.store.now()
    # The same answer says that it is not paid, so nobody has to ask once more in this run. Being invoiced may pay it.
    is_known_as_unpaid = found.paid_on is None and not link.to_be_invoiced
    with run.write() as transaction:
        updated = transaction.orders.update(
            link.invoice_id,
            verified_at=now,
            invoice_number=found.invoice_number or link.invoice_number,
            payment_asked_at=now if is_known_as_unpaid else link.payment_asked_at,
        )
    run.record.linked(updated)
    return updated


def _invoice(
    run: OfficeRun, outbox: Outbox, link: OrderLink, decided: Order | None, found: FinagoOrder
) -> OrderLink | None:
    """The second step of what becomes a real invoice; None when the invoice goes no further in this run."""
    if not link.to_be_invoiced or link.invoice_number is not None:
        return link
    if decided is None:
        # Refused when it was decided anew: the run's record says why, and the order waits as it stands.
        return None
    order = with_row_ids(decided, found)
    if isinstance(order, Refusal):
        run.record.refuse(link.invoice_id, order)
        return None
    write = Write(
        record=link,
        kind=Kind.INVOICING,
        key=str(link.invoice_id),
        payload_hash=digest_of(order),
        expected={"order_id": link.order_id},
    )
    ((_, answer),) = outbox.create(
        [write],
        lambda _, is_not_there: run.finago.invoice_order(link.order_id, order, is_not_there),
        lambda _, reply: [_answer_of(link, reply)],
    )
    if answer.refused:
        run.record.refuse(link.invoice_id, refusal_of(link.invoice_id, answer.why))
        return None
    if not answer.landed:
        run.record.leave_uncertain(
            link.invoice_id, f"Order {link.order_id} was sent to be invoiced, and nobody knows yet whether it was."
        )
        return None
    with run.store.read() as transaction:
        updated = transaction.orders.of_invoices([link.invoice_id])[link.invoice_id]
    run.record.note(link.invoice_id, f"invoiced as {updated.invoice_number}")
    run.record.linked(updated, INVOICED)
    return updated


def _answer_of(link: OrderLink, reply: SavedOrder) -> Answer:
    if reply.refusal is not None and reply.order_id == link.order_id and reply.invoice_number is None:
        # This step names the order itself, so a refused item echoes its id: no sign that anything was saved.
        reply = replace(reply, order_id=None)
    verdict = match_saved([link.invoice_id], [reply])[link.invoice_id]
    if isinstance(verdict, Rejected):
        return Answer(IntentState.REJECTED, {"why": verdict.message})
    if not isinstance(verdict, Landed) or verdict.invoice_number is None or verdict.order_id != link.order_id:
        return uncertain("the answer holds no invoice number for this order")
    number = verdict.invoice_number
    return Answer(
        IntentState.LANDED,
        {"invoice": number},
        lambda stored: stored.orders.update(link.invoice_id, invoice_number=number),
    )


def _acknowledge(run: OfficeRun, link: OrderLink) -> None:
    """Tells Qondor that the invoice is processed, with the Finago OrderId as its External Reference."""
    try:
        run.qondor.set_as_processed(link.invoice_id, OrderId(link.order_id))
    except (RequestRefused, NotFound) as refused:
        run.record.refuse(
            link.invoice_id,
            Refusal(
                Reason.REFUSED_BY_QONDOR,
                f"Invoice {link.invoice_id} stands in Finago as order {link.order_id}, but Qondor does not take it as "
                f"processed: {refused.message}",
                "See what became of the invoice in Qondor; delete the order in Finago if the invoice was withdrawn.",
            ),
        )
        return
    except CallFailed as failure:
        run.record.untouched(
            link.invoice_id,
            f"Order {link.order_id} stands in Finago, but Qondor could not be told: {failure.message}",
        )
        run.goes_on_after(failure, cause_of(failure))
        return
    run.circuit_breaker.kept()
    with run.write() as transaction:
        transaction.orders.update(link.invoice_id, acknowledged_at=run.store.now())
        run.log_event(transaction, Kind.ORDER, str(link.invoice_id), "acknowledged", {"order": link.order_id})
    run.record.settle(link.invoice_id)
