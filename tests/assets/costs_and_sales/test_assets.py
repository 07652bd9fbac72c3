"""What a run of the cost and sale flow looks like in Dagster: a range of days of one office, and its audit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qondor_finago_pipelines.assets.costs_and_sales.assets import (
    FINAGO_TRANSACTIONS,
    FINAGO_VOUCHERS,
    QONDOR_COSTS,
    QONDOR_SALES,
)
from qondor_finago_pipelines.definitions import JOBS, build_defs
from qondor_finago_pipelines.flows.costs_and_sales.line_files import LineFiles
from qondor_finago_pipelines.partitions import RANGE_END, RANGE_START, OfficeDays
from qondor_finago_pipelines.records.costs_and_sales.posting_table import POSTINGS
from qondor_finago_pipelines.records.costs_and_sales.vouchers import ChangedSearch
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.results import (
    DayFigures,
    Flow,
    FlowResult,
    ListedAmount,
    Problem,
    RecordOutcome,
    RecordState,
    TotalsByDay,
    VoucherRow,
)
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.records.unloaded import WhyUnloaded
from qondor_finago_pipelines.settings import Settings
from tests.assets.conftest import DAY, OSLO, FakeSync
from tests.assets.runs import checks_of, failure_of, metadata_of, rows, run_job

EVERY_ASSET = {FINAGO_TRANSACTIONS, FINAGO_VOUCHERS, QONDOR_COSTS, QONDOR_SALES}
BEFORE = DAY - timedelta(days=1)
RANGE = OfficeDays(BEFORE, DAY, OSLO)

REFUSED = RecordOutcome(
    id="voucher 2026-3-20418",
    state=RecordState.HELD,
    what="voucher",
    reason=Reason.UNBALANCED,
    message="Voucher 20418 does not balance: line 1 account 6300 100.00; line 2 account 2400 -99.99.",
    remedy="Correct it.",
)

Run = Callable[..., dg.ExecuteInProcessResult]


def line(number: int, changed: datetime, **members: Any) -> dict[str, Any]:
    return {
        **dict.fromkeys(POSTINGS.names),
        "id": f"00000000-0000-0000-0000-{number:012d}",
        "type_id": 3,
        "number": 20418,
        "day": DAY,
        "account": 6300,
        "amount": Decimal("100.00"),
        "comment": "Guide Kari Nordmann",
        "projects": ["12345"],
        "percents": [None],
        "changed": changed,
        **members,
    }


@pytest.fixture
def postings() -> Iterator[LineFiles]:
    """Two lines that changed on the day before, one on the day."""
    with LineFiles() as files:
        day, before = datetime(2026, 11, 20, 9, tzinfo=UTC), datetime(2026, 11, 19, 9, tzinfo=UTC)
        table = pa.Table.from_pylist([line(1, before), line(2, before), line(3, day)], POSTINGS)
        file = files.new_file()
        with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, POSTINGS) as writer:
            writer.write_table(table)
        files.keep_changed(file, 3, ChangedSearch(start=before - timedelta(days=1), end=day))
        yield files


@pytest.fixture
def done(postings: LineFiles) -> FlowResult:
    """A range of two days of which everything is loaded."""
    return FlowResult(
        flow=Flow.COSTS_AND_SALES,
        office=OSLO,
        day=DAY,
        first_day=BEFORE,
        created=2,
        calls_by_operation={"finago GetTransactions": 2},
        totals_by_day=TotalsByDay(
            currency="NOK",
            figures={
                BEFORE: DayFigures(lines=2, vouchers=1, costs=Decimal("100.10")),
                DAY: DayFigures(lines=1, vouchers=2, refused=1, unmatched=1, costs=Decimal("0.02"), sales=Decimal("7")),
            },
            listed=(
                ListedAmount(
                    voucher="2026-5-1",
                    day=DAY,
                    account=5000,
                    project="12345",
                    amount=Decimal("1000.00"),
                    why=WhyUnloaded.NOT_A_SUPPLIER_COST,
                ),
            ),
            totals=pa.table({"voucher": ["2026-3-20417"], "total": pa.array([Decimal("0.00")], pa.decimal128(38, 4))}),
            lines_read=12,
            skipped_as_ours=3,
            postings=postings,
        ),
    )


@pytest.fixture
def run_range(instance: dg.DagsterInstance, example_settings: Settings) -> Run:
    """Runs the flow's job over a range of partitions, as a lookback window or a backfill does."""

    def run(sync: FakeSync, tags: dict[str, str] | None = None) -> dg.ExecuteInProcessResult:
        tags = RANGE.range_tags if tags is None else tags
        return run_job(example_settings, sync, JOBS[Flow.COSTS_AND_SALES], instance, tags=tags)

    return run


