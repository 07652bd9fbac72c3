"""Builders for Finago's general ledger, and what accountants do in it: post, pay, correct, reverse, re-date, delete.

Amounts are as Finago has them: debit above zero, credit below. Every change moves DateChanged of the lines it touches
to the world's clock, a little later for each change, and leaves the others as they were.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from ..money import to_the_ore
from ..wire import exact
from .finago import Books
from .state import WorldState

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
    line = {"AccountNo": account, "Amount": exact(amount), "Dimensions": dimensions, "VatCode": vat_code, **members}
    return {name: value for name, value in line.items() if value is not None}


class _Side(NamedTuple):
    """How one kind of party is invoiced: `sign` is that of the net amount, the party's own line has the other."""

    series: int
    party_account: int
    vat_account: int
    vat_codes: Mapping[Decimal, int]
    sign: int


_SUPPLIER = _Side(SUPPLIER_SERIES, PAYABLE, INPUT_VAT, _INPUT_CODE, 1)
_CUSTOMER = _Side(CUSTOMER_SERIES, RECEIVABLE, OUTPUT_VAT, _OUTPUT_CODE, -1)


class VoucherBuilders(WorldState):
    """Each builder gives the voucher as it stands afterwards."""

    def standard_ledger(self) -> None:
        """Three fiscal years around today, the middle one this year's, and the VAT codes."""
        with self.lock:
            this_year = self.today().year
            for books in self.finago.books.values():
                books.fiscal_years = [
                    (date(year, 1, 1), date(year + 1, 1, 1), False) for year in range(this_year - 1, this_year + 2)
                ]
                books.tax_codes = dict(TAX_CODES)

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
                    "Date": midnight(posted_on),
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
                    "DateChanged": self.change_time(books),
                    "Hidden": False,
                    "Open": line.get("AccountNo") in (RECEIVABLE, PAYABLE),
                    "HasVatDividend": False,
                    **members,
                    **line,
                }
                ids.append(line_id)
            return PostedVoucher(at, type_id, voucher_number, fiscal_year(books, posted_on), tuple(ids))

    def post_supplier_invoice(
        self, net: Decimal | str = "8000.00", *, supplier: int | None = None, **options: Any
    ) -> PostedVoucher:
        """What a supplier charges: expense and input VAT debit, payable credit. A negative `net` is a credit note."""
        usual: dict[str, Any] = {
            "system_type": "InvoiceSupplier",
            "account": HOTEL,
            "invoice_number": "F-99812",
            "comment": "Rooms 14-16 Nov",
        }
        return self._post_invoice(_SUPPLIER, exact(net), supplier, **{**usual, **options})

    def post_supplier_credit_note(self, net: Decimal | str = "800.00", **options: Any) -> PostedVoucher:
        """The supplier gives back: the signs of an invoice turned."""
        return self.post_supplier_invoice(-exact(net), system_type="CreditnoteSupplier", **options)

    def post_customer_invoice(
        self, net: Decimal | str = "10000.00", *, customer: int | None = None, **options: Any
    ) -> PostedVoucher:
        """What a customer is charged, by hand in Finago: receivable debit, revenue and output VAT credit."""
        usual: dict[str, Any] = {
            "system_type": "InvoiceCustomer",
            "account": REVENUE,
            "invoice_number": "20001",
            "comment": "Conference",
        }
        return self._post_invoice(_CUSTOMER, exact(net), customer, **{**usual, **options})

    def post_customer_credit_note(self, net: Decimal | str = "1000.00", **options: Any) -> PostedVoucher:
        """A credit note to a customer, made by hand in Finago."""
        return self.post_customer_invoice(-exact(net), system_type="CreditnoteCustomer", **options)

    def _post_invoice(
        self,
        side: _Side,
        net: Decimal,
        party: int | None,
        *,
        account: int,
        comment: str,
        invoice_number: str,
        project: int | str | None = None,
        split: Split | None = None,
        vat_rate: int | str = 25,
        due: date | None = None,
        **options: Any,
    ) -> PostedVoucher:
        rate = exact(vat_rate)
        vat = to_the_ore(net * rate / 100)
        code, its_net = side.vat_codes[rate], side.sign * net
        lines = [posting(account, its_net, project=project, split=split, vat_code=code, Comment=comment)]
        if vat:
            lines.append(posting(side.vat_account, side.sign * vat))
        due_date = None if due is None else midnight(due)
        owed = posting(side.party_account, -side.sign * (net + vat), company=party, DueDate=due_date)
        lines.insert(len(lines) if side is _SUPPLIER else 0, owed)
        return self.post_voucher(lines, type_id=side.series, InvoiceNo=invoice_number, **options)

    def lines_of(self, voucher: PostedVoucher) -> list[dict[str, Any]]:
        """The voucher's lines as they stand; those that were deleted are left out."""
        postings = self.books(voucher.office).postings
        return [postings[line_id] for line_id in voucher.ids if line_id in postings]

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

    def change_time(self, books: Books) -> datetime:
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
            line.update(LinkId=books.last_link_id, Open=is_open, DateChanged=self.change_time(books))

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


def midnight(day: date) -> datetime:
    """A calendar day as Finago keeps it: a date and time without a zone."""
    return datetime.combine(day, time())


def fiscal_year(books: Books, day: date) -> int:
    for start, end, _ in books.fiscal_years:
        if start <= day < end:
            return start.year
    return day.year
