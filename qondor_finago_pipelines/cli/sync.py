"""`qondor-finago sync`: one flow now, for one or all offices."""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path

import click

from ..records.operations.results import Flow
from ..settings import Addresses
from .applying import apply_plan
from .common import log_console, office_option, offices_that_do, read_settings


@click.command()
@click.argument("flow", type=click.Choice([flow.value for flow in Flow]))
@office_option("Only this office; may be given several times. Without it: all offices.", multiple=True)
@click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day in Europe/Oslo. Without it: today, for costs and sales the whole lookback window. A past day "
    "takes only invoices that were issued then, or vouchers that changed then.",
)
@click.option(
    "--plan",
    "plan_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Applies just the plan in this file (`qondor-finago plan --out`), or nothing where it no longer holds.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one line an office.")
@click.pass_context
def sync(
    context: click.Context,
    flow: str,
    office: tuple[int, ...],
    day: datetime | None,
    plan_file: Path | None,
    as_json: bool,
) -> None:
    """Runs one flow now, and records it in Dagster like a scheduled run.

    An office that is closed, or that has the flow disabled, is left alone. Leaves with 0 when everything is settled,
    with 1 when something is not, and with 2 when options or settings are wrong.
    """
    chosen = Flow(flow)
    # Dagster takes a second to import, which `--help` need not wait for.
    from ..flows.service import SyncService
    from ..partitions import OfficeDays
    from ..records.days import oslo_day
    from .instance import open_instance
    from .running import FlowRuns

    settings = read_settings()
    log = log_console()
    if plan_file is not None:
        if office or day is not None:
            raise click.UsageError(
                "--plan says itself of which offices it is, as of today: leave --office and --day out."
            )
        context.exit(0 if apply_plan(settings, chosen, plan_file, log, as_json=as_json) else 1)
    offices = offices_that_do(settings, chosen, office, log)
    if Addresses.from_environment(settings, os.environ).slack is None:
        log.print("Slack is not set up: alerts go to this log.", style="dim")
    with SyncService(settings, os.environ).open() as sync, open_instance() as instance:
        chosen_day = _checked(chosen, day, first=settings.sync.first_day, today=oslo_day(sync.store.now()))
        runs = FlowRuns(settings, instance, sync)
        windows = (
            runs.window(each.id, chosen_day)
            if chosen is Flow.COSTS_AND_SALES and day is None
            else OfficeDays(chosen_day, chosen_day, each.id)
            for each in offices
        )
        all_settled = runs.run_each(chosen, windows, log, as_json=as_json)
    context.exit(0 if all_settled else 1)


def _checked(flow: Flow, day: datetime | None, *, first: date, today: date) -> date:
    chosen = day.date() if day else today
    if not first <= chosen <= today:
        raise click.BadParameter(
            f"{chosen} is no day that can be synced: choose one from {first} (sync.first_day) to {today}.",
            param_hint="--day",
        )
    if flow is Flow.CUSTOMERS_AND_PROJECTS and chosen != today:
        raise click.BadParameter(
            f"{chosen} has passed, and Qondor only tells how {flow.in_words} are now: leave --day out to sync them "
            "as of today.",
            param_hint="--day",
        )
    return chosen
