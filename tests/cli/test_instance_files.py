"""`dagster.yaml` and `workspace.yaml`: the files at the top are what the commands render."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from qondor_finago_pipelines.automation.run_workers import WatchedRunLauncher
from qondor_finago_pipelines.cli.instance import POSTGRESQL_FORM, SQLITE_FORM, WORKSPACE, open_instance, prepare_home
from qondor_finago_pipelines.records.errors import SettingsError

TOP = Path(__file__).parents[2]
POSTGRESQL = "postgresql+psycopg2://sync:secret@database/sync"


def test_the_files_at_the_top_are_those_that_the_commands_render() -> None:
    assert (TOP / "dagster.yaml").read_text(encoding="utf-8") == SQLITE_FORM
    assert (TOP / "workspace.yaml").read_text(encoding="utf-8") == WORKSPACE


def test_one_writer_a_lane_quick_dequeue_and_no_telemetry(tmp_path: Path) -> None:
    with open_instance({"DAGSTER_HOME": str(tmp_path)}) as instance:
        assert instance.telemetry_enabled is False
        queue = instance.get_concurrency_config().run_queue_config
        assert queue is not None
        limits = queue.tag_concurrency_limits
        one_each = {"value": {"applyLimitPerUniqueValue": True}, "limit": 1}
        assert limits == [{"key": "lane", **one_each}, {"key": "dagster/backfill", **one_each}]
        assert instance.run_coordinator.dequeue_interval_seconds == 1  # type: ignore[attr-defined]


def test_a_run_that_died_is_noticed_within_seconds_wherever_it_ran(tmp_path: Path) -> None:
    with open_instance({"DAGSTER_HOME": str(tmp_path)}) as instance:
        assert isinstance(instance.run_launcher, WatchedRunLauncher)
        assert instance.run_monitoring_enabled
        assert instance.run_monitoring_poll_interval_seconds == 10


def test_neither_the_start_of_a_process_nor_a_tick_holds_up_the_next(tmp_path: Path) -> None:
    with open_instance({"DAGSTER_HOME": str(tmp_path)}) as instance:
        assert instance.run_coordinator.dequeue_use_threads is True  # type: ignore[attr-defined]
        assert instance.run_coordinator.dequeue_num_workers == 4  # type: ignore[attr-defined]
        threads = {"use_threads": True, "num_workers": 4, "num_submit_workers": 4}
        assert instance.get_sensor_settings() == threads
        assert instance.get_scheduler_settings() == threads


def test_the_database_variable_moves_dagster_too_without_its_password_in_a_file(tmp_path: Path) -> None:
    prepare_home({"DAGSTER_HOME": str(tmp_path), "QONDOR_FINAGO_DATABASE_URL": POSTGRESQL})
    text = (tmp_path / "dagster.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["storage"] == {"postgres": {"postgres_url": {"env": "QONDOR_FINAGO_DATABASE_URL"}}}
    assert yaml.safe_load(POSTGRESQL_FORM) == yaml.safe_load(text)
    assert "secret" not in text


def test_a_forgotten_database_variable_never_starts_an_empty_store(tmp_path: Path) -> None:
    prepare_home({"DAGSTER_HOME": str(tmp_path), "QONDOR_FINAGO_DATABASE_URL": POSTGRESQL})
    with pytest.raises(SettingsError, match=r"Set QONDOR_FINAGO_DATABASE_URL"):
        prepare_home({"DAGSTER_HOME": str(tmp_path)})


def test_a_file_that_a_person_wrote_is_left_alone(tmp_path: Path) -> None:
    own = "telemetry:\n  enabled: false\n"
    (tmp_path / "dagster.yaml").write_text(own, encoding="utf-8")
    prepare_home({"DAGSTER_HOME": str(tmp_path)})
    assert (tmp_path / "dagster.yaml").read_text(encoding="utf-8") == own
