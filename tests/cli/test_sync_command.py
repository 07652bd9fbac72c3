"""`qondor-finago sync`: which offices run, what is printed where, and with which code it leaves (decisions 11)."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from qondor_finago_pipelines.cli.instance import open_instance
from qondor_finago_pipelines.flows.run.alert_causes import CODE_ERROR
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.results import (
    FieldChange,
    Flow,
    FlowResult,
    Problem,
    RecordOutcome,
    RecordState,
)
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import Sandbox
from qondor_finago_pipelines.sandbox.seeds import demo

from .conftest import Installation, PreparedService

TODAY = datetime.now(ZoneInfo("Europe/Oslo")).date()
NOTHING = FlowResult(flow=Flow.INVOICES, office=OfficeId(102), day=TODAY)

HELD = RecordOutcome(
    id="9102",
    state=RecordState.HELD,
    what="customer offer invoice",
    reason=Reason.VAT_MISMATCH,
    message="Invoice 9102, line 1: 12 % VAT.",
    remedy="Correct it.",
)


def lines_of(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


def test_every_office_runs_once_today_and_it_is_recorded_in_dagster(
    installation: Installation, sync: PreparedService
) -> None:
    result = installation.run("sync", "invoices", "--json")
    assert result.exit_code == 0, result.stderr
    assert sync.asked == [(102, TODAY, "cli"), (103, TODAY, "cli")]
    assert [line["office"] for line in lines_of(result.stdout)] == [102, 103]
    with open_instance() as instance:
        runs = {run.tags["office"]: run for run in instance.get_runs()}
    assert sorted(runs) == ["102", "103"]
    assert runs["102"].job_name == "sync_invoices"
    assert runs["102"].tags["dagster/partition"] == f"{TODAY}|102"
    expected = {"trigger": "cli", "flow": "invoices", "lane": "office-102:finago", "dagster/priority": "10"}
    assert expected.items() <= runs["102"].tags.items()
    assert runs["102"].tags["process"] == f"{socket.gethostname()}:{os.getpid()}", "so that its death is noticed"
    assert runs["102"].tags["dagster/max_retries"] == "0", "and told at once"


def test_json_is_one_object_an_office_with_the_members_of_the_contract(
    installation: Installation, sync: PreparedService
) -> None:
    sync.results[102] = replace(
        NOTHING, created=2, paid=1, records=(HELD,), calls={"qondor": 3, "finago": 9}, seconds=1.5
    )
    (line,) = lines_of(installation.run("sync", "invoices", "--office", "102", "--json").stdout)
    assert line == {
        "flow": "invoices",
        "office": 102,
        "day": TODAY.isoformat(),
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "rejected": [{"id": 9102, "reason": "Invoice 9102, line 1: 12 % VAT. Correct it."}],
        "uncertain": [],
        "paid": 1,
        "calls": {"qondor": 3, "finago": 9},
        "seconds": 1.5,
    }


@pytest.mark.parametrize(
    "unsettled",
    [
        replace(NOTHING, records=(HELD,)),
        replace(NOTHING, records=(replace(HELD, state=RecordState.FAILED),)),
        replace(NOTHING, records=(replace(HELD, state=RecordState.UNCERTAIN),)),
        replace(NOTHING, problems=(Problem(cause="unreachable", message="Finago does not answer."),)),
        replace(NOTHING, skipped="Skipped: 5:finago is held by run 7."),
    ],
    ids=["held", "failed", "uncertain", "unreachable", "lease held"],
)
def test_it_leaves_with_1_when_something_is_not_settled(
    installation: Installation, sync: PreparedService, unsettled: FlowResult
) -> None:
    sync.results[102] = unsettled
    assert installation.run("sync", "invoices", "--office", "102").exit_code == 1


def test_customers_and_projects_are_synced_like_invoices(installation: Installation, sync: PreparedService) -> None:
    refused = replace(HELD, id="customer 81", what="customer", message="It shares 4715.", remedy="Clear one.")
    sync.results[102] = FlowResult(
        flow=Flow.CUSTOMERS_AND_PROJECTS,
        office=OfficeId(102),
        day=TODAY,
        created=1,
        updated=2,
        unchanged=7,
        records=(refused,),
    )
    result = installation.run("sync", "customers-and-projects", "--json")
    oslo, bergen = lines_of(result.stdout)
    assert result.exit_code == 1, result.stderr
    assert sync.flows == {Flow.CUSTOMERS_AND_PROJECTS}
    assert (oslo["flow"], oslo["created"], oslo["updated"], oslo["unchanged"]) == ("customers-and-projects", 1, 2, 7)
    assert oslo["rejected"] == [{"id": 81, "kind": "customer", "reason": "It shares 4715. Clear one."}]
    assert (bergen["flow"], bergen["office"]) == ("customers-and-projects", 103)
    with open_instance() as instance:
        runs = instance.get_runs()
    assert {run.job_name for run in runs} == {"sync_customers_and_projects"}
    assert {run.tags["flow"] for run in runs} == {"customers-and-projects"}
    assert {run.tags["lane"] for run in runs} == {"office-102:finago", "office-103:finago"}, "the lane of the invoices"
    assert {run.tags["dagster/partition"] for run in runs} == {f"{TODAY}|102", f"{TODAY}|103"}


def test_people_see_what_was_changed_in_finago_and_not_what_stayed(
    installation: Installation, sync: PreparedService
) -> None:
    settled = RecordOutcome(id="customer 77", state=RecordState.SETTLED, what="customer", did="updated company 4711")
    created = RecordOutcome(
        id="project 555", number="SO12345", state=RecordState.SETTLED, what="project", did="created project 12345"
    )
    same = RecordOutcome(id="customer 78", state=RecordState.SETTLED, what="customer", did="nothing to do")
    sync.results[102] = FlowResult(
        flow=Flow.CUSTOMERS_AND_PROJECTS,
        office=OfficeId(102),
        day=TODAY,
        created=1,
        updated=1,
        unchanged=1,
        records=(settled, same, created, replace(HELD, id="customer 80", what="customer")),
        changes=(FieldChange(record="customer 77", field="name", before="Nordlys Arrangement AS", after="Nordlys AS"),),
    )
    shown = installation.run("sync", "customers-and-projects", "--office", "102").stdout
    for text in (
        "updated company 4711",
        "project 555 (SO12345)",
        "Nordlys Arrangement AS",
        "customer 80",
        "Correct it.",
        "customers and projects",
        "1 created, 1 updated, 1 unchanged, 1 refused, 0 uncertain; calls: none",
    ):
        assert text in shown
    assert "customer 78" not in shown
    assert "reported paid" not in shown


def test_one_flow_may_be_disabled_without_the_other(installation: Installation, sync: PreparedService) -> None:
    settings = yaml.safe_load(installation.settings_file.read_text(encoding="utf-8"))
    settings["offices"][0]["customers_and_projects"] = {"enabled": False}
    installation.settings_file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    installation.run("sync", "customers-and-projects")
    assert [office for office, _, _ in sync.asked] == [103]
    installation.run("sync", "invoices")
    assert [office for office, _, _ in sync.asked] == [103, 102, 103]


def test_a_broken_office_is_told_like_a_broken_run_of_the_daemon(
    installation: Installation, sync: PreparedService
) -> None:
    """A command may have been started by a clock; nobody reads what it prints then."""
    sync.results[102] = RuntimeError("Kari Nordmann")
    installation.run("sync", "invoices")
    with sync.store.read() as transaction:
        (alert,) = transaction.alerts.open()
    assert (alert.office_id, alert.flow, alert.cause) == (102, "invoices", CODE_ERROR)
    assert "(RuntimeError in the step invoices)" in alert.message
    assert "Kari" not in alert.message


def test_one_broken_office_stops_no_other(installation: Installation, sync: PreparedService) -> None:
    sync.results[102] = RuntimeError("Kari Nordmann")
    result = installation.run("sync", "invoices", "--json")
    first, second = lines_of(result.stdout)
    assert result.exit_code == 1
    assert "broke off with an unexpected error. See the run's log in Dagster" in str(first["problems"])
    assert "Nordmann" not in result.output
    assert second["office"] == 103
    assert "problems" not in second


def test_people_get_a_table_of_what_happened_and_what_to_do(installation: Installation, sync: PreparedService) -> None:
    settled = RecordOutcome(
        id="9004",
        number="2026-09004",
        state=RecordState.SETTLED,
        what="card payment",
        did="created order 50004, invoiced as 10003",
        order_id=50004,
        invoice_number=10003,
        total=Decimal("1862.50"),
        currency="NOK",
        finago_status="Invoiced",
    )
    sync.results[102] = replace(NOTHING, created=1, records=(settled, HELD), calls={"qondor": 3, "finago": 9})
    shown = installation.run("sync", "invoices", "--office", "102").stdout
    for text in (
        "9004 (2026-09004)",
        "card payment",
        "order 50004, invoice 10003, Invoiced",
        "1862.50 NOK",
        "Invoice 9102, line 1: 12 % VAT.",
        "Correct it.",
        "1 created, 0 updated, 0 unchanged, 0 reported paid, 1 refused, 0 uncertain; calls: 9 to finago, 3 to qondor",
    ):
        assert text in shown


def test_offices_that_are_closed_or_have_the_flow_disabled_are_left_alone(
    installation: Installation, sync: PreparedService
) -> None:
    text = installation.settings_file.read_text(encoding="utf-8")
    installation.settings_file.write_text(text.replace("closed: false", "closed: true"), encoding="utf-8")
    result = installation.run("sync", "invoices", "--json")
    assert [line["office"] for line in lines_of(result.stdout)] == [103]
    asked_for = installation.run("sync", "invoices", "--office", "102", "--json")
    assert (asked_for.exit_code, asked_for.stdout) == (0, "")
    assert "Office 102 is left alone" in asked_for.stderr
    assert {office for office, _, _ in sync.asked} == {103}


def test_the_offices_of_a_command_share_one_sync_service_and_one_delivery_of_alerts(
    installation: Installation, sync: PreparedService
) -> None:
    installation.run("sync", "invoices", "--office", "103", "--office", "102", "--office", "103")
    assert [office for office, _, _ in sync.asked] == [102, 103]
    assert sync.deliveries == 1


def test_a_past_day_is_a_partition_like_any_other(installation: Installation, sync: PreparedService) -> None:
    assert installation.run("sync", "invoices", "--office", "102", "--day", "2026-02-03").exit_code == 0
    assert sync.asked == [(102, date(2026, 2, 3), "cli")]


@pytest.mark.parametrize("day", ["2025-12-31", (TODAY + timedelta(days=1)).isoformat(), "soon"])
def test_a_day_that_cannot_be_synced_is_wrong_use(installation: Installation, sync: PreparedService, day: str) -> None:
    result = installation.run("sync", "invoices", "--day", day)
    assert result.exit_code == 2
    assert day in result.stderr
    assert sync.asked == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("sync",), "Missing argument"),
        (("sync", "everything"), "'everything' is not one of"),
        (("sync", "invoices", "--office", "999"), "there is no office 999. Use one of 102, 103"),
        (("sync", "invoices", "--office", "Oslo"), "'Oslo' is not a valid integer"),
        (("backfill", "customers-and-projects", "--from", "2026-02-03", "--to", "2026-02-04"), "have no past days"),
        (("backfill", "costs-and-sales", "--from", "2026-02-04", "--to", "2026-02-03"), "the range is empty"),
        (("backfill", "costs-and-sales", "--from", "2025-02-04", "--to", "2026-02-03"), "is not within the days"),
        (("sync", "customers-and-projects", "--day", "2026-02-03"), "2026-02-03 has passed"),
    ],
)
def test_wrong_use_leaves_with_2_and_says_what_is_wrong(
    installation: Installation, sync: PreparedService, arguments: tuple[str, ...], says: str
) -> None:
    result = installation.run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr
    assert sync.asked == []


def test_wrong_settings_leave_with_2_and_one_line(installation: Installation) -> None:
    installation.settings_file.write_text("offices: []", encoding="utf-8")
    result = installation.run("sync", "invoices")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "offices.yaml: offices is empty. Add at least one office.\n"


def test_over_real_http_stdout_holds_the_lines_and_nothing_else(installation: Installation) -> None:
    """A process of its own, so that whatever any library prints would show."""
    installation.settings_file.write_text(demo.office_settings_yaml(), encoding="utf-8")
    with Sandbox(world=demo.world()) as sandbox:
        environ = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            **sandbox.environment(),
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }

        def sync(**changes: str) -> tuple[int, list[dict[str, object]]]:
            done = subprocess.run(
                [sys.executable, "-m", "qondor_finago_pipelines", "sync", "invoices", "--json"],
                env={**environ, **changes},
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
            assert "sandbox-password" not in done.stderr
            return done.returncode, lines_of(done.stdout)

        code, (oslo, bergen) = sync()
        assert code == 1, "Oslo's queue has one of each mistake"
        assert (oslo["office"], bergen["office"]) == (102, 103)
        assert bergen["created"] == 4
        code, (oslo, bergen) = sync(FINAGO_PASSWORD_OSLO="")
        assert code == 1
        assert "FINAGO_PASSWORD_OSLO, which is not set" in str(oslo["problems"]), "one office fails"
        assert (bergen["created"], "problems" in bergen) == (0, False), "and the other goes on"
