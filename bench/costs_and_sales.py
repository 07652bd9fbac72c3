"""How many calls a run of costs and sales makes, counted by the sandbox.

Run it as `python -m bench.costs_and_sales`. Prints one line a situation, with what is allowed there; leaves with 1 when
a figure is above it. The daily sweep for deleted vouchers is counted apart.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

from rich.console import Console
from rich.table import Table

from qondor_finago_pipelines.flows.service import SyncService
from qondor_finago_pipelines.records.days import oslo_day
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.empty import OSLO, empty
from qondor_finago_pipelines.sandbox.seeds.settings_text import office_settings_yaml
from qondor_finago_pipelines.sandbox.world.voucher_builders import (
    BANK,
    BANK_SERIES,
    CUSTOMER_SERIES,
    MANUAL_SERIES,
    SUPPLIER_SERIES,
    PostedVoucher,
    posting,
)
from qondor_finago_pipelines.settings import load_settings
from qondor_finago_pipelines.store import Store


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much stands in the store, and how much of it changes within a day."""

    standing: int = 250
    """Vouchers of each type in each fiscal year, most of which do not change."""
    paid: int = 100
    """Older vouchers that are paid: each payment is a new voucher."""
    corrected: int = 50
    """Older vouchers of each of the four types that are corrected."""
    supplier_invoices: int = 350
    customer_invoices: int = 100
    manual: int = 150

    @property
    def new(self) -> int:
        return self.paid + self.supplier_invoices + self.customer_invoices + self.manual

    @property
    def older(self) -> int:
        return self.paid + self.corrected * len(SERIES)


PROMISED = Size()
"""700 new vouchers, and 300 older ones of four types in two fiscal years: for so many the figures are promised."""

REPETITIONS = 3
"""Each with other vouchers among the older ones that change."""

CALLS_OF_A_DAY = 12
CALLS_WITHOUT_NEWS = 3
CALLS_OF_A_SWEPT_YEAR = 14
"""What is allowed."""

PROJECTS = 50
SUPPLIERS = 40
FIRST_SUPPLIER = 6001
FIRST_NUMBER = 20001
YEARS = (2025, 2026)
SERIES = (CUSTOMER_SERIES, BANK_SERIES, SUPPLIER_SERIES, MANUAL_SERIES)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEKS = timedelta(days=20)
"""Longer than the lookback window: what was posted before is news no more."""


