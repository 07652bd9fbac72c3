"""The three flows with Finago's dates in each form, in winter and in summer time: the same days come out.

`make test-slow` runs all of the three flows' tests so; this is one life of each, in every ordinary run.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from qondor_finago_pipelines.sandbox import Sandbox
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from tests.conftest import FakeClock
from tests.end_to_end.conftest import STARTS
from tests.end_to_end.installation import Installation, assert_settled

PROJECT = 12345

ALSO = {
    "the hour that spring skips": datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    "the hour that comes twice": datetime(2025, 10, 26, 0, 30, tzinfo=UTC),
    "shortly after midnight in Oslo": datetime(2026, 6, 19, 22, 30, tzinfo=UTC),
}


Begin = Callable[[str, str], Installation]


@pytest.fixture
def begin(running_sandbox: Sandbox, installed: Callable[[FakeClock], Installation]) -> Begin:
    """An installation that begins at a time of the year, beside a Finago that writes its dates in a form."""

    def begin(start: str, form: str) -> Installation:
        clock = FakeClock({**STARTS, **ALSO}[start])
        running_sandbox.world = world = empty(clock=clock)
        world.finago.dates = form
        company = world.add_company("Nordlys AS", id=4711, organisation_number="912345688")
        world.add_customer("Nordlys AS", id=77, reference=company, organisation_number="912345688")
        world.add_project("Kick-off 2026", id=555, number=f"SO{PROJECT}", customer=77)
        return installed(clock)

    return begin


@pytest.mark.parametrize(
    ("start", "form"),
    [
        ("winter", "utc"),
        ("winter", "mixed"),
        ("summer", "naive"),
        ("summer", "utc"),
        ("summer", "offset"),
        *((start, "mixed") for start in ALSO),
    ],
)
def test_the_same_days_in_every_form(begin: Begin, start: str, form: str) -> None:
    begun = begin(start, form)
    world = begun.world
    today = world.today()
    offer, card = world.add_invoice(customer=77, project=555), world.add_invoice(customer=77, project=555, card=True)
    world.post_supplier_invoice("8000.00", project=PROJECT, due=today + timedelta(days=26))
    new_year = world.post_supplier_invoice("100.00", project=PROJECT)
    world.redate_voucher(new_year, date(today.year, 1, 1))

    taken = world.qondor.invoices[card]["paidDate"]

    results = [begun.sync(), begun.follow(), begun.load()]
    world.invoice_order(world.order_of(offer)["OrderId"])
    paid = world.pay(world.order_of(offer)["OrderId"])
    begun.wait(minutes=10)
    results.append(begun.sync())

    assert_settled(results[0], offer, card)
    assert not [warning for result in results for warning in result.warnings]
    assert world.qondor.invoices[offer]["paidDate"] == paid.isoformat()
    assert world.qondor.invoices[card]["paidDate"] == taken == world.order_of(card)["Paid"].date().isoformat()
    assert dates_of_costs(begun) == [
        (f"{today.year}", today.isoformat(), (today + timedelta(days=26)).isoformat()),
        (f"{today.year}", f"{today.year}-01-01", None),
    ]
    written = world.calls.writes()
    for again in (begun.sync, begun.follow, begun.load):
        assert not again().problems
    assert world.calls.writes() == written, "the second run of each writes nothing"


def dates_of_costs(installation: Installation) -> list[tuple[str, Any, Any]]:
    """Fiscal year, day and due date of each cost, the latest day first."""
    costs = sorted(
        installation.world.qondor.actuals["cost"].values(), key=lambda cost: cost["invoiceDate"], reverse=True
    )
    return [
        (cost["externalReference"].split(":")[2].partition("-")[0], cost["invoiceDate"], cost["dueDate"])
        for cost in costs
    ]


@pytest.mark.parametrize("start", STARTS)
def test_days_in_utc_that_do_not_say_so_are_warned_of_once_a_run(begin: Begin, start: str) -> None:
    begun = begin(start, "silent_utc")
    world = begun.world
    invoice = world.add_invoice(customer=77, project=555)
    result = begun.sync()
    assert_settled(result, invoice)
    (warning,) = [warning for warning in result.warnings if "looks like UTC" in warning]
    assert "InvoiceOrder.DateOrdered" in warning
