"""`qondor-finago plan` and `sync --plan`, as a person and as another program uses them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from qondor_finago_pipelines.sandbox.seeds.settings_text import office_settings_yaml

from .conftest import Installation

MEMBERS = [
    "office",
    "flow",
    "system",
    "record",
    "key",
    "action",
    "fields",
    "amount",
    "currency",
    "reason",
    "remedy",
]


@pytest.fixture
def world(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """One office with one invoice; everything but the invoice is known to Finago."""
    with Sandbox(world=empty()) as sandbox:
        for name, value in sandbox.environment().items():
            monkeypatch.setenv(name, value)
        world = sandbox.world
        installation.settings_file.write_text(office_settings_yaml(world), encoding="utf-8")
        world.add_company("Nordlys AS", id=4711, organisation_number="912345678")
        world.add_customer("Nordlys AS", id=77, reference=4711, organisation_number="912345678")
        world.add_project("Kick-off", id=555, number="SO12345", customer=77)
        world.add_invoice(id=9001, customer=77, project=555, invoice_date=date.today())  # noqa: DTZ011
        yield world


def test_each_line_of_json_is_a_change_and_the_last_one_the_digest(installation: Installation, world: World) -> None:
    shown = installation.run("plan", "invoices", "--office", "102", "--json")
    assert shown.exit_code == 0, shown.output
    *changes, last = (json.loads(line) for line in shown.stdout.splitlines())
    assert [list(change)[: len(MEMBERS)] for change in changes] == [MEMBERS] * len(changes)
    order = next(change for change in changes if (change["record"], change["action"]) == ("order", "create"))
    assert (order["office"], order["system"], order["key"]) == (102, "finago", "9001")
    assert (order["amount"], order["currency"]) == ("12500.00", "NOK")
    assert {"field": "customer", "before": None, "after": "4711"} in order["fields"]
    assert last.keys() == {"plan", "changes", "refusals", "calls"}
    assert (last["changes"], last["refusals"]) == (len(changes), 0)
    assert last["calls"].keys() == {"qondor", "finago"}
    assert world.calls.writes("qondor") + world.calls.writes("finago") == 0


def test_the_table_fits_eighty_columns_and_ends_with_totals(installation: Installation, world: World) -> None:
    shown = installation.run("plan", "invoices", "--office", "102").stdout
    assert max(map(len, shown.splitlines())) <= 80
    assert "order 9001" in shown
    assert "create 1 order: 12500.00 NOK" in shown
    assert "Nothing was written." in shown


def test_a_plan_is_applied_once_and_then_no_longer_holds(
    installation: Installation, world: World, tmp_path: Path
) -> None:
    file = str(tmp_path / "plan.json")
    assert installation.run("plan", "invoices", "--office", "102", "--out", file).exit_code == 0
    assert world.orders_of(9001) == []
    applied = installation.run("sync", "invoices", "--plan", file)
    assert applied.exit_code == 0, applied.output
    assert len(world.orders_of(9001)) == 1
    again = installation.run("sync", "invoices", "--plan", file)
    assert again.exit_code == 1
    assert "Office 102, order 9001: planned was create 12500.00 NOK" in again.stderr
    assert "The plan no longer holds." in again.stderr
    assert len(world.orders_of(9001)) == 1


def test_what_changed_since_stops_it_before_the_first_write(
    installation: Installation, world: World, tmp_path: Path
) -> None:
    file = str(tmp_path / "plan.json")
    installation.run("plan", "invoices", "--office", "102", "--out", file)
    world.add_invoice(id=9002, customer=77, project=555)
    refused = installation.run("sync", "invoices", "--plan", file)
    assert refused.exit_code == 1
    assert "Office 102, order 9002: planned was nothing; now it is create" in refused.stderr
    assert world.calls.writes("qondor") + world.calls.writes("finago") == 0


def test_a_tampered_file_writes_nothing(installation: Installation, world: World, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    installation.run("plan", "invoices", "--office", "102", "--out", str(file))
    file.write_text(file.read_text(encoding="utf-8").replace("12500.00", "12500.01"), encoding="utf-8")
    refused = installation.run("sync", "invoices", "--plan", str(file))
    assert refused.exit_code == 1
    assert "its digest does not fit" in refused.stderr
    assert world.calls.writes("qondor") + world.calls.writes("finago") == 0


def test_a_plan_says_itself_what_it_is_of(installation: Installation, world: World, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text("{}", encoding="utf-8")
    for wrong in (("--office", "102"), ("--day", "2026-11-01")):
        assert installation.run("sync", "invoices", "--plan", str(file), *wrong).exit_code == 2


def test_a_secret_that_is_not_set_gives_a_table_that_ends_and_code_1(
    installation: Installation, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QONDOR_SUBSCRIPTION_KEY")
    shown = installation.run("plan", "invoices", "--office", "102")
    assert shown.exit_code == 1
    assert "QONDOR_SUBSCRIPTION_KEY" in shown.stdout.replace("\n", "")


def test_confirm_shows_what_was_looked_at_and_what_it_lets_through(installation: Installation, world: World) -> None:
    world.add_invoice(id=9002, customer=77, project=555)
    installation.settings_file.write_text(office_settings_yaml(world, sync={"max_new_orders": 1}), encoding="utf-8")
    installation.run("sync", "invoices", "--office", "102")
    shown = installation.run("confirm", "--office", "102").stdout
    order = world.order_of(9001)["OrderId"]
    assert f"Looked at: invoice 9001, order {order} in Finago, 12500.00 NOK." in shown
    assert "Let through by the next run: 1 invoice (9002)." in shown
