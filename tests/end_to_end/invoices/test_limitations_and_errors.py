"""The article's limitations and its error handling, as far as they concern invoices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from qondor_finago_pipelines.records.operations.results import RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import World
from tests.end_to_end.installation import BERGEN, OSLO, Installation, assert_held, assert_settled, outcome

Step = Callable[[World, dict[str, Any]], object]


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong with an invoice, and how a person mends it in Qondor or Finago."""

    reason: Reason
    add_fault: Step
    mend: Step
    says: str = ""
    """What its message has to name."""


def book(world: World, **changes: Any) -> None:
    """Changes something in Oslo's Finago by hand."""
    for name, value in changes.items():
        setattr(world.books(OSLO), name, value)


def customer_of(world: World, invoice: dict[str, Any]) -> Any:
    return world.qondor.customers[invoice["customerId"]]


def becomes_booking(_: World, invoice: dict[str, Any]) -> None:
    invoice.update(invoiceType=3, customerId=None, customerName="Per Uten Epost", email=None)


def has_another_vat_rate(_: World, invoice: dict[str, Any]) -> None:
    invoice["invoiceLines"][0].update(vatPercentage=Decimal(12), vatAmount=Decimal("1200.00"))
    invoice.update(totalVat=Decimal("1200.00"), totalInclVat=Decimal("11200.00"))


def becomes_credit_note(_: World, invoice: dict[str, Any]) -> None:
    one = invoice["invoiceLines"][0]
    one.update(quantity=-one["quantity"], vatAmount=-one["vatAmount"])
    invoice.update({name: -invoice[name] for name in ("totalExclVat", "totalVat", "totalInclVat")}, isCredit=True)


def original_by_hand(world: World, invoice: dict[str, Any]) -> None:
    """The accountant finds the original's order, and Qondor learns of it."""
    world.add_finago_project(id=12345, customer=4711)
    original = world.add_invoice(id=8999, customer=77, project=555, status="Processed", reference=40011)
    world.add_order(original, id=40011, company=4711, project=12345)
    invoice.update(creditedInvoiceId=8999, creditedInvoiceExternalReference="40011")


CORRECTABLE_BY_THE_PROJECT_MANAGER = {
    "not linked to a project": Trouble(
        Reason.NO_PROJECT,
        lambda _, invoice: invoice.update(projectId=None, projectNo=None),
        lambda _, invoice: invoice.update(projectId=555, projectNo="SO12345"),
    ),
    "invalid customer reference": Trouble(
        Reason.INVALID_CUSTOMER_REFERENCE,
        lambda world, invoice: customer_of(world, invoice).update(externalReference="ABC-17"),
        lambda world, invoice: customer_of(world, invoice).update(externalReference="4711"),
        says="ABC-17",
    ),
    "no customer": Trouble(
        Reason.NO_CUSTOMER,
        lambda _, invoice: invoice.update(customerId=None),
        lambda _, invoice: invoice.update(customerId=77),
    ),
    "inactive customer unknown to Finago": Trouble(
        Reason.INACTIVE_CUSTOMER,
        lambda world, invoice: invoice.update(customerId=world.add_customer("Inactive AS", active=False)),
        lambda world, invoice: customer_of(world, invoice).update(isActive=True),
    ),
    "VAT rate does not match": Trouble(
        Reason.VAT_MISMATCH,
        has_another_vat_rate,
        lambda world, _: world.books(OSLO).products[302].update(TaxRate=Decimal(12)),
        says="article 3000 has 12 % VAT, but the active products of category 3000 in Finago have 15 % and 25 %",
    ),
    "unknown currency": Trouble(
        Reason.UNKNOWN_CURRENCY,
        lambda _, invoice: invoice.update(currency="ISK", currencyCode=352),
        lambda world, _: world.books(OSLO).currencies.update(ISK={"Symbol": "ISK", "Id": 9, "Rate": 8, "Unit": 100}),
        says="ISK",
    ),
    "currency and its code disagree": Trouble(
        Reason.UNKNOWN_CURRENCY,
        lambda _, invoice: invoice.update(currency="EUR"),
        lambda _, invoice: invoice.update(currencyCode=978),
        says="578",
    ),
    "totals do not add up": Trouble(
        Reason.TOTALS_DO_NOT_ADD_UP,
        lambda _, invoice: invoice.update(totalInclVat=Decimal("12600.00")),
        lambda _, invoice: invoice.update(totalInclVat=Decimal("12500.00")),
        says="12600.00",
    ),
    "VAT amount of a line does not add up": Trouble(
        Reason.TOTALS_DO_NOT_ADD_UP,
        lambda _, invoice: invoice["invoiceLines"][0].update(vatAmount=Decimal("2500.02")),
        lambda _, invoice: invoice["invoiceLines"][0].update(vatAmount=Decimal("2500.00")),
        says="line 1: its VAT is 2500.02",
    ),
    "credit note of an unknown original": Trouble(Reason.ORIGINAL_UNKNOWN, becomes_credit_note, original_by_hand),
    "booking without e-mail": Trouble(
        Reason.BOOKING_WITHOUT_EMAIL,
        becomes_booking,
        lambda _, invoice: invoice.update(email="per@booker.example"),
    ),
}

