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
from qondor_finago_pipelines.rules.customers_and_projects.projects import (
    ProjectDecision,
    follow_project,
    project_for_invoice,
)

from .projects import EQUAL, PROJECT, STATUSES, facts

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


# A project whose number has changed since it was linked

MOVED = FinagoProjectId(12000)


@pytest.mark.parametrize(
    "found", [None, replace(EQUAL, name="Kick-off 2026", customer_id=None), replace(EQUAL, name="")]
)
def test_a_renumbered_project_moves_to_what_is_free_or_its_own(found: FinagoProject | None) -> None:
    for decision in (decided(linked=MOVED, found=found), follow_project(facts(linked=MOVED, found=found))):
        assert decision.refusal is None
        assert decision.claim
        assert any("12000" in warning and "12345" in warning for warning in decision.warnings)


def test_a_renumbered_project_is_not_moved_onto_somebody_elses() -> None:
    theirs = replace(EQUAL, name="Year end", customer_id=None)
    for refusal in (
        refused(decided(linked=MOVED, found=theirs)),
        follow_project(facts(linked=MOVED, found=theirs)).refusal,
    ):
        assert refusal is not None
        assert refusal.reason is Reason.PROJECT_OF_SOMEBODY_ELSE
        assert "12000" in refusal.message
        assert "12345" in refusal.message


def test_a_place_is_not_free_while_another_project_is_linked_to_it() -> None:
    holder = QondorProject(id=QondorProjectId(556), number="SO20000")
    refusal = refused(decided(holders=(holder,), found=EQUAL))
    assert refusal.reason is Reason.PROJECT_ID_TAKEN
    assert "556 (SO20000)" in refusal.message


# What the customer and project flow does


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
