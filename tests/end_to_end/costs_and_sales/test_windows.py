"""Which days a run of costs and sales reads, in which calls, and what a run of past days leaves alone."""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qondor_finago_pipelines.flows.costs_and_sales import read as voucher_reading
from qondor_finago_pipelines.records.costs_and_sales.vouchers import ChangedSearch, EntrySearch, LedgerSearch
from qondor_finago_pipelines.records.days import utc_bounds
from qondor_finago_pipelines.records.errors import TookTooLong
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.world.voucher_builders import posting
from qondor_finago_pipelines.systems.finago.client import FinagoClient
from tests.end_to_end.installation import OSLO, Installation, assert_held
from tests.end_to_end.mortality import CrashPoint, mortal_process

from .actuals import PROJECT, amounts, costs, money, only, sales


@pytest.fixture
def slow_finago(monkeypatch: pytest.MonkeyPatch) -> list[LedgerSearch]:
    """Finago answers in time only for a day of changes, or ten numbers; gives the searches that it answered."""
    answered: list[LedgerSearch] = []
    really = FinagoClient.transactions

    def transactions(self: FinagoClient, search: LedgerSearch, file: Path) -> int:
        if isinstance(search, ChangedSearch):
            too_much = (search.end - search.start).total_seconds() > 24 * 3600
        else:
            too_much = (search.last_number or 0) - (search.first_number or 0) > 10
        if too_much:
            raise TookTooLong("finago", "GetTransactions", "no answer in time")
        answered.append(search)
        return really(self, search, file)

    monkeypatch.setattr(FinagoClient, "transactions", transactions)
    return answered


def test_what_takes_too_long_is_asked_for_in_halves_and_nothing_is_missing(
    installation: Installation, world: World, project: int, slow_finago: list[LedgerSearch]
) -> None:
    for number in range(12):
        world.post_supplier_invoice("10.00", project=PROJECT, number=20001 + 5 * number)
    assert installation.load().all_settled
    assert sum(cost["amountExclVat"] for cost in costs(world)) == Decimal("120.00")
    feeds = [each for each in slow_finago if isinstance(each, ChangedSearch)]
    assert all(before.end >= after.start for before, after in itertools.pairwise(feeds)), "without a gap"
    assert len([each for each in slow_finago if isinstance(each, EntrySearch)]) > 5


def test_what_cannot_be_halved_any_more_stops_the_run_in_plain_words(
    installation: Installation, world: World, project: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.load()
    asked: list[LedgerSearch] = []

    def never(self: FinagoClient, search: LedgerSearch, file: Path) -> int:
        asked.append(search)
        raise TookTooLong("finago", "GetTransactions", "no answer in time")

    installation.wait(days=1)
    world.post_supplier_invoice("10.00", project=PROJECT)
    with monkeypatch.context() as patched:
        patched.setattr(FinagoClient, "transactions", never)
        result = installation.load()
    assert [problem.cause for problem in result.problems] == ["unreachable"]
    assert "GetTransactions" in result.problems[0].message
    assert 15 < len(asked) < 30, "each time one half, down to nothing"
    assert costs(world) == []
    installation.wait(days=30)
    assert installation.load().all_settled
    assert len(costs(world)) == 1, "its window is read by the next run"


def test_the_window_never_begins_before_the_first_day(installation: Installation, world: World) -> None:
    with installation.service() as sync:
        assert sync.cost_window(OSLO) == world.today() - timedelta(days=14)
    first_day = world.today() - timedelta(days=5)
    installation.configure(sync={"first_day": first_day})
    with installation.service() as sync:
        assert sync.cost_window(OSLO) == first_day


def test_a_run_of_a_past_day_searches_for_no_deletions_and_takes_only_that_days_changes(
    installation: Installation, world: World, project: int
) -> None:
    gone = world.post_supplier_invoice("1000.00", project=PROJECT)
    installation.load()
    installation.wait(days=1)
    world.delete_voucher(gone)
    world.post_supplier_invoice("70.00", project=PROJECT)
    posted_on = world.today() - timedelta(days=1)
    result = installation.load(day=posted_on - timedelta(days=1))
    assert (result.created, result.updated) == (0, 0)
    assert len(costs(world)) == 1
    installation.load(day=posted_on)
    assert len(costs(world)) == 1, "the run of the day on which it was posted leaves it as well"
    installation.load()
    assert only(costs(world))["amountExclVat"] == Decimal("70.00")


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2025, 10, 26), 25)], ids=["23 hours", "25 hours"]
)
def test_a_day_on_which_the_clocks_change_is_its_own_hours(
    installation: Installation, world: World, project: int, day: date, hours: int
) -> None:
    start, end = utc_bounds(day)
    assert (end - start).total_seconds() == hours * 3600
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    for instant in (start - timedelta(seconds=1), start, noon, end - timedelta(seconds=1), end):
        voucher = world.post_supplier_invoice("10.00", project=PROJECT)
        for line in world.lines_of(voucher):
            line["DateChanged"] = instant
    result = installation.load(day=day)
    assert result.totals_by_day is not None
    assert result.totals_by_day.figures[day].lines == 9
    assert result.totals_by_day.figures[day].costs == Decimal("30.00")
    assert result.created == 4, "that of the overlap is loaded as well, and counted on its own day"


