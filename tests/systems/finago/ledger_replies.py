"""Replies of ledger lines, and a plain reader of them: the whole tree at once, member by member, with no hurry."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from lxml import etree

SPACE = "http://24sevenoffice.com/webservices/economy/accounting/"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

LINE = {
    "Date": "2026-11-16T00:00:00",
    "AccountNo": "6300",
    "Currency": "LOCAL",
    "CurrencyRate": "1",
    "CurrencyUnit": "1",
    "Amount": "8000.0000",
    "TransactionTypeId": "3",
    "Comment": "Rooms",
    "TransactionNo": "20418",
    "VatCode": "1",
    "Id": "414c343c-1027-c4d1-c386-bbc4cd613e30",
    "LinkId": "77",
    "InvoiceNo": "F-99812",
    "SequenceNo": "1",
    "SystemType": "InvoiceSupplier",
    "DueDate": "2026-12-16T00:00:00",
    "RegistrationDate": "2026-11-20T10:11:12",
    "DateChanged": "2026-11-20T10:11:12.123",
    "Hidden": "false",
    "Open": "true",
    "OCR": "0020418",
}


def line(dimensions: tuple[tuple[str | None, str | None, str | None], ...] = (), **members: str | None) -> str:
    """One line as XML; a member that is None is left out. A dimension is type, value, percent."""
    element = etree.Element(f"{{{SPACE}}}Transaction", nsmap={None: SPACE})
    for name, value in {**LINE, **members}.items():
        if value is not None:
            etree.SubElement(element, f"{{{SPACE}}}{name}").text = value
    if dimensions:
        holder = etree.SubElement(element, f"{{{SPACE}}}Dimensions")
        for parts in dimensions:
            dimension = etree.SubElement(holder, f"{{{SPACE}}}Dimension")
            for name, value in zip(("Type", "Value", "Percent"), parts, strict=True):
                if value is not None:
                    etree.SubElement(dimension, f"{{{SPACE}}}{name}").text = value
    return etree.tostring(element, encoding="unicode")


def reply(*lines: str, encoding: str = "utf-8", head: str = "") -> bytes:
    """A whole reply with these lines."""
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>{head}'
        f'<soap:Envelope xmlns:soap="{SOAP}" xmlns:xsi="{XSI}"><soap:Body>'
        f'<GetTransactionsResponse xmlns="{SPACE}"><GetTransactionsResult>'
        f"{''.join(lines)}"
        "</GetTransactionsResult></GetTransactionsResponse></soap:Body></soap:Envelope>"
    )
    return text.encode(encoding)


def plainly_read(body: bytes) -> list[dict[str, Any]]:
    """Every line of a reply, in the columns of `records.posting_table`."""
    return [_row(element) for element in _lines(body)]


def lines_in(body: bytes) -> int:
    return len(_lines(body))


def _lines(body: bytes) -> list[etree._Element]:
    root = etree.fromstring(body, etree.XMLParser(remove_comments=True, remove_pis=True))
    return list(root.iter(f"{{{SPACE}}}Transaction"))


def _row(element: etree._Element) -> dict[str, Any]:
    def text(name: str) -> str | None:
        found = element.find(f"{{{SPACE}}}{name}")
        return None if found is None else "".join(found.itertext())

    def trimmed(name: str) -> str | None:
        return (text(name) or "").strip() or None

    def whole(name: str) -> int | None:
        number = None if trimmed(name) is None else int(trimmed(name) or "")
        return None if number in (-2147483648, -32768) else number

    def amount(name: str) -> Decimal | None:
        number = None if trimmed(name) is None else Decimal(trimmed(name) or "")
        return None if number == Decimal("-79228162514264337593543950335") else number

    def day(name: str) -> date | None:
        found = None if trimmed(name) is None else date.fromisoformat((trimmed(name) or "")[:10])
        return None if found is None or found.year == 1 else found

    def instant(name: str) -> datetime | None:
        if trimmed(name) is None:
            return None
        found = datetime.fromisoformat((trimmed(name) or "").replace("Z", "+00:00"))
        if found.year == 1:
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)

    dimensions = [
        {name: dimension.findtext(f"{{{SPACE}}}{name}") for name in ("Type", "Value", "Percent")}
        for dimension in element.iterfind(f"{{{SPACE}}}Dimensions/{{{SPACE}}}Dimension")
    ]
    projects = [each for each in dimensions if each["Type"] == "Project"]
    troubles = [
        *("Dimension.Type is missing" for each in dimensions if not (each["Type"] or "").strip()),
        *("Dimension.Value is missing" for each in projects if not (each["Value"] or "").strip(" \t\r\n")),
    ]
    companies = [each["Value"] or "" for each in dimensions if each["Type"] == "Customer"]
    guid = (trimmed("Id") or "").lower() or None
    return {
        "id": None if guid == "00000000-0000-0000-0000-000000000000" else guid,
        "type_id": whole("TransactionTypeId"),
        "number": whole("TransactionNo"),
        "sequence": whole("SequenceNo"),
        "day": day("Date"),
        "account": whole("AccountNo"),
        "amount": amount("Amount"),
        "vat_code": whole("VatCode"),
        "vat_dividend": amount("VatDividend") if trimmed("HasVatDividend") in ("true", "1") else None,
        "system_type": text("SystemType") or "Miscellaneous",
        "invoice_number": text("InvoiceNo") or "",
        "ocr": text("OCR") or "",
        "comment": text("Comment") or "",
        "due_date": day("DueDate"),
        "link_id": whole("LinkId"),
        "is_open": trimmed("Open") in ("true", "1"),
        "is_hidden": trimmed("Hidden") in ("true", "1"),
        "currency": text("Currency") or "",
        "currency_rate": amount("CurrencyRate"),
        "currency_unit": whole("CurrencyUnit"),
        "company": companies[0] if companies else None,
        "projects": [each["Value"] or "" for each in projects],
        "percents": [None if not each["Percent"] else Decimal(each["Percent"]) for each in projects],
        "registered": instant("RegistrationDate"),
        "changed": instant("DateChanged"),
        "unreadable": troubles[0] if troubles else None,
    }
