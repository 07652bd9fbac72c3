"""A line that is split over projects by percent (decisions 8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from ...records.costs_and_sales.vouchers import ProjectPart
from ..largest_remainder import divided
from ..linking import positive_int

WHOLE = Decimal(100)

ROUNDING = Decimal("0.1")

REST = ""
"""Stands for what no project gets, where the percentages come to less than 100."""


def wrong_split(parts: Sequence[ProjectPart]) -> str | None:
    """What is wrong with the percentages, in words; None when nothing is."""
    percents = [_percent(part) for part in parts]
    if any(percent < 0 for percent in percents):
        return "has a negative percentage"
    if len({part.project.strip() for part in parts}) < len(parts):
        return "names a project twice"
    if _rest_of(percents) < 0:
        return f"gives {_text(sum(percents, Decimal(0)))} % to projects"
    return None


def split(amount: Decimal, parts: Sequence[ProjectPart]) -> dict[str, Decimal]:
    """The part of `amount` for each project, and under `REST` what is left; they sum to the øre.

    Parts are rounded by largest remainder, ties by the lowest project id. The percentages must be right.
    """
    ordered = sorted(parts, key=lambda part: (positive_int(part.project) is None, positive_int(part.project) or 0))
    percents = {part.project.strip(): _percent(part) for part in ordered}
    if rest := _rest_of(percents.values()):
        percents[REST] = rest
    return dict(zip(percents, divided(amount, list(percents.values())), strict=True))


def _rest_of(percents: Iterable[Decimal]) -> Decimal:
    """What is left of 100 %; nothing where they miss it by no more than thirds or sevenths do (decisions 8)."""
    rest = WHOLE - sum(percents)
    return Decimal(0) if abs(rest) <= ROUNDING else rest


def _percent(part: ProjectPart) -> Decimal:
    return WHOLE if part.percent is None else part.percent


def _text(percent: Decimal) -> str:
    return format(percent.normalize(), "f")
