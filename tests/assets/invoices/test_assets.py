"""What a run of the invoice flow looks like in Dagster, outcome by outcome (the table of decisions 11)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import dagster as dg
import pytest

from qondor_finago_pipelines.assets.invoices.assets import FINAGO_ORDERS, INVOICE_PAYMENTS, QONDOR_INVOICES
from qondor_finago_pipelines.definitions import JOBS
from qondor_finago_pipelines.partitions import RANGE_END, RANGE_START, OfficeDay, offices_by_day
from qondor_finago_pipelines.records.errors import SettingsError
from qondor_finago_pipelines.records.identifiers import OfficeId, QondorInvoiceId, QondorProjectId
from qondor_finago_pipelines.records.invoices.invoices import InvoiceLine, InvoiceType, PaymentType, QondorInvoice
from qondor_finago_pipelines.records.operations.results import Flow, FlowResult, Problem, RecordOutcome, RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.settings import Settings
from tests.assets.conftest import DAY, OSLO, FakeSync
from tests.assets.runs import cell, checks_of, failure_of, metadata_of, rows, run_job

Run = Callable[..., dg.ExecuteInProcessResult]

BOOKER = "Kari Nordmann"

INVOICE = QondorInvoice(
    id=QondorInvoiceId(9001),
    office_id=OSLO,
    invoice_type=InvoiceType.BOOKING,
    payment_type=PaymentType.CREDIT_CARD,
    project_id=QondorProjectId(555),
    customer_name=BOOKER,
    email="kari@nordmann.example",
    invoice_date=DAY,
    currency="NOK",
    total_including_vat=Decimal("1862.50"),
    lines=(
        InvoiceLine(
            name=f"Dinner for {BOOKER}",
            quantity=Decimal(1),
            out_price=Decimal("1490.00"),
            vat_percentage=Decimal(25),
        ),
    ),
)

SETTLED = RecordOutcome(
    id="9001",
    state=RecordState.SETTLED,
    what="card payment",
    did="created order 50004, invoiced as 10003",
    order_id=50004,
    invoice_number=10003,
    total=Decimal("1862.50"),
    currency="NOK",
    finago_status="Invoiced",
)

HELD = RecordOutcome(
    id="9102",
    state=RecordState.HELD,
    what="customer offer invoice",
    reason=Reason.VAT_MISMATCH,
    message="Invoice 9102, line 1: article 3000 has 12 % VAT, but Finago's products have 25 %.",
    remedy="Correct the line's VAT in Qondor.",
    total=Decimal("80.00"),
    currency="EUR",
)

DONE = FlowResult(
    flow=Flow.INVOICES,
    office=OSLO,
    day=DAY,
    created=1,
    paid=1,
    records=(SETTLED,),
    invoices=(INVOICE,),
    calls={"qondor": 3, "finago": 9},
    calls_by_operation={"finago SaveInvoices": 2, "qondor GetInvoice": 1},
    seconds=1.25,
)


@pytest.fixture
def cell_of(instance: dg.DagsterInstance, example_settings: Settings) -> Callable[[dg.AssetKey], str]:
    return lambda key: cell(instance, example_settings, key, f"{DAY}|{OSLO}")


def test_settled_the_run_is_green_and_every_check_passes(
    run_invoices: Run, cell_of: Callable[[dg.AssetKey], str]
) -> None:
    sync = FakeSync(DONE)
    run = run_invoices(sync, trigger="schedule")
    assert run.success
    assert checks_of(run) == {
        "invoices_fit_their_schema": (True, "WARN"),
        "invoice_lines_fit_their_schema": (True, "WARN"),
        "every_invoice_is_settled_held_or_waiting": (True, "WARN"),
    }
    assert {cell_of(key) for key in (QONDOR_INVOICES, FINAGO_ORDERS, INVOICE_PAYMENTS)} == {"MATERIALIZED"}
    (asked,) = sync.asked
    assert asked == {
        "flow": "invoices",
        "office": 102,
        "day": date(2026, 11, 20),
        "first_day": None,
        "run_id": run.run_id,
        "trigger": "schedule",
    }


def test_nothing_to_do_is_green(run_invoices: Run) -> None:
    run = run_invoices(FakeSync())
    assert run.success
    assert {passed for passed, _ in checks_of(run).values()} == {True}
    assert metadata_of(run, QONDOR_INVOICES)["amounts"] == "none"


def test_a_run_that_a_person_launches_is_known_as_such(run_invoices: Run) -> None:
    sync = FakeSync(DONE)
    run_invoices(sync)
    assert sync.asked[0]["trigger"] == "ui"


def test_each_materialization_says_what_happened(run_invoices: Run) -> None:
    run = run_invoices(FakeSync(replace(DONE, records=(SETTLED, HELD), warnings=("Project 557 has no type.",))))
    queue, orders, payments = (metadata_of(run, key) for key in (QONDOR_INVOICES, FINAGO_ORDERS, INVOICE_PAYMENTS))
    assert queue["amounts"] == "80.00 EUR, 1862.50 NOK"
    assert (queue["settled"], queue["held"], queue["dagster/row_count"]) == (1, 1, 1)
    assert rows(queue["outcomes"])[0] == {
        "id": "9001",
        "number": "",
        "what": "card payment",
        "state": "settled",
        "did": "created order 50004, invoiced as 10003",
        "order": "50004",
        "invoice_number": "10003",
        "finago_status": "Invoiced",
        "total": "1862.50",
        "currency": "NOK",
    }
    assert orders["amounts"] == "1862.50 NOK"
    assert (orders["created"], orders["updated"], orders["unchanged"]) == (1, 0, 0)
    assert rows(orders["refusals"]) == [
        {
            "id": "9102",
            "what": "customer offer invoice",
            "state": "held",
            "reason": "VAT mismatch",
            "message": HELD.message,
            "remedy": HELD.remedy,
            "whole_story": "qondor-finago explain invoice 9102",
        }
    ]
    assert payments["paid"] == 1
    for about in (queue, orders, payments):
        assert rows(about["api_calls"]) == [
            {"operation": "finago SaveInvoices", "calls": "2"},
            {"operation": "qondor GetInvoice", "calls": "1"},
        ]
        assert rows(about["warnings"]) == [{"warning": "Project 557 has no type."}]


def test_a_long_table_is_cut_and_says_so(run_invoices: Run) -> None:
    many = tuple(replace(HELD, id=str(number)) for number in range(9000, 9300))
    shown = rows(metadata_of(run_invoices(FakeSync(replace(DONE, records=many))), FINAGO_ORDERS)["refusals"])
    assert len(shown) == 201
    assert shown[-1]["id"] == "… and 100 more"


@pytest.mark.parametrize("state", [RecordState.HELD, RecordState.FAILED, RecordState.UNCERTAIN])
def test_what_waits_is_green_with_a_warning(
    run_invoices: Run, cell_of: Callable[[dg.AssetKey], str], state: RecordState
) -> None:
    run = run_invoices(FakeSync(replace(DONE, records=(SETTLED, replace(HELD, state=state)))))
    assert run.success
    assert checks_of(run)["every_invoice_is_settled_held_or_waiting"] == (False, "WARN")
    assert cell_of(FINAGO_ORDERS) == "MATERIALIZED"


@pytest.mark.parametrize("cause", ["quarantine order 9001", "uncertain order 9001"])
def test_a_record_that_only_a_person_can_settle_is_red_with_an_error(
    run_invoices: Run, cell_of: Callable[[dg.AssetKey], str], cause: str
) -> None:
    stuck = replace(DONE, problems=(Problem(cause=cause, message="Two orders fit 9001.", remedy="Run retry."),))
    run = run_invoices(FakeSync(stuck))
    assert not run.success
    assert checks_of(run)["every_invoice_is_settled_held_or_waiting"] == (False, "ERROR")
    assert cell_of(FINAGO_ORDERS) == "FAILED"


@pytest.mark.parametrize("cause", ["unreachable", "login", "contract", "settings"])
def test_what_stops_the_office_turns_the_run_red_in_plain_words(
    run_invoices: Run, cell_of: Callable[[dg.AssetKey], str], cause: str
) -> None:
    stopped = replace(
        DONE,
        records=(),
        invoices=(),
        problems=(
            Problem(cause=cause, message="Finago does not answer.", remedy="Nothing to do."),
            Problem(cause=cause, message="Nor does Qondor."),
        ),
    )
    sync = FakeSync(stopped)
    run = run_invoices(sync)
    assert not run.success
    text, about = failure_of(run)
    assert text == "Office 102, invoices, 2026-11-20: Finago does not answer. Nothing to do. And 1 more, listed below."
    assert [row["message"] for row in rows(about["problems"])] == [
        "Finago does not answer.",
        "Nor does Qondor.",
    ]
    assert checks_of(run) == {}, "nothing was read, so there is nothing to judge"
    assert {cell_of(key) for key in (QONDOR_INVOICES, FINAGO_ORDERS, INVOICE_PAYMENTS)} == {"FAILED"}


def test_what_was_done_before_the_trouble_is_shown_all_the_same(run_invoices: Run) -> None:
    run = run_invoices(FakeSync(replace(DONE, problems=(Problem(cause="unreachable", message="Cut off."),))))
    observed = {event.asset_key: event for event in run.get_asset_observation_events()}
    orders = observed[FINAGO_ORDERS].asset_observation_data.asset_observation
    assert orders.metadata["created"].value == 1
    assert orders.partition == f"{DAY}|{OSLO}"
    assert checks_of(run)["invoices_fit_their_schema"] == (True, "WARN")


def test_a_run_that_leaves_the_office_to_another_one_is_green_but_its_cell_is_not(
    run_invoices: Run, cell_of: Callable[[dg.AssetKey], str]
) -> None:
    run_invoices(FakeSync(replace(DONE, problems=(Problem(cause="unreachable", message="Cut off."),))))
    skipped = replace(DONE, records=(), invoices=(), skipped="Skipped: 5:finago is held by run 7.")
    run = run_invoices(FakeSync(skipped))
    assert run.success
    assert cell_of(FINAGO_ORDERS) != "MATERIALIZED", "the work is still not done"
    assert checks_of(run) == {}, "the last verdict stays"
    observed = [event.asset_observation_data.asset_observation for event in run.get_asset_observation_events()]
    assert {each.metadata["outcome"].value for each in observed} == {"Skipped: 5:finago is held by run 7."}


def test_settings_that_allow_no_sync_service_turn_the_run_red(run_invoices: Run) -> None:
    sync = FakeSync(refuses_to_open=SettingsError("DAGSTER_HOME is full.", remedy="Empty it."))
    run = run_invoices(sync)
    assert not run.success
    assert failure_of(run)[0] == "Office 102, invoices, 2026-11-20: DAGSTER_HOME is full. Empty it."


def test_an_odd_invoice_fails_its_schema_by_name_and_blocks_nothing(run_invoices: Run) -> None:
    odd = replace(INVOICE, id=QondorInvoiceId(9002), currency=None)
    run = run_invoices(FakeSync(replace(DONE, invoices=(INVOICE, odd))))
    assert run.success
    (found,) = [each for each in run.get_asset_check_evaluations() if not each.passed]
    assert found.check_name == "invoices_fit_their_schema"
    assert rows(found.metadata["misfits"].value) == [  # type: ignore[union-attr]
        {"record": "9002", "column": "currency", "problem": "is missing"}
    ]


@pytest.mark.parametrize("problem", [(), (Problem(cause="unreachable", message="Cut off."),)])
def test_no_personal_data_reaches_the_event_log(
    run_invoices: Run, instance: dg.DagsterInstance, problem: tuple[Problem, ...]
) -> None:
    odd = replace(INVOICE, id=QondorInvoiceId(9002), currency=BOOKER, invoice_type=BOOKER)
    run = run_invoices(FakeSync(replace(DONE, invoices=(INVOICE, odd), problems=problem)))
    everything = " ".join(str(entry) for entry in instance.all_logs(run.run_id))
    assert "9002" in everything
    assert "Nordmann" not in everything
    assert "kari@" not in everything


def test_one_run_is_one_office_and_one_day(instance: dg.DagsterInstance, example_settings: Settings) -> None:
    sync = FakeSync(DONE)
    run = run_job(
        example_settings,
        sync,
        JOBS[Flow.INVOICES],
        instance,
        tags={RANGE_START: "2026-11-19|102", RANGE_END: "2026-11-20|102"},
    )
    assert not run.success
    assert "Choose one partition" in failure_of(run)[0]
    assert sync.asked == []


def test_an_office_that_is_not_in_the_settings_has_no_partition(example_settings: Settings) -> None:
    partitions = offices_by_day(example_settings)
    assert partitions.has_partition_key(OfficeDay(DAY, OSLO).key)
    assert not partitions.has_partition_key(OfficeDay(DAY, OfficeId(999)).key)
    assert OfficeDay.of("2026-11-20|102") == OfficeDay(DAY, OSLO)
    assert OfficeDay(DAY, OSLO).key == "2026-11-20|102"
