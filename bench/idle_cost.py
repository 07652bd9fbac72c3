"""What an installation costs while nothing is issued: processor time and calls, with every office awaiting a payment.

Run it as `python -m bench.idle_cost`. It plays hours of the queue sensor and of the five-minute schedules, tick by
tick, against the sandbox; the clock of both sides stands and is moved, so that hours take minutes. Leaves with 1 when
a figure is above what is allowed. With `--real-minutes 10` it then looks at real processes for so long, on PostgreSQL:
what Dagster itself takes, the start of runs, and the hourly flow, which the hours before leave out.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import dagster as dg
from rich.console import Console
from rich.table import Table

from bench.freshness import LATENCY_SECONDS
from bench.real_processes import Meter, installed
from qondor_finago_pipelines.cli.children import interrupted_by_signals
from qondor_finago_pipelines.cli.running import QUIET
from qondor_finago_pipelines.definitions import JOBS, build_defs
from qondor_finago_pipelines.flows.invoices.queue_poll import QueuePoll
from qondor_finago_pipelines.flows.service import SyncService
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from qondor_finago_pipelines.sandbox.seeds.settings_text import office_settings_yaml
from qondor_finago_pipelines.settings import load_settings
from qondor_finago_pipelines.store import Store

OFFICES = 100
HOURS = 2
"""So many are played and measured."""

WARM_UP_HOURS = 0.5
"""Played first: every order is made, and the first questions about payment fall into step."""

POLL_SECONDS = 30
PAYMENTS_EVERY_MINUTES = 30
"""The settings that the figures are promised for."""

QONDOR_CALLS_A_DAY = 8000
FINAGO_CALLS_AN_HOUR = 7200 // 4
"""What is allowed."""

HOUR = timedelta(hours=1)
SCHEDULE = timedelta(minutes=5)


@dataclass
class StatusClock:
    """The time of both sides. It moves only when somebody sleeps, and that takes no time."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0))

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class ServiceHere(SyncService):
    """The sync service of all runs, sensors and schedules in this process."""

    def open(self) -> Self:
        # Each run has a process, and so a poll, of its own.
        self._poll = QueuePoll()
        return super().open()


@dataclass
class Cost:
    """What some hours came to. Seconds are those of this process's processor time, the sandbox left out."""

    hours: float = 0
    sensor_ticks: int = 0
    sensor_seconds: float = 0
    schedule_ticks: int = 0
    schedule_seconds: float = 0
    runs: int = 0
    run_seconds: float = 0
    qondor_calls: int = 0
    finago_calls: int = 0
    calls_by_operation: Mapping[str, int] = field(default_factory=dict)

    @property
    def qondor_calls_a_day(self) -> float:
        return self.qondor_calls * 24 / self.hours

    @property
    def finago_calls_an_hour(self) -> float:
        return self.finago_calls / self.hours

    @property
    def is_too_much(self) -> bool:
        return self.qondor_calls_a_day > QONDOR_CALLS_A_DAY or self.finago_calls_an_hour > FINAGO_CALLS_AN_HOUR


class Installation:
    """Sensor and schedules of an installation, and the runs that they ask for, in this process."""

    def __init__(self, world: World, sync: ServiceHere, clock: StatusClock, instance: dg.DagsterInstance) -> None:
        self.world = world
        self.cost = Cost()
        self._sync = sync
        self._clock = clock
        self._instance = instance
        self._definitions = build_defs(sync.settings, sync)
        self._cursor: str | None = None

    def play(self, hours: float) -> None:
        """So many hours: the sensor at every poll, the schedules of all offices at every five minutes."""
        clock = self._clock
        at, end = clock.now, clock.now + hours * HOUR
        while at < end:
            # What the calls of the last tick slept for their slots is part of the pause.
            clock.now = max(clock.now, at)
            if at.minute % 5 == 0 and at.second == 0:
                self._tick_schedules(at)
            self._tick_sensor()
            at += timedelta(seconds=POLL_SECONDS)
        self.cost.hours += hours

    def _tick_sensor(self) -> None:
        sensor = self._definitions.resolve_sensor_def("invoice_queue")
        with dg.build_sensor_context(
            instance=self._instance,
            cursor=self._cursor,
            resources={"sync": self._sync},
            repository_def=self._definitions.get_repository_def(),
        ) as context:
            began = time.thread_time()
            found = sensor.evaluate_tick(context)
            self.cost.sensor_seconds += time.thread_time() - began
        self.cost.sensor_ticks += 1
        self._cursor = found.cursor
        for request in found.run_requests or ():
            self._run(request)

    def _tick_schedules(self, at: datetime) -> None:
        for office in self._sync.settings.offices:
            schedule = self._definitions.resolve_schedule_def(f"invoices_office_{office.id}")
            assert isinstance(schedule, dg.ScheduleDefinition)
            with dg.build_schedule_context(
                instance=self._instance,
                scheduled_execution_time=at,
                resources={"sync": self._sync},
                repository_def=self._definitions.get_repository_def(),
            ) as context:
                began = time.thread_time()
                found = schedule.evaluate_tick(context)
                self.cost.schedule_seconds += time.thread_time() - began
            self.cost.schedule_ticks += 1
            for request in found.run_requests or ():
                self._run(request)

    def _run(self, request: dg.RunRequest) -> None:
        began = time.process_time()
        run = self._definitions.resolve_job_def(request.job_name or JOBS[Flow.INVOICES]).execute_in_process(
            instance=self._instance,
            run_config={**request.run_config, **QUIET},
            tags=dict(request.tags),
            partition_key=request.partition_key,
            raise_on_error=False,
        )
        self.cost.run_seconds += time.process_time() - began
        self.cost.runs += 1
        if not run.success:
            raise SystemExit(f"A run failed: {run.get_step_failure_events()}")


