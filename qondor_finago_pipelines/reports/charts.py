"""Small pictures for Dagster's pages: a few kilobytes of PNG each, since every one is stored with its event.

matplotlib is loaded when the first picture is drawn, not when the definitions are; it keeps no state between pictures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING

from ..records.costs_and_sales.actuals import ActualKind

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INCHES = (7.2, 2.4)
DOTS_PER_INCH = 100
COSTS, SALES, OPEN = "#b4532a", "#2a6fb4", "#b4532a"
GRID = "#d9d9d9"


def amounts_per_day(
    amounts: Mapping[tuple[date, ActualKind], Decimal], days: Sequence[date], currency: str
) -> bytes | None:
    """Costs and sales of each posting day, side by side, as a PNG; None where there is nothing to be drawn."""
    if not any(amounts.get((day, kind)) for day in days for kind in ActualKind):
        return None
    figure, axes = _canvas(f"Costs and sales per posting day, {currency or 'amounts'} excluding VAT")
    places = range(len(days))
    for kind, colour, shift in ((ActualKind.COST, COSTS, -0.2), (ActualKind.SALE, SALES, 0.2)):
        heights = [float(amounts.get((day, kind), 0)) for day in days]
        axes.bar([place + shift for place in places], heights, width=0.4, color=colour, label=f"{kind.value}s")
    axes.axhline(0, color="#333333", linewidth=0.8)
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.legend(frameon=False, fontsize=8, loc="lower right", bbox_to_anchor=(1, 1), ncols=2)
    return _as_png(figure, axes, days)


def open_per_day(counts: Mapping[date, int], what: str) -> bytes:
    """How many records were open at the end of each day, as a PNG. `what` is the flow in words."""
    from matplotlib.ticker import MaxNLocator

    figure, axes = _canvas(f"Open records of {what}, all offices, at the end of the day")
    days = sorted(counts)
    axes.bar(range(len(days)), [counts[day] for day in days], width=0.8, color=OPEN)
    axes.set_ylim(0, max(*counts.values(), 4) * 1.1)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    return _as_png(figure, axes, days)


def differences_per_day(counts: Mapping[date, tuple[int, int]]) -> bytes:
    """How many differences each comparison found, those that nothing explains on top, as a PNG."""
    from matplotlib.ticker import MaxNLocator

    figure, axes = _canvas("Differences between Qondor and Finago")
    days = sorted(counts)
    explained, unexplained = ([counts[day][half] for day in days] for half in (0, 1))
    places = range(len(days))
    axes.bar(places, explained, width=0.8, color=SALES, label="explained")
    axes.bar(places, unexplained, width=0.8, bottom=explained, color=OPEN, label="unexplained")
    axes.set_ylim(0, max(*(sum(counts[day]) for day in days), 4, 4) * 1.1)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.legend(frameon=False, fontsize=8, loc="lower right", bbox_to_anchor=(1, 1), ncols=2)
    return _as_png(figure, axes, days)


def _canvas(title: str) -> tuple[Figure, Axes]:
    # Not through pyplot, which would keep every figure and choose a screen to draw on.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=INCHES, dpi=DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_title(title, fontsize=9, loc="left")
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(labelsize=8)
    return figure, axes


def _as_png(figure: Figure, axes: Axes, days: Sequence[date]) -> bytes:
    step = max(1, -(-len(days) // 8))
    places = range(len(days) - 1, -1, -step)
    axes.set_xticks(list(places), [f"{days[place]:%d %b}" for place in places])
    picture = BytesIO()
    figure.savefig(picture, format="png", metadata={"Software": None}, pil_kwargs={"optimize": True})
    return picture.getvalue()
