"""One wave of invoices and everything that was read for it become a plan: what is written, what is refused.

A wave is a set of invoices none of which credits another one of the same wave; the credit notes of a wave follow in the
next, when their originals have an order to refer to (decisions 6).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..records.customers import Company, Customer
from ..records.identifiers import (
    CompanyId,
    CustomerId,
    FinagoProjectId,
    OfficeId,
    QondorInvoiceId,
    QondorProjectId,
)
from ..records.invoices import QondorInvoice
from ..records.links import Kind, OrderLink
from ..records.orders import Currency
from ..records.plans import Change, Pending, Plan, Stage
from ..records.projects import FinagoProject, NamedId, QondorProject
from ..records.refusals import Reason, Refusal
from .businesses import decide_business
from .companies import reference_warning
from .company_drafts import CompanyDecision
from .consumers import decide_consumer
from .linking import CUSTOMER_KEY, consumer_key, customer_key, finago_project_id, organisation_digits
from .orders import OrderOptions, order_for
from .originals import Original
from .products import Catalogue
from .projects import ProjectDecision, decide_project


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What was read for one wave. Missing from a mapping means: looked for and not there."""

    office_id: OfficeId
    client_offices: frozenset[OfficeId]
    customers: Mapping[CustomerId, Customer] = field(default_factory=dict)
    """Every customer of the Finago client's offices, global ones included."""
    foreign_customers: frozenset[CustomerId] = frozenset()
    """Global customers that the ledger links in another Finago client."""
    company_links: Mapping[str, CompanyId] = field(default_factory=dict)
    companies: Mapping[CompanyId, Company] = field(default_factory=dict)
    projects: Mapping[QondorProjectId, QondorProject] = field(default_factory=dict)
    """Every project of the client's offices when a project without a claim is in the wave, else those of the wave."""
    project_claims: Mapping[QondorProjectId, FinagoProjectId] = field(default_factory=dict)
    finago_projects: Mapping[FinagoProjectId, FinagoProject] = field(default_factory=dict)
    project_statuses: Sequence[NamedId] = ()
    project_types: Sequence[NamedId] = ()
    catalogue: Catalogue
    currencies: Sequence[Currency] = ()
    departments: Sequence[NamedId] = ()
    payment_methods: Sequence[NamedId] = ()
    originals: Mapping[QondorInvoiceId, Original | Refusal] = field(default_factory=dict)
    """By the credit note's own id."""
    order_links: Mapping[QondorInvoiceId, OrderLink] = field(default_factory=dict)


def plan_invoices(details: Sequence[QondorInvoice], findings: Findings, options: OrderOptions) -> Plan:
    """The plan of one wave. Each invoice is planned or refused by itself; none stops another."""
    return _Planning(findings, options).plan(details)


