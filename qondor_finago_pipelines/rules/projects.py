"""Which Finago project an invoice belongs to, and what has to be written to it (decisions 5).

The invoice flow creates a project with its first invoice and never updates one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..records.identifiers import CompanyId, QondorInvoiceId
from ..records.plans import Pending
from ..records.projects import FinagoProject, NamedId, ProjectDraft, ProjectStatus, QondorProject
from ..records.refusals import Reason, Refusal
from .linking import ProjectIdentity
from .text import listed, one_line, same_text

ACTIVE_STATUS = "Aktiv"
COMPLETED_STATUS = "Avsluttet"

_STATUS_NAMES = {
    ProjectStatus.PENDING: ACTIVE_STATUS,
    ProjectStatus.CONFIRMED: ACTIVE_STATUS,
    ProjectStatus.CANCELLED: COMPLETED_STATUS,
    ProjectStatus.FINISHED: COMPLETED_STATUS,
}


@dataclass(frozen=True, kw_only=True)
class ProjectDecision:
    """What becomes of one project. A `draft` creates it; `claim` asks the ledger to remember whose it is."""

    draft: ProjectDraft | None = None
    refusal: Refusal | None = None
    warnings: tuple[str, ...] = ()
    claim: bool = False


def decide_project(
    project: QondorProject,
    *,
    identity: ProjectIdentity,
    found: FinagoProject | None,
    rivals: Sequence[QondorProject],
    claimed: bool,
    statuses: Sequence[NamedId],
    types: Sequence[NamedId],
    company_id: CompanyId | Pending | None,
    invoice_ids: Sequence[QondorInvoiceId],
) -> ProjectDecision:
    """What the invoice flow does with the project of `invoice_ids`.

    `found` is what Finago has under `identity.id`; `claimed` says that the ledger links exactly these two; `rivals` are
    the other Qondor projects of the client that come to the same id; `company_id` is the project's own customer.
    """
    if rivals:
        return ProjectDecision(refusal=_refuse_rivals(project, identity, rivals, invoice_ids))
    if found is None:
        return _new_project(project, identity, statuses, types, company_id, invoice_ids)
    warnings = _warn_if_deactivated(project, found)
    if claimed:
        return ProjectDecision(warnings=warnings)
    if identity.from_number or _is_the_same(project, found, company_id):
        return ProjectDecision(claim=True, warnings=warnings)
    return ProjectDecision(
        refusal=Refusal(
            Reason.PROJECT_OF_SOMEBODY_ELSE,
            f"{_invoices(invoice_ids)}: project {project.id} would be project {identity.id} in Finago, but one with "
            "another name and another customer stands there.",
            "Give the project a number of the form SO12345 in Qondor, or the name of the project in Finago if it is "
            "the same.",
        )
    )


def mapped_status(status: ProjectStatus | str | None, statuses: Sequence[NamedId]) -> NamedId | Refusal:
    """Finago's status for a Qondor one: pending and confirmed are Aktiv, cancelled and finished are Avsluttet."""
    if not isinstance(status, ProjectStatus):
        shown = "no status" if status is None else f"the status {one_line(status)!r}"
        return Refusal(
            Reason.UNKNOWN_TYPE,
            f"It has {shown} in Qondor, for which no status in Finago is known.",
            "Correct the project's status in Qondor, or ask for this integration to be taught the new one.",
        )
    name = _STATUS_NAMES[status]
    for candidate in statuses:
        if same_text(candidate.name, name):
            return candidate
    return Refusal(
        Reason.SET_UP,
        f"Finago has no project status named {name}.",
        f"Create the project status {name} in Finago; what waits for it then goes by itself.",
    )


def mapped_type(category: str | None, types: Sequence[NamedId]) -> NamedId | None:
    """Finago's project type with the name of the Qondor category; None when there is none."""
    return next((each for each in types if one_line(category) and same_text(each.name, category)), None)


def _new_project(
    project: QondorProject,
    identity: ProjectIdentity,
    statuses: Sequence[NamedId],
    types: Sequence[NamedId],
    company_id: CompanyId | Pending | None,
    invoice_ids: Sequence[QondorInvoiceId],
) -> ProjectDecision:
    name = one_line(project.name)
    if not name:
        return ProjectDecision(
            refusal=Refusal(
                Reason.INCOMPLETE,
                f"{_invoices(invoice_ids)}: project {project.id} has no name, so that it cannot be created in Finago.",
                "Enter its name in Qondor; the invoice then goes by itself.",
            )
        )
    status = mapped_status(project.status, statuses)
    if isinstance(status, Refusal):
        message = f"{_invoices(invoice_ids)}: project {project.id} cannot be created in Finago. {status.message}"
        return ProjectDecision(refusal=Refusal(status.reason, message, status.remedy))
    kind = mapped_type(project.category, types)
    warnings: tuple[str, ...] = ()
    if kind is None and one_line(project.category):
        warnings = (
            f"Project {project.id}: Finago has no project type named {one_line(project.category)!r}; the project is "
            "created without a type.",
        )
    return ProjectDecision(
        draft=ProjectDraft(
            id=identity.id,
            name=name,
            status_id=status.id,
            type_id=kind.id if kind is not None else None,
            customer_id=company_id,
            start_date=project.start_date,
            end_date=project.end_date,
        ),
        warnings=warnings,
        claim=True,
    )


def _refuse_rivals(
    project: QondorProject,
    identity: ProjectIdentity,
    rivals: Sequence[QondorProject],
    invoice_ids: Sequence[QondorInvoiceId],
) -> Refusal:
    named = listed(
        f"{one.id} ({one_line(one.number) or 'no number'})" for one in sorted((project, *rivals), key=lambda p: p.id)
    )
    return Refusal(
        Reason.PROJECT_ID_TAKEN,
        f"{_invoices(invoice_ids)}: the Qondor projects {named} all come to project {identity.id} in Finago.",
        "Give each project a number of its own in Qondor; the invoice then goes by itself.",
    )


def _is_the_same(project: QondorProject, found: FinagoProject, company_id: CompanyId | Pending | None) -> bool:
    same_name = bool(one_line(project.name)) and same_text(project.name, found.name)
    same_customer = company_id is not None and found.customer_id == company_id
    return same_name or same_customer


def _warn_if_deactivated(project: QondorProject, found: FinagoProject) -> tuple[str, ...]:
    if not found.deactivated:
        return ()
    return (
        f"Project {project.id}: project {found.id} is deactivated in Finago; its invoices are sent to it all the same.",
    )


def _invoices(invoice_ids: Sequence[QondorInvoiceId]) -> str:
    return f"Invoice{'s' if len(invoice_ids) > 1 else ''} {listed(sorted(invoice_ids))}"
