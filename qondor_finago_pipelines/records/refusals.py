"""Why a record was not settled, and what a person should do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Every reason for which a record is refused.

    `correctable_in_qondor` tells those that a project manager can mend: only these ever become Failed (decisions 3).
    """

    INVALID_CUSTOMER_REFERENCE = "invalid customer reference"
    NO_CUSTOMER = "no customer"
    INACTIVE_CUSTOMER = "inactive customer"
    VAT_MISMATCH = "VAT mismatch"
    NO_PROJECT = "no project"
    UNKNOWN_CURRENCY = "unknown currency"
    TOTALS_DO_NOT_ADD_UP = "totals do not add up"
    ORIGINAL_UNKNOWN = "original unknown or failed"
    BOOKING_WITHOUT_EMAIL = "booking without e-mail"

    ORIGINAL_NOT_SETTLED = "waits for its original"
    CREDIT_DOES_NOT_FIT = "credit note does not fit its original"
    CREDITED_IN_FINAGO = "credited in Finago"
    PAYMENT_TAKEN_BACK = "payment taken back"
    DUPLICATE_COMPANY = "duplicate company id"
    COMPANY_TAKEN = "company belongs to another customer"
    SEVERAL_COMPANIES = "several companies fit"
    ONLY_A_SUPPLIER = "only a supplier fits"
    COMPANY_OF_ANOTHER_TYPE = "only a company of another type fits"
    CUSTOMER_OF_ANOTHER_CLIENT = "global customer of another Finago client"
    PROJECT_ID_TAKEN = "two projects with one Finago id"
    PROJECT_OF_SOMEBODY_ELSE = "Finago project belongs to somebody else"
    SET_UP = "set-up"
    VAT_ON_MARGIN = "VAT on margin"
    WRONG_SIGN = "wrong sign"
    INCOMPLETE = "incomplete"
    CONTRADICTORY = "list and detail disagree"
    TWICE_IN_QUEUE = "twice in the queue"
    UNKNOWN_TYPE = "unknown type"
    NO_LONGER_UNPROCESSED = "no longer unprocessed"
    REFUSED_BY_FINAGO = "refused by Finago"
    REFUSED_BY_QONDOR = "refused by Qondor"
    CLOSED_PERIOD = "closed period"
    TOTAL_DIFFERS_IN_FINAGO = "Finago total differs"
    WAITS_FOR_CONFIRM = "waits for confirm"
    ORDER_GONE = "order no longer in Finago"
    ORDER_CHANGED = "order changed in Finago"
    QUARANTINED = "quarantined"
    PARENT_FAILED = "what it depends on failed"
    UNREADABLE = "cannot be read"

    UNBALANCED = "unbalanced"
    BROKEN_LINE = "a line lacks what no line can do without"
    PARTLY_HIDDEN = "hidden lines do not balance"
    WRONG_SPLIT = "project percentages do not fit"
    NO_FISCAL_YEAR = "no fiscal year"
    CURRENCY_NOT_SETTLED = "currency of the amounts is not settled"
    NO_RATE = "no rate for a currency"
    UNKNOWN_VAT_CODE = "unknown VAT code"
    CHANGED_WHILE_READ = "changed while it was read"
    UNMATCHED = "no project in Qondor"

    @property
    def correctable_in_qondor(self) -> bool:
        return self in _CORRECTABLE_IN_QONDOR


_CORRECTABLE_IN_QONDOR = frozenset(
    {
        Reason.INVALID_CUSTOMER_REFERENCE,
        Reason.NO_CUSTOMER,
        Reason.INACTIVE_CUSTOMER,
        Reason.VAT_MISMATCH,
        Reason.NO_PROJECT,
        Reason.UNKNOWN_CURRENCY,
        Reason.TOTALS_DO_NOT_ADD_UP,
        Reason.ORIGINAL_UNKNOWN,
        Reason.BOOKING_WITHOUT_EMAIL,
    }
)


_PASSES = "Nothing to do: "


def passes_by_itself(how: str) -> str:
    """The remedy of what the next run is expected to find mended; where it does not, that is told (decisions 8)."""
    return f"{_PASSES}{how}"


def was_to_pass(remedy: str) -> bool:
    """Whether a person was told that nothing is to be done."""
    return remedy.startswith(_PASSES)


@dataclass(frozen=True)
class Refusal:
    """A record that is not written, with the reason and the remedy, both in plain words without personal data.

    `message` names record and figures; `remedy` is what a person should do. Together they fit the 500 characters that
    Qondor shows to a project manager.
    """

    reason: Reason
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()
