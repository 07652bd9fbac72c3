"""Seconds from "issued in Qondor" to "order in Finago", with real processes and systems that take 50 ms to answer.

Run it as `python -m bench.freshness`, on a machine with nothing else to do; it takes about 40 minutes. Leaves with 1
when 95 % took longer than promised. `--minutes`, `--rate` and `--offices` make it shorter. Both instants are the
sandbox's own: when it put the invoice into Qondor's queue, and when it registered the order.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.real_processes import RUNS_AT_ONCE, InstalledOffices, Meter, installed
from qondor_finago_pipelines.cli.children import interrupted_by_signals

OFFICES = (1, 20, 100)
INVOICES_AN_HOUR = 1000
MINUTES = 10
LATENCY_SECONDS = 0.05
"""The sizes that the figures are promised for."""

AT_RANDOM_SECONDS = 60
AT_ONCE_SECONDS = 120
"""What 95 % have to stay under."""

PATIENCE = 5
"""Whatever has not come after so many times what is allowed is given up."""

SEED = 20261124


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """How long invoices took, in seconds. Those that never came took for ever."""

    situation: str
    offices: int
    seconds: Sequence[float]
    allowed: float
    calls: Mapping[str, int]
    processors: Mapping[str, float]
    """The share of one processor that each process used meanwhile, with the processes that it started."""

    @property
    def median(self) -> float:
        return percentile(self.seconds, 0.5)

    @property
    def ninety_fifth(self) -> float:
        return percentile(self.seconds, 0.95)

    @property
    def never(self) -> int:
        return sum(math.isinf(each) for each in self.seconds)

    @property
    def is_too_slow(self) -> bool:
        return self.ninety_fifth >= self.allowed


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share of them does not exceed (the nearest rank).

    Raises:
        ValueError: where there is no value.
    """
    if not values:
        raise ValueError("There is no percentile of nothing.")
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def arrivals(rate_an_hour: float, seconds: float, chance: random.Random) -> Iterator[float]:
    """The seconds at which invoices are issued at random, so many an hour on average (a Poisson process)."""
    at = chance.expovariate(rate_an_hour / 3600)
    while at < seconds:
        yield at
        at += chance.expovariate(rate_an_hour / 3600)


def waits(issued: Mapping[int, datetime], ordered: Mapping[int, Sequence[datetime]]) -> list[float]:
    """How many seconds each invoice took; infinity for one without an order.

    Raises:
        SystemExit: where an invoice has two orders. No figure matters then.
    """
    for invoice, orders in ordered.items():
        if len(orders) > 1:
            raise SystemExit(f"Invoice {invoice} has {len(orders)} orders in Finago.")
    return [
        (ordered[invoice][0] - at).total_seconds() if invoice in ordered else math.inf for invoice, at in issued.items()
    ]


def at_random(here: InstalledOffices, rate: float, minutes: float) -> Freshness:
    """Invoices at random, each in any of the offices."""
    chance = random.Random(SEED)
    issued: dict[int, datetime] = {}
    meter = Meter(here)
    began = time.monotonic()
    for moment in arrivals(rate, 60 * minutes, chance):
        time.sleep(max(began + moment - time.monotonic(), 0))
        here.watch()
        issued |= here.issue([chance.choice(here.offices)])
    time.sleep(max(began + 60 * minutes - time.monotonic(), 0))
    processors = meter.processors()
    return Freshness(
        situation=f"{rate:g} an hour at random, {minutes:g} minutes",
        offices=len(here.offices),
        seconds=_arrived(here, issued, AT_RANDOM_SECONDS),
        allowed=AT_RANDOM_SECONDS,
        calls=meter.calls(),
        processors=processors,
    )


def at_once(here: InstalledOffices) -> Freshness:
    """One invoice in every office at the same moment, after so long a quiet that all sessions have run out."""
    here.control("POST", "sessions/expire")
    meter = Meter(here)
    return Freshness(
        situation="one in every office at once",
        offices=len(here.offices),
        seconds=_arrived(here, here.issue(here.offices), AT_ONCE_SECONDS),
        allowed=AT_ONCE_SECONDS,
        calls=meter.calls(),
        processors=meter.processors(),
    )


def _arrived(here: InstalledOffices, issued: Mapping[int, datetime], allowed: float) -> list[float]:
    """Waits until every invoice has its order, or is given up."""
    deadline = time.monotonic() + PATIENCE * allowed
    while True:
        here.watch()
        seconds = waits(issued, here.ordered_at())
        if time.monotonic() > deadline or not any(map(math.isinf, seconds)):
            return seconds
        time.sleep(1)


def measure(arguments: argparse.Namespace, console: Console) -> Iterator[Freshness]:
    """Each size in an installation of its own, once its daemon has looked at every office."""
    for offices in arguments.offices:
        keep = arguments.keep / str(offices) if arguments.keep else None
        console.print(f"{offices} offices: starting …", style="dim")
        with installed(
            offices,
            latency_seconds=LATENCY_SECONDS,
            postgresql=not arguments.sqlite,
            runs_at_once=arguments.runs_at_once,
            keep=keep,
        ) as here:
            here.wait_until_looked_at()
            console.print("Every office has been looked at; invoices are being issued …", style="dim")
            if arguments.minutes:
                yield at_random(here, arguments.rate, arguments.minutes)
            yield at_once(here)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.freshness", description=__doc__)
    parser.add_argument("--offices", type=int, nargs="+", default=OFFICES, help="how many; several: one by one")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="of invoices at random; 0: only all at once")
    parser.add_argument("--rate", type=float, default=INVOICES_AN_HOUR, help="invoices an hour in all")
    parser.add_argument("--sqlite", action="store_true", help="store and Dagster in SQLite instead of PostgreSQL")
    parser.add_argument("--runs-at-once", type=int, default=RUNS_AT_ONCE, help="as in the settings file")
    parser.add_argument("--keep", type=Path, help="a new folder for settings and logs, which stay there")
    arguments = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    database = "SQLite" if arguments.sqlite else "PostgreSQL"
    table = Table(
        "offices",
        "invoices issued",
        "sample",
        "median",
        "95 %",
        "longest",
        "allowed",
        title=f"Seconds from issued in Qondor to order in Finago, {database}, "
        f"both systems {1000 * LATENCY_SECONDS:g} ms away, runs_at_once: {arguments.runs_at_once}",
    )
    measured: list[Freshness] = []
    for each in measure(arguments, console):
        measured.append(each)
        table.add_row(
            str(each.offices),
            each.situation,
            str(len(each.seconds)),
            *(f"{figure:.1f}" for figure in (each.median, each.ninety_fifth, max(each.seconds))),
            f"{each.allowed:g}",
            style="red" if each.is_too_slow else None,
        )
        console.print(f"{each.offices} offices, {each.situation}: {_used(each)}", style="dim")
        if each.never:
            console.print(f"{each.never} of them never came.", style="red")
    console.print(table)
    return 1 if any(each.is_too_slow for each in measured) else 0


def _used(measured: Freshness) -> str:
    """Processors, and calls for each invoice."""
    systems: Counter[str] = Counter()
    for call, number in measured.calls.items():
        systems[call.partition(" ")[0]] += number
    each = ", ".join(
        f"{number / len(measured.seconds):.1f} calls an invoice to {system.capitalize()}"
        for system, number in sorted(systems.items())
        if system in ("finago", "qondor")
    )
    processors = ", ".join(f"{name} {100 * share:.0f} %" for name, share in measured.processors.items())
    return f"{each}; of one processor: {processors}"


if __name__ == "__main__":
    with interrupted_by_signals():
        sys.exit(main())