@contextmanager
def installation(offices: int) -> Iterator[Installation]:
    """An installation with so many offices, each of which has one invoice to send and then waits for its payment."""
    clock = StatusClock()
    world = empty(offices={101 + number: f"Office {number}" for number in range(offices)}, clock=clock)
    for office in world.offices:
        customer = world.add_customer(f"Customer of {office} AS", office=office)
        world.add_invoice(customer=customer, project=world.add_project(office=office, customer=customer), office=office)
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(world=world) as sandbox,
        dg.DagsterInstance.local_temp(folder, {"telemetry": {"enabled": False}}) as instance,
    ):
        file = Path(folder) / "offices.yaml"
        file.write_text(
            office_settings_yaml(
                world,
                sync={"poll_seconds": POLL_SECONDS, "payments_every_minutes": PAYMENTS_EVERY_MINUTES},
            ),
            encoding="utf-8",
        )
        store = Store.open(f"sqlite:///{folder}/store.db", clock=clock, sleep=clock.sleep)
        environ = {**os.environ, **sandbox.environment()}
        with ServiceHere(load_settings(file), environ, store, pause=clock.sleep) as sync:
            yield Installation(world, sync, clock, instance)


def measure(offices: int = OFFICES, hours: float = HOURS) -> Cost:
    """The cost of these hours, after some time in which every office sent its invoice."""
    with installation(offices) as here:
        here.play(WARM_UP_HOURS)
        here.cost = Cost()
        here.world.calls.clear()
        here.play(hours)
        here.cost.qondor_calls = here.world.calls.count("qondor")
        here.cost.finago_calls = here.world.calls.count("finago")
        here.cost.calls_by_operation = here.world.calls.by_operation()
        return here.cost


def real_shares(offices: int, minutes: float) -> Mapping[str, float]:
    """Which share of one processor each process takes, with those that it starts, while nothing is issued."""
    with installed(offices, latency_seconds=LATENCY_SECONDS) as here:
        here.wait_until_looked_at()
        meter = Meter(here)
        until = time.monotonic() + 60 * minutes
        while time.monotonic() < until:
            here.watch()
            time.sleep(5)
        return meter.processors()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.idle_cost", description=__doc__)
    parser.add_argument("--real-minutes", type=float, default=0, help="how long real processes are looked at")
    arguments = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 160, highlight=False)
    cost = measure()
    table = Table(
        "figure",
        "per hour",
        "of one processor",
        title=f"{OFFICES} offices, nothing issued, payments every {PAYMENTS_EVERY_MINUTES} minutes: "
        f"{cost.hours:g} hours played",
    )
    for what, number, seconds in (
        ("ticks of the queue sensor", cost.sensor_ticks, cost.sensor_seconds),
        ("ticks of the schedules", cost.schedule_ticks, cost.schedule_seconds),
        ("runs, without the start of their processes", cost.runs, cost.run_seconds),
    ):
        table.add_row(what, f"{number / cost.hours:g}", f"{100 * seconds / cost.hours / 3600:.2f} %")
    console.print(table)
    calls = Table("system", "counted", "comes to", "allowed", title="Calls")
    calls.add_row("Qondor", str(cost.qondor_calls), f"{cost.qondor_calls_a_day:.0f} a day", f"{QONDOR_CALLS_A_DAY}")
    calls.add_row(
        "Finago", str(cost.finago_calls), f"{cost.finago_calls_an_hour:.0f} an hour", f"{FINAGO_CALLS_AN_HOUR}"
    )
    console.print(calls)
    operations = ", ".join(f"{name} {number}" for name, number in sorted(cost.calls_by_operation.items()))
    console.print(operations, style="dim")
    if arguments.real_minutes:
        shares = real_shares(OFFICES, arguments.real_minutes)
        processes = ", ".join(f"{name} {100 * share:.1f} %" for name, share in shares.items())
        console.print(f"Real processes, {arguments.real_minutes:g} minutes, of one processor: {processes}")
    return 1 if cost.is_too_much else 0


if __name__ == "__main__":
    with interrupted_by_signals():
        sys.exit(main())
