"""What is tried again, what is not, and how a failure that will be retried is told from a final one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import dagster as dg
import pytest
from dagster._core.events import JobFailureData, RunFailureReason

from qondor_finago_pipelines.assets import flow_assets
from qondor_finago_pipelines.assets.customers_and_projects.assets import CUSTOMERS_AND_PROJECTS
from qondor_finago_pipelines.assets.invoices.assets import INVOICES
from qondor_finago_pipelines.cli.instance import open_instance
from qondor_finago_pipelines.cli.running import QUIET
from qondor_finago_pipelines.definitions import JOBS, build_defs
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.results import Flow, FlowResult, Problem
from qondor_finago_pipelines.settings import Settings
from qondor_finago_pipelines.store import StoreUnavailable

from .conftest import DAY, OSLO, FakeSync

DONE = FlowResult(flow=Flow.INVOICES, office=OSLO, day=DAY)
WILL_RETRY = "dagster/will_retry"


def stopped(cause: str) -> FlowResult:
    return replace(DONE, problems=(Problem(cause=cause, message="It does not work."),))


class MendedService(FakeSync):
    """Has `trouble` the first time, and none the second."""

    trouble: FlowResult

    def sync(self, flow: Flow, office_id: OfficeId, **how: object) -> FlowResult:
        super().sync(flow, office_id, **how)
        return self.trouble if len(self.asked) == 1 else DONE


@pytest.fixture
def run_at_once(instance: dg.DagsterInstance, example_settings: Settings) -> Callable[..., dg.ExecuteInProcessResult]:
    """Runs the invoice job with a retry that waits for nothing, and with these parts in place of its own."""
    assert INVOICES.retries is flow_assets.SOON_AGAIN

    def run(sync: FakeSync, parts: Mapping[str, Any] | None = None, **tags: str) -> dg.ExecuteInProcessResult:
        at_once = replace(INVOICES, retries=dg.RetryPolicy(max_retries=1), **(parts or {}))
        return dg.materialize(
            [at_once.definition(example_settings)],
            instance=instance,
            resources={"sync": sync},
            partition_key=f"{DAY}|{OSLO}",
            tags=tags,
            run_config=QUIET,
            raise_on_error=False,
        )

    return run


@pytest.mark.parametrize("cause", ["unreachable", "calls blocked", "lease lost"])
def test_trouble_that_may_pass_is_tried_again_in_the_same_run(
    run_at_once: Callable[..., dg.ExecuteInProcessResult], cause: str
) -> None:
    sync = MendedService()
    sync.trouble = stopped(cause)
    run = run_at_once(sync, trigger="schedule")
    assert run.success
    assert len(sync.asked) == 2
    assert len(run.get_asset_materialization_events()) == 3
    assert len({each["run_id"] for each in sync.asked}) == 1, "the store begins the same run afresh"


def test_trouble_that_stays_fails_the_run_after_its_last_try(
    run_at_once: Callable[..., dg.ExecuteInProcessResult],
) -> None:
    sync = FakeSync(stopped("unreachable"))
    run = run_at_once(sync, trigger="sensor")
    assert not run.success
    assert len(sync.asked) == 2


@pytest.mark.parametrize(
    ("cause", "trigger"),
    [
        ("login", "schedule"),
        ("settings", "schedule"),
        ("contract", "sensor"),
        ("quarantine order 9001", "sensor"),
        ("unreachable", "cli"),
        ("unreachable", "ui"),
    ],
)
def test_what_needs_a_person_is_not_tried_again_nor_is_a_person_made_to_wait(
    run_at_once: Callable[..., dg.ExecuteInProcessResult], cause: str, trigger: str
) -> None:
    sync = FakeSync(stopped(cause))
    assert not run_at_once(sync, trigger=trigger).success
    assert len(sync.asked) == 1


def test_a_run_in_its_process_waits_no_longer_than_a_few_minutes() -> None:
    """It holds its lane meanwhile, and one of the few places for runs."""
    for flow in (INVOICES, CUSTOMERS_AND_PROJECTS):
        waits = [flow.retries.calculate_delay(attempt) for attempt in range(1, flow.retries.max_retries + 1)]
        assert sum(waits) <= 360


def test_an_error_that_no_flow_foresees_is_not_tried_again_and_its_place_is_kept_without_its_text(
    run_at_once: Callable[..., dg.ExecuteInProcessResult],
) -> None:
    broken = RuntimeError("Kari Nordmann has no address")
    broken.__cause__ = KeyError("kari@booker.example")
    sync = FakeSync(outcomes={OSLO: broken})
    run = run_at_once(sync, trigger="schedule")
    assert len(sync.asked) == 1
    (event,) = [event for event in run.all_events if event.is_step_failure]
    assert event.step_failure_data.user_failure_data is not None
    assert event.step_failure_data.user_failure_data.description == (
        "Office 102, invoices, 2026-11-20: the run broke off with an unexpected RuntimeError."
    )
    kept = str(event.step_failure_data.error)
    assert "RuntimeError: (its text may name a person, and is not kept)" in kept
    assert "KeyError" in kept
    assert "in sync\n" in kept, "the function that raised it"
    for known in run.all_events:
        assert "kari" not in str(known).lower()


def fails(*_: object) -> NoReturn:
    raise ValueError(NAME)


CHECK = INVOICES.checks[0]
NAME = "Kari Nordmann"


@pytest.mark.parametrize(
    "parts",
    [{"about": fails}, {"about_days": fails}, {"checks": (replace(CHECK, assess=fails),)}, {"keep": fails}],
    ids=lambda parts: next(iter(parts)),
)
@pytest.mark.parametrize("result", [DONE, stopped("unreachable")], ids=["done", "stopped"])
def test_an_error_after_the_work_begins_it_no_second_time_and_its_text_is_not_kept(
    run_at_once: Callable[..., dg.ExecuteInProcessResult], parts: Mapping[str, Any], result: FlowResult
) -> None:
    sync = FakeSync(result)
    run = run_at_once(sync, parts, trigger="schedule")
    assert not run.success
    assert len(sync.asked) == 1
    (event,) = [event for event in run.all_events if event.is_step_failure]
    kept = str(event.step_failure_data)
    assert "unexpected ValueError" in kept
    assert "in fails" in kept, "the function that raised it"
    for known in run.all_events:
        assert "kari" not in str(known).lower()


def test_what_is_kept_of_a_run_is_kept_although_it_cannot_be_shown(
    run_at_once: Callable[..., dg.ExecuteInProcessResult],
) -> None:
    kept: list[FlowResult] = []
    run_at_once(FakeSync(DONE), {"about": fails, "keep": lambda result, _: kept.append(result)})
    assert kept == [DONE], "its files are closed"


def test_a_store_that_does_not_answer_is_asked_again(
    run_at_once: Callable[..., dg.ExecuteInProcessResult],
) -> None:
    sync = FakeSync(outcomes={OSLO: StoreUnavailable("The sync store does not answer.")})
    assert not run_at_once(sync, trigger="schedule").success
    assert len(sync.asked) == 2


# runs whose process died


@pytest.fixture
def real_instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """With the instance file that the commands render."""
    with open_instance({"DAGSTER_HOME": str(tmp_path)}) as instance:
        yield instance


def end(
    instance: dg.DagsterInstance, settings: Settings, reason: RunFailureReason, retry_of: dg.DagsterRun | None = None
) -> dg.DagsterRun:
    """A run of the invoice job that ended so."""
    run = instance.create_run_for_job(
        build_defs(settings, FakeSync()).resolve_job_def(JOBS[Flow.INVOICES]),
        status=dg.DagsterRunStatus.STARTED,
        parent_run_id=retry_of.run_id if retry_of else None,
        root_run_id=(retry_of.root_run_id or retry_of.run_id) if retry_of else None,
        tags={
            "dagster/root_run_id": (retry_of.root_run_id or retry_of.run_id),
            "dagster/parent_run_id": retry_of.run_id,
        }
        if retry_of
        else {},
    )
    instance.report_run_failed(run, job_failure_data=JobFailureData(error=None, failure_reason=reason))
    ended = instance.get_run_by_id(run.run_id)
    assert ended is not None
    return ended


def test_a_run_whose_process_died_is_tagged_as_one_that_is_begun_again(
    real_instance: dg.DagsterInstance, example_settings: Settings
) -> None:
    first = end(real_instance, example_settings, RunFailureReason.UNEXPECTED_TERMINATION)
    assert first.tags[WILL_RETRY] == "true"
    second = end(real_instance, example_settings, RunFailureReason.UNEXPECTED_TERMINATION, first)
    assert second.tags[WILL_RETRY] == "true"
    third = end(real_instance, example_settings, RunFailureReason.UNEXPECTED_TERMINATION, second)
    assert third.tags[WILL_RETRY] == "false", "the last of them is final"


def test_a_run_that_failed_for_a_reason_is_final(real_instance: dg.DagsterInstance, example_settings: Settings) -> None:
    assert end(real_instance, example_settings, RunFailureReason.STEP_FAILURE).tags[WILL_RETRY] == "false"
