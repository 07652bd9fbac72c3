"""Ledger lines for the tests of the rules, and what they mean, written down a second time in the plainest way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa

from qondor_finago_pipelines.records.costs_and_sales.posting_table import POSTINGS
from qondor_finago_pipelines.records.costs_and_sales.vouchers import AccountMeaning, FiscalYear
from qondor_finago_pipelines.rules.costs_and_sales.vouchers import JudgedVouchers, assess_vouchers

YEARS = tuple(FiscalYear(starting=date(year, 1, 1), ending=date(year + 1, 1, 1)) for year in (2025, 2026, 2027))
RATES = {0: Decimal(0), 1: Decimal(25), 3: Decimal(25), 11: Decimal(15)}
DAY = date(2026, 11, 16)


def meaning_of(account: int) -> AccountMeaning:
    for first, last, meaning in (
        (7740, 7749, AccountMeaning.ROUNDING),
        (1500, 1599, AccountMeaning.RECEIVABLE),
        (1900, 1999, AccountMeaning.BANK),
        (2400, 2499, AccountMeaning.PAYABLE),
        (2700, 2739, AccountMeaning.VAT),
        (3000, 3999, AccountMeaning.REVENUE),
        (4000, 7999, AccountMeaning.EXPENSE),
    ):
        if first <= account <= last:
            return meaning
    return AccountMeaning.OTHER


def row(account: int | None, amount: str | Decimal | None, /, **members: Any) -> dict[str, Any]:
    """One line of voucher 3-20418 in 2026; `project` and `split` are comfortable forms of projects and percents."""
    project, split = members.pop("project", None), members.pop("split", None)
    projects = (
        {str(project): None} if project is not None else {str(key): value for key, value in (split or {}).items()}
    )
    made: dict[str, Any] = {
        "type_id": 3,
        "number": 20418,
        "day": DAY,
        "account": account,
        "amount": None if amount is None else Decimal(amount),
        "system_type": "InvoiceSupplier",
        "invoice_number": "",
        "ocr": "",
        "comment": "",
        "is_open": False,
        "is_hidden": False,
        "currency": "LOCAL",
        "projects": list(projects),
        "percents": [None if percent is None else Decimal(percent) for percent in projects.values()],
        "changed": datetime(2026, 11, 20, 9, tzinfo=UTC),
    }
    return {**made, **members}


def table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    """The lines, each with a guid and a SequenceNo where it has none."""
    full = [
        {"id": f"00000000-0000-0000-0000-{number:012d}", "sequence": number, **each}
        for number, each in enumerate(rows, start=1)
    ]
    return pa.Table.from_pylist([{name: each.get(name) for name in POSTINGS.names} for each in full], POSTINGS)


def judged(*rows: dict[str, Any]) -> JudgedVouchers:
    return assess_vouchers(table(rows), fiscal_years=YEARS, meaning_of=meaning_of)


# the plain reference


def parts_of(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Largest remainder, øre by øre; what is taken back is divided as it was given."""
    if amount < 0:
        return [-part for part in parts_of(-amount, weights)]
    whole = sum(Fraction(weight) for weight in weights)
    exact = [Fraction(amount) * 100 * Fraction(weight) / whole for weight in weights]
    parts = [int(Decimal(share.numerator) // share.denominator) if share >= 0 else _floor(share) for share in exact]
    missing = int(Fraction(amount) * 100) - sum(parts)
    order = sorted(range(len(parts)), key=lambda number: (-(exact[number] - parts[number]), number))
    for number in order[:missing]:
        parts[number] += 1
    return [Decimal(part) / 100 for part in parts]


def _floor(share: Fraction) -> int:
    return int((Decimal(share.numerator) / share.denominator).to_integral_value(ROUND_FLOOR))


def amounts_by_hand(rows: Sequence[dict[str, Any]]) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """Kind and project → amount excluding VAT and VAT, of a supplier's voucher, by the words of the rule."""
    vat = sum((each["amount"] for each in rows if meaning_of(each["account"]) is AccountMeaning.VAT), Decimal(0))
    bears_none = {"payable", "receivable", "vat", "bank", "rounding"}
    bearing = [each for each in rows if meaning_of(each["account"]).value not in bears_none]
    weights = [each["amount"] * RATES.get(each.get("vat_code") or 0, Decimal(0)) for each in bearing]
    unknown = any(each.get("vat_code") is not None and each["vat_code"] not in RATES for each in bearing)
    if unknown or not sum(weights):
        weights = [abs(each["amount"]) for each in bearing]
    shares = parts_of(vat, weights) if vat and sum(weights) else [Decimal(0)] * len(bearing)
    found: dict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for each, share in zip(bearing, shares, strict=True):
        kind = {"expense": "cost", "revenue": "sale"}.get(meaning_of(each["account"]).value)
        if kind is None or not each["projects"]:
            continue
        sign = -1 if kind == "sale" else 1
        order = sorted(range(len(each["projects"])), key=lambda number: int(each["projects"][number]))
        percents: list[Decimal] = [Decimal(100) if each["percents"][n] is None else each["percents"][n] for n in order]
        rest = [*percents, 100 - sum(percents, Decimal(0))] if sum(percents) < 100 else percents
        for number, net, tax in zip(order, parts_of(each["amount"], rest), parts_of(share, rest), strict=False):
            found[kind, each["projects"][number]][0] += sign * net
            found[kind, each["projects"][number]][1] += sign * tax
    return {key: (net, tax) for key, (net, tax) in found.items() if net or tax}
