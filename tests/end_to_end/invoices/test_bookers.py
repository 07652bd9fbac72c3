"""Bookers by their e-mail address: what is one address, and whose name and address an order carries."""

from __future__ import annotations

from typing import Any

import pytest

from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import World
from tests.end_to_end.installation import OSLO, Installation, assert_held, assert_settled

KARI = "kari.nordmann@booker.example"


@pytest.fixture
def book(world: World, project: int) -> Any:
    """A booking invoice of a booker."""
    return lambda **booking: world.add_invoice(kind="booking", project=project, **booking)


def consumers(world: World) -> list[Any]:
    return [company for company in world.books(OSLO).companies.values() if company["Type"] == "Consumer"]


def test_invisible_characters_make_no_second_consumer(installation: Installation, world: World, book: Any) -> None:
    invoices = [
        book(email=email) for email in (KARI, f"{KARI}\u200b", f"\ufeff{KARI}\t", "kari.\u00adnordmann@booker.example")
    ]

    assert_settled(installation.sync(), *invoices)

    (consumer,) = consumers(world)
    assert {each["Value"] for each in consumer["EmailAddresses"].values()} == {KARI}


@pytest.mark.parametrize("email", [f"{KARI};", f"{KARI}.", f"<{KARI}>", f"{KARI}, ola@booker.example", "kari"])
def test_what_is_no_address_is_refused_and_nobody_made_of_it(
    installation: Installation, world: World, book: Any, email: str
) -> None:
    invoice = book(email=email)

    assert_held(installation.sync(), invoice, Reason.BOOKING_WITHOUT_EMAIL)

    assert consumers(world) == []
    assert world.orders_of(invoice) == []


@pytest.mark.parametrize("held", [f"ola@booker.example; {KARI}", f"{KARI.upper()},ola@booker.example"])
def test_a_field_that_holds_several_addresses_has_each_of_them(
    installation: Installation, world: World, book: Any, held: str
) -> None:
    known = world.add_company("Kari Nordmann", type="Consumer", email=held)
    invoices = [book(email=KARI), book(email="ola@booker.example")]

    assert_settled(installation.sync(), *invoices)

    assert {world.order_of(invoice)["CustomerId"] for invoice in invoices} == {known}
    assert len(consumers(world)) == 1
    assert {each["Value"] for each in consumers(world)[0]["EmailAddresses"].values()} == {held}


def test_letters_are_compared_one_by_one(installation: Installation, world: World, book: Any) -> None:
    invoices = [book(email="straße@booker.example"), book(email="strasse@booker.example")]

    assert_settled(installation.sync(), *invoices)

    assert len(consumers(world)) == 2


def test_one_booker_twice_with_two_addresses_has_each_on_its_own_order(
    installation: Installation, world: World, book: Any
) -> None:
    invoices = [book(address="Fjordveien 7"), book(address="Havnegata 3")]

    assert_settled(installation.sync(), *invoices)

    assert len(consumers(world)) == 1
    assert consumers(world)[0]["Addresses"]["Invoice"]["Street"] == "Fjordveien 7"
    assert world.order_of(invoices[1])["Addresses"]["Invoice"]["Street"] == "Havnegata 3"


def test_a_consumer_is_made_of_the_invoice_that_goes_not_of_one_that_is_refused(
    installation: Installation, world: World, book: Any
) -> None:
    refused, going = book(booker="Ola Hansen", currency="XXX", currencyCode=None), book(booker="Kari Nordmann")

    result = installation.sync()

    assert_settled(result, going)
    assert [consumer["Name"] for consumer in consumers(world)] == ["Kari Nordmann"]
    assert world.orders_of(refused) == []
    assert world.order_of(going)["CustomerName"] == "Kari Nordmann"


def test_a_linked_company_that_is_no_persons_any_more_is_not_the_booker(
    installation: Installation, world: World, book: Any
) -> None:
    first = book()
    assert_settled(installation.sync(), first)
    company = world.order_of(first)["CustomerId"]
    world.books(OSLO).companies[company].members.update(Type="Business", Name="Nordmann AS")

    second = book()
    assert_settled(installation.sync(), second)

    assert world.order_of(second)["CustomerId"] != company
    assert world.books(OSLO).companies[company]["Name"] == "Nordmann AS"


@pytest.mark.parametrize("another", [True, False], ids=["and somebody else has the address", "and nobody has it"])
def test_a_linked_consumer_that_is_another_persons_by_now_is_not_the_booker(
    installation: Installation, world: World, book: Any, another: bool
) -> None:
    """The store's link is no more than a memory: neither address nor name are the booker's any more."""
    first = book()
    assert_settled(installation.sync(), first)
    company = world.order_of(first)["CustomerId"]
    _rewrite(world, company, "Ola Hansen", "ola@booker.example")
    theirs = world.add_company("Kari Nordmann", type="Consumer", email=KARI) if another else None

    second = book()
    result = installation.sync()

    assert_settled(result, second)
    assert any("has not their address any more" in warning for warning in result.warnings)
    assert world.order_of(second)["CustomerId"] != company
    assert theirs in (None, world.order_of(second)["CustomerId"])
    assert world.books(OSLO).companies[company]["Name"] == "Ola Hansen"
    third = book()
    world.calls.clear()
    assert_settled(installation.sync(), third)
    assert world.order_of(third)["CustomerId"] == world.order_of(second)["CustomerId"]
    assert len(consumers(world)) == 2


def test_a_linked_consumer_whose_address_alone_was_changed_stays_the_booker(
    installation: Installation, world: World, book: Any
) -> None:
    first = book()
    assert_settled(installation.sync(), first)
    company = world.order_of(first)["CustomerId"]
    _rewrite(world, company, "Kari Nordmann", "kari@work.example")

    second = book()
    assert_settled(installation.sync(), second)

    assert world.order_of(second)["CustomerId"] == company
    assert len(consumers(world)) == 1


def _rewrite(world: World, company: int, name: str, email: str) -> None:
    world.books(OSLO).companies[company].members.update(
        Name=name, EmailAddresses={kind: {"Value": email} for kind in ("Home", "Invoice", "Primary", "Work")}
    )


def test_a_business_customer_is_never_a_person_of_another_name(
    installation: Installation, world: World, book: Any
) -> None:
    """An External Reference that is a consumer's number would rename a booker, and bill both to one company."""
    person = world.add_company("Kari Nordmann", type="Consumer", email=KARI)
    customer = world.add_customer("Fagerheim AS", id=90, reference=person)
    theirs = world.add_invoice(customer=customer, project=world.add_project(customer=customer))
    booked = book()

    result = installation.sync()

    refused = assert_held(result, theirs, Reason.COMPANY_TAKEN)
    assert "Kari" not in refused.message
    assert_settled(result, booked)
    assert consumers(world)[0]["Name"] == "Kari Nordmann"
    # Both remedies help: the person's name, or the right company.
    company = world.add_company("Fagerheim AS")
    world.qondor.customers[customer]["externalReference"] = str(company)
    assert_settled(installation.sync(), theirs)
    private = world.add_customer("kari  nordmann", id=91, reference=person)
    own = world.add_invoice(customer=private, project=world.add_project(customer=private))
    assert_settled(installation.sync(), own)
    assert world.order_of(own)["CustomerId"] == person
