"""How long a refused invoice waits for a correction, and what its project manager reads (decisions 3)."""

from __future__ import annotations

from datetime import datetime, timedelta

from ...records.operations.results import RecordState
from ...records.refusals import Refusal
from ..text import one_line

LONGEST_MESSAGE = 500
"""Characters of a message that Qondor shows to the project manager."""


def held_or_failed(
    refusal: Refusal,
    *,
    card_payment_involved: bool,
    held_since: datetime | None,
    now: datetime,
    fail_after_hours: int,
) -> RecordState:
    """Whether a refused invoice is Held for now, or Failed in Qondor for good.

    Only what a project manager can correct ever fails, after `fail_after_hours` of being held for this reason (0: at
    once). A card payment and its credit note never do: the money is taken. `held_since` None: held for the first time.
    """
    if card_payment_involved or not refusal.reason.correctable_in_qondor:
        return RecordState.HELD
    waited = timedelta(0) if held_since is None else now - held_since
    return RecordState.FAILED if waited >= timedelta(hours=fail_after_hours) else RecordState.HELD


def qondor_message(refusal: Refusal) -> str:
    """What the project manager reads in Qondor: what is wrong and what to change, in at most 500 characters.

    Where both do not fit, what is wrong is shortened: what to do is worth more.
    """
    message, remedy = one_line(refusal.message), one_line(refusal.remedy)
    whole = f"{message} {remedy}".strip()
    if len(whole) <= LONGEST_MESSAGE:
        return whole
    room = LONGEST_MESSAGE - len(remedy) - 2
    if room < 1:
        return f"{whole[: LONGEST_MESSAGE - 1]}…"
    return f"{message[:room].rstrip()}… {remedy}".strip()