FOR_SOMEBODY_ELSE = {
    "no such department": Trouble(
        Reason.SET_UP,
        lambda world, _: book(world, departments={1: "Administration"}),
        lambda world, _: book(world, departments={3: "Qondor events"}),
        says="department 3",
    ),
    "no such payment method": Trouble(
        Reason.SET_UP,
        lambda world, invoice: (invoice.update(paymentType=2), book(world, payment_methods={1: "Bank"})),
        lambda world, _: book(world, payment_methods={7: "Credit card online"}),
        says="payment method 7",
    ),
    "neither misc product nor misc category": Trouble(
        Reason.SET_UP,
        lambda world, invoice: (
            invoice["invoiceLines"][0].update(articleNumber="7777"),
            world.books(OSLO).categories.pop(9),
            [world.books(OSLO).products.pop(product) for product in (900, 901, 902, 903)],
        ),
        lambda world, _: world.add_product_category("9000", id=9, rates={900: "25"}),
        says="misc category 9",
    ),
    "two product categories with one number": Trouble(
        Reason.SET_UP,
        lambda world, _: world.add_product_category("3000", id=77, rates={777: "25"}),
        lambda world, _: world.books(OSLO).categories.pop(77),
        says="77",
    ),
    "no usable exchange rate": Trouble(
        Reason.SET_UP,
        lambda world, _: world.books(OSLO).currencies["NOK"].update(Rate=Decimal(0)),
        lambda world, _: world.books(OSLO).currencies["NOK"].update(Rate=Decimal(1)),
        says="NOK",
    ),
    "closed period": Trouble(
        Reason.CLOSED_PERIOD,
        lambda world, invoice: (invoice.update(paymentType=2), world.close_period(world.today())),
        lambda world, _: book(world, closed_until=None),
    ),
    "VAT on margin": Trouble(
        Reason.VAT_ON_MARGIN,
        lambda _, invoice: invoice["invoiceLines"][0].update(vatPercentageFee=Decimal(25)),
        lambda _, invoice: invoice["invoiceLines"][0].update(vatPercentageFee=None),
        says="line 1",
    ),
    "any other refusal by Finago": Trouble(
        Reason.REFUSED_BY_FINAGO,
        lambda world, _: world.faults.add("finago", "SaveInvoices", "api-exception", text="Something is odd."),
        lambda world, _: world.faults.clear(),
        says="Something is odd.",
    ),
}


@pytest.mark.parametrize(
    ("trouble", "fails_after_hours"),
    [
        *(pytest.param(one, 24, id=name) for name, one in CORRECTABLE_BY_THE_PROJECT_MANAGER.items()),
        # Set-up and the like never fail in Qondor, however short the waiting time is.
        *(pytest.param(one, 0, id=name) for name, one in FOR_SOMEBODY_ELSE.items()),
    ],
)
def test_what_is_wrong_is_held_with_its_reason_and_settles_by_itself_once_mended(
    installation: Installation, world: World, invoice: int, trouble: Trouble, fails_after_hours: int
) -> None:
    installation.configure(invoices={"fail_in_qondor_after_hours": fails_after_hours})
    trouble.add_fault(world, world.qondor.invoices[invoice])

    refused = assert_held(installation.sync(), invoice, trouble.reason)

    assert trouble.says in refused.message
    assert world.qondor.status_of(invoice) == "Unprocessed"
    trouble.mend(world, world.qondor.invoices[invoice])
    assert_settled(installation.sync(), invoice)
    assert len(world.orders_of(invoice)) == 1


