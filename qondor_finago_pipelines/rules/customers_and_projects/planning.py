"""The customer and project flow: what Qondor has and everything read from Finago become a plan (decisions 5).

Customers are created or updated one by one; a project links its customer first. A customer that is refused leaves its
project as it was in this one field: everything else of the project follows all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...records.customers_and_projects.customers import Customer
from ...records.customers_and_projects.projects import QondorProject
from ...records.identifiers import CompanyId, CustomerId, QondorProjectId
from ...records.links import Kind
from ...records.plans import Pending, Plan, Stage
from ...records.refusals import Reason, Refusal
from ..linking import finago_project_id
from .common_planning import CommonFindings, CommonPlanning, company_id_of
from .projects import follow_project


def customer_record(customer_id: CustomerId) -> str:
    """The id of a customer in the run's record: `customer 77`."""
    return f"customer {customer_id}"


def project_record(project_id: QondorProjectId) -> str:
    """The id of a project in the run's record: `project 555`."""
    return f"project {project_id}"


@dataclass(frozen=True, kw_only=True)
class FollowingPlan:
    """What is written, and what there is to say of the records for which nothing is written."""

    plan: Plan
    left_out: Mapping[str, str] = field(default_factory=dict)
    """By record: why it is rightly not in Finago, in a few words."""
    reservations: Mapping[str, Refusal] = field(default_factory=dict)
    """By project: its customer is refused; the project is looked at again until that is mended."""


def plan_following(
    customers: Sequence[Customer], projects: Sequence[QondorProject], findings: CommonFindings
) -> FollowingPlan:
    """The plan for the office's customers and its changed projects. None of them stops another."""
    return _Planning(findings).follow(customers, projects)


class _Planning(CommonPlanning):
    def __init__(self, findings: CommonFindings) -> None:
        super().__init__(findings)
        self._left_out: dict[str, str] = {}
        self._reservations: dict[str, Refusal] = {}

    def follow(self, customers: Sequence[Customer], projects: Sequence[QondorProject]) -> FollowingPlan:
        for customer in sorted(customers, key=lambda each: each.id):
            self._follow_customer(customer)
        for project in sorted(projects, key=lambda each: each.id):
            self._follow_project(project)
        return FollowingPlan(plan=self._plan(), left_out=self._left_out, reservations=self._reservations)

    def _follow_customer(self, customer: Customer) -> None:
        record = customer_record(customer.id)
        decision = self._business(customer)
        if decision.refusal is None:
            self._warn(decision.warnings)
            self._change_company(decision, record)
        elif decision.refusal.reason is Reason.INACTIVE_CUSTOMER:
            # Nobody waits for a customer that is out of use: there is nothing to correct.
            self._left_out[record] = "inactive in Qondor, so not created"
        else:
            self._refusals[record] = decision.refusal

    def _follow_project(self, project: QondorProject) -> None:
        record = project_record(project.id)
        identity = finago_project_id(project.number, project.id)
        found = self._known.finago_projects.get(identity.id)
        company_id, reservation = self._company_of(project)
        decision = follow_project(
            project,
            identity=identity,
            found=found,
            conflicts=self._conflicts_of(project, identity),
            claimed=self._is_claimed(project.id, identity),
            statuses=self._known.project_statuses,
            types=self._known.project_types,
            company_id=company_id,
        )
        if decision.refusal is not None:
            self._refusals[record] = decision.refusal
            return
        if not decision.claim:
            self._left_out[record] = "not confirmed, so not created"
            return
        if reservation is not None:
            self._reservations[record] = reservation
            self._warn(str(reservation))
        self._warn(decision.warnings, identity.warning, self._warn_of_move(project, identity.id))
        if decision.draft is None:
            self._claim_project(project, identity, record)
        else:
            self._change(Stage.PROJECTS, Kind.PROJECT, str(project.id), decision.draft, record, found)

    def _company_of(self, project: QondorProject) -> tuple[CompanyId | Pending | None, Refusal | None]:
        """The company of the project's customer, and why it is not sent when it cannot be."""
        if project.customer_id is None:
            return None, None
        decision = self._customer_of(project)
        if decision is not None and decision.refusal is None:
            return company_id_of(decision), None
        why = f"Qondor has no customer {project.customer_id} that this office may see."
        if decision is not None and decision.refusal is not None:
            why = decision.refusal.message
        return None, Refusal(
            Reason.PARENT_FAILED,
            f"Project {project.id} goes without its customer: {why}",
            decision.refusal.remedy
            if decision is not None and decision.refusal is not None
            else "Choose the project's customer in Qondor.",
        )

    def _warn_of_move(self, project: QondorProject, finago_id: int) -> str | None:
        before = self._known.project_claims.get(project.id)
        if before is None or before == finago_id:
            return None
        return (
            f"Project {project.id} was project {before} in Finago; its number in Qondor makes it project {finago_id} "
            f"from now on, and project {before} is left as it is."
        )
