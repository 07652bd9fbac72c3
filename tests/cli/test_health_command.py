"""`health`: what a probe gets from it, and what a person reads."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import dagster as dg
import pytest
from click.testing import Result
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteInstigatorOrigin, RemoteRepositoryOrigin
from dagster._core.scheduler.instigation import (
    InstigatorState,
    InstigatorStatus,
    InstigatorType,
    SensorInstigatorData,
    TickData,
    TickStatus,
)
from dagster._daemon.types import DaemonHeartbeat
from dagster_shared.error import SerializableErrorInfo

from qondor_finago_pipelines.automation.prune_history import JOB
from qondor_finago_pipelines.cli.health import DAEMON_SILENT_FOR, PENDING_FOR, SENSORS, UNPRUNED_FOR
from qondor_finago_pipelines.cli.instance import open_instance
from qondor_finago_pipelines.records.days import in_oslo, oslo_day
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.settings.load import STORE_FILE
from qondor_finago_pipelines.store import utc_now
from tests.store.engines import plain_engine

from .conftest import Installation

LONG_AGO = timedelta(hours=1)


@pytest.fixture
def instance(installation: Installation) -> Iterator[dg.DagsterInstance]:
    with open_instance() as instance:
        yield instance


def beats(instance: dg.DagsterInstance, ago: timedelta = timedelta(0), *, but: str = "") -> None:
    """Every part of the daemon gives a sign of life, but one."""
    at = (utc_now() - ago).timestamp()
    for name in instance.get_required_daemon_types():
        if name != but:
            instance.add_daemon_heartbeat(DaemonHeartbeat(timestamp=at, daemon_type=name, daemon_id="one"))


def ticks(
    instance: dg.DagsterInstance,
    name: str,
    ago: timedelta = timedelta(0),
    *,
    status: TickStatus = TickStatus.SKIPPED,
    switch: InstigatorStatus = InstigatorStatus.DECLARED_IN_CODE,
) -> None:
    """The sensor ticks, as the daemon keeps it."""
    origin = RemoteInstigatorOrigin(
        repository_origin=RemoteRepositoryOrigin(
            code_location_origin=RegisteredCodeLocationOrigin("qondor_finago"), repository_name="__repository__"
        ),
        instigator_name=name,
    )
    at = (utc_now() - ago).timestamp()
    state = InstigatorState(origin, InstigatorType.SENSOR, switch, SensorInstigatorData(last_tick_timestamp=at))
    if instance.get_instigator_state(state.instigator_origin_id, state.selector_id) is None:
        instance.add_instigator_state(state)
    else:
        instance.update_instigator_state(state)
    instance.create_tick(
        TickData(
            instigator_origin_id=state.instigator_origin_id,
            instigator_name=name,
            instigator_type=InstigatorType.SENSOR,
            selector_id=state.selector_id,
            status=status,
            timestamp=at,
            error=SerializableErrorInfo("", [], None) if status is TickStatus.FAILURE else None,
        )
    )


@pytest.fixture
def alive(instance: dg.DagsterInstance) -> dg.DagsterInstance:
    """A daemon at work."""
    beats(instance)
    for name in SENSORS:
        ticks(instance, name)
    return instance


def looks(result: Result) -> dict[str, dict[str, Any]]:
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    return {line["check"]: line for line in lines if "check" in line}


def unhealthy(installation: Installation, what: str) -> str:
    """What `health` says is wrong with one thing; it says so alone, too."""
    whole = installation.run("health", "--json")
    alone = installation.run("health", "--json", "--only", what)
    assert (whole.exit_code, alone.exit_code) == (1, 1)
    assert [name for name, look in looks(whole).items() if not look["healthy"]] == [what]
    assert looks(alone) == {what: looks(whole)[what]}
    return str(looks(alone)[what]["message"])


def report(installation: Installation, cause: str, record: str | None = None, ago: timedelta = LONG_AGO) -> None:
    with installation.store(lambda: utc_now() - ago) as store, store.write() as transaction:
        transaction.alerts.report(
            office_id=OfficeId(102),
            flow="invoices",
            cause=cause,
            record=record,
            message="…",
            day=oslo_day(store.now() + ago),
            run_id="run",
        )


def test_an_installation_at_work_is_healthy(installation: Installation, alive: dg.DagsterInstance) -> None:
    result = installation.run("health", "--json")
    assert result.exit_code == 0, result.output
    assert [(name, look["healthy"]) for name, look in looks(result).items()] == [
        (name, True) for name in ("store", "daemon", "sensors", "flows", "alerts", "limits", "history")
    ]
    shown = installation.run("health")
    assert shown.exit_code == 0
    assert "The Dagster daemon lives." in shown.stdout


def test_a_daemon_that_never_ran_is_told_apart_from_one_that_died(
    installation: Installation, instance: dg.DagsterInstance
) -> None:
    for name in SENSORS:
        ticks(instance, name)
    assert unhealthy(installation, "daemon") == (
        "The Dagster daemon has never run here. Start `dagster-daemon run -w workspace.yaml`."
    )
    beats(instance, DAEMON_SILENT_FOR + timedelta(minutes=1))
    said = unhealthy(installation, "daemon")
    assert said.startswith("The Dagster daemon lived last at ")
    assert "SENSOR" in said
    assert "Restart it" in said


def test_a_part_of_the_daemon_that_died_is_named(installation: Installation, alive: dg.DagsterInstance) -> None:
    beats(alive, DAEMON_SILENT_FOR + timedelta(minutes=1))
    beats(alive, but="QUEUED_RUN_COORDINATOR")
    assert "silent are QUEUED_RUN_COORDINATOR." in unhealthy(installation, "daemon")


def test_a_sensor_that_never_ticked_is_named(installation: Installation, instance: dg.DagsterInstance) -> None:
    beats(instance)
    ticks(instance, "run_failures")
    assert unhealthy(installation, "sensors").startswith("The sensor alerts has never ticked")


def test_a_sensor_that_ticked_long_ago_or_only_fails_is_named(
    installation: Installation, instance: dg.DagsterInstance
) -> None:
    beats(instance)
    ticks(instance, "run_failures")
    ticks(instance, "alerts", LONG_AGO)
    assert unhealthy(installation, "sensors").startswith("The sensor alerts ticked well for the last time at ")
    ticks(instance, "alerts", status=TickStatus.FAILURE)
    assert unhealthy(installation, "sensors").startswith("The sensor alerts ticked well for the last time at ")


def test_a_sensor_that_somebody_switched_off_is_named(installation: Installation, alive: dg.DagsterInstance) -> None:
    ticks(alive, "alerts", switch=InstigatorStatus.STOPPED)
    assert unhealthy(installation, "sensors") == (
        "The sensor alerts is switched off: people are not told. Switch it on in Dagster, under Automation."
    )


def test_a_silent_flow_is_named_with_its_office(installation: Installation, alive: dg.DagsterInstance) -> None:
    with installation.store(lambda: utc_now() - timedelta(days=3)) as store, store.write() as transaction:
        transaction.watched_flows.begin([(OfficeId(102), "invoices")])
    assert unhealthy(installation, "flows").startswith("Office 102: No run of invoices has got through since ")
    with installation.store() as store:
        now = store.now()
        with store.write() as transaction:
            transaction.runs.start(
                run_id="r",
                office_id=OfficeId(102),
                flow=Flow.INVOICES.value,
                day=oslo_day(now),
                trigger="schedule",
            )
            transaction.runs.finish("r", result={}, complete=True)
    assert installation.run("health").exit_code == 0


def test_an_alert_that_waits_too_long_to_be_told_is_unhealthy_and_one_that_was_told_is_not(
    installation: Installation, alive: dg.DagsterInstance
) -> None:
    report(installation, "unreachable", ago=PENDING_FOR - timedelta(minutes=1))
    assert installation.run("health").exit_code == 0
    report(installation, "login")
    assert unhealthy(installation, "alerts").startswith("1 alert has waited longer than 15 minutes to be told, the")
    with installation.store() as store, store.write() as transaction:
        transaction.alerts.delivered(transaction.alerts.unsent(), to="Slack")
    assert installation.run("health").exit_code == 0


def test_open_alerts_are_listed_by_office_for_people(installation: Installation, alive: dg.DagsterInstance) -> None:
    report(installation, "VAT mismatch", "9001", ago=timedelta(0))
    report(installation, "VAT mismatch", "9002", ago=timedelta(0))
    report(installation, "login", ago=timedelta(0))
    shown = installation.run("health")
    assert shown.exit_code == 0
    assert "Office 102: open alerts: VAT mismatch (2), login." in shown.stdout
    last = installation.run("health", "--json").stdout.splitlines()[-1]
    assert json.loads(last) == {"office": 102, "open_alerts": {"VAT mismatch": 2, "login": 1}}


def test_a_nightly_job_that_failed_is_named_until_a_later_one_succeeds(
    installation: Installation, alive: dg.DagsterInstance
) -> None:
    def ended(run_id: str, status: dg.DagsterRunStatus) -> None:
        alive.add_run(dg.DagsterRun(JOB, run_id, status=status))

    ended("monday", dg.DagsterRunStatus.FAILURE)
    said = unhealthy(installation, "history")
    assert said.startswith(f"The nightly job {JOB} did not succeed: no money hangs on it")
    assert "run monday" in said
    ended("tuesday", dg.DagsterRunStatus.SUCCESS)
    assert installation.run("health").exit_code == 0
    ended("wednesday", dg.DagsterRunStatus.STARTED)
    assert installation.run("health").exit_code == 0


@pytest.mark.parametrize("job", [JOB, "sync_invoices"])
def test_a_nightly_job_that_no_longer_runs_is_named(
    installation: Installation, alive: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, job: str
) -> None:
    """It was pruned once, or never though there are runs."""
    alive.add_run(dg.DagsterRun(job, "monday", status=dg.DagsterRunStatus.SUCCESS))
    # In its package, the module's name is that of the command.
    module = sys.modules["qondor_finago_pipelines.cli.health"]
    for later, exit_code in ((UNPRUNED_FOR - LONG_AGO, 0), (UNPRUNED_FOR + LONG_AGO, 1)):
        monkeypatch.setattr(module, "utc_now", lambda later=later: utc_now() + later)
        result = installation.run("health", "--json", "--only", "history")
        assert result.exit_code == exit_code, result.output
    assert f"The nightly job {JOB} has not run since " in looks(result)["history"]["message"]


def test_a_store_of_another_version_is_unhealthy_and_not_migrated(
    installation: Installation, alive: dg.DagsterInstance
) -> None:
    engine = plain_engine(f"sqlite:///{installation.home / STORE_FILE}")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    result = installation.run("health", "--json")
    assert result.exit_code == 1
    assert [name for name, look in looks(result).items() if not look["healthy"]] == [
        "store",
        "flows",
        "alerts",
        "limits",
    ]
    assert "has revision 0001" in looks(result)["store"]["message"]
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "0001"
    engine.dispose()


def test_where_nothing_was_ever_set_up_nothing_is_made(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = installation.folder / "nowhere"
    monkeypatch.setenv("DAGSTER_HOME", str(nowhere))
    result = installation.run("health", "--json")
    assert result.exit_code == 1
    assert "There is no sync store at" in looks(result)["store"]["message"]
    assert "There is no Dagster instance in" in looks(result)["daemon"]["message"]
    assert not nowhere.exists()


def test_wrong_settings_are_wrong_use(installation: Installation) -> None:
    installation.settings_file.write_text("offices: []", encoding="utf-8")
    assert installation.run("health").exit_code == 2


@pytest.mark.parametrize("system", ["finago", "qondor"])
def test_a_system_that_is_left_alone_is_shown_until_a_person_ends_it(
    installation: Installation, alive: dg.DagsterInstance, system: str
) -> None:
    until = utc_now() + timedelta(hours=23)
    with installation.store(utc_now) as store:
        store.block_calls(system, until, "GetInvoices answered 429.")

    said = unhealthy(installation, "limits")
    assert said.startswith(f"{system.capitalize()} is left alone until {in_oslo(until)}: GetInvoices answered 429.")
    assert "`qondor-finago retry --unblock`" in said

    assert installation.run("retry", "--unblock").exit_code == 0
    assert looks(installation.run("health", "--json", "--only", "limits"))["limits"]["healthy"]


@pytest.mark.parametrize("seconds", [-60, 60])
def test_a_block_that_ends_soon_or_is_over_makes_nothing_unhealthy(installation: Installation, seconds: int) -> None:
    with installation.store(utc_now) as store:
        store.block_calls("finago", utc_now() + timedelta(seconds=seconds), "GetInvoices answered 429.")
    look = looks(installation.run("health", "--json", "--only", "limits"))["limits"]
    assert look["healthy"]
    assert ("left alone until" in look["message"]) is (seconds > 0)
