"""`qondor-finago rejected`: what is not settled, why, and what to do about it; by record or by cause."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import click
from rich.table import Table

from ..records.days import in_oslo
from ..records.money import plain
from ..records.operations.inbox import CauseGroup, RefusedRecord
from ..rules.operations.causes import age_in_words, groups_of, headline, money, when_next
from .common import as_data, chosen_offices, json_line, office_option, open_store, read_settings, results_console
from .spreadsheet import print_csv
from .unloaded import show_unloaded

COLUMNS = (
    *("office", "flow", "record", "state", "reason", "amount", "currency"),
    *("first_seen", "since", "last_tried", "next_try", "age_days", "message", "remedy"),
)
"""Of `--csv`. The instants are UTC."""


class Shown(NamedTuple):
    """How the list is to be shown."""

    now: datetime
    by_cause: bool


@click.command()
@office_option("Only this office. Without it: all offices.", multiple=True)
@click.option("--failed", is_flag=True, help="Also what was failed in Qondor, which nothing can settle any more.")
@click.option(
    "--unloaded", is_flag=True, help="Instead the amounts on projects that are neither cost nor sale, and why."
)
@click.option("--by-cause", is_flag=True, help="Only what the records have in common, with sums: one line a cause.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, one line a record.")
@click.option("--csv", "as_csv", is_flag=True, help="The same as a table for a spreadsheet, in UTF-8.")
@click.pass_context
def rejected(
    context: click.Context,
    office: tuple[int, ...],
    failed: bool,
    unloaded: bool,
    by_cause: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Lists the records of all flows that are refused or uncertain, with reason and remedy, oldest first.

    Leaves with 0 when there are none, with 1 when there are some. What is not loaded is nobody's mistake: with
    `--unloaded` it leaves with 0.
    """
    if as_json and as_csv:
        raise click.UsageError("Choose one of --json and --csv.")
    if unloaded:
        show_unloaded(office, as_json=as_json, as_csv=as_csv)
        return
    from ..flows.operations.due_work import DueWork
    from ..flows.operations.inbox import refused_records

    settings = read_settings()
    offices = [each.id for each in chosen_offices(settings, office)]
    with open_store() as store:
        found = refused_records(store, DueWork(settings, os.environ, store), offices, failed=failed)
        shown = Shown(store.now(), by_cause)
    if as_json:
        _as_json(found, shown)
    elif as_csv:
        _as_csv(found, shown)
    elif found:
        _for_people(found, shown)
    else:
        click.echo("Nothing is refused or uncertain.")
    context.exit(1 if found else 0)


def _as_json(found: Sequence[RefusedRecord], shown: Shown) -> None:
    lines: Iterable[dict[str, object]] = (
        (_group_as_json(each) for each in groups_of(found))
        if shown.by_cause
        else (_record_as_json(each, shown.now) for each in found)
    )
    for line in lines:
        click.echo(json_line(line))


def _record_as_json(record: RefusedRecord, now: datetime) -> dict[str, object]:
    return {
        "office": record.office,
        "flow": record.flow.value,
        "id": _id(record),
        "state": record.state.value,
        "reason": record.reason.value if record.reason else None,
        "message": record.message,
        "remedy": record.remedy,
        "amount": None if record.amount is None else plain(record.amount),
        "currency": record.currency,
        "first_seen": record.first_seen.isoformat(),
        "since": record.since.isoformat(),
        "last_tried": record.last_tried.isoformat(),
        "next_try": record.next_try.isoformat() if record.next_try else None,
        "age_days": record.age(now).days,
    }


def _group_as_json(group: CauseGroup) -> dict[str, object]:
    return {
        "flow": group.flow.value,
        "cause": group.cause,
        "why": group.why,
        "number": len(group.records),
        "sums": {currency: plain(amount) for currency, amount in group.sums.items()},
        "offices": sorted({each.office for each in group.records}),
        "ids": [_id(each) for each in group.records],
        "mend": group.mend,
        "retry": group.trying_helps,
    }


def _id(record: RefusedRecord) -> int | str:
    return int(record.key) if record.key.isdigit() else record.key


def _as_csv(found: Sequence[RefusedRecord], shown: Shown) -> None:
    if shown.by_cause:
        sums: list[tuple[CauseGroup, str, Decimal | None]] = []
        for group in groups_of(found):
            sums += [(group, currency, amount) for currency, amount in group.sums.items()] or [(group, "", None)]
        print_csv(
            ("flow", "cause", "number", "currency", "amount", "why", "mend"),
            (
                (each.flow, each.cause, len(each.records), currency, amount, each.why, each.mend)
                for each, currency, amount in sums
            ),
        )
        return
    print_csv(
        COLUMNS,
        (
            (
                each.office,
                each.flow,
                each.named,
                each.state,
                each.reason,
                each.amount,
                each.currency,
                each.first_seen.isoformat(),
                each.since.isoformat(),
                each.last_tried.isoformat(),
                each.next_try.isoformat() if each.next_try else None,
                each.age(shown.now).days,
                each.message,
                each.remedy,
            )
            for each in found
        ),
    )


def _for_people(found: Sequence[RefusedRecord], shown: Shown) -> None:
    console = results_console()
    causes = Table("what is wrong", "how to mend all", title="By cause", show_lines=True)
    for group in groups_of(found):
        mend = as_data(group.mend)
        if group.trying_helps:
            mend.append(f"\nThen: qondor-finago retry --all-of '{group.cause}'")
        causes.add_row(as_data(headline(group)), mend)
    console.print(causes)
    if shown.by_cause:
        return
    table = Table("office", "record", "outcome", title="Not settled, oldest first (times of Oslo)", show_lines=True)
    table.add_column("amount", justify="right")
    for name in ("first seen", "last tried", "next try", "age", "why", "what to do"):
        table.add_column(name)
    for each in found:
        table.add_row(
            str(each.office),
            as_data(each.named),
            each.state.value,
            as_data(money(each.amount, each.currency)),
            in_oslo(each.first_seen),
            in_oslo(each.last_tried),
            when_next(each, shown.now),
            age_in_words(each.age(shown.now)),
            as_data(each.message),
            as_data(each.remedy),
        )
    console.print(table)
