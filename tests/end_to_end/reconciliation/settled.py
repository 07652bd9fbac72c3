"""A world in which everything stands in both systems, and what may happen to it behind the back of every flow."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from qondor_finago_pipelines.records.reconciliation import Reconciliation
from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.sandbox.world.voucher_builders import PostedVoucher
from tests.end_to_end.installation import Installation

PROJECT = 12345
"""The Finago id of project 555, SO12345."""

Line = tuple[str, int | str | None, int | str | None, str, str | None, bool]


@dataclass(frozen=True, kw_only=True)
class Settled:
    """The Qondor ids of what was brought to Finago, and the vouchers that came from there."""

    offer: int
    paid: int
    card: int
    booking: int
    credited: int
    credit_note: int
    supplier: PostedVoucher
    sale: PostedVoucher


def settle(installation: Installation, customer: int, project: int) -> Settled:
    """Every kind of document, synced until nothing is left to do. Each invoice is of 12,500.00 NOK."""
    world = installation.world
    billed: dict[str, Any] = {"customer": customer, "project": project}
    offer, paid = world.add_invoice(**billed), world.add_invoice(**billed)
    card, booking = world.add_invoice(**billed, card=True), world.add_invoice(kind="booking", project=project)
    credited = world.add_invoice(**billed)
    installation.sync()
    credit_note = world.add_invoice(credit_of=credited)
    supplier = world.post_supplier_invoice("8000.00", project=PROJECT, supplier=world.add_company(type="Supplier"))
    sale = world.post_customer_invoice("1000.00", project=PROJECT, customer=4711)
    world.pay(world.order_of(paid)["OrderId"])
    bring_over(installation)
    return Settled(
        offer=offer,
        paid=paid,
        card=card,
        booking=booking,
        credited=credited,
        credit_note=credit_note,
        supplier=supplier,
        sale=sale,
    )


def bring_over(installation: Installation) -> None:
    """One run of each flow."""
    installation.wait(minutes=10)
    for run in (installation.sync(), installation.follow(), installation.load()):
        assert run.all_settled, (run.records, run.problems)


def lines(found: Reconciliation) -> list[Line]:
    """What a reconciliation says, in short: kind, both ids, field, worth, and whether it is explained."""
    return [
        (
            each.kind.value,
            each.qondor,
            each.finago,
            each.field,
            None if each.difference is None else f"{each.difference:.2f}",
            each.explained is not None,
        )
        for each in found.differences
    ]


def order_id(world: World, invoice: int) -> int:
    return int(world.order_of(invoice)["OrderId"])


def copy_order(world: World, invoice: int) -> int:
    """Somebody copies the order of an invoice by hand; its reference comes along."""
    order = world.order_of(invoice)
    return world.add_order(
        invoice, company=order["CustomerId"], project=order["ProjectId"], OrderTotalIncVat=order["OrderTotalIncVat"]
    )


def delete_order(world: World, invoice: int) -> int:
    """Somebody deletes the order of an invoice by hand."""
    number = order_id(world, invoice)
    del world.books().orders[number]
    return number


def money(text: str) -> Decimal:
    return Decimal(text)
