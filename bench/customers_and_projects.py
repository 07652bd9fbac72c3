"""How many calls the customer and project flow makes, counted by the sandbox.

Run it as `python -m bench.customers_and_projects`. Prints one line a situation, with what is allowed there; leaves with
1 when a figure is above it.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path

from rich.console import Console
from rich.table import Table

from qondor_finago_pipelines.flows.service import SyncService
from qondor_finago_pipelines.records.days import oslo_day
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.results import Flow, FlowResult
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.empty import OSLO, empty
from qondor_finago_pipelines.sandbox.seeds.settings_text import office_settings_yaml
from qondor_finago_pipelines.settings import load_settings
from qondor_finago_pipelines.store import Store

LINKED = 1000
CHANGED = 10
NEW = 1000
COMPANIES = 3000
"""The sizes that the figures are promised for."""

AN_HOUR = 3600

START = date(2026, 12, 1)
END = date(2026, 12, 3)
CONFERENCE = 1
"""The project type of that name in `World.standard_setup`."""


@dataclass
class StatusClock:
    """The time of both sides. It moves only when somebody sleeps, and that takes no time."""

    now: datetime = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True, kw_only=True)
class Calls:
    """What a run took, or may take at most; None is not limited."""

    qondor: int | None = None
    finago: int | None = None
    finago_writes: int | None = None
    qondor_writes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One run, and what it took."""

    situation: str
    result: FlowResult
    allowed: Calls
    took: Calls

    @property
    def is_too_much(self) -> bool:
        return any(
            limit is not None and (getattr(self.took, name) or 0) > limit for name, limit in vars(self.allowed).items()
        )


@dataclass
class Installation:
    """A store and a settings file of its own beside a sandbox with this world."""

    sandbox: Sandbox
    folder: Path
    clock: StatusClock
    _runs: Iterator[int] = field(default_factory=lambda: count(1))

    def measure(self, situation: str, allowed: Calls) -> Measured:
        """One run of the flow for Oslo, in a sync service of its own as each process has it."""
        calls = self.sandbox.world.calls
        calls.clear()
        settings = self.folder / "offices.yaml"
        settings.write_text(office_settings_yaml(self.sandbox.world), encoding="utf-8")
        store = Store.open(f"sqlite:///{self.folder / 'store.db'}", clock=self.clock, sleep=self.clock.sleep)
        environ = self.sandbox.environment()
        with SyncService(load_settings(settings), environ, store, pause=self.clock.sleep) as sync:
            result = sync.sync(
                Flow.CUSTOMERS_AND_PROJECTS,
                OfficeId(OSLO),
                day=oslo_day(self.clock()),
                run_id=f"run-{next(self._runs)}",
                trigger="cli",
            )
        if not result.all_settled:
            first = next(iter((*result.problems, *result.rejected, *result.uncertain)), None)
            raise SystemExit(f"{situation}: not everything was settled; the first trouble is {first}")
        took = Calls(
            qondor=calls.count("qondor"),
            finago=calls.count("finago"),
            qondor_writes=calls.writes("qondor"),
            finago_writes=calls.writes("finago"),
        )
        return Measured(situation=situation, result=result, allowed=allowed, took=took)


@contextmanager
def installation(world: World, clock: StatusClock) -> Iterator[Installation]:
    """A new installation beside this world."""
    with tempfile.TemporaryDirectory() as folder, Sandbox(world=world) as sandbox:
        yield Installation(sandbox, Path(folder), clock)


def nothing_and_little_changed(linked: int = LINKED, changed: int = CHANGED) -> Iterator[Measured]:
    """So many customers, with a project each, that both systems know; then some of the projects change."""
    clock = StatusClock()
    world = empty(clock=clock)
    for number in range(linked):
        _add_linked_pair(world, number)
    both = f"{linked} linked customers, {linked} known projects"
    with installation(world, clock) as here:
        yield here.measure(f"{both}, empty store", Calls())
        clock.sleep(AN_HOUR)
        yield here.measure(f"{both}, nothing changed", Calls(qondor=4, finago=6, qondor_writes=0, finago_writes=0))
        clock.sleep(AN_HOUR)
        for project in list(world.qondor.projects.values())[:changed]:
            project["name"] += ", moved"
            project["endDate"] = (END + timedelta(days=1)).isoformat()
            project["settingsLastEditedDate"] = clock().strftime("%Y-%m-%dT%H:%M:%SZ")
        yield here.measure(f"{changed} changed projects", Calls(finago_writes=changed))


