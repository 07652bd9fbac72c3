"""How far a plan has come: what was created and changed, what goes no further in this run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields

from ...records.customers_and_projects.customers import CompanyDraft
from ...records.customers_and_projects.projects import ProjectDraft
from ...records.identifiers import CompanyId
from ...records.links import Kind
from ...records.operations.results import FieldChange
from ...records.plans import Change
from ...records.refusals import Refusal
from .office_run import OfficeRun

BEING_LOOKED_UP = "The creation of its customer in Finago is being looked up."


@dataclass
class Progress:
    """One plan being applied, shared by its stages. Records are named as in the run's record."""

    run: OfficeRun
    stopped: set[str] = field(default_factory=set)
    company_ids: dict[str, CompanyId] = field(default_factory=dict)
    """By the store's key: the company of each customer that this plan created, changed or linked."""
    created: set[tuple[Kind, str]] = field(default_factory=set)
    """By kind and key of the store's link: what this plan created."""
    updated: set[tuple[Kind, str]] = field(default_factory=set)
    without_customer: set[str] = field(default_factory=set)
    """Projects that were written without their customer, whose company could not be created in this run."""

    def block(self, change: Change, refusal: Refusal) -> None:
        """Every record that waits for the change is held with the parent's reason."""
        for record in change.waiting:
            self.block_record(record, refusal)

    def block_record(self, record: str, refusal: Refusal) -> None:
        self.stopped.add(record)
        self.run.record.refuse(record, refusal)

    def leave_uncertain(self, change: Change, message: str) -> None:
        for record in change.waiting:
            self.leave_record_uncertain(record, message)

    def leave_record_uncertain(self, record: str, message: str) -> None:
        self.stopped.add(record)
        self.run.record.leave_uncertain(record, message)

    def is_stopped(self, change: Change) -> bool:
        """Whether nobody is left that waits for the change."""
        return all(record in self.stopped for record in change.waiting)

    def changed(self, kind: Kind, key: str, differences: Iterable[FieldChange]) -> None:
        """Something that Finago already had, or Qondor, was changed in these fields."""
        self.updated.add((kind, key))
        self.run.record.changes += differences

    def event(self, kind: Kind, key: str, event: str, detail: Mapping[str, object]) -> None:
        with self.run.write() as transaction:
            self.run.log_event(transaction, kind, key, event, detail)


def members_of(draft: CompanyDraft | ProjectDraft) -> list[str]:
    """The names of the members that a draft changes; never their values, which may be personal data."""
    members = (each.name for each in fields(draft) if each.name != "id")
    return sorted(name for name in members if getattr(draft, name) not in (None, ()))
