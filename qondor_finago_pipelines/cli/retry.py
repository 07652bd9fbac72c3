"""`qondor-finago retry`: a person settles what is in quarantine, which no rule may do (decisions 7)."""

from __future__ import annotations

import os
from uuid import uuid4

import click

from ..records.identifiers import OrderId, QondorInvoiceId
from ..records.operations.results import Flow
from .common import open_store, read_settings
from .trying_again import try_all_again


@click.command()
@click.option("--invoice", type=click.IntRange(min=1), metavar="ID", help="The Qondor invoice in quarantine.")
@click.option(
    "--link", type=click.IntRange(min=1), metavar="ORDER", help="This Finago order is the invoice's: link the two."
)
@click.option("--as-new", is_flag=True, help="No order in Finago is the invoice's: send it as a new one.")
@click.option("--allow-deletions", is_flag=True, help="What Finago shows no more is gone: once, with --office.")
@click.option(
    "--office",
    type=click.IntRange(min=1),
    metavar="ID",
    help="The office of --allow-deletions, or the only one of --all-of.",
)
@click.option("--all-of", metavar="CAUSE", help="Try all records again now that wait for this: `rejected` names it.")
@click.option("--unblock", is_flag=True, help="Call the systems again, though one of them asked to be left alone.")
@click.pass_context
def retry(
    context: click.Context,
    invoice: int | None,
    link: int | None,
    as_new: bool,
    allow_deletions: bool,
    office: int | None,
    all_of: str | None,
    unblock: bool,
) -> None:
    """Settles what waits for your decision.

    An invoice in quarantine, after you looked for its order in Finago; costs and sales that Finago shows no more; a
    system that is left alone. A held invoice needs no retry: every run looks at it again, and settles it as soon as its
    cause is mended. With --all-of this happens at once: it leaves with 0 when all that waited for the cause are
    settled.
    """
    if (invoice is not None) + allow_deletions + unblock + (all_of is not None) != 1:
        raise click.UsageError("Say what to settle: --invoice ID, --all-of CAUSE, --allow-deletions or --unblock.")
    if unblock:
        with open_store() as store:
            store.unblock_calls()
        click.echo("Both systems are called again from now on.")
    elif all_of is not None:
        context.exit(0 if try_all_again(all_of, office) else 1)
    elif allow_deletions:
        _allow_deletions(office)
    elif invoice is not None:
        _settle_invoice(invoice, link, as_new)


def _allow_deletions(office: int | None) -> None:
    if office is None:
        raise click.UsageError("Say for which office: --office ID.")
    office_id = read_settings().office(office).id
    with open_store() as store, store.write() as transaction:
        transaction.readings.allow_deletions(office_id)
    click.echo(
        f"The next run of costs and sales of office {office} deletes in Qondor what Finago shows no more, however much "
        "it is."
    )


def _settle_invoice(invoice: int, link: int | None, as_new: bool) -> None:
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
