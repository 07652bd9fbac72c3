"""The credit notes that Finago holds for orders, by whomever they were made (decisions 6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta

from ...records.identifiers import OrderId
from ...records.invoices.orders import FinagoOrder
from ...rules.invoices.originals import credits
from ..run.office_run import OfficeRun

YEAR_AHEAD = timedelta(days=367)
"""A date further ahead is a typing mistake, and no order is made of it."""


def credit_notes_of(run: OfficeRun, originals: Iterable[FinagoOrder]) -> Mapping[OrderId, tuple[FinagoOrder, ...]]:
    """By original: the orders of its company that name it. One call for 1,000 companies, none without originals.

    A credit note is younger than what it credits, and an invoice is dated a year ahead at most: what was changed before
    is not asked for.
    """
    known = [order for order in originals if order.customer_id is not None]
    if not known:
        return {}
    oldest = min(order.date_ordered or date(1971, 1, 1) for order in known)
    since = datetime.combine(oldest, time(), UTC) - YEAR_AHEAD
    found = run.finago.orders_of_customers(sorted({order.customer_id for order in known if order.customer_id}), since)
    return {order.id: tuple(note for note in found if credits(note, order)) for order in known}
