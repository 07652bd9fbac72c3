"""What a look before the first write found, and what it was read from (decisions 13, `check`).

Texts hold ids, numbers, counts and names of set-up (a department, a status); never a person's name or address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

import pyarrow as pa

from .costs_and_sales.vouchers import FiscalYear, VatCode
from .customers_and_projects.customers import Company, Customer
from .customers_and_projects.projects import NamedId, QondorProject
from .identifiers import ClientId, CompanyId, CustomerId, OfficeId, OrderId, QondorInvoiceId
from .invoices.invoices import QondorInvoice, Queue
from .invoices.orders import Currency, FinagoOrder, Product, ProductCategory


class State(StrEnum):
    OK = "ok"
    WRONG = "wrong"
    UNKNOWN = "unknown"
    """It could not be asked: never to be taken for right."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at. `office` is None for what belongs to the whole installation."""

    office: OfficeId | None
    what: str
    state: State
    found: str
    expected: str
    remedy: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "office": self.office,
            "what": self.what,
            "state": self.state.value,
            "found": self.found,
            "expected": self.expected,
            "remedy": self.remedy or None,
        }


@dataclass(frozen=True, kw_only=True)
class Preflight:
    """All that a check found, in the order in which it is shown."""

    findings: tuple[Finding, ...] = ()
    not_seen: tuple[str, ...] = ()
    """Assumptions of which nothing was met that could show whether they hold."""
    calls: Mapping[OfficeId, Mapping[str, int]] = field(default_factory=dict)

    @property
    def all_right(self) -> bool:
        return bool(self.findings) and not self.troubles

    @property
    def troubles(self) -> tuple[Finding, ...]:
        """What is wrong or could not be asked."""
        return tuple(each for each in self.findings if each.state is not State.OK)


@dataclass(frozen=True, kw_only=True)
class Unread:
    """What could not be read, and why. `refused`: the system answered, and would not let us in."""

    why: str
    remedy: str = ""
    refused: bool = False


@dataclass(frozen=True, kw_only=True)
class SetUp:
    """What an office's settings say of its Finago client."""

    office: OfficeId
    known_offices: frozenset[OfficeId]
    department_id: int
    online_payment_method_id: int
    misc_product_id: int
    misc_product_category_id: int
    foreign_lines: str
    """How the settings read amounts of ledger lines in another currency: `hold`, `stated` or `home`."""


NOT_ASKED = Unread(why="not asked")


@dataclass(frozen=True, kw_only=True)
class Readings:
    """What was read for one office. A list that could not be read is an `Unread`, never an empty one."""

    client: ClientId | Unread = NOT_ASKED
    known_client: ClientId | None = None
    """The Finago client in which the store has kept this office's books so far."""
    is_session_of_identity: bool = True
    """False: the login works, but is of another identity than the settings name."""
    queue: Queue | Unread = NOT_ASKED
    customers: Sequence[Customer] | Unread = NOT_ASKED
    """Those of the office, and the global ones."""
    projects: Sequence[QondorProject] | Unread = NOT_ASKED
    details: Mapping[QondorInvoiceId, QondorInvoice] = field(default_factory=dict)
    unread_details: int = 0
    departments: Sequence[NamedId] | Unread = NOT_ASKED
    payment_methods: Sequence[NamedId] | Unread = NOT_ASKED
    currencies: Sequence[Currency] | Unread = NOT_ASKED
    home_currency: str | Unread = NOT_ASKED
    categories: Sequence[ProductCategory] | Unread = NOT_ASKED
    misc_products: Sequence[Product] | Unread = NOT_ASKED
    products: Mapping[int, Sequence[Product] | Unread] = field(default_factory=dict)
    """By category id."""
    statuses: Sequence[NamedId] | Unread = NOT_ASKED
    types: Sequence[NamedId] | Unread = NOT_ASKED
    companies: Mapping[CompanyId, Company] | Unread = NOT_ASKED
    """Those to which a customer's External Reference refers."""
    links: Mapping[str, CompanyId] = field(default_factory=dict)
    foreign_customers: frozenset[CustomerId] = frozenset()
    fiscal_years: Sequence[FiscalYear] | Unread = NOT_ASKED
    order_ids: Sequence[OrderId] | Unread = NOT_ASKED
    """Orders registered in the last days."""
    orders: Mapping[OrderId, FinagoOrder] | Unread = NOT_ASKED
    changed_order_ids: Sequence[OrderId] | Unread = NOT_ASKED
    """Orders registered or changed in the same days, by the search that is proven in use."""
    vat_codes: Sequence[VatCode] | Unread = NOT_ASKED
    postings: pa.Table | Unread = NOT_ASKED
    """The general ledger's lines of the last year, as they came (`records.costs_and_sales.posting_table`)."""
    clock_differences: Mapping[str, timedelta] = field(default_factory=dict)
    """By system, of those that answered."""
    unknown_elements: Sequence[str] = ()
    days_like_utc: Mapping[str, int] = field(default_factory=dict)
    """By system: days at 22:00 or 23:00 without a zone."""
