"""Qondor invoices and their Finago orders, and how far each pair has come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict, Unpack

from sqlalchemy import ColumnElement, func, select, update

from ...records.identifiers import ClientId, InvoiceNumber, OfficeId, OrderId, QondorInvoiceId
from ...records.links import OrderLink
from .. import schema
from ..errors import StoreConflict
from ..statements import Part, chunks, insert


class OrderChanges(TypedDict, total=False):
    """What may change in a link. Invoice, order and client never do: that would be another link."""

    office_id: OfficeId
    total: Decimal
    currency: str
    order_date: date
    line_count: int
    to_be_invoiced: bool
    exact: bool
    factored: bool
    is_card: bool
    is_credit: bool
    credited_invoice_id: QondorInvoiceId | None
    invoice_number: InvoiceNumber | None
    linked_at: datetime
    verified_at: datetime | None
    acknowledged_at: datetime | None
    paid_on: date | None
    payment_reported_at: datetime | None
    payment_asked_at: datetime | None


class Orders(Part):
    """One order for one invoice, and one invoice for one order of a client; anything else is a StoreConflict."""

    def link(self, link: OrderLink) -> None:
        """Adds a link; `linked_at` None is now. The same pair again changes nothing.

        Raises StoreConflict when the invoice has another order already, or the order another invoice.
        """
        table = schema.order_links
        values = asdict(link)
        values["linked_at"] = link.linked_at or self._now
        added = self._connection.execute(
            insert(self._connection, table).values(values).on_conflict_do_nothing().returning(table.c.invoice_id)
        )
        if added.one_or_none() is not None:
            return
        stored = self.get(link.invoice_id)
        if stored is None:
            other = self.of_orders(link.client_id, [link.order_id])[link.order_id]
            raise StoreConflict(
                f"Finago order {link.order_id} cannot belong to Qondor invoice {link.invoice_id}: it is linked to "
                f"invoice {other.invoice_id}.",
                remedy="Compare both invoices with the order in Finago; one order never serves two invoices.",
            )
        if (stored.client_id, stored.order_id) != (link.client_id, link.order_id):
            raise StoreConflict(
                f"Qondor invoice {link.invoice_id} cannot be linked to Finago order {link.order_id}: it has order "
                f"{stored.order_id} already.",
                remedy="Look for both orders in Finago; one of them may be a double.",
            )

    def update(self, invoice_id: QondorInvoiceId, **changes: Unpack[OrderChanges]) -> OrderLink:
        """Changes members of a link and gives the whole. Raises StoreConflict when the invoice has none."""
        unknown = changes.keys() - OrderChanges.__annotations__.keys()
        if unknown:
            raise TypeError(f"An order link has no changeable {', '.join(sorted(unknown))}.")
        table = schema.order_links
        if changes:
            self._connection.execute(update(table).where(table.c.invoice_id == invoice_id).values(**changes))
        link = self.get(invoice_id)
        if link is None:
            raise StoreConflict(f"Qondor invoice {invoice_id} has no order in the store.")
        return link

    def get(self, invoice_id: QondorInvoiceId) -> OrderLink | None:
        return self.of_invoices([invoice_id]).get(invoice_id)

    def of_invoices(self, invoice_ids: Iterable[QondorInvoiceId]) -> dict[QondorInvoiceId, OrderLink]:
        """The links of those of the invoices that have one."""
        column = schema.order_links.c.invoice_id
        return {link.invoice_id: link for some in chunks(invoice_ids) for link in self._select(column.in_(some))}

    def of_orders(self, client_id: ClientId, order_ids: Iterable[OrderId]) -> dict[OrderId, OrderLink]:
        """The links of those of the client's orders that are ours."""
        table = schema.order_links
        return {
            link.order_id: link
            for some in chunks(order_ids)
            for link in self._select(table.c.client_id == client_id, table.c.order_id.in_(some))
        }

    def of_invoice_numbers(self, client_id: ClientId, numbers: Iterable[int]) -> dict[int, OrderLink]:
        """The links of those of the client's orders that are ours, by the number of the invoice that they became."""
        table = schema.order_links
        return {
            link.invoice_number: link
            for some in chunks(numbers)
            for link in self._select(table.c.client_id == client_id, table.c.invoice_number.in_(some))
            if link.invoice_number is not None
        }

    def last_linked_at(self, client_id: ClientId) -> datetime | None:
        """When the newest link to an order of this Finago client was made; None where there is none."""
        table = schema.order_links
        newest: datetime | None = self._connection.scalar(
            select(func.max(table.c.linked_at, type_=table.c.linked_at.type)).where(table.c.client_id == client_id)
        )
        return newest

    def unpaid(self, office_id: OfficeId) -> tuple[OrderLink, ...]:
        """Acknowledged, no credit note, and payment not yet reported to Qondor; oldest order first."""
        table = schema.order_links
        return self._select(
            table.c.office_id == office_id,
            table.c.payment_reported_at.is_(None),
            table.c.acknowledged_at.is_not(None),
            table.c.is_credit.is_(False),
        )

    def dated(self, office_id: OfficeId, first_day: date, last_day: date) -> tuple[OrderLink, ...]:
        """The links of orders with a date among these days, both included; oldest order first."""
        table = schema.order_links
        return self._select(table.c.office_id == office_id, table.c.order_date.between(first_day, last_day))

    def closed(self, office_id: OfficeId, since: date) -> tuple[OrderLink, ...]:
        """Whose payment Qondor was told of, or which credit notes settled, of that Oslo day or later; oldest first."""
        table = schema.order_links
        return self._select(
            table.c.office_id == office_id,
            table.c.order_date >= since,
            table.c.payment_reported_at.is_not(None),
            table.c.is_credit.is_(False),
        )

    def unacknowledged(self, office_id: OfficeId) -> tuple[OrderLink, ...]:
        """Linked, but Qondor was not told yet; oldest order first."""
        table = schema.order_links
        return self._select(table.c.office_id == office_id, table.c.acknowledged_at.is_(None))

    def credits_of(self, invoice_ids: Iterable[QondorInvoiceId]) -> dict[QondorInvoiceId, tuple[OrderLink, ...]]:
        """Credit notes by the invoice that they credit; an invoice without any is left out."""
        column = schema.order_links.c.credited_invoice_id
        credits: dict[QondorInvoiceId, tuple[OrderLink, ...]] = {}
        for some in chunks(invoice_ids):
            for link in self._select(column.in_(some), schema.order_links.c.is_credit.is_(True)):
                if link.credited_invoice_id is not None:
                    credits[link.credited_invoice_id] = (*credits.get(link.credited_invoice_id, ()), link)
        return credits

    def _select(self, *conditions: ColumnElement[bool]) -> tuple[OrderLink, ...]:
        table = schema.order_links
        rows = self._connection.execute(
            select(table).where(*conditions).order_by(table.c.order_date, table.c.invoice_id)
        )
        # The columns are the members of the record, by name; a test compares the two.
        return tuple(OrderLink(**row._mapping) for row in rows)
