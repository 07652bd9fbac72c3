"""Actual costs and actual sales on Qondor's wire (decisions 4)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ...records.costs_and_sales.actuals import Actual, ActualKind, StoredActual
from ...records.identifiers import QondorProjectId
from .members import Members

PATHS = {ActualKind.COST: "Cost/v1/Cost", ActualKind.SALE: "Sale/v1/Sale"}

NAMES = {ActualKind.COST: "Cost", ActualKind.SALE: "Sale"}
"""What people call them, in errors and in the count of calls."""

_PARTY = {ActualKind.COST: "supplierName", ActualKind.SALE: "customerName"}

_NEEDED = ("projectId", "invoiceDate", "amountExclVat", "vatAmount", "amountInclVat", "isPaid", "currency")


def actual_of(kind: ActualKind, members: Members) -> StoredActual | None:
    """The record, or None when it has no readable id.

    A record of ours in which anything else cannot be read has no `actual`: it is written anew.
    """
    actual_id = members.identifier("id", needed=True)
    if actual_id is None:
        return None
    project = members.identifier("projectId")
    project_id = None if project is None else QondorProjectId(project)
    reference = members.text("externalReference")
    members.require(*_NEEDED)
    invoice_date, due_date, paid_date = members.day("invoiceDate"), members.day("dueDate"), members.day("paidDate")
    excluding, vat = members.amount("amountExclVat"), members.amount("vatAmount")
    including, is_paid = members.amount("amountInclVat"), members.truth("isPaid")
    texts = [members.text(name) or "" for name in (_PARTY[kind], "transactionReference", "description", "currency")]
    actual = None
    if (
        not members.unreadable
        and project_id is not None
        and invoice_date is not None
        and excluding is not None
        and vat is not None
    ):
        actual = Actual(
            project_id=project_id,
            party_name=texts[0],
            transaction_reference=texts[1],
            description=texts[2],
            invoice_date=invoice_date,
            due_date=due_date,
            amount_excluding_vat=excluding,
            vat=vat,
            is_paid=bool(is_paid),
            paid_date=paid_date,
            currency=texts[3],
        )
    return StoredActual(
        id=actual_id,
        external_reference=reference,
        project_id=project_id,
        actual=actual,
        totals_agree=including is not None and including == (excluding or Decimal(0)) + (vat or Decimal(0)),
    )


def actual_body(kind: ActualKind, reference: str, actual: Actual, actual_id: int | None = None) -> dict[str, Any]:
    """The whole record, as it is posted, or, with its id, put. Empty texts and missing days are null."""
    return {
        **({} if actual_id is None else {"id": actual_id}),
        "externalReference": reference,
        "projectId": int(actual.project_id),
        _PARTY[kind]: actual.party_name or None,
        "transactionReference": actual.transaction_reference or None,
        "description": actual.description or None,
        "invoiceDate": actual.invoice_date.isoformat(),
        "dueDate": actual.due_date.isoformat() if actual.due_date else None,
        "amountExclVat": actual.amount_excluding_vat,
        "vatAmount": actual.vat,
        "amountInclVat": actual.amount_including_vat,
        "isPaid": actual.is_paid,
        "paidDate": actual.paid_date.isoformat() if actual.paid_date else None,
        "currency": actual.currency,
    }
