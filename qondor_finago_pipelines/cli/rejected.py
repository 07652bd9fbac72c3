"""`qondor-finago rejected`: what is not settled, why, and what to do about it."""

from __future__ import annotations

import json
from typing import NamedTuple

import click
from rich.table import Table

from ..records.identifiers import OfficeId
from ..records.operations.results import Flow, RecordState
from ..store import Standing
from .common import chosen_offices, office_option, open_ledger, read_settings, results_console

OPEN = (RecordState.HELD, RecordState.UNCERTAIN)


class Unsettled(NamedTuple):
    """How a record of a flow stands that a person should know of."""

    office: OfficeId
    flow: Flow
    standing: Standing


@click.command()
@office_option("Only this office. Without it: all offices.", multiple=True)
@click.option("--failed", is_flag=True, help="Also what was failed in Qondor, which nothing can settle any more.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one line a record.")
@click.pass_context
def rejected(context: click.Context, office: tuple[int, ...], failed: bool, as_json: bool) -> None:
    """Lists the records of all flows that are refused or uncertain, with reason and remedy.

    Leaves with 0 when there are none, with 1 when there are some.
    """
    listed = (*OPEN, RecordState.FAILED) if failed else OPEN
    offices = chosen_offices(read_settings(), office)
    ledger = open_ledger()
    try:
        with ledger.read() as transaction:
            found = [
                Unsettled(each.id, flow, standing)
                for each in offices
                for flow in Flow
                for standing in transaction.outcomes.standing(each.id, flow.value).values()
                if standing.state in listed
            ]
    finally:
        ledger.close()
    if as_json:
        for each in found:
            click.echo(json.dumps(_as_json(each), ensure_ascii=False))
    elif found:
        results_console().print(_as_table(found))
    else:
        click.echo("Nothing is refused or uncertain.")
    context.exit(1 if found else 0)


def _as_json(found: Unsettled) -> dict[str, object]:
    standing = found.standing
    return {
        "office": found.office,
        "flow": found.flow.value,
        "id": int(standing.key) if standing.key.isdigit() else standing.key,
        "state": standing.state.value,
        "reason": standing.reason.value if standing.reason else None,
        "message": standing.message,
        "remedy": standing.remedy,
        "since": standing.first_seen.isoformat(),
    }


def _as_table(found: list[Unsettled]) -> Table:
    table = Table(
        "office", "record", "outcome", "since (UTC)", "why", "what to do", title="Not settled", show_lines=True
    )
    for each in found:
        standing = each.standing
        table.add_row(
            str(each.office),
            f"invoice {standing.key}" if standing.key.isdigit() else standing.key,
            standing.state.value,
            standing.first_seen.strftime("%Y-%m-%d %H:%M"),
            standing.message,
            standing.remedy,
        )
    return table
