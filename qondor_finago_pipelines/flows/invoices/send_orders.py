"""Walks a plan through its fixed stages: companies, Company IDs back to Qondor, projects, orders.

Before each stage the pending ids are resolved; a record whose parent failed is blocked with the parent's reason. Every
creation goes through `flows.writing`, so a crash between any two lines is settled by the next run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...records.customers_and_projects.customers import Customer
from ...records.errors import SystemUnreachable, WriteDidNotLand
from ...records.identifiers import CustomerId, OrderId, QondorInvoiceId
from ...records.invoices.invoices import QondorInvoice
from ...records.invoices.orders import Order
from ...records.links import IntentState, Kind, OrderLink
from ...records.plans import Pending, Plan, Stage, digest_of
from ...records.refusals import Refusal
from ...rules.invoices.assessing import Landed, Rejected, match_saved, refusal_of
from ...rules.invoices.order_links import link_of
from ..customers_and_projects.company_writes import CompanyWrites
from ..customers_and_projects.project_writes import ProjectWrites
from ..run.batches import batches
from ..run.office_run import OfficeRun
from ..run.progress import Progress
from ..run.unsettled_writes import no_order_of
from ..run.writing import Writing, commit_intents, mark, send
from .links_as_text import expected_of


def apply_companies_and_projects(plan: Plan, customers: Mapping[CustomerId, Customer], progress: Progress) -> None:
    """The stages that both flows have. `customers` are as they were decided on.

    Raises what stops the whole run: a system that cannot be reached, a refused login, a lost lease.
    """
    companies = CompanyWrites(progress, customers)
    companies.write(plan)
    companies.store_ids_in_qondor(plan)
    ProjectWrites(progress).write(plan)


@dataclass
class Application:
    """The plan of one wave of invoices being applied."""

    run: OfficeRun
    plan: Plan
    details: Mapping[QondorInvoiceId, QondorInvoice]
    customers: Mapping[CustomerId, Customer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.progress = Progress(self.run)

    def apply(self) -> dict[QondorInvoiceId, Order]:
        """Applies every stage and gives the orders, resolved, of the invoices that have one in Finago now.

        Raises what stops the whole run: a system that cannot be reached, a refused login, a lost lease.
        """
        apply_companies_and_projects(self.plan, self.customers, self.progress)
        return self._orders()

    def _orders(self) -> dict[QondorInvoiceId, Order]:
        orders: dict[QondorInvoiceId, Order] = {}
        new: list[Order] = []
        for change in self.plan.at(Stage.ORDERS):
            invoice_id = QondorInvoiceId(int(change.key))
            if change.key in self.progress.stopped:
                continue
            order = self._resolved(change.after)
            if order is None:
                self.progress.leave_uncertain(change, "Its customer has no company in Finago yet.")
                continue
            orders[invoice_id] = order
            if change.creates:
                new.append(order)
        self._send_orders(new)
        stopped = self.progress.stopped
        return {invoice_id: order for invoice_id, order in orders.items() if str(invoice_id) not in stopped}

    def _resolved(self, order: Order) -> Order | None:
        if not isinstance(order.customer_id, Pending):
            return order
        company_id = self.progress.company_ids.get(order.customer_id.key)
        return None if company_id is None else replace(order, customer_id=company_id)

    def _send_orders(self, orders: Sequence[Order]) -> None:
        with self.run.store.read() as transaction:
            troubled = transaction.intents.not_landed_keys(self.run.client_id, Kind.ORDER)
        # What was in a batch that did not land goes alone, so that one poisoned order never holds up the others.
        alone = [order for order in orders if str(order.reference) in troubled]
        together = [order for order in orders if str(order.reference) not in troubled]
        uncertain_in_a_row = 0
        for batch in [*batches(together, self.run.sync.invoice_batch_size), *([order] for order in alone)]:
            uncertain_in_a_row = 0 if self._send_batch(batch) else uncertain_in_a_row + 1
            if uncertain_in_a_row == 2:
                raise SystemUnreachable(
                    "finago",
                    "SaveInvoices",
                    "Two calls in a row were not answered; the rest of the queue is left for the next run.",
                    remedy="Nothing to do: what was sent is looked up before anything is sent again.",
                )

    def _send_batch(self, batch: Sequence[Order]) -> bool:
        """Sends one batch; False when nobody knows what became of it."""
        run = self.run
        links = {order.reference: self._link(order, OrderId(0)) for order in batch}
        intents = commit_intents(
            run,
            Kind.ORDER,
            [
                Writing(
                    key=str(order.reference),
                    payload_hash=digest_of(self.details[order.reference]),
                    expected=expected_of(links[order.reference], order),
                )
                for order in batch
            ],
        )
        sent = [order for order in batch if str(order.reference) in intents]
        for order in batch:
            if order not in sent:
                self._leave_invoice_uncertain(order.reference)
        if not sent:
            return True
        try:
            replies = send(
                run,
                intents,
                lambda: run.finago.save_orders(sent, is_not_there=lambda: no_order_of(run, intents)),
            )
        except WriteDidNotLand as refused:
            if not refused.refused:
                raise
            if len(sent) == 1:
                self._block_invoice(sent[0].reference, refusal_of(sent[0].reference, refused.message))
                return True
            # Each is sent, whatever became of the one before it.
            return min([self._send_batch([order]) for order in sent])
        if replies is None:
            for order in sent:
                self._leave_invoice_uncertain(order.reference)
            return False
        answers = match_saved([order.reference for order in sent], replies)
        for order in sent:
            intent, answer = intents[str(order.reference)], answers[order.reference]
            if isinstance(answer, Landed):
                link = replace(links[order.reference], order_id=answer.order_id, invoice_number=answer.invoice_number)
                with run.write() as transaction:
                    transaction.orders.link(link)
                    transaction.intents.mark(intent.id, IntentState.LANDED, detail={"order": answer.order_id})
                self.progress.event(Kind.ORDER, str(order.reference), "landed", {"order": answer.order_id})
                run.record.created += 1
                run.record.note(order.reference, f"created order {answer.order_id}")
            elif isinstance(answer, Rejected):
                mark(run, [intent], IntentState.REJECTED, {"why": answer.message})
                self._block_invoice(order.reference, refusal_of(order.reference, answer.message))
            else:
                mark(run, [intent], IntentState.UNCERTAIN, {"why": answer.why})
                self._leave_invoice_uncertain(order.reference)
        return True

    def _link(self, order: Order, order_id: OrderId) -> OrderLink:
        return link_of(
            order,
            invoice=self.details[order.reference],
            order_id=order_id,
            client_id=self.run.client_id,
            office_id=self.run.office_id,
            at=self.run.store.now(),
        )

    def _block_invoice(self, invoice_id: QondorInvoiceId, refusal: Refusal) -> None:
        self.progress.block_record(str(invoice_id), refusal)

    def _leave_invoice_uncertain(self, invoice_id: QondorInvoiceId) -> None:
        self.progress.leave_record_uncertain(
            str(invoice_id),
            f"Invoice {invoice_id} was sent to Finago, and nobody knows yet whether its order landed.",
        )
