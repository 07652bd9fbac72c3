"""`explain`: the story of one record, for people by the clocks of Oslo, and as lines of JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.results import RecordState
from qondor_finago_pipelines.records.refusals import Reason

from .conftest import Installation

AT = datetime(2026, 11, 20, 9, 0, 5, tzinfo=UTC)


@pytest.fixture
def held(installation: Installation) -> Installation:
    """Invoice 9102 was held, and people were told an hour later."""
    with installation.store(lambda: AT) as store, store.write() as transaction:
        transaction.runs.start(
            run_id="1f0c9a2b-77", office_id=OfficeId(102), flow="invoices", day=AT.date(), trigger="sensor"
        )
        transaction.outcomes.put(
            office_id=OfficeId(102),
            flow="invoices",
            key="9102",
            state=RecordState.HELD,
            reason=Reason.VAT_MISMATCH,
            message="Invoice 9102: 12 % VAT [bold]here[/bold] \x1b[31m.",
            remedy="Correct it.",
            run_id="1f0c9a2b-77",
            total=Decimal("1250.00"),
            currency="NOK",
        )
        transaction.alerts.report(
            office_id=OfficeId(102),
            flow="invoices",
            cause="VAT mismatch",
            record="9102",
            message="told",
            run_id="1f0c9a2b-77",
        )
    with installation.store(lambda: AT + timedelta(hours=1)) as store, store.write() as transaction:
        transaction.alerts.delivered(transaction.alerts.unsent(), to="Slack")
    return installation


def test_each_line_says_when_what_and_by_which_run_and_the_last_how_it_stands(held: Installation) -> None:
    result = held.run("explain", "invoice", "9102", "--json")
    assert result.exit_code == 0
    decided, told, now = (json.loads(line) for line in result.stdout.splitlines())
    assert decided == {
        "at": "2026-11-20T09:00:05Z",
        "run": "1f0c9a2b-77",
        "what": "held",
        "detail": {
            "reason": "VAT mismatch",
            "why": "Invoice 9102: 12 % VAT [bold]here[/bold] \x1b[31m.",
            "amount": "1250.00",
            "currency": "NOK",
        },
        "office": 102,
        "trigger": "sensor",
    }
    assert (told["at"], told["what"]) == ("2026-11-20T10:00:05Z", "people were told")
    assert told["detail"] == {"cause": "VAT mismatch", "to": "Slack"}
    assert now == {
        "now": "held",
        "reason": "Invoice 9102: 12 % VAT [bold]here[/bold] \x1b[31m.",
        "remedy": "Correct it.",
    }
    assert "\x1b" not in result.stdout


def test_people_read_a_time_line_by_the_clocks_of_oslo(held: Installation) -> None:
    shown = held.run("explain", "invoice", "009102").stdout
    assert "2026-11-20 10:00" in shown
    assert "sensor 1f0c9a2b" in shown
    assert "Now: held." in shown
    assert "What to do: Correct it." in shown
    assert "[bold]here" in shown, "no markup acts"
    assert "\x1b" not in shown


def test_what_no_run_has_met_is_said_to_be_unknown(installation: Installation) -> None:
    result = installation.run("explain", "invoice", "9999", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["now"] == "unknown"
    assert "No run has met it." in installation.run("explain", "customer", "9999").stdout


@pytest.mark.parametrize(
    ("kind", "record"),
    [("invoice", "INV-1"), ("customer", "0"), ("project", "-1"), ("voucher", "20418"), ("voucher", "a-b-c")],
)
def test_what_is_no_id_is_wrong_use(installation: Installation, kind: str, record: str) -> None:
    result = installation.run("explain", kind, "--", record)
    assert result.exit_code == 2
    assert record in result.stderr