def about(run: dg.ExecuteInProcessResult, key: dg.AssetKey, day: date = DAY) -> dict[str, Any]:
    return metadata_of(run, key, f"{day}|{OSLO}")


def audit(instance: dg.DagsterInstance, office: OfficeId = OSLO) -> Path:
    return Path(instance.root_directory) / "tables" / "finago_transactions" / f"office={office}"


def test_a_range_is_one_run_of_the_office_and_makes_every_partition_of_the_four_assets(
    run_range: Run, done: FlowResult
) -> None:
    sync = FakeSync(done)
    run = run_range(sync)
    assert run.success
    made = {(event.asset_key, event.partition) for event in run.get_asset_materialization_events()}
    assert made == {(key, f"{day}|{OSLO}") for key in EVERY_ASSET for day in (BEFORE, DAY)}
    (asked,) = sync.asked
    assert (asked["office"], asked["first_day"], asked["day"]) == (102, BEFORE, DAY)


def test_every_day_has_its_own_figures_also_in_a_range(run_range: Run, done: FlowResult) -> None:
    run = run_range(FakeSync(done))
    assert [about(run, FINAGO_TRANSACTIONS, day)["lines_of_day"] for day in (BEFORE, DAY)] == [2, 1]
    vouchers = about(run, FINAGO_VOUCHERS)
    assert {name: vouchers[f"{name}_of_day"] for name in ("vouchers", "refused", "unmatched")} == {
        "vouchers": 2,
        "refused": 1,
        "unmatched": 1,
    }
    assert [about(run, QONDOR_COSTS, day)["costs_of_day"] for day in (BEFORE, DAY)] == ["100.10 NOK", "0.02 NOK"]
    assert [about(run, QONDOR_SALES, day)["sales_of_day"] for day in (BEFORE, DAY)] == ["0.00 NOK", "7.00 NOK"]
    assert about(run, QONDOR_COSTS)["costs"] == "100.12 NOK", "the whole range"
    assert about(run, QONDOR_SALES)["skipped_as_qondors_own"] == 3
    assert about(run, FINAGO_TRANSACTIONS)["lines_read"] == 12
    assert rows(about(run, QONDOR_COSTS)["not_loaded"]) == [
        {
            "voucher": "2026-5-1",
            "day": "2026-11-20",
            "account": "5000",
            "project": "12345",
            "amount": "1000.00",
            "why": "not a supplier cost",
        }
    ]


def test_settled_only_payroll_is_warned_of_and_each_check_says_of_which_days(run_range: Run, done: FlowResult) -> None:
    run = run_range(FakeSync(done))
    assert checks_of(run) == {
        "lines_fit_their_schema": (True, "WARN"),
        "every_voucher_balances": (True, "WARN"),
        "every_voucher_is_settled_held_or_waiting": (True, "WARN"),
        "what_is_left_out_is_loaded_elsewhere": (False, "WARN"),
    }
    (left_out,) = [
        each for each in run.get_asset_check_evaluations() if each.check_name == "what_is_left_out_is_loaded_elsewhere"
    ]
    assert rows(left_out.metadata["sums"].value) == [{"why": "not a supplier cost", "sum": "1000.00 NOK"}]
    balanced = next(each for each in run.get_asset_check_evaluations() if each.check_name == "every_voucher_balances")
    assert (balanced.metadata["first_day"].value, balanced.metadata["day"].value) == ("2026-11-19", "2026-11-20")


