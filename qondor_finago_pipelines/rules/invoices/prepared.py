"""An invoice of the queue with whatever follows from it alone, made out once and known to all that decide on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...records.customers_and_projects.projects import QondorProject
from ...records.identifiers import FinagoProjectId, QondorProjectId
from ...records.invoices.invoices import QondorInvoice
from ..linking import consumer_key, finago_project_id
from ..text import one_line


@dataclass(frozen=True, kw_only=True)
class PreparedInvoice:
    """What is billed, on which project, and by which key the store knows a booker."""

    detail: QondorInvoice
    project_id: QondorProjectId
    finago_project_on_invoice: FinagoProjectId
    """What the copy of the project's number comes to: what to look for first, and never what is billed on."""
    consumer_key: str | None
    """None where a customer of Qondor is billed."""


def prepare(detail: QondorInvoice) -> PreparedInvoice:
    # rules.invoices.queue has refused every invoice without a project, and every booking without an e-mail address.
    assert detail.project_id is not None
    return PreparedInvoice(
        detail=detail,
        project_id=detail.project_id,
        finago_project_on_invoice=finago_project_id(detail.project_number, detail.project_id).id,
        consumer_key=booker_billed(detail),
    )


def booker_billed(detail: QondorInvoice) -> str | None:
    """The store's key of the booker whom the invoice bills; None where it bills its customer.

    A booking is billed to its booker, whatever customer it names as well; everything else to its customer. How it is
    paid, and whether it credits another, changes nothing in that.
    """
    return consumer_key(detail.email or "") if detail.is_booking else None


def differences_from_project(detail: QondorInvoice, project: QondorProject) -> Iterator[str]:
    """Warnings where the invoice's copy of its project is not what the project's own record has (decisions 5)."""
    on_invoice, on_record = one_line(detail.project_number), one_line(project.number)
    if on_invoice != on_record:
        yield (
            f"Invoice {detail.id} has the project number {_shown(on_invoice)}, but the record of project {project.id} "
            f"has {_shown(on_record)}: the record is followed."
        )
    if one_line(detail.project_name) not in ("", one_line(project.name)):
        yield (
            f"Invoice {detail.id} calls project {project.id} by another name than the project's own record: the record "
            "is followed."
        )


def _shown(number: str) -> str:
    return (number if len(number) <= 40 else f"{number[:39]}…") or "none"
