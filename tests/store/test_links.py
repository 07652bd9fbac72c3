"""Clients, companies, projects and orders: what is linked to what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from qondor_finago_pipelines.records.identifiers import (
    CompanyId,
    FinagoProjectId,
    InvoiceNumber,
    OrderId,
    QondorInvoiceId,
    QondorProjectId,
)
from qondor_finago_pipelines.records.links import CompanyLink, ProjectLink
from qondor_finago_pipelines.store import Store, StoreConflict
from tests.store.builders import BERGEN, CLIENT, OSLO, OTHER_CLIENT, order_link

if TYPE_CHECKING:
    from tests.conftest import FakeClock

# clients


def test_an_office_and_a_credential_set_remember_their_client(store: Store) -> None:
    with store.write() as transaction:
        assert transaction.clients.client_of_office(OSLO) is None
        assert transaction.clients.client_of_credential("oslo") is None
        transaction.clients.remember_office(OSLO, CLIENT)
        transaction.clients.remember_office(BERGEN, CLIENT)
        transaction.clients.remember_credential("oslo", CLIENT)
    with store.read() as transaction:
        assert transaction.clients.client_of_office(OSLO) == CLIENT
        assert transaction.clients.client_of_credential("oslo") == CLIENT
        assert transaction.clients.offices_of(CLIENT) == {OSLO, BERGEN}
        assert transaction.clients.offices_of(OTHER_CLIENT) == frozenset()


def test_an_office_that_moves_to_another_client_leaves_the_first(store: Store) -> None:
    with store.write() as transaction:
        transaction.clients.remember_office(OSLO, CLIENT)
        transaction.clients.remember_office(OSLO, OTHER_CLIENT)
        transaction.clients.remember_credential("oslo", CLIENT)
        transaction.clients.remember_credential("oslo", OTHER_CLIENT)
        assert transaction.clients.offices_of(CLIENT) == frozenset()
        assert transaction.clients.client_of_office(OSLO) == OTHER_CLIENT
        assert transaction.clients.client_of_credential("oslo") == OTHER_CLIENT


# companies


def test_a_company_link_can_be_replaced_and_belongs_to_its_client(store: Store) -> None:
    first = CompanyLink(client_id=CLIENT, key="customer:77", company_id=CompanyId(4711), office_id=OSLO)
    second = replace(first, company_id=CompanyId(4712), office_id=BERGEN)
    with store.write() as transaction:
        assert transaction.companies.get(CLIENT, "customer:77") is None
        transaction.companies.link(first)
        assert transaction.companies.get(CLIENT, "customer:77") == first
        transaction.companies.link(second)
        transaction.companies.link(replace(first, client_id=OTHER_CLIENT))
    with store.read() as transaction:
        assert transaction.companies.get(CLIENT, "customer:77") == second
        assert transaction.companies.of_client(CLIENT) == {"customer:77": 4712}
        assert transaction.companies.of_client(OTHER_CLIENT) == {"customer:77": 4711}


def test_a_customer_linked_on_another_client_is_known(store: Store) -> None:
    link = CompanyLink(client_id=CLIENT, key="customer:77", company_id=CompanyId(4711), office_id=OSLO)
    with store.write() as transaction:
        transaction.companies.link(link)
        for empty in (False, True):
            assert not transaction.companies.linked_elsewhere(CLIENT, "customer:77", reference_is_empty=empty)
            assert transaction.companies.linked_elsewhere(OTHER_CLIENT, "customer:77", reference_is_empty=empty)
            assert not transaction.companies.linked_elsewhere(OTHER_CLIENT, "customer:78", reference_is_empty=empty)


def test_a_link_that_stood_in_qondor_is_none_once_it_is_emptied_there(store: Store) -> None:
    link = CompanyLink(client_id=CLIENT, key="customer:77", company_id=CompanyId(4711), office_id=OSLO)
    with store.write() as transaction:
        companies = transaction.companies
        companies.link(link)
        companies.stands_in_qondor(CLIENT, {"customer:77": CompanyId(4712), "customer:78": CompanyId(4711)})
        assert companies.seen_in_qondor(CLIENT) == frozenset(), "another Reference is not this link"
        companies.stands_in_qondor(OTHER_CLIENT, {"customer:77": CompanyId(4711)})
        assert companies.seen_in_qondor(CLIENT) == frozenset(), "nor is it in other books"
        companies.stands_in_qondor(CLIENT, {"customer:77": CompanyId(4711)})
        assert companies.seen_in_qondor(CLIENT) == {"customer:77"}
        assert companies.linked_elsewhere(OTHER_CLIENT, "customer:77", reference_is_empty=False)
        assert not companies.linked_elsewhere(OTHER_CLIENT, "customer:77", reference_is_empty=True)
        companies.link(replace(link, company_id=CompanyId(4712)))
        assert companies.seen_in_qondor(CLIENT) == frozenset(), "a new link has yet to reach Qondor"


# projects


def test_two_claims_on_one_finago_project_are_both_kept(store: Store) -> None:
    first = ProjectLink(
        client_id=CLIENT,
        project_id=QondorProjectId(555),
        finago_project_id=FinagoProjectId(12345),
        office_id=OSLO,
    )
    conflict = replace(first, project_id=QondorProjectId(556), office_id=BERGEN)
    with store.write() as transaction:
        transaction.projects.claim(conflict)
        transaction.projects.claim(first)
        assert transaction.projects.of_client(CLIENT) == (first, conflict)
        assert transaction.projects.of_client(OTHER_CLIENT) == ()
        transaction.projects.claim(replace(conflict, finago_project_id=FinagoProjectId(556)))
        assert [link.finago_project_id for link in transaction.projects.of_client(CLIENT)] == [12345, 556]


# orders


def test_an_order_link_comes_back_whole(store: Store, clock: FakeClock) -> None:
    link = order_link(
        9001,
        5001,
        total=Decimal("-0.10"),
        currency="EUR",
        line_count=3,
        to_be_invoiced=True,
        exact=True,
        factored=True,
        is_card=True,
        is_credit=True,
        credited_invoice_id=QondorInvoiceId(9000),
        invoice_number=InvoiceNumber(10007),
        linked_at=clock(),
        verified_at=clock() + timedelta(seconds=1),
        acknowledged_at=clock() + timedelta(seconds=2),
        paid_on=date(2026, 11, 21),
        payment_reported_at=clock() + timedelta(seconds=3),
        payment_asked_at=clock() + timedelta(seconds=4),
    )
    with store.write() as transaction:
        transaction.orders.link(link)
    with store.read() as transaction:
        assert transaction.orders.get(link.invoice_id) == link
        assert transaction.orders.get(QondorInvoiceId(9002)) is None


def test_a_link_without_a_time_is_linked_now(store: Store, clock: FakeClock) -> None:
    with store.write() as transaction:
        transaction.orders.link(order_link(9001, 5001))
        link = transaction.orders.get(QondorInvoiceId(9001))
        assert link is not None
        assert link.linked_at == clock()


def test_the_same_order_again_changes_nothing(store: Store, clock: FakeClock) -> None:
    with store.write() as transaction:
        transaction.orders.link(order_link(9001, 5001))
        transaction.orders.update(QondorInvoiceId(9001), acknowledged_at=clock())
        before = transaction.orders.get(QondorInvoiceId(9001))
        transaction.orders.link(order_link(9001, 5001, total=Decimal(1)))
        assert transaction.orders.get(QondorInvoiceId(9001)) == before


def test_a_second_order_for_an_invoice_is_a_conflict(store: Store) -> None:
    with store.write() as transaction:
        transaction.orders.link(order_link(9001, 5001))
        with pytest.raises(StoreConflict, match="9001 cannot be linked to Finago order 5002: it has order 5001"):
            transaction.orders.link(order_link(9001, 5002))
        with pytest.raises(StoreConflict):
            transaction.orders.link(order_link(9001, 5001, client_id=OTHER_CLIENT))
        # The transaction goes on, and the first link stands.
        transaction.orders.link(order_link(9002, 5002))
    with store.read() as transaction:
        assert sorted(transaction.orders.of_orders(CLIENT, [OrderId(5001), OrderId(5002)])) == [5001, 5002]


def test_one_order_for_two_invoices_is_a_conflict(store: Store) -> None:
    with store.write() as transaction:
        transaction.orders.link(order_link(9001, 5001))
        with pytest.raises(StoreConflict, match=r"order 5001 cannot belong to Qondor invoice 9002.* invoice 9001"):
            transaction.orders.link(order_link(9002, 5001))
        # Another client has books, and order ids, of its own.
        transaction.orders.link(order_link(9003, 5001, client_id=OTHER_CLIENT))


def test_of_threads_that_link_an_invoice_at_once_one_wins(store: Store, together: Callable[..., list[Any]]) -> None:
    def link(order_id: int) -> int:
        with store.write() as transaction:
            transaction.orders.link(order_link(9001, order_id))
        return order_id

    results = together([lambda order_id=order_id: link(order_id) for order_id in range(5001, 5007)])
    won = [result for result in results if isinstance(result, int)]
    assert len(won) == 1
    assert all(isinstance(result.error, StoreConflict) for result in results if not isinstance(result, int))
    with store.read() as transaction:
        link_found = transaction.orders.get(QondorInvoiceId(9001))
        assert link_found is not None
        assert link_found.order_id == won[0]


def test_a_link_is_updated_member_by_member(store: Store, clock: FakeClock) -> None:
    invoice_id = QondorInvoiceId(9001)
    with store.write() as transaction:
        transaction.orders.link(order_link(9001, 5001))
        changed = transaction.orders.update(invoice_id, verified_at=clock(), invoice_number=InvoiceNumber(10007))
        assert (changed.verified_at, changed.invoice_number) == (clock(), 10007)
        assert transaction.orders.update(invoice_id) == changed
        assert changed.total == Decimal("12500.00")
        with pytest.raises(StoreConflict, match="9002 has no order"):
            transaction.orders.update(QondorInvoiceId(9002), verified_at=clock())
        with pytest.raises(TypeError, match="order_id"):
            transaction.orders.update(invoice_id, order_id=OrderId(1))  # type: ignore[call-arg]


def test_unpaid_are_the_acknowledged_ones_whose_payment_was_not_reported(store: Store, clock: FakeClock) -> None:
    now = clock()
    with store.write() as transaction:
        for link in (
            order_link(9001, 5001, acknowledged_at=now, order_date=date(2026, 11, 20)),
            order_link(9002, 5002, acknowledged_at=now, order_date=date(2026, 1, 5)),
            order_link(9003, 5003),
            order_link(9004, 5004, acknowledged_at=now, is_credit=True),
            order_link(9005, 5005, acknowledged_at=now, payment_reported_at=now),
            order_link(9006, 5006, acknowledged_at=now, office_id=BERGEN),
        ):
            transaction.orders.link(link)
        assert [link.invoice_id for link in transaction.orders.unpaid(OSLO)] == [9002, 9001]
        assert [link.invoice_id for link in transaction.orders.unacknowledged(OSLO)] == [9003]
        assert [link.invoice_id for link in transaction.orders.unpaid(BERGEN)] == [9006]


def test_credit_notes_are_found_by_what_they_credit(store: Store) -> None:
    with store.write() as transaction:
        transaction.orders.link(order_link(9001, 5001))
        for number in (2, 3):
            transaction.orders.link(
                order_link(9000 + number, 5000 + number, is_credit=True, credited_invoice_id=QondorInvoiceId(9001))
            )
        credits = transaction.orders.credits_of([QondorInvoiceId(9001), QondorInvoiceId(9002)])
        assert {original: [link.invoice_id for link in links] for original, links in credits.items()} == {
            9001: [9002, 9003]
        }


def test_more_ids_than_one_statement_takes(store: Store) -> None:
    ids = [QondorInvoiceId(number) for number in range(9001, 10202)]
    with store.write() as transaction:
        for invoice_id in (ids[0], ids[600], ids[-1]):
            transaction.orders.link(order_link(invoice_id, invoice_id + 1))
        found = transaction.orders.of_invoices(iter(ids + ids))
        assert sorted(found) == [ids[0], ids[600], ids[-1]]
        orders = transaction.orders.of_orders(CLIENT, [OrderId(invoice_id + 1) for invoice_id in ids])
        assert len(orders) == 3
        assert transaction.orders.of_invoices([]) == {}
