"""What no rule may pick is quarantined and alerted, and settled by a person (decisions 7)."""

from __future__ import annotations

import pytest

from qondor_finago_pipelines.records.errors import SyncError
from qondor_finago_pipelines.records.identifiers import OrderId, QondorInvoiceId
from qondor_finago_pipelines.records.operations.results import RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import World
from tests.end_to_end.installation import OSLO, Installation, outcome


def decide(installation: Installation, invoice: int, *, link: int | None) -> None:
    with installation.service() as sync:
        order = None if link is None else OrderId(link)
        assert sync.retry(QondorInvoiceId(invoice), run_id="a person", link=order) == OSLO


@pytest.fixture
def quarantined(installation: Installation, world: World, invoice: int) -> int:
    """The answer was lost, and before the look-up somebody gave the order to another customer."""
    unrelated = world.add_company("Somebody else AS")
    world.faults.add("finago", "SaveInvoices", "reset-after-effect")
    installation.sync()
    order = world.order_of(invoice)
    order.members["CustomerId"] = unrelated
    return int(order["OrderId"])


def test_an_order_with_another_customer_is_never_picked_by_itself(
    installation: Installation, world: World, invoice: int, quarantined: int
) -> None:
    for _ in range(2):
        installation.wait(hours=1)
        result = installation.sync(deliver=True)

        assert outcome(result, invoice).state is RecordState.UNCERTAIN
        assert [problem.cause for problem in result.problems] == [f"quarantine order {invoice}"]
        assert f"--invoice {invoice}" in result.problems[0].remedy
    assert [int(order["OrderId"]) for order in world.orders_of(invoice)] == [quarantined]
    assert len(world.slack.texts) == 1, "told once"
    assert world.qondor.status_of(invoice) == "Unprocessed"


def test_a_person_links_the_order_and_the_next_run_settles_it(
    installation: Installation, world: World, invoice: int, quarantined: int
) -> None:
    installation.sync()

    decide(installation, invoice, link=quarantined)

    assert outcome(installation.sync(), invoice).state is RecordState.SETTLED
    assert world.qondor.invoices[invoice]["externalReference"] == str(quarantined)
    assert len(world.orders_of(invoice)) == 1


def test_a_person_finds_that_it_is_not_the_order_and_the_next_run_sends_a_new_one(
    installation: Installation, world: World, invoice: int, quarantined: int
) -> None:
    installation.sync()
    world.order_of(invoice).members["ReferenceNumber"] = "something else"

    decide(installation, invoice, link=None)

    result = installation.sync()
    assert outcome(result, invoice).state is RecordState.SETTLED
    assert int(world.order_of(invoice)["OrderId"]) != quarantined


def test_on_an_empty_store_an_order_of_another_customer_with_this_number_holds_the_invoice(
    installation: Installation, world: World, invoice: int
) -> None:
    unrelated = world.add_company("Somebody else AS")
    known = world.add_order(invoice, company=unrelated, project=12345)

    result = installation.sync()

    assert outcome(result, invoice).reason is Reason.QUARANTINED
    assert str(known) in outcome(result, invoice).message
    decide(installation, invoice, link=None)
    assert outcome(installation.sync(), invoice).state is RecordState.SETTLED
    assert len(world.orders_of(invoice)) == 2


def test_an_invoice_that_is_not_in_quarantine_cannot_be_settled_by_hand(
    installation: Installation, invoice: int
) -> None:
    installation.sync()

    with installation.service() as sync, pytest.raises(SyncError, match="not in quarantine"):
        sync.retry(QondorInvoiceId(invoice), run_id="a person")


@pytest.mark.usefixtures("quarantined")
def test_linking_to_an_order_that_finago_does_not_have_is_refused(installation: Installation, invoice: int) -> None:
    installation.sync()

    with installation.service() as sync, pytest.raises(SyncError, match="no order 99999"):
        sync.retry(QondorInvoiceId(invoice), run_id="a person", link=OrderId(99999))