def test_a_backfill_that_was_interrupted_goes_on_where_it_stopped(
    installation: Installation, world: World, project: int
) -> None:
    for _ in range(5):
        world.post_supplier_invoice("10.00", project=PROJECT)
    window: dict[str, Any] = {
        "first_day": world.today() - timedelta(days=19),
        "day": world.today() + timedelta(days=41),
    }
    installation.wait(days=100)
    with mortal_process(dies_after=18), pytest.raises(CrashPoint):
        installation.load(**window)
    done = len(costs(world))
    assert 0 < done < 5
    for _ in range(3):
        installation.wait(minutes=20)
        result = installation.load(**window)
    assert result.all_settled
    assert len({cost["externalReference"] for cost in costs(world)}) == len(costs(world)) == 5
    assert sum(cost["amountExclVat"] for cost in costs(world)) == Decimal("50.00")


def test_a_re_dated_voucher_has_one_record_wherever_the_run_dies(another_world: Any) -> None:
    """Without the help of the daily sweep, which has been done by then."""

    def re_dated() -> Installation:
        installation: Installation = another_world()
        world = installation.world
        world.add_project("Kick-off 2026", id=555, number="SO12345")
        voucher = world.post_supplier_invoice("1000.00", project=PROJECT)
        assert installation.load().all_settled
        installation.wait(minutes=10)
        world.redate_voucher(voucher, date(2025, 12, 31))
        return installation

    installation = re_dated()
    with mortal_process() as immortal:
        installation.load()
    assert {"PostCost", "DeleteCost"} <= set(immortal.effects)
    first = immortal.effects.index("PostCost") + 1
    for number in range(first, len(immortal.effects)):
        installation = re_dated()
        with mortal_process(dies_after=number), pytest.raises(CrashPoint):
            installation.load()
        for _ in range(3):
            installation.wait(minutes=20)
            installation.load()
        assert [cost["invoiceDate"] for cost in costs(installation.world)] == ["2025-12-31"], immortal.effects[:number]


def test_what_is_read_in_between_moves_no_voucher_to_a_part_that_is_done(
    installation: Installation, world: World, project: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other halves of unbalanced vouchers are read while the parts are worked off."""
    monkeypatch.setattr(voucher_reading, "LINES_A_BUCKET", 8)
    wrong = []
    for number in range(20001, 20013):
        if number % 3:
            world.post_supplier_invoice("10.00", project=PROJECT, number=number)
        else:
            lines = [posting(6300, "5.00", project=PROJECT), posting(2400, "-4.00")]
            wrong.append(world.post_voucher(lines, type_id=3, system_type="InvoiceSupplier", number=number))
        for day in (date(2025, 6, 1), date(2027, 6, 1)):
            quiet = [posting(1200, "1.00"), posting(1920, "-1.00")] * 6
            world.post_voucher(quiet, type_id=3, number=number, day=day, DateChanged=datetime(2025, 1, 1, tzinfo=UTC))
    result = installation.load()
    assert len(costs(world)) == 8
    assert {record.id for record in result.rejected} == {f"voucher {each.key}" for each in wrong}


def test_the_whole_flow_in_either_database(
    sandbox: Sandbox, world: World, project: int, tmp_path: Path, clock: Any, database_url: str
) -> None:
    """Created, unbalanced, re-dated, paid, moved, deleted; then a run that writes nothing."""
    installation = Installation(tmp_path, sandbox, clock, database_url)
    world.add_project("Gala 2026", id=556, number="SO12346")
    re_dated = world.post_supplier_invoice("100.00", split={PROJECT: "33.33", 12346: "66.67"})
    paid = world.post_customer_invoice("1000.10", project=PROJECT)
    deleted = world.post_supplier_invoice("70.00", project=PROJECT)
    wrong = world.post_voucher(
        [posting(6300, "1.00", project=PROJECT), posting(2400, "-0.99")], system_type="InvoiceSupplier"
    )
    assert_held(installation.load(), f"voucher {wrong.key}", Reason.UNBALANCED)
    installation.wait(days=1)
    world.redate_voucher(re_dated, date(2025, 12, 31))
    paid_on = world.today() + timedelta(days=1)
    world.pay_voucher(paid, day=paid_on)
    world.delete_voucher(deleted)
    world.change_line(wrong, 2, Amount=Decimal("-1.00"))
    result = installation.load()
    assert result.all_settled, result
    found = {(cost["projectId"], cost["amountExclVat"], cost["invoiceDate"][:4]) for cost in costs(world)}
    assert found == {
        (555, Decimal("33.33"), "2025"),
        (556, Decimal("66.67"), "2025"),
        (555, Decimal("1.00"), "2026"),
    }
    assert [sale["paidDate"] for sale in sales(world)] == [paid_on.isoformat()]
    again = installation.load()
    assert (again.created, again.updated) == (0, 0)
    with installation.service() as sync, sync.store.read() as transaction:
        totals: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
        loaded = transaction.actuals.of_vouchers(OSLO, transaction.actuals.voucher_keys(OSLO))
        for each in itertools.chain.from_iterable(loaded.values()):
            totals[each.reference.kind, each.project_id] += each.amount_excluding_vat
    assert totals == {
        ("cost", 555): Decimal("34.33"),
        ("cost", 556): Decimal("66.67"),
        ("sale", 555): Decimal("1000.10"),
    }
    assert amounts(sales(world)) == {555: money("1000.10", "250.03")}
