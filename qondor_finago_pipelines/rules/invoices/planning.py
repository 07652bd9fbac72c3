"""One wave of invoices and everything that was read for it become a plan: what is written, what is refused.

A wave is a set of invoices none of which credits another one of the same wave; the credit notes of a wave follow in the
next, when their originals have an order to refer to (decisions 6).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ...records.customers_and_projects.customers import Customer
from ...records.customers_and_projects.projects import NamedId
from ...records.identifiers import OrderId, QondorInvoiceId
from ...records.invoices.invoices import QondorInvoice
from ...records.invoices.orders import Currency
from ...records.links import Kind, OrderLink
from ...records.plans import Pending, Plan, Stage
from ...records.refusals import Reason, Refusal
from ..customers_and_projects.companies import reference_warning
from ..customers_and_projects.company_drafts import CompanyDecision
from ..customers_and_projects.consumers import decide_consumer
from ..customers_and_projects.findings import Findings
from ..customers_and_projects.planning import PlanBuilder, company_id_of
from ..customers_and_projects.projects import ProjectFacts, project_for_invoice
from ..linking import CUSTOMER_KEY, finago_project_id
from ..text import same_text
from .orders import OrderOptions, order_for
from .originals import Original, check_credit_note
from .prepared import PreparedInvoice, differences_from_project
from .products import Catalogue
from .set_up import has


@dataclass(frozen=True, kw_only=True)
class InvoiceFindings(Findings):
    """What was read for one wave. Missing from a mapping means: looked for and not there."""

    catalogue: Catalogue
    currencies: Sequence[Currency] = ()
    departments: Sequence[NamedId] = ()
    payment_methods: Sequence[NamedId] = ()
    originals: Mapping[QondorInvoiceId, Original | Refusal] = field(default_factory=dict)
    """By the credit note's own id."""
    order_links: Mapping[QondorInvoiceId, OrderLink] = field(default_factory=dict)


def plan_invoices(invoices: Sequence[PreparedInvoice], findings: InvoiceFindings, options: OrderOptions) -> Plan:
    """The plan of one wave. Each invoice is planned or refused by itself; none stops another."""
    planning = _Planning(findings, options)
    planning.decide_customers(invoices)
    for invoice in sorted(invoices, key=lambda each: each.detail.id):
        if (refusal := planning.plan_or_refuse(invoice)) is not None:
            planning.builder.refusals[str(invoice.detail.id)] = refusal
    return planning.builder.plan()


