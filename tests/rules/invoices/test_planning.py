"""The plan of a wave: data, the same whatever the order of what was read (design: decide)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from qondor_finago_pipelines.records.customers_and_projects.customers import Company, Customer
from qondor_finago_pipelines.records.customers_and_projects.projects import NamedId, ProjectStatus, QondorProject
from qondor_finago_pipelines.records.identifiers import (
    CompanyId,
    CustomerId,
    OfficeId,
    QondorInvoiceId,
    QondorProjectId,
)
from qondor_finago_pipelines.records.invoices.invoices import (
    QondorInvoice,
)
from qondor_finago_pipelines.records.links import Kind
from qondor_finago_pipelines.records.plans import Pending, Plan, Stage
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.rules.invoices.planning import InvoiceFindings, plan_invoices
from qondor_finago_pipelines.rules.invoices.prepared import prepare
from tests.builders import INVOICE
from tests.rules.builders import CATALOGUE, CURRENCIES, OPTIONS


def invoice(number: int, *, customer: int = 77, project: int = 555, project_number: str = "SO12345") -> QondorInvoice:
    return replace(
        INVOICE,
        id=QondorInvoiceId(number),
        project_id=QondorProjectId(project),
        project_number=project_number,
        customer_id=CustomerId(customer),
    )


def findings(
    *customers: Customer, projects: tuple[QondorProject, ...] = (), departments: tuple[int, ...] = (3,)
) -> InvoiceFindings:
    return InvoiceFindings(
        office_id=OfficeId(102),
        client_offices=frozenset({OfficeId(102)}),
        customers={customer.id: customer for customer in customers},
        companies={CompanyId(4711): Company(id=CompanyId(4711), name="Nordlys AS", type="Business", external_id="77")},
        projects={project.id: project for project in projects or (PROJECT,)},
        project_statuses=(NamedId(id=1, name="Aktiv"), NamedId(id=2, name="Avsluttet")),
        catalogue=CATALOGUE,
        currencies=CURRENCIES,
        departments=tuple(NamedId(id=number) for number in departments),
    )


PROJECT = QondorProject(
    id=QondorProjectId(555), office_id=OfficeId(102), number="SO12345", name="Kick-off", status=ProjectStatus.CONFIRMED
)
KNOWN = Customer(id=CustomerId(77), office_id=OfficeId(102), name="Nordlys AS", external_reference="4711")
NEW = Customer(id=CustomerId(78), office_id=OfficeId(102), name="Fjord AS")


def planned(details: Sequence[QondorInvoice], known: InvoiceFindings) -> Plan:
    return plan_invoices([prepare(detail) for detail in details], known, OPTIONS)


def keys(plan: Plan, stage: Stage) -> list[str]:
    return [change.key for change in plan.at(stage)]


def test_a_customer_comes_before_its_project_and_the_project_before_its_invoice() -> None:
    plan = planned([invoice(9001, customer=78)], findings(KNOWN, NEW))

    assert [change.stage for change in plan.changes] == sorted(change.stage for change in plan.changes)
    assert keys(plan, Stage.COMPANIES) == ["customer:78"]
    assert keys(plan, Stage.PROJECTS) == ["555"]
    (order,) = plan.at(Stage.ORDERS)
    assert order.after.customer_id == Pending(Kind.COMPANY, "customer:78")


def test_two_invoices_of_one_new_customer_and_project_create_each_once() -> None:
    plan = planned([invoice(9002, customer=78), invoice(9001, customer=78)], findings(KNOWN, NEW))

    assert keys(plan, Stage.COMPANIES) == ["customer:78"]
    assert keys(plan, Stage.PROJECTS) == ["555"]
    assert keys(plan, Stage.ORDERS) == ["9001", "9002"]
    assert plan.at(Stage.COMPANIES)[0].waiting == ("9001", "9002")


def test_the_same_input_gives_the_same_plan_in_whatever_order_it_comes() -> None:
    details = [invoice(9001), invoice(9002, customer=78), invoice(9003)]

    one = planned(details, findings(KNOWN, NEW))
    other = planned(details[::-1], findings(NEW, KNOWN))

    assert one.digest() == other.digest()
    changed = planned(details[:2], findings(KNOWN, NEW))
    assert changed.digest() != one.digest()


def test_a_refused_invoice_leaves_nothing_of_its_own_in_the_plan() -> None:
    plan = planned([invoice(9001, customer=99), invoice(9002)], findings(KNOWN))

    assert plan.refusals["9001"].reason is Reason.NO_CUSTOMER
    assert keys(plan, Stage.ORDERS) == ["9002"]
    assert all("9001" not in change.waiting for change in plan.changes)


def test_two_projects_that_come_to_one_finago_project_are_both_refused() -> None:
    twin = QondorProject(
        id=QondorProjectId(12345), office_id=OfficeId(102), number="P-1", name="Twin", status=ProjectStatus.CONFIRMED
    )
    plan = planned(
        [invoice(9001), invoice(9002, project=12345, project_number="P-1")], findings(KNOWN, projects=(PROJECT, twin))
    )

    assert {plan.refusals[number].reason for number in ("9001", "9002")} == {Reason.PROJECT_ID_TAKEN}
    assert plan.changes == ()


@pytest.mark.parametrize("departments", [(), (4,)])
def test_a_missing_department_is_named_with_office_and_setting(departments: tuple[int, ...]) -> None:
    plan = planned([invoice(9001)], findings(KNOWN, departments=departments))

    refusal = plan.refusals["9001"]
    assert refusal.reason is Reason.SET_UP
    assert "Office 102" in refusal.message
    assert "department_id" in refusal.remedy
    assert plan.changes == ()
