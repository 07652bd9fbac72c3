"""A store of the unreleased version is taken over where it stands: nothing it remembers is lost or written twice.

The two systems of that time are not kept. The same life is lived with today's code on an empty store, which brings the
sandbox to the same ids; then the old store takes the place of the new one.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from qondor_finago_pipelines.records.identifiers import OrderId, QondorInvoiceId
from qondor_finago_pipelines.records.operations.results import RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.settings import store_url
from qondor_finago_pipelines.store.database import POSTGRESQL_SCHEMA
from qondor_finago_pipelines.store.earlier_store import EARLIER_FILE, EARLIER_SCHEMA
from tests.conftest import PostgreSQL
from tests.end_to_end.installation import BERGEN, OSLO, Installation, assert_held, assert_settled, outcome
from tests.store.earlier import Rows, everything_in, make_earlier_store

from .living import DIFFERS, HELD, LATE, QUARANTINED, SETTLED, STRANGER, a_round, live, writes

MOVE_ON = {
    "alerts": {"last_seen", "count", "day", "run_id", "sent_at"},
    "call_budgets": {"next_slot", "hour", "calls_in_hour", "observed_remaining", "observed_until"},
    "credentials": {"learned_at"},
    "judged_vouchers": {"judged_at", "judged_with", "seen"},
    "leases": {"fence"},
    "ledger_readings": {"read_until"},
    "offices": {"learned_at"},
    "order_links": {"payment_asked_at"},
    "outcomes": {"last_seen", "run_id"},
}
"""Columns that a run of its own sets anew, though nothing happened.

A new rule, or a new column of a line, judges every voucher anew.
"""
GROW = {"runs", "events"}
IDS = {
    "company_links": ("client_id", "key", "company_id"),
    "project_links": ("client_id", "project_id", "finago_project_id"),
    "order_links": ("client_id", "invoice_id", "order_id", "invoice_number"),
    "actuals": ("office_id", "kind", "number", "qondor_id"),
}
"""What ties the store to the two systems."""


@dataclass(frozen=True)
class OldStore:
    """What it held, with its tables as they are called today, and the address under which today's code looks for it."""

    rows: Rows
    address: str


@pytest.fixture(params=["sqlite", "sqlite of a killed process", "postgresql"])
def old_store(request: pytest.FixtureRequest, tmp_path: Path) -> OldStore:
    if request.param == "postgresql":
        postgresql: PostgreSQL = request.getfixturevalue("postgresql")
        made = address = postgresql.empty_database()
        make_earlier_store(made)
    else:
        home = tmp_path / "dagster"
        home.mkdir()
        made, address = f"sqlite:///{home / EARLIER_FILE}", store_url({"DAGSTER_HOME": str(home)})
        make_earlier_store(made)
    rows = everything_in(made, schema=EARLIER_SCHEMA)
    if request.param == "sqlite of a killed process":
        _kill(home / EARLIER_FILE)
    rows["outcomes"] = rows.pop("standings")
    assert rows.pop("alembic_version") == [{"version_num": "0004"}]
    assert all(rows.values()), "a table without a row proves nothing"
    return OldStore(rows, address)


def _kill(file: Path) -> None:
    """As a killed process leaves it: everything that it wrote is in the log beside the file."""
    whole = file.with_name("whole.sqlite")
    file.rename(whole)
    killed = file.with_name("killed.sqlite")
    with closing(sqlite3.connect(killed)) as connection, closing(sqlite3.connect(whole)) as before:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.executescript("\n".join(before.iterdump()))
        for suffix in ("", "-wal", "-shm"):
            shutil.copy(f"{killed}{suffix}", f"{file}{suffix}")
    assert Path(f"{file}-wal").stat().st_size > file.stat().st_size


@pytest.fixture
def lived(installation: Installation, clock: Any) -> Installation:
    """Both systems as they are after the life, with a store that today's code made."""
    live(installation, clock)
    installation.world.calls.clear()
    installation.world.slack.messages.clear()
    return installation


