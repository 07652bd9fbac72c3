"""The last stage of a plan: its orders, sent to Finago once everything that they refer to stands there.

A record whose parent failed is blocked with the parent's reason. Orders go through the outbox, so a crash between any
two lines is settled by the next run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ...records.identifiers import OrderId, QondorInvoiceId
from ...records.invoices.invoices import QondorInvoice
from ...records.invoices.orders import Order, SavedOrder
from ...records.links import IntentState, Kind, OrderLink
from ...records.plans import Pending, Plan, Stage, digest_of
from ...rules.invoices.assessing import Landed, Rejected, Unclear, match_saved, refusal_of
from ...rules.invoices.order_links import link_of
from ..run.batches import batches
from ..run.outbox import Answer, Outbox, Write, uncertain
from ..run.progress import Progress
from .links_as_text import expected_of
from .unsettled import no_order_of


class OrderWrites:
    """The last stage of a plan. `details` are the invoices that it was decided on."""

    def __init__(self, progress: Progress, details: Mapping[QondorInvoiceId, QondorInvoice]) -> None:
        self._progress = progress
        self._run = progress.run
        self._details = details

    def write(self, plan: Plan) -> dict[QondorInvoiceId, Order]:
        """Sends the new orders and gives those, resolved, of the invoices that have one in Finago now.

        Raises what stops the whole run: a system that cannot be reached, a refused login, a lost lease.
        """
        run, progress = self._run, self._progress
        orders: dict[QondorInvoiceId, Order] = {}
        new: list[Order] = []
        for change in plan.at(Stage.ORDERS):
            if change.key in progress.stopped:
                continue
            order = self._resolved(change.after)
            if order is None:
                progress.leave_uncertain(change, "Its customer has no company in Finago yet.")
                continue
            orders[order.reference] = order
            if change.creates:
                new.append(order)
        outbox = Outbox(run, no_order_of)
        for batch in self._batches(new):
            writes = [self._write(order) for order in batch]
            for order, answer in outbox.create(writes, run.finago.save_orders, self._match):
                invoice_id = order.reference
                if answer.landed:
                    run.record.created += 1
                    run.record.note(invoice_id, f"created order {answer.detail['order']}")
                elif answer.refused:
                    progress.block_record(str(invoice_id), refusal_of(invoice_id, answer.why))
                else:
                    progress.leave_record_uncertain(str(invoice_id), sent_and_unknown(invoice_id))
        return {invoice_id: order for invoice_id, order in orders.items() if str(invoice_id) not in progress.stopped}

    def _resolved(self, order: Order) -> Order | None:
        if not isinstance(order.customer_id, Pending):
            return order
        company_id = self._progress.company_ids.get(order.customer_id.key)
        return None if company_id is None else replace(order, customer_id=company_id)

    def _batches(self, orders: Sequence[Order]) -> list[list[Order]]:
        with self._run.store.read() as transaction:
            troubled = transaction.intents.not_landed_keys(self._run.client_id, Kind.ORDER)
        # What was in a batch that did not land goes alone, so that one poisoned order never holds up the others.
        alone = [[order] for order in orders if str(order.reference) in troubled]
        together = [order for order in orders if str(order.reference) not in troubled]
        return [*batches(together, self._run.sync.invoice_batch_size), *alone]

    def _write(self, order: Order) -> Write[Order]:
        return Write(
            record=order,
            kind=Kind.ORDER,
            key=str(order.reference),
            payload_hash=digest_of(self._details[order.reference]),
            expected=expected_of(self._link(order, OrderId(0)), order),
        )

    def _match(self, orders: Sequence[Order], replies: Sequence[SavedOrder]) -> list[Answer]:
        verdicts = match_saved([order.reference for order in orders], replies)
        return [self._answer(order, verdicts[order.reference]) for order in orders]

    def _answer(self, order: Order, verdict: Landed | Rejected | Unclear) -> Answer:
        if isinstance(verdict, Landed):
            link = replace(self._link(order, verdict.order_id), invoice_number=verdict.invoice_number)
            return Answer(IntentState.LANDED, {"order": link.order_id}, lambda stored: stored.orders.link(link))
        if isinstance(verdict, Rejected):
            return Answer(IntentState.REJECTED, {"why": verdict.message})
        return uncertain(verdict.why)

    def _link(self, order: Order, order_id: OrderId) -> OrderLink:
        return link_of(
            order,
            invoice=self._details[order.reference],
            order_id=order_id,
            client_id=self._run.client_id,
            office_id=self._run.office_id,
            at=self._run.store.now(),
        )


def sent_and_unknown(invoice_id: QondorInvoiceId) -> str:
    return f"Invoice {invoice_id} was sent to Finago, and nobody knows yet whether its order landed."
