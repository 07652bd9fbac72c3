"""TransactionService: the lines of the general ledger, and the fiscal years (contract/finago.md 9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from lxml import etree

from .request import Request, as_utc, without_zone
from .shapes import (
    DAY,
    MOMENT,
    TEXT,
    Items,
    Member,
    Shape,
    boolean,
    choice,
    decimal,
    guid,
    integer,
    many,
    moment,
    plain_text,
    short,
    text,
)
from .soap import RequestFailed

DIMENSION = Shape(
    "Dimension",
    (choice("Type", "None"), text("Name"), text("Value"), decimal("Percent"), integer("TypeId")),
)
TRANSACTION = Shape(
    "Transaction",
    (
        moment("Date"),
        short("AccountNo"),
        text("Currency"),
        decimal("CurrencyRate"),
        short("CurrencyUnit"),
        decimal("Amount"),
        integer("StampNo"),
        short("Period", 0),
        integer("TransactionTypeId"),
        text("Comment"),
        integer("TransactionNo"),
        short("VatCode"),
        guid("Id"),
        integer("LinkId"),
        text("InvoiceNo"),
        short("SequenceNo"),
        choice("SystemType", "Miscellaneous"),
        moment("DueDate"),
        many("Dimensions", "Dimension", DIMENSION),
        moment("RegistrationDate"),
        moment("DateChanged"),
        boolean("Hidden", required=True),
        boolean("Open", required=True),
        plain_text("OCR"),
        decimal("VatDividend"),
        boolean("HasVatDividend", required=True),
        Member("PeriodDate", DAY, date(1, 1, 1)),
    ),
)
TRANSACTION_SEARCH = Shape(
    "TransactionSearchParameters",
    (
        choice("DateSearchParameters", "EntryDate"),
        boolean("ShowOpenEntries", nillable=True),
        integer("LinkId"),
        moment("DateStart"),
        moment("DateEnd"),
        integer("ProjectId"),
        integer("CustomerId"),
        integer("DepartmentId"),
        short("AccountNoStart"),
        short("AccountNoEnd"),
        integer("TransactionNoStart"),
        integer("TransactionNoEnd"),
        integer("TransactionTypeId"),
        Member("SystemType", TEXT, None, required=True, nillable=True),
        moment("RegisteredAfter"),
        boolean("HasInvoiceId", required=True, nillable=True),
        text("InvoiceNo"),
        Member("VatCode", short("VatCode").kind, None, nillable=True),
    ),
)
FISCAL_YEAR = Shape(
    "FiscalYear",
    (
        guid("Id", required=True),
        Member("StartingDate", MOMENT, required=True),
        Member("EndingDate", MOMENT, required=True),
        boolean("IsLocked", required=True),
    ),
)


def get_transactions(request: Request) -> etree._Element:
    """Every line that fits; DateStart and DateEnd are needed, and both ends are included as timestamps."""
    search = request.argument("searchParams", TRANSACTION_SEARCH)
    if "DateStart" not in search or "DateEnd" not in search:
        raise RequestFailed("DateStart and DateEnd must be specified")
    fits = _by_date(search)
    found = (line for line in request.books.postings.values() if fits(line) and _fits(line, search))
    return request.answer(Items("Transaction", TRANSACTION), list(_in_order(found)))


def _in_order(lines: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(lines, key=lambda line: (line.get("TransactionNo") or 0, line.get("SequenceNo") or 0))


def _by_date(search: Mapping[str, Any]) -> Any:
    if search.get("DateSearchParameters") == "DateChangedUTC":
        start, end = as_utc(search["DateStart"]), as_utc(search["DateEnd"])
        return lambda line: start <= line["DateChanged"] <= end
    start, end = without_zone(search["DateStart"]), without_zone(search["DateEnd"])
    return lambda line: line.get("Date") is not None and start <= line["Date"] <= end


def _fits(line: Mapping[str, Any], search: Mapping[str, Any]) -> bool:
    for name, value in search.items():
        match name:
            case "TransactionNoStart" | "AccountNoStart":
                if (line.get(name.removesuffix("Start")) or 0) < value:
                    return False
            case "TransactionNoEnd" | "AccountNoEnd":
                if (line.get(name.removesuffix("End")) or 0) > value:
                    return False
            case "LinkId" | "TransactionTypeId" | "SystemType" | "InvoiceNo" | "VatCode":
                if line.get(name, "Miscellaneous" if name == "SystemType" else None) != value:
                    return False
            case "ShowOpenEntries":
                if line["Open"] is not value:
                    return False
            case "HasInvoiceId":
                if bool(line.get("InvoiceNo")) is not value:
                    return False
            case "RegisteredAfter":
                if line["RegistrationDate"] < as_utc(value):
                    return False
            case "ProjectId" | "CustomerId" | "DepartmentId":
                kind = name.removesuffix("Id")
                if not any(each["Type"] == kind and each["Value"] == str(value) for each in line.get("Dimensions", ())):
                    return False
    return True


def get_fiscal_years(request: Request) -> etree._Element:
    """Each with its first day, and the first day that is no longer in it."""
    years = [
        {
            "Id": f"00000000-0000-0000-0000-{start.year:012d}",
            "StartingDate": datetime.combine(start, time()),
            "EndingDate": datetime.combine(end, time()),
            "IsLocked": locked,
        }
        for start, end, locked in request.books.fiscal_years
    ]
    return request.answer(Items("FiscalYear", FISCAL_YEAR), years)
