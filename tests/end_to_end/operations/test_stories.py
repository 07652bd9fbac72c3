"""The whole story of a record, after what really happened to it: each kind, each way in which it may end."""

from __future__ import annotations

from typing import Any

import pytest

from qondor_finago_pipelines.flows.operations.due_work import DueWork
from qondor_finago_pipelines.flows.operations.inbox import refused_records
from qondor_finago_pipelines.flows.operations.stories import story_of
from qondor_finago_pipelines.records.money import plain
from qondor_finago_pipelines.records.operations.inbox import RefusedRecord
from qondor_finago_pipelines.records.operations.results import RecordState
from qondor_finago_pipelines.records.operations.stories import Story, Told
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import World
from tests.end_to_end.costs_and_sales.actuals import PROJECT
from tests.end_to_end.installation import BERGEN, OSLO, Installation, assert_held, assert_settled


def story(installation: Installation, told: Told, name: object) -> Story:
    with installation.service() as sync:
        return story_of(sync.store, told, str(name), [OSLO, BERGEN])


def told_in(found: Story) -> list[str]:
    assert [line.at for line in found.lines] == sorted(line.at for line in found.lines)
    return [line.what for line in found.lines]


def inbox(installation: Installation, **how: Any) -> tuple[RefusedRecord, ...]:
    with installation.service() as sync:
        return refused_records(
            sync.store, DueWork(sync.settings, installation.environ, sync.store), [OSLO, BERGEN], **how
        )


