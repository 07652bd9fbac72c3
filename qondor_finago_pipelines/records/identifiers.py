"""Ids, each with a type of its own, so that an office can never be passed where a project belongs."""

from __future__ import annotations

from typing import NewType

LARGEST_ID = 2_147_483_647
"""Finago's ids are 32-bit integers: a larger number is the id of nothing."""

OfficeId = NewType("OfficeId", int)
"""Qondor's office id; also the office half of a Dagster partition key."""

QondorInvoiceId = NewType("QondorInvoiceId", int)
"""Qondor's id of an issued payment: invoice, card payment or credit note. Unique over all offices."""

CustomerId = NewType("CustomerId", int)
"""Qondor's customer id; stands in Finago as `ExternalId`."""

QondorProjectId = NewType("QondorProjectId", int)

ClientId = NewType("ClientId", int)
"""Finago's `Client.Id`: one set of books. Several offices may share one."""

CompanyId = NewType("CompanyId", int)
"""Finago's company id; stands in Qondor as the customer's External Reference."""

OrderId = NewType("OrderId", int)
"""Finago's order id; stands in Qondor as the invoice's External Reference."""

InvoiceNumber = NewType("InvoiceNumber", int)
"""Finago's `InvoiceId`: the number printed on an invoice. An order that is not invoiced has none."""

FinagoProjectId = NewType("FinagoProjectId", int)
"""Finago's project id, derived from the Qondor project number by `rules.linking`."""
