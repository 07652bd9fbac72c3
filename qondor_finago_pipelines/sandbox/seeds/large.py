"""A long, plain queue, for measurements."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ..world import World, line
from ..world.state import utc_now
from .empty import OSLO, add_linked_customer, empty

INVOICES_PER_CUSTOMER = 10


def large(
    count: int,
    *,
    office: int = OSLO,
    lines: int = 3,
    clock: Callable[[], datetime] = utc_now,
) -> World:
    """`count` customer offer invoices of one office, each of `lines` lines.

    Ten invoices share a customer and a project, which Finago knows already: what is measured is the invoices' own way.
    The limits of both systems are off.
    """
    made = empty(clock=clock)
    made.finago.calls_per_hour = None
    customer = project = 0
    for number in range(count):
        group = number // INVOICES_PER_CUSTOMER
        if number % INVOICES_PER_CUSTOMER == 0:
            customer, company = add_linked_customer(made, f"Customer {group} AS", office, f"8{group:08d}")
            project = made.add_project(f"Event {group}", office=office, customer=customer, number=f"SO{20000 + group}")
            made.add_finago_project(f"Event {group}", office=office, id=20000 + group, customer=company)
        made.add_invoice(
            id=100001 + number,
            customer=customer,
            project=project,
            lines=[
                line(f"Package {position}", quantity=1 + (number + position) % 40, price=f"{100 + position}.50")
                for position in range(lines)
            ],
        )
    return made
