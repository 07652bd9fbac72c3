"""TransactionService: the lines of the general ledger, and the fiscal years (contract/finago.md 9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, time
from typing import Any

from lxml import etree

from .call import SoapCall, as_utc, equal, fits, without_zone
from .soap import RequestFailed

Line = Mapping[str, Any]


def _on(kind: str) -> Callable[[Line, Any], bool]:
    """Whether one of the line's dimensions is the project, customer or department of this id."""
    return lambda line, id: any(
        each["Type"] == kind and each["Value"] == str(id) for each in line.get("Dimensions", ())
    )


_CRITERIA: dict[str, Callable[[Line, Any], bool]] = {
    "TransactionNoStart": lambda line, number: (line.get("TransactionNo") or 0) >= number,
    "TransactionNoEnd": lambda line, number: (line.get("TransactionNo") or 0) <= number,
    "AccountNoStart": lambda line, number: (line.get("AccountNo") or 0) >= number,
    "AccountNoEnd": lambda line, number: (line.get("AccountNo") or 0) <= number,
    **{name: equal(name) for name in ("LinkId", "TransactionTypeId", "InvoiceNo", "VatCode")},
    "SystemType": equal("SystemType", "Miscellaneous"),
    "ShowOpenEntries": equal("Open"),
    "HasInvoiceId": lambda line, wanted: bool(line.get("InvoiceNo")) is wanted,
    "RegisteredAfter": lambda line, moment: line["RegistrationDate"] >= as_utc(moment),
    **{f"{kind}Id": _on(kind) for kind in ("Project", "Customer", "Department")},
}


def get_transactions(call: SoapCall) -> etree._Element:
    """Every line that fits; DateStart and DateEnd are needed, and both ends are included as timestamps."""
    search = call.argument("searchParams")
    if "DateStart" not in search or "DateEnd" not in search:
        raise RequestFailed("DateStart and DateEnd must be specified")
    in_time = _by_date(search)
    found = [line for line in call.books.postings.values() if in_time(line) and fits(line, search, _CRITERIA)]
    return call.answer(sorted(found, key=lambda line: (line.get("TransactionNo") or 0, line.get("SequenceNo") or 0)))


def _by_date(search: Mapping[str, Any]) -> Callable[[Line], bool]:
    if search.get("DateSearchParameters") == "DateChangedUTC":
        start, end = as_utc(search["DateStart"]), as_utc(search["DateEnd"])
        return lambda line: start <= line["DateChanged"] <= end
    start, end = without_zone(search["DateStart"]), without_zone(search["DateEnd"])
    return lambda line: line.get("Date") is not None and start <= line["Date"] <= end


def get_fiscal_years(call: SoapCall) -> etree._Element:
    """Each with its first day, and the first day that is no longer in it."""
    years = [
        {
            "Id": f"00000000-0000-0000-0000-{start.year:012d}",
            "StartingDate": datetime.combine(start, time()),
            "EndingDate": datetime.combine(end, time()),
            "IsLocked": locked,
        }
        for start, end, locked in call.books.fiscal_years
    ]
    return call.answer(years)
