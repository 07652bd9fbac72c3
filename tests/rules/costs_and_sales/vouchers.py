"""Ledger lines for the tests of the rules, and what they mean, written down a second time in the plainest way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa

from qondor_finago_pipelines.records.costs_and_sales.posting_table import POSTINGS
from qondor_finago_pipelines.records.costs_and_sales.vouchers import AccountMeaning, FiscalYear, VatCode, Voucher
from qondor_finago_pipelines.rules.costs_and_sales.vat_codes import VatCodes
from qondor_finago_pipelines.rules.costs_and_sales.vouchers import JudgedVouchers, assess_vouchers
from qondor_finago_pipelines.settings import AccountSettings
from tests.vat_by_hand import CODES as LISTED
from tests.vat_by_hand import Line, shares, vat_of

YEARS = tuple(FiscalYear(starting=date(year, 1, 1), ending=date(year + 1, 1, 1)) for year in (2025, 2026, 2027))
CODES = VatCodes(
    tuple(
        VatCode(number=number, percent=Decimal(percent), account=account or None, id=100 + number)
        for number, (percent, account) in LISTED.items()
    )
)
DAY = date(2026, 11, 16)


ACCOUNTS = AccountSettings()


def meaning_of(account: int) -> AccountMeaning:
    return AccountMeaning(ACCOUNTS.meaning_of(account) or AccountMeaning.OTHER)


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


def voucher_of(*rows: dict[str, Any]) -> Voucher:
    """The one voucher that these lines are."""
    (voucher,) = judged(*rows).vouchers
    return voucher


# the plain reference


def amounts_by_hand(rows: Sequence[dict[str, Any]]) -> dict[tuple[str, str], tuple[Decimal, Decimal]] | None:
    """Kind and project → amount excluding VAT and VAT, of a supplier's voucher, by the words of the rule.

    None where a VAT code that nobody knows stands on a project's line, and the VAT is not explained without it.
    """
    lines = [
        Line(each["account"], meaning_of(each["account"]).value, int(each["amount"] * 100), each.get("vat_code"))
        for each in rows
    ]
    vat, over = vat_of(lines)
    on_projects = [
        each
        for each in rows
        if each["projects"] and meaning_of(each["account"]) in (AccountMeaning.EXPENSE, AccountMeaning.REVENUE)
    ]
    if over and any(each.get("vat_code") not in (None, *LISTED) for each in on_projects):
        return None
    found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for each, line, its_vat in zip(rows, lines, vat, strict=True):
        if each not in on_projects:
            continue
        kind, sign = ("sale", -1) if line.meaning == "revenue" else ("cost", 1)
        order = sorted(range(len(each["projects"])), key=lambda number: int(each["projects"][number]))
        percents = [Fraction(100 if each["percents"][n] is None else each["percents"][n]) for n in order]
        missing = 100 - sum(percents, Fraction(0))
        weights = [*percents, missing] if abs(missing) > Fraction(1, 10) else percents
        for number, net, tax in zip(order, shares(line.ore, weights), shares(its_vat, weights), strict=False):
            found[kind, each["projects"][number]][0] += sign * net
            found[kind, each["projects"][number]][1] += sign * tax
    return {key: (Decimal(net) / 100, Decimal(tax) / 100) for key, (net, tax) in found.items() if net or tax}
