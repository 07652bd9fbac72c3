"""`qondor-finago backfill`: a lookback window, priced before it starts."""

from __future__ import annotations

import os
import sys
from datetime import date, datetime

import click

from ..records.operations.results import Flow
from ..settings import Settings
from .common import chosen_offices, log_console, office_option, read_settings

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("flow", type=click.Choice([flow.value for flow in Flow]))
@click.option("--from", "first", type=_DAY, required=True, help="The first day, in Europe/Oslo.")
@click.option("--to", "last", type=_DAY, required=True, help="The last day; it is included.")
@office_option("Only this office; may be given several times. Without it: all offices.", multiple=True)
@click.option("--yes", is_flag=True, help="Starts without asking. Nobody is asked where there is no terminal.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one line a run.")
@click.pass_context
def backfill(
    context: click.Context,
    flow: str,
    first: datetime,
    last: datetime,
    office: tuple[int, ...],
    yes: bool,
    as_json: bool,
) -> None:
    """Brings a range of past days up to date, an office after the other.

    Costs and sales take the whole range in one run for each office; invoices take a run for each day. What was loaded
    already is not written again, so a backfill that was interrupted goes on where it stopped when it is given again.
    """
    chosen = Flow(flow)
    if chosen is Flow.CUSTOMERS_AND_PROJECTS:
        raise click.UsageError(
            "Customers and projects have no past days: Qondor only tells how they are now. Run `sync` instead."
        )
    # Dagster takes a second to import, which `--help` need not wait for.
    from ..flows.costs_and_sales.read import COMPLETION_CALLS
    from ..flows.service import SyncService
    from ..partitions import OfficeDays
    from ..records.days import oslo_day
    from ..reports.open_records import days_until
    from ..rules.costs_and_sales.pricing import price_of_window
    from ..rules.text import counted
    from .instance import open_instance
    from .running import FlowRuns

    settings, log = read_settings(), log_console()
    offices = [each for each in chosen_offices(settings, office) if each.does(chosen)]
    with SyncService(settings, os.environ).open() as sync, open_instance() as instance:
        first_day, last_day = _range(settings, first.date(), last.date(), oslo_day(sync.store.now()))
        days = (last_day - first_day).days + 1
        what = f"{counted(days, 'day')} for {counted(len(offices), 'office')}"
        if chosen is Flow.COSTS_AND_SALES:
            price = price_of_window(first_day, last_day, completion_calls=COMPLETION_CALLS)
            log.print(
                f"{what}: at least {price.finago} Finago calls and {price.qondor} "
                "Qondor call for each office to read, and then one Qondor call for each record that has to be written."
            )
        else:
            log.print(
                f"{what}: {counted(days * len(offices), 'run')}, each with at least 1 Qondor call "
                "for the queue and 1 Finago call for payments where orders were linked on that day."
            )
        if not yes and sys.stdin.isatty():
            click.confirm("Start?", abort=True, err=True)
        windows = (
            window
            for each in offices
            for window in (
                [OfficeDays(first_day, last_day, each.id)]
                if chosen is Flow.COSTS_AND_SALES
                else [OfficeDays(day, day, each.id) for day in days_until(last_day, days)]
            )
        )
        all_settled = FlowRuns(settings, instance, sync).run_each(chosen, windows, log, as_json=as_json)
    context.exit(0 if all_settled else 1)


def _range(settings: Settings, first: date, last: date, today: date) -> tuple[date, date]:
    if first > last:
        raise click.BadParameter(f"{last} lies before {first}: the range is empty.", param_hint="--to")
    earliest = settings.sync.first_day
    if not earliest <= first or last > today:
        raise click.BadParameter(
            f"{first} to {last} is not within the days that can be synced: {earliest} (sync.first_day) to {today}.",
            param_hint="--from",
        )
    return first, last
