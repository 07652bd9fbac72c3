"""One setting moves Dagster and the store together: all flows of an office, recorded in SQLite and in PostgreSQL.

The PostgreSQL is a real server that the tests start by themselves; the systems are the sandbox over HTTP.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import dagster as dg
import pytest
from sqlalchemy import create_engine, inspect, make_url

from qondor_finago_pipelines.cli.instance import open_instance
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds import demo
from qondor_finago_pipelines.sandbox.seeds.empty import OSLO
from qondor_finago_pipelines.settings import DAGSTER_HOME_VARIABLE, DATABASE_VARIABLE
from qondor_finago_pipelines.store.database import POSTGRESQL_SCHEMA
from tests.conftest import PostgreSQL

from .conftest import Installation

FLOWS = (Flow.CUSTOMERS_AND_PROJECTS, Flow.INVOICES, Flow.COSTS_AND_SALES)
"""In the order in which they find the most to do."""

USER = "qondor_finago"


@pytest.fixture
def world(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The demo's offices, without its mishaps."""
    installation.settings_file.write_text(demo.office_settings_yaml(), encoding="utf-8")
    with Sandbox(world=demo.world(mishaps=False)) as sandbox:
        for name, value in sandbox.environment().items():
            monkeypatch.setenv(name, value)
        yield sandbox.world


@pytest.fixture
def in_postgresql(postgresql: PostgreSQL, installation: Installation, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty database, in which this installation keeps everything; its DAGSTER_HOME is empty too.

    The user is an ordinary one, of the name that the deployment's example has: PostgreSQL looks in the schema of that
    name first.
    """
    postgresql.execute(f"DO $$ BEGIN CREATE ROLE {USER} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
    address = make_url(postgresql.empty_database()).set(drivername="postgresql+psycopg2", username=USER)
    postgresql.execute(f"ALTER DATABASE {address.database} OWNER TO {USER}")
    monkeypatch.setenv(DATABASE_VARIABLE, address.render_as_string(hide_password=False))
    monkeypatch.setenv(DAGSTER_HOME_VARIABLE, str(installation.folder / "home"))
    return os.environ[DATABASE_VARIABLE]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, installation: Installation) -> str:
    """The kind of database in which this installation keeps everything."""
    if request.param == "postgresql":
        request.getfixturevalue("in_postgresql")
    return str(request.param)


def sync(installation: Installation, flow: Flow) -> dict[str, object]:
    done = installation.run("sync", flow.value, "--office", str(OSLO), "--json")
    assert done.exit_code == 1, "the demo's world has one of each mistake: " + done.stderr
    result: dict[str, object] = json.loads(done.stdout)
    assert "problems" not in result
    assert "skipped" not in result
    return result


def test_all_flows_of_an_office_run_and_the_second_time_write_nothing(
    installation: Installation, world: World, database: str
) -> None:
    first = {flow: sync(installation, flow) for flow in FLOWS}
    assert all(result["created"] for result in first.values())
    written = world.calls.writes()
    assert written > 0

    second = {flow: sync(installation, flow) for flow in FLOWS}
    assert world.calls.writes() == written
    assert [result["created"] for result in second.values()] == [0, 0, 0]
    assert [result["rejected"] for result in second.values()] == [result["rejected"] for result in first.values()]

    with open_instance() as instance:
        assert {"sqlite": "Sqlite", "postgresql": "Postgres"}[database] in type(instance.event_log_storage).__name__
        assert [run.status for run in instance.get_runs()] == [dg.DagsterRunStatus.SUCCESS] * 6
        for asset in ("finago_projects", "finago_orders", "qondor_costs"):
            assert instance.get_latest_materialization_event(dg.AssetKey(asset)) is not None


def test_store_and_dagster_live_side_by_side_in_one_postgresql_database(
    installation: Installation, in_postgresql: str
) -> None:
    assert installation.run("rejected").exit_code == 0
    open_instance().dispose()
    engine = create_engine(in_postgresql)
    tables = inspect(engine)
    assert {"runs", "event_logs", "alembic_version"} <= set(tables.get_table_names("public"))
    assert {"runs", "order_links", "alembic_version"} <= set(tables.get_table_names(POSTGRESQL_SCHEMA))
    assert not {"order_links", "leases"} & set(tables.get_table_names("public"))
    engine.dispose()
    assert not list((installation.folder / "home").rglob("*.db")), "nothing is left in files of SQLite"
    assert not list((installation.folder / "home").rglob("*.sqlite"))


def test_what_waits_for_one_cause_is_tried_again_at_once(
    installation: Installation, world: World, database: str
) -> None:
    sync(installation, Flow.INVOICES)
    waiting = [json.loads(line) for line in installation.run("rejected", "--json").stdout.splitlines()]
    (held,) = (each for each in waiting if each["reason"] == Reason.NO_PROJECT.value)
    still = installation.run("retry", "--all-of", "No Project")
    assert still.exit_code == 1
    assert f"invoice {held['id']} of office {OSLO} still does" in still.stdout

    world.qondor.invoices[held["id"]]["projectId"] = next(iter(world.qondor.projects))
    done = installation.run("retry", "--all-of", "no project", "--office", str(OSLO))
    assert (done.exit_code, done.stdout) == (0, "1 of 1 record no longer wait.\n"), database
    assert world.order_of(held["id"])

    unknown = installation.run("retry", "--all-of", "no project")
    assert unknown.exit_code == 2
    assert "No record waits for 'no project'" in unknown.stderr
