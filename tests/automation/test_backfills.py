"""Dagster's own backfills, as its UI starts them: through its daemons, up to where a run would be launched."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.execution.backfill import PartitionBackfill
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.remote_representation.external import RemoteJob
from dagster._core.test_utils import MockedRunLauncher, create_run_for_test, create_test_daemon_workspace_context
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget
from dagster._daemon.backfill import execute_backfill_iteration
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import QueuedRunCoordinatorDaemon
from dagster._time import get_current_timestamp

from qondor_finago_pipelines.cli.instance import LOCATION, SQLITE_FORM
from qondor_finago_pipelines.definitions import JOBS
from qondor_finago_pipelines.partitions import RANGE_END, RANGE_START, OfficeDay, OfficeDays
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.settings import DAGSTER_HOME_VARIABLE, SETTINGS_VARIABLE
from qondor_finago_pipelines.tags import LANE, run_tags

OSLO, BERGEN = OfficeId(102), OfficeId(103)
FIRST_DAY, LAST_DAY = date(2026, 11, 18), date(2026, 11, 20)
COSTS = ("finago_transactions", "finago_vouchers", "qondor_costs", "qondor_sales")
BACKFILL_TAG = "dagster/backfill"


class Daemons:
    """The daemons of one installation, an iteration at a time. Runs are launched into a list."""

    def __init__(self, workspace: WorkspaceProcessContext) -> None:
        self._workspace = workspace
        self.instance = workspace.instance

    def start_backfill(self, backfill_id: str, *offices: OfficeId) -> None:
        """What the UI's "materialize" does for these days of these offices, all assets of costs and sales chosen."""
        graph = self._workspace.create_request_context().asset_graph
        self.instance.add_backfill(
            PartitionBackfill.from_asset_partitions(
                backfill_id=backfill_id,
                asset_graph=graph,
                partition_names=[
                    str(key) for office in offices for key in OfficeDays(FIRST_DAY, LAST_DAY, office).keys
                ],
                asset_selection=[dg.AssetKey(name) for name in COSTS],
                backfill_timestamp=get_current_timestamp(),
                tags={},
                dynamic_partitions_store=self.instance,
                all_partitions=False,
                title=None,
                description=None,
                run_config=None,
            )
        )
        errors = list(execute_backfill_iteration(self._workspace, logging.getLogger("backfills")))
        assert [error for error in errors if error is not None] == []

    def queue_scheduled_run(self) -> str:
        """A run as a schedule asks for it, behind all that wait already."""
        job = self._job(JOBS[Flow.INVOICES])
        run = create_run_for_test(
            self.instance,
            job_name=job.name,
            status=dg.DagsterRunStatus.QUEUED,
            tags={
                **run_tags(Flow.INVOICES, BERGEN, lane="6:finago", trigger="schedule"),
                "dagster/partition": str(OfficeDay(LAST_DAY, BERGEN).key),
            },
            remote_job_origin=job.get_remote_origin(),
            job_code_origin=job.get_python_origin(),
        )
        return run.run_id

    def launch(self) -> list[dg.DagsterRun]:
        """What the queue launches when it looks once."""
        launcher = self.instance.run_launcher
        assert isinstance(launcher, MockedRunLauncher)
        before = len(launcher.queue())
        with QueuedRunCoordinatorDaemon(interval_seconds=1) as daemon:
            assert [error for error in daemon.run_iteration(self._workspace) if error is not None] == []
        return list(launcher.queue()[before:])

    def _job(self, name: str) -> RemoteJob:
        (repository,) = self._workspace.create_request_context().get_code_location(LOCATION).get_repositories().values()
        return repository.get_full_job(name)


@pytest.fixture
def daemons_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Daemons]]:
    """The daemons of the example's two offices, on the instance that the commands render, with so many places."""
    monkeypatch.setenv(SETTINGS_VARIABLE, str(Path(__file__).parents[2] / "offices.example.yaml"))
    monkeypatch.setenv(DAGSTER_HOME_VARIABLE, str(tmp_path))
    location = InProcessCodeLocationOrigin(
        LoadableTargetOrigin(module_name="qondor_finago_pipelines.definitions", attribute="defs"),
        location_name=LOCATION,
    )
    with ExitStack() as stack:

        def start(places: int = 8) -> Daemons:
            rendered = yaml.safe_load(SQLITE_FORM)
            rendered["concurrency"]["runs"]["max_concurrent_runs"] = places
            rendered["run_launcher"] = {"module": "dagster._core.test_utils", "class": "MockedRunLauncher"}
            (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(rendered), encoding="utf-8")
            instance = stack.enter_context(dg.DagsterInstance.from_config(str(tmp_path)))
            target = InProcessWorkspaceLoadTarget(location)
            return Daemons(stack.enter_context(create_test_daemon_workspace_context(target, instance)))

        yield start


def test_a_backfill_of_several_offices_is_one_range_run_for_each_and_they_go_one_after_the_other(
    daemons_of: Callable[..., Daemons],
) -> None:
    """They carry no lane, and two offices may share a Finago client: side by side, one would find the lease taken."""
    daemons = daemons_of()
    daemons.start_backfill("three-days", OSLO, BERGEN)
    runs = daemons.instance.get_runs(dg.RunsFilter(tags={BACKFILL_TAG: "three-days"}))
    assert {run.status for run in runs} == {dg.DagsterRunStatus.QUEUED}
    assert sorted((run.tags[RANGE_START], run.tags[RANGE_END]) for run in runs) == [
        ("2026-11-18|102", "2026-11-20|102"),
        ("2026-11-18|103", "2026-11-20|103"),
    ]
    assert not any(LANE in run.tags for run in runs)

    (first,) = daemons.launch()
    assert daemons.launch() == [], "the other office waits, though seven places are free"
    daemons.instance.report_run_canceled(first)
    (second,) = daemons.launch()
    assert {first.run_id, second.run_id} == {run.run_id for run in runs}


def test_it_stands_behind_every_scheduled_run_in_the_queue(daemons_of: Callable[..., Daemons]) -> None:
    daemons = daemons_of(places=1)
    daemons.start_backfill("three-days", OSLO)
    scheduled = daemons.queue_scheduled_run()
    assert [run.run_id for run in daemons.launch()] == [scheduled]
