"""Personal data and secrets planted in both systems, all three flows run in Dagster with everything going wrong: none
of it is found afterwards in any file below DAGSTER_HOME, in a table, in what Slack was told, or in the logs.

The audit files lie below DAGSTER_HOME as well, and are searched as everything else is. Of a ledger line they keep the
numbers, the OCR and the invoice number, which are what an accountant looks a line up by; the comment, in which anybody
may have written anything, is left out.
"""

from __future__ import annotations

import logging
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq
import pytest

from qondor_finago_pipelines.assets.operations.status_checks import evaluation
from qondor_finago_pipelines.cli.instance import open_instance
from qondor_finago_pipelines.cli.running import FlowRuns
from qondor_finago_pipelines.flows.operations.office_status import status_of
from qondor_finago_pipelines.flows.service import SyncService
from qondor_finago_pipelines.partitions import OfficeDays
from qondor_finago_pipelines.records.days import oslo_day
from qondor_finago_pipelines.records.operations.results import Flow, FlowResult, RecordState
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.world.invoice_lines import line
from qondor_finago_pipelines.sandbox.world.voucher_builders import PostedVoucher
from qondor_finago_pipelines.settings import load_settings
from qondor_finago_pipelines.store import Store
from tests.end_to_end.costs_and_sales.actuals import PROJECT
from tests.end_to_end.installation import OSLO, Installation

BOOKER = "Zebedia Quillfeather"
BOOKER_EMAIL = "zebedia@quillfeather.example"
BOOKER_ADDRESS = "Featherbed Lane 77"
OTHER_BOOKER = "Perpetua Inkwell"
SUPPLIER = "Ottokar Brindlemoss ENK"
SUPPLIER_LATER = "Ottokar Dapplewood ENK"
SUPPLIER_EMAIL = "ottokar@brindlemoss.example"
SUPPLIER_ADDRESS = "Mossy Hollow 13"
CONTACT_EMAIL = "accounts.gwendolyn@havgap.example"
PERSONAL = (
    "Zebedia",
    "Quillfeather",
    "Featherbed",
    "Perpetua",
    "Inkwell",
    "Ottokar",
    "Brindlemoss",
    "Dapplewood",
    "Mossy Hollow",
    "Gwendolyn",
)
"""A word of each: found wherever a name, an e-mail or a postal address is."""

OF_THE_BOOKER = f"{BOOKER}, {BOOKER_ADDRESS} ({BOOKER_EMAIL}) is not what was expected"
"""How a system refuses a record, with the words of the record."""

ECHO = f"{BOOKER}, {BOOKER_ADDRESS} ({BOOKER_EMAIL}) and {SUPPLIER}, {SUPPLIER_ADDRESS} ({SUPPLIER_EMAIL})"
"""Stands in replies that are none: those are never quoted, whoever is in them."""


class Planted(NamedTuple):
    """A world full of persons, and the voucher of a cost that is loaded."""

    world: World
    taxi: PostedVoucher


@pytest.fixture
def planted(world: World) -> Planted:
    """A booker, a supplier, a customer's contact, and refusals of several kinds that concern them."""
    world.add_company("Nordlys AS", id=4711, organisation_number="912345688")
    known = world.add_customer("Nordlys AS", id=77, reference=4711, organisation_number="912345688")
    new = world.add_customer("Havgap AS", id=78, organisation_number="987654325", invoiceEmail=CONTACT_EMAIL)
    world.add_customer("Fjordglimt AS", id=79, reference=999999)
    project = world.add_project("Kick-off 2026", id=555, number="SO12345", customer=known)
    world.add_project("Board meeting", id=556, number="SO12346", customer=new)
    booking: dict[str, Any] = {"kind": "booking", "address": BOOKER_ADDRESS, "lines": [line(quantity=2, price="99.90")]}
    world.add_invoice(id=9001, customer=known, project=project)
    world.add_invoice(id=9002, customer=new, project=556)
    world.add_invoice(id=9003, project=project, booker=BOOKER, email=BOOKER_EMAIL, **booking)
    world.add_invoice(id=9004, project=project, booker=OTHER_BOOKER, email=BOOKER_EMAIL, card=True, **booking)
    world.add_invoice(id=9005, project=project, booker=BOOKER, email=None, **booking)
    world.add_invoice(id=9006, customer=known, project=None, remarks=ECHO)
    world.add_invoice(id=9007, customer=79, project=project, email=CONTACT_EMAIL)
    supplier = world.add_company(SUPPLIER, id=8001, type="Supplier", email=SUPPLIER_EMAIL)
    comment = f"Taxi {SUPPLIER}, {SUPPLIER_ADDRESS}"
    taxi = world.post_supplier_invoice("800.00", project=PROJECT, supplier=supplier, comment=comment)
    world.post_supplier_invoice("90.00", project=99999, supplier=supplier, comment=comment)
    unbalanced = world.post_supplier_invoice("70.00", project=PROJECT, supplier=supplier, comment=comment)
    world.change_line(unbalanced, 1, Amount=world.lines_of(unbalanced)[0]["Amount"] + 1)
    return Planted(world, taxi)


