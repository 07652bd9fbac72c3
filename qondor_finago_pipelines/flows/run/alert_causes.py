"""The word that groups alerts about the same trouble, whichever record it hit."""

from __future__ import annotations

from ...records.errors import (
    CallsBlocked,
    ContractBroken,
    LeaseLost,
    LoginRefused,
    RequestRefused,
    SyncError,
    SystemUnreachable,
    WriteDidNotLand,
    WriteUncertain,
)

PROCESS_DIED = "process died"
CODE_ERROR = "error in the program"
NOT_BEGUN = "run not begun"
"""The causes of runs that failed without a word of their own; the next complete run ends them."""

PREFLIGHT = "preflight"
"""A prerequisite that is not met. Only the daily look at both systems says that it is, or is again."""

OLDER_STORE = "older store"
"""The store knows less than Dagster."""

RECONCILIATION = "reconciliation"
"""A difference between both systems that nothing explains. Only the comparison says that there is one, or none."""

SILENCE = "silence"
"""No complete run where there should have been some. Only who watches for it says that it began or ended."""


def cause_of(error: SyncError) -> str:
    """The word that groups alerts about the same trouble."""
    causes: tuple[tuple[type[SyncError] | tuple[type[SyncError], ...], str], ...] = (
        (LoginRefused, "login"),
        (CallsBlocked, "calls blocked"),
        (SystemUnreachable, "unreachable"),
        (ContractBroken, "contract"),
        (LeaseLost, "lease lost"),
        ((WriteDidNotLand, WriteUncertain), "unreachable"),
        (RequestRefused, "refused request"),
    )
    return next((cause for kind, cause in causes if isinstance(error, kind)), "settings")
