"""`qondor-finago confirm`: lifts the first-contact guard after somebody looked at the first order (decisions 7)."""

from __future__ import annotations

import click

from ..records.identifiers import OfficeId
from ..records.money import plain
from ..rules.text import counted
from .common import office_option, open_store, read_settings


@click.command()
@office_option("The office whose first order you looked at in Finago.", required=True)
def confirm(office: int) -> None:
    """Lets all orders of an office's Finago client through, from its next run on.

    Look at the first order in Finago before: customer, project, lines, VAT and total.
    """
    from ..flows.invoices.first_contact import confirm as confirmed

    settings = read_settings()
    store = open_store()
    try:
        done = confirmed(store, settings.office(OfficeId(office)).id)
    finally:
        store.close()
    offices = f"office{'s' if len(done.offices) > 1 else ''} {', '.join(map(str, done.offices))}"
    when = "before" if done.was_confirmed_before else "now"
    click.echo(f"Finago client {done.client_id} ({offices}) was confirmed {when}.")
    for link in done.sent:
        total = f"{plain(link.total)} {link.currency}".rstrip()
        click.echo(f"Looked at: invoice {link.invoice_id}, order {link.order_id} in Finago, {total}.")
    if done.waiting:
        waiting = ", ".join(map(str, done.waiting))
        click.echo(
            f"Let through by the next run: {counted(len(done.waiting), 'invoice')} ({waiting}). "
            "`qondor-finago plan invoices` shows them."
        )
