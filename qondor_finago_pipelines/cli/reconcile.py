"""`qondor-finago reconcile`: both systems compared record by record, to the øre."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from datetime import date, datetime

import click
from rich.console import Console
from rich.table import Table

from ..records.days import oslo_day
from ..records.errors import SyncError
from ..records.money import plain
from ..records.reconciliation import Difference, Reconciliation, shown
from ..settings import OfficeSettings
from .common import chosen_offices, log_console, office_option, read_settings

WIDTH = 80
"""The tables fit it where the output goes to a file."""

SHOWN = 200
"""Differences of one office in the table; the rest is counted and stands in --json."""


@click.command()
@office_option("Only this office; may be given several times. Without it: all open offices.", multiple=True)
@click.option(
    "--from",
    "first",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="The first day of the documents that are compared, in Europe/Oslo. Without it: that of the current month.",
)
@click.option("--to", "last", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="The last day. Without it: today.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line: each difference, then each office.")
@click.pass_context
def reconcile(
    context: click.Context, office: tuple[int, ...], first: datetime | None, last: datetime | None, as_json: bool
) -> None:
    """Reads both systems afresh and names every difference between them; writes nothing in either.

    Invoices, payments, costs and sales of these days; customers and projects whatever their day. Leaves with 0 when
    nothing stands unexplained, with 1 when something does or could not be read, with 2 when it was called wrongly.
    """
    from ..flows.reconciliation.reconcile import reconcile_office
    from ..flows.service import SyncService

    settings, log = read_settings(), log_console()
    offices = [each for each in chosen_offices(settings, office) if office or not each.closed]
    all_explained = True
    with SyncService(settings, os.environ).open() as sync:
        first_day, last_day = _days(first, last, today=oslo_day(sync.store.now()))
        for each in offices:
            try:
                found = reconcile_office(
                    sync, each, first_day, last_day, progress=lambda text: log.print(f"{text} …", style="dim")
                )
            except SyncError as error:
                log.print(f"Office {each.id} could not be compared: {error}", style="red")
                all_explained = False
                continue
            all_explained &= not found.unexplained
            _show_json(found) if as_json else _show(each, found)
            for warning in found.warnings:
                log.print(f"note: {warning}", style="dim")
    context.exit(0 if all_explained else 1)


def _days(first: datetime | None, last: datetime | None, *, today: date) -> tuple[date, date]:
    last_day = last.date() if last else today
    first_day = first.date() if first else last_day.replace(day=1)
    if not first_day <= last_day <= today:
        raise click.BadParameter(
            f"the days from {first_day} to {last_day} are no range that ends today or before.", param_hint="--from/--to"
        )
    return first_day, last_day


def _show_json(found: Reconciliation) -> None:
    for difference in found.differences:
        click.echo(json.dumps(difference.as_json(), ensure_ascii=False))
    click.echo(json.dumps(found.as_json(), ensure_ascii=False))


def _show(office: OfficeSettings, found: Reconciliation) -> None:
    console = Console(width=None if sys.stdout.isatty() else WIDTH, highlight=False)
    console.print(f"Office {office.id} {office.name}, {found.first_day} to {found.last_day}", markup=False)
    if found.differences:
        console.print(_differences(found.differences[:SHOWN]))
    if len(found.differences) > SHOWN:
        console.print(f"… and {len(found.differences) - SHOWN} more: see them all with --json.")
    console.print(_totals(found))
    if found.unloaded:
        console.print(_unloaded(found))
    counts = ", ".join(f"{count} {kind.value}s" for kind, count in found.compared.items())
    console.print(f"{counts or 'nothing'} compared; digest {found.digest}")
    console.print(
        f"{len(found.differences)} differences, {len(found.unexplained)} of them unexplained.",
        style="red" if found.unexplained else "green",
    )


def _differences(differences: Iterable[Difference]) -> Table:
    table = Table(title="Differences", show_lines=True)
    for heading, share in (("record", 16), ("field", 12), ("Qondor", 13), ("Finago", 13)):
        table.add_column(heading, ratio=share, overflow="fold")
    table.add_column("Finago − Qondor", ratio=12, justify="right", overflow="fold")
    table.add_column("explained", ratio=14, overflow="fold")
    for each in differences:
        amount = "" if each.difference is None else f"{plain(each.difference)} {each.currency}".strip()
        record = f"{each.kind.value} {each.qondor or '–'}\n{each.finago or '–'} in Finago"
        why = each.explained or "[red]no[/red]"
        table.add_row(record, each.field, shown(each.qondor_value), shown(each.finago_value), amount, why)
    return table


def _totals(found: Reconciliation) -> Table:
    table = Table("kind", "currency", title="Totals")
    for heading in ("Qondor", "Finago", "difference"):
        table.add_column(heading, justify="right")
    for kind, of_kind in found.totals.items():
        for currency, each in of_kind.items():
            table.add_row(
                f"{kind.value}s", currency, plain(each.qondor), plain(each.finago), plain(each.finago - each.qondor)
            )
    return table


def _unloaded(found: Reconciliation) -> Table:
    table = Table("on a project, and neither cost nor sale", title="Not loaded, by reason")
    table.add_column("sum", justify="right")
    for why, amount in found.unloaded.items():
        table.add_row(why, plain(amount))
    return table
