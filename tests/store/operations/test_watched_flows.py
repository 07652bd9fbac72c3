"""Who is watched for silence, since when, and what the last complete run of each was."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import text

from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.store import CompleteRun, Ledger
from tests.store.engines import plain_engine

if TYPE_CHECKING:
    from tests.conftest import FakeClock

OSLO, BERGEN = OfficeId(102), OfficeId(103)
TODAY = date(2026, 11, 20)


def run(ledger: Ledger, run_id: str, day: date = TODAY, *, office: OfficeId = OSLO, complete: bool = True) -> None:
    with ledger.write() as transaction:
        transaction.runs.start(
            run_id=run_id, office_id=office, flow="invoices", day=day, trigger="schedule", at=ledger.now()
        )
        transaction.runs.finish(run_id, result={}, complete=complete, at=ledger.now())


def latest(ledger: Ledger) -> dict[OfficeId, CompleteRun]:
    with ledger.read() as transaction:
        return transaction.runs.latest_complete([OSLO, BERGEN], "invoices")


def test_the_latest_complete_run_is_known_by_office(ledger: Ledger, clock: FakeClock) -> None:
    run(ledger, "first")
    clock.advance(timedelta(minutes=5))
    run(ledger, "second")
    ended = clock()
    clock.advance(timedelta(minutes=5))
    run(ledger, "with trouble", complete=False)
    assert latest(ledger) == {OSLO: CompleteRun(day=TODAY, finished_at=ended)}
    run(ledger, "another office", office=BERGEN)
    assert latest(ledger)[BERGEN].finished_at == clock()


def test_a_past_day_run_again_does_not_hide_the_newer_day(ledger: Ledger, clock: FakeClock) -> None:
    run(ledger, "today")
    ended = clock()
    clock.advance(timedelta(hours=1))
    run(ledger, "last week", TODAY - timedelta(days=7))
    assert latest(ledger)[OSLO] == CompleteRun(day=TODAY, finished_at=ended)


def test_the_latest_complete_run_is_looked_up_in_an_index(ledger: Ledger, database_url: str) -> None:
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


def test_what_is_watched_already_stays_watched_from_then_on(ledger: Ledger, clock: FakeClock) -> None:
    began = clock()
    for _ in range(2):
        with ledger.write() as transaction:
            transaction.watches.begin([(OSLO, "invoices")], at=clock())
        clock.advance(timedelta(hours=1))
    with ledger.write() as transaction:
        transaction.watches.begin([(BERGEN, "invoices")], at=clock())
        transaction.watches.begin([], at=clock())
    with ledger.read() as transaction:
        assert transaction.watches.since() == {(OSLO, "invoices"): began, (BERGEN, "invoices"): clock()}


def test_what_is_watched_no_more_begins_anew(ledger: Ledger, clock: FakeClock) -> None:
    with ledger.write() as transaction:
        transaction.watches.begin([(OSLO, "invoices"), (BERGEN, "invoices")], at=clock())
        transaction.watches.end([(OSLO, "invoices")])
    clock.advance(timedelta(hours=1))
    with ledger.write() as transaction:
        transaction.watches.begin([(OSLO, "invoices")], at=clock())
    with ledger.read() as transaction:
        assert transaction.watches.since()[OSLO, "invoices"] == clock()
