"""An invoice of the queue with whatever follows from it alone, made out once and known to all that decide on it."""

from __future__ import annotations

from dataclasses import dataclass

from ...records.identifiers import QondorProjectId
from ...records.invoices.invoices import QondorInvoice
from ..linking import ProjectIdentity, consumer_key, finago_project_id


@dataclass(frozen=True, kw_only=True)
class PreparedInvoice:
    """What is billed, on which project in either system, and by which key the store knows a booker."""

    detail: QondorInvoice
    project_id: QondorProjectId
    project: ProjectIdentity
    consumer_key: str | None
    """None where a customer of Qondor is billed."""


def prepare(detail: QondorInvoice) -> PreparedInvoice:
    # rules.invoices.queue has refused every invoice without a project, and every booking without an e-mail address.
    assert detail.project_id is not None
    return PreparedInvoice(
        detail=detail,
        project_id=detail.project_id,
        project=finago_project_id(detail.project_number, detail.project_id),
        consumer_key=booker_billed(detail),
    )


def booker_billed(detail: QondorInvoice) -> str | None:
    """The store's key of the booker whom the invoice bills; None where it bills its customer.

    A booking is billed to its booker, whatever customer it names as well; everything else to its customer. How it is
    paid, and whether it credits another, changes nothing in that.
    """
    return consumer_key(detail.email or "") if detail.is_booking else None
