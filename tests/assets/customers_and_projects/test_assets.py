"""What a run of the customer and project flow looks like in Dagster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import dagster as dg
import pytest

from qondor_finago_pipelines.assets.customers_and_projects.assets import (
    FINAGO_COMPANIES,
    FINAGO_PROJECTS,
    QONDOR_CUSTOMERS,
    QONDOR_PROJECTS,
)
from qondor_finago_pipelines.records.customers_and_projects.customers import Customer
from qondor_finago_pipelines.records.customers_and_projects.projects import ProjectStatus, QondorProject
from qondor_finago_pipelines.records.identifiers import CustomerId, QondorProjectId
from qondor_finago_pipelines.records.operations.results import (
    FieldChange,
    Flow,
    FlowResult,
    Problem,
    RecordOutcome,
    RecordState,
)
from qondor_finago_pipelines.records.refusals import Reason
from tests.assets.conftest import DAY, OSLO, FakeSync
from tests.assets.runs import checks_of, metadata_of, rows

Run = Callable[..., dg.ExecuteInProcessResult]

NORDLYS = Customer(id=CustomerId(77), office_id=OSLO, name="Nordlys AS", external_reference="4711")
KICK_OFF = QondorProject(
    id=QondorProjectId(555),
    office_id=OSLO,
    number="SO12345",
    name="Kick-off 2026",
    status=ProjectStatus.CONFIRMED,
    customer_id=CustomerId(77),
    start_date=DAY,
)

RENAMED = RecordOutcome(id="customer 77", state=RecordState.SETTLED, what="customer", did="updated company 4711")
SAME = RecordOutcome(id="customer 78", state=RecordState.SETTLED, what="customer", did="nothing to do")
CREATED = RecordOutcome(
    id="project 555",
    number="SO12345",
    state=RecordState.SETTLED,
    what="project",
    did="created project 12345",
)
REFUSED = RecordOutcome(
    id="customer 81",
    state=RecordState.HELD,
    what="customer",
    reason=Reason.DUPLICATE_COMPANY,
    message="Customers 81 and 82 have the External Reference 4715.",
    remedy="Clear one of them.",
)

DONE = FlowResult(
    flow=Flow.CUSTOMERS_AND_PROJECTS,
    office=OSLO,
    day=DAY,
    created=1,
    updated=1,
    unchanged=1,
    records=(RENAMED, CREATED),
    changes=(FieldChange(record="customer 77", field="name", before="Nordlys Arrangement AS", after="Nordlys AS"),),
    customers=(NORDLYS,),
    projects=(KICK_OFF,),
    calls_by_operation={"finago SaveCompanies": 1},
)

EVERY_ASSET = (QONDOR_CUSTOMERS, FINAGO_COMPANIES, QONDOR_PROJECTS, FINAGO_PROJECTS)


def test_settled_the_four_assets_are_made_and_every_check_passes(run_customers_and_projects: Run) -> None:
    sync = FakeSync(DONE)
    run = run_customers_and_projects(sync, trigger="schedule")
    assert run.success
    assert {event.asset_key for event in run.get_asset_materialization_events()} == set(EVERY_ASSET)
    assert checks_of(run) == {
        "customers_fit_their_schema": (True, "WARN"),
        "projects_fit_their_schema": (True, "WARN"),
        "every_customer_is_settled_held_or_waiting": (True, "WARN"),
        "every_project_is_settled_held_or_waiting": (True, "WARN"),
    }
    (asked,) = sync.asked
    assert (asked["flow"], asked["office"], asked["day"]) == ("customers-and-projects", 102, date(2026, 11, 20))


def test_the_metadata_has_counts_refusals_and_a_table_of_changed_fields(run_customers_and_projects: Run) -> None:
    run = run_customers_and_projects(FakeSync(replace(DONE, records=(RENAMED, SAME, REFUSED, CREATED))))
    customers, companies, projects, in_finago = (metadata_of(run, key) for key in EVERY_ASSET)
    assert (customers["dagster/row_count"], customers["settled"], customers["held"]) == (1, 2, 1)
    assert [row["id"] for row in rows(customers["outcomes"])] == ["customer 77", "customer 81"], "no line for the same"
    assert (projects["dagster/row_count"], projects["settled"], projects["held"]) == (1, 1, 0)
    assert rows(projects["outcomes"]) == [
        {"id": "project 555", "number": "SO12345", "state": "settled", "did": "created project 12345"},
    ]
    assert (companies["created"], companies["updated"], companies["unchanged"]) == (0, 1, 1)
    assert (in_finago["created"], in_finago["updated"], in_finago["unchanged"]) == (1, 0, 0)
    assert rows(companies["changed_fields"]) == [
        {"record": "customer 77", "field": "name", "before": "Nordlys Arrangement AS", "after": "Nordlys AS"}
    ]
    assert [(row["id"], row["reason"], row["remedy"]) for row in rows(companies["refusals"])] == [
        ("customer 81", "duplicate company id", "Clear one of them.")
    ]
    assert rows(in_finago["changed_fields"]) == []
    assert rows(in_finago["refusals"]) == []
    assert rows(in_finago["api_calls"]) == [{"operation": "finago SaveCompanies", "calls": "1"}]


@pytest.mark.parametrize("state", [RecordState.HELD, RecordState.UNCERTAIN])
def test_what_waits_is_green_with_a_warning_where_it_belongs(
    run_customers_and_projects: Run, state: RecordState
) -> None:
    run = run_customers_and_projects(FakeSync(replace(DONE, records=(CREATED, replace(REFUSED, state=state)))))
    assert run.success
    verdicts = checks_of(run)
    assert verdicts["every_customer_is_settled_held_or_waiting"] == (False, "WARN")
    assert verdicts["every_project_is_settled_held_or_waiting"] == (True, "WARN")


def test_a_company_that_only_a_person_can_settle_is_red_with_an_error(run_customers_and_projects: Run) -> None:
    stuck = Problem(cause="quarantine company customer:77", message="Two companies fit.", remedy="Look at them.")
    run = run_customers_and_projects(FakeSync(replace(DONE, problems=(stuck,))))
    assert not run.success
    verdicts = checks_of(run)
    assert verdicts["every_customer_is_settled_held_or_waiting"] == (False, "ERROR")
    assert verdicts["every_project_is_settled_held_or_waiting"] == (True, "WARN"), "that is no project's business"


def test_what_stops_the_office_turns_the_run_red_in_plain_words(run_customers_and_projects: Run) -> None:
    past = Problem(cause="settings", message="2026-11-20 has passed.", remedy="Choose today.")
    nothing = FlowResult(flow=Flow.CUSTOMERS_AND_PROJECTS, office=OSLO, day=DAY, problems=(past,))
    run = run_customers_and_projects(FakeSync(nothing))
    assert not run.success
    (event,) = [event for event in run.all_events if event.is_step_failure]
    failure = event.step_failure_data.user_failure_data
    assert failure is not None
    assert failure.description == (
        "Office 102, customers and projects, 2026-11-20: 2026-11-20 has passed. Choose today."
    )
    assert checks_of(run) == {}, "nothing was read, so there is nothing to judge"


def test_a_run_that_leaves_the_office_to_another_one_is_green_and_changes_no_verdict(
    run_customers_and_projects: Run,
) -> None:
    skipped = FlowResult(
        flow=Flow.CUSTOMERS_AND_PROJECTS, office=OSLO, day=DAY, skipped="Skipped: 5:finago is held by run 7."
    )
    run = run_customers_and_projects(FakeSync(skipped))
    assert run.success
    assert checks_of(run) == {}
    observed = [event.asset_observation_data.asset_observation for event in run.get_asset_observation_events()]
    assert {each.asset_key for each in observed} == set(EVERY_ASSET)
    assert {each.metadata["outcome"].value for each in observed} == {"Skipped: 5:finago is held by run 7."}


def test_odd_records_fail_their_schema_by_name_and_block_nothing(run_customers_and_projects: Run) -> None:
    twin = replace(NORDLYS, id=CustomerId(78))
    odd = replace(KICK_OFF, id=QondorProjectId(556), status="Gift card")
    run = run_customers_and_projects(FakeSync(replace(DONE, customers=(NORDLYS, twin), projects=(KICK_OFF, odd))))
    assert run.success
    found = {
        each.check_name: rows(each.metadata["misfits"].value)
        for each in run.get_asset_check_evaluations()
        if not each.passed
    }
    shared = {"column": "", "problem": "another customer has the same External Reference"}
    assert found == {
        "customers_fit_their_schema": [{"record": "77", **shared}, {"record": "78", **shared}],
        "projects_fit_their_schema": [{"record": "556", "column": "status", "problem": "is an unknown status"}],
    }


def test_no_name_of_a_record_reaches_the_event_log(
    run_customers_and_projects: Run, instance: dg.DagsterInstance
) -> None:
    person = replace(NORDLYS, id=CustomerId(78), name="Kari Nordmann", external_reference="Kari Nordmann")
    party = replace(KICK_OFF, name="Kari Nordmann 50", status="Kari Nordmann")
    run = run_customers_and_projects(FakeSync(replace(DONE, customers=(person,), projects=(party,))))
    everything = " ".join(str(entry) for entry in instance.all_logs(run.run_id))
    assert "customers_fit_their_schema" in everything
    assert "Nordmann" not in everything
