"""An installation as people run it: sandbox, code server, web server and daemon, each a process of its own.

Nothing of it runs in the test's process but the supervisor, which looks after the others whenever the test waits.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import dagster as dg
import psutil
import requests
import yaml
from dagster._core.storage.dagster_run import IN_PROGRESS_RUN_STATUSES

from qondor_finago_pipelines.assets.invoices.assets import INVOICES
from qondor_finago_pipelines.cli.children import Children
from qondor_finago_pipelines.cli.instance import open_instance
from qondor_finago_pipelines.cli.local_dagster import CODE_SERVER, LocalDagster, free_port
from qondor_finago_pipelines.partitions import offices_by_day
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from qondor_finago_pipelines.sandbox.seeds.settings_text import office_settings_yaml
from qondor_finago_pipelines.settings import (
    DAGSTER_HOME_VARIABLE,
    DATABASE_VARIABLE,
    SETTINGS_VARIABLE,
    Settings,
    load_settings,
)
from tests.end_to_end.conftest import REAL_WSDLS

TOP = Path(__file__).parents[3]
OURS = ("QONDOR_", "FINAGO_", "SLACK_", "DAGSTER_")
SANDBOX = "sandbox"

OSLO, BERGEN = 102, 103
PROCESSED = 2
"""The status of an invoice in Qondor."""

IMPATIENT = {
    "call_timeout_seconds": 12,
    "quiet_period_seconds": 5,
    "lease_margin_seconds": 2,
    "lease_wait_seconds": 20,
    "poll_seconds": 2,
}
"""Settings for a loopback address: what takes minutes in an installation takes seconds here."""

LONGER_THAN_A_CALL = 60
"""Seconds for which Finago keeps a caller waiting whose process is to die meanwhile."""

Found = TypeVar("Found")


class RealProcesses:
    """A context manager. Oslo has invoices that the sensor finds; Bergen's customers come by schedule every minute."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.said: list[str] = []
        """What the supervisor told people."""

    def __enter__(self) -> Self:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        clean["PYTHONPATH"] = str(TOP)
        self._sandbox = Children(clean, self._folder)
        try:
            command = [sys.executable, "-m", "qondor_finago_pipelines", SANDBOX, "--seed", "empty", "--json"]
            output = self._sandbox.start(
                SANDBOX, [*command, *(("--wsdl", REAL_WSDLS) if REAL_WSDLS else ())], read_output=True
            )
            assert output is not None
            started = json.loads(output.readline())
            self._control_url: str = started["control"]
            self.environ = {
                **clean,
                **started["environment"],
                **self._settings_file(),
                DAGSTER_HOME_VARIABLE: str(self._folder / "dagster"),
                DATABASE_VARIABLE: os.environ[DATABASE_VARIABLE],
            }
            self._children = Children(self.environ, self._folder)
            self.dagster = LocalDagster(self._children, self._folder, self.said.append)
            self.instance = open_instance(self.environ)
        except BaseException:
            self._sandbox.end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        self.instance.dispose()

    def end(self) -> None:
        """Ends every process, as Ctrl-C in a demo does."""
        self._children.end()
        self._sandbox.end()

    def _settings_file(self) -> dict[str, str]:
        settings = yaml.safe_load(office_settings_yaml(empty(), sync=IMPATIENT))
        for office in settings["offices"]:
            office["costs_and_sales"] = {"enabled": False}
            office["customers_and_projects"] = {"enabled": office["id"] == BERGEN, "schedule": "* * * * *"}
        file = self._folder / "offices.yaml"
        file.write_text(yaml.safe_dump(settings), encoding="utf-8")
        self.settings: Settings = load_settings(file)
        return {SETTINGS_VARIABLE: str(file)}

    def start(self) -> None:
        """Everything that `qondor-finago demo` starts beside the sandbox."""
        self.dagster.start_code_server()
        self.address = self.dagster.start_web_server_and_daemon(free_port())

    def control(self, method: str, path: str, arguments: Any = None) -> Any:
        """Asks the sandbox's control endpoint."""
        reply = requests.request(method, f"{self._control_url}/{path}", json=arguments, timeout=20)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def eventually(self, what: str, condition: Callable[[], Found | None], *, within: float = 180) -> Found:
        """What the condition gives as soon as it gives something; meanwhile the supervisor does its work."""
        deadline = time.monotonic() + within
        while not (found := condition()):
            if time.monotonic() > deadline:
                raise AssertionError(f"Not within {within:.0f} seconds: {what}.\n{self.account()}")
            self.dagster.look()
            time.sleep(0.1)
        return found

    def answers(self) -> bool:
        """Whether the web server knows the code location."""
        query = "{ workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError { __typename } } } } }"
        try:
            reply = requests.post(f"{self.address}/graphql", json={"query": query}, timeout=10)
            (entry,) = reply.json()["data"]["workspaceOrError"]["locationEntries"]
        except (requests.ConnectionError, requests.Timeout):
            return False
        return bool(entry["locationOrLoadError"]["__typename"] == "RepositoryLocation")

    def issue(self, number: int) -> set[int]:
        """Invoices issued in Qondor, in Oslo's project."""
        (project,) = self.control("GET", "inspect")["qondor"]["projects"]
        what = {"project": project["id"], "customer": project["customerId"]}
        return {self.control("POST", "invoices", what)["id"] for _ in range(number)}

    def hang(self, *, after_the_effect: bool) -> None:
        """Finago keeps the next caller of SaveInvoices waiting: once it has saved, or without saving anything."""
        hang = {"system": "finago", "operation": "SaveInvoices"}
        faults = [{**hang, "kind": "latency", "seconds": LONGER_THAN_A_CALL, "lands": after_the_effect}]
        if not after_the_effect:
            faults.append({**hang, "kind": "reset-before-effect"})
        self._saves_before = self._saves()
        self.control("DELETE", "faults")
        self.control("POST", "faults", faults)

    def run_in_save_invoices(self, after_the_effect: bool) -> dg.DagsterRun | None:
        """The run whose SaveInvoices hangs, once Finago has its request (and has saved, where that is meant)."""
        if any(fault["left"] for fault in self.control("GET", "faults")):
            return None
        if after_the_effect and self._saves() == self._saves_before:
            return None
        started = dg.RunsFilter(tags={"flow": "invoices", "office": str(OSLO)}, statuses=[dg.DagsterRunStatus.STARTED])
        (run,) = self.instance.get_runs(started)
        return run

    def _saves(self) -> int:
        """How many SaveInvoices Finago has worked on."""
        operations = self.control("GET", "calls")["systems"].get("finago", {}).get("operations", {})
        return int(operations.get("SaveInvoices", 0))

    def orders(self) -> Counter[int]:
        """How many orders Finago has of each invoice."""
        orders = self.control("GET", "inspect")["finago"][str(50000 + OSLO)]["orders"]
        return Counter(int(order["ReferenceNumber"]) for order in orders)

    def settled(self, invoices: set[int]) -> bool:
        """Whether Qondor was told the order of each of these invoices."""
        world = self.control("GET", "inspect")
        orders = {str(order["OrderId"]): order for order in world["finago"][str(50000 + OSLO)]["orders"]}
        ours = [invoice for invoice in world["qondor"]["invoices"] if invoice["id"] in invoices]
        assert len(ours) == len(invoices)
        return all(
            invoice["status"] == PROCESSED
            and orders[invoice["externalReference"]]["ReferenceNumber"] == str(invoice["id"])
            for invoice in ours
        )

    def runs(self, **tags: str) -> list[dg.DagsterRun]:
        """The runs with these tags, the latest first."""
        return list(self.instance.get_runs(dg.RunsFilter(tags=tags)))

    def runs_under_way(self) -> set[str]:
        """The ids of the runs that are at work or wait in the queue."""
        statuses = [*IN_PROGRESS_RUN_STATUSES, dg.DagsterRunStatus.QUEUED]
        return {run.run_id for run in self.instance.get_runs(dg.RunsFilter(statuses=statuses))}

    def is_green(self, partition: str) -> bool:
        """Whether every invoice asset shows this partition as materialized, and not as failed since."""
        partitions = offices_by_day(self.settings)
        return all(
            (self.instance.get_status_by_partition(spec.key, [partition], partitions) or {}).get(partition)
            == dg.AssetPartitionStatus.MATERIALIZED
            for spec in INVOICES.specs
        )

    def worker_of(self, run: dg.DagsterRun) -> psutil.Process:
        """The process that works on a run: a child of the code server."""
        (process_id,) = {
            int(str(entry.dagster_event.engine_event_data.metadata["pid"].value))
            for entry in self.instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ENGINE_EVENT)
            if entry.dagster_event is not None and "pid" in entry.dagster_event.engine_event_data.metadata
        }
        worker = psutil.Process(process_id)
        assert worker.ppid() == self.process(CODE_SERVER).pid
        return worker

    def process(self, name: str) -> psutil.Process:
        return psutil.Process(self._children._processes[name].pid)

    def account(self) -> str:
        """What happened, for whoever reads a failed test."""
        runs = [f"{run.run_id} {run.job_name} {run.status.value} {dict(run.tags)}" for run in self.runs()]
        ticks = [
            f"{state.name} {tick.status.value} {tick.tick_data.skip_reason or tick.tick_data.error or ''}"
            for state in self.instance.all_instigator_state()
            for tick in self.instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=5)
        ]
        logs = [
            f"--- {file.name}\n{file.read_text(encoding='utf-8', errors='replace')[-3000:]}"
            for file in sorted(self._folder.glob("*.log"))
        ]
        return "\n".join([*self.said, *runs, *ticks, *logs])

    @property
    def names(self) -> set[str]:
        return set(self._children._processes)

    def everything(self) -> list[psutil.Process]:
        """Every process that was started here, and what those started."""
        roots = [self.process(name) for name in self._children._processes]
        roots += [psutil.Process(self._sandbox._processes[SANDBOX].pid)]
        return [each for root in roots for each in (root, *root.children(recursive=True))]
