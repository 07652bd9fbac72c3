"""How much memory a run of costs and sales takes: a million ledger lines in one window, the whole process.

Run it as `python -m bench.ledger_memory`. The run is the one that Dagster makes, of the flow's own job, in a process of
its own (`bench.measured_run`); it reads over HTTP from this process, where the store stands in a file. Every line is
read twice: in the change feed, and again when its voucher is completed. Leaves with 1 when the peak of the resident
memory is above what is allowed. For Linux, which keeps that peak of each process.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from lxml import etree
from rich.console import Console
from rich.table import Table
from starlette.requests import Request as HttpRequest
from starlette.types import ASGIApp, Receive, Scope, Send

from bench.ledger_replies import HEAD, LINES_A_VOUCHER, TAIL, SupplierLedger, rendered
from qondor_finago_pipelines.records.days import oslo_day
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.finago.call import as_utc
from qondor_finago_pipelines.sandbox.finago.shapes import read
from qondor_finago_pipelines.sandbox.finago.wsdl import read_folder
from qondor_finago_pipelines.sandbox.seeds.empty import OSLO, empty
from qondor_finago_pipelines.sandbox.seeds.settings_text import office_settings_yaml
from qondor_finago_pipelines.sandbox.world.voucher_builders import SUPPLIER_SERIES

LINES = 1_000_000
ALLOWED_MB = 400
"""The size and the figure that are promised."""

REPETITIONS = 3
EVERY_NTH_HAS_A_PROJECT = 200
"""One voucher in so many is a cost on a project, and is written to Qondor."""

PROJECTS = 20
SUPPLIERS = 400
BYTES_A_PIECE = 256 * 1024


@dataclass(frozen=True, kw_only=True)
class Peak:
    """One run: resident memory of its process in MB, before it began and at its highest."""

    loaded: float
    peak: float
    lines_read: int
    costs: int
    seconds: float

    @property
    def is_too_much(self) -> bool:
        return self.peak > ALLOWED_MB


class StoreOnDisk:
    """An ASGI application: GetTransactions out of a file, all else by the application behind it."""

    def __init__(self, store: SupplierLedger, file: Path, behind: ASGIApp) -> None:
        self.searches = 0
        self._store = store
        self._file = file
        self._behind = behind
        self._borders = np.zeros(store.vouchers + 1, np.int64)
        with file.open("wb") as sink:
            for number in store.numbers:
                sink.write(rendered(store.voucher(number)))
                self._borders[number] = sink.tell()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = HttpRequest(scope, receive)
        if not request.headers.get("soapaction", "").strip('"').endswith("/GetTransactions"):
            return await self._behind(scope, receive, send)
        self.searches += 1
        numbers = self._found(etree.fromstring(await request.body()))
        headers = [(b"content-type", b"text/xml; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for piece in self._reply(numbers):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        return await send({"type": "http.response.body", "body": b""})

    def _reply(self, numbers: range) -> Iterator[bytes]:
        yield HEAD
        if numbers:
            with self._file.open("rb") as source:
                source.seek(self._borders[numbers.start - 1])
                left = int(self._borders[numbers.stop - 1] - self._borders[numbers.start - 1])
                while left:
                    piece = source.read(min(left, BYTES_A_PIECE))
                    left -= len(piece)
                    yield piece
        yield TAIL

    def _found(self, envelope: etree._Element) -> range:
        """The numbers of the vouchers that fit; a search is by the time of change, or by numbers within a year."""
        shapes = read_folder()["TransactionService"].shapes
        search = read(shapes.type("TransactionSearchParameters"), next(envelope.iter("{*}searchParams")))
        start, end = as_utc(search["DateStart"]), as_utc(search["DateEnd"])
        numbers = self._store.numbers
        if search.get("DateSearchParameters") == "DateChangedUTC":
            first = bisect_left(numbers, start, key=self._store.changed_at)
            last = bisect_right(numbers, end, key=self._store.changed_at)
            return numbers[first:last]
        if start.date() > self._store.changed_on.replace(month=1, day=1) or end.date() < self._store.changed_on:
            raise ValueError("this store can be searched by posting day only for the whole year up to its last change")
        if start.year != self._store.changed_on.year or search.get("TransactionTypeId") not in (None, SUPPLIER_SERIES):
            return numbers[:0]
        if search.get("TransactionNoStart") is None:
            return numbers
        return numbers[search["TransactionNoStart"] - 1 : search["TransactionNoEnd"]]


class SandboxWithStore(Sandbox):
    """The sandbox, and beside its own few records a store of any size."""

    def keep(self, store: SupplierLedger, file: Path) -> StoreOnDisk:
        """Writes the store into the file, and answers from it; before the start."""
        kept = StoreOnDisk(store, file, self._app)
        self._app = kept  # type: ignore[assignment]
        return kept


@contextmanager
def installation(lines: int, every_nth_has_a_project: int) -> Iterator[tuple[SandboxWithStore, SupplierLedger, Path]]:
    """A sandbox with so many lines that changed today, and a settings file beside it."""
    today = oslo_day(datetime.now().astimezone())
    world = empty()
    store = SupplierLedger(
        vouchers=-(-lines // LINES_A_VOUCHER),
        changed_on=today,
        every_nth_has_a_project=every_nth_has_a_project,
        projects=_add_projects(world),
    )
    for number in range(SUPPLIERS):
        world.add_company(f"Supplier {number} AS", office=OSLO, id=6001 + number)
    with tempfile.TemporaryDirectory() as folder:
        sandbox = SandboxWithStore(world=world)
        sandbox.keep(store, Path(folder) / "store.xml")
        settings = Path(folder) / "offices.yaml"
        settings.write_text(office_settings_yaml(world), encoding="utf-8")
        with sandbox:
            yield sandbox, store, settings


def _add_projects(world: World) -> tuple[int, ...]:
    customer = world.add_customer("Customer AS", office=OSLO)
    for number in range(PROJECTS):
        world.add_project(f"Event {number}", office=OSLO, customer=customer, number=f"SO{20000 + number}")
    return tuple(range(20000, 20000 + PROJECTS))


def measure(
    lines: int = LINES, *, repetitions: int = REPETITIONS, every_nth_has_a_project: int = EVERY_NTH_HAS_A_PROJECT
) -> list[Peak]:
    """Each repetition is a new installation: a store of the sync that knows nothing, a process of its own."""
    peaks = []
    with installation(lines, every_nth_has_a_project) as (sandbox, store, settings):
        for number in range(repetitions):
            sandbox.world.qondor.actuals["cost"].clear()
            home = settings.parent / f"home-{number}"
            home.mkdir()
            measured = _run(sandbox, settings, home, store.changed_on)
            peak = Peak(**measured, costs=len(sandbox.world.qondor.actuals["cost"]))
            if (peak.lines_read, peak.costs) != (2 * store.lines, store.vouchers // every_nth_has_a_project):
                raise SystemExit(f"{peak.lines_read} lines were read and {peak.costs} costs written")
            peaks.append(peak)
    return peaks


def _run(sandbox: Sandbox, settings: Path, home: Path, day: date) -> dict[str, Any]:
    environ = {
        **os.environ,
        **sandbox.environment(),
        "DAGSTER_HOME": str(home),
        "QONDOR_FINAGO_DATABASE_URL": f"sqlite:///{home / 'store.db'}",
        "QONDOR_FINAGO_SETTINGS": str(settings),
    }
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "bench.measured_run", day.isoformat(), str(OSLO)],
        env=environ,
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        check=False,
    )
    if run.returncode:
        raise SystemExit(f"The run failed with {run.returncode}; what it said stands above.")
    figures: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return figures


def main() -> int:
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    peaks = measure()
    table = Table(
        "figure",
        "median (range)",
        "allowed",
        title=f"{LINES:,} lines in one window, one voucher in {EVERY_NTH_HAS_A_PROJECT} on a project: "
        f"{len(peaks)} runs",
    )
    for name, values, allowed in (
        ("MB resident, Dagster and definitions loaded", [each.loaded for each in peaks], None),
        ("MB resident at the highest", [each.peak for each in peaks], ALLOWED_MB),
        ("seconds", [each.seconds for each in peaks], None),
        ("lines read, those of completed vouchers again", [each.lines_read for each in peaks], None),
        ("costs written to Qondor", [each.costs for each in peaks], None),
    ):
        figure = f"{statistics.median(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})"
        table.add_row(name, figure, "" if allowed is None else f"{allowed}")
    console.print(table)
    return 1 if any(each.is_too_much for each in peaks) else 0


if __name__ == "__main__":
    sys.exit(main())
