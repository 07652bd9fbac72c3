"""What a project manager does all day: issue an invoice for a new event of a customer who has been here before."""

from __future__ import annotations

from .world import World


def issue_invoice(world: World, office: int) -> int:
    """Issues an offer invoice of this office to its first customer, on a project that Finago has not seen.

    Gives the invoice's id.

    Raises:
        ValueError: for an office that is not there or has no customer.
    """
    with world.lock:
        owners = (number for number, one in world.qondor.customers.items() if one["officeId"] == office)
        customer = next(owners, None)
        if customer is None:
            raise ValueError(f"Office {office} has no customer to issue an invoice to.")
        project = world.add_project(f"Event {len(world.qondor.projects) + 1}", office=office, customer=customer)
        return world.add_invoice(customer=customer, project=project, office=office, invoice_date=world.today())
