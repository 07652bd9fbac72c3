"""`qondor-finago confirm`: lifts the first-contact guard after somebody looked at the first order (decisions 7)."""

from __future__ import annotations

import click

from ..records.identifiers import OfficeId
from ..records.results import Flow
from .common import office_option, open_ledger, read_settings


@click.command()
@office_option("The office whose first order you looked at in Finago.", required=True)
def confirm(office: int) -> None:
    """Lets all orders of an office's Finago client through, from its next run on.

    Look at the first order in Finago before: customer, project, lines, VAT and total.
    """
    settings = read_settings()
    office_id = settings.office(OfficeId(office)).id
    ledger = open_ledger()
    try:
        with ledger.write() as transaction:
            client_id = transaction.clients.client_of_office(office_id)
            if client_id is None:
                raise click.ClickException(
                    f"Office {office_id} has not reached Finago yet, so there is no order to look at. "
                    f"Run `qondor-finago sync {Flow.INVOICES.value} --office {office_id}` first."
                )
            already = transaction.confirmations.confirmed(client_id)
            transaction.confirmations.confirm(client_id, ledger.now())
            served = sorted(transaction.clients.offices_of(client_id) | {office_id})
    finally:
        ledger.close()
    offices = f"office{'s' if len(served) > 1 else ''} {', '.join(map(str, served))}"
    click.echo(f"Finago client {client_id} ({offices}) was confirmed {'before' if already else 'now'}.")
