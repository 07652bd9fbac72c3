"""The plan of the customer and project flow: parents before children, and nobody waits in vain (decisions 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from qondor_finago_pipelines.records.customers_and_projects.customers import BUSINESS, Company, CompanyDraft, Customer
from qondor_finago_pipelines.records.customers_and_projects.projects import (
    FinagoProject,
    ProjectDraft,
    ProjectStatus,
    QondorProject,
)
from qondor_finago_pipelines.records.identifiers import (
    CompanyId,
    CustomerId,
    FinagoProjectId,
    OfficeId,
    QondorProjectId,
)
from qondor_finago_pipelines.records.links import Kind
from qondor_finago_pipelines.records.operations.results import FieldChange
from qondor_finago_pipelines.records.plans import Pending, Stage
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.rules.customers_and_projects.field_changes import company_changes, project_changes
from qondor_finago_pipelines.rules.customers_and_projects.findings import Findings
from qondor_finago_pipelines.rules.customers_and_projects.planning import FollowingPlan, plan_following

from .projects import EQUAL, PROJECT, STATUSES, TYPES

OSLO = OfficeId(102)
KNOWN = Customer(id=CustomerId(77), office_id=OSLO, name="Nordlys AS", external_reference="4711")
NORDLYS = Company(id=CompanyId(4711), name="Nordlys AS", type=BUSINESS, external_id="77")
NEW = Customer(id=CustomerId(78), office_id=OSLO, name="Fjord AS")


# The plan


def planned(
    customers: Sequence[Customer],
    projects: Sequence[QondorProject] = (),
    finago: Sequence[FinagoProject] = (),
    claimed: bool = True,
) -> FollowingPlan:
    findings = Findings(
        office_id=OSLO,
        client_offices=frozenset({OSLO}),
        customers={customer.id: customer for customer in customers},
        company_links={"customer:77": CompanyId(4711)},
        companies={NORDLYS.id: NORDLYS},
        projects={project.id: project for project in projects},
        project_claims={PROJECT.id: FinagoProjectId(12345)} if claimed else {},
        finago_projects={project.id: project for project in finago},
        project_statuses=STATUSES,
        project_types=TYPES,
    )
    return plan_following(customers, projects, findings)


def test_nothing_changed_is_an_empty_plan() -> None:
    assert planned([KNOWN], [PROJECT], [EQUAL]) == FollowingPlan(plan=planned([]).plan)


def test_a_customer_comes_before_its_project_and_neither_waits_for_the_other_in_vain() -> None:
    plan = planned([KNOWN, NEW], [replace(PROJECT, customer_id=NEW.id)], [EQUAL]).plan

    assert [(change.stage, change.key, change.waiting) for change in plan.changes] == [
        (Stage.COMPANIES, "customer:78", ("customer 78",)),
        (Stage.COMPANY_IDS_TO_QONDOR, "customer:78", ("customer 78",)),
        (Stage.PROJECTS, "555", ("project 555",)),
    ]
    (project,) = plan.at(Stage.PROJECTS)
    assert not project.creates
    assert project.after.customer_id == Pending(Kind.COMPANY, "customer:78")


def test_a_refused_customer_leaves_its_project_with_a_reservation() -> None:
    refused = replace(KNOWN, external_reference="ABC")
    made = planned([refused], [PROJECT], [replace(EQUAL, customer_id=None)])

    assert made.plan.refusals["customer 77"].reason is Reason.INVALID_CUSTOMER_REFERENCE
    assert made.plan.changes == ()
    assert made.reservations["project 555"].reason is Reason.PARENT_FAILED
    assert any("Project 555" in warning for warning in made.plan.warnings)


def test_an_inactive_customer_and_a_pending_project_are_left_out_without_a_refusal() -> None:
    made = planned([replace(NEW, is_active=False)], [replace(PROJECT, customer_id=None, status=ProjectStatus.PENDING)])
    assert made.plan.refusals == {}
    assert made.plan.changes == ()
    assert set(made.left_out) == {"customer 78", "project 555"}


def test_a_project_that_is_there_and_equal_is_claimed() -> None:
    (change,) = planned([KNOWN], [PROJECT], [EQUAL], claimed=False).plan.changes
    assert (change.stage, change.after) == (Stage.PROJECTS, FinagoProjectId(12345))


def test_the_plan_is_the_same_in_whatever_order_it_was_read() -> None:
    one = planned([KNOWN, NEW], [PROJECT, replace(PROJECT, id=QondorProjectId(556), number="X")])
    other = planned([NEW, KNOWN], [replace(PROJECT, id=QondorProjectId(556), number="X"), PROJECT])
    assert one.plan.digest() == other.plan.digest()


# What is shown of a change


def test_a_changed_company_shows_numbers_and_no_name() -> None:
    draft = CompanyDraft(id=NORDLYS.id, name="Kari Nordmann", organisation_number="912345688", external_id="77")
    assert company_changes(CustomerId(77), replace(NORDLYS, external_id=""), draft) == (
        FieldChange(record="customer 77", field="name", before="", after="changed"),
        FieldChange(record="customer 77", field="organisation number", before="", after="912345688"),
        FieldChange(record="customer 77", field="external id", before="", after="77"),
    )


def test_a_changed_project_shows_status_and_category_by_name() -> None:
    draft = ProjectDraft(id=EQUAL.id, status_id=2, type_id=11, end_date=date(2027, 1, 2))
    changes = project_changes("project 555", EQUAL, draft, statuses=STATUSES, types=TYPES)
    assert [(change.field, change.before, change.after) for change in changes] == [
        ("status", "Aktiv", "Avsluttet"),
        ("end date", "2026-11-16", "2027-01-02"),
        ("category", "Konferanse", "Reise"),
    ]
