"""Whether Finago has what the settings of an office name: asked by every invoice, and by `check` before the first."""

from __future__ import annotations

from collections.abc import Iterable

from ...records.customers_and_projects.projects import NamedId


def has(wanted: int, rows: Iterable[NamedId]) -> bool:
    """Whether a department or payment method of the settings is in Finago's list."""
    return wanted in {row.id for row in rows}
