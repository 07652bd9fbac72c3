"""`qondor-finago rejected`: what is not settled, why, and what to do about it."""

from __future__ import annotations

import json
from typing import NamedTuple

import click
from rich.table import Table

from ..records.identifiers import OfficeId
from ..records.money import plain
from ..records.operations.results import Flow, RecordState
from ..store import StoredOutcome
from .common import chosen_offices, office_option, open_store, read_settings, results_console

OPEN = (RecordState.HELD, RecordState.UNCERTAIN)


class Unsettled(NamedTuple):
    """How a record of a flow stands that a person should know of."""

    office: OfficeId
    flow: Flow
    stored: StoredOutcome


@click.command()
@office_option("Only this office. Without it: all offices.", multiple=True)
@click.option("--failed", is_flag=True, help="Also what was failed in Qondor, which nothing can settle any more.")
@click.option(
    "--unloaded", is_flag=True, help="Instead the amounts on projects that are neither cost nor sale, and why."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one line a record.")
@click.pass_context
def rejected(context: click.Context, office: tuple[int, ...], failed: bool, unloaded: bool, as_json: bool) -> None:
    """Lists the records of all flows that are refused or uncertain, with reason and remedy.

    Leaves with 0 when there are none, with 1 when there are some. What is not loaded is nobody's mistake: with
    `--unloaded` it leaves with 0.
    """
    if unloaded:
        _show_unloaded(office, as_json=as_json)
        return
    listed = (*OPEN, RecordState.FAILED) if failed else OPEN
    offices = chosen_offices(read_settings(), office)
    store = open_store()
    try:
        with store.read() as transaction:
            found = [
                Unsettled(each.id, flow, stored)
                for each in offices
                for flow in Flow
                for stored in transaction.outcomes.of_office(each.id, flow.value).values()
                if stored.state in listed
            ]
    finally:
        store.close()
    if as_json:
        for each in found:
            click.echo(json.dumps(_as_json(each), ensure_ascii=False))
    elif found:
        results_console().print(_as_table(found))
    else:
        click.echo("Nothing is refused or uncertain.")
    context.exit(1 if found else 0)


def _show_unloaded(office: tuple[int, ...], *, as_json: bool) -> None:
    offices = chosen_offices(read_settings(), office)
    store = open_store()
    try:
        with store.read() as transaction:
            found = [(each.id, amount) for each in offices for amount in transaction.unloaded.within(each.id)]
    finally:
        store.close()
    if as_json:
        for office_id, each in found:
            click.echo(json.dumps({"office": office_id, **each.as_json()}, ensure_ascii=False))
        return
    if not found:
        click.echo("Everything on a project is loaded.")
        return
    table = Table("office", "voucher", "account", "Finago project", "why", title="On a project, and not loaded")
    table.add_column("amount", justify="right")
    for office_id, each in found:
        table.add_row(str(office_id), each.voucher, str(each.account), each.project, each.why.value, plain(each.amount))
    results_console().print(table)


def _as_json(found: Unsettled) -> dict[str, object]:
    stored = found.stored
    return {
        "office": found.office,
        "flow": found.flow.value,
        "id": int(stored.key) if stored.key.isdigit() else stored.key,
        "state": stored.state.value,
        "reason": stored.reason.value if stored.reason else None,
        "message": stored.message,
        "remedy": stored.remedy,
        "since": stored.first_seen.isoformat(),
    }


def _as_table(found: list[Unsettled]) -> Table:
    table = Table(
        "office", "record", "outcome", "since (UTC)", "why", "what to do", title="Not settled", show_lines=True
    )
    for each in found:
        stored = each.stored
        table.add_row(
            str(each.office),
            f"invoice {stored.key}" if stored.key.isdigit() else stored.key,
            stored.state.value,
            stored.first_seen.strftime("%Y-%m-%d %H:%M"),
            stored.message,
            stored.remedy,
        )
    return table
