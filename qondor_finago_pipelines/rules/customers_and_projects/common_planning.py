"""What the plans of both flows are made of: customers and projects, each decided once, a parent before its child.

The invoice flow (`rules.planning`) and the customer and project flow (`rules.following`) build on this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...records.customers_and_projects.customers import Company, Customer
from ...records.customers_and_projects.projects import FinagoProject, NamedId, QondorProject
from ...records.identifiers import CompanyId, CustomerId, FinagoProjectId, OfficeId, QondorProjectId
from ...records.links import Kind
from ...records.plans import Change, Pending, Plan, Stage
from ...records.refusals import Refusal
from ..linking import ProjectIdentity, customer_key, finago_project_id, organisation_digits
from .businesses import decide_business
from .company_drafts import CompanyDecision


@dataclass(frozen=True, kw_only=True)
class CommonFindings:
    """What was read of customers and projects. Missing from a mapping means: looked for and not there."""

    office_id: OfficeId
    client_offices: frozenset[OfficeId]
    customers: Mapping[CustomerId, Customer] = field(default_factory=dict)
    """Every customer of the Finago client's offices, global ones included."""
    foreign_customers: frozenset[CustomerId] = frozenset()
    """Global customers that the store links in another Finago client."""
    company_links: Mapping[str, CompanyId] = field(default_factory=dict)
    companies: Mapping[CompanyId, Company] = field(default_factory=dict)
    projects: Mapping[QondorProjectId, QondorProject] = field(default_factory=dict)
    """Every project of the client's offices when one without a claim is looked at, else those looked at."""
    project_claims: Mapping[QondorProjectId, FinagoProjectId] = field(default_factory=dict)
    finago_projects: Mapping[FinagoProjectId, FinagoProject] = field(default_factory=dict)
    project_statuses: Sequence[NamedId] = ()
    project_types: Sequence[NamedId] = ()


class CommonPlanning:
    """A plan in the making. A change that no record waits for is not part of it."""

    def __init__(self, findings: CommonFindings) -> None:
        self._known = findings
        self._companies: dict[str, CompanyDecision] = {}
        self._being_created: dict[str, CustomerId] = {}
        """By organisation number: the customer for which this plan creates a company."""
        self._changes: dict[tuple[Stage, str], Change] = {}
        self._refusals: dict[str, Refusal] = {}
        self._all_customers = tuple(findings.customers.values())
        self._by_finago_id: defaultdict[FinagoProjectId, list[QondorProject]] = defaultdict(list)
        """The client's Qondor projects by the Finago id that they come to: several are a conflict."""
        for project in findings.projects.values():
            self._by_finago_id[finago_project_id(project.number, project.id).id].append(project)
        self._warnings: dict[str, None] = {}

    def _plan(self) -> Plan:
        changes = sorted(self._changes.items(), key=lambda item: (item[0][0], len(item[0][1]), item[0][1]))
        return Plan(
            changes=tuple(change for _, change in changes if change.waiting),
            refusals=self._refusals,
            warnings=tuple(self._warnings),
        )

    def _business(self, customer: Customer) -> CompanyDecision:
        """The decision on a customer, taken once in a plan whoever asks for it."""
        key = customer_key(customer.id)
        if key not in self._companies:
            self._companies[key] = decide_business(
                customer,
                all_customers=self._all_customers,
                office_id=self._known.office_id,
                client_offices=self._known.client_offices,
                links=self._known.company_links,
                companies=self._known.companies,
                linked_elsewhere=self._known.foreign_customers,
                being_created=self._being_created,
            )
            self._remember_creation(customer, self._companies[key])
        return self._companies[key]

    def _remember_creation(self, customer: Customer, decision: CompanyDecision) -> None:
        number = organisation_digits(customer.organisation_number)
        if number and decision.draft is not None and decision.draft.id is None:
            self._being_created.setdefault(number, customer.id)

    def _customer_of(self, project: QondorProject) -> CompanyDecision | None:
        """The decision on a project's own customer; None when it has none that this client's offices may see."""
        customer = self._known.customers.get(project.customer_id) if project.customer_id is not None else None
        return None if customer is None else self._business(customer)

    def _conflicts_of(self, project: QondorProject, identity: ProjectIdentity) -> tuple[QondorProject, ...]:
        return tuple(other for other in self._by_finago_id[identity.id] if other.id != project.id)

    def _is_claimed(self, project_id: QondorProjectId, identity: ProjectIdentity) -> bool:
        return self._known.project_claims.get(project_id) == identity.id

    def _change_company(self, decision: CompanyDecision, waiting: str) -> None:
        if decision.draft is not None:
            self._change(Stage.COMPANIES, Kind.COMPANY, decision.key, decision.draft, waiting, decision.before)
        if decision.write_back:
            self._change(Stage.COMPANY_IDS_TO_QONDOR, Kind.COMPANY, decision.key, company_id_of(decision), waiting)
        known = self._known.company_links.get(decision.key)
        if decision.draft is None and decision.company_id is not None and known != decision.company_id:
            # Found by Reference, ExternalId, organisation number or e-mail: only the store has to learn it.
            before = decision.before or decision.company_id
            self._change(Stage.COMPANIES, Kind.COMPANY, decision.key, decision.company_id, waiting, before)

    def _claim_project(self, project: QondorProject, identity: ProjectIdentity, waiting: str) -> None:
        """The project is in Finago already: where the store does not know it, it learns whose it is."""
        if not self._is_claimed(project.id, identity):
            found = self._known.finago_projects.get(identity.id)
            self._change(Stage.PROJECTS, Kind.PROJECT, str(project.id), identity.id, waiting, found)

    def _change(self, stage: Stage, kind: Kind, key: str, after: Any, waiting: str, before: Any = None) -> None:
        """Adds a change, or one more record that waits for it."""
        change = self._changes.setdefault(
            (stage, key), Change(stage=stage, kind=kind, key=key, before=before, after=after)
        )
        if waiting not in change.waiting:
            self._changes[(stage, key)] = replace(change, waiting=(*change.waiting, waiting))

    def _warn(self, *warnings: Iterable[str] | str | None) -> None:
        for warning in warnings:
            for text in (warning,) if isinstance(warning, str) else warning or ():
                self._warnings[text] = None


def company_id_of(decision: CompanyDecision) -> CompanyId | Pending:
    """The company of a decision that is no refusal; pending while it has to be created."""
    if decision.company_id is not None:
        return decision.company_id
    return Pending(Kind.COMPANY, decision.key)
