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
from ...records.identifiers import CompanyId, FinagoProjectId, OfficeId, QondorInvoiceId
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


@dataclass(frozen=True, kw_only=True)
class ProjectFacts:
    """A Qondor project, and what is known of it in Finago."""

    project: QondorProject
    identity: ProjectIdentity
    found: FinagoProject | None
    """What Finago has under `identity.id`."""
    conflicts: Sequence[QondorProject]
    """The other Qondor projects of the client that come to the same id."""
    offices_of_unknown_client: frozenset[OfficeId] = frozenset()
    """Offices of which nobody knows whether they share the client."""
    linked: FinagoProjectId | None
    """The Finago project that the store links it to."""
    holders: Sequence[QondorProject] = ()
    """The other Qondor projects that the store links to the id, though their number has become another one."""
    statuses: Sequence[NamedId]
    types: Sequence[NamedId]
    company_id: CompanyId | Pending | None
    """Of the project's own customer."""

    @property
    def claimed(self) -> bool:
        """The store links exactly these two."""
        return self.linked == self.identity.id

    @property
    def moves(self) -> bool:
        """Its number has become another one since the store linked it."""
        return self.linked is not None and not self.claimed

    def is_the_same(self, found: FinagoProject) -> bool:
        """Whether what Finago has is this project, by link, number, name or customer.

        A number alone is not enough for a project that has been another one so far: it may be a slip.
        """
        same_name = bool(one_line(self.project.name)) and same_text(self.project.name, found.name)
        same_customer = self.company_id is not None and found.customer_id == self.company_id
        return self.claimed or (self.identity.from_number and not self.moves) or same_name or same_customer


def project_for_invoice(facts: ProjectFacts, invoice_ids: Sequence[QondorInvoiceId]) -> ProjectDecision:
    """What the invoice flow does with the project of `invoice_ids`."""
    if unreadable := _refuse_unreadable(facts, invoice_ids):
        return ProjectDecision(refusal=unreadable)
    if taken := _refuse_taken(facts, invoice_ids):
        return ProjectDecision(refusal=taken)
    if facts.found is None:
        return _new_project(facts, invoice_ids)
    if not facts.is_the_same(facts.found):
        return ProjectDecision(refusal=_refuse_somebody_elses(facts, invoice_ids))
    warnings = (*_warn_of_move(facts), *_warn_if_deactivated(facts.project, facts.found))
    return ProjectDecision(claim=not facts.claimed, warnings=warnings)


def follow_project(facts: ProjectFacts) -> ProjectDecision:
    """What the customer and project flow does with a project.

    A draft for a project that Finago has holds its id and what differs; what Qondor leaves empty is never cleared.
    """
    project, found = facts.project, facts.found
    if unreadable := _refuse_unreadable(facts, ()):
        return ProjectDecision(refusal=unreadable)
    if taken := _refuse_taken(facts, ()):
        return ProjectDecision(refusal=taken)
    if found is None and project.status in _NOT_CREATED:
        return ProjectDecision(warnings=_warn_of_standstill(facts))
    if found is None:
        return _new_project(facts, ())
    if not facts.is_the_same(found):
        return ProjectDecision(refusal=_refuse_somebody_elses(facts, ()))
    status = mapped_status(project.status, facts.statuses)
    if isinstance(status, Refusal):
        message = f"Project {project.id} cannot be updated in Finago. {status.message}"
        return ProjectDecision(refusal=Refusal(status.reason, message, status.remedy))
    kind = mapped_type(project.category, facts.types)
    name = one_line(project.name)
    draft = ProjectDraft(
        id=found.id,
        name=name if name and name != one_line(found.name) else None,
        status_id=status.id if _status_is_due(project, found, status) else None,
        type_id=_differing(kind.id if kind is not None else None, found.type_id),
        customer_id=None if facts.company_id == found.customer_id else facts.company_id,
        start_date=_differing(project.start_date, found.start_date),
        end_date=_differing(project.end_date, found.end_date),
    )
    warnings = (*_warn_of_move(facts), *_warn_of_category(project, kind, "its type stays as it is"))
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


def _new_project(facts: ProjectFacts, invoice_ids: Sequence[QondorInvoiceId]) -> ProjectDecision:
    project = facts.project
    name = one_line(project.name)
    if not name:
        return ProjectDecision(
            refusal=Refusal(
                Reason.INCOMPLETE,
                _about(invoice_ids, f"project {project.id} has no name, so that it cannot be created in Finago."),
                "Enter its name in Qondor; the rest then goes by itself.",
            )
        )
    status = mapped_status(project.status, facts.statuses)
    if isinstance(status, Refusal):
        message = _about(invoice_ids, f"project {project.id} cannot be created in Finago. {status.message}")
        return ProjectDecision(refusal=Refusal(status.reason, message, status.remedy))
    kind = mapped_type(project.category, facts.types)
    return ProjectDecision(
        draft=ProjectDraft(
            id=facts.identity.id,
            name=name,
            status_id=status.id,
            type_id=kind.id if kind is not None else None,
            customer_id=facts.company_id,
            start_date=project.start_date,
            end_date=project.end_date,
        ),
        warnings=(
            *_warn_of_move(facts),
            *_warn_of_category(project, kind, "the project is created without a type"),
        ),
        claim=True,
    )


