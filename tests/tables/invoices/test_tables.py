"""The queue's invoices as tables: what fits the schemas, and how misfits are told."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from qondor_finago_pipelines.records.identifiers import QondorInvoiceId
from qondor_finago_pipelines.records.invoices.invoices import InvoiceLine, QondorInvoice
from qondor_finago_pipelines.tables.contract import Misfit, misfits
from qondor_finago_pipelines.tables.invoices.invoices import INVOICES, LINES, invoice_table, line_table
from tests.builders import INVOICE, LINE


def of_invoices(*invoices: QondorInvoice) -> tuple[Misfit, ...]:
    return misfits(invoice_table(invoices), INVOICES, record="invoice")


def of_lines(*lines: InvoiceLine) -> tuple[Misfit, ...]:
    return misfits(line_table([replace(INVOICE, lines=lines)]), LINES, record="invoice")


def test_an_ordinary_invoice_and_an_empty_queue_fit() -> None:
    assert of_invoices() == ()
    assert of_invoices(INVOICE) == ()
    assert of_lines() == ()
    assert of_lines(LINE, replace(LINE, quantity=Decimal("-0.5"), in_price=None, vat_amount=None)) == ()


def test_amounts_keep_every_digit() -> None:
    exact = Decimal("90071992547409.93")
    table = invoice_table([replace(INVOICE, total_including_vat=exact)])
    assert table["total_including_vat"].tolist() == [exact]
    assert isinstance(table["total_including_vat"].iloc[0], Decimal)


def test_no_table_holds_who_the_invoice_is_for() -> None:
    cells = f"{invoice_table([INVOICE]).to_dict()} {line_table([INVOICE]).to_dict()}"
    assert "2026-0042" in cells
    for personal in ("Nordlys", "faktura@nordlys.example", "Conference package"):
        assert personal not in cells


@pytest.mark.parametrize(
    ("change", "column", "expected"),
    [
        ({"office_id": None}, "office", "is missing"),
        ({"project_id": None}, "project", "is missing"),
        ({"invoice_date": None}, "invoice_date", "is missing"),
        ({"currency": None}, "currency", "is missing"),
        ({"currency": "kroner"}, "currency", "is no currency code"),
        ({"invoice_type": "Gift card"}, "type", "is an unknown type"),
        ({"payment_type": "Barter"}, "payment", "is an unknown type of payment"),
        ({"total_including_vat": None}, "total_including_vat", "is missing"),
        ({"total_vat": Decimal("Infinity")}, "total_vat", "is no exact amount"),
        ({"lines": ()}, "lines", "must be 1 or more"),
        ({"is_credit": True}, "", "a credit note is positive, or an invoice negative"),
        (
            {"total_including_vat": Decimal(-1)},
            "",
            "a credit note is positive, or an invoice negative",
        ),
    ],
)
def test_a_misfit_names_invoice_and_column(change: dict[str, Any], column: str, expected: str) -> None:
    odd = replace(INVOICE, id=QondorInvoiceId(9002), **change)
    (found,) = of_invoices(INVOICE, odd)
    assert found == Misfit("9002", column, expected)


def test_an_invoice_that_is_there_twice_is_named() -> None:
    assert of_invoices(INVOICE, INVOICE) == (Misfit("9001", "invoice", "is there twice"),)


@pytest.mark.parametrize(
    ("change", "column", "expected"),
    [
        ({"name": " "}, "has_name", "the line has no name"),
        ({"quantity": None}, "quantity", "is missing"),
        ({"out_price": None}, "out_price", "is missing"),
        ({"vat_percentage": None}, "vat_percentage", "is missing"),
        ({"vat_percentage": Decimal("100.01")}, "vat_percentage", "is not between 0 and 100"),
        ({"vat_percentage": Decimal(-25)}, "vat_percentage", "is not between 0 and 100"),
    ],
)
def test_a_line_that_cannot_be_invoiced_is_named(change: dict[str, Any], column: str, expected: str) -> None:
    assert of_lines(LINE, replace(LINE, **change)) == (Misfit("9001", column, expected),)
