"""Worlds to start from: an empty one for tests, the demo's, and large ones for measurements."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ..world import World
from ..world.state import utc_now
from . import demo
from .empty import empty
from .large import large
from .many import many
from .settings_text import office_settings_yaml

__all__ = ["NAMES", "SIZES", "demo", "empty", "large", "many", "office_settings_yaml", "seeded"]

NAMES = ("demo", "empty", "large", "many")

SIZES = ("invoices", "offices")
"""What some of the worlds can be told: how long the queue of `large` is, how many offices `many` has."""


def seeded(
    name: str, *, clock: Callable[[], datetime] = utc_now, invoices: int | None = None, offices: int | None = None
) -> World:
    """The world of that name; `invoices` is the length of the queue of `large`, `offices` how many `many` has.

    Raises:
        ValueError: for an unknown name.
    """
    match name:
        case "demo":
            return demo.world(clock=clock)
        case "empty":
            return empty(clock=clock)
        case "large":
            return large(invoices or 1000, clock=clock)
        case "many":
            return many(offices or 100, clock=clock)
    raise ValueError(f"There is no seed {name!r}; there are {', '.join(NAMES)}.")