Fault = tuple[str, str, dict[str, Any]]
"""What happens at which of Finago's operations."""


class Dagster:
    """All three flows, each as a run in a real instance; alerts go to Slack after each round."""

    def __init__(self, installation: Installation, home: Path) -> None:
        self.installation = installation
        self.home = home
        self.environ = {**installation.environ, "DAGSTER_HOME": str(home)}
        self.sessions: set[str] = set()

    def round(self, *faults_of_invoices: Fault) -> dict[Flow, FlowResult]:
        self.installation.wait(minutes=20)
        settings = load_settings(self.installation._file)
        clock = self.installation.clock
        store = Store.open(self.installation.store_url, clock=clock, sleep=clock.sleep)
        results: dict[Flow, FlowResult] = {}
        with (
            open_instance(self.environ) as instance,
            SyncService(settings, self.environ, store, pause=clock.sleep) as sync,
        ):
            runs = FlowRuns(settings, instance, sync)
            today = oslo_day(clock())
            for flow in (Flow.CUSTOMERS_AND_PROJECTS, Flow.INVOICES, Flow.COSTS_AND_SALES):
                if flow is Flow.INVOICES:
                    for operation, kind, details in faults_of_invoices:
                        self.installation.sandbox.fault("finago", operation, kind, **details)
                first = date(2026, 11, 18) if flow is Flow.COSTS_AND_SALES else today
                results[flow] = runs.run(flow, OfficeDays(first, today, OSLO))
                self.sessions |= set(self.installation.world.finago.sessions)
            sync.deliver_alerts()
            for verdict in status_of(settings, store):
                instance.report_runless_asset_event(evaluation(verdict))
        return results

    def texts(self) -> Iterator[tuple[str, str]]:
        """Everything that was kept, as text, with where it was found."""
        store_file = Path(self.installation.store_url.removeprefix("sqlite:///"))
        for file in [*self.home.rglob("*"), *store_file.parent.glob(f"{store_file.name}*")]:
            if not file.is_file():
                continue
            raw = file.read_bytes()
            yield str(file), raw.decode("utf-8", "replace")
            if raw.startswith(b"SQLite format 3"):
                yield from _tables(file)
            elif raw.startswith(b"PAR1"):
                table = pq.read_table(file)
                yield str(file), f"{table.to_pylist()} {table.schema.metadata}"


def _tables(file: Path) -> Iterator[tuple[str, str]]:
    """Each value as it stands: a long one lies in pieces in the file, and Dagster packs some."""
    with sqlite3.connect(file) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            for row in database.execute(f'SELECT * FROM "{name}"'):
                for value in row:
                    if isinstance(value, bytes):
                        with suppress(zlib.error):
                            value = zlib.decompress(value)
                        value = value.decode("utf-8", "replace")
                    if isinstance(value, str):
                        yield f"{file.name}: {name}", value


@pytest.fixture
def dagster(installation: Installation, planted: Planted, tmp_path: Path) -> Dagster:
    return Dagster(installation, tmp_path / "dagster")


def found_in(texts: Iterator[tuple[str, str]], words: set[str]) -> list[tuple[str, str, str]]:
    """Where which of the words stands, with what is around it."""
    found = []
    for where, text in texts:
        lower = text.lower()
        for word in words:
            place = lower.find(word.lower())
            if place >= 0:
                found.append((where, word, text[max(place - 150, 0) : place + 100]))
    return found


