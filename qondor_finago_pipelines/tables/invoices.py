"""The queue's invoices and their lines as tables, and what each must look like before Finago can take it.

Where a record breaks a schema, the flow has already refused it by name: the schema is the second pair of eyes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd
import pandera.pandas as pa

from ..records.invoices import InvoiceLine, InvoiceType, PaymentType, QondorInvoice
from .contract import is_amount


def _each(test: Callable[[Any], bool], what: str) -> pa.Check:
    """A check of every cell by itself, with its meaning in plain words."""
    return pa.Check(test, element_wise=True, error=what, ignore_na=True)


def _column(*checks: pa.Check, **options: Any) -> pa.Column:
    return pa.Column(object, list(checks), **options)


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and value > 0


AN_ID = _each(_is_id, "is no id")
AN_AMOUNT = _each(is_amount, "is no exact amount")

INVOICES = pa.DataFrameSchema(
    {
        "invoice": _column(AN_ID, unique=True),
        "office": _column(AN_ID),
        "number": _column(nullable=True),
        "type": _column(_each(lambda value: isinstance(value, InvoiceType), "is an unknown type")),
        "payment": _column(_each(lambda value: isinstance(value, PaymentType), "is an unknown type of payment")),
        "credit": pa.Column(bool),
        "project": _column(AN_ID),
        "customer": _column(AN_ID, nullable=True),
        "invoice_date": _column(),
        "due_date": _column(nullable=True),
        "currency": _column(_each(lambda code: len(code) == 3 and code.isupper(), "is no currency code")),
        "total_excluding_vat": _column(AN_AMOUNT, nullable=True),
        "total_vat": _column(AN_AMOUNT, nullable=True),
        "total_including_vat": _column(AN_AMOUNT),
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
        "invoice": _column(AN_ID),
        "line": pa.Column("int64", pa.Check.ge(1, error="must be 1 or more")),
        "has_name": pa.Column(bool, pa.Check.eq(True, error="the line has no name")),
        "article": _column(nullable=True),
        "quantity": _column(AN_AMOUNT),
        "in_price": _column(AN_AMOUNT, nullable=True),
        "out_price": _column(AN_AMOUNT),
        "vat_percentage": _column(
            AN_AMOUNT,
            _each(lambda rate: 0 <= rate <= 100, "is not between 0 and 100"),
        ),
        "vat_amount": _column(AN_AMOUNT, nullable=True),
    },
    strict=True,
    name="invoice lines",
)
"""One row a line, numbered from 1 in its invoice. Prices are per unit, excluding VAT; a rate of 25 means 25 %.

The name on the invoice may be a person's, so the table only says whether there is one.
"""


def invoice_table(invoices: Sequence[QondorInvoice]) -> pd.DataFrame:
    """The invoices in the form of `INVOICES`, also when there are none."""
    return _table(INVOICES, (_invoice_row(invoice) for invoice in invoices))


def line_table(invoices: Sequence[QondorInvoice]) -> pd.DataFrame:
    """Their lines in the form of `LINES`, also when there are none."""
    return _table(
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


def _table(schema: pa.DataFrameSchema, rows: Iterable[tuple[Any, ...]]) -> pd.DataFrame:
    columns = list(schema.columns)
    table = pd.DataFrame(list(rows), columns=columns, dtype=object)
    # Only flags and counts have a type of their own; pandas would turn ids with a gap into floats.
    typed = {name: column.dtype.type for name, column in schema.columns.items() if str(column.dtype) != "object"}
    return table.astype(typed)


def _signs_agree(credit: pd.Series[bool], totals: pd.Series[Any]) -> pd.Series[bool]:
    return pd.Series(
        [
            not is_amount(total) or (total <= 0 if is_credit else total >= 0)
            for is_credit, total in zip(credit, totals, strict=True)
        ],
        index=totals.index,
        dtype=bool,
    )
