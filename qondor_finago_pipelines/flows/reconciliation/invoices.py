"""Invoices and payments, read afresh: the orders of these days by the thousand, and each invoice of Qondor by itself.

Qondor has no list of processed invoices. Their ids come from Finago's reference numbers, from the queue and from the
store's links, so an invoice of which none of these knows is not compared; each takes a call of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TypeVar

from ...records.days import utc_bounds
from ...records.errors import ContractBroken, NotFound, RequestRefused
from ...records.identifiers import CompanyId, FinagoProjectId, OrderId, QondorInvoiceId
from ...records.invoices.invoices import QondorInvoice
from ...records.invoices.orders import FinagoOrder
from ...records.links import OrderLink
from ...records.operations.results import Flow
from ...records.reconciliation import CANNOT_BE_READ, Compared, Side
from ...rules.email_addresses import email_key
from ...rules.invoices.prepared import booker_billed
from ...rules.linking import finago_project_id, positive_int
from ...rules.reconciliation.comparison import Comparison
from ...rules.reconciliation.invoices import (
    Expected,
    Remembered,
    explained,
    invoice_side,
    is_failed,
    is_paid,
    is_processed,
    order_side,
    payment_sides,
)
from ...store import StoredOutcome
from ..invoices.credit_notes import credit_notes_of
from ..run.office_run import OfficeRun
from .customers_and_projects import MasterRecords

REGISTERED_BEFORE = timedelta(days=62)
"""An order may bear a later day than that of its registration: so much earlier orders are listed from."""

A_BATCH = 1000
"""Invoices that stand in memory at a time."""

Item = TypeVar("Item")


@dataclass
class Invoices:
    """One office's documents of these days."""

    run: OfficeRun
    comparison: Comparison
    records: MasterRecords
    home_currency: str
    strangers: int = 0
    _orders: dict[OrderId, FinagoOrder] = field(default_factory=dict)
    _by_reference: defaultdict[int, list[OrderId]] = field(default_factory=lambda: defaultdict(list))
    _links: dict[QondorInvoiceId, OrderLink] = field(default_factory=dict)
    _outcomes: Mapping[str, StoredOutcome] = field(default_factory=dict)
    _last_run: datetime | None = None
    _claimed: dict[str, QondorInvoiceId] = field(default_factory=dict)
    """By External Reference: the invoice that was seen with it first."""

    def compare(self) -> None:
        """Reads and compares. Raises what a read raises: a failed one is never an empty list."""
        run = self.run
        with run.store.read() as transaction:
            self._links = {link.invoice_id: link for link in transaction.orders.dated(run.office_id, *self._days)}
            self._outcomes = transaction.outcomes.of_office(run.office_id, Flow.INVOICES.value)
            self._last_run = transaction.runs.last_complete_started(run.office_id, Flow.INVOICES.value)
        self._read_orders()
        queued = [entry.id for entry in run.queue().entries if entry.office_id == run.office_id]
        ids = {*map(QondorInvoiceId, self._by_reference), *self._links, *queued}
        for some in batches(sorted(ids), A_BATCH):
            self._compare_batch(some)

    @property
    def _days(self) -> tuple[date, date]:
        return self.run.first_day, self.run.day

    def _read_orders(self) -> None:
        since = utc_bounds(self.run.first_day)[0] - REGISTERED_BEFORE
        listed = {order_id for order_id in self.run.finago.orders_registered_after(since) if order_id}
        linked = {link.order_id for link in self._links.values()}
        for some in batches(sorted(listed | linked), A_BATCH):
            for order in self.run.finago.orders(some).values():
                reference = positive_int(order.reference)
                if order.id in linked or (reference is not None and self._is_of_these_days(order.date_ordered)):
                    self._orders[order.id] = order
                    if reference is not None:
                        self._by_reference[reference].append(order.id)

    def _is_of_these_days(self, day: date | None) -> bool:
        """A document without a day belongs to whatever is looked at."""
        return day is None or self.run.first_day <= day <= self.run.day

    def _compare_batch(self, ids: Sequence[QondorInvoiceId]) -> None:
        found = {invoice_id: self._invoice(invoice_id) for invoice_id in ids}
        mine = {
            invoice_id: invoice
            for invoice_id, invoice in found.items()
            if isinstance(invoice, QondorInvoice) and self._is_mine(invoice)
        }
        originals = {each.credited_invoice_id for each in mine.values() if each.credited_invoice_id is not None}
        with self.run.store.read() as transaction:
            links = transaction.orders.of_invoices({*mine, *originals})
        named = {order_id for invoice in mine.values() if (order_id := _order_named(invoice)) is not None}
        named |= {links[invoice_id].order_id for invoice_id in mine if invoice_id in links}
        self._orders |= self.run.finago.orders(sorted(named - self._orders.keys()))
        orders = {invoice_id: self._order_of(invoice, links) for invoice_id, invoice in mine.items()}
        paid_in_finago = (
            order
            for invoice_id, (order, _) in orders.items()
            if order is not None and order.paid_on is not None and not is_paid(mine[invoice_id])
        )
        credit_notes = credit_notes_of(self.run, paid_in_finago)
        for invoice_id, invoice in found.items():
            if invoice_id in mine:
                order, others = orders[invoice_id]
                remembered = self._remembered(invoice_id, links.get(invoice_id))
                if order is not None:
                    remembered = replace(remembered, credits=credit_notes.get(order.id, ()))
                self._compare(mine[invoice_id], order, remembered, self._expected(mine[invoice_id], order, links))
                for other in others:
                    ours = invoice_side(mine[invoice_id], Expected(company_id=None, project_id=None))
                    self.comparison.again_in_finago(Compared.INVOICE, ours, self._side(other))
            elif invoice is None:
                self._without_invoice(invoice_id)

    def _remembered(self, invoice_id: QondorInvoiceId, link: OrderLink | None) -> Remembered:
        outcome = self._outcomes.get(str(invoice_id))
        return Remembered(
            link=link,
            state=outcome.state if outcome else None,
            reason=outcome.reason if outcome else None,
            last_run=self._last_run,
        )

    def _invoice(self, invoice_id: QondorInvoiceId) -> QondorInvoice | str | None:
        """The invoice; None where Qondor has none; a text where it cannot be read, which is told."""
        try:
            return self.run.qondor.invoice(invoice_id)
        except NotFound:
            return None
        except (ContractBroken, RequestRefused) as trouble:
            self.comparison.note(Compared.INVOICE, CANNOT_BE_READ, qondor=invoice_id, finago=None, explained=None)
            return trouble.message

    def _is_mine(self, invoice: QondorInvoice) -> bool:
        if invoice.office_id != self.run.office_id:
            return False
        orders = [self._orders[order_id] for order_id in self._by_reference.get(invoice.id, ())]
        days = [invoice.invoice_date, *(order.date_ordered for order in orders)]
        return any(self._is_of_these_days(day) for day in days)

    def _without_invoice(self, invoice_id: QondorInvoiceId) -> None:
        """Qondor has no such invoice. Only an order that the store links is known to be one of ours."""
        link = self._links.get(invoice_id)
        if link is None:
            self.strangers += len(self._by_reference[invoice_id])
            return
        order = self._orders.get(link.order_id)
        if order is not None:
            self.comparison.only_in_finago(Compared.INVOICE, self._side(order, is_card=link.is_card))

    def _compare(
        self, invoice: QondorInvoice, order: FinagoOrder | None, remembered: Remembered, expected: Expected
    ) -> None:
        if invoice.unreadable or (order is not None and order.unreadable):
            found = None if order is None else order.id
            self.comparison.note(Compared.INVOICE, CANNOT_BE_READ, qondor=invoice.id, finago=found, explained=None)
            return
        ours = invoice_side(invoice, expected)
        factored = remembered.link.factored if remembered.link is not None else False
        explain = explained(invoice, order, remembered, factored=factored)
        if order is None:
            if not is_failed(invoice):
                self.comparison.only_in_qondor(Compared.INVOICE, ours, explain)
            return
        theirs = self._side(order, is_card=invoice.is_card)
        if self._is_claimed(invoice):
            self.comparison.again_in_qondor(Compared.INVOICE, ours, theirs)
            return
        self.comparison.pair(Compared.INVOICE, ours, theirs, explain)
        if not invoice.is_credit and is_processed(invoice):
            self.comparison.pair(Compared.PAYMENT, *payment_sides(invoice, order, ours.currency), explain)

    def _side(self, order: FinagoOrder, *, is_card: bool = False) -> Side:
        return order_side(order, home_currency=self.home_currency, is_card=is_card)

    def _is_claimed(self, invoice: QondorInvoice) -> bool:
        """Whether an invoice that was looked at earlier has the same External Reference."""
        text = (invoice.external_reference or "").strip()
        return bool(text) and self._claimed.setdefault(text, invoice.id) != invoice.id

    def _order_of(
        self, invoice: QondorInvoice, links: Mapping[QondorInvoiceId, OrderLink]
    ) -> tuple[FinagoOrder | None, list[FinagoOrder]]:
        """The invoice's order, and every other one that bears its id: by Qondor's word, the store's, or the oldest."""
        bearing = sorted(self._by_reference.get(invoice.id, ()))
        link = links.get(invoice.id)
        wanted = [_order_named(invoice), link.order_id if link is not None else None, *bearing]
        own = next((order_id for order_id in wanted if order_id is not None and order_id in self._orders), None)
        others = [self._orders[order_id] for order_id in bearing if order_id != own]
        return (None if own is None else self._orders[own]), others

    def _expected(
        self,
        invoice: QondorInvoice,
        order: FinagoOrder | None,
        links: Mapping[QondorInvoiceId, OrderLink],
    ) -> Expected:
        return Expected(
            company_id=self._company_expected(invoice, order),
            project_id=self._project_expected(invoice),
            credited_order_id=self._original_expected(invoice, links),
        )

    def _company_expected(self, invoice: QondorInvoice, order: FinagoOrder | None) -> CompanyId | None:
        key = booker_billed(invoice)
        if key is None:
            return None if invoice.customer_id is None else self.records.company_of(invoice.customer_id)
        ids = self.records.consumers_with(email_key(invoice.email or ""))
        if order is not None and order.customer_id in ids:
            return order.customer_id
        # The address may have been changed in Finago since: the store knows whom it stood for.
        return self.records.linked_company(key) or min(ids, default=None)

    def _project_expected(self, invoice: QondorInvoice) -> FinagoProjectId | None:
        if invoice.project_id is None:
            return None
        project = self.records.projects.get(invoice.project_id)
        number = invoice.project_number if project is None else project.number
        return finago_project_id(number, invoice.project_id).id

    def _original_expected(self, invoice: QondorInvoice, links: Mapping[QondorInvoiceId, OrderLink]) -> OrderId | None:
        number = positive_int(invoice.credited_invoice_external_reference)
        if number is not None:
            return OrderId(number)
        if invoice.credited_invoice_id is None:
            return None
        link = links.get(invoice.credited_invoice_id)
        bearing = self._by_reference.get(invoice.credited_invoice_id, ())
        return link.order_id if link is not None else min(bearing, default=None)


def _order_named(invoice: QondorInvoice) -> OrderId | None:
    number = positive_int(invoice.external_reference)
    return None if number is None else OrderId(number)


def batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of at most `size`."""
    remaining = iter(items)
    while some := list(islice(remaining, size)):
        yield some
