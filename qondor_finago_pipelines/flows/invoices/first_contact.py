"""First contact with a Finago client: a person looks at the first orders before the rest follows (decisions 7)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...records.errors import SyncError
from ...records.identifiers import ClientId, OfficeId, QondorInvoiceId
from ...records.links import OrderLink
from ...records.operations.results import Flow
from ...records.plans import Plan, Stage
from ...records.refusals import Reason, Refusal
from ...store import Store
from ..run.office_run import OfficeRun


@dataclass(frozen=True)
class Confirmation:
    """What was confirmed: one Finago client, with every office that keeps its books there."""

    client_id: ClientId
    offices: tuple[OfficeId, ...]
    was_confirmed_before: bool
    sent: tuple[OrderLink, ...] = ()
    """The orders that were to be looked at; none where that was done before."""
    waiting: tuple[QondorInvoiceId, ...] = ()
    """The invoices that waited for it: the next run sends them."""


def confirm(store: Store, office_id: OfficeId) -> Confirmation:
    """A person has looked at the first orders of this office's Finago client: the rest may follow.

    Raises SyncError when the office has not reached Finago yet.
    """
    with store.write() as transaction:
        client_id = transaction.clients.client_of_office(office_id)
        if client_id is None:
            raise SyncError(
                f"Office {office_id} has not reached Finago yet, so there is no order to look at.",
                remedy=f"Run `qondor-finago sync invoices --office {office_id}` first.",
            )
        before = transaction.confirmations.confirmed(client_id)
        transaction.confirmations.confirm(client_id)
        offices = sorted(transaction.clients.offices_of(client_id) | {office_id})
        if before:
            return Confirmation(client_id, tuple(offices), before)
        keys = transaction.intents.orders_sent(client_id)
        sent = transaction.orders.of_invoices(QondorInvoiceId(int(key)) for key in keys)
        waiting = [
            QondorInvoiceId(int(key))
            for each in offices
            for key, outcome in transaction.outcomes.of_office(each, Flow.INVOICES.value).items()
            if outcome.reason is Reason.WAITS_FOR_CONFIRM
        ]
    orders = tuple(sent[invoice] for invoice in sorted(sent))
    return Confirmation(client_id, tuple(offices), before, orders, tuple(sorted(waiting)))


def within_first_contact(run: OfficeRun, plan: Plan) -> Plan:
    """The plan with no more new orders than `max_new_orders` allows over the client's whole life; the rest is held.

    What only the held ones need - a company, a project - is not written either.
    """
    limit = run.sync.max_new_orders
    if limit is None:
        return plan
    with run.store.read() as transaction:
        if transaction.confirmations.confirmed(run.client_id):
            return plan
        sent = len(transaction.intents.orders_sent(run.client_id))
    new = [change.key for change in plan.at(Stage.ORDERS) if change.creates]
    held = set(new[max(limit - sent, 0) :])
    changes = (
        replace(change, waiting=tuple(invoice for invoice in change.waiting if invoice not in held))
        for change in plan.changes
    )
    return Plan(
        changes=tuple(change for change in changes if change.waiting),
        refusals={**plan.refusals, **{invoice: _waits(run, invoice) for invoice in held}},
        warnings=plan.warnings,
    )


def _waits(run: OfficeRun, invoice: str) -> Refusal:
    return Refusal(
        Reason.WAITS_FOR_CONFIRM,
        f"Invoice {invoice} waits: the first orders sent to this Finago client have to be looked at by a person.",
        f"Check them in Finago, then run `qondor-finago confirm --office {run.office_id}`.",
    )
