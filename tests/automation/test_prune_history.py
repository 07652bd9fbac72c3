"""The nightly pruning, on Dagster's storage in SQLite and in PostgreSQL: no cell changes its colour."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
import pytest
import yaml
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.partition_status_cache import get_and_update_asset_status_cache_value

from qondor_finago_pipelines.automation.prune_history import JOB, LOOKED_AT, SCHEDULE, prune_runs
from qondor_finago_pipelines.cli.running import QUIET
from qondor_finago_pipelines.definitions import build_defs
from qondor_finago_pipelines.records.operations.results import Flow, FlowResult, Problem
from qondor_finago_pipelines.settings import Settings
from tests.assets.conftest import DAY, OSLO, FakeSync

if TYPE_CHECKING:
    from tests.conftest import PostgreSQL

CELL = f"{DAY}|{OSLO}"
OTHER_CELL = f"{DAY - timedelta(days=1)}|{OSLO}"
ORDERS = dg.AssetKey("finago_orders")
DOWN = FlowResult(
    flow=Flow.INVOICES, office=OSLO, day=DAY, problems=(Problem(cause="unreachable", message="Finago is down."),)
)
SKIPPED = FlowResult(flow=Flow.INVOICES, office=OSLO, day=DAY, skipped="Skipped: the lane is held by run 1.")


BOTH_STORAGES = pytest.mark.parametrize("storage", ["sqlite", "postgresql"])


@pytest.fixture
def storage() -> str:
    """Where Dagster stores, unless a test says otherwise."""
    return "sqlite"


@pytest.fixture
def instance(request: pytest.FixtureRequest, tmp_path: Path, storage: str) -> Iterator[dg.DagsterInstance]:
    """A real instance with that storage."""
    home = tmp_path / "dagster"
    home.mkdir()
    config: dict[str, Any] = {"telemetry": {"enabled": False}}
    if storage == "postgresql":
        server: PostgreSQL = request.getfixturevalue("postgresql")
        url = server.empty_database().replace("postgresql://", "postgresql+psycopg2://")
        config["storage"] = {"postgres": {"postgres_url": url}}
    (home / "dagster.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


class History:
    """Runs of the invoice flow, one after the other."""

    def __init__(self, settings: Settings, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.sync = FakeSync()
        self.definitions = build_defs(settings, self.sync)

    def run(self, cell: str = CELL, result: FlowResult | None = None) -> str:
        self.sync.result = result or FlowResult(flow=Flow.INVOICES, office=OSLO, day=DAY)
        job = self.definitions.resolve_job_def("sync_invoices")
        return job.execute_in_process(
            instance=self.instance,
            partition_key=cell,
            run_config=QUIET,
            raise_on_error=False,
        ).run_id

    def prune(self, *, begin: datetime | None = None, most: int = 100) -> int:
        """Forgets what is older than this instant; gives how many runs that are."""
        return prune_runs(self.instance, datetime.now(UTC), begin=begin, most=most).deleted

    @property
    def kept(self) -> set[str]:
        return {run.run_id for run in self.instance.get_runs()}

    def green(self) -> set[str]:
        return self.instance.get_materialized_partitions(ORDERS)

    @property
    def is_sqlite(self) -> bool:
        return isinstance(self.instance.event_log_storage, SqliteEventLogStorage)

    def files_of(self, run_id: str) -> list[Path]:
        """Everything below DAGSTER_HOME that bears the run's name."""
        return list(Path(self.instance.root_directory).rglob(f"{run_id}*"))

    def red(self) -> set[str]:
        partitions = self.definitions.resolve_asset_graph().get(ORDERS).partitions_def
        assert partitions is not None
        with dg.partition_loading_context(dynamic_partitions_store=self.instance):
            cached = get_and_update_asset_status_cache_value(self.instance, ORDERS, partitions)
            assert cached is not None
            return set(cached.deserialize_failed_partition_subsets(partitions).get_partition_keys())


@pytest.fixture
def history(settings_of: Callable[[int], Settings], instance: dg.DagsterInstance) -> History:
    return History(settings_of(2), instance)


@BOTH_STORAGES
def test_what_a_later_run_has_made_again_is_forgotten_and_the_cell_stays_green(history: History) -> None:
    first, second, other = history.run(), history.run(), history.run(OTHER_CELL)
    assert history.prune() == 1
    assert history.kept == {second, other}
    assert history.green() == {CELL, OTHER_CELL}
    assert history.files_of(second) or not history.is_sqlite
    assert not history.files_of(first), "Dagster itself only empties them"


@BOTH_STORAGES
def test_a_failed_run_is_kept_until_its_cell_is_green_again(history: History) -> None:
    before, failed = history.run(), history.run(result=DOWN)
    assert history.prune() == 0, "below the red the cell has been green"
    assert history.kept == {before, failed}
    assert history.red() == {CELL}
    success = history.run()
    assert history.prune() == 2
    assert history.kept == {success}
    assert (history.green(), history.red()) == ({CELL}, set())


def test_a_run_that_left_its_office_to_another_goes_by_its_age(history: History) -> None:
    began = datetime.now(UTC)
    skipped = history.run(result=SKIPPED)
    assert prune_runs(history.instance, began).deleted == 0
    assert history.prune() == 1
    assert skipped not in history.kept


def test_a_night_looks_at_so_many_runs_and_the_next_goes_on_from_there(history: History) -> None:
    runs = [history.run() for _ in range(4)]
    first = prune_runs(history.instance, datetime.now(UTC), most=2)
    assert (first.looked_at, first.deleted) == (2, 2)
    second = prune_runs(history.instance, datetime.now(UTC), begin=first.until, most=5)
    assert (second.looked_at, second.deleted) == (2, 1)
    assert history.kept == {runs[-1]}


def test_the_nightly_job_keeps_what_the_settings_say_and_remembers_where_it_ended(history: History) -> None:
    runs = {history.run(), history.run()}
    job = history.definitions.resolve_job_def(JOB)

    def night(at: datetime) -> dg.ExecuteInProcessResult:
        history.sync.clock = at
        return job.execute_in_process(instance=history.instance)

    assert night(datetime.now(UTC)).success
    assert runs <= history.kept, "younger than 90 days"
    later = (datetime.now(UTC) + timedelta(days=120)).replace(day=15)
    second = night(later)
    assert len(runs & history.kept) == 1
    assert history.sync.pruned_before == later - timedelta(days=90)
    tags = history.instance.get_run_tags(tag_keys=[LOOKED_AT])
    assert tags, "where the next night goes on"
    (output,) = (event for event in second.all_events if event.is_successful_output)
    assert output.step_output_data.metadata["ledger_runs_forgotten"].value == 3


def test_it_runs_at_half_past_three_in_oslo(history: History) -> None:
    schedule = history.definitions.resolve_schedule_def(SCHEDULE)
    assert isinstance(schedule, dg.ScheduleDefinition)
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 3 * * *", "Europe/Oslo")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
