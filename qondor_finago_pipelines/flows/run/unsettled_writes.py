"""Settles writes of which nobody knows whether they landed, before any new work is taken (decisions 7).

A look-up decides: found means landed; not found means not landed, but only when the write is older than the quiet
period; anything odd is quarantined for a person. Nothing is ever picked by guess.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from ...records.customers_and_projects.customers import BUSINESS, CONSUMER
from ...records.identifiers import CompanyId, FinagoProjectId, OrderId, QondorInvoiceId
from ...records.invoices.orders import FinagoOrder
from ...records.links import WRITTEN_TO_FINAGO, CompanyLink, Intent, IntentState, Kind
from ...rules.invoices.assessing import FoundOrder, NotLanded, Quarantine, assess_lookup
from ...rules.linking import CUSTOMER_KEY, consumer_key
from ...store import StoreConflict
from ..invoices.links_as_text import link_from
from .office_run import OfficeRun
from .writing import mark


def settle_uncertain(run: OfficeRun, kinds: Collection[Kind] = WRITTEN_TO_FINAGO) -> None:
    """Looks up every unsettled intent of these kinds in the Finago client, whichever office wrote it.

    We hold the client's lease, so an intent that is still open was left by a process that died: as good as uncertain.
    A quarantined order waits for a person (`flows.retrying`); anything else in quarantine is looked up again in each
    run, and settles by itself once somebody has put it right in Finago.
    """
    with run.store.read() as transaction:
        intents = transaction.intents.unsettled(run.client_id)
    waiting: dict[Kind, list[Intent]] = defaultdict(list)
    for intent in intents:
        waits_for_a_person = intent.state is IntentState.QUARANTINED and intent.kind is Kind.ORDER
        if intent.kind in kinds and not waits_for_a_person:
            waiting[intent.kind].append(intent)
    for kind, settle in (
        (Kind.COMPANY, _settle_companies),
        (Kind.PROJECT, _settle_projects),
        (Kind.ORDER, _settle_orders),
        (Kind.INVOICING, _settle_invoicing),
    ):
        if waiting[kind]:
            _count(run, waiting[kind])
            settle(run, waiting[kind])


def report_unsettled(run: OfficeRun, kinds: Collection[Kind] = WRITTEN_TO_FINAGO) -> None:
    """Says of every intent of this office and these kinds that is still unsettled what it means for the run."""
    with run.store.read() as transaction:
        intents = transaction.intents.unsettled(run.client_id)
    now = run.store.now()
    for intent in intents:
        if intent.office_id != run.office_id or intent.kind not in kinds:
            continue
        if intent.state is IntentState.QUARANTINED:
            run.record.problem(
                f"quarantine {intent.kind.value} {intent.key}",
                f"The {intent.kind.value} of {intent.key} is quarantined: what Finago holds may be it or not.",
                f"Look at it in Finago, then run `qondor-finago retry --invoice {intent.key}` with --link ORDER or "
                "--as-new."
                if intent.kind is Kind.ORDER
                else "Look at it in Finago; nothing more is sent for it until a person has settled it.",
            )
        elif now - intent.committed_at > run.quiet_period and intent.lookups >= 2:
            run.record.problem(
                f"uncertain {intent.kind.value} {intent.key}",
                f"The {intent.kind.value} of {intent.key} is still uncertain after {intent.lookups} look-ups.",
                "See whether Finago answers at all; nothing is sent again until a look-up succeeds.",
            )


def _settle_orders(run: OfficeRun, intents: Sequence[Intent]) -> None:
    # The look-up cannot see what lands after it began, so its own time is what the quiet period is held against.
    looked_at = run.store.now()
    earliest = min(intent.committed_at for intent in intents)
    candidates, unseen = orders_registered_after(run, earliest - run.lookup_margin)
    by_reference: dict[str, list[FinagoOrder]] = defaultdict(list)
    for order in candidates.values():
        by_reference[order.reference.strip()].append(order)
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
    return orders, set(listed) - orders.keys()


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
    looked_at = run.store.now()
    found = run.finago.orders([_order_of(intent) for intent in intents])
    for intent in intents:
        order = found.get(_order_of(intent))
        if order is None:
            if _is_quiet(run, intent, looked_at):
                mark(run, [intent], IntentState.QUARANTINED, {"why": "Finago no longer has the order"})
        elif order.invoice_number is not None:
            with run.write() as transaction:
                transaction.orders.update(QondorInvoiceId(int(intent.key)), invoice_number=order.invoice_number)
            mark(run, [intent], IntentState.LANDED, {"invoice": order.invoice_number, "found": "by look-up"})
        elif _is_quiet(run, intent, looked_at):
            mark(run, [intent], IntentState.NOT_LANDED, {"found": "not invoiced"})


def _order_of(intent: Intent) -> OrderId:
    return OrderId(int(intent.expected["order_id"] or 0))


def no_order_of(run: OfficeRun, intents: Mapping[str, Intent]) -> bool:
    """Whether Finago has no order with any of these references yet: asked before a call is repeated at once."""
    earliest = min(intent.committed_at for intent in intents.values())
    orders, unseen = orders_registered_after(run, earliest - run.lookup_margin)
    return not unseen and not any(order.reference.strip() in intents for order in orders.values())


def no_company_of(run: OfficeRun, intents: Mapping[str, Intent]) -> bool:
    """Whether Finago has no company for any of these keys yet."""
    return not intents.keys() & _companies_by_key(run).keys()


def is_not_invoiced(run: OfficeRun, order_id: OrderId) -> bool:
    order = run.finago.orders([order_id]).get(order_id)
    return order is not None and order.invoice_number is None


def _companies_by_key(run: OfficeRun) -> dict[str, set[CompanyId]]:
    """Every company of the client by the store's key: customer id or hash of the e-mail address."""
    by_key: dict[str, set[CompanyId]] = defaultdict(set)
    for company in run.finago.company_directory().values():
        if company.type == CONSUMER:
            for address in company.emails.all():
                by_key[consumer_key(address)].add(company.id)
        elif company.type == BUSINESS and company.external_id:
            # Our id goes with the very write that creates a company, so it is all that has to be looked for.
            by_key[CUSTOMER_KEY + company.external_id.strip()].add(company.id)
    return dict(by_key)


