"""Payment status back: who is asked for, how often, and what is news."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from qondor_finago_pipelines.records.identifiers import InvoiceNumber, OrderId
from qondor_finago_pipelines.records.invoices.orders import FinagoOrder
from qondor_finago_pipelines.records.links import OrderLink
from qondor_finago_pipelines.rules.invoices.payment_status import PaymentNews, is_fully_credited, links_due, newly_paid
from tests.rules.builders import finago_order, order_link

NOW = datetime(2026, 12, 10, 10, 0, 30, tzinfo=UTC)
TODAY = date(2026, 12, 10)
OLD = date(2026, 11, 9)


def due(*links: OrderLink, **changes: Any) -> list[int]:
    arguments: dict[str, Any] = {
        "now": NOW,
        "today": TODAY,
        "days_backwards": 30,
        "every": timedelta(minutes=5),
        "always": False,
    }
    return [link.order_id for link in links_due(links, **{**arguments, **changes})]


def test_what_was_never_asked_for_is_asked_for_whatever_its_age() -> None:
    assert due(order_link(), order_link(order_id=OrderId(4000), order_date=date(2020, 1, 1))) == [4000, 5001]


@pytest.mark.parametrize(
    ("ago", "is_due"),
    [
        (timedelta(seconds=20), False),
        (timedelta(seconds=30), False),
        (timedelta(seconds=31), True),
        (timedelta(minutes=5), True),
        (timedelta(hours=3), True),
    ],
)
def test_newer_orders_are_asked_for_at_each_turn_of_the_clock_all_together(ago: timedelta, is_due: bool) -> None:
    assert due(order_link(payment_asked_at=NOW - ago)) == ([5001] if is_due else [])


@pytest.mark.parametrize(
    ("asked_at", "is_due"),
    [
        (datetime(2026, 12, 10, 0, 30, tzinfo=UTC), False),
        (datetime(2026, 12, 9, 23, 30, tzinfo=UTC), False),
        (datetime(2026, 12, 9, 22, 59, tzinfo=UTC), True),
    ],
)
def test_older_orders_are_asked_for_once_an_oslo_day(asked_at: datetime, is_due: bool) -> None:
    assert due(order_link(order_date=OLD, payment_asked_at=asked_at)) == ([5001] if is_due else [])


def test_days_backwards_decides_what_is_older() -> None:
    an_hour_ago = NOW - timedelta(hours=1)
    edge = order_link(order_date=TODAY - timedelta(days=30), payment_asked_at=an_hour_ago)
    assert due(edge) == [5001]
    assert due(edge, days_backwards=29) == []


def test_a_person_who_runs_it_always_gets_an_answer() -> None:
    just_asked = order_link(order_date=OLD, payment_asked_at=NOW)
    assert due(just_asked) == []
    assert due(just_asked, always=True) == [5001]


@pytest.mark.parametrize("changes", [{"is_credit": True}, {"acknowledged_at": None}])
def test_a_credit_note_and_what_is_not_acknowledged_are_never_asked_for(changes: dict[str, Any]) -> None:
    assert due(order_link(**changes), always=True) == []


def test_what_was_reported_as_paid_is_looked_at_once_a_day_whoever_asks() -> None:
    reported = order_link(payment_reported_at=NOW, paid_on=TODAY, payment_asked_at=NOW)
    assert due(reported, always=True) == []
    assert due(replace(reported, payment_asked_at=NOW - timedelta(days=1))) == [5001]


# What Finago says


def test_an_order_that_is_paid_is_reported_with_its_day() -> None:
    link = order_link()
    news = newly_paid([link], {link.order_id: finago_order(paid_on=date(2026, 12, 1))}, {})
    assert news.paid == ((link, date(2026, 12, 1)),)
    assert news.still_unpaid == news.gone == news.credited == ()


def test_an_order_without_a_payment_date_is_unpaid() -> None:
    link = order_link()
    assert newly_paid([link], {link.order_id: finago_order()}, {}).still_unpaid == (link,)


def test_an_order_that_finago_no_longer_returns_is_gone() -> None:
    link = order_link()
    assert newly_paid([link], {}, {}).gone == (link,)


def test_a_credit_note_is_not_reported_paid() -> None:
    link = order_link(is_credit=True)
    news = newly_paid([link], {link.order_id: finago_order(paid_on=TODAY)}, {})
    assert news.paid == ()


def credit(total: str, **changes: Any) -> FinagoOrder:
    """A credit note of order 5001, invoiced."""
    return finago_order(
        id=OrderId(6000),
        invoice_number=InvoiceNumber(10077),
        credited_order_id=OrderId(5001),
        total_including_vat=Decimal(total),
        **changes,
    )


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_fully_credited_original_is_not_reported_paid(sign: str) -> None:
    link = order_link()
    credits = {link.order_id: [credit(f"{sign}10000.00"), credit(f"{sign}2500.00")]}
    news = newly_paid([link], {link.order_id: finago_order(paid_on=TODAY)}, credits)
    assert news.paid == ()
    assert news.credited == (link,)


def test_a_partly_credited_original_is() -> None:
    link = order_link()
    credits = {link.order_id: [credit("-2500.00")]}
    assert newly_paid([link], {link.order_id: finago_order(paid_on=TODAY)}, credits).paid == ((link, TODAY),)


def test_a_card_payment_is_paid_from_the_start_credited_or_not() -> None:
    link = order_link(is_card=True)
    credits = {link.order_id: [credit("-12500.00")]}
    assert newly_paid([link], {link.order_id: finago_order(paid_on=TODAY)}, credits).paid == ((link, TODAY),)


def test_an_original_of_0_is_not_credited_by_nothing() -> None:
    assert not is_fully_credited(finago_order(total_including_vat=Decimal(0)), [])
    assert is_fully_credited(finago_order(), [credit("-12500.00")])


def test_a_credit_note_that_is_an_offer_credits_nothing() -> None:
    assert not is_fully_credited(finago_order(), [replace(credit("-12500.00"), invoice_number=None)])


def test_a_payment_that_was_reported_and_is_gone_is_taken_back() -> None:
    link = order_link(payment_reported_at=NOW, paid_on=TODAY)
    assert newly_paid([link], {link.order_id: finago_order()}, {}).open_again == (link,)
    assert newly_paid([link], {link.order_id: finago_order(paid_on=TODAY)}, {}) == PaymentNews()
