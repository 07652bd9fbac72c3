"""One wave of invoices and everything that was read for it become a plan: what is written, what is refused.

A wave is a set of invoices none of which credits another one of the same wave; the credit notes of a wave follow in the
next, when their originals have an order to refer to (decisions 6).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...records.customers_and_projects.projects import NamedId, QondorProject
from ...records.identifiers import CompanyId, QondorInvoiceId
from ...records.invoices.invoices import QondorInvoice
from ...records.invoices.orders import Currency
from ...records.links import Kind, OrderLink
from ...records.plans import Pending, Plan, Stage
from ...records.refusals import Reason, Refusal
from ..customers_and_projects.common_planning import CommonFindings, CommonPlanning, company_id_of
from ..customers_and_projects.companies import reference_warning
from ..customers_and_projects.company_drafts import CompanyDecision
from ..customers_and_projects.consumers import decide_consumer
from ..customers_and_projects.projects import ProjectDecision, decide_project
from ..linking import CUSTOMER_KEY
from .orders import OrderOptions, order_for
from .originals import Original
from .prepared import PreparedInvoice
from .products import Catalogue


@dataclass(frozen=True, kw_only=True)
class Findings(CommonFindings):
    """What was read for one wave. Missing from a mapping means: looked for and not there."""

    catalogue: Catalogue
    currencies: Sequence[Currency] = ()
    departments: Sequence[NamedId] = ()
    payment_methods: Sequence[NamedId] = ()
    originals: Mapping[QondorInvoiceId, Original | Refusal] = field(default_factory=dict)
    """By the credit note's own id."""
    order_links: Mapping[QondorInvoiceId, OrderLink] = field(default_factory=dict)


def plan_invoices(invoices: Sequence[PreparedInvoice], findings: Findings, options: OrderOptions) -> Plan:
    """The plan of one wave. Each invoice is planned or refused by itself; none stops another."""
    return _Planning(findings, options).plan(invoices)


class _Planning(CommonPlanning):
    def __init__(self, findings: Findings, options: OrderOptions) -> None:
        super().__init__(findings)
        self._findings = findings
        self._options = options

    def plan(self, invoices: Sequence[PreparedInvoice]) -> Plan:
        for invoice in sorted(invoices, key=lambda each: each.detail.id):
            refusal = self._plan_one(invoice)
            if refusal is not None:
                self._refusals[str(invoice.detail.id)] = refusal
        return self._plan()

    def _plan_one(self, invoice: PreparedInvoice) -> Refusal | None:
        detail = invoice.detail
        set_up = self._check_set_up(detail)
        if set_up is not None:
            return set_up
        original = self._findings.originals.get(detail.id)
        if isinstance(original, Refusal):
            return original
        company, other_bill_to = self._company_of(invoice)
        if company.refusal is not None:
            return company.refusal
        project = self._project_of(invoice)
        if project.refusal is not None:
            return project.refusal
        order = order_for(
            detail,
            customer_id=company_id_of(company),
            project_id=invoice.project.id,
            options=self._options,
            catalogue=self._findings.catalogue,
            currencies=self._findings.currencies,
            original=original,
            other_bill_to=other_bill_to,
        )
        if order.refusal is not None or order.order is None:
            return order.refusal
        self._warn(
            self._reference_warning(detail), company.warnings, project.warnings, order.warnings, invoice.project.warning
        )
        self._change_company(company, str(detail.id))
        self._change_project(project, invoice)
        known = self._findings.order_links.get(detail.id)
        self._change(Stage.ORDERS, Kind.ORDER, str(detail.id), order.order, str(detail.id), known)
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

    def _company_of(self, invoice: PreparedInvoice) -> tuple[CompanyDecision, bool]:
        """The company that the invoice is billed to, and whether the order carries a bill-to of its own."""
        key = invoice.consumer_key
        if key is None:
            return self._billed(invoice.detail), False
        decision = decide_consumer(
            invoice.detail, key=key, link=self._findings.company_links.get(key), companies=self._findings.companies
        )
        earlier = self._companies.setdefault(key, decision)
        if earlier is decision or decision.refusal is not None:
            return decision, decision.other_bill_to
        # The same address books again in this wave: one company, and the name decides as it does across runs.
        other_name = _name_of(earlier) != _name_of(decision)
        return earlier, other_name or decision.other_bill_to

    def _billed(self, detail: QondorInvoice) -> CompanyDecision:
        customer = self._findings.customers.get(detail.customer_id) if detail.customer_id is not None else None
        if customer is not None:
            return self._business(customer)
        return CompanyDecision(
            key=f"{CUSTOMER_KEY}{detail.customer_id}",
            refusal=Refusal(
                Reason.NO_CUSTOMER,
                f"Invoice {detail.id}: Qondor has no customer {detail.customer_id} that this office may see.",
                "Choose the invoice's customer in Qondor and issue it again.",
            ),
        )

    def _project_of(self, invoice: PreparedInvoice) -> ProjectDecision:
        detail, project_id, identity = invoice.detail, invoice.project_id, invoice.project
        project = self._findings.projects.get(project_id)
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
            conflicts=self._conflicts_of(project, identity),
            claimed=self._is_claimed(project_id, identity),
            statuses=self._findings.project_statuses,
            types=self._findings.project_types,
            company_id=self._company_of_project(project),
            invoice_ids=(detail.id,),
        )

    def _company_of_project(self, project: QondorProject) -> CompanyId | Pending | None:
        decision = self._customer_of(project)
        return None if decision is None or decision.refusal is not None else company_id_of(decision)

    def _change_project(self, decision: ProjectDecision, invoice: PreparedInvoice) -> None:
        project, waiting = self._findings.projects[invoice.project_id], str(invoice.detail.id)
        if decision.draft is None:
            self._claim_project(project, invoice.project, waiting)
            return
        customer = self._customer_of(project)
        if isinstance(decision.draft.customer_id, Pending) and customer is not None:
            # The project's own customer is created before the project that names it.
            self._change_company(customer, waiting)
        self._change(Stage.PROJECTS, Kind.PROJECT, str(project.id), decision.draft, waiting)

    def _reference_warning(self, detail: QondorInvoice) -> str | None:
        customer = self._findings.customers.get(detail.customer_id) if detail.customer_id is not None else None
        return None if customer is None or detail.is_booking else reference_warning(detail, customer)


def _name_of(decision: CompanyDecision) -> str:
    name = decision.draft.name if decision.draft is not None else None
    if name is None and decision.before is not None:
        name = decision.before.name
    return (name or "").strip().casefold()
