"""Walks a plan through its fixed stages: companies, Company IDs back to Qondor, projects, orders.

Before each stage the pending ids are resolved; a record whose parent failed is blocked with the parent's reason. Every
write goes through `flows.writing`, so a crash between any two lines is settled by the next run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypeVar

from ..records.customers import CONSUMER, CompanyDraft, Customer
from ..records.errors import CallFailed, SystemUnreachable, WriteDidNotLand
from ..records.identifiers import (
    CompanyId,
    CustomerId,
    FinagoProjectId,
    OrderId,
    QondorInvoiceId,
    QondorProjectId,
)
from ..records.invoices import QondorInvoice
from ..records.links import CompanyLink, IntentState, Kind, OrderLink, ProjectLink
from ..records.orders import Order
from ..records.plans import Change, Pending, Plan, Stage, digest_of
from ..records.projects import ProjectDraft
from ..records.refusals import Reason, Refusal
from ..rules.judging import Landed, Rejected, match_saved, refusal_of
from ..rules.linking import customer_key, customer_of, organisation_digits
from ..rules.order_links import link_of
from ..rules.text import same_text
from ..systems.qondor import CannotEcho
from .links_as_text import expected_of
from .office_run import OfficeRun
from .uncertain import no_company_of, no_order_of
from .writing import Writing, commit_intents, mark, send


@dataclass
class Application:
    """One plan being applied. `stopped` holds the Qondor invoices that go no further in this run."""

    run: OfficeRun
    plan: Plan
    details: Mapping[QondorInvoiceId, QondorInvoice]
    customers: Mapping[CustomerId, Customer] = field(default_factory=dict)
    stopped: set[int] = field(default_factory=set)
    company_ids: dict[str, CompanyId] = field(default_factory=dict)

    def apply(self) -> dict[QondorInvoiceId, Order]:
        """Applies every stage and gives the orders, resolved, of the invoices that have one in Finago now.

        Raises what stops the whole run: a system that cannot be reached, a refused login, a lost lease.
        """
        self._companies()
        self._company_ids_to_qondor()
        self._projects()
        return self._orders()

    # companies

    def _companies(self) -> None:
        new: list[Change] = []
        for change in self.plan.at(Stage.COMPANIES):
            if not isinstance(change.after, CompanyDraft):
                self._link_company(change.key, change.after)
            elif change.after.id is None:
                new.append(change)
            else:
                self._update_company(change, change.after)
        # A consumer has no ExternalId by which an answer could be matched, so each goes alone.
        businesses = [change for change in new if change.after.type != CONSUMER]
        for batch in _batches(businesses, self.run.sync.company_batch_size):
            self._create_companies(batch)
        for change in new:
            if change.after.type == CONSUMER:
                self._create_companies([change])

    def _update_company(self, change: Change, draft: CompanyDraft) -> None:
        """Sends the changed members. Idempotent: what did not land is seen as a difference by the next run."""
        try:
            replies = self.run.finago.save_companies([draft])
        except CallFailed as failure:
            if not isinstance(failure, WriteDidNotLand) or not failure.refused:
                raise
            self._block(change, Refusal(Reason.REFUSED_BY_FINAGO, f"Company {draft.id}: {failure.message}", _ASK))
            return
        refused = next((reply.refusal for reply in replies if reply.refusal), None)
        if refused is not None:
            self._block(change, Refusal(Reason.REFUSED_BY_FINAGO, f"Company {draft.id}: {refused}", _ASK))
            return
        assert draft.id is not None
        self._event(Kind.COMPANY, change.key, "updated", {"company": draft.id, "members": _members(draft)})
        self._link_company(change.key, draft.id)

    def _create_companies(self, batch: Sequence[Change]) -> None:
        run = self.run
        intents = commit_intents(
            run,
            Kind.COMPANY,
            [
                Writing(key=change.key, payload_hash=digest_of(change.after), expected={"type": change.after.type})
                for change in batch
            ],
        )
        sent = [change for change in batch if change.key in intents]
        for change in batch:
            if change.key not in intents:
                self._leave_uncertain(change, "The creation of its customer in Finago is being looked up.")
        if not sent:
            return
        try:
            replies = send(
                run,
                intents,
                lambda: run.finago.save_companies(
                    [change.after for change in sent], is_not_there=lambda: no_company_of(run, intents)
                ),
            )
        except WriteDidNotLand as refused:
            if not refused.refused:
                raise
            if len(sent) > 1:
                for change in sent:
                    self._create_companies([change])
            else:
                self._block(sent[0], Refusal(Reason.REFUSED_BY_FINAGO, f"{sent[0].key}: {refused.message}", _ASK))
            return
        if replies is None:
            for change in sent:
                self._leave_uncertain(change, "The creation of its customer in Finago is being looked up.")
            return
        for change in sent:
            intent = intents[change.key]
            draft: CompanyDraft = change.after
            matching = [reply for reply in replies if draft.external_id and reply.external_id == draft.external_id]
            if not matching and len(sent) == 1 and len(replies) == 1 and not replies[0].external_id:
                matching = list(replies)
            if len(matching) == 1 and matching[0].refusal is not None:
                mark(run, [intent], IntentState.REJECTED, {"why": matching[0].refusal})
                self._block(
                    change, Refusal(Reason.REFUSED_BY_FINAGO, f"{change.key}: {matching[0].refusal}", _ASK)
                )
            elif len(matching) == 1 and matching[0].id is not None:
                self._link_company(change.key, matching[0].id)
                mark(run, [intent], IntentState.LANDED, {"company": matching[0].id})
            else:
                mark(run, [intent], IntentState.UNCERTAIN, {"why": "the answer holds no such company"})
                self._leave_uncertain(change, "The creation of its customer in Finago is being looked up.")

    def _link_company(self, key: str, company_id: CompanyId) -> None:
        self.company_ids[key] = company_id
        with self.run.write() as transaction:
            transaction.companies.link(
                CompanyLink(
                    client_id=self.run.client_id, key=key, company_id=company_id, office_id=self.run.office_id
                )
            )

    # Company IDs back to Qondor

    def _company_ids_to_qondor(self) -> None:
        for change in self.plan.at(Stage.COMPANY_IDS_TO_QONDOR):
            company_id = change.after if not isinstance(change.after, Pending) else self.company_ids.get(change.key)
            if company_id is not None:
                self._store_company_id(customer_of(change.key), company_id)

    def _store_company_id(self, customer_id: CustomerId, company_id: CompanyId) -> None:
        """Reads, changes the one field, writes the whole record back, reads again (decisions 5).

        What fails here is a warning: the ledger holds the link, and the next run tries again.
        """
        run = self.run
        try:
            record = run.qondor.customer(customer_id)
            if not _still_the_same(record.customer, self.customers.get(customer_id)):
                run.journal.warn(
                    f"Customer {customer_id} changed in Qondor while it was being linked to company {company_id}: "
                    "its External Reference is written by the next run."
                )
                return
            run.qondor.put_customer(record, external_reference=str(company_id))
            after = run.qondor.customer(customer_id)
        except (CallFailed, CannotEcho) as failure:
            run.journal.warn(
                f"Customer {customer_id} is linked to company {company_id}, but its External Reference could not be "
                f"stored in Qondor: {failure.message} It is tried again."
            )
            return
        self._event(Kind.COMPANY, customer_key(customer_id), "stored in Qondor", {"company": company_id})
        lost = run.qondor.differences(record, after)
        if lost:
            run.journal.problem(
                "customer record",
                f"Customer {customer_id}: after storing Company ID {company_id} these members differ in Qondor: "
                f"{', '.join(lost)}.",
                "Compare the customer with its history in Qondor and correct it there.",
            )

    # projects

    def _projects(self) -> None:
        for change in self.plan.at(Stage.PROJECTS):
            if all(invoice in self.stopped for invoice in change.invoices):
                continue
            project_id = QondorProjectId(int(change.key))
            if isinstance(change.after, ProjectDraft):
                self._create_project(change, project_id, change.after)
            else:
                self._claim_project(project_id, change.after)

    def _create_project(self, change: Change, project_id: QondorProjectId, draft: ProjectDraft) -> None:
        run = self.run
        if isinstance(draft.customer_id, Pending):
            draft = replace(draft, customer_id=self.company_ids.get(draft.customer_id.key))
        intents = commit_intents(
            run,
            Kind.PROJECT,
            [
                Writing(
                    key=str(draft.id),
                    payload_hash=digest_of(draft),
                    expected={"project_id": project_id, "name_hash": digest_of(draft.name)},
                )
            ],
        )
        if not intents:
            self._leave_uncertain(change, f"The creation of project {draft.id} in Finago is being looked up.")
            return
        try:
            answer = send(run, intents, lambda: run.finago.save_project(draft))
        except WriteDidNotLand as refused:
            if not refused.refused:
                raise
            self._block(
                change, Refusal(Reason.REFUSED_BY_FINAGO, f"Project {draft.id}: {refused.message}", _ASK)
            )
            return
        if answer is None:
            self._leave_uncertain(change, f"The creation of project {draft.id} in Finago is being looked up.")
        elif answer != draft.id:
            mark(run, intents.values(), IntentState.QUARANTINED, {"answered": answer})
            self._block(
                change,
                Refusal(
                    Reason.QUARANTINED,
                    f"Project {draft.id} was saved, but Finago answered with project {answer}.",
                    "Look at both projects in Finago; nothing more is sent for this one until then.",
                ),
            )
        else:
            self._claim_project(project_id, draft.id)
            mark(run, intents.values(), IntentState.LANDED)

    def _claim_project(self, project_id: QondorProjectId, finago_id: FinagoProjectId) -> None:
        with self.run.write() as transaction:
            transaction.projects.claim(
                ProjectLink(
                    client_id=self.run.client_id,
                    project_id=project_id,
                    finago_project_id=finago_id,
                    office_id=self.run.office_id,
                )
            )

    # orders

    def _orders(self) -> dict[QondorInvoiceId, Order]:
        orders: dict[QondorInvoiceId, Order] = {}
        new: list[Order] = []
        for change in self.plan.at(Stage.ORDERS):
            invoice_id = QondorInvoiceId(int(change.key))
            if invoice_id in self.stopped:
                continue
            order = self._resolved(change.after)
            if order is None:
                self._leave_uncertain(change, "Its customer has no company in Finago yet.")
                continue
            orders[invoice_id] = order
            if change.creates:
                new.append(order)
        self._send_orders(new)
        return {invoice_id: order for invoice_id, order in orders.items() if invoice_id not in self.stopped}

    def _resolved(self, order: Order) -> Order | None:
        if not isinstance(order.customer_id, Pending):
            return order
        company_id = self.company_ids.get(order.customer_id.key)
        return None if company_id is None else replace(order, customer_id=company_id)

    def _send_orders(self, orders: Sequence[Order]) -> None:
        with self.run.ledger.read() as transaction:
            troubled = transaction.intents.not_landed_keys(self.run.client_id, Kind.ORDER)
        # What was in a batch that did not land goes alone, so that one poisoned order never holds up the others.
        alone = [order for order in orders if str(order.reference) in troubled]
        together = [order for order in orders if str(order.reference) not in troubled]
        uncertain_in_a_row = 0
        for batch in [*_batches(together, self.run.sync.invoice_batch_size), *([order] for order in alone)]:
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
                link = replace(
                    links[order.reference], order_id=answer.order_id, invoice_number=answer.invoice_number
                )
                with run.write() as transaction:
                    transaction.orders.link(link)
                    transaction.intents.mark(
                        intent.id, IntentState.LANDED, at=run.ledger.now(), detail={"order": answer.order_id}
                    )
                self._event(Kind.ORDER, str(order.reference), "landed", {"order": answer.order_id})
                run.journal.created += 1
                run.journal.note(order.reference, f"created order {answer.order_id}")
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
            at=self.run.ledger.now(),
        )

    # what stops

    def _block(self, change: Change, refusal: Refusal) -> None:
        """Every invoice that waits for the change is held with the parent's reason."""
        for invoice_id in change.invoices:
            self._block_invoice(QondorInvoiceId(invoice_id), refusal)

    def _block_invoice(self, invoice_id: QondorInvoiceId, refusal: Refusal) -> None:
        self.stopped.add(invoice_id)
        self.run.journal.refuse(invoice_id, refusal)

    def _leave_uncertain(self, change: Change, message: str) -> None:
        for invoice_id in change.invoices:
            self.stopped.add(invoice_id)
            self.run.journal.leave_uncertain(invoice_id, message)

    def _leave_invoice_uncertain(self, invoice_id: QondorInvoiceId) -> None:
        self.stopped.add(invoice_id)
        self.run.journal.leave_uncertain(
            invoice_id, f"Invoice {invoice_id} was sent to Finago, and nobody knows yet whether its order landed."
        )

    def _event(self, kind: Kind, key: str, event: str, detail: Mapping[str, object]) -> None:
        with self.run.write() as transaction:
            transaction.events.append(
                office_id=self.run.office_id,
                kind=kind.value,
                key=key,
                event=event,
                at=self.run.ledger.now(),
                run_id=self.run.run_id,
                detail=dict(detail),
            )


Item = TypeVar("Item")



def _still_the_same(now: Customer, decided_on: Customer | None) -> bool:
    """Whether everything that the link was decided on still stands: no Reference, the same number and name."""
    return (
        decided_on is not None
        and not (now.external_reference or "").strip()
        and organisation_digits(now.organisation_number) == organisation_digits(decided_on.organisation_number)
        and same_text(now.name, decided_on.name)
    )


_ASK = "Correct what Finago names; it is tried again in every run."


def _batches(items: Sequence[Item], size: int) -> Iterable[list[Item]]:
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch


def _members(draft: CompanyDraft) -> list[str]:
    """The names of the members that a draft changes; never their values, which are personal data."""
    return sorted(
        name for name in CompanyDraft.__dataclass_fields__ if name != "id" and getattr(draft, name) is not None
    )

