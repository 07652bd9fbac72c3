"""The customer and project flow: only differences are written, only confirmed projects created (decisions 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

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
from qondor_finago_pipelines.rules.customers_and_projects.projects import ProjectDecision, follow_project

from .projects import PROJECT, STATUSES, TYPES, facts

OSLO = OfficeId(102)
EQUAL = FinagoProject(
    id=FinagoProjectId(12345),
    name="Kick-off 2026",
    status_id=1,
    type_id=10,
    customer_id=CompanyId(4711),
    start_date=date(2026, 11, 14),
    end_date=date(2026, 11, 16),
)
KNOWN = Customer(id=CustomerId(77), office_id=OSLO, name="Nordlys AS", external_reference="4711")
NORDLYS = Company(id=CompanyId(4711), name="Nordlys AS", type=BUSINESS, external_id="77")
NEW = Customer(id=CustomerId(78), office_id=OSLO, name="Fjord AS")


def followed(project: QondorProject = PROJECT, found: FinagoProject | None = EQUAL, **changes: Any) -> ProjectDecision:
    return follow_project(facts(project, **{"found": found, "claimed": True, **changes}))


# A project that stands in Finago


def test_a_project_that_is_equal_is_not_written() -> None:
    assert followed() == ProjectDecision(claim=True)


@pytest.mark.parametrize(
    ("ours", "sent"),
    [
        ({"name": "Årsmøte"}, {"name": "Årsmøte"}),
        ({"status": ProjectStatus.FINISHED}, {"status_id": 2}),
        ({"status": ProjectStatus.CANCELLED}, {"status_id": 2}),
        ({"category": " reise "}, {"type_id": 11}),
        ({"start_date": date(2027, 1, 1)}, {"start_date": date(2027, 1, 1)}),
        ({"end_date": date(2027, 1, 2)}, {"end_date": date(2027, 1, 2)}),
    ],
)
def test_only_what_differs_is_sent(ours: dict[str, Any], sent: dict[str, Any]) -> None:
    assert followed(replace(PROJECT, **ours)).draft == ProjectDraft(id=FinagoProjectId(12345), **sent)


def test_another_customer_is_sent_and_one_that_is_still_to_be_created_too() -> None:
    pending = Pending(Kind.COMPANY, "customer:78")
    for company_id in (CompanyId(4712), pending):
        draft = followed(company_id=company_id).draft
        assert draft == ProjectDraft(id=FinagoProjectId(12345), customer_id=company_id)


@pytest.mark.parametrize(
    "ours",
    [{"name": " "}, {"category": None}, {"start_date": None, "end_date": None}, {"status": ProjectStatus.PENDING}],
)
def test_what_qondor_leaves_empty_is_never_cleared(ours: dict[str, Any]) -> None:
    assert followed(replace(PROJECT, **ours)).draft is None


def test_no_customer_leaves_finagos_as_it_is() -> None:
    assert followed(company_id=None).draft is None


def test_a_missing_category_keeps_the_type_with_a_warning() -> None:
    decision = followed(replace(PROJECT, category="Messe"))
    assert decision.draft is None
    assert any("'Messe'" in warning for warning in decision.warnings)


@pytest.mark.parametrize(
    ("status", "held", "sent"),
    [
        (ProjectStatus.CONFIRMED, 1, 1),
        (ProjectStatus.CONFIRMED, 2, 1),
        (ProjectStatus.PENDING, 2, None),
        (ProjectStatus.FINISHED, 1, 2),
        (ProjectStatus.FINISHED, 2, None),
    ],
)
def test_a_deactivated_project_is_sent_aktiv_only_when_it_is_confirmed(
    status: ProjectStatus, held: int, sent: int | None
) -> None:
    decision = followed(replace(PROJECT, status=status), replace(EQUAL, status_id=held, deactivated=True))
    assert (decision.draft.status_id if decision.draft else None) == sent


# A project that Finago does not have


@pytest.mark.parametrize("status", [ProjectStatus.PENDING, ProjectStatus.CANCELLED, ProjectStatus.FINISHED])
def test_only_a_confirmed_project_is_created(status: ProjectStatus) -> None:
    assert followed(replace(PROJECT, status=status), None) == ProjectDecision()
    created = followed(PROJECT, None)
    assert created.claim
    assert created.draft is not None
    assert (created.draft.name, created.draft.status_id) == ("Kick-off 2026", 1)


@pytest.mark.parametrize("found", [None, EQUAL])
def test_an_unknown_status_is_refused(found: FinagoProject | None) -> None:
    refusal = followed(replace(PROJECT, status="OnHold"), found).refusal
    assert refusal is not None
    assert refusal.reason is Reason.UNKNOWN_TYPE
    assert refusal.message.startswith("Project 555")


def test_rivals_and_somebody_elses_project_are_refused_by_name() -> None:
    conflict = replace(PROJECT, id=QondorProjectId(556))
    both = followed(conflicts=(conflict,)).refusal
    assert both is not None
    assert both.reason is Reason.PROJECT_ID_TAKEN
    assert both.message.startswith("The Qondor projects 555 (SO12345) and 556 (SO12345)")
    numbered = replace(PROJECT, number="X")
    theirs = followed(numbered, replace(EQUAL, name="Year end", customer_id=None), claimed=False).refusal
    assert theirs is not None
    assert theirs.reason is Reason.PROJECT_OF_SOMEBODY_ELSE


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
