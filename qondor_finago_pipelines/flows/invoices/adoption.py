"""A store that does not know a Finago client yet learns first what is already there (decisions 7).

Orders of the last 400 days whose `ReferenceNumber` could be a Qondor invoice are listed once. Whatever of them is in
the queue is judged before its invoice is sent, so that a lost or empty store never doubles an order; the rest is
adopted a few hundred a run, for payment status. Companies and projects need no list: their rules look in Finago for
everything that the store does not know.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from ...records.errors import NotFound
from ...records.identifiers import OrderId, QondorInvoiceId
from ...records.invoices.invoices import InvoiceStatus, QondorInvoice, Queue
from ...records.invoices.orders import FinagoOrder, Order
from ...records.links import Kind, OrderLink
from ...records.plans import Change, Plan, Stage
from ...records.refusals import Reason, Refusal
from ...rules.absence import DOUBTED_FOR, is_plausible
from ...rules.invoices.assessing import FoundOrder, Quarantine, assess_adoption
from ...rules.invoices.order_links import link_of, link_of_processed
from ...rules.linking import positive_int
from ...rules.text import counted
from ...rules.text import listed as ids_listed
from ..run.metering import FINAGO
from ..run.office_run import OfficeRun
from .unsettled import orders_registered_after, report_not_listed

LOOK_BACK = timedelta(days=400)
ADOPTED_A_RUN = 200
"""One Qondor call each, for invoices that are not in the queue: a first run stays short, the rest follows."""


def list_orders_once(run: OfficeRun, queue: Queue) -> None:
    """On first contact with a Finago client: which of its orders could be ours."""
    with run.store.read() as transaction:
        if transaction.adoption.completed(run.client_id, Kind.ORDER):
            return
    orders, unseen = orders_registered_after(run, run.store.now() - LOOK_BACK)
    orders |= _not_listed(run, queue, orders.keys() | unseen)
    if unseen:
        run.record.warn(_not_shown(len(unseen)))
    # Other people's references are anything; only what can be a Qondor id is asked of Qondor.
    candidates = [
        (order.id, str(reference)) for order in orders.values() if (reference := positive_int(order.reference))
    ]
    with run.write() as transaction:
        transaction.adoption.begin_orders(run.client_id, candidates)
        transaction.adoption.complete(run.client_id, Kind.ORDER)


def _not_shown(orders: int) -> str:
    return (
        f"Finago lists {counted(orders, 'order')} that it does not show: whether it belongs to an invoice of Qondor is "
        "not known."
    )


def learn_unknown_orders(run: OfficeRun) -> None:
    """Before a run creates its first order: which orders were registered since the store's last one that it misses.

    There are some where the store is older than the world: a back-up was put back, or another installation writes to
    the same books. They become candidates of adoption, so that none is made a second time (decisions 7).
    """
    run.cached("unknown orders", lambda: _learn_unknown_orders(run))


def _learn_unknown_orders(run: OfficeRun) -> bool:
    with run.store.read() as transaction:
        last = transaction.orders.last_linked_at(run.client_id)
    if last is None:
        # Then the list of the first contact holds them all.
        return True
    since = last - run.lookup_margin + run.meter.clock_difference(FINAGO)
    listed = run.finago.orders_registered_after(since)
    with run.store.read() as transaction:
        unknown = sorted(set(listed) - transaction.orders.of_orders(run.client_id, listed).keys())
    found = run.finago.orders(unknown)
    if unseen := len(unknown) - len(found):
        run.record.warn(_not_shown(unseen))
    candidates = [
        (order.id, str(reference)) for order in found.values() if (reference := positive_int(order.reference))
    ]
    if candidates:
        run.record.warn(
            f"Finago has {counted(len(candidates), 'order')} that may be of invoices in Qondor and that the sync store "
            "does not know: each is compared before anything is created. Was an older back-up of the store put back?"
        )
        with run.write() as transaction:
            transaction.adoption.begin_orders(run.client_id, candidates)
    return True


def _not_listed(run: OfficeRun, queue: Queue, listed: Collection[OrderId]) -> dict[OrderId, FinagoOrder]:
    """Orders of queued invoices that the list lacks and a search by change date, the proven way, shows.

    An order is younger than its invoice, so the search reaches back to the oldest of the queue.
    """
    if not queue.entries:
        return {}
    oldest = min(entry.created or run.store.now() - LOOK_BACK for entry in queue.entries)
    queued = {str(entry.id) for entry in queue.entries}
    found = {
        order.id: order
        for order in run.finago.orders_changed_after(oldest - run.lookup_margin)
        if order.reference.strip() in queued and order.id not in listed
    }
    for order in found.values():
        report_not_listed(run, order.id, order.reference.strip())
    return found


def adopt_queued(run: OfficeRun, plan: Plan, details: Mapping[QondorInvoiceId, QondorInvoice]) -> Plan:
    """Of a plan's new orders, those that stand in Finago already become links instead; what is unclear is refused.

    An order counts when customer and project agree with what was decided. A total that differs is linked all the same:
    the comparison that follows holds the invoice.
    """
    new = {change.key: change for change in plan.at(Stage.ORDERS) if change.creates}
    with run.store.read() as transaction:
        candidates = transaction.adoption.waiting_for(run.client_id, list(new))
    if not candidates:
        return plan
    listed = [order_id for ids in candidates.values() for order_id in ids]
    orders = run.finago.orders(listed)
    doubted = set(listed) - orders.keys() - set(_gone_for_good(run, listed, orders))
    refusals = dict(plan.refusals)
    changes: list[Change] = []
    for change in plan.changes:
        ids = candidates.get(change.key, ()) if change.stage is Stage.ORDERS and change.creates else ()
        if not ids:
            changes.append(change)
            continue
        if unseen := doubted.intersection(ids):
            refusals[change.key] = Refusal(
                Reason.ORDER_GONE,
                f"Finago listed {counted(len(unseen), 'order')} with the number of invoice {change.key} "
                f"({ids_listed(sorted(unseen))}) and does not show it any more, so that no new one is made.",
                "See whether the login may still read orders. If it was deleted in Finago, wait: after a day a new one "
                "is made.",
            )
            continue
        order: Order = change.after
        verdict = assess_adoption(order, [orders[order_id] for order_id in ids if order_id in orders])
        if isinstance(verdict, FoundOrder):
            changes.append(_adopted(run, change, details[order.reference], verdict.order))
        elif isinstance(verdict, Quarantine):
            refusals[change.key] = Refusal(
                Reason.QUARANTINED,
                verdict.why,
                f"Look at it in Finago, then run `qondor-finago retry --invoice {change.key}` with --link ORDER when "
                "it is this invoice's order, or with --as-new when it is not.",
            )
        else:
            changes.append(change)
    return Plan(changes=tuple(changes), refusals=refusals, warnings=plan.warnings)


def adopt_processed(run: OfficeRun) -> None:
    """Links some of the listed orders whose invoices Qondor has as processed with just this order."""
    with run.store.read() as transaction:
        waiting = transaction.adoption.waiting_orders(run.client_id, ADOPTED_A_RUN)
    if not waiting:
        return
    orders = run.finago.orders([order_id for order_id, _ in waiting])
    done = _gone_for_good(run, [order_id for order_id, _ in waiting], orders)
    for_the_queue: list[OrderId] = []
    for order_id, reference in waiting:
        order = orders.get(order_id)
        if order is None:
            continue
        if _adopt_one(run, order, QondorInvoiceId(int(reference))):
            done.append(order_id)
        else:
            for_the_queue.append(order_id)
    with run.write() as transaction:
        transaction.adoption.leave_to_queue(run.client_id, for_the_queue)
        transaction.adoption.waited(run.client_id, done)


def _gone_for_good(run: OfficeRun, asked: Sequence[OrderId], shown: Mapping[OrderId, FinagoOrder]) -> list[OrderId]:
    """Those that Finago does not show any more, as far as that is to be believed (decisions 8).

    All were shown when they were listed: a login that lost a right must not lose them. Many at once stay for a day.
    """
    missing = [order_id for order_id in asked if order_id not in shown]
    if is_plausible(len(missing), len(asked), anything_seen=bool(shown)):
        return missing
    with run.write() as transaction:
        gone = transaction.adoption.miss(run.client_id, missing, for_long=DOUBTED_FOR)
    if doubted := len(missing) - len(gone):
        run.record.problem(
            "vanished",
            f"Of {counted(len(asked), 'order')} that may be of invoices in Qondor, Finago does not show {doubted} any "
            "more; they stay listed.",
            "See whether the login may still read orders. If they were deleted, nothing is to be done: what is not "
            "shown for a day is let go.",
        )
    return [order_id for order_id in missing if order_id in gone]


def _adopt_one(run: OfficeRun, order: FinagoOrder, invoice_id: QondorInvoiceId) -> bool:
    """Whether the order needs no further look. An invoice that is still in the queue is left to its own run."""
    try:
        invoice = run.qondor.invoice(invoice_id)
    except NotFound:
        return True
    if invoice.status == InvoiceStatus.UNPROCESSED:
        return False
    if (invoice.external_reference or "").strip() != str(order.id):
        return True
    link = link_of_processed(invoice, order, client_id=run.client_id, at=run.store.now())
    if link is None:
        return True
    _link(run, link)
    return True


def _adopted(run: OfficeRun, change: Change, detail: QondorInvoice, found: FinagoOrder) -> Change:
    link = link_of(
        change.after,
        invoice=detail,
        order_id=found.id,
        client_id=run.client_id,
        office_id=run.office_id,
        at=run.store.now(),
    )
    _link(run, link)
    with run.write() as transaction:
        transaction.adoption.waited(run.client_id, [found.id])
    run.record.updated += 1
    run.record.note(detail.id, f"found order {found.id}")
    return Change(
        stage=change.stage,
        kind=change.kind,
        key=change.key,
        before=link,
        after=change.after,
        waiting=change.waiting,
    )


def _link(run: OfficeRun, link: OrderLink) -> None:
    with run.write() as transaction:
        transaction.orders.link(link)
        run.log_event(
            transaction,
            Kind.ORDER,
            str(link.invoice_id),
            "adopted",
            {"order": link.order_id},
            office_id=link.office_id,
        )
