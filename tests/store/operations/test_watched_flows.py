"""Who is watched for silence, since when, and what the last complete run of each was."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.store import CompleteRun, Store
from tests.store.engines import plain_engine

if TYPE_CHECKING:
    from tests.conftest import FakeClock

OSLO, BERGEN = OfficeId(102), OfficeId(103)
TODAY = date(2026, 11, 20)


def run(store: Store, run_id: str, day: date = TODAY, *, office: OfficeId = OSLO, complete: bool = True) -> None:
    with store.write() as transaction:
        transaction.runs.start(
            run_id=run_id, office_id=office, flow="invoices", day=day, trigger="schedule", at=store.now()
        )
        transaction.runs.finish(run_id, result={}, complete=complete, at=store.now())


def latest(store: Store) -> dict[OfficeId, CompleteRun]:
    with store.read() as transaction:
        return transaction.runs.latest_complete([OSLO, BERGEN], "invoices")


def test_the_latest_complete_run_is_known_by_office(store: Store, clock: FakeClock) -> None:
    run(store, "first")
    clock.advance(timedelta(minutes=5))
    run(store, "second")
    ended = clock()
    clock.advance(timedelta(minutes=5))
    run(store, "with trouble", complete=False)
    assert latest(store) == {OSLO: CompleteRun(day=TODAY, finished_at=ended)}
    run(store, "another office", office=BERGEN)
    assert latest(store)[BERGEN].finished_at == clock()


def test_a_past_day_run_again_does_not_hide_the_newer_day(store: Store, clock: FakeClock) -> None:
    run(store, "today")
    ended = clock()
    clock.advance(timedelta(hours=1))
    run(store, "last week", TODAY - timedelta(days=7))
    assert latest(store)[OSLO] == CompleteRun(day=TODAY, finished_at=ended)


def test_the_latest_complete_run_is_looked_up_in_an_index(store: Store, database_url: str) -> None:
    """Asked several times a minute, for every office and flow, of a table that only grows."""
    question = (
        "SELECT run_id FROM runs WHERE office_id = 102 AND flow = 'invoices' AND complete IS TRUE "
        "ORDER BY day DESC, finished_at DESC LIMIT 1"
    )
    engine = plain_engine(database_url)
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            plan = connection.execute(text(f"EXPLAIN QUERY PLAN {question.replace('IS TRUE', 'IS 1')}"))
        else:
            connection.exec_driver_sql("SET enable_seqscan = off")
            plan = connection.execute(text(f"EXPLAIN {question}"))
        found = "\n".join(str(row) for row in plan)
    engine.dispose()
    assert "ix_runs_complete" in found
    assert "TEMP B-TREE" not in found
    assert "Sort" not in found


def test_what_is_watched_already_stays_watched_from_then_on(store: Store, clock: FakeClock) -> None:
    began = clock()
    for _ in range(2):
        with store.write() as transaction:
            transaction.watched_flows.begin([(OSLO, "invoices")], at=clock())
        clock.advance(timedelta(hours=1))
    with store.write() as transaction:
        transaction.watched_flows.begin([(BERGEN, "invoices")], at=clock())
        transaction.watched_flows.begin([], at=clock())
    with store.read() as transaction:
        assert transaction.watched_flows.since() == {(OSLO, "invoices"): began, (BERGEN, "invoices"): clock()}


def test_what_is_watched_no_more_begins_anew(store: Store, clock: FakeClock) -> None:
    with store.write() as transaction:
        transaction.watched_flows.begin([(OSLO, "invoices"), (BERGEN, "invoices")], at=clock())
        transaction.watched_flows.end([(OSLO, "invoices")])
    clock.advance(timedelta(hours=1))
    with store.write() as transaction:
        transaction.watched_flows.begin([(OSLO, "invoices")], at=clock())
    with store.read() as transaction:
        assert transaction.watched_flows.since()[OSLO, "invoices"] == clock()
