"""Finago's general ledger on the wire: what is searched for, fiscal years, VAT codes, and lines into a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pyarrow as pa

from ...records.costs_and_sales.posting_table import POSTINGS
from ...records.costs_and_sales.vouchers import ChangedSearch, FiscalYear, LedgerSearch, VatCode
from . import wire
from .soap import UnreadableReply

LAST_SECOND = time(23, 59, 59)
"""Both ends of a search are included: this is how the last day is (contract, Finago page 9)."""


def search_members(search: LedgerSearch) -> Mapping[str, Any]:
    """`TransactionSearchParameters`. Instants go as UTC and say so, days as they are, without a zone."""
    if isinstance(search, ChangedSearch):
        return {
            "DateSearchParameters": "DateChangedUTC",
            "DateStart": wire.utc_moment(search.start),
            "DateEnd": wire.utc_moment(search.end),
        }
    return {
        "DateSearchParameters": "EntryDate",
        "DateStart": datetime.combine(search.first_day, time()),
        "DateEnd": datetime.combine(search.last_day, LAST_SECOND),
        "TransactionNoStart": search.first_number,
        "TransactionNoEnd": search.last_number,
        "TransactionTypeId": search.type_id,
    }


def write_lines(batches: Iterator[pa.RecordBatch], into: Path) -> int:
    """Writes the lines into an Arrow file, made anew; gives how many there are."""
    lines = 0
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.OSFile(str(into), "wb") as sink, pa.ipc.new_file(sink, POSTINGS, options=options) as writer:
        for batch in batches:
            writer.write_batch(batch)
            lines += batch.num_rows
    return lines


def fiscal_years_of(result: Any) -> tuple[FiscalYear, ...]:
    """The earliest first: of two that start in one calendar year the later one says so.

    One whose end or lock cannot be read is left out, so that its vouchers are refused by name; its start still counts.
    """
    begun = sorted(
        (
            (starting, item, troubles)
            for item, troubles in wire.with_troubles(result, ("StartingDate", "EndingDate", "IsLocked"))
            if (starting := wire.day(item.StartingDate)) is not None
        ),
        key=lambda year: year[0],
    )
    return tuple(
        FiscalYear(
            starting=starting,
            ending=ending,
            is_locked=bool(item.IsLocked),
            is_second_in_calendar_year=number > 0 and begun[number - 1][0].year == starting.year,
        )
        for number, (starting, item, troubles) in enumerate(begun)
        if not troubles and (ending := wire.day(item.EndingDate)) is not None
    )


def vat_codes_of(result: Any) -> tuple[VatCode, ...]:
    """Codes that are no number cannot stand on a posting; those without a rate explain no VAT. Both are left out."""
    return tuple(
        VatCode(
            number=number,
            percent=percent,
            account=wire.whole(item.AccountNo) or None,
            id=wire.whole(item.TaxId),
        )
        for item in wire.readable(result, ("TaxNo", "TaxRate"))
        if (number := wire.number_in(item.TaxNo)) is not None and (percent := wire.amount(item.TaxRate)) is not None
    )


def home_currency_of(result: Any) -> str:
    """The client's own currency. Finago now and then answers with nothing: then the reply cannot be used."""
    currency = wire.text(getattr(result, "DefaultCurrency", None)).strip().upper()
    if not currency:
        raise UnreadableReply("Client.DefaultCurrency is missing")
    return currency
