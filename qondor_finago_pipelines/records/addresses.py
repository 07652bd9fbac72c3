"""Where somebody is written to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PostalAddress:
    """A bill-to address; `country` is the two-letter code."""

    street: str | None = None
    postal_code: str | None = None
    city: str | None = None
    country: str | None = None