def _settle_companies(run: OfficeRun, intents: Sequence[Intent]) -> None:
    looked_at = run.store.now()
    by_key = _companies_by_key(run)
    for intent in intents:
        _settle_company(run, intent, by_key.get(intent.key, set()), looked_at)


def _settle_company(run: OfficeRun, intent: Intent, found: Iterable[CompanyId], looked_at: datetime) -> None:
    hits = sorted(found)
    if len(hits) == 1:
        with run.write() as transaction:
            transaction.companies.link(
                CompanyLink(client_id=run.client_id, key=intent.key, company_id=hits[0], office_id=intent.office_id)
            )
        mark(run, [intent], IntentState.LANDED, {"company": hits[0], "found": "by look-up"})
    elif hits:
        mark(run, [intent], IntentState.QUARANTINED, {"why": "several companies", "companies": hits})
    elif _is_quiet(run, intent, looked_at):
        mark(run, [intent], IntentState.NOT_LANDED, {"found": "nothing"})


def _settle_projects(run: OfficeRun, intents: Sequence[Intent]) -> None:
    """A project is found by its id, which is ours to choose. Whose it is, the rules decide when they next meet it."""
    looked_at = run.store.now()
    found = run.finago.projects([FinagoProjectId(int(intent.key)) for intent in intents])
    for intent in intents:
        if FinagoProjectId(int(intent.key)) in found:
            mark(run, [intent], IntentState.LANDED, {"found": "by look-up"})
        elif _is_quiet(run, intent, looked_at):
            mark(run, [intent], IntentState.NOT_LANDED, {"found": "nothing"})


def _is_quiet(run: OfficeRun, intent: Intent, looked_at: datetime) -> bool:
    """Whether Finago could no longer be working on the old request when the look-up began."""
    return looked_at - intent.committed_at >= run.quiet_period


def _count(run: OfficeRun, intents: Iterable[Intent]) -> None:
    with run.write() as transaction:
        for intent in intents:
            transaction.intents.count_lookup(intent.id)
