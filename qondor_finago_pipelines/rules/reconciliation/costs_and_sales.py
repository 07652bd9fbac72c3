"""What Finago's vouchers come to, beside the actual costs and sales that stand in Qondor."""

from __future__ import annotations

from datetime import date, datetime

from ...records.costs_and_sales.actuals import Actual, ActualKind, ActualReference, StoredActual
from ...records.costs_and_sales.vouchers import AccountMeaning
from ...records.reconciliation import MISSING_IN_FINAGO, MISSING_IN_QONDOR, Compared, Side, Value
from ...records.refusals import Reason
from ...records.unloaded import UnloadedAmount
from ..costs_and_sales.actuals import compared_facts
from .comparison import Explain

KINDS = {ActualKind.COST: Compared.COST, ActualKind.SALE: Compared.SALE}

OUTSIDE = "outside of a lookback window"
WAITS = "waits for the next run"
RENAMED = "the company was renamed since the voucher was last read"
"""A new name of a supplier or customer changes no line of a voucher, so that no run reads it again."""

_REFUSED = {
    Reason.UNBALANCED: "unbalanced voucher",
    Reason.PARTLY_HIDDEN: "unbalanced voucher: some of its lines are hidden",
    Reason.CURRENCY_NOT_SETTLED: "foreign currency held",
}


def wanted_side(reference: ActualReference, wanted: Actual) -> Side:
    """What the voucher comes to on one project."""
    return Side(
        id=str(reference.voucher),
        facts=compared_facts(wanted),
        amount=wanted.amount_including_vat,
        currency=wanted.currency,
    )


def stored_side(stored: StoredActual) -> Side:
    """What Qondor has; of a record that cannot be read only its id."""
    actual = stored.actual
    if actual is None:
        return Side(id=stored.id)
    facts: dict[str, Value] = compared_facts(actual)
    if not stored.totals_agree:
        facts["amount incl. VAT"] = None
    return Side(id=stored.id, facts=facts, amount=actual.amount_including_vat, currency=actual.currency)


def without_unseen_payment(wanted: Side, stored: Side, *, first_day: date, last_day: date) -> tuple[Side, Side]:
    """The same two without the day of payment, where only one side can know it.

    The flow tells the day that it read, and this comparison reads the days that it was asked for: a payment that was
    posted on another day is known to one of them alone.
    """
    days = wanted.facts.get("paid date"), stored.facts.get("paid date")
    if all(isinstance(day, date) and first_day <= day <= last_day for day in days):
        return wanted, stored
    return _without(wanted, "paid date"), _without(stored, "paid date")


def _without(side: Side, name: str) -> Side:
    facts = {field: value for field, value in side.facts.items() if field != name}
    return Side(id=side.id, facts=facts, amount=side.amount, currency=side.currency)


def why_refused(reason: Reason) -> str:
    """Why nothing of a voucher is loaded, in the words of the reconciliation."""
    return _REFUSED.get(reason, f"voucher refused: {reason.value}")


def why_not_loaded(
    changed: datetime | None, *, read_until: datetime | None, read_from: datetime | None, is_enabled: bool
) -> Explain:
    """What explains that Qondor does not have what a voucher comes to, or has it as it was.

    `read_from` is where the first window of the flow began: what changed before, no run has ever read.
    """
    text = None
    if changed is not None and is_enabled:
        if read_until is not None and changed >= read_until:
            text = WAITS
        elif read_from is not None and changed < read_from:
            text = OUTSIDE

    def explain(field: str) -> str | None:
        # That Qondor has what Finago lacks is never so for want of reading.
        return None if field == MISSING_IN_FINAGO else text

    return explain


def kind_of_amount(meaning: AccountMeaning) -> Compared:
    """What an amount on such an account would be, were it loaded."""
    return Compared.SALE if meaning is AccountMeaning.REVENUE else Compared.COST


def unmatched(unloaded: UnloadedAmount) -> Explain:
    """An amount for which Qondor has no project."""
    text = f"unmatched: {unloaded.why.value}"
    return lambda field: text if field == MISSING_IN_QONDOR else None
