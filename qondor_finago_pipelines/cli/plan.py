"""`qondor-finago plan`: what a sync would do now, before anything is written (decisions 13)."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from ..records.money import plain
from ..records.operations.planned import FlowPlan, PlannedChange
from ..records.operations.results import Flow
from .common import log_console, office_option, offices_that_do, read_settings, results_console

if TYPE_CHECKING:
    from ..flows.rehearsal.services import PlannedRun
    from ..flows.service import SyncService
    from ..settings import OfficeSettings

WIDTH = 80
"""A plan is read as it is pasted: in a mail, in a terminal of any width."""


@click.command()
@click.argument("flow", type=click.Choice([flow.value for flow in Flow]))
@office_option("Only this office; may be given several times. Without it: all offices.", multiple=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Writes the plan to this file as well.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one line a change; last the digest.")
@click.pass_context
def plan(context: click.Context, flow: str, office: tuple[int, ...], out: Path | None, as_json: bool) -> None:
    """Shows what a sync of FLOW would create, change, report, delete and refuse now. Writes to neither system.

    With --out the plan can be applied afterwards, and nothing else with it: `qondor-finago sync FLOW --plan FILE`.
    Leaves with 0, or with 1 when something could not be looked at.
    """
    from ..flows.rehearsal.plan_file import write_plan
    from ..flows.rehearsal.services import rehearse
    from ..flows.service import SyncService

    settings, chosen = read_settings(), Flow(flow)
    log = log_console()
    offices = offices_that_do(settings, chosen, office, log)
    with SyncService(settings, os.environ).open() as service, log.status(f"Rehearsing {chosen.in_words} …"):
        made = rehearse(service, chosen, [run_of_today(service, chosen, each) for each in offices])
    if out is not None:
        write_plan(made, out)
        log.print(f"Written to {out}: apply it with `qondor-finago sync {flow} --plan {out}`.")
    if as_json:
        for change in made.changes:
            click.echo(json.dumps(change.as_json(), ensure_ascii=False))
        click.echo(json.dumps(made.summary()))
    else:
        show_plan(results_console(), made)
    context.exit(0 if made.is_whole else 1)


def run_of_today(service: SyncService, flow: Flow, office: OfficeSettings) -> PlannedRun:
    """The run that `sync` would start for the office now."""
    from ..flows.rehearsal.services import PlannedRun
    from ..records.days import oslo_day
    from ..records.identifiers import OfficeId

    today, office_id = oslo_day(service.store.now()), OfficeId(office.id)
    window = min(service.cost_window(office_id), today) if flow is Flow.COSTS_AND_SALES else None
    return PlannedRun(office=office_id, day=today, first_day=window)


def show_plan(console: Console, made: FlowPlan) -> None:
    """The table, what it comes to, and what it costs."""
    console.width = min(console.width, WIDTH)
    if made.changes:
        table = Table("record", "action", "what", title=f"Plan: {made.flow.in_words}", width=WIDTH)
        table.columns[0].overflow = table.columns[2].overflow = "fold"
        table.add_column("amount", justify="right", no_wrap=True)
        before = None
        for change in made.changes:
            here = (change.office, change.key)
            if before not in (None, here):
                table.add_section()
            before = here
            table.add_row(_record(made, change), change.action, _what(change), _amount(change))
        console.print(table)
    for line in totals_in_words(made):
        console.print(line, markup=False)
    for note in made.notes:
        console.print(f"note: {note}", style="dim", markup=False)
    summary = made.summary()
    calls = ", ".join(f"{count} to {system}" for system, count in summary["calls"].items())
    console.print(f"{summary['changes']} changes, {summary['refusals']} refused or waiting; calls: {calls}.")
    console.print(f"Plan {summary['plan'][:16]}. Nothing was written.", markup=False)


def totals_in_words(made: FlowPlan) -> Iterator[str]:
    """What the plan comes to, a line for each thing that is done: `create 2 orders: 25000.00 NOK`."""
    numbers: Counter[tuple[str, str]] = Counter()
    sums: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for change in made.changes:
        what = change.action, change.record or "office"
        numbers[what] += 1
        if change.amount is not None and change.currency:
            sums[what][change.currency] += change.amount
    for (action, record), number in numbers.items():
        money = ", ".join(f"{plain(total)} {currency}" for currency, total in sorted(sums[action, record].items()))
        yield f"{action} {number} {_several(record, number)}" + (f": {money}" if money else "")


def _several(record: str, number: int) -> str:
    if number == 1:
        return record
    return f"{record[:-1]}ies" if record.endswith("y") else f"{record}s"


def _record(made: FlowPlan, change: PlannedChange) -> str:
    return change.name if len(made.offices) == 1 else f"{change.office}: {change.name}"


def _what(change: PlannedChange) -> str:
    """Fields as they were and as they will be; of what is left, why, and what to do."""
    fields = ", ".join(each.in_words for each in change.fields)
    return "\n".join(text for text in (fields, change.reason, change.remedy) if text).replace("[", r"\[")


def _amount(change: PlannedChange) -> str:
    return "" if change.amount is None else f"{plain(change.amount)} {change.currency or ''}".rstrip()