def test_no_name_no_address_no_secret_is_kept_or_told(
    dagster: Dagster, sandbox: Sandbox, planted: Planted, caplog: pytest.LogCaptureFixture, capfd: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    world = planted.world
    dagster.installation.configure(sync={"quiet_period_seconds": 900})
    # What Finago refuses, it refuses with the names in its words.
    refused = {"text": OF_THE_BOOKER, "times": 1}
    first = dagster.round(("SaveCompanies", "api-exception", refused))
    states = {record.id: record.state for record in first[Flow.INVOICES].records}
    assert states["9006"] is states["9005"] is states["9007"] is RecordState.HELD, states
    assert first[Flow.COSTS_AND_SALES].created == 1
    assert len(first[Flow.COSTS_AND_SALES].rejected) == 2, "one unmatched, one unbalanced"

    # A refusal of the order itself, and a reply that breaks off.
    second = dagster.round(
        ("SaveInvoices", "api-exception", {**refused, "reference": "9003"}),
        ("GetTransactions", "short-reply", {"at": 900, "times": None}),
    )
    assert second[Flow.COSTS_AND_SALES].problems
    said = {record.id: record.message for record in second[Flow.INVOICES].records}
    assert "is not what was expected" in said["9003"], said

    # Replies that are something else, with persons in them.
    world.finago.expire_sessions()
    sandbox.fault("qondor", "GetAllUnprocessedInvoices", "not-parsable", text=ECHO, times=None)
    sandbox.fault("qondor", "GetAll", "wrong-shape", times=None)
    sandbox.fault("finago", "*", "html", text=ECHO, times=None)
    assert all(result.problems for result in dagster.round().values())

    # Slack is down, an order's fate unknown; then everything works, with the supplier under another name.
    world.faults.clear()
    sandbox.fault("slack", "chat.postMessage", "500", times=1)
    world.books(OSLO).companies[8001].members["Name"] = SUPPLIER_LATER
    world.change_line(planted.taxi, 1, Comment=f"Paid back by {SUPPLIER_LATER}")
    dagster.installation.wait(hours=2)
    dagster.round(("SaveInvoices", "cut-reply", {"at": 600, "times": 1}))
    last = dagster.round()
    assert last[Flow.INVOICES].problems == ()
    assert world.orders_of(9003), "the booker's order is there"
    assert BOOKER in str(world.books(OSLO).companies), "what was planted has arrived"
    assert "Dapplewood" in str(world.qondor.actuals["cost"]), "and so has the supplier"

    secrets = {*world.environment().values(), *dagster.sessions} - {"#finance-sync"}
    assert len(dagster.sessions) > 1
    texts = list(dagster.texts())
    assert any("finago_transactions" in where for where, _ in texts), "the audit is among what is searched"
    assert any("9006" in text for where, text in texts if where.startswith("store.db")), "and so is the store"
    assert any("no project" in text for where, text in texts if where.endswith("event_logs")), "and the event log"
    assert world.slack.messages
    output = capfd.readouterr()
    others = [
        ("Slack", str(world.slack.messages)),
        ("log", caplog.text),
        ("stdout", output.out),
        ("stderr", output.err),
    ]
    assert found_in(iter([*texts, *others]), {*PERSONAL, *secrets}) == []


def test_the_search_finds_what_is_there(dagster: Dagster, tmp_path: Path) -> None:
    """A search that finds nothing anywhere would prove nothing."""
    dagster.home.mkdir()
    with sqlite3.connect(dagster.home / "some.db") as database:
        database.execute("CREATE TABLE one (a, b)")
        database.execute("INSERT INTO one VALUES (?, ?)", ("x" * 9000 + BOOKER, zlib.compress(SUPPLIER.encode())))
    (dagster.home / "log").write_text(BOOKER_EMAIL, encoding="utf-8")
    found = found_in(dagster.texts(), {"Quillfeather", "Brindlemoss"})
    assert {(where.rpartition("/")[2], word) for where, word, _ in found} >= {
        ("some.db: one", "Quillfeather"),
        ("some.db: one", "Brindlemoss"),
        ("log", "Quillfeather"),
    }
