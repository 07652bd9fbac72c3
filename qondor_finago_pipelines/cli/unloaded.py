"""`qondor-finago rejected --unloaded`: the amounts on projects that are neither cost nor sale, and their sums."""

from __future__ import annotations

from collections.abc import Sequence

import click
from rich.table import Table

from ..records.identifiers import OfficeId
from ..records.operations.results import ListedAmount, sums_by_reason
from ..rules.operations.causes import money
from .common import as_data, chosen_offices, json_line, open_store, read_settings, results_console
from .spreadsheet import print_csv

Listed = Sequence[tuple[OfficeId, ListedAmount]]


def show_unloaded(office: tuple[int, ...], *, as_json: bool, as_csv: bool) -> None:
    """What the store keeps of it, in these offices or all; the amounts are in the own currency of each one's books."""
    offices = chosen_offices(read_settings(), office)
    with open_store() as store, store.read() as transaction:
        found = [(each.id, amount) for each in offices for amount in transaction.unloaded.within(each.id)]
    if as_json:
        for office_id, each in found:
            click.echo(json_line({"office": office_id, **each.as_json()}))
    elif as_csv:
        print_csv(
            ("office", "voucher", "account", "project", "amount", "why"),
            ((at, each.voucher, each.account, each.project, each.amount, each.why.value) for at, each in found),
        )
    elif found:
        _for_people(found)
    else:
        click.echo("Everything on a project is loaded.")


def _for_people(found: Listed) -> None:
    console = results_console()
    table = Table("office", "voucher", "account", "Finago project", "why", title="On a project, and not loaded")
    table.add_column("amount", justify="right")
    for office, each in found:
        table.add_row(
            str(office),
            each.voucher,
            str(each.account),
            as_data(each.project),
            each.why.value,
            money(each.amount, None),
        )
    console.print(table)
    sums = Table("office", "why", title="Summed by reason")
    sums.add_column("amounts", justify="right")
    sums.add_column("sum", justify="right")
    for office in dict.fromkeys(office for office, _ in found):
        listed = [each for at, each in found if at == office]
        for why, amount in sums_by_reason(listed).items():
            number = sum(each.why is why for each in listed)
            sums.add_row(str(office), why.value, str(number), money(amount, None))
    console.print(sums)