@dataclass
class StatusClock:
    """The time of both sides. It moves only when somebody sleeps, and that takes no time."""

    now: datetime = datetime(2026, 10, 20, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one run, or a part of it, took; an allowance that is None is no limit."""

    situation: str
    finago: int
    finago_allowed: int | None = None
    qondor: int | None = None
    qondor_writes: int | None = None
    qondor_writes_allowed: int | None = None
    lines_read: int | None = None
    operations: str = ""

    @property
    def is_too_much(self) -> bool:
        return (self.finago_allowed is not None and self.finago > self.finago_allowed) or (
            self.qondor_writes_allowed is not None and (self.qondor_writes or 0) > self.qondor_writes_allowed
        )


@dataclass
class Installation:
    """A store and a settings file of its own beside a sandbox with this world."""

    sandbox: Sandbox
    folder: Path
    clock: StatusClock
    _runs: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def world(self) -> World:
        return self.sandbox.world

    def measure(
        self, situation: str, *, finago_allowed: int | None = None, qondor_writes_allowed: int | None = None
    ) -> Measured:
        """The scheduled run for Oslo, in a sync service of its own as each process has it."""
        calls = self.world.calls
        calls.clear()
        settings = self.folder / "offices.yaml"
        settings.write_text(
            office_settings_yaml(self.world, sync={"first_day": self.clock().date() - timedelta(days=200)}),
            encoding="utf-8",
        )
        store = Store.open(f"sqlite:///{self.folder / 'store.db'}", clock=self.clock, sleep=self.clock.sleep)
        with SyncService(load_settings(settings), self.sandbox.environment(), store, pause=self.clock.sleep) as sync:
            office = OfficeId(OSLO)
            result = sync.sync(
                Flow.COSTS_AND_SALES,
                office,
                first_day=sync.cost_window(office),
                day=oslo_day(self.clock()),
                run_id=f"run-{next(self._runs)}",
                trigger="schedule",
            )
        if not result.all_settled or result.totals_by_day is None:
            first = next(iter((*result.problems, *result.rejected, *result.uncertain)), None)
            raise SystemExit(f"{situation}: not everything was settled; the first trouble is {first}")
        result.totals_by_day.postings.close()
        return Measured(
            situation=situation,
            finago=calls.count("finago"),
            finago_allowed=finago_allowed,
            qondor=calls.count("qondor"),
            qondor_writes=calls.writes("qondor"),
            qondor_writes_allowed=qondor_writes_allowed,
            lines_read=result.totals_by_day.lines_read,
            operations=", ".join(f"{name} {number}" for name, number in sorted(calls.by_operation().items())),
        )


@contextmanager
def installation(world: World, clock: StatusClock) -> Iterator[Installation]:
    """A new installation beside this world."""
    with tempfile.TemporaryDirectory() as folder, Sandbox(world=world) as sandbox:
        yield Installation(sandbox, Path(folder), clock)


def two_days(size: Size = PROMISED, *, seed: int = 0) -> Iterator[Measured]:
    """The first run of an installation; weeks later a morning with its sweep, a run without news, and a busy day."""
    clock = StatusClock()
    world = empty(clock=clock)
    chance = random.Random(seed)
    standing = _fill(world, size)
    with installation(world, clock) as here:
        yield here.measure("everything in the store is new")
        clock.now += WEEKS
        here.measure("the first run of another day")
        clock.now += DAY
        morning = here.measure("nothing changed, the first run of the day")
        clock.now += HOUR
        quiet = here.measure("nothing changed", finago_allowed=CALLS_WITHOUT_NEWS, qondor_writes_allowed=0)
        yield quiet
        yield Measured(
            situation=f"the sweep of {len(YEARS)} fiscal years, apart",
            finago=morning.finago - quiet.finago,
            finago_allowed=CALLS_OF_A_SWEPT_YEAR * len(YEARS),
            qondor_writes=morning.qondor_writes,
            qondor_writes_allowed=0,
            lines_read=(morning.lines_read or 0) - (quiet.lines_read or 0),
        )
        clock.now += HOUR
        _change(world, size, standing, chance)
        yield here.measure(
            f"{size.new + size.older} changed vouchers, {size.new} of them new", finago_allowed=CALLS_OF_A_DAY
        )


Vouchers = dict[tuple[int, int], list[PostedVoucher]]
"""The vouchers that stood in the store before, by fiscal year and type."""


def _fill(world: World, size: Size) -> Vouchers:
    customer = world.add_customer("Customer AS", office=OSLO)
    for number in range(PROJECTS):
        world.add_project(f"Event {number}", office=OSLO, customer=customer, number=f"SO{FIRST_NUMBER + number}")
    for number in range(SUPPLIERS):
        world.add_company(f"Supplier {number} AS", office=OSLO, id=FIRST_SUPPLIER + number)
    standing: Vouchers = {}
    for year in YEARS:
        # Numbers begin anew in each year, so those of both years are the same.
        for series in SERIES:
            world.books(OSLO).last_voucher_numbers[series] = FIRST_NUMBER - 1
            standing[year, series] = [
                _post(world, series, date(year, 1 + number % 9, 1 + number % 28), number)
                for number in range(size.standing)
            ]
    return standing


def _post(world: World, series: int, day: date, number: int) -> PostedVoucher:
    """A voucher of that type; one supplier's invoice in two, and one customer's, stands on a project."""
    project = FIRST_NUMBER + number % PROJECTS if number % 2 else None
    company = FIRST_SUPPLIER + number % SUPPLIERS
    amount = Decimal(10_000 + number * 7919 % 999_983) / 100
    if series == SUPPLIER_SERIES:
        return world.post_supplier_invoice(amount, project=project, supplier=company, day=day)
    if series == CUSTOMER_SERIES:
        return world.post_customer_invoice(
            amount, project=project, customer=company, day=day, invoice_number=str(30_000 + number)
        )
    lines = [posting(7700, amount), posting(BANK, -amount)]
    return world.post_voucher(
        lines, type_id=series, system_type="Payment" if series == BANK_SERIES else "Miscellaneous", day=day
    )


def _change(world: World, size: Size, standing: Vouchers, chance: random.Random) -> None:
    """What accountants do on a busy day."""
    today = world.today()
    untouched = {key: chance.sample(vouchers, len(vouchers)) for key, vouchers in standing.items()}
    for number in range(size.paid):
        series = SUPPLIER_SERIES if number % 2 else CUSTOMER_SERIES
        world.pay_voucher(untouched[YEARS[number // 2 % len(YEARS)], series].pop(), day=today)
    for series in SERIES:
        for number in range(size.corrected):
            voucher = untouched[YEARS[number % len(YEARS)], series].pop()
            world.change_line(voucher, 1, Comment=f"Corrected {number}")
    for series, many in (
        (SUPPLIER_SERIES, size.supplier_invoices),
        (CUSTOMER_SERIES, size.customer_invoices),
        (MANUAL_SERIES, size.manual),
    ):
        for number in range(many):
            _post(world, series, today - DAY * (number % 10), size.standing + number)


def main() -> int:
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    table = Table(
        "situation",
        title=f"Costs and sales: calls by run, in brackets what is allowed; {REPETITIONS} repetitions, median (range)",
    )
    for column in ("to Finago", "to Qondor", "written to Qondor", "ledger lines read"):
        table.add_column(column, justify="right")
    repetitions = [list(two_days(seed=seed)) for seed in range(REPETITIONS)]
    for same in zip(*repetitions, strict=True):
        first = same[0]
        table.add_row(
            first.situation,
            _figures([each.finago for each in same], first.finago_allowed),
            _figures([each.qondor for each in same]),
            _figures([each.qondor_writes for each in same], first.qondor_writes_allowed),
            _figures([each.lines_read for each in same]),
            style="red" if any(each.is_too_much for each in same) else None,
        )
    console.print(table)
    for each in repetitions[0]:
        if each.operations:
            console.print(f"{each.situation}: {each.operations}", style="dim")
    return 1 if any(each.is_too_much for same in repetitions for each in same) else 0


def _figures(values: Sequence[int | None], limit: int | None = None) -> str:
    counted = [value for value in values if value is not None]
    if not counted:
        return ""
    figure = f"{statistics.median(counted):g}"
    if min(counted) != max(counted):
        figure += f" ({min(counted)} to {max(counted)})"
    return figure if limit is None else f"{figure} [{limit}]"


if __name__ == "__main__":
    sys.exit(main())
