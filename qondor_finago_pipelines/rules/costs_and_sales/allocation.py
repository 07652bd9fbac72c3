"""What a voucher means for projects: costs, sales, and amounts that are neither (decisions 8).

Line by line: an expense line with a project in a supplier's voucher is a cost, a revenue line with a project in any
voucher a sale. Credit notes come out below zero by their own sign. Lines with a project on any other account - a fixed
asset, the payable itself - are no business of a project's profit and loss.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from ...records.costs_and_sales.actuals import ActualKind
from ...records.costs_and_sales.vouchers import (
    CREDIT_NOTE_CUSTOMER,
    CREDIT_NOTE_SUPPLIER,
    INVOICE_CUSTOMER,
    INVOICE_SUPPLIER,
    AccountMeaning,
    Posting,
    Voucher,
    VoucherKey,
)
from ...records.money import ZERO
from ...records.refusals import Reason, Refusal
from ..linking import positive_int
from .project_splits import REST, split, wrong_split
from .vat_shares import vat_shares

Value = TypeVar("Value")

NOT_A_SUPPLIER_COST = "not a supplier cost"
NO_PROJECT_FOR_THE_REST = "percentages below 100"

_SIGNS = {ActualKind.COST: 1, ActualKind.SALE: -1}
"""From the sign of a posting to that of the record: debit on an expense account is a cost, credit on revenue a sale."""


@dataclass(frozen=True, kw_only=True)
class ProjectAmount:
    """What a voucher comes to on one project. `project` is the value of the dimension, as Finago gives it."""

    kind: ActualKind
    project: str
    excluding_vat: Decimal
    vat: Decimal
    account: int
    """The account of its first line."""
    description: str
    """May name a person: it goes to Qondor, and nowhere else."""

    def with_amounts_of(self, other: ProjectAmount) -> ProjectAmount:
        """Both together; account and description stay those of this one."""
        return replace(self, excluding_vat=self.excluding_vat + other.excluding_vat, vat=self.vat + other.vat)


@dataclass(frozen=True, kw_only=True)
class UnloadedAmount:
    """A part of a line that becomes neither a cost nor a sale, with the sign of the line."""

    account: int
    project: str
    amount: Decimal
    why: str


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Whose invoice it is, and how it stands: of the supplier's ledger lines for a cost, the customer's for a sale."""

    company_id: int | None
    transaction_reference: str
    invoice_date: date
    due_date: date | None
    is_paid: bool
    link_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Allocation:
    """What one voucher comes to. A refused one has nothing but its refusal."""

    voucher: VoucherKey
    amounts: tuple[ProjectAmount, ...] = ()
    terms: Mapping[ActualKind, Terms] = field(default_factory=dict)
    unloaded: tuple[UnloadedAmount, ...] = ()
    refusal: Refusal | None = None
    is_ours: bool = False
    """Its revenue came from Qondor and was left out."""


def allocate(voucher: Voucher, *, vat_rates: Mapping[int, Decimal], skip_sales: bool = False) -> Allocation:
    """Divides a voucher that balances among its projects.

    `vat_rates` are percents by VAT code. `skip_sales`: its revenue came from Qondor and is no news there.
    """
    for posting in voucher.postings:
        if posting.is_for_qondor and (wrong := wrong_split(posting.projects)):
            return Allocation(voucher=voucher.key, refusal=_wrong_split(voucher.key, posting, wrong))
    from_supplier = is_supplier_voucher(voucher)
    amounts: dict[tuple[ActualKind, str], ProjectAmount] = {}
    unloaded: list[UnloadedAmount] = []
    for part in _parts(voucher, vat_rates):
        if skip_sales and part.kind is ActualKind.SALE:
            continue
        if why := _why_unloaded(part, from_supplier):
            amount = _SIGNS[part.kind] * part.excluding_vat
            unloaded.append(UnloadedAmount(account=part.account, project=part.project, amount=amount, why=why))
        else:
            before = amounts.get((part.kind, part.project))
            amounts[part.kind, part.project] = part if before is None else before.with_amounts_of(part)
    kept = tuple(each for each in amounts.values() if each.excluding_vat or each.vat)
    return Allocation(
        voucher=voucher.key,
        amounts=kept,
        terms={kind: _terms(voucher, kind) for kind in {each.kind for each in kept}},
        unloaded=tuple(each for each in unloaded if each.amount),
        is_ours=skip_sales,
    )


