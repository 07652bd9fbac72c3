"""What the store forgets after a while, and what it never does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from qondor_finago_pipelines.store import Store
from tests.store.builders import BERGEN, OSLO, report, resolve, run
from tests.store.engines import plain_engine

if TYPE_CHECKING:
    from tests.conftest import FakeClock

DAY = timedelta(days=1)


def prune(store: Store) -> int:
    with store.write() as transaction:
        return transaction.pruning.runs(store.now())


def runs(address: str) -> set[str]:
    with plain_engine(address).connect() as connection:
        return set(connection.scalars(text("SELECT run_id FROM runs")))


def test_runs_that_a_complete_one_followed_are_forgotten(store: Store, clock: FakeClock, database_url: str) -> None:
    for run_id, complete in (("first", True), ("failed", False), ("died", None), ("last", True), ("red", False)):
        run(store, run_id, complete=complete)
        clock.advance(DAY)
    with store.read() as transaction:
        before = (
            transaction.runs.latest_complete([OSLO], "invoices"),
            transaction.open_work.last_tried([OSLO], "invoices"),
        )
    assert prune(store) == 3
    assert runs(database_url) == {"last", "red"}
    with store.read() as transaction:
        after = (
            transaction.runs.latest_complete([OSLO], "invoices"),
            transaction.open_work.last_tried([OSLO], "invoices"),
        )
    assert after == before


def test_an_office_without_a_complete_run_keeps_all_of_them(store: Store, clock: FakeClock, database_url: str) -> None:
    """Its window reaches back to the first."""
    for run_id in ("first", "second"):
        run(store, run_id, complete=False)
        clock.advance(DAY)
    run(store, "other office", office_id=BERGEN)
    run(store, "other flow", flow="costs-and-sales")
    assert prune(store) == 0
    assert len(runs(database_url)) == 4


def test_a_backfill_takes_the_place_of_no_later_day(store: Store, clock: FakeClock, database_url: str) -> None:
    run(store, "today")
    clock.advance(DAY)
    run(store, "backfill", day=date(2026, 3, 1))
    clock.advance(DAY)
    assert prune(store) == 0
    assert runs(database_url) == {"today", "backfill"}


def test_young_runs_are_kept(store: Store, clock: FakeClock, database_url: str) -> None:
    began = clock()
    run(store, "first")
    clock.advance(DAY)
    run(store, "second")
    with store.write() as transaction:
        assert transaction.pruning.runs(began) == 0
    assert runs(database_url) == {"first", "second"}


def test_only_alerts_that_were_resolved_long_ago_are_forgotten(
    store: Store, clock: FakeClock, database_url: str
) -> None:
    report(store, "no project", "9001")
    report(store, "no project", "9002")
    resolve(store, ("no project", "9002"))
    clock.advance(DAY)
    before = clock()
    clock.advance(DAY)
    report(store, "no project", "9003")
    resolve(store, ("no project", "9002"))
    with store.write() as transaction:
        assert transaction.pruning.alerts(before) == 1
    with plain_engine(database_url).connect() as connection:
        assert set(connection.scalars(text("SELECT record FROM alerts"))) == {"9002", "9003"}
