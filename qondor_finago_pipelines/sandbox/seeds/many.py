"""Many offices with empty queues, for measurements in which invoices are issued one by one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ..world import World
from ..world.state import utc_now
from .empty import add_linked_customer, empty

FIRST = 101
"""The id of the first office; the others follow."""


def many(offices: int, *, clock: Callable[[], datetime] = utc_now) -> World:
    """So many offices, each with its own Finago client and one customer, who is linked to its company in Finago.

    No invoice is issued yet: `sandbox.issuing` does that.
    """
    made = empty(offices={FIRST + number: f"Office {number + 1}" for number in range(offices)}, clock=clock)
    for office in made.offices:
        add_linked_customer(made, f"Customer of {office} AS", office, f"8{office:08d}")
    return made
