"""`rejected` and `confirm`: what a person sees of the store, and the one thing they change in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from qondor_finago_pipelines.records.costs_and_sales.vouchers import VoucherKey
from qondor_finago_pipelines.records.identifiers import ClientId, OfficeId
from qondor_finago_pipelines.records.operations.results import Flow, RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.records.unloaded import UnloadedAmount, WhyUnloaded

from .conftest import Installation

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def put(installation: Installation, office: int, key: str, state: RecordState, flow: Flow = Flow.INVOICES) -> None:
    with installation.store(lambda: AT) as store, store.write() as transaction:
        transaction.outcomes.put(
            office_id=OfficeId(office),
            flow=flow.value,
            key=key,
            state=state,
            reason=Reason.VAT_MISMATCH if state is RecordState.HELD else None,
            message=f"Invoice {key}: 12 % VAT.",
            remedy="Correct it.",
            run_id="run",
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
        "since": "2026-11-20T09:00:00+00:00",
    }
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
    assert "1000.00" in installation.run("rejected", "--unloaded", "--office", "102").stdout
    assert "is loaded" in installation.run("rejected", "--unloaded", "--office", "103").stdout


def test_confirm_lifts_the_guard_of_the_finago_client_and_names_who_is_served(installation: Installation) -> None:
    with installation.store() as store, store.write() as transaction:
        transaction.clients.remember_office(OfficeId(102), ClientId(5))
        transaction.clients.remember_office(OfficeId(103), ClientId(5))
    assert installation.run("confirm", "--office", "102").stdout == (
        "Finago client 5 (offices 102, 103) was confirmed now.\n"
    )
    with installation.store() as store, store.read() as transaction:
        assert transaction.confirmations.confirmed(ClientId(5))
    assert "was confirmed before" in installation.run("confirm", "--office", "103").stdout


def test_an_office_that_never_reached_finago_cannot_be_confirmed(installation: Installation) -> None:
    result = installation.run("confirm", "--office", "102")
    assert result.exit_code == 1
    assert "has not reached Finago yet" in result.stderr
    assert "qondor-finago sync invoices --office 102" in result.stderr


@pytest.mark.parametrize("command", ["rejected", "confirm"])
def test_an_unknown_office_is_wrong_use(installation: Installation, command: str) -> None:
    result = installation.run(command, "--office", "999")
    assert result.exit_code == 2
    assert "there is no office 999" in result.stderr
