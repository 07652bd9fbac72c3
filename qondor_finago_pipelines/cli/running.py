"""Runs a flow's job in this process, an office at a time, each as a run of its own in the Dagster instance."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any

import click
import dagster as dg
from rich.console import Console

from ..automation.at_work import still_at_work
from ..automation.dagster_internals import MAX_RUNTIME_SECONDS_TAG
from ..automation.run_failures import failed_step
from ..automation.run_workers import this_process
from ..definitions import JOBS, build_defs
from ..flows.service import SyncService
from ..partitions import OfficeDays
from ..records.identifiers import OfficeId
from ..records.operations.failures import FailedRun, FailedWork
from ..records.operations.results import Flow, FlowResult, Problem
from ..settings import Settings
from ..tags import run_tags
from .common import results_console
from .instance import REPOSITORY_TAG
from .showing import show_results

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""The command says itself what happened; the run's log stands in the instance."""

LONGEST_RUN_SECONDS = 6 * 3600
"""Where a command runs on another machine than the daemon, nobody sees it die. After this time its run counts as failed
and no longer keeps the office's lane; should it be at work after all, the store's lease holds the next one off."""


class KeepsResults:
    """The sync service of a command, which also keeps what its runs came to: Dagster gives only events."""

    def __init__(self, service: SyncService) -> None:
        self._service = service
        self.results: dict[tuple[Flow, OfficeId], FlowResult] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)

    def sync(self, flow: Flow, office_id: OfficeId, **how: Any) -> FlowResult:
        result = self._service.sync(flow, office_id, **how)
        self.results[flow, office_id] = result
        return result


class FlowRuns:
    """The runs of one command: the definitions are built once, the sync service is shared."""

    def __init__(self, settings: Settings, instance: dg.DagsterInstance, sync: SyncService) -> None:
        self._settings = settings
        self._instance = instance
        self._sync = sync
        self._kept = KeepsResults(sync)
        self._definitions = build_defs(settings, self._kept)

    def window(self, office: OfficeId, today: date) -> OfficeDays:
        """The lookback window of costs and sales, as the schedule runs it."""
        return OfficeDays(min(self._sync.cost_window(office), today), today, office)

    def run(self, flow: Flow, days: OfficeDays) -> FlowResult:
        """One run of the flow's job, recorded in the instance. Never raises for what happens inside the run."""
        office = days.office
        one_day = days.keys[0] if days.first_day == days.last_day else None
        self._kept.results.pop((flow, office), None)
        run = self._definitions.resolve_job_def(JOBS[flow]).execute_in_process(
            instance=self._instance,
            partition_key=one_day,
            tags={
                **({} if one_day else days.range_tags),
                **run_tags(flow, office, lane=self._sync.lanes(flow, [office])[office], trigger="cli"),
                **REPOSITORY_TAG,
                **this_process(),
                MAX_RUNTIME_SECONDS_TAG: str(LONGEST_RUN_SECONDS),
            },
            run_config=QUIET,
            raise_on_error=False,
        )
        result = self._kept.results.get((flow, office))
        if result is not None and (run.success or result.problems):
            return result
        self._report(flow, days, run)
        return _broken_off(flow, days, run.run_id, result)

    def run_each(self, flow: Flow, windows: Iterable[OfficeDays], log: Console, *, as_json: bool) -> bool:
        """One run after the other, and at the end what came of them, for people or as JSON; whether all is settled."""
        results: list[FlowResult] = []
        for days in windows:
            name = self._settings.office(days.office).name
            with log.status(f"Office {days.office} {name}: {flow.in_words} until {days.last_day} …"):
                results.append(self.run(flow, days))
            if as_json:
                click.echo(json.dumps(results[-1].as_json(), ensure_ascii=False))
        self.deliver_alerts()
        if not as_json:
            show_results(results_console(), self._settings, results)
        return all(result.all_settled for result in results)

    def deliver_alerts(self) -> int:
        """Tells people what they have not been told yet, at the command's end; how many messages that took."""
        return self._sync.deliver_alerts(partial(still_at_work, self._instance))

    def _report(self, flow: Flow, days: OfficeDays, run: dg.ExecuteInProcessResult) -> None:
        """A command may have been started by no person: its error is told as that of any other run."""
        work = FailedWork(
            office=days.office,
            flow=flow,
            day=days.last_day,
            first_day=days.first_day if days.first_day != days.last_day else None,
            office_run_id=run.run_id,
        )
        steps = tuple(failed_step(event) for event in run.all_events if event.is_step_failure)
        self._sync.record_failure(FailedRun(run_id=run.run_id, works=(work,), steps=steps, nobody_watches=False))


def _broken_off(flow: Flow, days: OfficeDays, run_id: str, result: FlowResult | None) -> FlowResult:
    """The run died of an error that no flow foresees. Its text may hold anything, so it stays in the run's log."""
    problem = Problem(
        cause="crash",
        message=f"Run {run_id} broke off with an unexpected error.",
        remedy="See the run's log in Dagster, and report it.",
    )
    if result is None:
        return FlowResult(flow=flow, office=days.office, day=days.last_day, problems=(problem,))
    return FlowResult(**{**vars(result), "problems": (*result.problems, problem)})
