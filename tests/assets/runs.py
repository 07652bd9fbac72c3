"""Runs of jobs in this process, and what Dagster kept of them."""

from __future__ import annotations

from typing import Any

import dagster as dg
from dagster._core.storage.partition_status_cache import AssetPartitionStatus

from qondor_finago_pipelines.cli.running import QUIET
from qondor_finago_pipelines.definitions import build_defs
from qondor_finago_pipelines.partitions import offices_by_day
from qondor_finago_pipelines.settings import Settings


def run_job(
    settings: Settings, sync: object, job: str, instance: dg.DagsterInstance, **how: Any
) -> dg.ExecuteInProcessResult:
    """One run of a job at this sync service; its errors stay in its events."""
    run_config = {**QUIET, **how.pop("run_config", {})}
    definition = build_defs(settings, sync).resolve_job_def(job)
    return definition.execute_in_process(instance=instance, run_config=run_config, **{"raise_on_error": False, **how})


def checks_of(run: dg.ExecuteInProcessResult) -> dict[str, tuple[bool, str]]:
    return {each.check_name: (each.passed, each.severity.value) for each in run.get_asset_check_evaluations()}


def metadata_of(run: dg.ExecuteInProcessResult, key: dg.AssetKey, partition: str | None = None) -> dict[str, Any]:
    (found,) = [
        event.materialization
        for event in run.get_asset_materialization_events()
        if event.asset_key == key and partition in (None, event.partition)
    ]
    return {name: value.value for name, value in found.metadata.items()}


def rows(table: Any) -> list[dict[str, Any]]:
    """The rows of a table in metadata."""
    return [dict(record.data) for record in table.records]


def failure_of(run: dg.ExecuteInProcessResult) -> tuple[str, dict[str, Any]]:
    (event,) = [event for event in run.all_events if event.is_step_failure]
    failure = event.step_failure_data.user_failure_data
    assert failure is not None, "a red run says in plain words why"
    return str(failure.description), {name: value.value for name, value in failure.metadata.items()}


def cell(instance: dg.DagsterInstance, settings: Settings, key: dg.AssetKey, partition: str) -> str:
    """The colour of an office's cell in the partition matrix."""
    status = instance.get_status_by_partition(key, [partition], offices_by_day(settings))
    found = (status or {}).get(partition)
    return found.value if isinstance(found, AssetPartitionStatus) else "MISSING"
