"""`qondor-finago backfill`: a window of past days, priced before it starts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from qondor_finago_pipelines.cli import main
from qondor_finago_pipelines.cli.instance import open_instance
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.results import Flow, FlowResult, Problem

from .conftest import Installation, PreparedService

TODAY = datetime.now(ZoneInfo("Europe/Oslo")).date()
FIRST, LAST = date(2026, 2, 27), date(2026, 3, 1)
WINDOW = ("--from", str(FIRST), "--to", str(LAST))
"""Short: Dagster keeps two events for each day and asset."""
NOTHING = FlowResult(flow=Flow.COSTS_AND_SALES, office=OfficeId(102), day=LAST, first_day=FIRST)


def test_a_window_is_one_range_run_an_office_recorded_in_dagster(
    installation: Installation, sync: PreparedService
) -> None:
    result = installation.run("backfill", "costs-and-sales", *WINDOW)
    assert result.exit_code == 0, result.output
    assert sync.windows == [(102, FIRST, LAST), (103, FIRST, LAST)]
    with open_instance() as instance:
        runs = {run.tags["office"]: run for run in instance.get_runs()}
    assert sorted(runs) == ["102", "103"]
    assert runs["102"].job_name == "sync_costs_and_sales"
    assert runs["102"].tags["dagster/asset_partition_range_start"] == "2026-02-27|102"
    assert runs["102"].tags["dagster/asset_partition_range_end"] == "2026-03-01|102"


@pytest.fixture
def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True, raising=False)


@pytest.mark.usefixtures("at_a_terminal")
def test_the_price_in_calls_is_shown_before_anything_is_asked(
    installation: Installation, sync: PreparedService
) -> None:
    """Two calls of at most 31 days for the changes, five for whole vouchers, five lists."""
    two_months = ("--from", "2026-02-01", "--to", "2026-03-31", "--office", "102")
    result = CliRunner().invoke(main, ["backfill", "costs-and-sales", *two_months], input="n\n")
    assert sync.windows == []
    assert "59 days for 1 office: at least 10 Finago calls and 1 Qondor call" in " ".join(result.stderr.split())


@pytest.mark.usefixtures("at_a_terminal")
def test_who_declines_the_price_starts_nothing(installation: Installation, sync: PreparedService) -> None:
    command = ["backfill", "costs-and-sales", *WINDOW]
    result = CliRunner().invoke(main, command, input="n\n")
    assert result.exit_code == 1
    price, asked, _ = " ".join(result.stderr.split()).partition("Start?")
    assert "Finago calls" in price
    assert asked
    assert sync.windows == []
    assert CliRunner().invoke(main, command, input="y\n").exit_code == 0
    assert len(sync.windows) == 2


@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [
        ("2026-03-31", "2026-02-01", "the range is empty"),
        ("2026-02-01", str(TODAY + timedelta(days=1)), "is not within the days"),
        ("2025-12-31", "2026-02-01", "is not within the days"),
    ],
    ids=["empty", "future", "before the first day"],
)
def test_a_range_that_cannot_be_is_refused_before_anything_is_asked(
    installation: Installation, sync: PreparedService, first: str, last: str, wrong: str
) -> None:
    result = installation.run("backfill", "costs-and-sales", "--from", first, "--to", last)
    assert result.exit_code == 2
    assert wrong in " ".join(result.stderr.replace("│", " ").split())
    assert sync.windows == []


def test_one_that_broke_off_leaves_with_1_and_the_same_command_goes_on(
    installation: Installation, sync: PreparedService
) -> None:
    down = Problem(cause="unreachable", message="Finago does not answer.", remedy="Nothing to do.")
    sync.results[102] = replace(NOTHING, problems=(down,))
    first = installation.run("backfill", "costs-and-sales", *WINDOW)
    assert first.exit_code == 1
    assert sync.windows == [(102, FIRST, LAST), (103, FIRST, LAST)], "the other office is not kept from it"
    sync.results.clear()
    assert installation.run("backfill", "costs-and-sales", *WINDOW).exit_code == 0
