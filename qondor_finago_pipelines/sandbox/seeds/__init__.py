"""Worlds to start from: an empty one for tests, the demo's, and a long queue for measurements."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ..world import World
from ..world.world import utc_now
from . import demo
from .empty import empty
from .large import large
from .settings_text import office_settings_yaml

__all__ = ["NAMES", "demo", "empty", "large", "office_settings_yaml", "seeded"]

NAMES = ("demo", "empty", "large")


def seeded(name: str, *, clock: Callable[[], datetime] = utc_now, invoices: int | None = None) -> World:
    """The world of that name; `invoices` is the length of the queue of `large`.

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
    raise ValueError(f"There is no seed {name!r}; there are {', '.join(NAMES)}.")
