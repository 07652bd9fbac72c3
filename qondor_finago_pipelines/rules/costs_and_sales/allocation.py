"""What a voucher means for projects: costs, sales, and amounts that are neither (decisions 8).

Line by line: an expense line with a project in a supplier's voucher is a cost, or in one that moves costs; a revenue
line with a project in any voucher is a sale. Credit notes come out below zero by their own sign. Lines with a project
on any other account - a fixed asset, the payable itself - are no business of a project's profit and loss.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal, TypeVar

from ...records.costs_and_sales.actuals import ActualKind
from ...records.costs_and_sales.vouchers import (
    CREDIT_NOTE_CUSTOMER,
    CREDIT_NOTE_SUPPLIER,
    INVOICE_CUSTOMER,
    INVOICE_SUPPLIER,
    AccountMeaning,
    Posting,
    StatedAmount,
    Voucher,
    VoucherKey,
)
from ...records.money import ZERO, plain
from ...records.refusals import Reason, Refusal
from ...records.unloaded import UnloadedAmount, WhyUnloaded
from ..linking import positive_int
from .project_splits import REST, split, wrong_split
from .vat_codes import VatCodes
from .vat_shares import VatShares, vat_shares

Value = TypeVar("Value")

OtherExpenses = Literal["corrections", "list", "all"]
"""What becomes of expense lines with a project in vouchers of no supplier: the setting of that name."""

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
    stated: tuple[StatedAmount, ...] = ()
    """What it was before it was brought to the client's own currency, by currency and rate."""

    def with_amounts_of(self, other: ProjectAmount) -> ProjectAmount:
        """Both together; account and description stay those of this one."""
        stated: dict[tuple[str, Decimal, int], Decimal] = defaultdict(lambda: ZERO)
        for each in (*self.stated, *other.stated):
            stated[each.currency, each.rate, each.unit] += each.amount
        return replace(
            self,
            excluding_vat=self.excluding_vat + other.excluding_vat,
            vat=self.vat + other.vat,
            stated=tuple(
                StatedAmount(currency=currency, rate=rate, unit=unit, amount=amount)
                for (currency, rate, unit), amount in stated.items()
            ),
        )


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
    costs_by_account: Mapping[tuple[str, int], Decimal] = field(default_factory=dict)
    """By project and account: of what its costs are made."""
    is_ours: bool = False
    """Its revenue came from Qondor and was left out."""
    is_correction: bool = False
    """Its costs are moved from one project, or from none, to another."""

    @property
    def earliest_day(self) -> date:
        """When it was posted."""
        return min((terms.invoice_date for terms in self.terms.values()), default=date.min)


def allocate(
    voucher: Voucher, *, vat_codes: VatCodes, skip_sales: bool = False, other_expenses: OtherExpenses = "corrections"
) -> Allocation:
    """Divides a voucher that balances among its projects.

    `skip_sales`: its revenue came from Qondor and is no news there.
    """
    voucher = _with_vat_accounts(voucher, vat_codes)
    for posting in voucher.postings:
        if posting.is_for_qondor and (wrong := wrong_split(posting.projects)):
            return Allocation(voucher=voucher.key, refusal=_wrong_split(voucher.key, posting, wrong))
    vat = vat_shares(voucher.postings, vat_codes)
    if vat.unmatched and (unknown := _unknown_codes(voucher, vat_codes)):
        return Allocation(voucher=voucher.key, refusal=_unknown_code(voucher, unknown, vat, vat_codes))
    from_supplier = is_supplier_voucher(voucher)
    is_correction = not from_supplier and other_expenses == "corrections" and moves_costs(voucher)
    loads_expenses = from_supplier or is_correction or other_expenses == "all"
    amounts: dict[tuple[ActualKind, str], ProjectAmount] = {}
    by_account: dict[tuple[str, int], Decimal] = defaultdict(lambda: ZERO)
    unloaded: list[UnloadedAmount] = []
    for part in _parts(voucher, vat.of_lines):
        if why := _why_unloaded(part, loads_expenses=loads_expenses, skip_sales=skip_sales):
            unloaded.append(
                UnloadedAmount(account=part.account, project=part.project, amount=part.excluding_vat, why=why)
            )
            continue
        before = amounts.get((part.kind, part.project))
        amounts[part.kind, part.project] = part if before is None else before.with_amounts_of(part)
        if part.kind is ActualKind.COST:
            by_account[part.project, part.account] += part.excluding_vat
    kept = tuple(each for each in amounts.values() if each.excluding_vat or each.vat)
    if kept or not skip_sales:
        unloaded += (
            UnloadedAmount(account=account, project="", amount=amount, why=WhyUnloaded.UNMATCHED_VAT)
            for account, amount in sorted(vat.unmatched.items())
        )
    terms = {kind: _terms(voucher, kind) for kind in {each.kind for each in kept}}
    if ActualKind.COST in terms and not from_supplier:
        terms[ActualKind.COST] = replace(terms[ActualKind.COST], company_id=None)
    return Allocation(
        voucher=voucher.key,
        amounts=kept,
        terms=terms,
        unloaded=tuple(each for each in unloaded if each.amount),
        costs_by_account=dict(by_account),
        is_ours=skip_sales,
        is_correction=is_correction and any(each.kind is ActualKind.COST for each in kept),
    )


