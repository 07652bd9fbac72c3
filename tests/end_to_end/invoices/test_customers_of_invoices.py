"""Whose invoice it is: business customers by External Reference, link, ExternalId and number; bookers by e-mail."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from tests.end_to_end.installation import BERGEN, OSLO, Installation, assert_held, assert_settled

NUMBER = "912345688"


def companies(world: World, office: int = OSLO) -> Any:
    return world.books(office).companies


def bill(world: World, customer: int, *, office: int = OSLO, number: str | None = None, **invoice: Any) -> int:
    """An invoice of this customer, in a project of its own."""
    project = world.add_project(office=office, customer=customer, number=number)
    return world.add_invoice(customer=customer, project=project, office=office, **invoice)


# Known by External Reference


def test_the_company_of_the_external_reference_is_updated(installation: Installation, world: World) -> None:
    world.add_company("Nordlys", id=4711)
    customer = world.add_customer("Nordlys AS", reference=4711, organisation_number="NO 912 345 688 MVA")
    invoice = bill(world, customer)

    assert_settled(installation.sync(), invoice)

    company = companies(world)[4711]
    assert world.order_of(invoice)["CustomerId"] == 4711
    assert (company["Name"], company["OrganizationNumber"], company["ExternalId"], company["Type"]) == (
        "Nordlys AS",
        "NO 912 345 688 MVA",
        str(customer),
        "Business",
    )
    assert list(companies(world)) == [4711]
    assert world.calls.count("qondor", "PutCustomer") == 0, "a filled Reference is never overwritten"


def test_a_company_that_stands_as_it_should_is_not_written(installation: Installation, world: World) -> None:
    world.add_company("Nordlys AS", id=4711, organisation_number=NUMBER, external_id=77)
    customer = world.add_customer("Nordlys AS", id=77, reference=4711, organisation_number="912 345 688")
    bill(world, customer)

    installation.sync()

    assert world.calls.count("finago", "SaveCompanies") == 0


def test_a_reference_that_a_person_changes_replaces_the_link(installation: Installation, world: World) -> None:
    for company in (4711, 4712):
        world.add_company("Nordlys AS", id=company, organisation_number=NUMBER)
    customer = world.add_customer("Nordlys AS", reference=4711, organisation_number=NUMBER)
    first = bill(world, customer)
    assert_settled(installation.sync(), first)

    world.qondor.customers[customer]["externalReference"] = "4712"
    second = bill(world, customer)
    assert_settled(installation.sync(), second)

    assert [world.order_of(invoice)["CustomerId"] for invoice in (first, second)] == [4711, 4712]


def test_the_customer_record_wins_over_the_reference_on_the_invoice(installation: Installation, world: World) -> None:
    world.add_company("Nordlys AS", id=4711)
    customer = world.add_customer("Nordlys AS", reference=4711)
    invoice = bill(world, customer, customerExternalReference="4799")

    result = installation.sync()

    assert_settled(result, invoice)
    assert world.order_of(invoice)["CustomerId"] == 4711
    assert any("4799" in warning for warning in result.warnings)


# Found, and linked


@pytest.mark.parametrize(
    ("company", "customer"),
    [
        pytest.param({"external_id": 77}, {}, id="ExternalId"),
        pytest.param({"organisation_number": NUMBER}, {"organisation_number": NUMBER}, id="organisation number"),
        pytest.param({"organisation_number": "NO912345688MVA"}, {"organisation_number": "912 345 688"}, id="spaces"),
        pytest.param({"organisation_number": NUMBER}, {"organisation_number": "NO 912345688 MVA"}, id="NO and MVA"),
    ],
)
def test_a_customer_without_reference_is_found_and_its_company_id_stored_in_qondor(
    installation: Installation, world: World, company: dict[str, Any], customer: dict[str, Any]
) -> None:
    world.add_company("Nordlys AS", id=4711, **company)
    world.add_customer("Nordlys AS", id=77, **customer)
    invoice = bill(world, 77)

    assert_settled(installation.sync(), invoice)

    assert world.order_of(invoice)["CustomerId"] == 4711
    assert world.qondor.customers[77]["externalReference"] == "4711"
    assert list(companies(world)) == [4711]


def test_the_external_id_comes_before_the_organisation_number(installation: Installation, world: World) -> None:
    world.add_company("Nordlys Holding AS", id=4710, organisation_number=NUMBER)
    world.add_company("Nordlys AS", id=4711, external_id=77)
    customer = world.add_customer("Nordlys AS", id=77, organisation_number=NUMBER)

    invoice = bill(world, customer)
    assert_settled(installation.sync(), invoice)

    assert world.order_of(invoice)["CustomerId"] == 4711


def test_the_stores_link_serves_while_qondor_has_no_reference(installation: Installation, world: World) -> None:
    customer = world.add_customer("Nordlys AS", organisation_number=NUMBER)
    world.faults.add("qondor", "PutCustomer", "500", times=None)
    first = bill(world, customer)
    assert_settled(installation.sync(), first)
    company = world.order_of(first)["CustomerId"]
    # Nothing in Finago tells any more whose company it is.
    companies(world)[company].members.update(ExternalId="", OrganizationNumber="")
    world.faults.clear()

    second = bill(world, customer)
    assert_settled(installation.sync(), second)

    assert world.order_of(second)["CustomerId"] == company
    assert world.qondor.customers[customer]["externalReference"] == str(company)


# Created


def test_an_unknown_customer_is_created_and_its_company_id_stored_in_qondor(
    installation: Installation, world: World
) -> None:
    customer = world.add_customer("Bølge & Blad AS", organisation_number="NO 934 567 897 MVA")
    invoices = [bill(world, customer), bill(world, customer)]

    assert_settled(installation.sync(), *invoices)

    (company,) = companies(world).values()
    assert (company["Type"], company["Name"], company["OrganizationNumber"], company["ExternalId"]) == (
        "Business",
        "Bølge & Blad AS",
        "NO 934 567 897 MVA",
        str(customer),
    )
    assert {world.order_of(invoice)["CustomerId"] for invoice in invoices} == {company["Id"]}
    assert world.qondor.customers[customer]["externalReference"] == str(company["Id"])


def test_no_member_of_the_customer_record_is_lost_when_the_company_id_is_stored(
    installation: Installation, world: World
) -> None:
    answer = {"heading": "Segment", "answer": "Energy", "externalReference": "segment", "dataType": 0}
    customer = world.add_customer("Bølge & Blad AS", custom_answers=[answer], vatNumber="NO934567897MVA")
    before = copy.deepcopy(world.qondor.customers[customer])

    invoice = bill(world, customer)
    result = installation.sync()

    assert_settled(result, invoice)
    assert not result.problems
    after = world.qondor.customers[customer]
    assert after.pop("externalReference") == str(world.order_of(invoice)["CustomerId"])
    before.pop("externalReference")
    assert after == before


def test_a_customer_whose_custom_answer_cannot_be_echoed_is_not_written(
    installation: Installation, world: World
) -> None:
    nameless = {"heading": "Segment", "answer": "Energy", "externalReference": None, "dataType": 0}
    customer = world.add_customer("Bølge & Blad AS", custom_answers=[nameless])
    first = bill(world, customer)

    result = installation.sync()

    assert_settled(result, first)
    assert world.calls.count("qondor", "PutCustomer") == 0
    assert any(f"Customer {customer}" in warning for warning in result.warnings)
    second = bill(world, customer)
    assert_settled(installation.sync(), second)
    assert len(companies(world)) == 1, "the store holds its link"


def test_a_write_back_that_fails_is_a_warning_and_is_repeated(installation: Installation, world: World) -> None:
    customer = world.add_customer("Bølge & Blad AS")
    first = bill(world, customer)
    world.faults.add("qondor", "PutCustomer", "500", times=None)

    result = installation.sync()

    assert_settled(result, first)
    assert any(f"Customer {customer}" in warning for warning in result.warnings)
    world.faults.clear()
    installation.sync()
    bill(world, customer)
    installation.sync()
    assert world.qondor.customers[customer]["externalReference"] == str(world.order_of(first)["CustomerId"])
    assert len(companies(world)) == 1


def test_a_record_that_somebody_edits_meanwhile_is_not_written_over(installation: Installation, world: World) -> None:
    customer = world.add_customer("Bølge & Blad AS")
    invoice = bill(world, customer)
    world.faults.add("qondor", "GetCustomer", "unknown-enum-value", member="name", value="Another name, just now")

    result = installation.sync()

    assert_settled(result, invoice)
    assert world.calls.count("qondor", "PutCustomer") == 0
    assert any(f"Customer {customer} changed" in warning for warning in result.warnings)


def test_a_member_that_differs_after_the_write_is_told_by_its_name(installation: Installation, world: World) -> None:
    invoice = bill(world, world.add_customer("Bølge & Blad AS"))
    world.faults.add("qondor", "GetCustomer", "unknown-enum-value", after=1, member="remarks", value="Secret remark")

    result = installation.sync(deliver=True)

    assert_settled(result, invoice)
    assert [problem.cause for problem in result.problems] == ["customer record"]
    assert "remarks" in world.slack.texts[0]
    assert "Secret remark" not in world.slack.texts[0]


# Refused


@pytest.mark.parametrize("reference", ["ABC-17", "-4711", "47.11", "4799"])
def test_a_reference_that_finago_does_not_know_is_invalid(
    installation: Installation, world: World, reference: str
) -> None:
    invoice = bill(world, world.add_customer("Nordlys AS", reference=reference))

    refused = assert_held(installation.sync(), invoice, Reason.INVALID_CUSTOMER_REFERENCE)

    assert reference in refused.message
    assert world.orders_of(invoice) == []
    assert not companies(world)


@pytest.mark.parametrize(
    ("company", "customer", "reason"),
    [
        pytest.param({"external_id": 99}, {"reference": 4711}, Reason.COMPANY_TAKEN, id="marked as another customer's"),
        pytest.param(
            {"organisation_number": "923456783"},
            {"reference": 4711, "organisation_number": NUMBER},
            Reason.COMPANY_TAKEN,
            id="another organisation number on the first link",
        ),
        pytest.param(
            {"type": "Supplier", "organisation_number": NUMBER},
            {"organisation_number": NUMBER},
            Reason.ONLY_A_SUPPLIER,
            id="only a supplier fits",
        ),
        pytest.param({"type": "Supplier"}, {"reference": 4711}, Reason.ONLY_A_SUPPLIER, id="refers to a supplier"),
        pytest.param({"id": 4712}, {"active": False}, Reason.INACTIVE_CUSTOMER, id="inactive and unknown to Finago"),
    ],
)
def test_nobody_elses_company_is_written(
    installation: Installation, world: World, company: dict[str, Any], customer: dict[str, Any], reason: Reason
) -> None:
    world.add_company("Fagerheim Forlag AS", **{"id": 4711, **company})
    before = copy.deepcopy(companies(world))
    invoice = bill(world, world.add_customer("Nordlys AS", id=77, **customer))

    assert_held(installation.sync(), invoice, reason)

    assert companies(world) == before
    assert world.orders_of(invoice) == []


def test_an_inactive_customer_that_finago_knows_is_invoiced(installation: Installation, world: World) -> None:
    world.add_company("Nordlys AS", id=4711, organisation_number=NUMBER)
    invoice = bill(world, world.add_customer("Nordlys AS", organisation_number=NUMBER, active=False))

    assert_settled(installation.sync(), invoice)

    assert world.order_of(invoice)["CustomerId"] == 4711


def test_several_companies_are_named_and_none_is_picked(installation: Installation, world: World) -> None:
    for company in (4711, 4712):
        world.add_company("Nordlys AS", id=company, organisation_number=NUMBER)
    invoice = bill(world, world.add_customer("Nordlys AS", organisation_number=NUMBER))

    refused = assert_held(installation.sync(), invoice, Reason.SEVERAL_COMPANIES)

    assert "4711" in refused.message
    assert "4712" in refused.message


def test_two_customers_of_one_office_with_one_company_are_both_refused(
    installation: Installation, world: World
) -> None:
    world.add_company("Nordlys AS", id=4711, organisation_number=NUMBER)
    customers = [world.add_customer("Nordlys AS", reference=4711, organisation_number=NUMBER) for _ in range(2)]
    invoices = [bill(world, customer) for customer in customers]

    result = installation.sync()

    for invoice in invoices:
        refused = assert_held(result, invoice, Reason.DUPLICATE_COMPANY)
        assert refused.message.startswith("Duplicate company ID")
        assert all(str(customer) in refused.message for customer in customers)


def test_two_new_customers_with_one_organisation_number_make_one_company_at_most(
    installation: Installation, world: World
) -> None:
    customers = [world.add_customer("Nordlys AS", organisation_number=NUMBER) for _ in range(2)]
    first, second = (bill(world, customer) for customer in customers)

    result = installation.sync()

    assert_settled(result, first)
    assert_held(result, second, Reason.DUPLICATE_COMPANY)
    assert len(companies(world)) == 1


# Two offices on one Finago client


@pytest.fixture
def shared(sandbox: Sandbox, installation: Installation, clock: Any) -> World:
    """Oslo and Bergen keep their books in one Finago client."""
    sandbox.world = empty(shared_client=True, clock=clock)
    installation.configure()
    return sandbox.world


def test_two_offices_share_a_company_with_one_organisation_number(installation: Installation, shared: World) -> None:
    shared.add_company("Nordlys AS", id=4711, organisation_number=NUMBER)
    for customer, office, name in ((77, OSLO, "Nordlys AS"), (90, BERGEN, "Nordlys")):
        shared.add_customer(name, id=customer, office=office, reference=4711, organisation_number=NUMBER)
    oslo, bergen = bill(shared, 77), bill(shared, 90, office=BERGEN)

    results = installation.sync_both()

    assert_settled(results[OSLO], oslo)
    assert_settled(results[BERGEN], bergen)
    assert [shared.order_of(invoice)["CustomerId"] for invoice in (oslo, bergen)] == [4711, 4711]
    assert (companies(shared)[4711]["ExternalId"], companies(shared)[4711]["Name"]) == ("77", "Nordlys AS")
    assert any("4711" in warning for warning in results[BERGEN].warnings)


def test_two_offices_with_different_organisation_numbers_are_both_refused(
    installation: Installation, shared: World
) -> None:
    installation.sync_both()  # from now on it is known that they share the client
    shared.add_company("Nordlys AS", id=4711)
    shared.add_customer("Nordlys AS", id=77, office=OSLO, reference=4711, organisation_number=NUMBER)
    shared.add_customer("Nordlys AS", id=90, office=BERGEN, reference=4711, organisation_number="923456783")
    oslo, bergen = bill(shared, 77), bill(shared, 90, office=BERGEN)

    results = installation.sync_both()

    assert_held(results[OSLO], oslo, Reason.DUPLICATE_COMPANY)
    assert_held(results[BERGEN], bergen, Reason.DUPLICATE_COMPANY)


def test_a_company_that_one_office_created_is_linked_by_the_other(installation: Installation, shared: World) -> None:
    shared.add_customer("Nordlys AS", id=77, office=OSLO, organisation_number=NUMBER)
    shared.add_customer("Nordlys AS", id=90, office=BERGEN, organisation_number=NUMBER)
    oslo, bergen = bill(shared, 77), bill(shared, 90, office=BERGEN)

    results = installation.sync_both()

    assert_settled(results[OSLO], oslo)
    assert_settled(results[BERGEN], bergen)
    assert len(companies(shared)) == 1


# Global customers


def test_a_global_customer_serves_every_office_of_one_client(installation: Installation, shared: World) -> None:
    shared.add_customer("Nordlys AS", id=77, shared=True, organisation_number=NUMBER)
    oslo, bergen = bill(shared, 77), bill(shared, 77, office=BERGEN)

    results = installation.sync_both()

    assert_settled(results[OSLO], oslo)
    assert_settled(results[BERGEN], bergen)
    (company,) = companies(shared)
    assert shared.qondor.customers[77]["externalReference"] == str(company)


def test_a_global_customer_is_refused_by_name_for_an_office_of_another_client(
    installation: Installation, world: World
) -> None:
    world.add_customer("Nordlys AS", id=77, shared=True, organisation_number=NUMBER)
    oslo, bergen = bill(world, 77), bill(world, 77, office=BERGEN)

    results = installation.sync_both()

    assert_settled(results[OSLO], oslo)
    refused = assert_held(results[BERGEN], bergen, Reason.CUSTOMER_OF_ANOTHER_CLIENT)
    assert "77" in refused.message
    assert not companies(world, BERGEN)


# Bookers


@pytest.fixture
def book(world: World, project: int) -> Any:
    """A booking invoice of a booker."""
    return lambda **booking: world.add_invoice(kind="booking", project=project, **booking)


def test_a_booker_is_matched_on_the_email_address_in_any_case(
    installation: Installation, world: World, book: Any
) -> None:
    known = world.add_company("Kari Nordmann", type="Consumer", email="Kari.Nordmann@Booker.example")
    invoices = [book(email=" KARI.nordmann@booker.example "), book(email="kari.nordmann@BOOKER.example")]

    assert_settled(installation.sync(), *invoices)

    assert {world.order_of(invoice)["CustomerId"] for invoice in invoices} == {known}
    assert companies(world)[known]["Addresses"]["Invoice"]["Street"] == "Fjordveien 7"


def test_a_booking_invoice_is_the_bookers_even_where_it_names_a_customer(
    installation: Installation, world: World, customer: int, book: Any
) -> None:
    invoice = book(customer=customer)

    assert_settled(installation.sync(), invoice)

    assert companies(world)[world.order_of(invoice)["CustomerId"]]["Type"] == "Consumer"


def test_one_new_booker_with_several_bookings_is_created_once(
    installation: Installation, world: World, book: Any
) -> None:
    invoices = [book(), book()]

    assert_settled(installation.sync(), *invoices)

    assert len([company for company in companies(world).values() if company["Type"] == "Consumer"]) == 1
    later = book()
    assert_settled(installation.sync(), later)
    assert len({world.order_of(invoice)["CustomerId"] for invoice in (*invoices, later)}) == 1


def test_a_booker_under_another_name_is_not_renamed_and_the_order_carries_name_and_address(
    installation: Installation, world: World, book: Any
) -> None:
    known = world.add_company("Kari Nordmann", type="Consumer", email="kari.nordmann@booker.example")
    invoice = book(booker="Ola Hansen", address="Havnegata 3")

    result = installation.sync()

    assert_settled(result, invoice)
    order = world.order_of(invoice)
    assert (order["CustomerId"], companies(world)[known]["Name"]) == (known, "Kari Nordmann")
    assert order["CustomerName"] == "Ola Hansen"
    assert order["Addresses"]["Invoice"]["Street"] == "Havnegata 3"
    assert any("another name" in warning for warning in result.warnings)


def test_several_consumers_with_one_email_address_are_refused(
    installation: Installation, world: World, book: Any
) -> None:
    hits = [world.add_company("Kari", type="Consumer", email="kari.nordmann@booker.example") for _ in range(2)]
    invoice = book()

    refused = assert_held(installation.sync(), invoice, Reason.SEVERAL_COMPANIES)

    assert all(str(company) in refused.message for company in hits)


def test_a_business_with_the_bookers_email_address_is_not_the_booker(
    installation: Installation, world: World, book: Any
) -> None:
    business = world.add_company("Nordmann AS", email="kari.nordmann@booker.example")
    invoice = book()

    assert_settled(installation.sync(), invoice)

    assert world.order_of(invoice)["CustomerId"] != business


@pytest.mark.parametrize("word", ["n/a", "ukjent", "privat", "TBD", "XX000000000", "avd. 2"])
def test_a_word_in_the_place_of_an_organisation_number_links_no_strangers(
    installation: Installation, world: World, word: str
) -> None:
    stranger = world.add_company("Fagerheim Forlag AS", organisation_number=word)
    invoices = [bill(world, world.add_customer(name, organisation_number=word)) for name in ("Nordlys AS", "Havn AS")]

    result = installation.sync()

    assert_settled(result, *invoices)
    assert companies(world)[stranger]["Name"] == "Fagerheim Forlag AS"
    assert len({world.order_of(invoice)["CustomerId"] for invoice in invoices} - {stranger}) == 2
    assert sum("identifies nobody" in warning for warning in result.warnings) == 2


def test_another_organisation_number_on_the_invoice_than_in_the_record_is_told(
    installation: Installation, world: World
) -> None:
    customer = world.add_customer("Nordlys AS", organisation_number=NUMBER)
    invoice, same = bill(world, customer), bill(world, customer)
    world.qondor.invoices[invoice]["organisationNumber"] = "923456783"
    world.qondor.invoices[same]["organisationNumber"] = "NO 912 345 688 MVA"

    result = installation.sync()

    assert_settled(result, invoice, same)
    told = [warning for warning in result.warnings if "organisation number" in warning]
    assert told == [
        f"Invoice {invoice} has the organisation number 923456783, but the record of customer {customer} has "
        "912345688: the record is followed."
    ]


def test_a_name_in_emojis_is_cut_as_finago_counts_and_the_next_run_writes_nothing(
    installation: Installation, world: World
) -> None:
    invoice = bill(world, world.add_customer("\N{PARTY POPPER}" * 150))

    assert_settled(installation.sync(), invoice)

    assert companies(world)[world.order_of(invoice)["CustomerId"]]["Name"] == "\N{PARTY POPPER}" * 100
    installation.follow()
    written = world.calls.writes("finago")
    installation.follow()
    assert world.calls.writes("finago") == written
