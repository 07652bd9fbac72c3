"""How much memory, how many calls and how long a reconciliation takes: a million ledger lines, and many invoices.

Run it as `python -m bench.reconciliation [--invoices N] [--lines N]`. The comparison is that of the command, in a
process of its own; it reads over HTTP from this process. Nothing of the costs was loaded, so that each is a difference:
the most that a comparison can have to keep. Leaves with 1 when the peak of the resident memory is above what is
allowed, or the calls to Finago are. For Linux, which keeps that peak of each process.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.ledger_memory import ALLOWED_MB, EVERY_NTH_HAS_A_PROJECT, LINES, installation
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.sandbox.seeds.empty import OSLO

INVOICES = 100_000
CALLS_BESIDE_PAGES = 20
IDS_A_CALL = 1000


def add_invoices(world: World, count: int) -> None:
    """Processed in Qondor, and in Finago as offers."""
    company = world.add_company("Customer AS", office=OSLO, external_id=1, id=7001)
    customer = world.add_customer("Customer AS", office=OSLO, reference=company, id=1)
    project = world.add_project("Event", office=OSLO, customer=customer, number="SO30000")
    world.add_finago_project("Event", office=OSLO, id=30000, customer=company)
    for number in range(1, count + 1):
        world.add_invoice(
            id=100_000 + number, customer=customer, project=project, status="Processed", reference=500_000 + number
        )
        world.add_order(100_000 + number, id=500_000 + number, company=company, project=30000)


def measure(invoices: int, lines: int, *, every_nth_has_a_project: int = EVERY_NTH_HAS_A_PROJECT) -> dict[str, Any]:
    """The figures of one comparison, in a process of its own."""
    with installation(lines, every_nth_has_a_project) as (sandbox, ledger, settings):
        sandbox.world.finago.calls_per_hour = None
        add_invoices(sandbox.world, invoices)
        environ = {
            **os.environ,
            **sandbox.environment(),
            "QONDOR_FINAGO_DATABASE_URL": f"sqlite:///{settings.parent / 'store.db'}",
        }
        run = subprocess.run(
            [sys.executable, "-m", "bench.measured_reconciliation", str(settings), str(ledger.changed_on)],
            env=environ,
            cwd=Path(__file__).parents[1],
            stdout=subprocess.PIPE,
            check=False,
        )
        if run.returncode:
            raise SystemExit(f"The comparison failed with {run.returncode}; what it said stands above.")
        figures: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
        return figures


def allowed_calls(invoices: int) -> int:
    """Of Finago: a page of 1,000 orders each, and a few."""
    return -(-invoices // IDS_A_CALL) + CALLS_BESIDE_PAGES


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", type=int, default=INVOICES)
    parser.add_argument("--lines", type=int, default=LINES)
    options = parser.parse_args()
    figures = measure(options.invoices, options.lines)
    table = Table("figure", "measured", "allowed", title=f"{options.invoices:,} invoices, {options.lines:,} lines")
    allowed = {"peak": ALLOWED_MB, "finago": allowed_calls(options.invoices)}
    for name, value in figures.items():
        table.add_row(name, f"{value:,.0f}", str(allowed.get(name, "")))
    Console(width=None if sys.stdout.isatty() else 160, highlight=False).print(table)
    return 1 if any(figures[name] > limit for name, limit in allowed.items()) else 0


if __name__ == "__main__":
    sys.exit(main())