def ids(rows: Rows) -> dict[str, list[tuple[Any, ...]]]:
    return {
        table: sorted(tuple(str(row[name]) for name in names) for row in rows[table]) for table, names in IDS.items()
    }


def test_every_record_is_kept_and_nothing_is_written_twice(lived: Installation, old_store: OldStore) -> None:
    world = lived.world
    assert ids(everything_in(lived.store_url, schema=POSTGRESQL_SCHEMA)) == ids(old_store.rows), (
        "the life came to other ids than when the dump was made"
    )

    lived.store_url = old_store.address
    results = a_round(lived, deliver=True)

    assert writes(world) == 0, world.calls.by_operation()
    assert world.calls.count("finago", "Login") == 0, "the stored sessions are used"
    assert [(each.created, each.updated, each.paid) for each in results] == [(0, 0, 0)] * len(results)
    invoices = results[2]
    for invoice, reason in (
        (HELD, Reason.UNKNOWN_CURRENCY),
        (STRANGER, Reason.QUARANTINED),
        (DIFFERS, Reason.TOTAL_DIFFERS_IN_FINAGO),
    ):
        assert_held(invoices, invoice, reason)
    assert outcome(invoices, QUARANTINED).state is RecordState.UNCERTAIN
    [told] = world.slack.texts
    assert told.count("•") == 1, told
    assert f"invoice {LATE} " in told, "only what nobody was told yet"

    new = everything_in(old_store.address, schema=POSTGRESQL_SCHEMA)
    for table, rows in old_store.rows.items():
        before, after = (_lasting(table, some, rows[0]) for some in (rows, new[table]))
        lost = [row for row in before if row not in after]
        assert not lost, f"{table}: {lost}"
        assert table in GROW or len(after) == len(before), table
    assert len(new["runs"]) == len(old_store.rows["runs"]) + len(results)


def _lasting(table: str, rows: list[dict[str, Any]], first: dict[str, Any]) -> list[str]:
    """The rows by the columns that the old store had and that do not move on."""
    columns = [name for name in first if name not in MOVE_ON.get(table, ())]
    return [repr([row[name] for name in columns]) for row in rows]


def test_life_goes_on(lived: Installation, old_store: OldStore) -> None:
    """What was in quarantine is linked by a person, a currency is added, an order is corrected: all three settle."""
    world = lived.world
    lived.store_url = old_store.address
    world.books(OSLO).currencies["ISK"] = {**world.books(OSLO).currencies["DKK"], "Symbol": "ISK"}
    order = int(world.order_of(QUARANTINED)["OrderId"])
    with lived.service() as service:
        service.retry(QondorInvoiceId(QUARANTINED), run_id="a person", link=OrderId(order))
    world.order_of(DIFFERS).members["OrderTotalIncVat"] = world.qondor.invoices[DIFFERS]["totalInclVat"]

    assert_settled(lived.sync(), QUARANTINED, HELD, LATE, DIFFERS)

    for invoice in (*SETTLED, QUARANTINED, HELD, LATE, DIFFERS):
        office = BERGEN if invoice == 9201 else OSLO
        assert len(world.books(office).orders_of(invoice)) == 1, invoice
    assert world.slack.texts == []


@pytest.mark.slow
@pytest.mark.parametrize("table", ["order_links", "intents"])
def test_a_store_that_forgot_would_write(lived: Installation, tmp_path: Path, table: str) -> None:
    """The proof that the first test can fail: an order, or what is in quarantine, is sent again."""
    make_earlier_store(f"sqlite:///{tmp_path / EARLIER_FILE}")
    with closing(sqlite3.connect(tmp_path / EARLIER_FILE)) as connection:
        connection.execute(f"DELETE FROM {table}")
        connection.commit()
    lived.store_url = store_url({"DAGSTER_HOME": str(tmp_path)})

    a_round(lived)

    assert lived.world.calls.count("finago", "SaveInvoices", write=True) > 0
