"""What refused records have in common, how to mend all of a kind at once, and whether trying again may help."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from ...records.days import in_oslo
from ...records.money import ZERO, plain
from ...records.operations.inbox import CauseGroup, RefusedRecord
from ...records.operations.results import Flow, RecordState
from ...records.refusals import Reason
from ..text import counted

_RECORD = (
    r"(?:booking invoice|invoice|credit note|card payment|order|customer|project|company|voucher|line|series|intent)"
)
_NUMBERED = rf"\b({_RECORD}s?|companies|office)"

_OF_ONE_RECORD = tuple(
    (re.compile(pattern, re.IGNORECASE), instead)
    for pattern, instead in (
        # `Invoice 9001, line 2: ` at the beginning: whose trouble it is.
        (rf"^(?:{_RECORD}\s+[0-9a-f-]*\d[0-9a-f-]*(?:\s+of series \d+ in [\d-]+)?(?:,\s*)?)+:?\s*", ""),
        # Ids of records, amounts, days and what somebody entered differ where the cause is one.
        (rf"{_NUMBERED}\s+\d(?:[\d, and-]*\d)?", r"\1 …"),
        (r"-?\d[\d,]*\.\d{2}\b(?! ?%)", "…"),
        (r"\b\d{4}-\d{2}-\d{2}\b", "…"),
        (r"'[^']*'", "'…'"),
        (r"Finago says: .*", "Finago says: …"),
    )
)

_ONCE_IN_FINAGO = "Mend it once in Finago, and all of them go by themselves: "

MEND_ALL: Mapping[Reason, str] = {
    Reason.VAT_MISMATCH: f"{_ONCE_IN_FINAGO}add a product with this VAT rate to the category.",
    Reason.SET_UP: "Mend it once, in Finago or in the settings as the remedy says, and all of them go by themselves.",
    Reason.UNKNOWN_CURRENCY: f"{_ONCE_IN_FINAGO}add the currency to its list.",
    Reason.CLOSED_PERIOD: f"{_ONCE_IN_FINAGO}open the period.",
    Reason.NO_FISCAL_YEAR: f"{_ONCE_IN_FINAGO}create the fiscal year.",
    Reason.NO_RATE: f"{_ONCE_IN_FINAGO}enter the rate, or add the currency to its list.",
    Reason.UNKNOWN_VAT_CODE: f"{_ONCE_IN_FINAGO}add the VAT code.",
    Reason.CURRENCY_NOT_SETTLED: "Set costs_and_sales.foreign_lines of the office once: all are judged anew.",
    Reason.WAITS_FOR_CONFIRM: "Look at the first order in Finago; `qondor-finago confirm --office ID` lets all go.",
    Reason.ORIGINAL_NOT_SETTLED: "Settle the originals: the credit notes then go by themselves.",
    Reason.PARENT_FAILED: "Mend what they depend on: all of them then go by themselves.",
    Reason.UNMATCHED: "Where it is one project: enter its number in Qondor once, and all of them are loaded.",
    Reason.CHANGED_WHILE_READ: "Nothing to do: the next run reads them again.",
}
"""Where one correction settles every record of the reason. For any other reason each has its own."""

ONE_BY_ONE = "Each has to be mended by itself, as its remedy says."

_SAME_EVERY_TIME: Mapping[Reason, str] = {
    Reason.QUARANTINED: "a person must decide: `qondor-finago retry --invoice ID --link ORDER` or `--as-new`",
    Reason.WAITS_FOR_CONFIRM: "they wait for `qondor-finago confirm --office ID`",
    **dict.fromkeys(
        (
            Reason.TOTALS_DO_NOT_ADD_UP,
            Reason.WRONG_SIGN,
            Reason.VAT_ON_MARGIN,
            Reason.BOOKING_WITHOUT_EMAIL,
            Reason.INCOMPLETE,
            Reason.UNKNOWN_TYPE,
        ),
        "an issued invoice stays as it is in Qondor: it has to be deleted there and issued again",
    ),
    Reason.ORDER_GONE: "the order was deleted in Finago, and is never made anew by itself",
}
"""Why trying again comes to the same as long as the record is as it is."""


def why_trying_is_vain(record: RefusedRecord) -> str | None:
    """Why trying this one again cannot help; None where it may."""
    if record.state is RecordState.FAILED:
        return "what failed in Qondor is final there: its project manager issues a new invoice"
    return None if record.reason is None else _SAME_EVERY_TIME.get(record.reason)


def is_left_to_a_person(state: RecordState, reason: Reason | None) -> bool:
    """Whether no run does anything for it until somebody has decided."""
    return state is RecordState.FAILED or reason is Reason.QUARANTINED


def groups_of(records: Iterable[RefusedRecord]) -> tuple[CauseGroup, ...]:
    """The records by what is wrong, the largest groups first; of each the oldest record first."""
    found: dict[tuple[Flow, str, str], list[RefusedRecord]] = defaultdict(list)
    for record in records:
        found[record.flow, record.cause, common_words(record.message)].append(record)
    groups = (
        _group(*what, sorted(some, key=lambda each: (each.first_seen, each.office, each.key)))
        for what, some in found.items()
    )
    return tuple(sorted(groups, key=lambda each: (-len(each.records), each.flow, each.cause, each.why)))


def _group(flow: Flow, cause: str, why: str, records: list[RefusedRecord]) -> CauseGroup:
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for each in records:
        if each.amount is not None:
            sums[each.currency or ""] += each.amount
    reason = records[0].reason
    alone = ONE_BY_ONE if len(records) > 1 else records[0].remedy
    return CauseGroup(
        flow=flow,
        cause=cause,
        why=why,
        sums=dict(sorted(sums.items())),
        mend=MEND_ALL.get(reason, alone) if reason else "Nothing to do: they are looked up.",
        trying_helps=any(why_trying_is_vain(each) is None for each in records),
        records=tuple(records),
    )


def common_words(message: str) -> str:
    """What a message says, without the ids, amounts, days and entries that are those of one record."""
    for pattern, instead in _OF_ONE_RECORD:
        message = pattern.sub(instead, message)
    return message


def headline(group: CauseGroup) -> str:
    """`7 invoices, 84,500.00 NOK: article 3000 has 15 % VAT, but …`."""
    nouns = {each.named.partition(" ")[0] for each in group.records}
    noun = nouns.pop() if len(nouns) == 1 else "record"
    sums = ", ".join(money(amount, currency) for currency, amount in group.sums.items())
    return f"{counted(len(group.records), noun)}{f', {sums}' if sums else ''}: {group.why or group.cause}"


def money(amount: Decimal | None, currency: str | None) -> str:
    """`84,500.00 NOK`, as people read it; empty where there is none."""
    if amount is None:
        return ""
    return f"{Decimal(plain(amount)):,f} {currency or ''}".strip()


def when_next(record: RefusedRecord, now: datetime) -> str:
    """When it is tried again: `2026-11-20 10:05`, by the clocks of Oslo."""
    if record.next_try is None:
        return "not by itself"
    return "now" if record.next_try <= now else in_oslo(record.next_try)


def age_in_words(age: timedelta) -> str:
    """`12 days`, `5 hours`: a record is as old as the largest of these that has passed."""
    hours = int(age.total_seconds() // 3600)
    return counted(hours // 24, "day") if hours >= 24 else counted(hours, "hour") if hours else "under an hour"
