"""`qondor-finago sync --plan`: the runs of a plan that somebody looked at, and nothing that was not in it."""

from __future__ import annotations

import os
from pathlib import Path

import click
from rich.console import Console

from ..records.operations.results import Flow
from ..settings import Settings
from .plan import run_of_today


def apply_plan(settings: Settings, flow: Flow, file: Path, log: Console, *, as_json: bool) -> bool:
    """Rehearses once more, and runs the flow where that comes to the same plan; whether all was done.

    Raises SyncError for a file that is no plan of this installation and flow: nothing is written then.
    """
    from ..flows.rehearsal.plan_file import MAKE_A_NEW_ONE, read_plan
    from ..flows.rehearsal.services import PlannedService, rehearse
    from ..flows.service import SyncService
    from ..partitions import OfficeDays
    from .instance import open_instance
    from .running import FlowRuns

    with SyncService(settings, os.environ).open() as service, open_instance() as instance:
        with service.store.read() as transaction:
            plan = read_plan(file, flow, transaction.installation_id())
        runs = [run_of_today(service, flow, settings.office(office)) for office in plan.offices]
        with log.status(f"Comparing the plan of {flow.in_words} with how things are now …"):
            now = rehearse(service, flow, runs)
        changed = list(plan.differences(now))
        for difference in changed:
            click.echo(difference, err=True)
        if changed:
            click.echo(f"The plan no longer holds. {MAKE_A_NEW_ONE}", err=True)
            return False
        planned = PlannedService(service, plan)
        windows = (OfficeDays(run.first_day or run.day, run.day, run.office) for run in runs)
        all_settled = FlowRuns(settings, instance, planned).run_each(flow, windows, log, as_json=as_json)
    for write in planned.gate.held_back:
        click.echo(f"Not in the plan, so not done: {write}.", err=True)
    return all_settled and not planned.gate.held_back
