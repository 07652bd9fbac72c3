"""A person settles what no rule may pick: an order that is this invoice's, or none that is (decisions 7)."""

from __future__ import annotations

from ...records.errors import SyncError
from ...records.identifiers import OrderId, QondorInvoiceId
from ...records.links import Intent, IntentState, Kind
from ...rules.invoices.order_links import link_of_processed
from ..run.office_run import OfficeRun
from ..run.outbox import mark
from .links_as_text import link_from


def is_quarantined(run: OfficeRun, invoice_id: QondorInvoiceId) -> bool:
    """Whether this Finago client holds something about the invoice that waits for a person."""
    with run.store.read() as transaction:
        candidates = transaction.adoption.waiting_for(run.client_id, [str(invoice_id)])
    return bool(candidates) or _quarantined_intent(run, invoice_id) is not None


def link_to_order(run: OfficeRun, invoice_id: QondorInvoiceId, order_id: OrderId) -> None:
    """The person found the invoice's order: from now on it is linked, and the next run carries it on.

    Raises SyncError when Finago has no such order.
    """
    order = run.finago.orders([order_id]).get(order_id)
    if order is None:
        raise SyncError(
            f"Finago has no order {order_id} for office {run.office_id}.",
            remedy="Look up the OrderId in Finago; it is not the invoice number.",
        )
    intent = _quarantined_intent(run, invoice_id)
    if intent is not None:
        link = link_from(intent, order, run.store.now())
    else:
        found = link_of_processed(run.qondor.invoice(invoice_id), order, client_id=run.client_id, at=run.store.now())
        if found is None:
            raise SyncError(
                f"Invoice {invoice_id} lacks what a link needs: office, currency, total or date.",
                remedy="Correct the invoice in Qondor first.",
            )
        link = found
    with run.write() as transaction:
        transaction.orders.link(link)
        run.log_event(transaction, Kind.ORDER, str(invoice_id), "linked by a person", {"order": order_id})
    if intent is not None:
        mark(run, [intent], IntentState.LANDED, {"order": order_id, "found": "by a person"})
    _forget_candidates(run, invoice_id)


def send_as_new(run: OfficeRun, invoice_id: QondorInvoiceId) -> None:
    """The person found that no order in Finago is this invoice's: the next run sends it."""
    intent = _quarantined_intent(run, invoice_id)
    if intent is not None:
        mark(run, [intent], IntentState.NOT_LANDED, {"found": "nothing, says a person"})
    with run.write() as transaction:
        run.log_event(transaction, Kind.ORDER, str(invoice_id), "to be sent as new, says a person")
    _forget_candidates(run, invoice_id)


def _quarantined_intent(run: OfficeRun, invoice_id: QondorInvoiceId) -> Intent | None:
    with run.store.read() as transaction:
        intents = transaction.intents.unsettled(run.client_id, Kind.ORDER)
    return next(
        (intent for intent in intents if intent.key == str(invoice_id) and intent.state is IntentState.QUARANTINED),
        None,
    )


def _forget_candidates(run: OfficeRun, invoice_id: QondorInvoiceId) -> None:
    with run.store.read() as transaction:
        candidates = transaction.adoption.waiting_for(run.client_id, [str(invoice_id)])
    with run.write() as transaction:
        transaction.adoption.waited(
            run.client_id, [order_id for order_ids in candidates.values() for order_id in order_ids]
        )