# How long a refused invoice waits


def test_a_held_invoice_fails_in_qondor_after_its_time_and_its_project_manager_reads_why(
    installation: Installation, world: World, invoice: int
) -> None:
    has_another_vat_rate(world, world.qondor.invoices[invoice])
    assert_held(installation.sync(), invoice, Reason.VAT_MISMATCH)
    installation.wait(hours=23)
    assert_held(installation.sync(), invoice, Reason.VAT_MISMATCH)
    assert world.qondor.status_of(invoice) == "Unprocessed"

    installation.wait(hours=1)
    failed = outcome(installation.sync(), invoice)

    assert (failed.state, failed.reason) == (RecordState.FAILED, Reason.VAT_MISMATCH)
    assert world.qondor.status_of(invoice) == "Failed"
    message = world.qondor.invoices[invoice]["errorMessage"]
    assert "12 %" in message
    assert len(message) <= 500
    assert not installation.sync().records, "it has left the queue"


def test_the_waiting_time_begins_anew_with_another_reason(
    installation: Installation, world: World, invoice: int
) -> None:
    faulty = world.qondor.invoices[invoice]
    has_another_vat_rate(world, faulty)
    installation.sync()
    installation.wait(hours=20)
    faulty.update(projectId=None)
    assert_held(installation.sync(), invoice, Reason.NO_PROJECT)

    installation.wait(hours=20)

    assert_held(installation.sync(), invoice, Reason.NO_PROJECT)


