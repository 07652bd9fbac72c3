"""Vouchers of which nothing is loaded: what they are called, and what a person is told of each (decisions 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ...records.costs_and_sales.vouchers import Posting, VoucherKey
from ...records.money import ZERO, plain
from ...records.refusals import Reason, Refusal
from .voucher_table import VoucherSums

LINES_NAMED = 12
"""So many lines of a refused voucher stand in its message; the others are counted."""

VOUCHER, LINE = "voucher", "line"
"""What the records of this flow are called: a voucher with its key, a line without one with its guid."""


def voucher_record(key: VoucherKey) -> str:
    """The id of a voucher in the run's record: `voucher 2026-3-20418`."""
    return f"{VOUCHER} {key}"


def line_record(line_id: str | None) -> str:
    """The id of a line that belongs to no voucher: `line <guid>`."""
    return f"{LINE} {line_id or 'without Id'}"


@dataclass(frozen=True, kw_only=True)
class RefusedVoucher:
    """A voucher, or a line that belongs to none, of which nothing is loaded."""

    key: VoucherKey | None
    """None for a single line."""
    refusal: Refusal
    line_id: str | None = None
    lines: int = 0
    total: Decimal = ZERO
    """What its lines sum to, where they can be summed."""
    changed: datetime | None = None

    @property
    def record(self) -> str:
        """Its id in the run's record."""
        return line_record(self.line_id) if self.key is None else voucher_record(self.key)


def refused_voucher(row: VoucherSums, postings: Sequence[Posting], undated: Sequence[Posting]) -> RefusedVoucher:
    all_lines = (*postings, *undated)
    return RefusedVoucher(
        key=row.key,
        refusal=_why(row, postings, undated),
        lines=len(all_lines),
        total=sum((each.amount for each in all_lines if each.amount is not None), ZERO),
        changed=max((each.changed for each in all_lines if each.changed), default=None),
    )


def refused_for(row: VoucherSums, refusal: Refusal) -> RefusedVoucher:
    """A voucher of which nothing is wrong but what the refusal says."""
    return RefusedVoucher(key=row.key, refusal=refusal, lines=row.lines, total=row.total, changed=row.changed)


def _why(row: VoucherSums, postings: Sequence[Posting], undated: Sequence[Posting]) -> Refusal:
    name, all_lines = row.key.in_words, (*postings, *undated)
    lacking = sorted({lack for posting in all_lines for lack in _lacks(posting)})
    if lacking:
        return Refusal(
            Reason.BROKEN_LINE,
            f"{name} has a line that {' and '.join(lacking)}: {_named(all_lines)}.",
            "Look at the voucher in Finago; nothing of it is loaded until each line has an Id, a date, an account and "
            "an amount, and all of its values can be read.",
        )
    if undated:
        return Refusal(
            Reason.NO_FISCAL_YEAR,
            f"{name} has a line dated {undated[0].day}, which lies in no fiscal year.",
            "Create the fiscal year in Finago, or correct the date.",
        )
    if row.hidden:
        return Refusal(
            Reason.PARTLY_HIDDEN,
            f"{name}: {row.hidden} of its {row.lines} lines are hidden, and the others sum to "
            f"{plain(row.visible)} instead of 0.00: {_named(postings)}.",
            "Hide or show the whole voucher in Finago.",
        )
    return Refusal(
        Reason.UNBALANCED,
        f"{name} does not balance: its {row.lines} lines sum to {plain(row.total)} instead of 0.00: "
        f"{_named(postings)}.",
        "Correct the voucher in Finago until debit and credit are equal; nothing of it is loaded until then.",
    )


def _lacks(posting: Posting) -> list[str]:
    lacks = [
        f"has no {what}"
        for what, value in (
            ("Id", posting.id),
            ("amount", posting.amount),
            ("account", posting.account),
            ("date", posting.day),
        )
        if value is None
    ]
    if posting.unreadable:
        lacks = [f"cannot be read ({posting.unreadable})"]
    return lacks


def _named(postings: Sequence[Posting]) -> str:
    texts = [
        f"line {_shown(each.sequence)} account {_shown(each.account)} "
        f"{'?' if each.amount is None else plain(each.amount)}{' hidden' if each.is_hidden else ''}"
        for each in postings[:LINES_NAMED]
    ]
    if len(postings) > LINES_NAMED:
        texts.append(f"{len(postings) - LINES_NAMED} more")
    return "; ".join(texts)


def _shown(number: int | None) -> str:
    return "?" if number is None else str(number)


def refused_line(posting: Posting) -> RefusedVoucher:
    lacking = "a date in a fiscal year" if posting.day else "a date"
    return RefusedVoucher(
        key=None,
        line_id=posting.id,
        refusal=Refusal(
            Reason.BROKEN_LINE,
            f"A ledger line on account {posting.account} ({posting.id or 'without Id'}) lacks the type or the "
            f"number of its voucher, or {lacking}.",
            "Look at it in Finago; it is not loaded.",
        ),
        lines=1,
        total=posting.amount or ZERO,
        changed=posting.changed,
    )
