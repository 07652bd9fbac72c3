"""The queue's invoices and their lines as tables, and what each must look like before Finago can take it.

Where a record breaks a schema, the flow has already refused it by name: the schema is the second pair of eyes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pandera.pandas as pa

from ...records.invoices.invoices import InvoiceLine, InvoiceType, PaymentType, QondorInvoice
from ..contract import AN_AMOUNT, AN_ID, column, each, is_amount, table_of

INVOICES = pa.DataFrameSchema(
    {
        "invoice": column(AN_ID, unique=True),
        "office": column(AN_ID),
        "number": column(nullable=True),
        "type": column(each(lambda value: isinstance(value, InvoiceType), "is an unknown type")),
        "payment": column(each(lambda value: isinstance(value, PaymentType), "is an unknown type of payment")),
        "credit": pa.Column(bool),
        "project": column(AN_ID),
        "customer": column(AN_ID, nullable=True),
        "invoice_date": column(),
        "due_date": column(nullable=True),
        "currency": column(each(lambda code: len(code) == 3 and code.isupper(), "is no currency code")),
        "total_excluding_vat": column(AN_AMOUNT, nullable=True),
        "total_vat": column(AN_AMOUNT, nullable=True),
        "total_including_vat": column(AN_AMOUNT),
        "lines": pa.Column("int64", pa.Check.ge(1, error="must be 1 or more")),
    },
    checks=pa.Check(
        lambda table: _signs_agree(table["credit"], table["total_including_vat"]),
        error="a credit note is positive, or an invoice negative",
    ),
    strict=True,
    name="invoices",
)
"""One row an invoice. `invoice` is Qondor's id; amounts are in `currency`."""

LINES = pa.DataFrameSchema(
    {
        "invoice": column(AN_ID),
        "line": pa.Column("int64", pa.Check.ge(1, error="must be 1 or more")),
        "has_name": pa.Column(bool, pa.Check.eq(True, error="the line has no name")),
        "article": column(nullable=True),
        "quantity": column(AN_AMOUNT),
        "in_price": column(AN_AMOUNT, nullable=True),
        "out_price": column(AN_AMOUNT),
        "vat_percentage": column(
            AN_AMOUNT,
            each(lambda rate: 0 <= rate <= 100, "is not between 0 and 100"),
        ),
        "vat_amount": column(AN_AMOUNT, nullable=True),
    },
    strict=True,
    name="invoice lines",
)
"""One row a line, numbered from 1 in its invoice. Prices are per unit, excluding VAT; a rate of 25 means 25 %.

The name on the invoice may be a person's, so the table only says whether there is one.
"""


def invoice_table(invoices: Sequence[QondorInvoice]) -> pd.DataFrame:
    """The invoices in the form of `INVOICES`, also when there are none."""
    return table_of(INVOICES, (_invoice_row(invoice) for invoice in invoices))


def line_table(invoices: Sequence[QondorInvoice]) -> pd.DataFrame:
    """Their lines in the form of `LINES`, also when there are none."""
    return table_of(
        LINES,
        (
            _line_row(invoice, number, line)
            for invoice in invoices
            for number, line in enumerate(invoice.lines, start=1)
        ),
    )


def _invoice_row(invoice: QondorInvoice) -> tuple[Any, ...]:
    return (
        invoice.id,
        invoice.office_id,
        invoice.number,
        invoice.invoice_type,
        invoice.payment_type,
        invoice.is_credit,
        invoice.project_id,
        invoice.customer_id,
        invoice.invoice_date,
        invoice.due_date,
        invoice.currency,
        invoice.total_excluding_vat,
        invoice.total_vat,
        invoice.total_including_vat,
        len(invoice.lines),
    )


def _line_row(invoice: QondorInvoice, number: int, line: InvoiceLine) -> tuple[Any, ...]:
    return (
        invoice.id,
        number,
        bool(line.name and line.name.strip()),
        line.article_number,
        line.quantity,
        line.in_price,
        line.out_price,
        line.vat_percentage,
        line.vat_amount,
    )


def _signs_agree(credit: pd.Series[bool], totals: pd.Series[Any]) -> pd.Series[bool]:
    return pd.Series(
        [
            not is_amount(total) or (total <= 0 if is_credit else total >= 0)
            for is_credit, total in zip(credit, totals, strict=True)
        ],
        index=totals.index,
        dtype=bool,
    )
