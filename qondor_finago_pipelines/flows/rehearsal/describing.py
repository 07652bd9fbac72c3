"""Each write of a run as a planned change: what people see of it, and a digest of everything that is sent.

The rehearsal that makes a plan and the run that applies it describe their writes here alike, so that the second knows
which of them were in the plan. Ids that Finago gives during the run differ between the two: they go by their names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import date
from typing import Any

from ...records.costs_and_sales.actuals import Actual, ActualKind, ActualReference, StoredActual
from ...records.customers_and_projects.customers import Company, CompanyDraft, CustomerRecord
from ...records.customers_and_projects.projects import FinagoProject, ProjectDraft
from ...records.identifiers import OfficeId, OrderId, QondorInvoiceId
from ...records.invoices.orders import FOR_INVOICING, INVOICED, Order
from ...records.money import plain
from ...records.operations.planned import CHANGED, PlannedChange, PlannedField
from ...records.operations.results import Flow
from ...records.plans import digest_of
from ...rules.linking import positive_int
from ...systems.finago.calls import SYSTEM as FINAGO
from ...systems.qondor.client import SYSTEM as QONDOR

COMPANY = "company"
ORDER = "order"
PROJECT = "project"
INVOICE_NUMBER = "invoice number"

WRITTEN_TO_COMPANIES = frozenset(each.name for each in fields(Company)) - {"id", "unreadable"}
"""A draft may know more than it sends."""

_PERSONAL = frozenset({"name", "first_name", "emails", "invoice_address", "post_address", "party_name", "description"})
"""Members that may be a person's, and the names of events beside them."""


