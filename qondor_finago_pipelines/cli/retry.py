"""`qondor-finago retry`: a person settles what is in quarantine, which no rule may do (decisions 7)."""

from __future__ import annotations

import os
from uuid import uuid4

import click

from ..records.identifiers import OrderId, QondorInvoiceId
from ..records.operations.results import Flow
from .common import read_settings


@click.command()
@click.option(
    "--invoice", type=click.IntRange(min=1), metavar="ID", required=True, help="The Qondor invoice in quarantine."
)
@click.option(
    "--link", type=click.IntRange(min=1), metavar="ORDER", help="This Finago order is the invoice's: link the two."
)
@click.option("--as-new", is_flag=True, help="No order in Finago is the invoice's: send it as a new one.")
def retry(invoice: int, link: int | None, as_new: bool) -> None:
    """Settles an invoice in quarantine as you decide, after you looked for its order in Finago.

    A held invoice needs no retry: every run looks at it again, and settles it as soon as its cause is mended.
    """
    if (link is None) is not as_new:
        raise click.UsageError(
            "Say what you found in Finago: --link ORDER when an order is the invoice's, --as-new when none is."
        )
    from ..flows.service import SyncService

    with SyncService(read_settings(), os.environ).open() as sync:
        office = sync.retry(QondorInvoiceId(invoice), run_id=str(uuid4()), link=None if link is None else OrderId(link))
    decided = f"is linked to order {link}" if link is not None else "will be sent as a new order"
    click.echo(
        f"Invoice {invoice} {decided}. `qondor-finago sync {Flow.INVOICES.value} --office {office}` carries it on, as "
        "does the next scheduled run."
    )