def _refuse_unreadable(facts: ProjectFacts, invoice_ids: Sequence[QondorInvoiceId]) -> Refusal | None:
    project, found = facts.project, facts.found
    refusal = refuse_unreadable("project", project.id, project.unreadable, "Qondor")
    if refusal is None and found is not None:
        refusal = refuse_unreadable(f"project {project.id}: project", found.id, found.unreadable, "Finago")
    return refusal and replace(refusal, message=_about(invoice_ids, refusal.message))


def _refuse_taken(facts: ProjectFacts, invoice_ids: Sequence[QondorInvoiceId]) -> Refusal | None:
    """Refuses an id that is another Qondor project's too, by its number or, until that one has moved, by its link."""
    if facts.holders and not facts.conflicts:
        holders = listed(f"{each.id} ({one_line(each.number) or 'no number'})" for each in facts.holders)
        return Refusal(
            Reason.PROJECT_ID_TAKEN,
            _about(
                invoice_ids,
                f"project {facts.project.id} comes to project {facts.identity.id} in Finago, which is still that of "
                f"the Qondor project {holders}.",
            ),
            f"Give project {facts.project.id} a number of its own in Qondor, or wait where the number of the other one "
            "makes it a free project: once that one has moved, this one goes by itself.",
        )
    if not facts.conflicts:
        return None
    offices = {each.office_id for each in facts.conflicts}
    if unsure := [office for office in facts.offices_of_unknown_client if offices == {office}]:
        if facts.claimed:
            return None  # It is ours already, and nothing is created.
        return Refusal(
            Reason.PROJECT_ID_TAKEN,
            _about(
                invoice_ids,
                f"project {facts.project.id} comes to project {facts.identity.id} in Finago, and so does project "
                f"{listed(sorted(each.id for each in facts.conflicts))} of office {unsure[0]}, of which nobody knows "
                "whether it keeps its books in the same Finago client.",
            ),
            f"Mend the Finago login of office {unsure[0]}, or give each project a number of its own in Qondor.",
        )
    projects = sorted((facts.project, *facts.conflicts), key=lambda each: each.id)
    named = listed(f"{each.id} ({one_line(each.number) or 'no number'})" for each in projects)
    return Refusal(
        Reason.PROJECT_ID_TAKEN,
        _about(invoice_ids, f"the Qondor projects {named} all come to project {facts.identity.id} in Finago."),
        "Give each project a number of its own in Qondor; the rest then goes by itself.",
    )


def _refuse_somebody_elses(facts: ProjectFacts, invoice_ids: Sequence[QondorInvoiceId]) -> Refusal:
    if facts.moves:
        return Refusal(
            Reason.PROJECT_OF_SOMEBODY_ELSE,
            _about(
                invoice_ids,
                f"project {facts.project.id} was project {facts.linked} in Finago; its number in Qondor makes it "
                f"project {facts.identity.id}, but one with another name and another customer stands there.",
            ),
            "Correct the project's number in Qondor, or give it the name of the project in Finago if it is the same.",
        )
    return Refusal(
        Reason.PROJECT_OF_SOMEBODY_ELSE,
        _about(
            invoice_ids,
            f"project {facts.project.id} would be project {facts.identity.id} in Finago, but one with another name and "
            "another customer stands there.",
        ),
        "Give the project a number of the form SO12345 in Qondor, or the name of the project in Finago if it is the "
        "same.",
    )


def _warn_of_move(facts: ProjectFacts) -> tuple[str, ...]:
    if not facts.moves:
        return ()
    project_id, before, now = facts.project.id, facts.linked, facts.identity.id
    return (
        f"Project {project_id} was project {before} in Finago; its number in Qondor makes it project {now} from now "
        f"on. Project {before} is left as it is, and what is posted there stays project {project_id}'s until it is "
        f"posted on project {now}.",
    )


def _warn_of_standstill(facts: ProjectFacts) -> tuple[str, ...]:
    if not facts.moves:
        return ()
    return (
        f"Project {facts.project.id} is project {facts.linked} in Finago; its number in Qondor would make it project "
        f"{facts.identity.id}, which is created only for a confirmed project or with its next invoice.",
    )


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