def test_without_a_waiting_time_everything_a_project_manager_can_correct_fails_at_once(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    installation.configure(invoices={"fail_in_qondor_after_hours": 0})
    expected: dict[int, Any] = {}
    for trouble in CORRECTABLE_BY_THE_PROJECT_MANAGER.values():
        other = world.add_customer("Nordlys AS", reference=4711 + len(expected)) if expected else customer
        if other != customer:
            world.add_company("Nordlys AS", id=4711 + len(expected))
        issued = world.add_invoice(customer=other, project=project)
        trouble.add_fault(world, world.qondor.invoices[issued])
        expected[issued] = trouble.reason

    result = installation.sync()

    assert {int(each.id): (each.state, each.reason) for each in result.records} == {
        issued: (RecordState.FAILED, reason) for issued, reason in expected.items()
    }
    assert {world.qondor.status_of(issued) for issued in expected} == {"Failed"}


def test_a_card_payment_and_its_credit_note_never_fail_since_the_money_is_taken(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    payment, sound = (world.add_invoice(customer=customer, project=project, card=True) for _ in range(2))
    has_another_vat_rate(world, world.qondor.invoices[payment])
    assert_held(installation.sync(), payment, Reason.VAT_MISMATCH)
    # Qondor may call the way back an ordinary payment: what it credits was taken by card all the same.
    note = world.add_invoice(credit_of=sound, paymentType=1)
    world.qondor.invoices[note].update(currency="ISK", currencyCode=352)
    installation.configure(invoices={"fail_in_qondor_after_hours": 0})
    installation.wait(days=10)

    result = installation.sync()

    assert_held(result, payment, Reason.VAT_MISMATCH)
    assert_held(result, note, Reason.UNKNOWN_CURRENCY)
    assert world.calls.count("qondor", "SetAsFailed") == 0


# Failed syncs for individual items do not stop the entire batch


def test_one_bad_invoice_stops_nothing(installation: Installation, world: World, customer: int, project: int) -> None:
    good, refused, wrong, rest = (world.add_invoice(customer=customer, project=project) for _ in range(4))
    world.qondor.invoices[wrong].update(projectId=None)
    world.faults.add("finago", "SaveInvoices", "api-exception", reference=str(refused), text="Something is odd.")

    result = installation.sync()

    assert_settled(result, good, rest)
    assert_held(result, refused, Reason.REFUSED_BY_FINAGO)
    assert_held(result, wrong, Reason.NO_PROJECT)
    assert not result.all_settled


@pytest.mark.parametrize("new", [pytest.param(True, id="created"), pytest.param(False, id="updated")])
def test_a_company_that_finago_refuses_holds_only_the_invoices_that_wait_for_it(
    installation: Installation, world: World, customer: int, project: int, new: bool
) -> None:
    installation.sync()
    other = world.add_customer("Bølge & Blad AS", reference=None if new else world.add_company("Bølge", id=4712))
    waiting = [world.add_invoice(customer=other, project=project) for _ in range(2)]
    world.add_company("Nordlys AS", id=4711, organisation_number="912345688", external_id=customer)
    good = world.add_invoice(customer=customer, project=project)
    world.faults.add("finago", "SaveCompanies", "api-exception", text="Something is odd.")

    result = installation.sync()

    assert_settled(result, good)
    for invoice in waiting:
        assert "Something is odd." in assert_held(result, invoice, Reason.REFUSED_BY_FINAGO).message
    assert_settled(installation.sync(), *waiting)


def test_a_detail_that_cannot_be_read_leaves_that_invoice_untouched(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    unreadable, good = (world.add_invoice(customer=customer, project=project) for _ in range(2))
    world.faults.add("qondor", "GetInvoice", "html")

    result = installation.sync()

    assert outcome(result, unreadable).state is RecordState.NOT_REACHED
    assert_settled(result, good)
    assert [problem.cause for problem in result.problems] == ["contract"]
    assert_settled(installation.sync(), unreadable)


def test_items_of_an_answer_are_matched_by_reference_never_by_position(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    invoices = [world.add_invoice(customer=customer, project=project) for _ in range(3)]
    world.faults.add("finago", "SaveInvoices", "items-reordered")

    assert_settled(installation.sync(), *invoices)

    for invoice in invoices:
        assert world.qondor.invoices[invoice]["externalReference"] == str(world.order_of(invoice)["OrderId"])


def test_an_item_that_is_missing_in_an_answer_is_uncertain_and_alone(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    lost, other = (world.add_invoice(customer=customer, project=project) for _ in range(2))
    world.faults.add("finago", "SaveInvoices", "item-missing", item=0)

    result = installation.sync()

    assert outcome(result, lost).state is RecordState.UNCERTAIN
    assert_settled(result, other)
    assert_settled(installation.sync(), lost)
    assert len(world.orders_of(lost)) == 1


# Network errors


@pytest.mark.parametrize(
    ("system", "operation", "fault"),
    [
        ("qondor", "GetAllUnprocessedInvoices", "500"),
        ("qondor", "GetAllUnprocessedInvoices", "reset-before-effect"),
        ("qondor", "GetAllUnprocessedInvoices", "html"),
        ("qondor", "GetAllUnprocessedInvoices", "wrong-shape"),
        ("qondor", "*", "503"),
        ("finago", "GetCategories", "not-parsable"),
        ("finago", "GetCategories", "cut-reply"),
        ("finago", "*", "429"),
        ("finago", "*", "quarantine"),
    ],
)
def test_a_network_error_is_told_in_slack_and_the_invoice_is_left_as_it_is(
    installation: Installation, world: World, invoice: int, system: str, operation: str, fault: str
) -> None:
    world.faults.add(system, operation, fault, times=None)

    result = installation.sync(deliver=True)

    assert result.problems
    assert world.orders_of(invoice) == []
    assert world.qondor.status_of(invoice) == "Unprocessed"
    (message,) = world.slack.texts
    assert message.startswith(f"Office {OSLO}, invoices:")
    assert result.problems[0].message in message
    world.faults.clear()
    installation.wait(hours=1)
    assert_settled(installation.sync(), invoice)


# Slack notifications


def test_one_message_an_office_names_office_invoice_and_what_to_do_and_is_sent_once(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    world.add_customer("Bryggen Reiser AS", id=90, office=BERGEN, reference="ABC-17")
    abroad = world.add_project(office=BERGEN, customer=90)
    first, second = (world.add_invoice(customer=customer, project=project, currency="ISK") for _ in range(2))
    third = world.add_invoice(customer=90, project=abroad)
    results = installation.sync_both()
    with installation.service() as sync:
        assert sync.deliver_alerts() == 2

    oslo, bergen = world.slack.texts
    assert f"Office {OSLO}" in oslo
    assert f"Office {BERGEN}" in bergen
    for invoice, office, message in ((first, OSLO, oslo), (second, OSLO, oslo), (third, BERGEN, bergen)):
        told = outcome(results[office], invoice)
        assert f"customer offer invoice {invoice}" in message
        assert told.message in message
        assert told.remedy in message

    installation.sync(deliver=True)
    assert len(world.slack.texts) == 2, "told once"

    fourth = world.add_invoice(customer=customer, project=project, currency="PLN")
    installation.sync(deliver=True)
    assert str(fourth) in world.slack.texts[2]
    assert str(first) not in world.slack.texts[2], "only what is new"


def test_what_was_mended_and_comes_back_is_told_again(installation: Installation, world: World, invoice: int) -> None:
    faulty = world.qondor.invoices[invoice]
    has_another_vat_rate(world, faulty)
    faulty.update(projectId=None)
    installation.sync(deliver=True)
    faulty.update(projectId=555)
    assert_held(installation.sync(deliver=True), invoice, Reason.VAT_MISMATCH)
    faulty.update(projectId=None)

    installation.sync(deliver=True)

    assert ["not linked to a project" in text for text in world.slack.texts] == [True, False, True]


def test_no_personal_data_is_told(installation: Installation, world: World, project: int) -> None:
    booking: dict[str, Any] = {
        "kind": "booking",
        "project": project,
        "booker": "Kari Nordmann",
        "address": "Fjordveien 7",
    }
    world.add_invoice(**booking, currency="ISK")
    for _ in range(2):
        world.add_company("Ola Hansen", type="Consumer", email="ola@booker.example")
    world.add_invoice(**{**booking, "booker": "Ola Hansen"}, email="ola@booker.example")
    world.add_invoice(**booking, id=9090)
    world.faults.add("finago", "SaveInvoices", "api-exception", text="kari.nordmann@booker.example is odd")

    result = installation.sync(deliver=True)

    assert [each.state for each in result.records] == [RecordState.HELD] * 3
    told = [*world.slack.texts, str(result.as_json())]
    for name in ("Kari", "Nordmann", "Ola", "booker.example", "Fjordveien"):
        assert not any(name in text for text in told)


def test_slack_being_down_fails_no_sync_and_the_alert_is_sent_later(
    installation: Installation, world: World, invoice: int
) -> None:
    has_another_vat_rate(world, world.qondor.invoices[invoice])
    world.faults.add("slack", "chat.postMessage", "500")

    assert_held(installation.sync(deliver=True), invoice, Reason.VAT_MISMATCH)
    assert world.slack.texts == []

    installation.sync(deliver=True)
    assert len(world.slack.texts) == 1


def test_an_invoice_that_qondor_never_acknowledges_does_not_stop_the_others(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    stuck, other = (world.add_invoice(customer=customer, project=project) for _ in range(2))
    world.faults.add("qondor", "SetAsProcessed", "500", times=1)

    first = installation.sync()

    assert outcome(first, stuck).state is RecordState.NOT_REACHED
    assert str(world.order_of(stuck)["OrderId"]) in outcome(first, stuck).message
    assert_settled(first, other)
    assert [problem.cause for problem in first.problems] == ["unreachable"]
    assert_settled(installation.sync(), stuck)
    assert len(world.orders_of(stuck)) == 1


def test_three_acknowledgements_lost_in_a_row_mean_that_qondor_is_down(
    installation: Installation, world: World, customer: int, project: int
) -> None:
    invoices = [world.add_invoice(customer=customer, project=project) for _ in range(5)]
    world.faults.add("qondor", "SetAsProcessed", "500", times=None)

    installation.sync()

    told = world.calls.count("qondor", "SetAsProcessed")
    world.faults.clear()
    assert told == 3
    assert_settled(installation.sync(), *invoices)
    assert [len(world.orders_of(invoice)) for invoice in invoices] == [1] * 5
