"""Two offices with Finago set up and nothing else: what tests begin with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from ..world import World
from ..world.offices import office
from ..world.state import utc_now

OSLO = 102
BERGEN = 103
_CLIENT_OFFSET = 50000


def empty(
    *,
    offices: Mapping[int, str] | None = None,
    shared_client: bool = False,
    clock: Callable[[], datetime] = utc_now,
) -> World:
    """A world without customers and invoices: offices 102 Oslo and 103 Bergen unless told otherwise.

    Each office has a Finago client of its own (50102, 50103); with `shared_client` all of them share the first one's.
    The set-up is `World.standard_setup`.
    """
    names = offices or {OSLO: "Oslo", BERGEN: "Bergen"}
    first = next(iter(names))
    made = World(
        [office(id, name, _CLIENT_OFFSET + (first if shared_client else id)) for id, name in names.items()], clock=clock
    )
    made.standard_setup()
    return made


def add_linked_customer(made: World, name: str, office: int, organisation: str) -> tuple[int, int]:
    """A customer in Qondor and its company in Finago, each with the other's id; gives both ids."""
    company = made.add_company(name, office=office, organisation_number=organisation)
    customer = made.add_customer(name, office=office, reference=company, organisation_number=organisation)
    made.books(office).companies[company].members["ExternalId"] = str(customer)
    return customer, company
