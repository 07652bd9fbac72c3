"""Which Finago project is a Qondor project's, and what has to be written to it (decisions 5).

The invoice flow creates a project with its first invoice and never updates one. The customer and project flow creates
confirmed projects only, and updates whatever differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ...records.customers_and_projects.projects import (
    FinagoProject,
    NamedId,
    ProjectDraft,
    ProjectStatus,
    QondorProject,
)
from ...records.identifiers import CompanyId, QondorInvoiceId
from ...records.plans import Pending
from ...records.refusals import Reason, Refusal
from ..linking import ProjectIdentity
from ..text import listed, one_line, same_text
from ..unreadable import refuse_unreadable

ACTIVE_STATUS = "Aktiv"
COMPLETED_STATUS = "Avsluttet"

_STATUS_NAMES = {
    ProjectStatus.PENDING: ACTIVE_STATUS,
    ProjectStatus.CONFIRMED: ACTIVE_STATUS,
    ProjectStatus.CANCELLED: COMPLETED_STATUS,
    ProjectStatus.FINISHED: COMPLETED_STATUS,
}

_NOT_CREATED = (ProjectStatus.PENDING, ProjectStatus.CANCELLED, ProjectStatus.FINISHED)
"""The customer and project flow updates such projects where they exist, and creates none of them."""


@dataclass(frozen=True, kw_only=True)
class ProjectDecision:
    """What becomes of one project. A `draft` creates or changes it; `claim` asks the store to remember whose it is."""

    draft: ProjectDraft | None = None
    refusal: Refusal | None = None
    warnings: tuple[str, ...] = ()
    claim: bool = False


def decide_project(
    project: QondorProject,
    *,
    identity: ProjectIdentity,
    found: FinagoProject | None,
    conflicts: Sequence[QondorProject],
    claimed: bool,
    statuses: Sequence[NamedId],
    types: Sequence[NamedId],
    company_id: CompanyId | Pending | None,
    invoice_ids: Sequence[QondorInvoiceId],
) -> ProjectDecision:
    """What the invoice flow does with the project of `invoice_ids`.

    `found` is what Finago has under `identity.id`; `claimed` says that the store links exactly these two;
    `conflicts` are the other Qondor projects of the client that come to the same id; `company_id` is the
    project's own customer.
    """
    if unreadable := _refuse_unreadable(project, found, invoice_ids):
        return ProjectDecision(refusal=unreadable)
    if conflicts:
        return ProjectDecision(refusal=_refuse_conflicts(project, identity, conflicts, invoice_ids))
    if found is None:
        return _new_project(project, identity, statuses, types, company_id, invoice_ids)
    warnings = _warn_if_deactivated(project, found)
    if claimed:
        return ProjectDecision(warnings=warnings)
    if identity.from_number or _is_the_same(project, found, company_id):
        return ProjectDecision(claim=True, warnings=warnings)
    return ProjectDecision(refusal=_refuse_somebody_elses(project, identity, invoice_ids))


def follow_project(
    project: QondorProject,
    *,
    identity: ProjectIdentity,
    found: FinagoProject | None,
    conflicts: Sequence[QondorProject],
    claimed: bool,
    statuses: Sequence[NamedId],
    types: Sequence[NamedId],
    company_id: CompanyId | Pending | None,
) -> ProjectDecision:
    """What the customer and project flow does with a project; the arguments are those of `decide_project`.

    A draft for a project that Finago has holds its id and what differs; what Qondor leaves empty is never cleared.
    """
    if unreadable := _refuse_unreadable(project, found, ()):
        return ProjectDecision(refusal=unreadable)
    if conflicts:
        return ProjectDecision(refusal=_refuse_conflicts(project, identity, conflicts, ()))
    if found is None and project.status in _NOT_CREATED:
        return ProjectDecision()
    if found is None:
        return _new_project(project, identity, statuses, types, company_id, ())
    if not (claimed or identity.from_number or _is_the_same(project, found, company_id)):
        return ProjectDecision(refusal=_refuse_somebody_elses(project, identity, ()))
    status = mapped_status(project.status, statuses)
    if isinstance(status, Refusal):
        message = f"Project {project.id} cannot be updated in Finago. {status.message}"
        return ProjectDecision(refusal=Refusal(status.reason, message, status.remedy))
    return _changed_project(project, found, status, types, company_id)


def _changed_project(
    project: QondorProject,
    found: FinagoProject,
    status: NamedId,
    types: Sequence[NamedId],
    company_id: CompanyId | Pending | None,
) -> ProjectDecision:
    kind = mapped_type(project.category, types)
    name = one_line(project.name)
    draft = ProjectDraft(
        id=found.id,
        name=name if name and name != one_line(found.name) else None,
        status_id=status.id if _status_is_due(project, found, status) else None,
        type_id=_differing(kind.id if kind is not None else None, found.type_id),
        customer_id=None if company_id == found.customer_id else company_id,
        start_date=_differing(project.start_date, found.start_date),
        end_date=_differing(project.end_date, found.end_date),
    )
    warnings = _warn_of_category(project, kind, "its type stays as it is")
    return ProjectDecision(draft=None if draft == ProjectDraft(id=found.id) else draft, claim=True, warnings=warnings)


def _status_is_due(project: QondorProject, found: FinagoProject, status: NamedId) -> bool:
    """A deactivated project comes back with the status Aktiv, so only a confirmed one is sent it."""
    if found.deactivated and same_text(status.name, ACTIVE_STATUS):
        return project.status is ProjectStatus.CONFIRMED
    return status.id != found.status_id


Value = TypeVar("Value")


def _differing(ours: Value | None, held: object) -> Value | None:
    return ours if ours is not None and ours != held else None


def _warn_of_category(project: QondorProject, kind: NamedId | None, so: str) -> tuple[str, ...]:
    if kind is not None or not one_line(project.category):
        return ()
    return (f"Project {project.id}: Finago has no project type named {one_line(project.category)!r}; {so}.",)


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
                _about(invoice_ids, f"project {project.id} has no name, so that it cannot be created in Finago."),
                "Enter its name in Qondor; the rest then goes by itself.",
            )
        )
    status = mapped_status(project.status, statuses)
    if isinstance(status, Refusal):
        message = _about(invoice_ids, f"project {project.id} cannot be created in Finago. {status.message}")
        return ProjectDecision(refusal=Refusal(status.reason, message, status.remedy))
    kind = mapped_type(project.category, types)
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
        warnings=_warn_of_category(project, kind, "the project is created without a type"),
        claim=True,
    )


def _refuse_unreadable(
    project: QondorProject, found: FinagoProject | None, invoice_ids: Sequence[QondorInvoiceId]
) -> Refusal | None:
    refusal = refuse_unreadable("project", project.id, project.unreadable, "Qondor")
    if refusal is None and found is not None:
        refusal = refuse_unreadable(f"project {project.id}: project", found.id, found.unreadable, "Finago")
    return refusal and replace(refusal, message=_about(invoice_ids, refusal.message))


def _refuse_conflicts(
    project: QondorProject,
    identity: ProjectIdentity,
    conflicts: Sequence[QondorProject],
    invoice_ids: Sequence[QondorInvoiceId],
) -> Refusal:
    named = listed(
        f"{one.id} ({one_line(one.number) or 'no number'})" for one in sorted((project, *conflicts), key=lambda p: p.id)
    )
    return Refusal(
        Reason.PROJECT_ID_TAKEN,
        _about(invoice_ids, f"the Qondor projects {named} all come to project {identity.id} in Finago."),
        "Give each project a number of its own in Qondor; the rest then goes by itself.",
    )


def _refuse_somebody_elses(
    project: QondorProject, identity: ProjectIdentity, invoice_ids: Sequence[QondorInvoiceId]
) -> Refusal:
    return Refusal(
        Reason.PROJECT_OF_SOMEBODY_ELSE,
        _about(
            invoice_ids,
            f"project {project.id} would be project {identity.id} in Finago, but one with another name and another "
            "customer stands there.",
        ),
        "Give the project a number of the form SO12345 in Qondor, or the name of the project in Finago if it is the "
        "same.",
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


def _about(invoice_ids: Sequence[QondorInvoiceId], what: str) -> str:
    """A message that begins with the invoices that wait for the project, where there are any."""
    if not invoice_ids:
        return what[0].upper() + what[1:]
    return f"Invoice{'s' if len(invoice_ids) > 1 else ''} {listed(sorted(invoice_ids))}: {what}"
