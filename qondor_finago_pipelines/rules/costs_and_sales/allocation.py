"""What a voucher means for projects: costs, sales, and amounts that are neither (decisions 8).

Line by line: an expense line with a project in a supplier's voucher is a cost, a revenue line with a project in any
voucher a sale. Credit notes come out below zero by their own sign. Lines with a project on any other account - a fixed
asset, the payable itself - are no business of a project's profit and loss.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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

MeaningOf = Callable[[int], AccountMeaning]

NOT_A_SUPPLIER_COST = "not a supplier cost"
NO_PROJECT_FOR_THE_REST = "percentages below 100"


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


def allocate(
    voucher: Voucher, *, meaning_of: MeaningOf, vat_rates: Mapping[int, Decimal], skip_sales: bool = False
) -> Allocation:
    """Divides a voucher that balances among its projects. `skip_sales`: its revenue is no news to Qondor."""
    postings = voucher.postings
    for posting in postings:
        if _is_for_qondor(posting, meaning_of) and (wrong := wrong_split(posting.projects)):
            return Allocation(voucher=voucher.key, refusal=_wrong_split(voucher.key, posting, wrong))
    from_supplier = is_supplier_voucher(voucher, meaning_of)
    amounts: dict[tuple[ActualKind, str], ProjectAmount] = {}
    unloaded: list[UnloadedAmount] = []
    for posting, vat in zip(postings, vat_shares(postings, meaning_of, vat_rates), strict=True):
        if not _is_for_qondor(posting, meaning_of) or posting.amount is None or posting.account is None:
            continue
        is_sale = meaning_of(posting.account) is AccountMeaning.REVENUE
        if is_sale and skip_sales:
            continue
        sign = -1 if is_sale else 1
        parts, vats = split(posting.amount, posting.projects), split(vat, posting.projects)
        for project, part in parts.items():
            why = NO_PROJECT_FOR_THE_REST if project == REST else ""
            if not is_sale and not from_supplier:
                why = NOT_A_SUPPLIER_COST
            if why:
                unloaded.append(UnloadedAmount(account=posting.account, project=project, amount=part, why=why))
                continue
            kind = ActualKind.SALE if is_sale else ActualKind.COST
            before = amounts.get((kind, project))
            amounts[kind, project] = ProjectAmount(
                kind=kind,
                project=project,
                excluding_vat=(before.excluding_vat if before else ZERO) + sign * part,
                vat=(before.vat if before else ZERO) + sign * vats[project],
                account=before.account if before else posting.account,
                description=before.description if before else posting.comment,
            )
    kept = tuple(each for each in amounts.values() if each.excluding_vat or each.vat)
    return Allocation(
        voucher=voucher.key,
        amounts=kept,
        terms={kind: _terms(voucher, kind, meaning_of) for kind in {each.kind for each in kept}},
        unloaded=tuple(each for each in unloaded if each.amount),
        is_ours=skip_sales,
    )


def is_supplier_voucher(voucher: Voucher, meaning_of: MeaningOf) -> bool:
    """By its type, or, of another type, by a payable line and no bank line: a payment is not an invoice."""
    if any(each.system_type in (INVOICE_SUPPLIER, CREDIT_NOTE_SUPPLIER) for each in voucher.postings):
        return True
    meanings = {meaning_of(each.account) for each in voucher.postings if each.account is not None}
    return AccountMeaning.PAYABLE in meanings and AccountMeaning.BANK not in meanings


def invoice_numbers(voucher: Voucher, meaning_of: MeaningOf) -> frozenset[int]:
    """The numbers by which a customer's voucher with revenue on a project may be one of Qondor's invoices."""
    if not any(
        _is_for_qondor(each, meaning_of) and _meaning(each, meaning_of) is AccountMeaning.REVENUE
        for each in voucher.postings
    ):
        return frozenset()
    return frozenset(
        number
        for each in voucher.postings
        if each.system_type in (INVOICE_CUSTOMER, CREDIT_NOTE_CUSTOMER)
        and (number := positive_int(each.invoice_number)) is not None
    )


def is_ours(voucher: Voucher, orders: Mapping[int, bool], meaning_of: MeaningOf) -> bool:
    """Whether the voucher is the posting of an order that came from Qondor.

    `orders` are the invoice numbers of ours, True for those of credit notes.

    A credit note, a reversal or a correction that was made by hand in Finago and names our invoice is not: what takes
    revenue back is ours only where the order is a credit note itself.
    """
    revenue = sum(
        (each.amount or ZERO for each in voucher.postings if _meaning(each, meaning_of) is AccountMeaning.REVENUE), ZERO
    )
    is_credit_note = any(each.system_type == CREDIT_NOTE_CUSTOMER for each in voucher.postings)
    gives, takes_back = not is_credit_note and revenue <= ZERO, revenue > ZERO or (is_credit_note and not revenue)
    numbers = invoice_numbers(voucher, meaning_of)
    return any(takes_back if orders[number] else gives for number in numbers & orders.keys())


def _is_for_qondor(posting: Posting, meaning_of: MeaningOf) -> bool:
    return bool(posting.projects) and _meaning(posting, meaning_of) in (
        AccountMeaning.EXPENSE,
        AccountMeaning.REVENUE,
    )


def _meaning(posting: Posting, meaning_of: MeaningOf) -> AccountMeaning:
    return AccountMeaning.OTHER if posting.account is None else meaning_of(posting.account)


def _terms(voucher: Voucher, kind: ActualKind, meaning_of: MeaningOf) -> Terms:
    wanted = AccountMeaning.PAYABLE if kind is ActualKind.COST else AccountMeaning.RECEIVABLE
    ledger_lines = sorted(
        (each for each in voucher.postings if _meaning(each, meaning_of) is wanted),
        key=lambda each: -abs(each.amount or ZERO),
    )
    project_lines = [each for each in voucher.postings if _is_for_qondor(each, meaning_of)]
    in_order = [*ledger_lines, *project_lines, *voucher.postings]
    return Terms(
        company_id=_first(each.company_id for each in [*ledger_lines, *project_lines]),
        transaction_reference=_first(each.invoice_number for each in in_order)
        or _first(each.ocr for each in in_order)
        or str(voucher.key.number),
        invoice_date=_day(in_order),
        due_date=_first(each.due_date for each in in_order),
        is_paid=not any(each.is_open for each in ledger_lines),
        link_ids=frozenset(each.link_id for each in ledger_lines if each.link_id is not None),
    )


def _first(values: Iterable[Value | None]) -> Value | None:
    """The first that says anything."""
    return next((value for value in values if value), None)


def _day(postings: Sequence[Posting]) -> date:
    """A voucher that balances has a day on each of its lines."""
    day = _first(each.day for each in postings)
    assert day is not None
    return day


def _wrong_split(key: VoucherKey, posting: Posting, wrong: str) -> Refusal:
    return Refusal(
        Reason.WRONG_SPLIT,
        f"Voucher {key.number} of series {key.type_id} in {key.year_in_words}: line {posting.sequence} on account "
        f"{posting.account} {wrong}.",
        "Correct the projects of the line in Finago: each once, none below zero, 100 % at most.",
    )