def test_an_invoice_that_was_held_mended_sent_and_paid(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    world.add_invoice(id=9001, customer=customer, project=None)
    assert_held(installation.sync(deliver=True), 9001, Reason.NO_PROJECT)
    waiting = story(installation, Told.INVOICE, 9001)
    assert told_in(waiting) == ["held", "people were told"]
    assert (waiting.standing.now, waiting.lines[1].detail["to"]) == ("held", "Slack")
    assert "project" in waiting.standing.remedy

    installation.wait(hours=1)
    world.qondor.invoices[9001]["projectId"] = project
    assert_settled(installation.sync(deliver=True), 9001)
    order = int(world.order_of(9001)["OrderId"])
    sent = story(installation, Told.INVOICE, 9001)
    compared = {"compared: Finago's total agrees", "asked Finago for its payment, last"}
    assert compared <= set(told_in(sent)), "of which the store keeps only when"
    assert [what for what in told_in(sent)[2:] if what not in compared] == [
        "decided: its order is sent to Finago",
        "Finago answered: its order stands there",
        "Qondor was told the order id: it has left the queue",
        "settled",
        "people were told that it ended",
    ]
    assert {line.detail["order"] for line in sent.lines if "order" in line.detail} == {order}
    assert {line.trigger for line in sent.lines if line.run} == {"cli"}
    assert sent.standing.now == "settled"
    assert f"Order {order} is not paid" in sent.standing.reason

    installation.wait(hours=1)
    world.pay(order)
    installation.sync()
    paid = story(installation, Told.INVOICE, 9001)
    assert "paid in Finago, and marked paid in Qondor" in told_in(paid)
    assert (paid.standing.now, paid.standing.reason, paid.standing.remedy) == ("settled", "", "")


def test_an_order_whose_answer_was_lost(installation: Installation, world: World, invoice: int) -> None:
    world.faults.add("finago", "SaveInvoices", "reset-after-effect")
    installation.sync()
    lost = story(installation, Told.INVOICE, invoice)
    assert "no clear answer from Finago: nobody knows whether its order arrived" in told_in(lost)
    assert lost.standing.now == "uncertain"
    assert "looked up" in lost.standing.remedy

    installation.wait(hours=1)
    assert_settled(installation.sync(), invoice)
    found = story(installation, Told.INVOICE, invoice)
    (landed,) = (line for line in found.lines if line.what == "Finago answered: its order stands there")
    assert landed.detail["found"] == "by look-up"
    assert found.standing.now == "settled"


def test_an_invoice_in_quarantine_waits_for_a_person(installation: Installation, world: World, invoice: int) -> None:
    unrelated = world.add_company("Somebody else AS")
    world.faults.add("finago", "SaveInvoices", "reset-after-effect")
    installation.sync()
    world.order_of(invoice).members["CustomerId"] = unrelated
    installation.wait(hours=1)
    installation.sync()
    found = story(installation, Told.INVOICE, invoice)
    assert found.standing.now == "quarantined"
    assert "looked up in Finago: a person must decide about its order" in told_in(found)


def test_a_customer_and_a_project_of_an_invoice(installation: Installation, world: World, project: int) -> None:
    customer = world.add_customer("Solvik AS", id=78, organisation_number="912345696")
    invoice = world.add_invoice(id=9001, customer=customer, project=project)
    assert_settled(installation.sync(), invoice)
    installation.wait(hours=1)
    installation.follow()
    of_customer, of_project = story(installation, Told.CUSTOMER, customer), story(installation, Told.PROJECT, project)
    assert "Finago answered: its company stands there" in told_in(of_customer)
    assert "the Company ID was stored in Qondor" in told_in(of_customer)
    assert "Finago answered: the project stands there" in told_in(of_project)
    assert {of_customer.standing.now, of_project.standing.now} == {"settled"}


def test_a_voucher_that_is_loaded_changed_and_unmatched(installation: Installation, world: World, project: int) -> None:
    cost = world.post_supplier_invoice("100.00", project=PROJECT)
    lost = world.post_supplier_invoice("800.00", project=99999)
    longer = world.post_supplier_invoice("800.00", project=99999)
    installation.load()
    loaded = story(installation, Told.VOUCHER, cost.key)
    assert told_in(loaded)[:2] == [
        "decided: an actual cost is sent to Qondor",
        "Qondor answered: an actual cost stands there",
    ]
    unmatched = story(installation, Told.VOUCHER, lost.key)
    assert unmatched.standing.now == "held"
    assert unmatched.lines[0].detail["amount"] == "800.00"
    assert story(installation, Told.VOUCHER, longer.key).lines[0].detail["why"] != unmatched.lines[0].detail["why"]


def test_what_no_run_has_met_is_unknown_and_what_was_withdrawn_no_longer_open(
    installation: Installation, world: World, customer: int
) -> None:
    assert not story(installation, Told.INVOICE, 9001).is_known
    world.add_invoice(id=9001, customer=customer, project=None)
    installation.sync()
    del world.qondor.invoices[9001]
    installation.wait(hours=1)
    installation.sync()
    gone = story(installation, Told.INVOICE, 9001)
    assert told_in(gone)[-1].startswith("no longer open")
    assert gone.standing.now == "no longer open"


def test_the_inbox_says_how_much_waits_since_when_and_when_it_is_tried_next(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    world.add_invoice(id=9001, customer=customer, project=None)
    result = installation.sync()
    (total,) = (record.total for record in result.records)
    began = installation.clock()
    world.post_supplier_invoice("800.00", project=99999)
    world.post_supplier_invoice("100.00", project=PROJECT)
    installation.load()
    invoice, voucher = inbox(installation)
    assert total is not None
    assert (invoice.named, plain(invoice.amount or total), invoice.currency) == ("invoice 9001", plain(total), "NOK")
    assert (plain(voucher.amount or total), voucher.currency, voucher.reason) == ("800.00", "NOK", Reason.UNMATCHED)
    assert invoice.first_seen == began <= voucher.first_seen
    assert invoice.next_try is not None
    assert began < invoice.next_try
    assert voucher.next_try is not None
    installation.wait(hours=3)
    installation.sync()
    (later,) = (each for each in inbox(installation) if each.named == "invoice 9001")
    assert (later.first_seen, later.last_tried) == (began, installation.clock())


def test_what_failed_is_in_the_inbox_only_where_asked_for(
    installation: Installation, world: World, customer: int
) -> None:
    installation.configure(invoices={"fail_in_qondor_after_hours": 1})
    world.add_invoice(id=9001, customer=customer, project=None)
    installation.sync()
    installation.wait(hours=2)
    installation.sync()
    assert inbox(installation) == ()
    (failed,) = inbox(installation, failed=True)
    assert (failed.state, failed.next_try) == (RecordState.FAILED, None)
    assert told_in(story(installation, Told.INVOICE, 9001))[-1] == "failed in Qondor"


@pytest.mark.parametrize("told", list(Told))
def test_a_story_asks_neither_system(installation: Installation, world: World, invoice: int, told: Told) -> None:
    installation.sync()
    calls = world.calls.count()
    story(installation, told, "2026-3-7" if told is Told.VOUCHER else invoice)
    assert world.calls.count() == calls