def test_what_qondor_invoiced_itself_is_left_out_without_a_warning(run_range: Run, done: FlowResult) -> None:
    assert done.totals_by_day is not None
    ours = replace(done.totals_by_day.listed[0], why=WhyUnloaded.INVOICED_BY_QONDOR)
    run = run_range(FakeSync(replace(done, totals_by_day=replace(done.totals_by_day, listed=(ours,)))))
    assert checks_of(run)["what_is_left_out_is_loaded_elsewhere"] == (True, "WARN")


def test_an_unbalanced_voucher_is_listed_in_the_checks_metadata_and_the_run_is_green(
    run_range: Run, done: FlowResult
) -> None:
    assert done.totals_by_day is not None
    row = VoucherRow(voucher="2026-3-20418", day=DAY, lines=2, total=Decimal("0.01"), refused=Reason.UNBALANCED)
    totals = pa.table({"voucher": ["2026-3-20418"], "total": pa.array([Decimal("0.01")], pa.decimal128(38, 4))})
    days = replace(done.totals_by_day, vouchers=(row,), totals=totals)
    run = run_range(FakeSync(replace(done, totals_by_day=days, records=(REFUSED,))))
    assert run.success
    verdicts = checks_of(run)
    assert verdicts["every_voucher_balances"] == (False, "WARN")
    assert verdicts["every_voucher_is_settled_held_or_waiting"] == (False, "WARN")
    (check,) = [each for each in run.get_asset_check_evaluations() if each.check_name == "every_voucher_balances"]
    assert rows(check.metadata["refused"].value) == [
        {"voucher": "2026-3-20418", "day": "2026-11-20", "lines": "2", "difference": "0.01", "reason": "unbalanced"}
    ]
    (told,) = rows(check.metadata["refusals"].value)
    assert "line 2 account 2400 -99.99" in str(told)


def test_a_line_that_cannot_be_is_told_by_its_guid_and_column(
    run_range: Run, done: FlowResult, postings: LineFiles
) -> None:
    file = postings.new_file()
    changed = datetime(2026, 11, 20, 10, tzinfo=UTC)
    odd = pa.Table.from_pylist([line(4, changed, account=None), line(5, changed, amount=Decimal("0.005"))], POSTINGS)
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, POSTINGS) as writer:
        writer.write_table(odd)
    postings.keep_changed(file, 2, ChangedSearch(start=changed - timedelta(hours=1), end=changed))
    run = run_range(FakeSync(done))
    assert run.success
    (check,) = [each for each in run.get_asset_check_evaluations() if each.check_name == "lines_fit_their_schema"]
    assert not check.passed
    misfits = {(row["record"][-1], row["column"]) for row in rows(check.metadata["misfits"].value)}
    assert misfits == {("4", "account"), ("5", "amount")}


def test_what_was_read_is_kept_a_file_a_day_without_comments(
    run_range: Run, done: FlowResult, instance: dg.DagsterInstance, postings: LineFiles
) -> None:
    run = run_range(FakeSync(done))
    files = sorted(path.name for path in audit(instance).iterdir())
    assert files == ["2026-11-19.parquet", "2026-11-20.parquet"], "none under its temporary name"
    kept = pq.read_table(audit(instance) / "2026-11-19.parquet", partitioning=None)
    assert kept["amount"].to_pylist() == [Decimal("100.0000")] * 2
    assert "comment" not in kept.column_names
    about = {key.decode(): value.decode() for key, value in (kept.schema.metadata or {}).items()}
    assert (about["run_id"], about["window"]) == (run.run_id, "2026-11-19 to 2026-11-20")
    assert not postings.new_file().parent.exists(), "the lines on disk are gone with the run"