def _parts(voucher: Voucher, vat_rates: Mapping[int, Decimal]) -> Iterator[ProjectAmount]:
    """What each line for Qondor gives each of its projects, line by line; under `REST` what it gives none."""
    for posting, vat in zip(voucher.postings, vat_shares(voucher.postings, vat_rates), strict=True):
        if not posting.is_for_qondor or posting.amount is None or posting.account is None:
            continue
        kind = ActualKind.SALE if posting.meaning is AccountMeaning.REVENUE else ActualKind.COST
        vats = split(vat, posting.projects)
        for project, amount in split(posting.amount, posting.projects).items():
            yield ProjectAmount(
                kind=kind,
                project=project,
                excluding_vat=_SIGNS[kind] * amount,
                vat=_SIGNS[kind] * vats[project],
                account=posting.account,
                description=posting.comment,
            )


def _why_unloaded(part: ProjectAmount, from_supplier: bool) -> str:
    if part.kind is ActualKind.COST and not from_supplier:
        return NOT_A_SUPPLIER_COST
    return NO_PROJECT_FOR_THE_REST if part.project == REST else ""


def is_supplier_voucher(voucher: Voucher) -> bool:
    """By its type, or, of another type, by a payable line and no bank line: a payment is not an invoice."""
    if any(each.system_type in (INVOICE_SUPPLIER, CREDIT_NOTE_SUPPLIER) for each in voucher.postings):
        return True
    meanings = {each.meaning for each in voucher.postings}
    return AccountMeaning.PAYABLE in meanings and AccountMeaning.BANK not in meanings


def invoice_numbers(voucher: Voucher) -> frozenset[int]:
    """The numbers by which a customer's voucher with revenue on a project may be one of Qondor's invoices."""
    if not any(each.is_for_qondor and each.meaning is AccountMeaning.REVENUE for each in voucher.postings):
        return frozenset()
    return frozenset(
        number
        for each in voucher.postings
        if each.system_type in (INVOICE_CUSTOMER, CREDIT_NOTE_CUSTOMER)
        and (number := positive_int(each.invoice_number)) is not None
    )


def is_ours(voucher: Voucher, orders: Mapping[int, bool]) -> bool:
    """Whether the voucher is the posting of an order that came from Qondor.

    A credit note, a reversal or a correction that was made by hand in Finago and names our invoice is not: what takes
    revenue back is ours only where the order is a credit note itself. `orders` are the invoice numbers of ours, True
    for those of credit notes.
    """
    numbers = invoice_numbers(voucher) & orders.keys()
    revenue = sum((each.amount or ZERO for each in voucher.postings if each.meaning is AccountMeaning.REVENUE), ZERO)
    is_credit_note = any(each.system_type == CREDIT_NOTE_CUSTOMER for each in voucher.postings)
    gives, takes_back = not is_credit_note and revenue <= ZERO, revenue > ZERO or (is_credit_note and not revenue)
    return any(takes_back if orders[number] else gives for number in numbers)


def _terms(voucher: Voucher, kind: ActualKind) -> Terms:
    wanted = AccountMeaning.PAYABLE if kind is ActualKind.COST else AccountMeaning.RECEIVABLE
    ledger_lines = sorted(
        (each for each in voucher.postings if each.meaning is wanted), key=lambda each: -abs(each.amount or ZERO)
    )
    project_lines = [each for each in voucher.postings if each.is_for_qondor]
    in_order = [*ledger_lines, *project_lines, *voucher.postings]
    day = _first(each.day for each in in_order)
    assert day is not None, "a voucher that balances has a day on each of its lines"
    return Terms(
        company_id=_first(each.company_id for each in [*ledger_lines, *project_lines]),
        transaction_reference=_first(each.invoice_number for each in in_order)
        or _first(each.ocr for each in in_order)
        or str(voucher.key.number),
        invoice_date=day,
        due_date=_first(each.due_date for each in in_order),
        is_paid=not any(each.is_open for each in ledger_lines),
        link_ids=frozenset(each.link_id for each in ledger_lines if each.link_id is not None),
    )


def _first(values: Iterable[Value | None]) -> Value | None:
    """The first that says anything."""
    return next((value for value in values if value), None)


def _wrong_split(key: VoucherKey, posting: Posting, wrong: str) -> Refusal:
    return Refusal(
        Reason.WRONG_SPLIT,
        f"{key.in_words}: line {posting.sequence} on account {posting.account} {wrong}.",
        "Correct the projects of the line in Finago: each once, none below zero, 100 % at most.",
    )
