"""The customer and project flow: what Qondor has and everything read from Finago become a plan (decisions 5).

Customers are created or updated one by one; a project links its customer first. A customer that is refused leaves its
project as it was in this one field: everything else of the project follows all the same. `PlanBuilder` is what the
invoice flow plans its customers and projects with, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...records.customers_and_projects.customers import Customer
from ...records.customers_and_projects.projects import QondorProject
from ...records.identifiers import CompanyId, CustomerId, FinagoProjectId, QondorProjectId
from ...records.links import Kind
from ...records.plans import Change, Pending, Plan, Stage
from ...records.refusals import Reason, Refusal
from ..linking import customer_key, finago_project_id
from .businesses import decide_business
from .company_drafts import CompanyDecision
from .findings import Findings
from .projects import ProjectFacts, follow_project


class PlanBuilder:
    """A plan in the making: each customer and project is decided once, a parent before its child.

    A change that no record waits for is not part of it.
    """

    def __init__(self, findings: Findings) -> None:
        self.refusals: dict[str, Refusal] = {}
        self._known = findings
        self._companies: dict[str, CompanyDecision] = {}
        self._given: dict[CustomerId, CompanyId | None] = {}
        """Which company this plan has given to which customer: it is taken for the next. None is one it creates."""
        self._changes: dict[tuple[Stage, str], Change] = {}
        self._warnings: dict[str, None] = {}
        self._by_finago_id: defaultdict[FinagoProjectId, list[QondorProject]] = defaultdict(list)
        """The client's Qondor projects by the Finago id that they come to: several are a conflict."""
        self._by_link: defaultdict[FinagoProjectId, list[QondorProject]] = defaultdict(list)
        """The same by the Finago id that the store links them to."""
        for project in findings.projects.values():
            if project.has_readable_number:
                self._by_finago_id[finago_project_id(project.number, project.id).id].append(project)
            if (linked := findings.project_claims.get(project.id)) is not None:
                self._by_link[linked].append(project)

    def plan(self) -> Plan:
        """What was decided so far, in the order in which it is applied."""
        changes = sorted(self._changes.items(), key=lambda item: (item[0][0], len(item[0][1]), item[0][1]))
        return Plan(
            changes=tuple(change for _, change in changes if change.waiting),
            refusals=self.refusals,
            warnings=tuple(self._warnings),
        )

    def business(self, customer: Customer) -> CompanyDecision:
        """The decision on a customer, taken once in a plan whoever asks for it."""
        key = customer_key(customer.id)
        if key not in self._companies:
            decision = self._companies[key] = decide_business(customer, self._known, self._given)
            if decision.refusal is None:
                self._given[customer.id] = decision.company_id
        return self._companies[key]

    def customer_of(self, project: QondorProject) -> CompanyDecision | None:
        """The decision on a project's own customer; None when it has none that this client's offices may see."""
        customer = self._known.customers.get(project.customer_id) if project.customer_id is not None else None
        return None if customer is None else self.business(customer)

    def facts_of(self, project: QondorProject) -> ProjectFacts:
        """What is known of a project, its own customer decided on before."""
        known, customer = self._known, self.customer_of(project)
        identity = finago_project_id(project.number, project.id)
        return ProjectFacts(
            project=project,
            identity=identity,
            found=known.finago_projects.get(identity.id),
            conflicts=tuple(other for other in self._by_finago_id[identity.id] if other.id != project.id),
            offices_of_unknown_client=known.offices_of_unknown_client,
            linked=known.project_claims.get(project.id),
            holders=tuple(other for other in self._by_link[identity.id] if other.id != project.id),
            statuses=known.project_statuses,
            types=known.project_types,
            company_id=None if customer is None or customer.refusal is not None else company_id_of(customer),
        )

    def change_company(self, decision: CompanyDecision, waiting: str) -> None:
        """Whatever has to be written for a customer or booker before the record that waits."""
        if decision.draft is not None:
            self.change(Stage.COMPANIES, Kind.COMPANY, decision.key, decision.draft, waiting, decision.before)
        if decision.write_back:
            self.change(Stage.COMPANY_IDS_TO_QONDOR, Kind.COMPANY, decision.key, company_id_of(decision), waiting)
        known = self._known.company_links.get(decision.key)
        if decision.draft is None and decision.company_id is not None and known != decision.company_id:
            # Found by Reference, ExternalId, organisation number or e-mail: only the store has to learn it.
            before = decision.before or decision.company_id
            self.change(Stage.COMPANIES, Kind.COMPANY, decision.key, decision.company_id, waiting, before)

    def claim_project(self, facts: ProjectFacts, waiting: str) -> None:
        """The project is in Finago already: where the store does not know it, it learns whose it is."""
        if not facts.claimed:
            self.change(Stage.PROJECTS, Kind.PROJECT, str(facts.project.id), facts.identity.id, waiting, facts.found)

    def change(self, stage: Stage, kind: Kind, key: str, after: Any, waiting: str, before: Any = None) -> None:
        """Adds a change, or one more record that waits for it."""
        change = self._changes.setdefault(
            (stage, key), Change(stage=stage, kind=kind, key=key, before=before, after=after)
        )
        if waiting not in change.waiting:
            self._changes[(stage, key)] = replace(change, waiting=(*change.waiting, waiting))

    def warn(self, *warnings: Iterable[str] | str | None) -> None:
        """Adds warnings, each once; None is none."""
        for warning in warnings:
            for text in (warning,) if isinstance(warning, str) else warning or ():
                self._warnings[text] = None


