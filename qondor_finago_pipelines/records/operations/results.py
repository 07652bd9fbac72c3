"""What a run of a flow did: the same record feeds the command line, Dagster and the alerts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from ..identifiers import OfficeId
from ..links import ActualKind
from ..money import ZERO, plain
from ..refusals import Reason
from ..unloaded import WhyUnloaded


class Flow(StrEnum):
    INVOICES = "invoices"
    CUSTOMERS_AND_PROJECTS = "customers-and-projects"
    COSTS_AND_SALES = "costs-and-sales"

    @property
    def in_words(self) -> str:
        """`customers and projects`."""
        return self.value.replace("-", " ")


class RecordState(StrEnum):
    """How a run leaves a record (decisions 3)."""

    SETTLED = "settled"
    HELD = "held"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    NOT_REACHED = "not_reached"
    """A system could not be reached: the record is as it was, and the run says so."""


NOTHING_TO_DO = "nothing to do"
"""What was done to a record that is equal in both systems already."""


@dataclass(frozen=True, kw_only=True)
class RecordOutcome:
    """One record after a run: what happened, what Finago now holds, what to do. No personal data."""

    id: str
    """`9001` for a Qondor invoice, `customer 77`, `project 555`, `voucher 2026-3-20418`."""
    state: RecordState
    what: str
    """In words: `card payment`, `credit note`, `booking invoice`, `customer`, `project` …"""
    number: str | None = None
    did: str = ""
    """`created order 5001`, `invoiced as 10007`, `nothing to do` …"""
    reason: Reason | None = None
    message: str = ""
    remedy: str = ""
    order_id: int | None = None
    invoice_number: int | None = None
    total: Decimal | None = None
    currency: str | None = None
    finago_status: str | None = None

    @property
    def alert_text(self) -> str:
        """What people are told of it where it is refused."""
        number = f" ({self.number})" if self.number else ""
        state = "failed in Qondor" if self.state is RecordState.FAILED else "held"
        return f"{self.named}{number} {state}: {self.message} {self.remedy}".strip()

    @property
    def named(self) -> str:
        """`card payment 9001`, `customer 77`."""
        return self.id if self.id.startswith(self.what) else f"{self.what} {self.id}"

    @property
    def is_news(self) -> bool:
        """Whether something happened to it, or has to: of a thousand customers few are worth a line."""
        return self.state is not RecordState.SETTLED or self.did not in ("", NOTHING_TO_DO)


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """One synced field that a run changed in Finago: both values as texts, without personal data."""

    record: str
    """As in the outcomes: `customer 77`, `project 555`."""
    field: str
    """In the article's words: `name`, `status`, `start date` …"""
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something that stops an office or the whole run: the run is red, and somebody is told once."""

    cause: str
    """A short stable word for grouping: `unreachable`, `login`, `contract`, `settings`, `quarantine` …"""
    message: str
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class DayFigures:
    """What one day's changes in Finago's general ledger came to; a voucher counts on the day of its latest change.

    Amounts are in the Finago client's own currency, without VAT.
    """

    lines: int = 0
    vouchers: int = 0
    refused: int = 0
    unmatched: int = 0
    costs: Decimal = Decimal("0.00")
    sales: Decimal = Decimal("0.00")


@dataclass(frozen=True, kw_only=True)
class VoucherRow:
    """One voucher that was judged: its lines, what they sum to, and why it was refused, if it was."""

    voucher: str
    """`2026-3-20418`."""
    day: date
    """The Oslo day of its latest change."""
    lines: int
    total: Decimal
    """The sum of all its lines that count: 0.00 where it balances."""
    refused: Reason | None = None


@dataclass(frozen=True, kw_only=True)
class ListedAmount:
    """An amount on a project that was not loaded, with the reason: somebody looks at it, or at least can.

    `project` is the Finago project id as the line has it. Signed as in Qondor: a cost by its debit, a sale by its
    credit.
    """

    voucher: str
    day: date | None
    """The Oslo day of the voucher's latest change; None where no line of it says one."""
    account: int
    project: str
    amount: Decimal
    why: WhyUnloaded

    def as_json(self) -> dict[str, Any]:
        """As `sync --json` and `rejected --unloaded --json` print it (decisions 11)."""
        return {
            "voucher": self.voucher,
            "account": self.account,
            "project": self.project,
            "amount": plain(self.amount),
            "why": self.why.value,
        }


def sums_by_reason(listed: Iterable[ListedAmount]) -> dict[WhyUnloaded, Decimal]:
    """What the amounts come to for each reason; they must be of one currency."""
    sums: dict[WhyUnloaded, Decimal] = {}
    for each in listed:
        sums[each.why] = sums.get(each.why, ZERO) + each.amount
    return sums


