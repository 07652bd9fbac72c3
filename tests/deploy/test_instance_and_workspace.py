"""The deployed instance file and workspace, loaded by Dagster itself; a real PostgreSQL behind them."""

from __future__ import annotations

import shutil
from pathlib import Path

import dagster as dg
import pytest
import yaml
from dagster._core.launcher import DefaultRunLauncher
from dagster._core.remote_origin import GrpcServerCodeLocationOrigin
from dagster._core.run_coordinator import QueuedRunCoordinator
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster_postgres import PostgresEventLogStorage
from sqlalchemy import make_url

from qondor_finago_pipelines.cli.instance import LOCATION, POSTGRESQL_FORM, prepare_home
from qondor_finago_pipelines.records.errors import SettingsError
from qondor_finago_pipelines.settings import DAGSTER_HOME_VARIABLE, DATABASE_VARIABLE
from tests.conftest import PostgreSQL

from .conftest import DEPLOY, read_yaml


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """DAGSTER_HOME as the image has it."""
    shutil.copy(DEPLOY / "dagster.yaml", tmp_path)
    return tmp_path


def test_dagster_loads_the_instance_file(home: Path, postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch) -> None:
    address = make_url(postgresql.empty_database()).set(drivername="postgresql+psycopg2")
    monkeypatch.setenv(DATABASE_VARIABLE, address.render_as_string(hide_password=False))
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert isinstance(instance.event_log_storage, PostgresEventLogStorage)
        assert isinstance(instance.run_coordinator, QueuedRunCoordinator)
        assert isinstance(instance.run_launcher, DefaultRunLauncher), "runs are children of the code server"
        assert isinstance(instance.compute_log_manager, NoOpComputeLogManager), "no file of one machine for another"
        assert instance.get_run_records() == []
        assert instance.run_retries_enabled
        assert instance.run_monitoring_enabled


def test_it_differs_from_the_rendered_form_in_where_logs_go_and_in_nothing_else() -> None:
    deployed = read_yaml("dagster.yaml")
    assert deployed.pop("compute_logs")["class"] == "NoOpComputeLogManager"
    assert deployed == yaml.safe_load(POSTGRESQL_FORM)


def test_the_commands_leave_it_as_it_is_and_refuse_to_go_without_the_database(home: Path) -> None:
    before = (home / "dagster.yaml").read_bytes()
    environ = {DAGSTER_HOME_VARIABLE: str(home)}
    prepare_home({**environ, DATABASE_VARIABLE: "postgresql+psycopg2://sync:secret@postgres/sync"})
    assert (home / "dagster.yaml").read_bytes() == before
    with pytest.raises(SettingsError, match="names no PostgreSQL database"):
        prepare_home(environ)


def test_dagster_loads_the_workspace() -> None:
    (origin,) = WorkspaceFileTarget([str(DEPLOY / "workspace.yaml")]).create_origins()
    assert isinstance(origin, GrpcServerCodeLocationOrigin)
    assert (origin.host, origin.port) == ("code", 4000)
    assert origin.location_name == LOCATION, "the same name as on one machine: states of schedules hang on it"