class _Planning:
    def __init__(self, findings: Findings, options: OrderOptions) -> None:
        self._findings = findings
        self._options = options
        self._companies: dict[str, CompanyDecision] = {}
        self._being_created: dict[str, CustomerId] = {}
        """By organisation number: the customer for which this plan creates a company."""
        self._changes: dict[tuple[Stage, str], Change] = {}
        self._refusals: dict[int, Refusal] = {}
        self._all_customers = tuple(findings.customers.values())
        self._by_finago_id: defaultdict[FinagoProjectId, list[QondorProject]] = defaultdict(list)
        """The client's Qondor projects by the Finago id that they come to: several are a conflict."""
        for project in findings.projects.values():
            self._by_finago_id[finago_project_id(project.number, project.id).id].append(project)
        self._warnings: dict[str, None] = {}

    def plan(self, details: Sequence[QondorInvoice]) -> Plan:
        for detail in sorted(details, key=lambda invoice: invoice.id):
            refusal = self._plan_one(detail)
            if refusal is not None:
                self._refusals[detail.id] = refusal
        changes = sorted(self._changes.items(), key=lambda item: (item[0][0], len(item[0][1]), item[0][1]))
        return Plan(
            changes=tuple(change for _, change in changes if change.invoices),
            refusals=self._refusals,
            warnings=tuple(self._warnings),
        )

    def _plan_one(self, detail: QondorInvoice) -> Refusal | None:
        set_up = self._check_set_up(detail)
        if set_up is not None:
            return set_up
        original = self._findings.originals.get(detail.id)
        if isinstance(original, Refusal):
            return original
        company, other_bill_to = self._company_of(detail)
        if company.refusal is not None:
            return company.refusal
        identity = finago_project_id(detail.project_number, _project_id(detail))
        project = self._project_of(detail)
        if project.refusal is not None:
            return project.refusal
        order = order_for(
            detail,
            customer_id=_company_id(company),
            project_id=identity.id,
            options=self._options,
            catalogue=self._findings.catalogue,
            currencies=self._findings.currencies,
            original=original,
            other_bill_to=other_bill_to,
        )
        if order.refusal is not None or order.order is None:
            return order.refusal
        self._warn(
            self._reference_warning(detail), company.warnings, project.warnings, order.warnings, identity.warning
        )
        self._change_company(company, detail.id)
        self._change_project(project, detail)
        self._add(
            Change(
                stage=Stage.ORDERS,
                kind=Kind.ORDER,
                key=str(detail.id),
                before=self._findings.order_links.get(detail.id),
                after=order.order,
            ),
            detail.id,
        )
        return None

    def _check_set_up(self, detail: QondorInvoice) -> Refusal | None:
        options = self._options
        if options.department_id not in {department.id for department in self._findings.departments}:
            return Refusal(
                Reason.SET_UP,
                f"Office {self._findings.office_id}: Finago has no department {options.department_id}.",
                "Create it in Finago, or correct department_id in the settings.",
            )
        methods = {method.id for method in self._findings.payment_methods}
        if detail.is_card and options.online_payment_method_id not in methods:
            return Refusal(
                Reason.SET_UP,
                f"Office {self._findings.office_id}: Finago has no payment method {options.online_payment_method_id}, "
                f"which card payment {detail.id} needs.",
                "Create it in Finago, or correct online_payment_method_id in the settings.",
            )
        return None

    def _company_of(self, detail: QondorInvoice) -> tuple[CompanyDecision, bool]:
        """The company that the invoice is billed to, and whether the order carries a bill-to of its own."""
        if not detail.is_booking:
            return self._business(detail.customer_id, detail.id), False
        key = consumer_key(detail.email or "")
        decision = decide_consumer(
            detail, link=self._findings.company_links.get(key), companies=self._findings.companies
        )
        earlier = self._companies.setdefault(key, decision)
        if earlier is decision or decision.refusal is not None:
            return decision, decision.other_bill_to
        # The same address books again in this wave: one company, and the name decides as it does across runs.
        other_name = _name_of(earlier) != _name_of(decision)
        return earlier, other_name or decision.other_bill_to

    def _business(self, customer_id: CustomerId | None, invoice_id: QondorInvoiceId | None) -> CompanyDecision:
        customer = self._findings.customers.get(customer_id) if customer_id is not None else None
        if customer is None or customer_id is None:
            return CompanyDecision(
                key=f"{CUSTOMER_KEY}{customer_id}",
                refusal=Refusal(
                    Reason.NO_CUSTOMER,
                    f"Invoice {invoice_id}: Qondor has no customer {customer_id} that this office may see.",
                    "Choose the invoice's customer in Qondor and issue it again.",
                ),
            )
        key = customer_key(customer_id)
        if key not in self._companies:
            self._companies[key] = decide_business(
                customer,
                all_customers=self._all_customers,
                office_id=self._findings.office_id,
                client_offices=self._findings.client_offices,
                links=self._findings.company_links,
                companies=self._findings.companies,
                linked_elsewhere=self._findings.foreign_customers,
                being_created=self._being_created,
            )
            self._remember_creation(customer, self._companies[key])
        return self._companies[key]

    def _remember_creation(self, customer: Customer, decision: CompanyDecision) -> None:
        number = organisation_digits(customer.organisation_number)
        if number and decision.draft is not None and decision.draft.id is None:
            self._being_created.setdefault(number, customer.id)

    def _project_of(self, detail: QondorInvoice) -> ProjectDecision:
        project_id = _project_id(detail)
        project = self._findings.projects.get(project_id)
        identity = finago_project_id(detail.project_number, project_id)
        claimed = self._findings.project_claims.get(project_id) == identity.id
        if project is None:
            return ProjectDecision(
                refusal=Refusal(
                    Reason.NO_PROJECT,
                    f"Invoice {detail.id}: Qondor has no project {project_id} ({detail.project_number}) that this "
                    "integration may see.",
                    "Link the invoice to an existing project in Qondor and issue it again.",
                )
            )
        return decide_project(
            project,
            identity=identity,
            found=self._findings.finago_projects.get(identity.id),
            rivals=tuple(other for other in self._by_finago_id[identity.id] if other.id != project_id),
            claimed=claimed,
            statuses=self._findings.project_statuses,
            types=self._findings.project_types,
            company_id=self._company_of_project(project),
            invoice_ids=(detail.id,),
        )

    def _company_of_project(self, project: QondorProject) -> CompanyId | Pending | None:
        if project.customer_id is None or project.customer_id not in self._findings.customers:
            return None
        decision = self._business(project.customer_id, None)
        if decision.refusal is not None:
            return None
        return _company_id(decision)

    def _change_company(self, decision: CompanyDecision, invoice_id: QondorInvoiceId) -> None:
        if decision.draft is not None:
            self._add(
                Change(
                    stage=Stage.COMPANIES,
                    kind=Kind.COMPANY,
                    key=decision.key,
                    before=decision.before,
                    after=decision.draft,
                ),
                invoice_id,
            )
        if decision.write_back:
            self._add(
                Change(
                    stage=Stage.COMPANY_IDS_TO_QONDOR,
                    kind=Kind.COMPANY,
                    key=decision.key,
                    after=_company_id(decision),
                ),
                invoice_id,
            )
        known = self._findings.company_links.get(decision.key)
        if decision.draft is None and decision.company_id is not None and known != decision.company_id:
            # Found by Reference, ExternalId, organisation number or e-mail: only the ledger has to learn it.
            self._add(
                Change(
                    stage=Stage.COMPANIES,
                    kind=Kind.COMPANY,
                    key=decision.key,
                    before=decision.before or decision.company_id,
                    after=decision.company_id,
                ),
                invoice_id,
            )

    def _change_project(self, decision: ProjectDecision, detail: QondorInvoice) -> None:
        project = self._findings.projects[_project_id(detail)]
        if decision.draft is None:
            identity = finago_project_id(detail.project_number, project.id)
            if self._findings.project_claims.get(project.id) != identity.id:
                # The project is there already: only the ledger has to learn whose it is.
                self._add(
                    Change(
                        stage=Stage.PROJECTS,
                        kind=Kind.PROJECT,
                        key=str(project.id),
                        before=self._findings.finago_projects.get(identity.id),
                        after=identity.id,
                    ),
                    detail.id,
                )
            return
        if isinstance(decision.draft.customer_id, Pending) and project.customer_id is not None:
            # The project's own customer is created before the project that names it.
            self._change_company(self._business(project.customer_id, None), detail.id)
        self._add(
            Change(stage=Stage.PROJECTS, kind=Kind.PROJECT, key=str(project.id), after=decision.draft), detail.id
        )

    def _add(self, change: Change, invoice_id: QondorInvoiceId) -> None:
        known = self._changes.setdefault((change.stage, change.key), change)
        if invoice_id not in known.invoices:
            self._changes[(change.stage, change.key)] = replace(known, invoices=(*known.invoices, invoice_id))

    def _reference_warning(self, detail: QondorInvoice) -> str | None:
        customer = self._findings.customers.get(detail.customer_id) if detail.customer_id is not None else None
        return None if customer is None or detail.is_booking else reference_warning(detail, customer)

    def _warn(self, *warnings: Iterable[str] | str | None) -> None:
        for warning in warnings:
            for text in (warning,) if isinstance(warning, str) else warning or ():
                self._warnings[text] = None


def _company_id(decision: CompanyDecision) -> CompanyId | Pending:
    if decision.company_id is not None:
        return decision.company_id
    return Pending(Kind.COMPANY, decision.key)


def _name_of(decision: CompanyDecision) -> str:
    name = decision.draft.name if decision.draft is not None else None
    if name is None and decision.before is not None:
        name = decision.before.name
    return (name or "").strip().casefold()


def _project_id(detail: QondorInvoice) -> QondorProjectId:
    # rules.queue has refused every invoice without a project before a plan is made.
    assert detail.project_id is not None
    return detail.project_id
