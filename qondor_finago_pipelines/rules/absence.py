"""Absence is no deletion until it is plausible: a login without a right sees nothing, and no error (decisions 8)."""

from __future__ import annotations

from datetime import timedelta

MOST_AT_ONCE = 10
LARGEST_SHARE = 5
"""A fifth."""

DOUBTED_FOR = timedelta(days=1)
"""How long records that went in bulk stay open after they were last seen: meanwhile people are told."""


def is_plausible(missing: int, known: int, *, anything_seen: bool) -> bool:
    """Whether so many of the records that were known in what was looked at may be gone.

    Where a system shows nothing at all, nothing is gone.
    """
    if not missing:
        return True
    return anything_seen and (missing <= MOST_AT_ONCE or missing * LARGEST_SHARE <= known)
