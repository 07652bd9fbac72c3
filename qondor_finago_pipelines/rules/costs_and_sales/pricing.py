"""What a lookback window costs in calls, as far as that can be known before anything is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .windows import changed_searches

LISTS = 5
"""Once a run: whose books, fiscal years, VAT codes, the currency, and the companies that vouchers name."""


@dataclass(frozen=True, kw_only=True)
class Price:
    """Calls of one office's run. Only the reading is certain: what has to be written shows when it is read."""

    finago: int
    qondor: int


def price_of_window(first_day: date, last_day: date, *, completion_calls: int) -> Price:
    """A run over these days: the change feed, the calls that complete the vouchers, the lists, Qondor's projects.

    What comes on top: two Qondor calls for each project on which something is written, one for each record, one more
    Finago call for each reply that does not come in time, and a login.
    """
    return Price(finago=len(changed_searches(first_day, last_day)) + completion_calls + LISTS, qondor=1)