def test_an_audit_older_than_keep_tables_days_is_pruned_and_that_of_others_is_not(
    run_range: Run, done: FlowResult, instance: dg.DagsterInstance, example_settings: Settings
) -> None:
    oldest = DAY - timedelta(days=example_settings.sync.keep_tables_days)
    for office in (OSLO, OfficeId(103)):
        audit(instance, office).mkdir(parents=True)
        for day in (oldest, oldest - timedelta(days=1)):
            (audit(instance, office) / f"{day}.parquet").write_bytes(b"")
    run_range(FakeSync(done))
    assert (audit(instance) / f"{oldest}.parquet").exists()
    assert not (audit(instance) / f"{oldest - timedelta(days=1)}.parquet").exists()
    assert len(list(audit(instance, OfficeId(103)).iterdir())) == 2


@pytest.mark.parametrize(
    ("start", "end"),
    [(f"{DAY}|102", f"{BEFORE}|102"), (f"{BEFORE}|103", f"{DAY}|102")],
    ids=["days backwards", "offices backwards"],
)
def test_an_empty_range_fails_instead_of_succeeding_silently(
    run_range: Run, done: FlowResult, start: str, end: str
) -> None:
    sync = FakeSync(done)
    run = run_range(sync, {RANGE_START: start, RANGE_END: end})
    assert not run.success
    assert "The range of days is empty" in failure_of(run)[0]
    assert sync.asked == []


def test_a_range_over_several_offices_is_no_single_run(run_range: Run, done: FlowResult) -> None:
    sync = FakeSync(done)
    run = run_range(sync, {RANGE_START: f"{BEFORE}|102", RANGE_END: f"{DAY}|103"})
    assert not run.success
    assert "Launch a backfill, which makes a run for each office." in failure_of(run)[0]
    assert sync.asked == []


def test_without_a_partition_nothing_runs(run_range: Run, done: FlowResult) -> None:
    sync = FakeSync(done)
    assert not run_range(sync, {}).success
    assert sync.asked == []


def test_what_stops_the_office_leaves_its_cells_as_they_were(run_range: Run, done: FlowResult) -> None:
    down = Problem(cause="unreachable", message="Finago does not answer.", remedy="Nothing to do.")
    run = run_range(FakeSync(replace(done, problems=(down,), totals_by_day=None)))
    assert not run.success
    assert run.get_asset_materialization_events() == []
    assert failure_of(run)[0] == (
        "Office 102, costs and sales, 2026-11-19 to 2026-11-20: Finago does not answer. Nothing to do."
    )


def test_a_run_that_leaves_the_office_to_another_one_is_green_and_makes_nothing(run_range: Run) -> None:
    skipped = FlowResult(
        flow=Flow.COSTS_AND_SALES, office=OSLO, day=DAY, first_day=BEFORE, skipped="Skipped: held by run 7."
    )
    run = run_range(FakeSync(skipped))
    assert run.success
    assert run.get_asset_materialization_events() == []
    assert checks_of(run) == {}


def test_an_audit_that_cannot_be_written_fails_and_says_that_all_is_loaded(
    run_range: Run, done: FlowResult, instance: dg.DagsterInstance, postings: LineFiles
) -> None:
    (Path(instance.root_directory) / "tables").write_text("in the way")
    run = run_range(FakeSync(done))
    assert not run.success
    assert "What was to be loaded is loaded." in failure_of(run)[0]
    assert not postings.new_file().parent.exists()


def test_no_comment_of_a_line_reaches_the_event_log(
    run_range: Run, done: FlowResult, instance: dg.DagsterInstance
) -> None:
    run = run_range(FakeSync(done))
    everything = " ".join(str(entry) for entry in instance.all_logs(run.run_id))
    assert "lines_of_day" in everything
    assert "Nordmann" not in everything


def test_a_backfill_is_one_range_run_for_each_office(example_settings: Settings) -> None:
    definitions = build_defs(example_settings, FakeSync())
    for key in EVERY_ASSET:
        policy = definitions.resolve_assets_def(key).backfill_policy
        assert policy is not None
        assert policy.max_partitions_per_run is None