class _Planning:
    def __init__(self, findings: InvoiceFindings, options: OrderOptions) -> None:
        self.builder = PlanBuilder(findings)
        self._findings = findings
        self._options = options
        self._credited: defaultdict[OrderId, Decimal] = defaultdict(Decimal)
        """What the credit notes planned so far take from each original, above zero."""
        self._booked: dict[str, tuple[CompanyDecision, QondorInvoice]] = {}
        """By the key of a booker: what the first invoice of it that goes has decided."""

    def decide_customers(self, invoices: Sequence[PreparedInvoice]) -> None:
        """Decides on every customer of the wave, lowest id first: of two that come to one company the first has it."""
        known = self._findings
        ids = {invoice.detail.customer_id for invoice in invoices if invoice.consumer_key is None}
        for invoice in invoices:
            project = known.projects.get(invoice.project_id)
            if project is not None:
                comes_to = finago_project_id(project.number, project.id).id
                if known.project_claims.get(project.id) != comes_to or comes_to not in known.finago_projects:
                    ids.add(project.customer_id)
        for customer in sorted((one for one in known.customers.values() if one.id in ids), key=lambda one: one.id):
            self.builder.business(customer)

    def plan_or_refuse(self, invoice: PreparedInvoice) -> Refusal | None:
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
        facts = self._facts_of_project(invoice)
        if isinstance(facts, Refusal):
            return facts
        project = project_for_invoice(facts, (detail.id,))
        if project.refusal is not None:
            return project.refusal
        order = order_for(
            replace(detail, project_name=detail.project_name and facts.project.name),
            customer_id=company_id_of(company),
            project_id=facts.identity.id,
            options=self._options,
            catalogue=self._findings.catalogue,
            currencies=self._findings.currencies,
            original=original,
            other_bill_to=other_bill_to,
        )
        if order.refusal is not None or order.order is None:
            return order.refusal
        known = self._findings.order_links.get(detail.id)
        if original is not None and known is None:
            misfit = check_credit_note(order.order, original, planned=self._credited[original.order_id])
            if misfit is not None:
                return misfit
            self._credited[original.order_id] += abs(order.order.total_including_vat)
        waiting = str(detail.id)
        self.builder.warn(
            self._reference_warning(detail),
            differences_from_project(detail, facts.project),
            company.warnings,
            project.warnings,
            order.warnings,
            facts.identity.warning,
        )
        self.builder.change_company(company, waiting)
        if invoice.consumer_key is not None:
            # Only now: a consumer is never made of an invoice that is refused.
            self._booked.setdefault(invoice.consumer_key, (company, detail))
        if project.draft is None:
            self.builder.claim_project(facts, waiting)
        else:
            customer = self.builder.customer_of(facts.project)
            if isinstance(project.draft.customer_id, Pending) and customer is not None:
                # The project's own customer is created before the project that names it.
                self.builder.change_company(customer, waiting)
            self.builder.change(Stage.PROJECTS, Kind.PROJECT, str(invoice.project_id), project.draft, waiting)
        self.builder.change(Stage.ORDERS, Kind.ORDER, str(detail.id), order.order, waiting, known)
        return None

    def _check_set_up(self, detail: QondorInvoice) -> Refusal | None:
        options = self._options
        if not has(options.department_id, self._findings.departments):
            return Refusal(
                Reason.SET_UP,
                f"Office {self._findings.office_id}: Finago has no department {options.department_id}.",
                "Create it in Finago, or correct department_id in the settings.",
            )
        if detail.is_card and not has(options.online_payment_method_id, self._findings.payment_methods):
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
        if decision.refusal is not None:
            return decision, False
        if key in self._booked:
            # The same address books again in this wave: one company, and each order has its own booker.
            earlier, first = self._booked[key]
            another = not same_text(first.customer_name, invoice.detail.customer_name)
            return earlier, another or first.address != invoice.detail.address or decision.other_bill_to
        if decision.draft is not None and any(
            company.company_id is not None and company.company_id == decision.company_id
            for company, _ in self._booked.values()
        ):
            # The company has several addresses, and another of them has booked in this wave: it is changed once.
            return replace(decision, draft=None), True
        return decision, decision.other_bill_to

    def _billed(self, detail: QondorInvoice) -> CompanyDecision:
        if (customer := self._customer_of(detail)) is not None:
            return self.builder.business(customer)
        return CompanyDecision(
            key=f"{CUSTOMER_KEY}{detail.customer_id}",
            refusal=Refusal(
                Reason.NO_CUSTOMER,
                f"Invoice {detail.id}: Qondor has no customer {detail.customer_id} that this office may see.",
                "Choose the invoice's customer in Qondor and issue it again.",
            ),
        )

    def _facts_of_project(self, invoice: PreparedInvoice) -> ProjectFacts | Refusal:
        project = self._findings.projects.get(invoice.project_id)
        if project is not None and project.office_id in (None, *self._findings.client_offices):
            return self.builder.facts_of(project)
        if project is not None:
            return Refusal(
                Reason.NO_PROJECT,
                f"Invoice {invoice.detail.id}: project {project.id} belongs to office {project.office_id}, which does "
                f"not share the Finago client of office {self._findings.office_id}.",
                f"Link the invoice to a project of office {self._findings.office_id} in Qondor and issue it again.",
            )
        return Refusal(
            Reason.NO_PROJECT,
            f"Invoice {invoice.detail.id}: Qondor has no project {invoice.project_id} "
            f"({invoice.detail.project_number}) that this integration may see.",
            "Link the invoice to an existing project in Qondor and issue it again.",
        )

    def _customer_of(self, detail: QondorInvoice) -> Customer | None:
        return None if detail.customer_id is None else self._findings.customers.get(detail.customer_id)

    def _reference_warning(self, detail: QondorInvoice) -> str | None:
        customer = self._customer_of(detail)
        return None if customer is None or detail.is_booking else reference_warning(detail, customer)
