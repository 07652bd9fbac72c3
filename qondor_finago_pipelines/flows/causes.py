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
    WriteUncertain,
)


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
