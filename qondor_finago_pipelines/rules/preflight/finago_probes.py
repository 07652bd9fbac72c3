"""What Finago's session, lists and orders show of the assumptions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from ...records.preflight import Readings, SetUp, Unread
from ..customers_and_projects.projects import ACTIVE_STATUS, COMPLETED_STATUS
from ..invoices.set_up import has
from ..text import listed, same_text
from .probes import Answer, Seen, holds_of_any, holds_of_each

LARGEST_CLOCK_DIFFERENCE = timedelta(minutes=10)
"""What a look-up's margin covers by default (F70)."""


def same_client(_: SetUp, read: Readings) -> Answer:
    if isinstance(read.client, Unread):
        return read.client
    if read.known_client is None:
        return Seen.NOTHING
    return holds_of_any([f"client {read.client}"] if read.client == read.known_client else [])


def identity_asked_for(_: SetUp, read: Readings) -> Answer:
    if isinstance(read.client, Unread) and read.is_session_of_identity:
        return read.client
    return holds_of_any(["the session's identity is the one asked for"] if read.is_session_of_identity else [])


def no_day_like_utc(system: str) -> Callable[[SetUp, Readings], Answer]:
    def judge(_: SetUp, read: Readings) -> Answer:
        count = read.days_like_utc.get(system, 0)
        dated = read.details if system == "qondor" else () if isinstance(read.orders, Unread) else read.orders
        if count:
            return False, f"{count} days at 22:00 or 23:00 without a zone"
        return (True, "no day looks like UTC without saying so") if dated else Seen.NOTHING

    return judge


def only_what_is_described(_: SetUp, read: Readings) -> Answer:
    if isinstance(read.client, Unread):
        return read.client
    return holds_of_each("not described:", sorted(read.unknown_elements), 1)


def both_statuses(_: SetUp, read: Readings) -> Answer:
    if isinstance(read.statuses, Unread):
        return read.statuses
    names = (ACTIVE_STATUS, COMPLETED_STATUS)
    return holds_of_any([name for name in names if any(same_text(row.name, name) for row in read.statuses)])


def ids_of_the_settings(set_up: SetUp, read: Readings) -> Answer:
    for rows in (read.departments, read.payment_methods):
        if isinstance(rows, Unread):
            return rows
    assert not isinstance(read.departments, Unread)
    assert not isinstance(read.payment_methods, Unread)
    department = has(set_up.department_id, read.departments)
    method = has(set_up.online_payment_method_id, read.payment_methods)
    return holds_of_any([*["the department"] * department, *["the payment method"] * method])


def home_currency_at_par(_: SetUp, read: Readings) -> Answer:
    for each in (read.home_currency, read.currencies):
        if isinstance(each, Unread):
            return each
    assert isinstance(read.home_currency, str)
    assert not isinstance(read.currencies, Unread)
    code = read.home_currency
    rows = [row for row in read.currencies if row.symbol.strip().upper() == code and row.rate > 0 and row.unit > 0]
    shown = listed(f"rate {row.rate.normalize():f} for {row.unit}" for row in rows)
    # One that is missing, or without a rate, is told as a currency that is wrong.
    return (all(row.rate == Decimal(row.unit) for row in rows), f"{code}: {shown}") if rows else Seen.NOTHING


def listed_orders_are_shown(_: SetUp, read: Readings) -> Answer:
    for each in (read.order_ids, read.orders):
        if isinstance(each, Unread):
            return each
    assert not isinstance(read.order_ids, Unread)
    assert not isinstance(read.orders, Unread)
    hidden = [order for order in read.order_ids if order not in read.orders]
    return holds_of_each("listed and not shown: order", hidden, len(read.order_ids))


def registered_orders_are_listed(_: SetUp, read: Readings) -> Answer:
    """Whether the sync list has every order that the search by change date shows, from its own first one on."""
    for each in (read.order_ids, read.changed_order_ids):
        if isinstance(each, Unread):
            return each
    assert not isinstance(read.order_ids, Unread)
    assert not isinstance(read.changed_order_ids, Unread)
    if not read.order_ids:
        return Seen.NOTHING
    # Ids grow: an order with a smaller one was registered before, and has only been changed since.
    first, listed_ids = min(read.order_ids), frozenset(read.order_ids)
    later = sorted(order for order in read.changed_order_ids if order >= first)
    return holds_of_each("not listed: order", [order for order in later if order not in listed_ids], len(later))


def clocks_agree(_: SetUp, read: Readings) -> Answer:
    apart = {name: each for name, each in read.clock_differences.items() if abs(each) >= LARGEST_CLOCK_DIFFERENCE}
    if not read.clock_differences:
        return Unread(why="no reply told a time")
    shown = read.clock_differences.items()
    told = ", ".join(f"{name} {each.total_seconds():+.0f} s" for name, each in sorted(shown))
    return not apart, told


def years_end_on_the_first_day_after(_: SetUp, read: Readings) -> Answer:
    if isinstance(read.fiscal_years, Unread):
        return read.fiscal_years
    years = read.fiscal_years
    odd = [
        year.starting
        for year in years
        # The first day after it is the first of a month, as every first day of a year is.
        if year.ending.day != 1 or year.ending <= year.starting
    ]
    return holds_of_each("its EndingDate is its own last day: the year of", odd, len(years))
