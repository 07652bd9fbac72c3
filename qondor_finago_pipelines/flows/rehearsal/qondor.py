"""Qondor in a rehearsal, where every write is noted and answered; and in the run of a plan, which holds others back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from ...records.costs_and_sales.actuals import Actual, ActualKind, StoredActual
from ...records.customers_and_projects.customers import Customer, CustomerRecord
from ...records.errors import RequestRefused, WriteDidNotLand
from ...records.identifiers import CustomerId, OfficeId, OrderId, QondorInvoiceId, QondorProjectId
from ...records.invoices.invoices import InvoiceStatus, QondorInvoice
from ...records.operations.planned import PlannedChange
from ...systems.qondor import QondorClient
from ...systems.qondor.client import SYSTEM
from ...systems.qondor.customers import writable_members
from .describing import Describing
from .gate import NOT_IN_THE_PLAN, PlanGate
from .imagined import Imagined

REFERENCE = "externalReference"


class RehearsedQondor(QondorClient):
    """Reads are real, with what was written in the rehearsal laid over them; no write leaves."""

    imagined: Imagined
    describing: Describing
    _seen: dict[tuple[ActualKind, int], StoredActual]

    def rehearse(self, imagined: Imagined, describing: Describing) -> None:
        """Before the first write: where it is noted, and how."""
        self.imagined, self.describing = imagined, describing
        self._seen = {}

    # reads

    def invoice(self, invoice_id: QondorInvoiceId) -> QondorInvoice:
        found = super().invoice(invoice_id)
        status, order_id = self.imagined.qondor.invoices.get(invoice_id, (found.status, None))
        return replace(
            found,
            status=status,
            external_reference=found.external_reference if order_id is None else str(order_id),
        )

    def customers(self, office_id: OfficeId | None) -> tuple[Customer, ...]:
        return tuple(self._with_reference(each) for each in super().customers(office_id))

    def customer(self, customer_id: CustomerId) -> CustomerRecord:
        found = super().customer(customer_id)
        return CustomerRecord(customer=self._with_reference(found.customer), members=self._echo(found))

    def _with_reference(self, customer: Customer) -> Customer:
        reference = self.imagined.qondor.references.get(customer.id)
        return customer if reference is None else replace(customer, external_reference=reference)

    def _echo(self, record: CustomerRecord) -> dict[str, Any]:
        reference = self.imagined.qondor.references.get(record.customer.id)
        others: Mapping[str, Any] = {
            key: value for key, value in record.members.items() if key.lower() != REFERENCE.lower()
        }
        return record.members if reference is None else {**others, REFERENCE: reference}

    def actuals(self, kind: ActualKind, project_id: QondorProjectId) -> tuple[StoredActual, ...]:
        written = self.imagined.qondor.actuals
        found = super().actuals(kind, project_id)
        self._seen.update({(kind, each.id): each for each in found})
        kept = [each for each in found if (kind, each.external_reference or "") not in written]
        made = [each for (of, _), each in written.items() if of is kind and each and each.project_id == project_id]
        return (*kept, *made)

    def actual_by_reference(self, kind: ActualKind, reference: str) -> StoredActual | None:
        if (kind, reference) in self.imagined.qondor.actuals:
            self.imagined.calls[SYSTEM] += 1
            return self.imagined.qondor.actuals[kind, reference]
        found = super().actual_by_reference(kind, reference)
        if found is not None:
            self._seen[kind, found.id] = found
        return found

    # writes

    def set_as_processed(self, invoice_id: QondorInvoiceId, order_id: OrderId) -> None:
        self._note(self.describing.processed(invoice_id, order_id))
        self.imagined.qondor.invoices[invoice_id] = (InvoiceStatus.PROCESSED, order_id)

    def set_as_failed(self, invoice_id: QondorInvoiceId, message: str) -> None:
        self._note(self.describing.failed(invoice_id, message))
        self.imagined.qondor.invoices[invoice_id] = (InvoiceStatus.FAILED, None)

    def set_as_paid(self, invoice_id: QondorInvoiceId, day: date) -> None:
        self._note(self.describing.paid(invoice_id, day))
        _, order_id = self.imagined.qondor.invoices.get(invoice_id, (None, None))
        self.imagined.qondor.invoices[invoice_id] = (InvoiceStatus.PAID, order_id)

    def put_customer(self, record: CustomerRecord, *, external_reference: str) -> None:
        writable_members(record)  # Raises what a real PUT would, for a record that cannot be echoed.
        self._note(self.describing.external_reference(record, external_reference))
        self.imagined.qondor.references[record.customer.id] = external_reference

    def create_actual(self, kind: ActualKind, reference: str, actual: Actual) -> int:
        made = self.imagined.next_id()
        self._note(self.describing.actual(kind, reference, "create", actual))
        self._keep(kind, made, reference, actual)
        return made

    def change_actual(self, kind: ActualKind, actual_id: int, reference: str, actual: Actual) -> None:
        before = self.imagined.qondor.actuals.get((kind, reference)) or self._seen.get((kind, actual_id))
        self._note(self.describing.actual(kind, reference, "update", actual, before))
        self._keep(kind, actual_id, reference, actual)

    def delete_actual(self, kind: ActualKind, actual_id: int) -> None:
        before = self._seen[kind, actual_id]
        reference = before.external_reference or ""
        self._note(self.describing.actual(kind, reference, "delete", None, before))
        self.imagined.qondor.actuals[kind, reference] = None

    def _keep(self, kind: ActualKind, actual_id: int, reference: str, actual: Actual) -> None:
        self.imagined.qondor.actuals[kind, reference] = StoredActual(
            id=actual_id, external_reference=reference, project_id=actual.project_id, actual=actual
        )

    def _note(self, change: PlannedChange) -> None:
        self.imagined.calls[SYSTEM] += 1
        self.imagined.changes.append(change)


class GuardedQondor(QondorClient):
    """Lets through the writes of a plan alone; of any other it says that nothing was done."""

    gate_of_plan: PlanGate
    describing: Describing
    _references: dict[tuple[ActualKind, int], str | None]

    def set_as_processed(self, invoice_id: QondorInvoiceId, order_id: OrderId) -> None:
        self._check("SetAsProcessed", self.describing.processed(invoice_id, order_id))
        super().set_as_processed(invoice_id, order_id)

    def set_as_failed(self, invoice_id: QondorInvoiceId, message: str) -> None:
        self._check("SetAsFailed", self.describing.failed(invoice_id, message))
        super().set_as_failed(invoice_id, message)

    def set_as_paid(self, invoice_id: QondorInvoiceId, day: date) -> None:
        self._check("SetAsPaid", self.describing.paid(invoice_id, day))
        super().set_as_paid(invoice_id, day)

    def put_customer(self, record: CustomerRecord, *, external_reference: str) -> None:
        self._check("Customer/Put", self.describing.external_reference(record, external_reference))
        super().put_customer(record, external_reference=external_reference)

    def create_actual(self, kind: ActualKind, reference: str, actual: Actual) -> int:
        if not self.gate_of_plan.lets(self.describing.actual(kind, reference, "create", actual)):
            raise WriteDidNotLand(SYSTEM, f"Post {kind.value}", NOT_IN_THE_PLAN, refused=True)
        return super().create_actual(kind, reference, actual)

    def change_actual(self, kind: ActualKind, actual_id: int, reference: str, actual: Actual) -> None:
        self._check(f"Put {kind.value}", self.describing.actual(kind, reference, "update", actual))
        super().change_actual(kind, actual_id, reference, actual)

    def delete_actual(self, kind: ActualKind, actual_id: int) -> None:
        reference = self._seen_references.get((kind, actual_id))
        self._check(f"Delete {kind.value}", self.describing.actual(kind, reference, "delete", None))
        super().delete_actual(kind, actual_id)

    def actual_by_reference(self, kind: ActualKind, reference: str) -> StoredActual | None:
        found = super().actual_by_reference(kind, reference)
        if found is not None:
            self._seen_references[kind, found.id] = found.external_reference
        return found

    @property
    def _seen_references(self) -> dict[tuple[ActualKind, int], str | None]:
        """A deletion names the id alone; the flow has just read what it is of."""
        if not hasattr(self, "_references"):
            self._references = {}
        return self._references

    def _check(self, operation: str, change: PlannedChange) -> None:
        if not self.gate_of_plan.lets(change):
            raise RequestRefused(SYSTEM, operation, NOT_IN_THE_PLAN)