def _with_vat_accounts(voucher: Voucher, codes: VatCodes) -> Voucher:
    """An account that a VAT code posts to is one of VAT, in whatever range it is: Finago knows better."""
    accounts = codes.accounts
    if not any(each.account in accounts for each in voucher.postings):
        return voucher
    return replace(
        voucher,
        postings=tuple(
            replace(each, meaning=AccountMeaning.VAT) if each.account in accounts else each for each in voucher.postings
        ),
    )


def _parts(voucher: Voucher, vat_of_lines: Sequence[Decimal]) -> Iterator[ProjectAmount]:
    """What each line for Qondor gives each of its projects, line by line; under `REST` what it gives none."""
    for posting, vat in zip(voucher.postings, vat_of_lines, strict=True):
        if not posting.is_for_qondor or posting.amount is None or posting.account is None:
            continue
        kind = ActualKind.SALE if posting.meaning is AccountMeaning.REVENUE else ActualKind.COST
        vats = split(vat, posting.projects)
        stated = {} if posting.stated is None else split(posting.stated.amount, posting.projects)
        for project, amount in split(posting.amount, posting.projects).items():
            yield ProjectAmount(
                kind=kind,
                project=project,
                excluding_vat=_SIGNS[kind] * amount,
                vat=_SIGNS[kind] * vats[project],
                account=posting.account,
                description=posting.comment,
                stated=()
                if posting.stated is None
                else (replace(posting.stated, amount=_SIGNS[kind] * stated[project]),),
            )


def _why_unloaded(part: ProjectAmount, *, loads_expenses: bool, skip_sales: bool) -> WhyUnloaded | None:
    if skip_sales and part.kind is ActualKind.SALE:
        return WhyUnloaded.INVOICED_BY_QONDOR
    if part.kind is ActualKind.COST and not loads_expenses:
        return WhyUnloaded.NOT_A_SUPPLIER_COST
    return WhyUnloaded.NO_PROJECT_FOR_THE_REST if part.project == REST else None


def is_supplier_voucher(voucher: Voucher) -> bool:
    """By its type, or by a payable line: also where it is paid at once, or a payment books a fee or a discount."""
    return any(
        each.system_type in (INVOICE_SUPPLIER, CREDIT_NOTE_SUPPLIER) or each.meaning is AccountMeaning.PAYABLE
        for each in voucher.postings
    )


def moves_costs(voucher: Voucher) -> bool:
    """Whether a voucher of no supplier moves costs: its expense lines, with and without projects, sum to zero."""
    expenses = [each.amount or ZERO for each in voucher.postings if each.meaning is AccountMeaning.EXPENSE]
    return bool(expenses) and not sum(expenses, ZERO)


def gives_back(allocation: Allocation) -> Mapping[tuple[str, int], Decimal]:
    """What a correction takes from each project and account: it must have been loaded there."""
    return {place: -amount for place, amount in allocation.costs_by_account.items() if amount < 0}


def only_listed(allocation: Allocation) -> Allocation:
    """The same correction, where what it corrects was never loaded: payroll that was moved by hand, say."""
    listed = (
        UnloadedAmount(account=account, project=project, amount=amount, why=WhyUnloaded.NEVER_LOADED)
        for (project, account), amount in allocation.costs_by_account.items()
        if amount
    )
    return replace(
        allocation,
        amounts=tuple(each for each in allocation.amounts if each.kind is not ActualKind.COST),
        terms={kind: terms for kind, terms in allocation.terms.items() if kind is not ActualKind.COST},
        unloaded=(*allocation.unloaded, *listed),
        costs_by_account={},
        is_correction=False,
    )


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


def _unknown_codes(voucher: Voucher, codes: VatCodes) -> list[int]:
    """VAT codes that the list does not have, on lines for Qondor."""
    return sorted({each.vat_code or 0 for each in voucher.postings if each.is_for_qondor and codes.is_unknown(each)})


def _unknown_code(voucher: Voucher, unknown: Sequence[int], vat: VatShares, codes: VatCodes) -> Refusal:
    over = "; ".join(f"{plain(amount)} on account {account}" for account, amount in sorted(vat.unmatched.items()))
    as_ids = codes.only_as_ids(voucher.postings)
    hint = "".join(f" {code} is the TaxId of a code, not its TaxNo." for code in unknown if code in as_ids)
    return Refusal(
        Reason.UNKNOWN_VAT_CODE,
        f"{voucher.key.in_words} has lines with the VAT code {', '.join(map(str, unknown))}, which Finago does not "
        f"list, and without it its VAT is not explained: {over}.{hint}",
        "Correct the VAT code of the line in Finago, or add the code there.",
    )


def _wrong_split(key: VoucherKey, posting: Posting, wrong: str) -> Refusal:
    return Refusal(
        Reason.WRONG_SPLIT,
        f"{key.in_words}: line {posting.sequence} on account {posting.account} {wrong}.",
        "Correct the projects of the line in Finago: each once, none below zero, 100 % at most.",
    )
