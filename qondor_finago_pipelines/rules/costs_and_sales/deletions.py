"""Absence is no deletion until it is plausible: a login without a right sees nothing, and no error (decisions 8)."""

from __future__ import annotations

MOST_AT_ONCE = 10
LARGEST_SHARE = 5
"""A fifth."""


def is_plausible(missing: int, loaded: int, *, lines_read: int) -> bool:
    """Whether so many records may be gone, of those that are loaded in the days that were looked at."""
    if not missing:
        return True
    return lines_read > 0 and (missing <= MOST_AT_ONCE or missing * LARGEST_SHARE <= loaded)
