"""Whatever happens in either system: once every flow has followed, nothing stands unexplained."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.sandbox.world.voucher_builders import posting
from tests.conftest import FakeClock
from tests.end_to_end.costs_and_sales.actuals import GALA, PROJECT
from tests.end_to_end.customers_and_projects.edits import edit_customer, edit_project
from tests.end_to_end.customers_and_projects.test_property import SEEDED
from tests.end_to_end.installation import Installation

Edit = Callable[[World], object]


def issue(world: World, project: int, kind: str, card: bool) -> None:
    world.add_invoice(kind=kind, customer=None if kind == "booking" else 77, project=project, card=card)


def credit(world: World) -> None:
    processed = [each for each in world.qondor.invoices.values() if each["status"] in (2, 4) and not each["isCredit"]]
    credited = {each["creditedInvoiceId"] for each in world.qondor.invoices.values()}
    for invoice in processed:
        if invoice["id"] not in credited and invoice["paymentType"] == 1 and invoice["status"] == 2:
            world.add_invoice(credit_of=invoice["id"])
            return


def pay(world: World) -> None:
    for order in world.books().orders.values():
        if order.get("Paid") is None and order["OrderTotalIncVat"] > 0:
            world.pay(order["OrderId"])
            return


def on_last_voucher(change: Callable[[World, Any], object]) -> Edit:
    def edit(world: World) -> None:
        vouchers = getattr(world, "posted_by_test", [])
        if vouchers:
            change(world, vouchers[-1])

    return edit


def post(world: World, amount: int, project: int, sale: bool) -> None:
    maker = world.post_customer_invoice if sale else world.post_supplier_invoice
    voucher = maker(f"{amount}.00", project=project)
    world.posted_by_test = [*getattr(world, "posted_by_test", []), voucher]  # type: ignore[attr-defined]


def delete_last(world: World, voucher: Any) -> None:
    world.delete_voucher(voucher)
    world.posted_by_test.pop()  # type: ignore[attr-defined]


QONDOR_PROJECTS, FINAGO_PROJECTS = st.sampled_from([555, 556]), st.sampled_from([PROJECT, GALA])
NAMES = st.sampled_from(["Nordlys AS", "Bølge & Blad AS", "N" * 300, "  Fjord   AS "])

EDITS: st.SearchStrategy[Edit | None] = st.one_of(
    st.builds(
        lambda project, kind, card: lambda world: issue(world, project, kind, card),
        QONDOR_PROJECTS,
        st.sampled_from(["offer", "form", "booking"]),
        st.booleans(),
    ),
    st.just(credit),
    st.just(pay),
    st.builds(
        lambda amount, project, sale: lambda world: post(world, amount, project, sale),
        st.integers(1, 9999),
        FINAGO_PROJECTS,
        st.booleans(),
    ),
    st.just(on_last_voucher(delete_last)),
    st.just(on_last_voucher(lambda world, voucher: world.hide_lines(voucher))),
    st.just(on_last_voucher(lambda world, voucher: world.move_to_project(voucher, GALA))),
    st.just(lambda world: world.post_voucher([posting(5000, "10.00", project=PROJECT), posting(2930, "-10.00")])),
    st.just(lambda world: world.post_voucher([posting(6300, "10.00", project=PROJECT), posting(2400, "-9.00")])),
    st.builds(lambda name: lambda world: edit_customer(world, 77, name=name), NAMES),
    st.builds(lambda id, name: lambda world: edit_project(world, id, name=name), QONDOR_PROJECTS, NAMES),
    st.builds(
        lambda id, status: lambda world: edit_project(world, id, status=status), QONDOR_PROJECTS, st.integers(1, 4)
    ),
    st.none(),
)
"""None is a run of every flow in between."""


def prepare(world: World) -> None:
    world.add_company("Nordlys AS", id=4711, organisation_number="912345688")
    world.add_customer("Nordlys AS", id=77, reference=4711, organisation_number="912345688")
    world.add_project("Kick-off 2026", id=555, number="SO12345", customer=77)
    world.add_project("Gala 2026", id=556, number="SO12346", customer=77)


def run_all(installation: Installation) -> None:
    installation.wait(minutes=10)
    installation.sync()
    installation.follow()
    installation.load()


@hypothesis_settings(SEEDED, max_examples=6)
@given(edits=st.lists(EDITS, max_size=12))
def test_after_any_history_nothing_stands_unexplained(another_world: Any, edits: list[Edit | None]) -> None:
    explained_in_the_end(another_world(), edits)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@hypothesis_settings(SEEDED, max_examples=60)
@given(edits=st.lists(EDITS, max_size=20))
def test_after_any_of_many_histories_nothing_stands_unexplained(another_world: Any, edits: list[Edit | None]) -> None:
    explained_in_the_end(another_world(), edits)


def explained_in_the_end(installation: Installation, edits: list[Edit | None]) -> None:
    world = installation.world
    prepare(world)
    run_all(installation)
    for edit in edits:
        if edit is None:
            run_all(installation)
        else:
            installation.wait(minutes=1)
            edit(world)
    # The next day: what was deleted shows in the daily search alone.
    installation.wait(days=1)
    run_all(installation)
    run_all(installation)
    found = installation.reconcile(first_day=(world.today() - timedelta(days=30)))
    assert [each.as_json() for each in found.unexplained] == []
    assert installation.reconcile(first_day=found.first_day, last_day=found.last_day).digest == found.digest


def test_the_digest_is_the_same_on_both_databases(
    another_world: Any, installed: Callable[[FakeClock], Installation], postgresql: Any
) -> None:
    installation: Installation = another_world()
    prepare(installation.world)
    for amount, edit in enumerate((issue, issue), start=1):
        edit(installation.world, 555, "offer", False)
        post(installation.world, amount, PROJECT, False)
    run_all(installation)
    first = installation.reconcile()
    assert not first.differences
    other = installed(installation.clock)
    other.store_url = postgresql.unused_store()
    run_all(other)
    second = other.reconcile(last_day=first.last_day)
    assert (second.digest, second.differences) == (first.digest, ())
