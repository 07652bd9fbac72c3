"""How many calls `qondor-finago check` makes for an office, counted by the sandbox: `python -m bench.check`.

Prints one line a size, with what is allowed; leaves with 1 when a figure is above it.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from qondor_finago_pipelines.flows.preflight.asking import MOST_CALLS
from qondor_finago_pipelines.flows.preflight.check import check_offices
from qondor_finago_pipelines.sandbox import Sandbox
from qondor_finago_pipelines.sandbox.seeds.empty import OSLO, empty
from qondor_finago_pipelines.sandbox.seeds.settings_text import office_settings_yaml
from qondor_finago_pipelines.sandbox.world import line
from qondor_finago_pipelines.settings import load_settings
from qondor_finago_pipelines.store import Store

SIZES = (10, 1000, 20_000)
DESCRIPTIONS = 8
"""Finago's own WSDLs, asked once for all offices."""


class Measured(NamedTuple):
    customers: int
    calls: int
    allowed: int
    findings: int

    @property
    def is_too_much(self) -> bool:
        return self.calls > self.allowed


def measure(customers: int, invoices: int = 40) -> Measured:
    """One check of an office with so many customers, each with a reference, and a queue of twenty articles."""
    world = empty(offices={OSLO: "Oslo"})
    for number in range(customers):
        world.add_customer(f"Customer {number}", office=OSLO, reference=20_000 + number)
    world.add_project("Kick-off", id=555, office=OSLO, number="SO12345", customer=None)
    for number in range(invoices):
        article = str(4000 + number % 20)
        if number < 20:
            world.add_product_category(article, office=OSLO, rates={40_000 + number: "25"})
        world.add_invoice(project=555, kind="booking", lines=[line("Ticket", article=article, price="1.00")])
    pages = -(-customers // 1000)
    with tempfile.TemporaryDirectory() as folder, Sandbox(world=world) as sandbox:
        file = Path(folder) / "offices.yaml"
        file.write_text(office_settings_yaml(world), encoding="utf-8")
        settings = load_settings(file)
        with Store.open(f"sqlite:///{folder}/store.db") as store:
            found = check_offices(settings, sandbox.environment(), store, settings.offices)
        counted = Counter(call.system for call in world.calls.calls)
    return Measured(
        customers, counted["qondor"] + counted["finago"], MOST_CALLS + DESCRIPTIONS + pages - 1, len(found.findings)
    )


def main() -> int:
    measurements = [measure(size) for size in SIZES]
    for each in measurements:
        print(f"{each.customers} customers: {each.calls} calls ({each.allowed}), {each.findings} findings")
    return 1 if any(each.is_too_much for each in measurements) else 0


if __name__ == "__main__":
    sys.exit(main())
