"""What a run over many offices looks like in Dagster: each office as if it had run by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NoReturn

import dagster as dg
import pytest

from qondor_finago_pipelines.assets.invoices import batch_run
from qondor_finago_pipelines.assets.invoices.assets import (
    FINAGO_ORDERS,
    INVOICE_PAYMENTS,
    INVOICES,
    QONDOR_INVOICES,
)
from qondor_finago_pipelines.assets.invoices.batch_run import WORKERS
from qondor_finago_pipelines.assets.metadata import Metadata
from qondor_finago_pipelines.definitions import JOBS, build_defs
from qondor_finago_pipelines.records.errors import SettingsError
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.results import Flow, FlowResult, Problem, RecordOutcome, RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.settings import Settings
from qondor_finago_pipelines.tags import BATCH_RUN_JOB, FAILED_OFFICES, batch_run_config, batch_run_tags
from tests.assets.conftest import DAY, OSLO, FakeSync
from tests.assets.runs import cell, run_job

BERGEN = OfficeId(103)
DONE = FlowResult(flow=Flow.INVOICES, office=OSLO, day=DAY, created=2)
DOWN = Problem(cause="unreachable", message="Finago does not answer.")
HELD = RecordOutcome(
    id="9102", state=RecordState.HELD, what="customer offer invoice", reason=Reason.VAT_MISMATCH, message="12 %."
)
SECRET = "Kari Nordmann"


def of(office: OfficeId, **members: Any) -> FlowResult:
    return replace(DONE, office=office, **members)


@pytest.fixture
def run_batch(instance: dg.DagsterInstance, example_settings: Settings) -> Callable[..., dg.ExecuteInProcessResult]:
    """Runs the batch run over these offices, as the sensor asks for it."""

    def run(sync: FakeSync, *offices: OfficeId) -> dg.ExecuteInProcessResult:
        config, tags = batch_run_config(offices), batch_run_tags("sensor")
        how = {"run_config": config, "tags": tags, "raise_on_error": True}
        return run_job(example_settings, sync, BATCH_RUN_JOB, instance, **how)

    return run


def failed_offices(instance: dg.DagsterInstance, run: dg.ExecuteInProcessResult) -> str:
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found.tags[FAILED_OFFICES]


def test_each_office_gets_the_materializations_of_a_run_of_its_own(
    run_batch: Callable[..., dg.ExecuteInProcessResult], instance: dg.DagsterInstance, example_settings: Settings
) -> None:
    sync = FakeSync(outcomes={OSLO: DONE, BERGEN: of(BERGEN)})
    run = run_batch(sync, OSLO, BERGEN)
    assert run.success
    for office in (OSLO, BERGEN):
        for key in (QONDOR_INVOICES, FINAGO_ORDERS, INVOICE_PAYMENTS):
            assert cell(instance, example_settings, key, f"{DAY}|{office}") == "MATERIALIZED"
    assert failed_offices(instance, run) == ""
    assert {(each["office"], each["day"], each["run_id"], each["trigger"]) for each in sync.asked} == {
        (OSLO, DAY, f"{run.run_id}:102", "sensor"),
        (BERGEN, DAY, f"{run.run_id}:103", "sensor"),
    }


def test_without_offices_in_its_config_it_works_all_of_them(
    run_batch: Callable[..., dg.ExecuteInProcessResult],
) -> None:
    sync = FakeSync(outcomes={OSLO: DONE, BERGEN: of(BERGEN)})
    run_batch(sync)
    assert {each["office"] for each in sync.asked} == {OSLO, BERGEN}


@pytest.mark.parametrize(
    "trouble", [of(OSLO, problems=(DOWN,)), RuntimeError(f"no such customer: {SECRET}")], ids=["stopped", "crashed"]
)
def test_an_office_that_fails_stops_no_other_and_its_own_run_turns_its_cell_red(
    run_batch: Callable[..., dg.ExecuteInProcessResult],
    run_invoices: Callable[..., dg.ExecuteInProcessResult],
    instance: dg.DagsterInstance,
    example_settings: Settings,
    trouble: FlowResult | Exception,
) -> None:
    sync = FakeSync(outcomes={OSLO: trouble, BERGEN: of(BERGEN)})
    run = run_batch(sync, OSLO, BERGEN)
    assert run.success
    assert cell(instance, example_settings, FINAGO_ORDERS, f"{DAY}|{BERGEN}") == "MATERIALIZED"
    assert cell(instance, example_settings, FINAGO_ORDERS, f"{DAY}|{OSLO}") == "MISSING"
    assert failed_offices(instance, run) == "102"
    assert SECRET not in " ".join(str(entry) for entry in instance.all_logs(run.run_id))

    assert not run_invoices(sync, trigger="cli").success
    assert cell(instance, example_settings, FINAGO_ORDERS, f"{DAY}|{OSLO}") == "FAILED"

    sync.outcomes[OSLO] = DONE
    run_batch(sync, OSLO, BERGEN)
    assert cell(instance, example_settings, FINAGO_ORDERS, f"{DAY}|{OSLO}") == "MATERIALIZED", (
        "green again by a later batch run"
    )


def test_an_office_that_cannot_be_shown_is_named_and_the_others_are_shown(
    run_batch: Callable[..., dg.ExecuteInProcessResult],
    instance: dg.DagsterInstance,
    example_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def about(result: FlowResult) -> Mapping[dg.AssetKey, Metadata]:
        if result.office == OSLO:
            raise ValueError(SECRET)
        return INVOICES.about(result)

    monkeypatch.setattr(batch_run, "INVOICES", replace(INVOICES, about=about))
    sync = FakeSync(outcomes={OSLO: DONE, BERGEN: of(BERGEN)})
    run = run_batch(sync, OSLO, BERGEN)
    assert run.success
    assert len(sync.asked) == 2, "neither was worked twice"
    assert failed_offices(instance, run) == "102"
    assert cell(instance, example_settings, FINAGO_ORDERS, f"{DAY}|{BERGEN}") == "MATERIALIZED"
    logs = " ".join(str(entry) for entry in instance.all_logs(run.run_id))
    assert "Office 102 broke off with an unexpected ValueError." in logs
    assert SECRET not in logs


def test_an_error_at_the_end_of_a_batch_run_leaves_no_text(
    run_batch: Callable[..., dg.ExecuteInProcessResult], instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overview(*_: object) -> NoReturn:
        raise ValueError(SECRET)

    monkeypatch.setattr(batch_run, "_overview", overview)
    with pytest.raises(dg.Failure, match=r"^The run broke off with an unexpected ValueError\.$"):
        run_batch(FakeSync(outcomes={OSLO: DONE}), OSLO)
    (run,) = instance.get_runs()
    assert SECRET not in " ".join(str(entry) for entry in instance.all_logs(run.run_id))


def test_an_office_that_another_run_holds_is_neither_done_nor_failed(
    run_batch: Callable[..., dg.ExecuteInProcessResult], instance: dg.DagsterInstance, example_settings: Settings
) -> None:
    run = run_batch(FakeSync(outcomes={OSLO: of(OSLO, skipped="Skipped: 5:finago is held by run 7.")}), OSLO)
    assert failed_offices(instance, run) == ""
    assert cell(instance, example_settings, FINAGO_ORDERS, f"{DAY}|{OSLO}") == "MISSING"


def test_a_system_that_is_down_is_not_tried_for_every_office(
    run_batch: Callable[..., dg.ExecuteInProcessResult], instance: dg.DagsterInstance
) -> None:
    many = [OfficeId(200 + number) for number in range(40)]
    sync = FakeSync(outcomes={office: of(office, problems=(DOWN,)) for office in many})
    run = run_batch(sync, *many)
    tried = {str(each["office"]) for each in sync.asked}
    assert 3 <= len(tried) <= 3 + 2 * WORKERS
    assert set(failed_offices(instance, run).split(",")) <= tried, "who was not tried did not fail"


def test_a_batch_run_that_cannot_open_its_sync_service_says_why(
    run_batch: Callable[..., dg.ExecuteInProcessResult],
) -> None:
    sync = FakeSync(refuses_to_open=SettingsError("SLACK_API_URL is not a web address."))
    with pytest.raises(dg.Failure, match=r"^SLACK_API_URL is not a web address\.$"):
        run_batch(sync, OSLO, BERGEN)


def test_a_check_shows_the_office_that_does_not_pass(
    run_batch: Callable[..., dg.ExecuteInProcessResult], instance: dg.DagsterInstance
) -> None:
    sync = FakeSync(outcomes={OSLO: of(OSLO, records=(HELD,)), BERGEN: of(BERGEN)})
    run_batch(sync, BERGEN, OSLO)
    key = dg.AssetCheckKey(FINAGO_ORDERS, "every_invoice_is_settled_held_or_waiting")
    summary = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])[key]
    assert summary.event is not None
    evaluation = summary.event.dagster_event.asset_check_evaluation_data  # type: ignore[union-attr]
    assert (evaluation.passed, evaluation.metadata["office"].value) == (False, "102")


def test_the_run_shows_a_line_for_each_office(run_batch: Callable[..., dg.ExecuteInProcessResult]) -> None:
    sync = FakeSync(outcomes={OSLO: of(OSLO, records=(HELD,)), BERGEN: of(BERGEN, problems=(DOWN,))})
    run = run_batch(sync, OSLO, BERGEN)
    (output,) = [event for event in run.all_events if event.event_type_value == "STEP_OUTPUT"]
    table = output.step_output_data.metadata["offices"]
    assert isinstance(table, dg.TableMetadataValue)
    lines = table.records
    assert [dict(line.data) for line in lines] == [
        {"office": "102", "outcome": "done", "created": "2", "open": "1"},
        {"office": "103", "outcome": "failed", "created": "2", "open": "0"},
    ]


def test_the_ordinary_job_is_there_beside_it(example_settings: Settings) -> None:
    assert {JOBS[Flow.INVOICES], BATCH_RUN_JOB} <= {
        job.name for job in build_defs(example_settings).get_repository_def().get_all_jobs()
    }
