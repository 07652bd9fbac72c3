"""What the store remembers of an order that was sent, and of one that was found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from qondor_finago_pipelines.records.identifiers import ClientId, InvoiceNumber, OfficeId, OrderId
from qondor_finago_pipelines.records.invoices.invoices import InvoiceStatus, QondorInvoice
from qondor_finago_pipelines.records.invoices.orders import FOR_INVOICING
from qondor_finago_pipelines.records.links import OrderLink
from qondor_finago_pipelines.rules.invoices.order_links import link_of, link_of_processed
from qondor_finago_pipelines.rules.invoices.orders import OrderDecision, OrderOptions
from qondor_finago_pipelines.rules.invoices.originals import Original
from tests.builders import ORDER_LINK
from tests.rules.builders import card_payment, credit_note, decide, finago_order, invoice

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
CLIENT = ClientId(1)


def linked(invoice: QondorInvoice, decision: OrderDecision) -> OrderLink:
    assert decision.order is not None
    return link_of(
        decision.order, invoice=invoice, order_id=OrderId(5001), client_id=CLIENT, office_id=OfficeId(102), at=NOW
    )


def test_a_link_holds_what_later_steps_compare() -> None:
    assert linked(invoice(), decide(invoice())) == replace(ORDER_LINK, invoice_id=invoice().id, linked_at=NOW)


def test_card_and_factoring_must_be_exact_and_are_to_be_invoiced() -> None:
    card = linked(card_payment(), decide(card_payment()))
    assert (card.exact, card.to_be_invoiced, card.is_card, card.factored) == (True, True, True, False)
    options = OrderOptions(department_id=3, online_payment_method_id=7, send_to_factoring_directly=True)
    factored = linked(invoice(), decide(invoice(), options=options))
    assert (factored.exact, factored.to_be_invoiced, factored.is_card, factored.factored) == (True, True, False, True)


def test_a_credit_note_remembers_what_it_credits() -> None:
    original = Original(order_id=OrderId(5001), invoice_number=InvoiceNumber(10007), is_card=True)
    link = linked(credit_note(), decide(credit_note(), original=original))
    assert (link.is_credit, link.credited_invoice_id, link.is_card, link.exact) == (True, 8001, True, True)
    assert link.total == Decimal("-12500.00")


@pytest.mark.parametrize(
    ("status", "acknowledged", "reported"),
    [
        (InvoiceStatus.UNPROCESSED, False, False),
        (InvoiceStatus.PROCESSED, True, False),
        (InvoiceStatus.PAID, True, True),
    ],
)
def test_an_order_that_was_found_is_as_far_as_qondor_has_it(
    status: InvoiceStatus, acknowledged: bool, reported: bool
) -> None:
    link = link_of_processed(
        invoice(status=status, paid_date=date(2026, 12, 1)), finago_order(), client_id=CLIENT, at=NOW
    )
    assert link is not None
    assert (link.acknowledged_at is not None) is acknowledged
    assert (link.payment_reported_at is not None) is reported
    assert link.paid_on == (date(2026, 12, 1) if reported else None)
    assert (link.order_id, link.total, link.linked_at) == (5001, Decimal("12500.00"), NOW)


def test_an_order_found_half_way_is_carried_on_from_there() -> None:
    half_way = finago_order(status=FOR_INVOICING)
    card = link_of_processed(card_payment(), half_way, client_id=CLIENT, at=NOW)
    assert card is not None
    assert (card.to_be_invoiced, card.exact, card.factored) == (True, True, False)
    factored = link_of_processed(invoice(), half_way, client_id=CLIENT, at=NOW)
    assert factored is not None
    assert (factored.to_be_invoiced, factored.exact, factored.factored) == (True, True, True)


def test_an_order_invoiced_by_hand_since_needs_nothing_more() -> None:
    processed = invoice(status=InvoiceStatus.PROCESSED)
    invoiced = finago_order(status=FOR_INVOICING, invoice_number=InvoiceNumber(10007))
    link = link_of_processed(processed, invoiced, client_id=CLIENT, at=NOW)
    assert link is not None
    assert (link.invoice_number, link.to_be_invoiced, link.factored) == (10007, True, False)


@pytest.mark.parametrize(
    "changes", [{"office_id": None}, {"currency": None}, {"total_including_vat": None}, {"invoice_date": None}]
)
def test_an_invoice_that_lacks_what_a_link_needs_is_not_linked(changes: dict[str, Any]) -> None:
    assert link_of_processed(invoice(**changes), finago_order(), client_id=CLIENT, at=NOW) is None
