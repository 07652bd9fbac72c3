"""Vouchers and their postings: what the accountants wrote into Finago's general ledger.

A posting is one line of a voucher, debit above zero and credit below. What its amount is in where the line names a
foreign currency is a setting (decisions 8).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class AccountMeaning(StrEnum):
    """What an account is for; `accounts` in the settings says which numbers mean what."""

    RECEIVABLE = "receivable"
    BANK = "bank"
    PAYABLE = "payable"
    VAT = "vat"
    REVENUE = "revenue"
    EXPENSE = "expense"
    ROUNDING = "rounding"
    MEMO = "memo"
    """Basis and contra accounts: what stands there stands on another account as well."""
    OTHER = "other"
    """In none of the ranges: fixed assets, equity, wages payable."""


INVOICE_CUSTOMER = "InvoiceCustomer"
CREDIT_NOTE_CUSTOMER = "CreditnoteCustomer"
INVOICE_SUPPLIER = "InvoiceSupplier"
CREDIT_NOTE_SUPPLIER = "CreditnoteSupplier"
MISCELLANEOUS = "Miscellaneous"
"""Values of `SystemType`; a missing one means this last. One that we do not know stays the text that it is."""


@dataclass(frozen=True, kw_only=True)
class FiscalYear:
    """One fiscal year: `ending` is the first day that does not belong to it any more."""

    starting: date
    ending: date
    is_locked: bool = False
    is_second_in_calendar_year: bool = False
    """An earlier one starts in the same calendar year: a short year, mostly."""

    @property
    def year(self) -> int:
        """How a voucher's key names it (decisions 8): the calendar year of its start, with the month if need be."""
        start = self.starting
        return start.year * 100 + start.month if self.is_second_in_calendar_year else start.year

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.starting <= day < self.ending


_LAST_CALENDAR_YEAR = 9999


@dataclass(frozen=True, order=True, slots=True)
class VoucherKey:
    """What makes lines one voucher: the fiscal year, Finago's `TransactionTypeId` and `TransactionNo` (decisions 8)."""

    fiscal_year: int
    """`FiscalYear.year`: 2026, or 202607 where a year began in 2026 before."""
    type_id: int
    number: int

    @property
    def series(self) -> tuple[int, int]:
        """Type and number, whatever the year: what both halves of a voucher over a year boundary have in common."""
        return self.type_id, self.number

    @property
    def in_words(self) -> str:
        """As people read it, at the beginning of a sentence."""
        return f"Voucher {self.number} of series {self.type_id} in {self.year_in_words}"

    def __str__(self) -> str:
        return f"{self.year_in_words}-{self.type_id}-{self.number}"

    @property
    def year_in_words(self) -> str:
        """`2026`, or `2026-07` for the year that began there after another one."""
        year, month = divmod(self.fiscal_year, 100)
        return f"{year}-{month:02}" if self.fiscal_year > _LAST_CALENDAR_YEAR else str(self.fiscal_year)

    @classmethod
    def of(cls, text: str) -> VoucherKey:
        """The key written as `2026-3-20418` or `2026-07-3-20418`. Raises ValueError for any other text."""
        *year, type_id, number = text.split("-")
        if not 1 <= len(year) <= 2:
            raise ValueError(f"{text!r} is no key of a voucher.")
        return cls(int("".join(year)), int(type_id), int(number))


@dataclass(frozen=True, kw_only=True)
class ProjectPart:
    """One project dimension of a line: the value as Finago gives it, and its percent; None means all of it."""

    project: str
    percent: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class StatedAmount:
    """What a line says in a foreign currency: `rate` is the client's own currency for `unit` of the foreign one."""

    currency: str
    rate: Decimal
    unit: int
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class Posting:
    """One line of a voucher. What a line may lack is None or empty.

    `amount` is in the client's own currency in every voucher that counts; of one that is refused it is as Finago gives
    it. `company_id` is the value of the `Customer` dimension, which names suppliers too.
    """

    id: str | None
    sequence: int | None
    day: date | None
    account: int | None
    meaning: AccountMeaning
    """Of the account; OTHER without one."""
    amount: Decimal | None
    vat_code: int | None = None
    vat_dividend: Decimal | None = None
    """What part of its VAT may be deducted, where that is not all of it: above 0, at most 1."""
    system_type: str = MISCELLANEOUS
    invoice_number: str = ""
    ocr: str = ""
    comment: str = ""
    due_date: date | None = None
    link_id: int | None = None
    is_open: bool = False
    is_hidden: bool = False
    company_id: int | None = None
    projects: tuple[ProjectPart, ...] = ()
    changed: datetime | None = None
    unreadable: str = ""
    """The member that cannot be read, and why; without its value."""
    stated: StatedAmount | None = None
    """What it was before it was brought to the client's own currency; None where nothing was."""

    @property
    def is_for_qondor(self) -> bool:
        """A line with a project on an expense or revenue account; any other is no business of a project's result."""
        return bool(self.projects) and self.meaning in (AccountMeaning.EXPENSE, AccountMeaning.REVENUE)


@dataclass(frozen=True, kw_only=True)
class Voucher:
    """A voucher with all its visible lines, in the order of their SequenceNo. It balances: its lines sum to 0.00."""

    key: VoucherKey
    postings: tuple[Posting, ...]


@dataclass(frozen=True, kw_only=True)
class VatCode:
    """A row of Finago's list of VAT codes; `number` is what a posting's `VatCode` holds."""

    number: int
    percent: Decimal
    account: int | None = None
    """Where its VAT is posted; None where the list does not say."""
    id: int | None = None
    """Finago's own id of the row, which is another number than `number`."""


@dataclass(frozen=True, kw_only=True)
class ChangedSearch:
    """The lines created or changed between two instants in UTC, both included, in whole seconds."""

    start: datetime
    end: datetime


@dataclass(frozen=True, kw_only=True)
class EntrySearch:
    """The lines posted between two days, both included; of one type, and of a range of voucher numbers, where given."""

    first_day: date
    last_day: date
    type_id: int | None = None
    first_number: int | None = None
    last_number: int | None = None


LedgerSearch = ChangedSearch | EntrySearch
"""What Finago's general ledger can be asked for."""
