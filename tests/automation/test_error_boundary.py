"""An error that nobody foresaw, in whatever Dagster runs of ours: its class and place are kept, its text is not."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NoReturn

import dagster as dg
import pytest
from dagster._grpc.impl import get_partition_tags

from qondor_finago_pipelines.cli.running import QUIET
from qondor_finago_pipelines.definitions import build_defs
from qondor_finago_pipelines.settings import Settings
from tests.assets.conftest import FakeSync

from .conftest import evaluate

SECRET = "kari@booker.example"


def fails(*_: object, **__: object) -> NoReturn:
    try:
        raise LookupError(SECRET)
    except LookupError as cause:
        raise KeyError(SECRET) from cause


@pytest.fixture
def definitions(settings_of: Callable[[int], Settings], monkeypatch: pytest.MonkeyPatch) -> dg.Definitions:
    """At a service whose every answer is an error in the program."""
    for part in ("lanes", "due", "due_invoices", "round", "office_status", "prune"):
        monkeypatch.setattr(FakeSync, part, fails)
    return build_defs(settings_of(1), FakeSync())


def assert_class_and_place_only(text: str) -> None:
    assert "KeyError" in text
    assert "LookupError" in text, "what caused it"
    assert "in fails" in text, "the function that raised it"
    assert SECRET not in text


@pytest.mark.parametrize("name", ["invoice_queue", "alerts", "status_checks"])
def test_of_a_sensor(definitions: dg.Definitions, instance: dg.DagsterInstance, name: str) -> None:
    with pytest.raises(Exception, match="its text may name a person") as caught:
        evaluate(definitions, name, FakeSync(), instance)
    assert_class_and_place_only("".join(traceback.format_exception(caught.value)))


def test_of_a_schedule(definitions: dg.Definitions, instance: dg.DagsterInstance) -> None:
    schedule = definitions.resolve_schedule_def("invoices_office_101")
    assert isinstance(schedule, dg.ScheduleDefinition)
    with (
        dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=datetime(2026, 11, 20, 9, tzinfo=UTC),
            resources={"sync": FakeSync()},
            repository_def=definitions.get_repository_def(),
        ) as context,
        pytest.raises(Exception, match="Error occurred during the evaluation of schedule") as caught,
    ):
        schedule.evaluate_tick(context)
    assert_class_and_place_only("".join(traceback.format_exception(caught.value)))


def test_of_the_tags_of_a_launch(definitions: dg.Definitions) -> None:
    found = get_partition_tags(definitions.get_repository_def(), "sync_invoices", "2026-11-20|101")
    assert_class_and_place_only(str(found))


def test_of_the_pruning_job(definitions: dg.Definitions, instance: dg.DagsterInstance) -> None:
    run = definitions.resolve_job_def("prune_history").execute_in_process(
        instance=instance, run_config=QUIET, raise_on_error=False
    )
    assert not run.success
    assert_class_and_place_only(" ".join(str(entry) for entry in instance.all_logs(run.run_id)))
