"""`rejected`: the inbox of what no run could settle, as a table, as JSON, as a spreadsheet, by record and by cause."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from qondor_finago_pipelines.records.costs_and_sales.vouchers import VoucherKey
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.results import Flow, RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.records.unloaded import UnloadedAmount, WhyUnloaded
from qondor_finago_pipelines.store import utc_now

from .conftest import Installation

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

FORMULA = "=HYPERLINK(0)"
ACTING = "[red]no[/red] \x1b[31m\x9b31m line\nbreak"


def put(
    installation: Installation,
    office: int,
    key: str,
    state: RecordState,
    flow: Flow = Flow.INVOICES,
    *,
    message: str = "",
    total: str = "1250.00",
    at: datetime = AT,
) -> None:
    with installation.store(lambda: at) as store, store.write() as transaction:
        transaction.outcomes.put(
            office_id=OfficeId(office),
            flow=flow.value,
            key=key,
            state=state,
            reason=Reason.VAT_MISMATCH if state is RecordState.HELD else None,
            message=message or f"Invoice {key}: 12 % VAT.",
            remedy="Correct it.",
            run_id="run",
            total=Decimal(total),
            currency="NOK",
        )


def test_nothing_is_rejected(installation: Installation) -> None:
    put(installation, 102, "9001", RecordState.SETTLED)
    result = installation.run("rejected")
    assert (result.exit_code, result.stdout) == (0, "Nothing is refused or uncertain.\n")


def test_what_is_rejected_is_listed_with_reason_remedy_and_since_when(installation: Installation) -> None:
    put(installation, 102, "9102", RecordState.HELD)
    put(installation, 103, "9201", RecordState.UNCERTAIN)
    result = installation.run("rejected", "--json")
    assert result.exit_code == 1
    held, uncertain = (json.loads(line) for line in result.stdout.splitlines())
    assert held == {
        "office": 102,
        "flow": "invoices",
        "id": 9102,
        "state": "held",
        "reason": "VAT mismatch",
        "message": "Invoice 9102: 12 % VAT.",
        "remedy": "Correct it.",
        "amount": "1250.00",
        "currency": "NOK",
        "first_seen": "2026-11-20T09:00:00+00:00",
        "since": "2026-11-20T09:00:00+00:00",
        "last_tried": "2026-11-20T09:00:00+00:00",
        "next_try": held["next_try"],
        "age_days": (utc_now() - AT).days,
    }
    assert datetime.fromisoformat(held["next_try"]) >= utc_now() - timedelta(minutes=1)
    assert (uncertain["office"], uncertain["state"], uncertain["reason"]) == (103, "uncertain", None)
    shown = installation.run("rejected", "--office", "102").stdout
    assert "Invoice 9102: 12 % VAT." in shown
    assert "Correct it." in shown
    assert "9201" not in shown


def test_what_is_rejected_of_customers_and_projects_is_listed_too(installation: Installation) -> None:
    put(installation, 102, "9102", RecordState.HELD)
    put(installation, 102, "customer 81", RecordState.HELD, Flow.CUSTOMERS_AND_PROJECTS)
    lines = [json.loads(line) for line in installation.run("rejected", "--json").stdout.splitlines()]
    assert [(line["flow"], line["id"]) for line in lines] == [
        ("invoices", 9102),
        ("customers-and-projects", "customer 81"),
    ]
    shown = installation.run("rejected").stdout
    assert "invoice 9102" in shown
    assert " customer 81 " in shown


def test_what_is_not_loaded_is_listed_with_its_reason(installation: Installation) -> None:
    payroll = UnloadedAmount(
        account=5000, project="12345", amount=Decimal("1000.00"), why=WhyUnloaded.NOT_A_SUPPLIER_COST
    )
    with installation.store(lambda: AT) as store, store.write() as transaction:
        transaction.unloaded.put(
            OfficeId(102), VoucherKey(2026, 5, 7), unloaded=(payroll,), costs=(), changed_on=AT.date()
        )
    result = installation.run("rejected", "--unloaded", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (
        0,
        {
            "office": 102,
            "voucher": "2026-5-7",
            "account": 5000,
            "project": "12345",
            "amount": "1000.00",
            "why": "not a supplier cost",
        },
    )
    shown = installation.run("rejected", "--unloaded", "--office", "102").stdout
    assert shown.count("1,000.00") == 2, "the amount, and the sum of its reason"
    assert installation.run("rejected", "--unloaded", "--csv").stdout.splitlines() == [
        "office,voucher,account,project,amount,why",
        "102,2026-5-7,5000,12345,1000.00,not a supplier cost",
    ]
    assert "is loaded" in installation.run("rejected", "--unloaded", "--office", "103").stdout


def test_the_oldest_comes_first_and_each_says_how_old_it_is(installation: Installation) -> None:
    put(installation, 102, "9102", RecordState.HELD)
    put(installation, 102, "9101", RecordState.HELD, at=AT - timedelta(days=3))
    put(installation, 103, "9201", RecordState.HELD, at=AT - timedelta(days=1))
    lines = [json.loads(line) for line in installation.run("rejected", "--json").stdout.splitlines()]
    assert [line["id"] for line in lines] == [9101, 9201, 9102]
    shown = installation.run("rejected").stdout
    assert "2026-11-17 10:00" in shown, "by the clocks of Oslo"
    assert f"{(utc_now() - AT).days + 3} days" in shown


def test_first_seen_stays_while_the_reason_changes(installation: Installation) -> None:
    put(installation, 102, "9102", RecordState.UNCERTAIN, at=AT - timedelta(days=2))
    put(installation, 102, "9102", RecordState.HELD)
    (line,) = (json.loads(line) for line in installation.run("rejected", "--json").stdout.splitlines())
    assert (line["first_seen"], line["since"]) == ("2026-11-18T09:00:00+00:00", "2026-11-20T09:00:00+00:00")


def test_what_nothing_but_a_person_settles_has_no_next_try(installation: Installation) -> None:
    put(installation, 102, "9102", RecordState.FAILED)
    (line,) = (json.loads(line) for line in installation.run("rejected", "--json", "--failed").stdout.splitlines())
    assert line["next_try"] is None
    assert "not by itself" in installation.run("rejected", "--failed").stdout
    assert installation.run("rejected", "--json").stdout == ""


def test_what_has_one_cause_is_one_line_with_its_sum_and_how_to_mend_it(installation: Installation) -> None:
    for key in range(9101, 9108):
        put(installation, 102, str(key), RecordState.HELD, total="12071.42")
    put(installation, 103, "9201", RecordState.HELD, total="0.06")
    put(installation, 103, "customer 81", RecordState.HELD, Flow.CUSTOMERS_AND_PROJECTS)
    result = installation.run("rejected", "--by-cause", "--json")
    invoices, customers = (json.loads(line) for line in result.stdout.splitlines())
    assert invoices == {
        "flow": "invoices",
        "cause": "VAT mismatch",
        "why": "12 % VAT.",
        "number": 8,
        "sums": {"NOK": "84500.00"},
        "offices": [102, 103],
        "ids": [*range(9101, 9108), 9201],
        "mend": invoices["mend"],
        "retry": True,
    }
    assert "Finago" in invoices["mend"]
    assert customers["flow"] == "customers-and-projects"
    shown = " ".join(installation.run("rejected", "--by-cause").stdout.split())
    assert "8 invoices, 84,500.00 NOK: 12 % VAT." in shown
    assert "qondor-finago retry --all-of 'VAT mismatch'" in shown
    assert "9101" not in shown


def test_a_spreadsheet_gets_every_column_and_no_formula(installation: Installation) -> None:
    put(installation, 102, "9102", RecordState.HELD, total="-5500.00", message=f'{FORMULA}, øre; "quoted"\nnext')
    table = list(csv.DictReader(io.StringIO(installation.run("rejected", "--csv").stdout)))
    assert [(row["record"], row["amount"], row["currency"]) for row in table] == [("invoice 9102", "-5500.00", "NOK")]
    assert table[0]["message"] == f'\'{FORMULA}, øre; "quoted" next'
    assert table[0]["first_seen"] == "2026-11-20T09:00:00+00:00"


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t=", " ="])
def test_nothing_that_a_spreadsheet_reckons_begins_a_cell(installation: Installation, begins: str) -> None:
    put(installation, 102, "9102", RecordState.HELD, message=f"{begins}1+1")
    for arguments in (("--csv",), ("--csv", "--by-cause")):
        rows = list(csv.reader(io.StringIO(installation.run("rejected", *arguments).stdout)))[1:]
        texts = [cell for row in rows for cell in row if not cell.lstrip("-").replace(".", "").isdigit()]
        assert texts
        assert not [cell for cell in texts if cell.startswith(("=", "+", "-", "@", "\t", " ", "\r"))]


def test_nothing_in_a_text_acts_on_a_terminal(installation: Installation) -> None:
    put(installation, 102, "9102", RecordState.HELD, message=ACTING)
    for arguments in ((), ("--by-cause",), ("--json",), ("--csv",)):
        shown = installation.run("rejected", *arguments).stdout
        assert "[red]" in shown, "shown as it stands"
        assert "\x1b" not in shown
        assert "\x9b" not in shown
    (line,) = installation.run("rejected", "--json").stdout.splitlines()
    assert json.loads(line)["message"] == ACTING


def test_one_form_is_enough(installation: Installation) -> None:
    assert installation.run("rejected", "--json", "--csv").exit_code == 2
