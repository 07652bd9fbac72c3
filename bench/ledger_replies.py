"""Finago's general ledger at any size, for measurements: vouchers made from their number alone, and replies of them.

A voucher is rendered by the sandbox's own description of the interface, so every reader sees what the sandbox would
send.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from lxml import etree

from qondor_finago_pipelines.sandbox.finago.shapes import write
from qondor_finago_pipelines.sandbox.finago.wsdl import read_folder
from qondor_finago_pipelines.sandbox.money import to_the_ore
from qondor_finago_pipelines.sandbox.world.voucher_builders import HOTEL, INPUT_VAT, PAYABLE, SUPPLIER_SERIES

SPACE = "http://24sevenoffice.com/webservices/economy/accounting/"
LINES_A_VOUCHER = 3
"""Expense, input VAT and payable: what a supplier's invoice is posted as."""

FIELDS_A_LINE = 22
DIMENSIONS_A_LINE = 2

HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body>'
    f'<GetTransactionsResponse xmlns="{SPACE}"><GetTransactionsResult>'
).encode()
TAIL = b"</GetTransactionsResult></GetTransactionsResponse></soap:Body></soap:Envelope>"

COMMENTS = ("Rooms 14-16 Nov", "Lunch & dinner, 25 guests", "Taxi from Gardermoen", "Stage, light and sound", "Blåbær")


@dataclass(frozen=True, kw_only=True)
class SupplierLedger:
    """Invoices of suppliers, numbered from 1, that were all posted in one year and changed within one day, in order."""

    vouchers: int
    changed_on: date
    every_nth_has_a_project: int
    """One voucher in so many stands on a project; the others are the company's own costs."""
    projects: tuple[int, ...] = (20000,)

    @property
    def lines(self) -> int:
        return self.vouchers * LINES_A_VOUCHER

    def changed_at(self, number: int) -> datetime:
        """One after the other in eight hours; from 08:00 UTC on, so that the day is the same in Oslo."""
        milliseconds = number * 28_800_000 // (self.vouchers + 1)
        return datetime.combine(self.changed_on, time(8), UTC) + timedelta(milliseconds=milliseconds)

    def voucher(self, number: int) -> list[dict[str, Any]]:
        """The lines of one voucher, with Finago's own member names and 22 members each beside the dimensions."""
        net = Decimal(12_345 + number * 7919 % 9_999_991) / 100
        vat = to_the_ore(net * 25 / 100)
        posted = date(self.changed_on.year, 1 + number % 11, 1 + number % 28)
        registered = datetime.combine(posted, time(9, number % 60, number % 59), UTC)
        common = {
            "Date": datetime.combine(posted, time()),
            "Currency": "LOCAL",
            "CurrencyRate": Decimal(1),
            "CurrencyUnit": 1,
            "Period": posted.month,
            "TransactionTypeId": SUPPLIER_SERIES,
            "Comment": COMMENTS[number % len(COMMENTS)],
            "TransactionNo": number,
            "LinkId": number,
            "InvoiceNo": f"F-{99_000_000 + number}",
            "SystemType": "InvoiceSupplier",
            "DueDate": datetime.combine(posted + timedelta(days=30), time()),
            "RegistrationDate": registered,
            "DateChanged": self.changed_at(number),
            "Hidden": False,
            "HasVatDividend": False,
        }
        has_project = number % self.every_nth_has_a_project == 0
        project = self.projects[number // self.every_nth_has_a_project % len(self.projects)]
        department = {"Type": "Department", "Name": "Events", "Value": str(1 + number % 4)}
        supplier = {"Type": "Customer", "Name": f"Supplier {number % 400} AS", "Value": str(6001 + number % 400)}
        on_project = {"Type": "Project", "Name": f"Event {project}", "Value": str(project)}
        return [
            {
                **common,
                "AccountNo": account,
                "Amount": amount,
                "VatCode": code,
                "Id": str(uuid.UUID(int=(0x414C343C << 96) + number * LINES_A_VOUCHER + sequence)),
                "SequenceNo": sequence,
                "Open": account == PAYABLE and number % 3 == 0,
                "Dimensions": [on_project if has_project and account == HOTEL else supplier, department],
            }
            for sequence, (account, amount, code) in enumerate(
                ((HOTEL, net, 1), (INPUT_VAT, vat, 0), (PAYABLE, -(net + vat), 0)), start=1
            )
        ]

    def reply(self) -> bytes:
        """The whole ledger as one reply."""
        return b"".join((HEAD, *(rendered(self.voucher(number)) for number in self.numbers), TAIL))

    @property
    def numbers(self) -> range:
        return range(1, self.vouchers + 1)


def rendered(lines: Iterable[Mapping[str, Any]]) -> bytes:
    """The lines as the sandbox writes them, without the envelope."""
    shape = read_folder()["TransactionService"].shapes.type("Transaction")
    holder = etree.Element(f"{{{SPACE}}}GetTransactionsResult", nsmap={None: SPACE})
    for line in lines:
        write(etree.SubElement(holder, f"{{{SPACE}}}Transaction"), shape, line)
    return b"".join(etree.tostring(each).replace(_DECLARED, b"", 1) for each in holder)


_DECLARED = f' xmlns="{SPACE}"'.encode()
