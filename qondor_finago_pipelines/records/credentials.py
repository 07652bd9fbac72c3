"""Credentials, resolved from the environment inside the flow of their office; never shown."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class FinagoCredential:
    """What Login takes. `identity_id` None means the user's default identity."""

    application_id: str = field(repr=False)
    username: str = field(repr=False)
    password: str = field(repr=False)
    identity_id: str | None = field(default=None, repr=False)
