"""Finago's state: a set of books for each client, the users that may see them, and their sessions."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any


@dataclass
class Stored:
    """One record with Finago's own member names (`OrderStatus`, `CustomerId` …) and its history.

    The instants are UTC. `hidden_for`: how many look-ups will still not see it (late visibility).
    """

    members: dict[str, Any]
    registered: datetime
    changed: datetime
    active: bool = True
    hidden_for: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    """Orders only: the rows, each with its RowId."""

    def __getitem__(self, name: str) -> Any:
        return self.members[name]

    def get(self, name: str, default: Any = None) -> Any:
        return self.members.get(name, default)


def _next_free(last: int, taken: Container[int]) -> int:
    number = last + 1
    while number in taken:
        number += 1
    return number


@dataclass
class Books:
    """One Finago client: `Client.Id` and everything that belongs to it."""

    client_id: int
    name: str
    default_currency: str = "NOK"
    companies: dict[int, Stored] = field(default_factory=dict)
    projects: dict[int, Stored] = field(default_factory=dict)
    """Deactivated ones have `active` False."""
    orders: dict[int, Stored] = field(default_factory=dict)
    products: dict[int, dict[str, Any]] = field(default_factory=dict)
    categories: dict[int, dict[str, Any]] = field(default_factory=dict)
    departments: dict[int, str] = field(default_factory=dict)
    payment_methods: dict[int, str] = field(default_factory=dict)
    project_statuses: dict[int, str] = field(default_factory=dict)
    project_types: dict[int, str] = field(default_factory=dict)
    currencies: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By symbol: {"Symbol", "Id", "Rate", "Unit"}."""
    closed_until: date | None = None
    """The last day of the closed periods."""
    differing_totals: dict[str, Decimal] = field(default_factory=dict)
    """By ReferenceNumber: what Finago shall compute above the truth."""
    postings: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The lines of the general ledger by their guid, with Finago's own member names."""
    fiscal_years: list[tuple[date, date, bool]] = field(default_factory=list)
    """First day, first day after the last, locked."""
    tax_codes: dict[int, tuple[str, Decimal, int]] = field(default_factory=dict)
    """By number: name, rate in percent, account."""
    last_voucher_numbers: dict[int, int] = field(default_factory=dict)
    """By series."""
    last_link_id: int = 0
    changes: int = 0
    """How many lines were ever posted or changed."""
    last_company_id: int = 5000
    last_order_id: int = 50000
    last_invoice_number: int = 10000
    last_row_id: int = 0

    def next_company_id(self) -> int:
        self.last_company_id = _next_free(self.last_company_id, self.companies)
        return self.last_company_id

    def next_order_id(self) -> int:
        self.last_order_id = _next_free(self.last_order_id, self.orders)
        return self.last_order_id

    def next_project_id(self) -> int:
        return max(0, *self.projects, 0) + 1

    def next_invoice_number(self) -> int:
        """Numbers of invoices have no gaps: one is used only when the invoice is certain."""
        self.last_invoice_number += 1
        return self.last_invoice_number

    def next_row_id(self) -> int:
        self.last_row_id += 1
        return self.last_row_id

    def next_voucher_number(self, type_id: int) -> int:
        self.last_voucher_numbers[type_id] = self.last_voucher_numbers.get(type_id, 20000) + 1
        return self.last_voucher_numbers[type_id]

    def next_line_number(self) -> int:
        self.last_row_id += 1
        return self.last_row_id

    def orders_of(self, reference: int | str) -> list[Stored]:
        """The orders whose ReferenceNumber is this Qondor invoice id: exactly one, if all is well."""
        return [order for order in self.orders.values() if order.get("ReferenceNumber") == str(reference)]


@dataclass(frozen=True, kw_only=True)
class Identity:
    """A user's standing at one client."""

    id: str
    client_id: int
    is_default: bool = False
    is_blocked: bool = False


@dataclass
class User:
    """A Finago login. `office` is the Qondor office it was made for, so that faults can be aimed at one office."""

    username: str
    password: str
    identities: list[Identity]
    name: str = "Integration user"
    office: int | None = None


@dataclass
class Session:
    """A login that stands until it is not used for `FinagoWorld.idle_minutes`."""

    id: str
    user: User
    identity: Identity
    last_used: datetime


@dataclass
class FinagoWorld:
    """Everything behind the Finago stand-in."""

    application_ids: set[str] = field(default_factory=set)
    users: dict[str, User] = field(default_factory=dict)
    books: dict[int, Books] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    logins: int = 0
    idle_minutes: int = 20
    calls_per_hour: int | None = 7200
    """Finago's quota per clock hour; None: not played."""
    dates: str = "naive"
    """The form in which dates are answered, a name of `sandbox.finago.dates.FORMS`."""
    issues_cookies: bool = True
    """Gives a call without session cookie a worthless one of its own, as ASP.NET does: a cookie jar must not win."""
    calls_by_hour: dict[datetime, int] = field(default_factory=dict)

    def session(self, id: str | None, now: datetime) -> Session | None:
        """The session if it still stands; using it keeps it alive."""
        found = self.sessions.get(id or "")
        if found is None:
            return None
        if now - found.last_used > timedelta(minutes=self.idle_minutes):
            del self.sessions[found.id]
            return None
        found.last_used = now
        return found

    def expire_sessions(self) -> int:
        """Ends every session at once and tells how many there were."""
        ended = len(self.sessions)
        self.sessions.clear()
        return ended
