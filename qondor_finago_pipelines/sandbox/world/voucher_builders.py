"""Builders for Finago's general ledger, and what accountants do in it: post, pay, correct, reverse, re-date, delete.

Amounts are as Finago has them: debit above zero, credit below. Every change moves DateChanged of the lines it touches
to the world's clock, a little later for each change, and leaves the others as they were.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from threading import RLock
from typing import TYPE_CHECKING, Any

from ..money import to_the_ore
from ..wire import exact
from .finago import Books

SUPPLIER_SERIES, CUSTOMER_SERIES, BANK_SERIES, MANUAL_SERIES = 3, 1, 2, 5
"""TransactionTypeId of the voucher series that the builders use."""

RECEIVABLE, PAYABLE, BANK, INPUT_VAT, OUTPUT_VAT, REVENUE, HOTEL = 1500, 2400, 1920, 2710, 2700, 3000, 6300

TAX_CODES: Mapping[int, tuple[str, Decimal, int]] = {
    0: ("Ingen avgift", Decimal(0), 0),
    1: ("Inngående avgift, høy sats", Decimal(25), INPUT_VAT),
    3: ("Utgående avgift, høy sats", Decimal(25), OUTPUT_VAT),
    5: ("Avgiftsfritt salg innenfor avgiftsområdet", Decimal(0), 0),
    11: ("Inngående avgift, middels sats", Decimal(15), INPUT_VAT),
    12: ("Inngående avgift, lav sats", Decimal(12), INPUT_VAT),
    31: ("Utgående avgift, middels sats", Decimal(15), OUTPUT_VAT),
    32: ("Utgående avgift, lav sats", Decimal(12), OUTPUT_VAT),
}
"""By number: name, rate in percent, account."""

_INPUT_CODE = {Decimal(25): 1, Decimal(15): 11, Decimal(12): 12, Decimal(0): 0}
_OUTPUT_CODE = {Decimal(25): 3, Decimal(15): 31, Decimal(12): 32, Decimal(0): 5}

Split = Mapping[int | str, str | None]
"""Finago project id → percent; None where the line has no percent, which means all of it."""


@dataclass(frozen=True)
class PostedVoucher:
    """A voucher in the ledger, by the guids of its lines."""

    office: int
    type_id: int
    number: int
    fiscal_year: int
    ids: tuple[str, ...]

    @property
    def key(self) -> str:
        """`2026-3-20418`, as the sync names it."""
        return f"{self.fiscal_year}-{self.type_id}-{self.number}"


def posting(
    account: int,
    amount: Decimal | str | int,
    *,
    project: int | str | None = None,
    split: Split | None = None,
    company: int | None = None,
    vat_code: int | None = None,
    **members: Any,
) -> dict[str, Any]:
    """One line of a voucher, with Finago's own member names; `members` overrides any of them."""
    projects: Split = split if split is not None else {} if project is None else {project: None}
    dimensions: list[dict[str, Any]] = [
        {
            "Type": "Project",
            "Name": f"Project {value}",
            "Value": str(value),
            **({} if percent is None else {"Percent": exact(percent)}),
        }
        for value, percent in projects.items()
    ]
    if company is not None:
        dimensions.append({"Type": "Customer", "Name": f"Company {company}", "Value": str(company)})
    line: dict[str, Any] = {"AccountNo": account, "Amount": exact(amount), "Dimensions": dimensions}
    if vat_code is not None:
        line["VatCode"] = vat_code
    return {**line, **members}


