"""Customers, companies and projects, read afresh and whole: whatever no flow looks for is among them.

The store's claims tell which project bears which id; beyond that it only explains.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ...records.customers_and_projects.customers import CONSUMER, Company, Customer
from ...records.customers_and_projects.projects import FinagoProject, QondorProject
from ...records.identifiers import CompanyId, CustomerId, FinagoProjectId, OfficeId, QondorProjectId
from ...records.operations.results import Flow, RecordState
from ...records.reconciliation import MISSING_IN_FINAGO, Compared, Side
from ...records.refusals import Reason
from ...rules.customers_and_projects.findings import Findings
from ...rules.customers_and_projects.planning import PlanBuilder, customer_record, project_record
from ...rules.email_addresses import email_keys
from ...rules.linking import CUSTOMER_KEY, customer_key, customer_of, finago_project_id, read_reference
from ...rules.reconciliation.comparison import Comparison, Explain
from ...rules.reconciliation.customers_and_projects import (
    EXTERNAL_REFERENCE,
    compare_customer,
    compare_doubles,
    compare_project,
)
from ...store import StoredOutcome
from ..run.lookups import foreign_customers, projects_of, read_customers
from ..run.office_run import OfficeRun

WAITS = "waits for the next run"
ONLY_IN_STORE = "linked in the sync store; Qondor does not hold the Company ID yet"
"""Why an External Reference may be empty: one that cannot be written is kept in the store (decisions 5)."""


@dataclass
class MasterRecords:
    """Every customer and project of the office, and what Finago has of them."""

    run: OfficeRun
    customers: Mapping[CustomerId, Customer] = field(default_factory=dict)
    projects: Mapping[QondorProjectId, QondorProject] = field(default_factory=dict)
    companies: dict[CompanyId, Company] = field(default_factory=dict)
    finago_projects: Mapping[FinagoProjectId, FinagoProject] = field(default_factory=dict)
    _links: Mapping[str, CompanyId] = field(default_factory=dict)
    _claims: Mapping[QondorProjectId, FinagoProjectId] = field(default_factory=dict)
    _outcomes: Mapping[str, StoredOutcome] = field(default_factory=dict)
    _offices: frozenset[OfficeId] = frozenset()
    _changed: frozenset[QondorProjectId] = frozenset()
    """Projects that changed since the last complete run."""

    def read(self) -> None:
        """Raises what a read raises."""
        run = self.run
        flow = Flow.CUSTOMERS_AND_PROJECTS.value
        with run.store.read() as transaction:
            self._offices = transaction.clients.offices_of(run.client_id) | {run.office_id}
            self._links = transaction.companies.of_client(run.client_id)
            links = transaction.projects.of_client(run.client_id)
            self._outcomes = transaction.outcomes.of_office(run.office_id, flow)
            last_run = transaction.runs.last_complete_started(run.office_id, flow)
        self._claims = {link.project_id: link.finago_project_id for link in links}
        self.customers = read_customers(run, self._offices)
        offices = sorted(self._offices | run.offices_of_unknown_client)
        self.projects = {project.id: project for office in offices for project in projects_of(run, office)}
        if last_run is not None:
            changed = run.qondor.projects(run.office_id, changed_after=last_run)
            self._changed = frozenset(project.id for project in changed)
        self.companies = dict(run.finago.company_directory())
        references = {read_reference(each.external_reference).company_id for each in self.customers.values()}
        self.read_companies({each for each in references if each is not None} | {*self._links.values()})
        ids = {finago_project_id(each.number, each.id).id for each in self._own_projects()}
        self.finago_projects = run.finago.projects(sorted(ids | self._claims_of_office().keys()))

    def read_companies(self, ids: set[CompanyId]) -> None:
        """Those that the list of active companies does not have."""
        self.companies |= self.run.finago.companies(sorted(ids - self.companies.keys()))

    def compare(self, comparison: Comparison) -> None:
        followed = self._followed()
        for customer in followed:
            decision = self.builder.business(customer)
            compare_customer(comparison, customer, decision, self._explain_customer(customer))
        pairs = {each.id: company for each in followed if (company := self.company_of(each.id)) is not None}
        compare_doubles(comparison, pairs, self.companies.values())
        for project in self._own_projects():
            compare_project(comparison, project, self.builder, self._explain_project(project))
        self._compare_what_qondor_lost(comparison)

    @cached_property
    def builder(self) -> PlanBuilder:
        """The flow's own decisions, from what was read."""
        run = self.run
        return PlanBuilder(
            Findings(
                office_id=run.office_id,
                client_offices=self._offices,
                offices_of_unknown_client=run.offices_of_unknown_client,
                customers=self.customers,
                foreign_customers=foreign_customers(run, tuple(self.customers.values())),
                company_links={},
                companies=self.companies,
                projects=self.projects,
                project_claims=self._claims,
                finago_projects=self.finago_projects,
                project_statuses=run.cached("project statuses", run.finago.project_statuses),
                project_types=run.cached("project types", run.finago.project_types),
            )
        )

    def company_of(self, customer_id: CustomerId) -> CompanyId | None:
        """The company that a business customer has; None where nobody can tell."""
        customer = self.customers.get(customer_id)
        if customer is None:
            return None
        return self.builder.business(customer).company_id or read_reference(customer.external_reference).company_id

    def consumers_with(self, key: str) -> frozenset[CompanyId]:
        """The consumers that have this e-mail address."""
        return self._consumers.get(key, frozenset())

    def linked_company(self, key: str) -> CompanyId | None:
        """What the store links: only to explain, and for bookers whose address was changed in Finago."""
        return self._links.get(key)

    @cached_property
    def _consumers(self) -> Mapping[str, frozenset[CompanyId]]:
        found: dict[str, set[CompanyId]] = {}
        for company in self.companies.values():
            if company.type == CONSUMER:
                for key in email_keys(company.emails.all()):
                    found.setdefault(key, set()).add(company.id)
        return {key: frozenset(ids) for key, ids in found.items()}

    def _own_projects(self) -> list[QondorProject]:
        own = (each for each in self.projects.values() if each.office_id in (None, self.run.office_id))
        return sorted(own, key=lambda each: each.id)

    def _followed(self) -> list[Customer]:
        """The office's own customers, those of its projects, and global ones that are linked here."""
        named = {project.customer_id for project in self._own_projects()}
        return [
            customer
            for customer in sorted(self.customers.values(), key=lambda each: each.id)
            if customer.office_id == self.run.office_id
            or (customer.id in named and customer.office_id in (None, *self._offices))
            or (customer.office_id is None and customer_key(customer.id) in self._links)
        ]

    def _claims_of_office(self) -> Mapping[FinagoProjectId, QondorProjectId]:
        with self.run.store.read() as transaction:
            links = transaction.projects.of_client(self.run.client_id)
        return {link.finago_project_id: link.project_id for link in links if link.office_id == self.run.office_id}

    def _compare_what_qondor_lost(self, comparison: Comparison) -> None:
        """What the store links and Qondor has no longer, while it stands in Finago."""
        for key, company_id in sorted(self._links.items()):
            is_lost = key.startswith(CUSTOMER_KEY) and customer_of(key) not in self.customers
            if is_lost and company_id in self.companies and not self._is_anothers(company_id):
                comparison.only_in_finago(Compared.CUSTOMER, Side(id=company_id))
        for finago_id, project_id in sorted(self._claims_of_office().items()):
            if project_id not in self.projects and finago_id in self.finago_projects:
                comparison.only_in_finago(Compared.PROJECT, Side(id=finago_id))

    def _is_anothers(self, company_id: CompanyId) -> bool:
        """Whether a customer of today has it: two were made one, say."""
        return any(self.company_of(each.id) == company_id for each in self._followed())

    def _explain_customer(self, customer: Customer) -> Explain:
        held = self._why_held(customer_record(customer.id))
        is_linked = customer_key(customer.id) in self._links
        # The order of decisions 5: a Company ID that cannot be written to Qondor stays in the store.
        return lambda field: held or (ONLY_IN_STORE if field == EXTERNAL_REFERENCE and is_linked else None)

    def _explain_project(self, project: QondorProject) -> Explain:
        held = self._why_held(project_record(project.id))
        waits = WAITS if project.id in self._changed else None
        customer = None if project.customer_id is None else self._why_held(customer_record(project.customer_id))
        return lambda field: held or waits or (customer if field in ("customer", MISSING_IN_FINAGO) else None)

    def _why_held(self, record: str) -> str | None:
        outcome = self._outcomes.get(record)
        if outcome is None or outcome.reason is Reason.PARENT_FAILED:
            return None
        if outcome.state is RecordState.UNCERTAIN:
            return "uncertain"
        return f"held: {outcome.reason.value}" if outcome.state is RecordState.HELD and outcome.reason else None
