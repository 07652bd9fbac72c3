"""A queue with every kind of record in it, and what must be true of it once everything has come to rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from qondor_finago_pipelines.records.identifiers import ClientId, QondorInvoiceId
from qondor_finago_pipelines.records.operations.results import FlowResult
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.sandbox.world.invoice_lines import line
from qondor_finago_pipelines.store import Store
from tests.end_to_end.installation import OSLO, Installation


@dataclass(frozen=True)
class Queue:
    """The Qondor ids of the queue's invoices."""

    invoices: tuple[int, ...]
    cards: tuple[int, ...] = ()
    credited_cards: tuple[int, ...] = ()
    """Credit notes of card payments: invoiced, never reported as paid."""


def queue_of_every_kind(world: World) -> Queue:
    """Five invoices that need every kind of write: two companies, two projects, five orders, two real invoices."""
    world.add_company("Nordlys AS", id=4711, organisation_number="912345688")
    known = world.add_customer("Nordlys AS", id=77, reference=4711, organisation_number="912345688")
    unknown = world.add_customer("Havgap AS", id=78, organisation_number="987654325")
    first = world.add_project("Kick-off 2026", id=555, number="SO12345", customer=known)
    second = world.add_project("Board meeting", id=556, number="SO12346", customer=unknown)
    offer = world.add_invoice(customer=known, project=first)
    card = world.add_invoice(customer=known, project=first, card=True, lines=[line(quantity=3, price="133.33")])
    credit = world.add_invoice(credit_of=card)
    booking = world.add_invoice(kind="booking", project=first, lines=[line(quantity="2.5", price="99.99", vat=15)])
    of_unknown = world.add_invoice(customer=unknown, project=second, kind="form")
    return Queue((offer, card, credit, booking, of_unknown), cards=(card,), credited_cards=(credit,))


def assert_exactly_once(installation: Installation, queue: Queue) -> None:
    """Each invoice one order, to the øre; each company, project and real invoice once; nothing open in the store."""
    world = installation.world
    books = world.books(OSLO)
    assert {invoice: len(world.orders_of(invoice)) for invoice in queue.invoices} == dict.fromkeys(queue.invoices, 1)
    for invoice in queue.invoices:
        order, source = world.order_of(invoice), world.qondor.invoices[invoice]
        assert Decimal(order["OrderTotalIncVat"]) == Decimal(source["totalInclVat"]), f"total of {invoice}"
        assert source["externalReference"] == str(order["OrderId"]), f"External Reference of {invoice}"
        assert world.qondor.status_of(invoice) == ("Paid" if invoice in queue.cards else "Processed")
        if invoice in queue.cards:
            assert order["OrderStatus"] == "Invoiced"
            assert order["Paid"].date() == date.fromisoformat(source["paidDate"])
            assert source["paidDate"] == order["Paid"].date().isoformat()
    invoiced = [order for order in books.orders.values() if order.get("InvoiceId") is not None]
    assert len(invoiced) == len(queue.cards) + len(queue.credited_cards)
    assert_nothing_twice(world)
    assert books.last_invoice_number - 10000 == len(invoiced), "an invoice number was used up in vain"
    for customer in world.qondor.customers.values():
        company = next((one for one in books.companies.values() if one.get("ExternalId") == str(customer["id"])), None)
        if company is not None:
            assert customer["externalReference"] == str(company["Id"])
    store = Store.open(installation.store_url, clock=installation.clock)
    with store, store.read() as transaction:
        assert transaction.intents.unsettled(ClientId(books.client_id)) == ()
        links = transaction.orders.of_invoices(map(QondorInvoiceId, queue.invoices))
        assert transaction.orders.unacknowledged(OSLO) == ()
    assert {invoice: link.order_id for invoice, link in links.items()} == {
        invoice: world.order_of(invoice)["OrderId"] for invoice in queue.invoices
    }


def assert_nothing_twice(world: World) -> None:
    """True at every moment, however far things have come."""
    for books in world.finago.books.values():
        references = Counter(order["ReferenceNumber"] for order in books.orders.values())
        assert [reference for reference, times in references.items() if times > 1] == []
        external_ids = Counter(company.get("ExternalId") for company in books.companies.values())
        assert [external_id for external_id, times in external_ids.items() if external_id and times > 1] == []
        emails = Counter(
            company["EmailAddresses"]["Primary"]["Value"].lower()
            for company in books.companies.values()
            if company["Type"] == "Consumer"
        )
        assert [email for email, times in emails.items() if times > 1] == []
        names = Counter(project["Name"] for project in books.projects.values())
        assert [name for name, times in names.items() if times > 1] == []


def run_until_quiet(
    installation: Installation, pauses: Sequence[float], *, run: Callable[[], FlowResult] | None = None
) -> list[FlowResult]:
    """Runs again after each pause (minutes), until a run has nothing left to settle."""
    results: list[FlowResult] = []
    for pause in pauses:
        installation.wait(minutes=pause)
        results.append(run() if run else installation.sync())
        assert_nothing_twice(installation.world)
        if results[-1].all_settled:
            break
    return results
