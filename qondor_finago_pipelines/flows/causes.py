"""The word that groups alerts about the same trouble, whichever record it hit."""

from __future__ import annotations

from ..records.errors import (
    CallsBlocked,
    ContractBroken,
    LeaseLost,
    LoginRefused,
    RequestRefused,
    SyncError,
    SystemUnreachable,
    WriteDidNotLand,
)

_CAUSES: tuple[tuple[type[SyncError], str], ...] = (
    (LoginRefused, "login"),
    (CallsBlocked, "calls blocked"),
    (SystemUnreachable, "unreachable"),
    (ContractBroken, "contract"),
    (LeaseLost, "lease lost"),
    (WriteDidNotLand, "unreachable"),
    (RequestRefused, "refused request"),
)


def cause_of(error: SyncError) -> str:
    """The cause of a problem: the first kind of error that fits, from the special to the general."""
    return next((cause for kind, cause in _CAUSES if isinstance(error, kind)), "settings")
