"""Looks up orders and their invoicing of which nobody knows whether they landed (decisions 7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from ...records.identifiers import OrderId, QondorInvoiceId
from ...records.invoices.orders import FinagoOrder
from ...records.links import Intent, IntentState, Kind
from ...rules.invoices.assessing import FoundOrder, NotLanded, Quarantine, assess_lookup
from ...store import StoreConflict
from ..customers_and_projects import unsettled as customers_and_projects
from ..run.office_run import OfficeRun
from ..run.outbox import mark
from ..run.unsettled_writes import Settlers, is_quiet
from .links_as_text import link_from


def _settle_orders(run: OfficeRun, intents: Sequence[Intent]) -> None:
    # The look-up cannot see what lands after it began, so its own time is what the quiet period is held against.
    looked_at = run.time_at(intents[0].kind)
    earliest = min(intent.committed_at for intent in intents)
    by_reference, unseen = _orders_by_reference(run, {intent.key for intent in intents}, earliest)
    for intent in intents:
        verdict = assess_lookup(intent, by_reference.get(intent.key, ()), now=looked_at, quiet_period=run.quiet_period)
        if isinstance(verdict, FoundOrder):
            _link_found(run, intent, verdict.order)
        elif isinstance(verdict, NotLanded) and unseen:
            # One of these may be it: sending again might double the order.
            mark(run, [intent], IntentState.QUARANTINED, {"why": "Finago lists orders that it does not show"})
        elif isinstance(verdict, NotLanded):
            mark(run, [intent], IntentState.NOT_LANDED, {"found": "nothing"})
        elif isinstance(verdict, Quarantine):
            mark(run, [intent], IntentState.QUARANTINED, {"why": verdict.why})


def orders_registered_after(run: OfficeRun, instant: datetime) -> tuple[dict[OrderId, FinagoOrder], set[OrderId]]:
    """The orders registered after an instant, and the ids that Finago lists but does not show, though asked twice."""
    listed = run.finago.orders_registered_after(instant)
    orders = dict(run.finago.orders(listed))
    if unseen := set(listed) - orders.keys():
        orders |= run.finago.orders(sorted(unseen))
    # One that cannot even be told by its reference is as good as not shown.
    return orders, {each for each in listed if each not in orders or _is_anybodys(orders[each])}


def _orders_by_reference(
    run: OfficeRun, references: Collection[str], earliest: datetime
) -> tuple[Mapping[str, Sequence[FinagoOrder]], set[OrderId]]:
    """The orders that bear these references, looked for both ways; and what Finago lists but does not show.

    What the list of registered orders lacks is asked for by change date as well: the list is a way that nobody has been
    seen to use, and what is not found is sent again. Where the two differ, somebody is told (decisions 7).
    """
    since = earliest - run.lookup_margin
    listed, unseen = orders_registered_after(run, since)
    found: dict[str, dict[OrderId, FinagoOrder]] = defaultdict(dict)
    for order in listed.values():
        found[order.reference.strip()][order.id] = order
    if set(references) <= found.keys():
        return _as_lists(found), unseen
    changed = run.finago.orders_changed_after(since)
    for order in changed:
        reference = order.reference.strip()
        if reference in references and order.id not in found[reference]:
            found[reference][order.id] = order
            if order.id not in unseen:
                report_not_listed(run, order.id, reference)
    # One that cannot even be told by its reference may be any of them.
    anybodys = {order.id for order in changed if _is_anybodys(order)}
    return _as_lists(found), unseen - {order.id for order in changed} | anybodys


def report_not_listed(run: OfficeRun, order_id: OrderId, reference: str) -> None:
    run.record.problem(
        "orders not listed",
        f"Finago's list of registered orders lacks order {order_id} of invoice {reference}, which a search by change "
        "date shows: nothing is concluded from the list alone.",
        "Tell those who maintain this program: the list cannot be relied on in these books.",
    )


def _as_lists(found: Mapping[str, Mapping[OrderId, FinagoOrder]]) -> dict[str, list[FinagoOrder]]:
    return {reference: list(orders.values()) for reference, orders in found.items() if orders}


def _is_anybodys(order: FinagoOrder) -> bool:
    return bool(order.unreadable) and not order.reference


def _link_found(run: OfficeRun, intent: Intent, order: FinagoOrder) -> None:
    try:
        with run.write() as transaction:
            transaction.orders.link(link_from(intent, order, run.store.now()))
    except StoreConflict:
        # The invoice has another order already: two orders for one invoice are for a person to sort out.
        mark(run, [intent], IntentState.QUARANTINED, {"why": "a second order", "order": order.id})
        return
    mark(run, [intent], IntentState.LANDED, {"order": order.id, "found": "by look-up"})


def _settle_invoicing(run: OfficeRun, intents: Sequence[Intent]) -> None:
    looked_at = run.time_at(intents[0].kind)
    found = run.finago.orders([_order_of(intent) for intent in intents])
    for intent in intents:
        order = found.get(_order_of(intent))
        if order is None:
            if is_quiet(run, intent, looked_at):
                mark(run, [intent], IntentState.QUARANTINED, {"why": "Finago no longer has the order"})
        elif order.unreadable:
            continue
        elif order.invoice_number is not None:
            with run.write() as transaction:
                transaction.orders.update(QondorInvoiceId(int(intent.key)), invoice_number=order.invoice_number)
            mark(run, [intent], IntentState.LANDED, {"invoice": order.invoice_number, "found": "by look-up"})
        elif is_quiet(run, intent, looked_at):
            mark(run, [intent], IntentState.NOT_LANDED, {"found": "not invoiced"})


def _order_of(intent: Intent) -> OrderId:
    return OrderId(int(intent.expected["order_id"] or 0))


def no_order_of(run: OfficeRun, intents: Mapping[str, Intent]) -> bool:
    """Whether Finago has no order with any of these references yet: asked before a call is repeated at once."""
    earliest = min(intent.committed_at for intent in intents.values())
    found, unseen = _orders_by_reference(run, intents.keys(), earliest)
    return not unseen and not found.keys() & intents.keys()


def not_invoiced(run: OfficeRun, intents: Mapping[str, Intent]) -> bool:
    """Whether Finago has the order of each intent, and none of them is an invoice yet."""
    ids = [_order_of(intent) for intent in intents.values()]
    found = run.finago.orders(ids)
    return all(
        order_id in found and not found[order_id].unreadable and found[order_id].invoice_number is None
        for order_id in ids
    )


SETTLERS: Settlers = {
    **customers_and_projects.SETTLERS,
    Kind.ORDER: _settle_orders,
    Kind.INVOICING: _settle_invoicing,
}
"""Everything that is written to Finago, a parent before its child."""
