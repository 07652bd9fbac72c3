"""`qondor-finago reconcile`, and the same every night in Dagster: told once, resolved when all is equal again."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner

from qondor_finago_pipelines.assets.operations.reconciliation import reconciliation_asset
from qondor_finago_pipelines.automation.reconciliation import reconciliation_schedule
from qondor_finago_pipelines.cli import main
from qondor_finago_pipelines.partitions import OfficeDay
from qondor_finago_pipelines.records.days import oslo_day
from qondor_finago_pipelines.sandbox import World
from tests.end_to_end.installation import OSLO, Installation

from .settled import Settled, copy_order, order_id, settle


@pytest.fixture
def settled(installation: Installation, customer: int, project: int) -> Settled:
    return settle(installation, customer, project)


@pytest.fixture
def command(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command beside the installation's store."""
    for name, value in installation.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("QONDOR_FINAGO_SETTINGS", str(installation.settings().file))
    monkeypatch.setenv("QONDOR_FINAGO_DATABASE_URL", installation.store_url)
    first, last = oslo_day(installation.clock()).replace(day=1), oslo_day(installation.clock())

    def run(*options: str) -> Any:
        days = ["--from", str(first), "--to", str(last)]
        return CliRunner().invoke(main, ["reconcile", "--office", str(OSLO), *days, *options])

    return run


def test_lines_of_json_are_the_contract(command: Any, world: World, settled: Settled) -> None:
    clean = command("--json")
    assert clean.exit_code == 0, clean.output
    [summary] = [json.loads(line) for line in clean.stdout.splitlines()]
    assert {"office", "compared", "totals", "differences", "unexplained", "digest"} <= summary.keys()
    assert (summary["differences"], summary["unexplained"]) == (0, 0)

    twin = copy_order(world, settled.offer)
    doubled = command("--json")
    assert doubled.exit_code == 1
    difference, after = [json.loads(line) for line in doubled.stdout.splitlines()]
    assert {
        "office": 102,
        "kind": "invoice",
        "qondor": settled.offer,
        "finago": twin,
        "field": "twice in finago",
        "difference": "12500.00",
        "explained": None,
    }.items() <= difference.items()
    assert after["digest"] != summary["digest"]


def test_tables_fit_a_terminal(command: Any, world: World, settled: Settled) -> None:
    copy_order(world, settled.offer)
    world.order_of(settled.paid).members["CustomerId"] = 1
    shown = command()
    assert shown.exit_code == 1
    assert "unexplained" in shown.stdout
    assert max(len(line) for line in shown.stdout.splitlines()) <= 80


def test_an_office_that_cannot_be_read_is_not_equal(command: Any, world: World, settled: Settled) -> None:
    world.qondor.subscription_keys.clear()
    failed = command("--json")
    assert failed.exit_code == 1
    assert failed.stdout == ""


def test_in_dagster_it_is_told_once_and_resolved_when_equal_again(
    installation: Installation, world: World, settled: Settled
) -> None:
    def night() -> Any:
        settings = installation.settings()
        with installation.service() as service:
            day = oslo_day(service.store.now())
            made = dg.materialize(
                [reconciliation_asset(settings)],
                partition_key=OfficeDay(day, OSLO).key,
                resources={"sync": service},
                instance=dg.DagsterInstance.ephemeral(),
            )
            service.deliver_alerts()
        [check] = made.get_asset_check_evaluations()
        installation.wait(hours=1)
        return check, made.asset_materializations_for_node("reconciliation")[0]

    check, made = night()
    assert check.passed
    assert world.slack.texts == []
    order = order_id(world, settled.offer)
    customer = world.books().orders[order].members["CustomerId"]
    world.books().orders[order].members["CustomerId"] = 4999
    for _ in range(2):
        check, made = night()
        assert not check.passed
        assert [str(settled.offer) in text for text in world.slack.texts] == [True]
    installation.sync()
    assert len(world.slack.texts) == 1
    assert "data:image/png" in made.metadata["over_time"].value
    world.books().orders[order].members["CustomerId"] = customer
    check, _ = night()
    assert check.passed
    assert len(world.slack.texts) == 2


def test_every_night_each_open_office_is_compared_up_to_yesterday(installation: Installation) -> None:
    settings = installation.settings()
    at = installation.clock()
    context = dg.build_schedule_context(scheduled_execution_time=at)
    requests = reconciliation_schedule(settings)(context)
    yesterday = oslo_day(at) - timedelta(days=1)
    assert [request.partition_key for request in requests] == [  # type: ignore[union-attr]
        OfficeDay(yesterday, office.id).key for office in settings.offices
    ]
