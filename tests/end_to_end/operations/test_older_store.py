"""A store that is older than the newest run that Dagster knows is told of, and doubles nothing."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from qondor_finago_pipelines.flows.operations.heartbeat_tasks import HeartbeatTasks
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.store import Store
from tests.end_to_end.installation import Installation, assert_settled

TOLD = "The sync store is older than what was done"


def file_of(installation: Installation) -> Path:
    return Path(installation.store_url.removeprefix("sqlite:///"))


@pytest.fixture
def put_back(installation: Installation, world: World, customer: int, project: int) -> datetime:
    """When the run began that the back-up, put back after it, does not know."""
    first = world.add_invoice(customer=customer, project=project)
    assert_settled(installation.sync(), first)
    back_up = shutil.copy(file_of(installation), file_of(installation).with_suffix(".back-up"))
    installation.wait(hours=1)
    began = installation.clock()
    second = world.add_invoice(customer=customer, project=project)
    assert_settled(installation.sync(), second)
    installation.wait(minutes=5)
    for leftover in file_of(installation).parent.glob("store.db-*"):
        leftover.unlink()
    shutil.copy(back_up, file_of(installation))
    return began


def start(installation: Installation, newest_run: datetime | None) -> HeartbeatTasks:
    """The first round of a daemon that has just started."""
    store = Store.open(installation.store_url, clock=installation.clock)
    tasks = HeartbeatTasks(installation.settings(), store, installation.environ)
    tasks.round(newest_run=lambda: newest_run)
    return tasks


def test_an_older_back_up_is_told_of_at_start_up_and_once(
    installation: Installation, world: World, put_back: datetime
) -> None:
    tasks = start(installation, put_back)
    assert sum(text.count(TOLD) for text in world.slack.texts) == 2, "of each office"
    assert "2026-11-20 09:00 UTC" in world.slack.texts[0]
    tasks.round(newest_run=lambda: put_back)
    start(installation, put_back)
    assert sum(text.count(TOLD) for text in world.slack.texts) == 2

    assert installation.sync().problems == ()
    assert all(len(world.orders_of(invoice)) == 1 for invoice in world.qondor.invoices)
    start(installation, put_back)
    assert "no longer" in world.slack.texts[-1] or "esolved" in world.slack.texts[-1]


@pytest.mark.parametrize("earlier", [None, timedelta(0), timedelta(hours=3)])
def test_a_store_that_knows_the_newest_run_is_not_told_of(
    installation: Installation, world: World, invoice: int, earlier: timedelta | None
) -> None:
    began = installation.clock()
    installation.sync()
    start(installation, None if earlier is None else began - earlier)
    assert world.slack.texts == []


def test_an_empty_store_beside_runs_is_told_of(installation: Installation, world: World) -> None:
    start(installation, installation.clock())
    assert any(TOLD in text and "It holds no run" in text for text in world.slack.texts)