class VoucherBuilders:
    """Each builder gives the voucher as it stands afterwards."""

    lock: RLock

    if TYPE_CHECKING:

        def now(self) -> datetime: ...

        def today(self) -> date: ...

        def first_office(self) -> int: ...

        def books(self, office: int) -> Books: ...

    def standard_ledger(self) -> None:
        """Three fiscal years around today, the middle one this year's, and the VAT codes."""
        with self.lock:
            this_year = self.today().year
            for office in self._every_office():
                books = self.books(office)
                books.fiscal_years = [
                    (date(year, 1, 1), date(year + 1, 1, 1), False) for year in range(this_year - 1, this_year + 2)
                ]
                books.tax_codes = dict(TAX_CODES)

    def _every_office(self) -> Iterable[int]:
        return list(self.offices)  # type: ignore[attr-defined]

    # posting

    def post_voucher(
        self,
        lines: Sequence[Mapping[str, Any]],
        *,
        type_id: int = MANUAL_SERIES,
        system_type: str = "Miscellaneous",
        day: date | None = None,
        number: int | None = None,
        office: int | None = None,
        **members: Any,
    ) -> PostedVoucher:
        """Posts the lines as they are; `members` are the same on all of them."""
        with self.lock:
            at = office or self.first_office()
            books = self.books(at)
            posted_on = day or self.today()
            voucher_number = number or books.next_voucher_number(type_id)
            registered = self.now()
            ids = []
            for sequence, line in enumerate(lines, start=1):
                line_id = str(uuid.UUID(int=books.next_line_number() + (at << 64)))
                books.postings[line_id] = {
                    "Date": datetime.combine(posted_on, time()),
                    "Currency": "LOCAL",
                    "CurrencyRate": Decimal(1),
                    "CurrencyUnit": 1,
                    "Period": posted_on.month,
                    "TransactionTypeId": type_id,
                    "TransactionNo": voucher_number,
                    "Id": line_id,
                    "SequenceNo": sequence,
                    "SystemType": system_type,
                    "RegistrationDate": registered,
                    "DateChanged": self._change_time(books),
                    "Hidden": False,
                    "Open": line.get("AccountNo") in (RECEIVABLE, PAYABLE),
                    "HasVatDividend": False,
                    **members,
                    **line,
                }
                ids.append(line_id)
            return PostedVoucher(at, type_id, voucher_number, _fiscal_year(books, posted_on), tuple(ids))

    def post_supplier_invoice(
        self,
        net: Decimal | str = "8000.00",
        *,
        project: int | str | None = None,
        split: Split | None = None,
        supplier: int | None = None,
        vat_rate: int | str = 25,
        account: int = HOTEL,
        invoice_number: str = "F-99812",
        comment: str = "Rooms 14-16 Nov",
        due: date | None = None,
        system_type: str = "InvoiceSupplier",
        **options: Any,
    ) -> PostedVoucher:
        """What a supplier charges: expense and input VAT debit, payable credit. A negative `net` is a credit note."""
        rate, amount = exact(vat_rate), exact(net)
        vat = to_the_ore(amount * rate / 100)
        lines = [
            posting(account, amount, project=project, split=split, vat_code=_INPUT_CODE[rate], Comment=comment),
            posting(PAYABLE, -(amount + vat), company=supplier, DueDate=_midnight(due)),
        ]
        if vat:
            lines.insert(1, posting(INPUT_VAT, vat))
        return self.post_voucher(
            [{name: value for name, value in line.items() if value is not None} for line in lines],
            type_id=SUPPLIER_SERIES,
            system_type=system_type,
            InvoiceNo=invoice_number,
            **options,
        )

    def post_supplier_credit_note(self, net: Decimal | str = "800.00", **options: Any) -> PostedVoucher:
        """The supplier gives back: the signs of an invoice turned."""
        return self.post_supplier_invoice(-exact(net), system_type="CreditnoteSupplier", **options)

    def post_customer_invoice(
        self,
        net: Decimal | str = "10000.00",
        *,
        project: int | str | None = None,
        split: Split | None = None,
        customer: int | None = None,
        vat_rate: int | str = 25,
        account: int = REVENUE,
        invoice_number: str = "20001",
        comment: str = "Conference",
        due: date | None = None,
        system_type: str = "InvoiceCustomer",
        **options: Any,
    ) -> PostedVoucher:
        """What a customer is charged, by hand in Finago: receivable debit, revenue and output VAT credit."""
        rate, amount = exact(vat_rate), exact(net)
        vat = to_the_ore(amount * rate / 100)
        lines = [
            posting(RECEIVABLE, amount + vat, company=customer, DueDate=_midnight(due)),
            posting(account, -amount, project=project, split=split, vat_code=_OUTPUT_CODE[rate], Comment=comment),
        ]
        if vat:
            lines.append(posting(OUTPUT_VAT, -vat))
        return self.post_voucher(
            [{name: value for name, value in line.items() if value is not None} for line in lines],
            type_id=CUSTOMER_SERIES,
            system_type=system_type,
            InvoiceNo=invoice_number,
            **options,
        )

    def post_customer_credit_note(self, net: Decimal | str = "1000.00", **options: Any) -> PostedVoucher:
        """A credit note to a customer, made by hand in Finago."""
        return self.post_customer_invoice(-exact(net), system_type="CreditnoteCustomer", **options)

    # what happens to vouchers later

    def lines_of(self, voucher: PostedVoucher) -> list[dict[str, Any]]:
        """The voucher's lines as they stand; those that were deleted are left out."""
        postings = self.books(voucher.office).postings
        return [postings[line_id] for line_id in voucher.ids if line_id in postings]

    def change_line(self, voucher: PostedVoucher, line: int, **members: Any) -> PostedVoucher:
        """Changes members of one line (1 is the first); DateChanged follows."""
        with self.lock:
            books = self.books(voucher.office)
            books.postings[voucher.ids[line - 1]].update(members, DateChanged=self._change_time(books))
            return voucher

    def pay_voucher(
        self, voucher: PostedVoucher, *, day: date | None = None, part: Decimal | str | None = None
    ) -> PostedVoucher:
        """A payment of the whole, or of a part: a bank voucher, linked to what it pays, under a new LinkId."""
        with self.lock:
            books = self.books(voucher.office)
            owed = [line for line in self.lines_of(voucher) if line["AccountNo"] in (RECEIVABLE, PAYABLE)]
            ledger_line = owed[0]
            open_amount = sum((line["Amount"] for line in self._linked(books, ledger_line)), Decimal(0))
            paid = open_amount if part is None else exact(part) * (1 if open_amount > 0 else -1)
            payment = self.post_voucher(
                [posting(BANK, paid), posting(ledger_line["AccountNo"], -paid)],
                type_id=BANK_SERIES,
                system_type="Payment",
                day=day,
                office=voucher.office,
            )
            group = [*self._linked(books, ledger_line), *owed[1:], books.postings[payment.ids[1]]]
            self._link(books, {line["Id"]: line for line in group}.values())
            return payment

    def reverse_voucher(self, voucher: PostedVoucher, *, day: date | None = None) -> PostedVoucher:
        """The same lines with the opposite signs, as a voucher of its own."""
        with self.lock:
            turned = [
                {
                    **{name: value for name, value in line.items() if name not in _OF_ONE_LINE},
                    "Amount": -line["Amount"],
                }
                for line in self.lines_of(voucher)
            ]
            system_type = self.lines_of(voucher)[0]["SystemType"]
            return self.post_voucher(
                turned, type_id=voucher.type_id, system_type=system_type, day=day, office=voucher.office
            )

    def move_to_project(self, voucher: PostedVoucher, project: int | str) -> PostedVoucher:
        """Every line with a project is moved to another one."""
        with self.lock:
            books = self.books(voucher.office)
            for line in self.lines_of(voucher):
                if any(each["Type"] == "Project" for each in line["Dimensions"]):
                    others = [each for each in line["Dimensions"] if each["Type"] != "Project"]
                    line["Dimensions"] = [{"Type": "Project", "Name": "moved", "Value": str(project)}, *others]
                    line["DateChanged"] = self._change_time(books)
            return voucher

    def redate_voucher(self, voucher: PostedVoucher, day: date) -> PostedVoucher:
        """Another posting day, perhaps in another fiscal year; the guids stay."""
        with self.lock:
            books = self.books(voucher.office)
            for line in self.lines_of(voucher):
                line.update(Date=datetime.combine(day, time()), DateChanged=self._change_time(books))
            return replace(voucher, fiscal_year=_fiscal_year(books, day))

    def hide_lines(self, voucher: PostedVoucher, *lines: int, hidden: bool = True) -> PostedVoucher:
        """Hides lines by number, all of them without any."""
        for line in lines or range(1, len(voucher.ids) + 1):
            self.change_line(voucher, line, Hidden=hidden)
        return voucher

    def delete_voucher(self, voucher: PostedVoucher) -> None:
        """The lines are gone; no change feed will ever tell."""
        with self.lock:
            for line_id in voucher.ids:
                self.books(voucher.office).postings.pop(line_id, None)

    def lock_year(self, year: int, *, office: int | None = None) -> None:
        """Closes a fiscal year."""
        with self.lock:
            books = self.books(office or self.first_office())
            books.fiscal_years = [
                (start, end, locked or start.year == year) for start, end, locked in books.fiscal_years
            ]

    # links

    def _change_time(self, books: Books) -> datetime:
        """The clock, and one millisecond more for each change: no two changes are at the same instant."""
        books.changes += 1
        return self.now() + timedelta(milliseconds=books.changes % 1000)

    def _linked(self, books: Books, line: dict[str, Any]) -> list[dict[str, Any]]:
        link = line.get("LinkId")
        return [line] if link is None else [each for each in books.postings.values() if each.get("LinkId") == link]

    def _link(self, books: Books, lines: Iterable[dict[str, Any]]) -> None:
        """A new link gets a new number, and touches every line in it; it is closed when it sums to zero."""
        group = list(lines)
        books.last_link_id += 1
        is_open = sum((line["Amount"] for line in group), Decimal(0)) != 0
        for line in group:
            line.update(LinkId=books.last_link_id, Open=is_open, DateChanged=self._change_time(books))

    # Qondor's own invoices

    def post_order(self, order: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], office: int) -> PostedVoucher:
        """The voucher of an order that became an invoice: receivable, revenue a row, output VAT."""
        is_credit = order["OrderTotalIncVat"] < 0
        lines = [posting(RECEIVABLE, order["OrderTotalIncVat"], company=order["CustomerId"])]
        for row in rows:
            net = to_the_ore(row["Quantity"] * row["Price"])
            lines.append(
                posting(REVENUE, -net, project=order.get("ProjectId"), vat_code=_OUTPUT_CODE.get(row["VatRate"], 5))
            )
        rest = sum((line["Amount"] for line in lines), Decimal(0))
        if rest:
            lines.append(posting(OUTPUT_VAT, -rest))
        voucher = self.post_voucher(
            lines,
            type_id=CUSTOMER_SERIES,
            system_type="CreditnoteCustomer" if is_credit else "InvoiceCustomer",
            day=order["DateInvoiced"].date(),
            office=office,
            InvoiceNo=str(order["InvoiceId"]),
        )
        if order.get("Paid") is not None:
            self.pay_voucher(voucher, day=order["Paid"].date())
        return voucher


_OF_ONE_LINE = frozenset(
    {"Id", "TransactionNo", "DateChanged", "RegistrationDate", "LinkId", "Open", "SequenceNo", "Date"}
)


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time())


def _fiscal_year(books: Books, day: date) -> int:
    for start, end, _ in books.fiscal_years:
        if start <= day < end:
            return start.year
    return day.year
