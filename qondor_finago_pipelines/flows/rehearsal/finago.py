"""Finago in a rehearsal, where every write is noted and answered; and in the run of a plan, which holds others back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, replace
from datetime import datetime

from ...records.customers_and_projects.customers import Company, CompanyDraft, SavedCompany
from ...records.customers_and_projects.projects import FinagoProject, NamedId, ProjectDraft
from ...records.errors import WriteDidNotLand
from ...records.identifiers import CompanyId, FinagoProjectId, InvoiceNumber, OrderId
from ...records.invoices.orders import FOR_INVOICING, INVOICED, FinagoOrder, FinagoRow, Order, SavedOrder
from ...systems.finago.calls import SYSTEM
from ...systems.finago.client import FinagoClient
from .describing import COMPANY, INVOICE_NUMBER, ORDER, WRITTEN_TO_COMPANIES, Describing
from .gate import NOT_IN_THE_PLAN, PlanGate
from .imagined import Imagined, ImaginedBooks

IsNotThere = Callable[[], bool] | None


class RehearsedFinago(FinagoClient):
    """Reads are real, with what was written in the rehearsal laid over them; no write leaves."""

    imagined: Imagined
    books: ImaginedBooks
    describing: Describing
    _seen_companies: dict[CompanyId, Company]
    _seen_projects: dict[FinagoProjectId, FinagoProject]

    def rehearse(self, imagined: Imagined, books: ImaginedBooks, describing: Describing) -> None:
        """Before the first write: where it is noted, and how."""
        self.imagined, self.books, self.describing = imagined, books, describing
        self._seen_companies, self._seen_projects = {}, {}

    # reads

    def companies(self, ids: Collection[CompanyId]) -> dict[CompanyId, Company]:
        written = self.books.companies
        found = super().companies([each for each in ids if each not in written])
        self._seen_companies.update(found)
        self._count_unmade(len(ids), sum(each not in written for each in ids))
        found |= {each: written[each] for each in ids if each in written}
        return {each: found[each] for each in ids if each in found}

    def company_directory(self) -> dict[CompanyId, Company]:
        return {**super().company_directory(), **self.books.companies}

    def projects(self, ids: Collection[FinagoProjectId]) -> dict[FinagoProjectId, FinagoProject]:
        written = self.books.projects
        found = super().projects([each for each in ids if each not in written])
        self._seen_projects.update(found)
        self._count_unmade(len(ids), sum(each not in written for each in ids))
        found |= {each: written[each] for each in ids if each in written}
        return {each: found[each] for each in ids if each in found}

    def orders(self, ids: Collection[OrderId], *, with_rows: bool = False) -> dict[OrderId, FinagoOrder]:
        written = self.books.orders
        found = super().orders([each for each in ids if each not in written], with_rows=with_rows)
        self._count_unmade(len(ids), sum(each not in written for each in ids))
        found |= {each: written[each] for each in ids if each in written}
        return {each: found[each] for each in ids if each in found}

    def orders_of_customers(self, customer_ids: Collection[CompanyId], changed_after: datetime) -> list[FinagoOrder]:
        written = self.books.orders
        found = super().orders_of_customers(customer_ids, changed_after)
        imagined = [order for order in written.values() if order.customer_id in customer_ids]
        return [order for order in found if order.id not in written] + imagined

    def project_statuses(self) -> tuple[NamedId, ...]:
        found = super().project_statuses()
        self.describing.lists["status"].update({each.id: each.name for each in found})
        return found

    def project_types(self) -> tuple[NamedId, ...]:
        found = super().project_types()
        self.describing.lists["category"].update({each.id: each.name for each in found})
        return found

    # writes

    def save_companies(
        self,
        drafts: Sequence[CompanyDraft],
        is_not_there: IsNotThere = None,  # noqa: ARG002
    ) -> tuple[SavedCompany, ...]:
        saved: list[SavedCompany] = []
        self.imagined.calls[SYSTEM] += 1
        for draft in drafts:
            before = self.books.companies.get(draft.id or CompanyId(0)) or self._seen_companies.get(
                draft.id or CompanyId(0)
            )
            self.imagined.changes.append(self.describing.company(draft, before))
            company_id = draft.id or CompanyId(self.imagined.next_id())
            if draft.id is None:
                self.books.names.learn(COMPANY, company_id, self.describing.name_of_company(draft))
            sent = {name: value for name in WRITTEN_TO_COMPANIES if (value := getattr(draft, name)) is not None}
            self.books.companies[company_id] = replace(before or Company(id=company_id), **sent)
            saved.append(SavedCompany(id=company_id, external_id=draft.external_id, name=draft.name))
        return tuple(saved)

    def save_project(self, draft: ProjectDraft) -> FinagoProjectId:
        before = self.books.projects.get(draft.id) or self._seen_projects.get(draft.id)
        self.imagined.calls[SYSTEM] += 1
        self.imagined.changes.append(self.describing.project(draft, before, creates=before is None))
        sent = {name: value for name, value in asdict(draft).items() if value is not None}
        standing = before or FinagoProject(id=draft.id)
        # Only a status brings a deactivated project back (decisions 5).
        asleep = standing.deactivated and draft.status_id is None
        self.books.projects[draft.id] = replace(standing, **{**sent, "deactivated": asleep})
        return draft.id

    def save_orders(
        self,
        batch: Sequence[Order],
        is_not_there: IsNotThere = None,  # noqa: ARG002
    ) -> tuple[SavedOrder, ...]:
        saved: list[SavedOrder] = []
        self.imagined.calls[SYSTEM] += 1
        for order in batch:
            self.imagined.changes.append(self.describing.order(order))
            order_id = OrderId(self.imagined.next_id())
            self.books.names.learn(ORDER, order_id, f"<order of invoice {order.reference}>")
            self.books.orders[order_id] = FinagoOrder(
                id=order_id,
                reference=str(order.reference),
                customer_id=order.customer_id if isinstance(order.customer_id, int) else None,
                project_id=order.project_id,
                status=FOR_INVOICING if order.to_be_invoiced else order.status,
                date_ordered=order.date_ordered,
                total_including_vat=order.total_including_vat,
                currency=order.currency.symbol,
                credited_order_id=order.credited_order_id,
                credited_invoice_number=order.credited_invoice_number,
                rows=tuple(FinagoRow(id=self.imagined.next_id(), product_id=row.product_id) for row in order.rows),
            )
            saved.append(SavedOrder(reference=str(order.reference), order_id=order_id))
        return tuple(saved)

    def invoice_order(
        self,
        order_id: OrderId,
        order: Order,
        is_not_there: IsNotThere = None,  # noqa: ARG002
    ) -> SavedOrder:
        self.imagined.changes.append(self.describing.invoicing(order_id, order))
        standing = self.books.orders.get(order_id) or super().orders([order_id])[order_id]
        self.imagined.calls[SYSTEM] += 1
        number = InvoiceNumber(self.imagined.next_id())
        self.books.names.learn(INVOICE_NUMBER, number, f"<number of invoice {order.reference}>")
        self.books.orders[order_id] = replace(
            standing,
            status=INVOICED,
            invoice_number=number,
            paid_on=order.card_payment.paid_on if order.card_payment is not None else standing.paid_on,
        )
        return SavedOrder(reference=str(order.reference), order_id=order_id, invoice_number=number)

    def _count_unmade(self, asked: int, read: int) -> None:
        """A read that only the real run makes: here all that it asks for is imagined."""
        self.imagined.calls[SYSTEM] += bool(asked and not read)


class GuardedFinago(FinagoClient):
    """Lets through the writes of a plan alone; of any other it says that nothing was done."""

    gate_of_plan: PlanGate
    describing: Describing

    def save_companies(
        self, drafts: Sequence[CompanyDraft], is_not_there: IsNotThere = None
    ) -> tuple[SavedCompany, ...]:
        self._check("SaveCompanies", all(self.gate_of_plan.lets(self.describing.company(draft)) for draft in drafts))
        saved = super().save_companies(drafts, is_not_there)
        new = [draft for draft in drafts if draft.id is None]
        for draft in new:
            for reply in saved:
                if len(saved) == len(new) == 1 or (reply.external_id and reply.external_id == draft.external_id):
                    self.describing.names.learn(COMPANY, reply.id, self.describing.name_of_company(draft))
        return saved

    def save_project(self, draft: ProjectDraft) -> FinagoProjectId:
        either = [self.describing.project(draft, None, creates=creates) for creates in (True, False)]
        self._check("SaveProject", self.gate_of_plan.lets(*either))
        return super().save_project(draft)

    def save_orders(self, batch: Sequence[Order], is_not_there: IsNotThere = None) -> tuple[SavedOrder, ...]:
        self._check("SaveInvoices", all(self.gate_of_plan.lets(self.describing.order(order)) for order in batch))
        saved = super().save_orders(batch, is_not_there)
        for reply in saved:
            self.describing.names.learn(ORDER, reply.order_id, f"<order of invoice {reply.reference}>")
        return saved

    def invoice_order(self, order_id: OrderId, order: Order, is_not_there: IsNotThere = None) -> SavedOrder:
        self._check("SaveInvoices", self.gate_of_plan.lets(self.describing.invoicing(order_id, order)))
        saved = super().invoice_order(order_id, order, is_not_there)
        number = f"<number of invoice {order.reference}>"
        self.describing.names.learn(INVOICE_NUMBER, saved.invoice_number, number)
        return saved

    def _check(self, operation: str, is_planned: bool) -> None:
        if not is_planned:
            raise WriteDidNotLand(SYSTEM, operation, NOT_IN_THE_PLAN, refused=True)