def cold(new: int = NEW, companies: int = COMPANIES) -> Iterator[Measured]:
    """So many customers that were never synced: every other one has its company in Finago already."""
    clock = StatusClock()
    world = empty(clock=clock)
    for number in range(companies):
        world.add_company(
            f"Company {number} AS", office=OSLO, organisation_number=_written(number, spaced=number % 3 == 0)
        )
    for number in range(new):
        known = number if number % 2 == 0 else companies + number
        world.add_customer(
            f"Company {known} AS", office=OSLO, organisation_number=_written(known, spaced=number % 4 == 0)
        )
    with installation(world, clock) as here:
        yield here.measure(f"{new} new customers among {companies} companies", Calls(finago=60))


def _written(number: int, *, spaced: bool) -> str:
    """A valid organisation number, as `810 000 009` or `810000009`; each number has one of its own."""
    # Of two neighbours at least one has a check digit: a remainder of 10 has none.
    eight = next(str(each) for each in (81_000_000 + 2 * number, 81_000_001 + 2 * number) if _check_digit(each) < 10)
    digits = f"{eight}{_check_digit(int(eight))}"
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}" if spaced else digits


def _check_digit(eight_digits: int) -> int:
    weights = (3, 2, 7, 6, 5, 4, 3, 2)
    return -sum(weight * int(digit) for weight, digit in zip(weights, str(eight_digits), strict=True)) % 11


def _add_linked_pair(world: World, number: int) -> None:
    """A customer and its project, the same in both systems."""
    organisation = _written(number, spaced=False)
    customer = 1001 + number
    name, event = f"Customer {number} AS", f"Event {number}"
    company = world.add_company(name, office=OSLO, organisation_number=organisation, external_id=customer)
    world.add_customer(name, id=customer, office=OSLO, reference=company, organisation_number=organisation)
    world.add_project(
        event,
        office=OSLO,
        number=f"SO{20000 + number}",
        customer=customer,
        category="Conference",
        start=START,
        end=END,
    )
    world.add_finago_project(
        event,
        office=OSLO,
        id=20000 + number,
        customer=company,
        TypeId=CONFERENCE,
        DateStart=datetime.combine(START, time()),
        DateStop=datetime.combine(END, time()),
    )


def main() -> int:
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    table = Table("situation", title="Customers and projects: calls by run, in brackets what is allowed")
    for column in ("to Qondor", "to Finago", "written to Qondor", "written to Finago", "created", "updated", "same"):
        table.add_column(column, justify="right")
    measurements = [*nothing_and_little_changed(), *cold()]
    for each in measurements:
        took, allowed, result = each.took, each.allowed, each.result
        table.add_row(
            each.situation,
            _figure(took.qondor, allowed.qondor),
            _figure(took.finago, allowed.finago),
            _figure(took.qondor_writes, allowed.qondor_writes),
            _figure(took.finago_writes, allowed.finago_writes),
            *(str(figure) for figure in (result.created, result.updated, result.unchanged)),
            style="red" if each.is_too_much else None,
        )
    console.print(table)
    for each in measurements:
        operations = ", ".join(f"{name} {number}" for name, number in sorted(each.result.calls_by_operation.items()))
        console.print(f"{each.situation}: {operations}", style="dim")
    return 1 if any(each.is_too_much for each in measurements) else 0


def _figure(took: int | None, allowed: int | None) -> str:
    return f"{took}" if allowed is None else f"{took} ({allowed})"


if __name__ == "__main__":
    sys.exit(main())
