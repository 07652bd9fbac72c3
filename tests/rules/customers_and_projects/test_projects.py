"""Projects: created with the first invoice, linked by project number, never somebody else's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from qondor_finago_pipelines.records.customers_and_projects.projects import (
    FinagoProject,
    NamedId,
    ProjectDraft,
    ProjectStatus,
    QondorProject,
)
from qondor_finago_pipelines.records.identifiers import (
    CompanyId,
    FinagoProjectId,
    QondorInvoiceId,
    QondorProjectId,
)
from qondor_finago_pipelines.records.links import Kind
from qondor_finago_pipelines.records.plans import Pending
from qondor_finago_pipelines.records.refusals import Reason, Refusal
from qondor_finago_pipelines.rules.customers_and_projects.projects import ProjectDecision, project_for_invoice

from .projects import PROJECT, STATUSES, facts

NUMBERED = replace(PROJECT, number="2026-17")
FOUND = FinagoProject(id=FinagoProjectId(555), name="Byggeprosjekt", customer_id=CompanyId(4000))


def decided(project: QondorProject = PROJECT, **changes: Any) -> ProjectDecision:
    return project_for_invoice(facts(project, **changes), (QondorInvoiceId(9001),))


def refused(decision: ProjectDecision) -> Refusal:
    assert decision.refusal is not None
    assert decision.draft is None
    assert not decision.claim
    assert "9001" in decision.refusal.message
    return decision.refusal


def created(decision: ProjectDecision) -> ProjectDraft:
    assert decision.refusal is None
    assert decision.claim
    assert decision.draft is not None
    return decision.draft


# The project table


def test_the_first_invoice_of_a_project_creates_it() -> None:
    assert created(decided()) == ProjectDraft(
        id=FinagoProjectId(12345),
        name="Kick-off 2026",
        status_id=1,
        type_id=10,
        customer_id=CompanyId(4711),
        start_date=date(2026, 11, 14),
        end_date=date(2026, 11, 16),
    )


@pytest.mark.parametrize(
    ("status", "status_id"),
    [
        (ProjectStatus.PENDING, 1),
        (ProjectStatus.CONFIRMED, 1),
        (ProjectStatus.CANCELLED, 2),
        (ProjectStatus.FINISHED, 2),
    ],
)
def test_whatever_its_status_and_with_the_mapped_one(status: ProjectStatus, status_id: int) -> None:
    assert created(decided(replace(PROJECT, status=status))).status_id == status_id


@pytest.mark.parametrize(
    ("status", "statuses", "name"),
    [(ProjectStatus.CONFIRMED, STATUSES[1:], "Aktiv"), (ProjectStatus.FINISHED, STATUSES[:1], "Avsluttet")],
)
def test_a_missing_norwegian_status_name_is_a_matter_of_set_up(
    status: ProjectStatus, statuses: Sequence[NamedId], name: str
) -> None:
    refusal = refused(decided(replace(PROJECT, status=status), statuses=statuses))
    assert refusal.reason is Reason.SET_UP
    assert name in refusal.message
    assert name in refusal.remedy


@pytest.mark.parametrize("status", ["OnHold", None])
def test_an_unknown_status_stops_only_what_depends_on_it(status: str | None) -> None:
    unknown = replace(PROJECT, status=status)
    assert refused(decided(unknown)).reason is Reason.UNKNOWN_TYPE
    known = FinagoProject(id=FinagoProjectId(12345))
    assert decided(unknown, found=known, claimed=True) == ProjectDecision()


def test_project_category_is_matched_by_name() -> None:
    assert created(decided(replace(PROJECT, category=" reise "))).type_id == 11


def test_a_category_that_finago_lacks_is_left_out_with_a_warning() -> None:
    decision = decided(replace(PROJECT, category="Messe"))
    assert created(decision).type_id is None
    assert any("'Messe'" in warning for warning in decision.warnings)


def test_no_category_is_nothing_to_warn_of() -> None:
    decision = decided(replace(PROJECT, category=None))
    assert created(decision).type_id is None
    assert decision.warnings == ()


def test_the_projects_customer_may_still_have_to_be_created() -> None:
    pending = Pending(Kind.COMPANY, "customer:77")
    assert created(decided(company_id=pending)).customer_id == pending
    assert created(decided(company_id=None)).customer_id is None


def test_a_project_without_a_name_is_not_created() -> None:
    assert refused(decided(replace(PROJECT, name=" "))).reason is Reason.INCOMPLETE


# A project that stands in Finago already


def test_the_invoice_flow_never_updates_a_project() -> None:
    found = FinagoProject(id=FinagoProjectId(12345), name="Old name", status_id=2)
    assert decided(found=found, claimed=True) == ProjectDecision()


def test_a_project_of_an_so_number_is_simply_linked() -> None:
    found = FinagoProject(id=FinagoProjectId(12345), name="Whatever the accountant called it")
    assert decided(found=found) == ProjectDecision(claim=True)


@pytest.mark.parametrize(
    ("found", "company_id"),
    [
        (replace(FOUND, name=" kick-off  2026 "), CompanyId(4711)),
        (replace(FOUND, customer_id=CompanyId(4711)), CompanyId(4711)),
    ],
)
def test_a_project_of_a_qondor_id_is_linked_when_name_or_customer_agrees(
    found: FinagoProject, company_id: CompanyId
) -> None:
    assert decided(NUMBERED, found=found, company_id=company_id) == ProjectDecision(claim=True)


@pytest.mark.parametrize("company_id", [CompanyId(4711), None, Pending(Kind.COMPANY, "customer:77")])
def test_an_accountants_own_project_is_never_overwritten(company_id: CompanyId | Pending | None) -> None:
    refusal = refused(decided(NUMBERED, found=FOUND, company_id=company_id))
    assert refusal.reason is Reason.PROJECT_OF_SOMEBODY_ELSE
    assert "555" in refusal.message


def test_nothing_in_common_is_not_agreement() -> None:
    found = FinagoProject(id=FinagoProjectId(555), name="", customer_id=None)
    decision = decided(replace(NUMBERED, name=None), found=found, company_id=None)
    assert refused(decision).reason is Reason.PROJECT_OF_SOMEBODY_ELSE


def test_what_the_store_has_claimed_is_ours_whatever_it_is_called() -> None:
    assert decided(NUMBERED, found=FOUND, claimed=True) == ProjectDecision()


def test_a_deactivated_project_is_used_with_a_warning() -> None:
    decision = decided(found=FinagoProject(id=FinagoProjectId(12345), deactivated=True), claimed=True)
    assert decision.draft is None
    assert any("deactivated" in warning for warning in decision.warnings)


# Two projects with one id


@pytest.mark.parametrize("claimed", [True, False])
def test_two_projects_that_come_to_one_id_are_both_refused_by_name(claimed: bool) -> None:
    conflict = QondorProject(id=QondorProjectId(12345), number="2026-9", name="Other")
    for project, other in ((PROJECT, conflict), (conflict, PROJECT)):
        refusal = refused(decided(project, conflicts=(other,), claimed=claimed))
        assert refusal.reason is Reason.PROJECT_ID_TAKEN
        assert "555 (SO12345) and 12345 (2026-9)" in refusal.message
        assert "project 12345 in Finago" in refusal.message