@dataclass(frozen=True, kw_only=True)
class TotalsByDay:
    """What the cost and sale flow read and judged, for metadata and checks; never stored as it stands here."""

    currency: str = ""
    figures: Mapping[date, DayFigures] = field(default_factory=dict)
    """By day; every day of the run's range is there, also one without a change."""
    vouchers: tuple[VoucherRow, ...] = ()
    """The refused vouchers only: the figures count the others."""
    listed: tuple[ListedAmount, ...] = ()
    """What is not loaded of every voucher in the window, whichever run judged it."""
    totals: Any = None
    """An Arrow table of every voucher that was judged: `voucher`, and `total`, what its lines sum to."""
    lines_read: int = 0
    """All lines that came over the wire, those read to complete a voucher too."""
    posted: Mapping[tuple[date, ActualKind], Decimal] = field(default_factory=dict)
    """What the store holds as loaded, excluding VAT, by posting day and kind, for the days before the run's last."""
    skipped_as_ours: int = 0
    """Customer vouchers whose invoice came from Qondor: no news there (decisions 8)."""
    postings: Any = None
    """The lines on disk, by day of change (`flows.line_files.LineFiles`); closed by whoever ran the flow."""


@dataclass(frozen=True, kw_only=True)
class FlowResult:
    """The outcome of one flow for one office and day, or a range of days that ends on `day`."""

    flow: Flow
    office: OfficeId
    day: date
    first_day: date | None = None
    """Where the range of days begins; None where it is one day."""
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    paid: int = 0
    records: tuple[RecordOutcome, ...] = ()
    changes: tuple[FieldChange, ...] = ()
    """What was changed in records that Finago already had; none for what was created."""
    warnings: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: str | None = None
    """The lease was held by another run, the flow is disabled, or the office is closed: said here, nothing was done."""
    calls: Mapping[str, int] = field(default_factory=dict)
    """Calls by system: {"qondor": 4, "finago": 9}."""
    calls_by_operation: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    invoices: tuple[Any, ...] = ()
    """The queue's details (`QondorInvoice`) that this run read, for the checks of `tables/`; never stored."""
    customers: tuple[Any, ...] = ()
    """The customers (`Customer`) that this run read, for the same use."""
    projects: tuple[Any, ...] = ()
    """The projects (`QondorProject`) that this run read, for the same use."""
    totals_by_day: TotalsByDay | None = None
    """What a run of costs and sales read and judged; None for the other flows."""

    @property
    def rejected(self) -> tuple[RecordOutcome, ...]:
        return tuple(r for r in self.records if r.state in (RecordState.HELD, RecordState.FAILED))

    @property
    def uncertain(self) -> tuple[RecordOutcome, ...]:
        return tuple(r for r in self.records if r.state is RecordState.UNCERTAIN)

    @property
    def looked_at_everything(self) -> bool:
        """True for a complete run: nothing was skipped, unreachable or left untouched. Windows start from these."""
        return (
            not self.problems
            and self.skipped is None
            and all(r.state is not RecordState.NOT_REACHED for r in self.records)
        )

    @property
    def all_settled(self) -> bool:
        """True when `sync` may leave with 0 (decisions 11)."""
        return not self.problems and not self.skipped and all(r.state is RecordState.SETTLED for r in self.records)

    @property
    def unloaded_by_reason(self) -> Mapping[WhyUnloaded, Decimal]:
        """What is not loaded, summed by reason: in the client's own currency."""
        return sums_by_reason(self.totals_by_day.listed if self.totals_by_day else ())

    def as_json(self) -> dict[str, Any]:
        """The line that `sync --json` prints (decisions 11)."""
        line: dict[str, Any] = {
            "flow": self.flow.value,
            "office": self.office,
            "day": self.day.isoformat(),
            **({"first_day": self.first_day.isoformat()} if self.first_day else {}),
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": [_rejected(r) for r in self.rejected],
            "uncertain": [_number(r.id) for r in self.uncertain],
            "paid": self.paid,
            "calls": {system: self.calls.get(system, 0) for system in ("qondor", "finago")},
            "seconds": round(self.seconds, 3),
        }
        if self.totals_by_day is not None:
            line["unloaded"] = [each.as_json() for each in self.totals_by_day.listed]
        if self.problems:
            line["problems"] = [f"{p.message} {p.remedy}".strip() for p in self.problems]
        if self.skipped:
            line["skipped"] = self.skipped
        if self.warnings:
            line["warnings"] = list(self.warnings)
        return line


def _rejected(record: RecordOutcome) -> dict[str, Any]:
    """One refused record: its Qondor id, what it is where a flow has several kinds, and reason with remedy."""
    kind, _, _ = record.id.rpartition(" ")
    named = {"kind": kind} if kind else {}
    return {"id": _number(record.id), **named, "reason": f"{record.message} {record.remedy}".strip()}


def _number(record_id: str) -> int | str:
    """The id in the id of a record: 9001 of `9001`, 77 of `customer 77`, `2026-3-20418` of `voucher 2026-3-20418`."""
    _, _, number = record_id.rpartition(" ")
    return int(number) if number.isdigit() else number
