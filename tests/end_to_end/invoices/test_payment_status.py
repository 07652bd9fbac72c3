"""Payment status back: what is paid in Finago becomes paid in Qondor, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from qondor_finago_pipelines.records.identifiers import OrderId, QondorInvoiceId
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import World
from tests.end_to_end.installation import OSLO, Installation, assert_held, assert_settled, outcome


@pytest.fixture
def sent(installation: Installation, world: World, customer: int, project: int) -> Any:
    """An invoice that stands in Finago and is processed in Qondor."""

    def send(**invoice: Any) -> int:
        made = world.add_invoice(**{"customer": customer, "project": project, **invoice})
        assert_settled(installation.sync(), made)
        return made

    return send


def order_id(world: World, invoice: int) -> int:
    return int(world.order_of(invoice)["OrderId"])


def paid(world: World, invoice: int) -> tuple[str, str | None]:
    """What Qondor shows: its status and the day of payment."""
    return world.qondor.status_of(invoice), world.qondor.invoices[invoice]["paidDate"]


def test_what_is_paid_in_finago_becomes_paid_in_qondor_with_that_date(
    installation: Installation, world: World, sent: Any
) -> None:
    invoice, unpaid = sent(), sent()
    world.invoice_order(order_id(world, invoice))
    world.pay(order_id(world, invoice), on=date(2026, 11, 18))

    result = installation.sync()

    assert paid(world, invoice) == ("Paid", "2026-11-18")
    assert paid(world, unpaid) == ("Processed", None)
    assert (result.paid, result.unchanged) == (1, 1)
    assert outcome(result, invoice).did == "paid 2026-11-18"


def test_an_order_paid_once_is_never_asked_for_again(installation: Installation, world: World, sent: Any) -> None:
    invoice = sent()
    world.pay(order_id(world, invoice))
    assert installation.sync().paid == 1
    world.calls.clear()

    result = installation.sync()

    assert (result.paid, result.records) == (0, ())
    assert world.calls.count("finago", "GetInvoices") == 0


def test_a_card_payment_is_paid_in_qondor_in_the_same_run(sent: Any, world: World) -> None:
    payment = sent(card=True, paidDate="2026-11-17")
    assert paid(world, payment) == ("Paid", "2026-11-17")


def test_what_a_run_has_just_sent_is_read_back_once_and_asked_for_at_the_next_turn(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    earlier = world.add_invoice(customer=customer, project=project)
    assert_settled(installation.sync(trigger="sensor"), earlier)
    world.calls.clear()
    invoice = world.add_invoice(customer=customer, project=project)
    assert_settled(installation.sync(trigger="sensor"), invoice)
    assert world.calls.count("finago", "GetInvoices") == 1
    world.pay(order_id(world, invoice), on=date(2026, 11, 20))

    installation.wait(minutes=5)

    assert installation.sync(trigger="sensor").paid == 1
    assert paid(world, invoice) == ("Paid", "2026-11-20")


def test_recent_orders_are_asked_for_every_few_minutes(installation: Installation, world: World, sent: Any) -> None:
    installation.configure(sync={"payments_every_minutes": 15})
    invoice = sent()
    installation.sync(trigger="schedule")
    world.pay(order_id(world, invoice))
    asked = []
    for _ in range(3):
        installation.wait(minutes=5)
        asked.append(installation.sync(trigger="schedule").paid)

    assert asked == [0, 0, 1]


def test_older_orders_are_asked_for_once_a_day(installation: Installation, world: World, sent: Any) -> None:
    installation.configure(invoices={"days_backwards": 30})
    invoice = sent(invoice_date=world.today() - timedelta(days=31))
    installation.sync(trigger="schedule")
    world.pay(order_id(world, invoice))

    installation.wait(hours=12)  # still the same day in Oslo
    assert installation.sync(trigger="schedule").paid == 0
    installation.wait(hours=3)
    assert installation.sync(trigger="schedule").paid == 1


@pytest.mark.parametrize("trigger", ["cli", "ui"])
def test_a_person_who_runs_the_flow_always_gets_an_answer(
    installation: Installation, world: World, sent: Any, trigger: str
) -> None:
    invoice = sent(invoice_date=world.today() - timedelta(days=400))
    world.pay(order_id(world, invoice))

    assert installation.sync(trigger=trigger).paid == 1


def test_a_thousand_orders_are_asked_for_in_one_call(installation: Installation, world: World, sent: Any) -> None:
    sent()
    with installation.service() as sync, sync.store.write() as transaction:
        (link,) = transaction.orders.unpaid(OSLO)
        for number in range(1, 1001):
            invoice_id, order = QondorInvoiceId(link.invoice_id + number), OrderId(link.order_id + number)
            transaction.orders.link(replace(link, invoice_id=invoice_id, order_id=order))
    world.calls.clear()

    result = installation.sync()

    assert world.calls.count("finago", "GetInvoices") == 2, "1,001 orders: a thousand, and one"
    assert (result.unchanged, len(result.rejected)) == (1, 1000)


@pytest.mark.parametrize("card", [pytest.param(False, id="invoice"), pytest.param(True, id="card payment")])
def test_a_credit_note_is_never_reported_as_paid(
    installation: Installation, world: World, sent: Any, card: bool
) -> None:
    original = sent(card=card)
    note = sent(credit_of=original)
    world.pay(order_id(world, note))

    installation.sync()

    assert world.qondor.status_of(note) == "Processed"


def test_a_fully_credited_original_is_not_reported_as_paid(installation: Installation, world: World, sent: Any) -> None:
    original = sent()
    world.invoice_order(order_id(world, original))
    sent(credit_of=original)
    world.pay(order_id(world, original))

    assert installation.sync().paid == 0
    assert world.qondor.status_of(original) == "Processed"


def test_a_partly_credited_original_is(installation: Installation, world: World, sent: Any) -> None:
    original = sent()
    one = world.qondor.invoices[original]["invoiceLines"][0]
    sent(credit_of=original, lines=[{**one, "quantity": -1, "vatAmount": -100}])
    world.pay(order_id(world, original))

    installation.sync()

    assert world.qondor.status_of(original) == "Paid"


def test_a_card_payment_credited_in_the_same_queue_is_paid_all_the_same(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    payment = world.add_invoice(customer=customer, project=project, card=True)
    note = world.add_invoice(credit_of=payment)

    assert_settled(installation.sync(), payment, note)

    assert [world.qondor.status_of(each) for each in (payment, note)] == ["Paid", "Processed"]


def test_an_order_that_finago_no_longer_returns_is_reported(
    installation: Installation, world: World, sent: Any
) -> None:
    invoice = sent()
    gone = order_id(world, invoice)
    del world.books(OSLO).orders[gone]

    refused = assert_held(installation.sync(deliver=True), invoice, Reason.ORDER_GONE)

    assert str(gone) in refused.message
    assert str(gone) in world.slack.texts[0]
    assert world.qondor.status_of(invoice) == "Processed"


def test_an_order_that_is_gone_is_told_once_however_rarely_it_is_asked_for(
    installation: Installation, world: World, sent: Any
) -> None:
    installation.configure(sync={"payments_every_minutes": 15})
    del world.books(OSLO).orders[order_id(world, sent())]

    for _ in range(8):
        installation.wait(minutes=5)
        installation.sync(trigger="schedule", deliver=True)

    assert len(world.slack.texts) == 1


@pytest.mark.parametrize("operation", ["SetAsProcessed", "SetAsPaid"])
def test_a_write_back_whose_answer_is_lost_is_settled_by_the_next_run(
    installation: Installation, world: World, customer: int, project: int, operation: str
) -> None:
    payment = world.add_invoice(customer=customer, project=project, card=True)
    world.faults.add("qondor", operation, "reset-after-effect")
    assert installation.sync().problems

    assert installation.sync().all_settled

    assert world.qondor.status_of(payment) == "Paid"
    assert len(world.orders_of(payment)) == 1


def test_an_invoice_that_qondor_has_as_paid_already_stays_as_it_is(
    installation: Installation, world: World, sent: Any
) -> None:
    invoice = sent()
    world.qondor.invoices[invoice]["paidDate"] = "2026-11-15"
    world.qondor.set_status(invoice, 4)
    world.pay(order_id(world, invoice), on=date(2026, 11, 18))

    result = installation.sync()

    assert result.all_settled
    assert paid(world, invoice) == ("Paid", "2026-11-15")
    world.calls.clear()
    installation.sync()
    assert world.calls.writes() == 0


def test_a_payment_of_which_qondor_could_not_be_told_is_told_by_the_next_run(
    installation: Installation, world: World, sent: Any
) -> None:
    invoice = sent()
    world.pay(order_id(world, invoice))
    world.faults.add("qondor", "SetAsPaid", "500", times=None)
    assert installation.sync().problems
    assert world.qondor.status_of(invoice) == "Processed"

    world.faults.clear()

    assert installation.sync().paid == 1
    assert world.qondor.status_of(invoice) == "Paid"


def test_a_lost_store_learns_its_unpaid_orders_again(installation: Installation, world: World, sent: Any) -> None:
    invoice = sent()
    installation.lose_store()
    world.pay(order_id(world, invoice))

    installation.sync()
    installation.sync()

    assert world.qondor.status_of(invoice) == "Paid"
    assert len(world.orders_of(invoice)) == 1
