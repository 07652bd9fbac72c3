"""Qondor's queue: one poll for all offices, both forms of the list, and content that is bad."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from tests.end_to_end.installation import BERGEN, OSLO, Installation, assert_held, assert_settled


def invoice_of_bergen(world: World) -> int:
    customer = world.add_customer("Bryggen Reiser AS", office=BERGEN)
    return world.add_invoice(customer=customer, project=world.add_project(office=BERGEN, customer=customer))


# The poll


@pytest.mark.parametrize(
    ("in_full", "details"), [pytest.param(False, 1, id="summaries"), pytest.param(True, 0, id="in full")]
)
def test_both_forms_of_the_list_work_and_the_full_one_needs_no_second_call(
    installation: Installation, world: World, invoice: int, in_full: bool, details: int
) -> None:
    world.qondor.queue_in_full = in_full

    assert_settled(installation.sync(), invoice)

    assert world.calls.count("qondor", "GetInvoice") == details


def test_one_poll_serves_every_office_and_details_are_read_only_by_their_own(
    installation: Installation, world: World, invoice: int
) -> None:
    other = invoice_of_bergen(world)

    results = installation.sync_both()

    assert_settled(results[OSLO], invoice)
    assert_settled(results[BERGEN], other)
    assert world.calls.count("qondor", "GetAllUnprocessedInvoices") == 1
    assert world.calls.count("qondor", "GetInvoice") == 2


def test_a_run_of_one_office_leaves_the_others_alone(installation: Installation, world: World, invoice: int) -> None:
    other = invoice_of_bergen(world)

    result = installation.sync(OSLO)

    assert [record.id for record in result.records] == [str(invoice)]
    assert result.warnings == ()
    assert world.qondor.status_of(other) == "Unprocessed"
    assert world.calls.count("qondor", "GetInvoice") == 1


@pytest.mark.parametrize(
    "office",
    [
        pytest.param({"invoices": {"enabled": False}}, id="flow disabled"),
        pytest.param({"office_options": {"closed": True}}, id="office closed"),
    ],
)
def test_an_office_that_is_closed_or_has_the_flow_disabled_is_left_alone(
    installation: Installation, world: World, invoice: int, office: dict[str, Any]
) -> None:
    installation.configure(**office)

    result = installation.sync()

    assert result.skipped
    assert world.calls.calls == []
    assert world.qondor.status_of(invoice) == "Unprocessed"


def test_an_office_that_is_not_in_the_settings_is_reported_and_left_alone(
    installation: Installation, world: World, invoice: int
) -> None:
    unrelated = world.add_invoice(customer=77, project=555, office=104)

    result = installation.sync()

    assert_settled(result, invoice)
    assert [warning for warning in result.warnings if "office 104" in warning]
    assert world.qondor.status_of(unrelated) == "Unprocessed"


def test_an_empty_queue_asks_finago_nothing_but_what_is_unpaid(installation: Installation, world: World) -> None:
    installation.sync()
    world.calls.clear()

    assert installation.sync().all_settled

    assert world.calls.by_operation() == {"qondor GetAllUnprocessedInvoices": 1}


# Bad content


def test_an_invoice_that_stands_twice_in_the_list_is_held_until_it_stands_there_once(
    installation: Installation, world: World, invoice: int
) -> None:
    world.qondor.queued_twice.add(invoice)

    assert_held(installation.sync(), invoice, Reason.TWICE_IN_QUEUE)

    assert world.orders_of(invoice) == []
    world.qondor.queued_twice.clear()
    assert_settled(installation.sync(), invoice)


@pytest.mark.parametrize(
    ("in_list", "what"),
    [
        ({"totalInclVat": Decimal("12500.01")}, "total including VAT"),
        ({"currency": "EUR"}, "currency"),
        ({"isCredit": True}, "credit note"),
        ({"officeId": OSLO}, "office"),
    ],
)
def test_a_list_and_a_detail_that_disagree_are_named(
    installation: Installation, world: World, invoice: int, in_list: dict[str, Any], what: str
) -> None:
    if what == "office":
        world.qondor.invoices[invoice]["officeId"] = BERGEN
    world.qondor.queue_says[invoice] = in_list

    refused = assert_held(installation.sync(), invoice, Reason.CONTRADICTORY)

    assert what in refused.message
    assert world.orders_of(invoice) == []


@pytest.mark.parametrize(
    ("member", "value", "reason"),
    [
        ("invoiceType", 9, Reason.UNKNOWN_TYPE),
        ("paymentType", "Voucher", Reason.UNKNOWN_TYPE),
        ("invoiceLines", [], Reason.INCOMPLETE),
        ("invoiceDate", None, Reason.INCOMPLETE),
        ("invoiceDate", "yesterday", Reason.INCOMPLETE),
        ("currency", None, Reason.INCOMPLETE),
        ("totalInclVat", None, Reason.INCOMPLETE),
        ("invoiceLines.quantity", None, Reason.INCOMPLETE),
        ("invoiceLines.outPriceExclVat", None, Reason.INCOMPLETE),
        ("invoiceLines.nameOnInvoice", None, Reason.INCOMPLETE),
        ("invoiceLines.vatPercentage", None, Reason.INCOMPLETE),
        ("invoiceLines.quantity", "many", Reason.INCOMPLETE),
    ],
)
def test_what_is_missing_or_unknown_is_named_and_stops_only_its_own_invoice(
    installation: Installation, world: World, invoice: int, member: str, value: object, reason: Reason
) -> None:
    good = world.add_invoice(customer=77, project=555)
    holder, _, name = member.rpartition(".")
    detail = world.qondor.invoices[invoice]
    (detail[holder][0] if holder else detail)[name] = value

    result = installation.sync()

    assert_held(result, invoice, reason)
    assert_settled(result, good)


def test_an_unknown_status_holds_the_invoice(installation: Installation, world: World, invoice: int) -> None:
    world.faults.add("qondor", "GetInvoice", "unknown-enum-value", member="status", value=17)

    assert_held(installation.sync(), invoice, Reason.UNKNOWN_TYPE)

    assert world.orders_of(invoice) == []


def test_an_invoice_that_is_settled_by_hand_during_the_run_is_no_concern_of_it(
    installation: Installation, world: World, invoice: int
) -> None:
    world.faults.add("qondor", "GetInvoice", "unknown-enum-value", member="status", value=2)

    result = installation.sync()

    assert result.records == ()
    assert any("processed there already" in warning for warning in result.warnings)
    assert world.orders_of(invoice) == []


def test_unknown_members_and_elements_are_ignored_and_counted(
    installation: Installation, world: World, invoice: int
) -> None:
    world.qondor.invoices[invoice]["somethingNew"] = {"a": 1}
    world.faults.add("finago", "GetInvoices", "unknown-element", after=1, times=None)
    world.faults.add("finago", "SaveInvoices", "unknown-element", times=None)

    result = installation.sync()

    assert_settled(result, invoice)
    assert any("sent 2 times GetInvoices" in warning for warning in result.warnings)
    assert any("sent 1 times SaveInvoices" in warning for warning in result.warnings)


# Past days


def test_a_past_day_takes_only_what_was_created_that_day(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    today = world.today()
    yesterday = today - timedelta(days=1)
    first, second = (
        world.add_invoice(customer=customer, project=project, invoice_date=day) for day in (yesterday, today)
    )

    past = installation.sync(day=yesterday)

    assert_settled(past, first)
    assert [record.id for record in past.records] == [str(first)]
    assert world.qondor.status_of(second) == "Unprocessed"


def test_a_day_is_a_day_in_oslo(installation: Installation, world: World, customer: int, project: int) -> None:
    day = world.today() - timedelta(days=2)
    late = world.add_invoice(customer=customer, project=project, createdDate=f"{day - timedelta(days=1)}T23:30:00Z")

    assert installation.sync(day=day - timedelta(days=1)).records == ()
    assert_settled(installation.sync(day=day), late)


def test_a_past_day_asks_only_for_the_payment_of_orders_linked_that_day(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    invoice = world.add_invoice(customer=customer, project=project)
    installation.sync()
    linked_on = world.today()
    world.pay(world.order_of(invoice)["OrderId"])
    installation.wait(days=2)

    assert installation.sync(day=linked_on + timedelta(days=1)).paid == 0
    assert installation.sync(day=linked_on).paid == 1


def test_a_day_that_has_not_come_is_refused(installation: Installation, world: World, invoice: int) -> None:
    result = installation.sync(day=world.today() + timedelta(days=1))

    assert [problem.cause for problem in result.problems] == ["settings"]
    assert world.qondor.status_of(invoice) == "Unprocessed"
    assert world.calls.calls == []


# Several offices on one Finago client


def test_offices_on_one_client_share_one_lane_and_both_go_through(
    sandbox: Sandbox, installation: Installation, clock: Any
) -> None:
    world = sandbox.world = empty(shared_client=True, clock=clock)
    installation.configure()
    made = {}
    for office in (OSLO, BERGEN):
        customer = world.add_customer(f"Customer of {office}", office=office)
        project = world.add_project(office=office, customer=customer)
        made[office] = world.add_invoice(customer=customer, project=project)

    results = installation.sync_both()

    for office, invoice in made.items():
        assert_settled(results[office], invoice)
    assert len(world.books(OSLO).orders) == 2