class Names:
    """What the ids are called that a run learns only when it writes."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, int], str] = {}

    def learn(self, what: str, number: int | None, name: str) -> None:
        if number is not None:
            self._names[what, number] = name

    def of(self, what: str, number: int | str | None) -> str | None:
        """The name of an id that this run made; any other as it is."""
        known = number if isinstance(number, int) else positive_int(number)
        if known is None:
            return None if number is None else str(number)
        return self._names.get((what, known), str(known))

    def in_words(self, text: str) -> str:
        """A sentence in which numbers that this run made go by their names."""
        by_number = {str(number): name for (_, number), name in self._names.items()}
        return re.sub(r"\b[0-9]{10}\b", lambda found: by_number.get(found[0], found[0]), text)


class Describing:
    """The writes of one office's run of a flow."""

    def __init__(self, flow: Flow, office: OfficeId, names: Names) -> None:
        self._flow = flow
        self._office = office
        self.names = names
        self.lists: dict[str, dict[object, str]] = {"status": {}, "category": {}}
        """Project statuses and types by id, as far as the run has read them."""

    # to Finago

    def company(self, draft: CompanyDraft, before: Company | None = None) -> PlannedChange:
        """Of a company that exists the key is its own id, until somebody knows whose it is."""
        sent = {**asdict(draft), "id": self.names.of(COMPANY, draft.id)}
        return self._change(
            FINAGO,
            COMPANY,
            (draft.external_id or self.name_of_company(draft)) if draft.id is None else str(draft.id),
            "create" if draft.id is None else "update",
            sent,
            fields=_fields(before, {key: value for key, value in asdict(draft).items() if key in WRITTEN_TO_COMPANIES}),
        )

    def name_of_company(self, draft: CompanyDraft) -> str:
        """What a new company is called before Finago has given it an id."""
        if draft.external_id:
            return f"<company of customer {draft.external_id}>"
        return f"<company of a booker {digest_of(draft)[:8]}>"

    def project(self, draft: ProjectDraft, before: FinagoProject | None, *, creates: bool) -> PlannedChange:
        customer = draft.customer_id if isinstance(draft.customer_id, int) else None
        sent = {**asdict(draft), "customer_id": self.names.of(COMPANY, customer)}
        shown = {key: value for key, value in sent.items() if key not in ("id", "status_id", "type_id")}
        changed = _fields(before, shown)
        was_status = None if before is None else "deactivated" if before.deactivated else before.status_id
        for name, was, value in (
            ("status", was_status, draft.status_id),
            ("category", None if before is None else before.type_id, draft.type_id),
        ):
            if value is not None:
                known = self.lists[name]
                changed += (
                    PlannedField(field=name, before=known.get(was, _text(was)), after=known.get(value, str(value))),
                )
        return self._change(FINAGO, PROJECT, str(draft.id), "create" if creates else "update", sent, fields=changed)

    def order(self, order: Order) -> PlannedChange:
        sent = self._order(order)
        shown = {
            "customer": sent["customer_id"],
            "project": order.project_id,
            "department": order.department_id,
            "order date": order.date_ordered,
            "days to pay": order.payment_time,
            "rows": len(order.rows),
            "status": FOR_INVOICING if order.to_be_invoiced else order.status,
            "factoring": "yes" if order.send_to_factoring else None,
            "credits order": sent["credited_order_id"],
        }
        return self._change(FINAGO, ORDER, str(order.reference), "create", sent, fields=_fields(None, shown), of=order)

    def invoicing(self, order_id: OrderId, order: Order) -> PlannedChange:
        sent = {**self._order(order), "order_id": self.names.of(ORDER, order_id)}
        paid = order.card_payment
        shown = (
            PlannedField(field="status", before=FOR_INVOICING, after=INVOICED),
            *_fields(None, {} if paid is None else {"payment method": paid.method_id, "paid on": paid.paid_on}),
        )
        return self._change(FINAGO, ORDER, str(order.reference), "update", sent, fields=shown, of=order)

    def _order(self, order: Order) -> dict[str, Any]:
        customer = order.customer_id if isinstance(order.customer_id, int) else None
        return {
            **asdict(order),
            # Of an order that is not made yet nobody knows the ids of its rows.
            "rows": [asdict(replace(row, row_id=None)) for row in order.rows],
            "customer_id": self.names.of(COMPANY, customer),
            "credited_order_id": self.names.of(ORDER, order.credited_order_id),
            "credited_invoice_number": self.names.of(INVOICE_NUMBER, order.credited_invoice_number),
        }

    # to Qondor

    def external_reference(self, record: CustomerRecord, reference: str) -> PlannedChange:
        after = self.names.of(COMPANY, reference)
        field = PlannedField(field="external reference", before=record.customer.external_reference, after=after)
        key = str(record.customer.id)
        return self._change(QONDOR, "customer", key, "update", {"id": key, "reference": after}, fields=(field,))

    def processed(self, invoice_id: QondorInvoiceId, order_id: OrderId) -> PlannedChange:
        return self._invoice(invoice_id, "process", "external reference", self.names.of(ORDER, order_id))

    def failed(self, invoice_id: QondorInvoiceId, message: str) -> PlannedChange:
        return self._invoice(invoice_id, "fail", "message", message)

    def paid(self, invoice_id: QondorInvoiceId, day: date) -> PlannedChange:
        return self._invoice(invoice_id, "pay", "paid date", day.isoformat(), record="payment")

    def _invoice(
        self, invoice_id: QondorInvoiceId, action: str, field: str, after: str | None, *, record: str = "invoice"
    ) -> PlannedChange:
        sent = {"id": int(invoice_id), field: after}
        return self._change(
            QONDOR, record, str(invoice_id), action, sent, fields=(PlannedField(field=field, after=after),)
        )

    def actual(
        self,
        kind: ActualKind,
        reference: str | None,
        action: str,
        actual: Actual | None,
        before: StoredActual | None = None,
    ) -> PlannedChange:
        """A cost or sale. `actual` is what is sent, or, of one that is deleted, what stands there."""
        ours = ActualReference.of(kind, reference)
        was = before.actual if before is not None else None
        shown = asdict(actual) if actual is not None and action != "delete" else {}
        changed = _fields(was, {key: value for key, value in shown.items() if key != "currency"})
        if action == "update" and actual is not None and not changed:
            # What differs is the sum, which Qondor keeps beside its parts.
            changed = (PlannedField(field="amount including vat", after=plain(actual.amount_including_vat)),)
        change = self._change(
            QONDOR,
            kind.value,
            str(ours.voucher) if ours is not None else str(reference),
            action,
            {"reference": reference, **shown},
            fields=changed,
        )
        told = actual or was
        if told is None:
            return change
        return _with_amount(change, told.amount_excluding_vat, told.currency)

    def _change(
        self,
        system: str,
        record: str,
        key: str,
        action: str,
        sent: Mapping[str, Any],
        *,
        fields: tuple[PlannedField, ...],
        of: Order | None = None,
    ) -> PlannedChange:
        return PlannedChange(
            office=self._office,
            flow=self._flow,
            system=system,
            record=record,
            key=key,
            action=action,
            fields=fields,
            amount=of.total_including_vat if of is not None else None,
            currency=of.currency.symbol if of is not None else None,
            payload=digest_of(sent),
        )


def _with_amount(change: PlannedChange, amount: Any, currency: str) -> PlannedChange:
    return PlannedChange(**{**vars(change), "amount": amount, "currency": currency})


def _fields(before: object, after: Mapping[str, Any]) -> tuple[PlannedField, ...]:
    """What is sent and differs from `before`; None is not sent. What may be a person's shows as changed."""
    found: list[PlannedField] = []
    for member, value in after.items():
        held = getattr(before, member, None)
        if value is None or (before is not None and _text(held) == _text(value)):
            continue
        if member in _PERSONAL:
            found.append(PlannedField(field=_words(member), after=CHANGED))
        else:
            found.append(PlannedField(field=_words(member), before=_text(held), after=_text(value)))
    return tuple(found)


def _words(member: str) -> str:
    return member.replace("_id", "").replace("_", " ") if member != "external_id" else "external id"


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    return plain(value) if hasattr(value, "quantize") else str(value)