def company_id_of(decision: CompanyDecision) -> CompanyId | Pending:
    """The company of a decision that is no refusal; pending while it has to be created."""
    return Pending(Kind.COMPANY, decision.key) if decision.company_id is None else decision.company_id


# the plan of the customer and project flow


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
    customers: Sequence[Customer], projects: Sequence[QondorProject], findings: Findings
) -> FollowingPlan:
    """The plan for the office's customers and its changed projects. None of them stops another."""
    following = _Following(findings)
    for customer in sorted(customers, key=lambda each: each.id):
        following.customer(customer)
    for project in sorted(projects, key=lambda each: each.id):
        following.project(project)
    return FollowingPlan(
        plan=following.builder.plan(), left_out=following.left_out, reservations=following.reservations
    )


class _Following:
    def __init__(self, findings: Findings) -> None:
        self.builder = PlanBuilder(findings)
        self.left_out: dict[str, str] = {}
        self.reservations: dict[str, Refusal] = {}

    def customer(self, customer: Customer) -> None:
        record = customer_record(customer.id)
        decision = self.builder.business(customer)
        if decision.refusal is None:
            self.builder.warn(decision.warnings)
            self.builder.change_company(decision, record)
        elif decision.refusal.reason is Reason.INACTIVE_CUSTOMER:
            # Nobody waits for a customer that is out of use: there is nothing to correct.
            self.left_out[record] = "inactive in Qondor, so not created"
        else:
            self.builder.refusals[record] = decision.refusal

    def project(self, project: QondorProject) -> None:
        record = project_record(project.id)
        facts = self.builder.facts_of(project)
        decision = follow_project(facts)
        if decision.refusal is not None:
            self.builder.refusals[record] = decision.refusal
            return
        self.builder.warn(decision.warnings)
        if not decision.claim:
            self.left_out[record] = "not confirmed, so not created"
            return
        if project.customer_id is not None and facts.company_id is None:
            self.reservations[record] = reservation = self._goes_without_customer(project)
            self.builder.warn(str(reservation))
        self.builder.warn(facts.identity.warning)
        if decision.draft is None:
            self.builder.claim_project(facts, record)
        else:
            self.builder.change(Stage.PROJECTS, Kind.PROJECT, str(project.id), decision.draft, record, facts.found)

    def _goes_without_customer(self, project: QondorProject) -> Refusal:
        decision = self.builder.customer_of(project)
        refusal = None if decision is None else decision.refusal
        why = (
            f"Qondor has no customer {project.customer_id} that this office may see."
            if refusal is None
            else refusal.message
        )
        return Refusal(
            Reason.PARENT_FAILED,
            f"Project {project.id} goes without its customer: {why}",
            "Choose the project's customer in Qondor." if refusal is None else refusal.remedy,
        )
