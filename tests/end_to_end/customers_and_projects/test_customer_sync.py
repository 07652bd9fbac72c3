"""Customers follow Qondor: name, organisation number and External ID, on each sync (article: customer sync)."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from qondor_finago_pipelines.records.operations.results import FieldChange, RecordState
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from tests.end_to_end.installation import BERGEN, OSLO, Installation, assert_held, assert_settled, outcome

from .edits import companies, edit_customer, projects, snapshot, writes

NUMBER = "912345688"


@pytest.fixture
def shared(sandbox: Sandbox, installation: Installation, clock: Any) -> World:
    """Oslo and Bergen keep their books in one Finago client, and both have been there."""
    sandbox.world = empty(shared_client=True, clock=clock)
    installation.configure()
    for office in (OSLO, BERGEN):
        installation.follow(office)
    return sandbox.world


# Customer name, organisation number, External ID: updated on each sync


@pytest.mark.parametrize(
    ("in_qondor", "in_finago"),
    [
        pytest.param({"name": "Nordlys Gruppen AS"}, {"Name": "Nordlys Gruppen AS"}, id="Company name"),
        pytest.param({"name": "Bærum Blåbær & Sønner ÆØÅ"}, {"Name": "Bærum Blåbær & Sønner ÆØÅ"}, id="letters"),
        pytest.param({"name": "N" * 300}, {"Name": "N" * 200}, id="a name of 300 characters"),
        pytest.param(
            {"organisationNumber": "NO 923 456 783 MVA"},
            {"OrganizationNumber": "NO 923 456 783 MVA"},
            id="Organization number",
        ),
    ],
)
def test_what_changes_in_qondor_changes_in_finago_and_only_that(
    installation: Installation, world: World, customer: int, in_qondor: dict[str, str], in_finago: dict[str, str]
) -> None:
    assert_settled(installation.follow(), "customer 77")
    before = copy.deepcopy(companies(world)[4711].members)
    edit_customer(world, customer, **in_qondor)

    result = installation.follow()

    assert_settled(result, "customer 77")
    assert companies(world)[4711].members == {**before, **in_finago}
    assert (result.created, result.updated, result.unchanged) == (0, 1, 0)
    written = writes(world)
    installation.follow()
    assert writes(world) == written


@pytest.mark.usefixtures("customer")
def test_the_customer_id_becomes_the_external_id(installation: Installation, world: World) -> None:
    result = installation.follow()

    assert companies(world)[4711]["ExternalId"] == "77"
    assert result.changes == (FieldChange(record="customer 77", field="external id", before="", after="77"),)
    assert world.calls.count("qondor", "PutCustomer") == 0, "a filled Reference is never overwritten"


def test_the_changed_fields_are_told_without_the_customers_name(
    installation: Installation, world: World, customer: int
) -> None:
    installation.follow()
    edit_customer(world, customer, name="Kari Nordmann", organisationNumber="923456783")

    changes = installation.follow().changes

    assert {(change.field, change.before, change.after) for change in changes} == {
        ("name", "", "changed"),
        ("organisation number", "912345688", "923456783"),
    }


def test_what_finagos_people_own_is_never_touched(installation: Installation, world: World) -> None:
    owned: dict[str, Any] = {
        "Addresses": {"Post": {"Street": "Kontorveien 3", "Country": "NO"}},
        "EmailAddresses": {"Invoice": {"Value": "regnskap@nordlys.example"}},
        "PaymentTime": 45,
        "Note": "Always call first",
        "PriceList": 4,
    }
    world.add_company("Old name", id=4711, external_id=77, **copy.deepcopy(owned))
    world.add_customer("Nordlys AS", id=77, reference=4711, organisation_number=NUMBER)

    assert_settled(installation.follow(), "customer 77")

    company = companies(world)[4711]
    assert (company["Name"], company["Type"]) == ("Nordlys AS", "Business")
    assert {name: company[name] for name in owned} == owned


def test_a_customer_without_organisation_number_never_clears_the_companys(
    installation: Installation, world: World
) -> None:
    world.add_company("Nordlys AS", id=4711, organisation_number=NUMBER)
    world.add_customer("Nordlys AS", id=77, reference=4711, organisation_number=None)

    assert_settled(installation.follow(), "customer 77")

    assert companies(world)[4711]["OrganizationNumber"] == NUMBER


# How customer matching works


def test_a_customer_that_finago_does_not_have_is_created_and_its_company_id_stored(
    installation: Installation, world: World
) -> None:
    world.add_customer("Bølge & Blad AS", id=77, organisation_number="NO 934 567 897 MVA")
    world.add_customer("Privatkunde", id=78, organisation_number=None)

    result = installation.follow()

    assert_settled(result, "customer 77", "customer 78")
    assert {
        (company["Type"], company["Name"], company.get("OrganizationNumber", ""), company["ExternalId"])
        for company in companies(world).values()
    } == {("Business", "Bølge & Blad AS", "NO 934 567 897 MVA", "77"), ("Business", "Privatkunde", "", "78")}
    for company in companies(world).values():
        assert world.qondor.customers[int(company["ExternalId"])]["externalReference"] == str(company["Id"])
    assert (result.created, result.updated, result.unchanged) == (2, 0, 0)


@pytest.mark.parametrize(
    ("company", "customer"),
    [
        pytest.param({"external_id": 77}, {}, id="ExternalId"),
        pytest.param({"organisation_number": "NO912345688MVA"}, {"organisation_number": "912 345 688"}, id="number"),
    ],
)
def test_an_empty_reference_is_found_by_external_id_or_organisation_number(
    installation: Installation, world: World, company: dict[str, Any], customer: dict[str, Any]
) -> None:
    world.add_company("Nordlys AS", id=4711, **company)
    world.add_customer("Nordlys AS", id=77, **customer)

    assert_settled(installation.follow(), "customer 77")

    assert list(companies(world)) == [4711]
    assert companies(world)[4711]["ExternalId"] == "77"
    assert world.qondor.customers[77]["externalReference"] == "4711"


def test_a_reference_set_by_hand_links_to_an_existing_company(installation: Installation, world: World) -> None:
    world.add_company("Nordlys", id=4711)
    world.add_company("Nordlys", id=4712)
    world.add_customer("Nordlys AS", id=77, reference=4711)
    installation.follow()
    edit_customer(world, 77, externalReference="4712")

    assert_settled(installation.follow(), "customer 77")

    assert (companies(world)[4712]["Name"], companies(world)[4712]["ExternalId"]) == ("Nordlys AS", "77")


def test_emptying_the_reference_undoes_the_link_and_the_customer_is_matched_anew(
    installation: Installation, world: World
) -> None:
    world.add_company("Fagerheim Forlag AS", id=4711)
    world.add_company("Nordlys AS", id=4712, organisation_number=NUMBER)
    world.add_customer("Nordlys AS", id=77, reference=4711)
    assert_settled(installation.follow(), "customer 77")
    # Finago's people take their company back, and the project manager empties the Reference.
    companies(world)[4711].members.update(Name="Fagerheim Forlag AS", ExternalId="")
    edit_customer(world, 77, externalReference=None, organisationNumber=NUMBER)

    result = installation.follow()

    assert_settled(result, "customer 77")
    assert any("4711 is undone" in warning for warning in result.warnings)
    assert world.qondor.customers[77]["externalReference"] == "4712"
    assert companies(world)[4711]["Name"] == "Fagerheim Forlag AS"
    written = writes(world)
    assert installation.follow().warnings == ()
    assert writes(world) == written


def test_a_reference_that_never_reached_qondor_is_not_undone(installation: Installation, world: World) -> None:
    world.add_customer("Nordlys AS", id=77)
    world.faults.add("qondor", "PutCustomer", "500", times=None)
    installation.follow()
    (company,) = companies(world)
    companies(world)[company].members.update(ExternalId="", Name="Renamed by hand")
    world.faults.clear()

    assert_settled(installation.follow(), "customer 77")

    assert world.qondor.customers[77]["externalReference"] == str(company)
    assert list(companies(world)) == [company]


def test_an_inactive_customer_is_not_created_and_nobody_is_told(installation: Installation, world: World) -> None:
    world.add_customer("Nordlys AS", id=77, active=False)

    result = installation.follow(deliver=True)

    assert_settled(result, "customer 77")
    assert "inactive" in outcome(result, "customer 77").did
    assert not companies(world)
    assert not world.slack.texts


def test_a_customer_that_is_mended_is_settled_by_itself(installation: Installation, world: World) -> None:
    world.add_company("Nordlys AS", id=4711)
    world.add_customer("Nordlys AS", id=77, reference="ABC-17")
    assert_held(installation.follow(deliver=True), "customer 77", Reason.INVALID_CUSTOMER_REFERENCE)
    installation.follow(deliver=True)
    assert len(world.slack.texts) == 1, "told once"
    assert "customer 77" in world.slack.texts[0]

    edit_customer(world, 77, externalReference="4711")

    assert_settled(installation.follow(), "customer 77")


# Invalid or duplicate References are refused and named


@pytest.mark.parametrize("reference", ["ABC-17", "-4711", "47.11", "4799"])
def test_a_reference_that_is_no_company_id_is_refused_and_nothing_created(
    installation: Installation, world: World, reference: str
) -> None:
    world.add_customer("Nordlys AS", id=77, reference=reference)

    refused = assert_held(installation.follow(), "customer 77", Reason.INVALID_CUSTOMER_REFERENCE)

    assert reference in refused.message
    assert not companies(world)
    assert world.qondor.customers[77]["externalReference"] == reference


def test_two_customers_with_one_reference_are_both_refused_and_the_others_go_on(
    installation: Installation, world: World
) -> None:
    world.add_company("Nordlys AS", id=4711)
    for number in (77, 78):
        world.add_customer(f"Nordlys {number}", id=number, reference=4711)
    world.add_customer("Fjord AS", id=79)
    before = copy.deepcopy(companies(world)[4711].members)

    result = installation.follow()

    for number in (77, 78):
        refused = assert_held(result, f"customer {number}", Reason.DUPLICATE_COMPANY)
        assert refused.message.startswith("Duplicate company ID")
    assert_settled(result, "customer 79")
    assert companies(world)[4711].members == before


@pytest.mark.parametrize(
    ("company", "customer", "reason"),
    [
        pytest.param({"external_id": 99}, {"reference": 4711}, Reason.COMPANY_TAKEN, id="another customer's"),
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
            id="only a supplier",
        ),
    ],
)
def test_nobody_elses_company_is_overwritten(
    installation: Installation, world: World, company: dict[str, Any], customer: dict[str, Any], reason: Reason
) -> None:
    world.add_company("Fagerheim Forlag AS", id=4711, **company)
    world.add_customer("Nordlys AS", id=77, **customer)
    before = snapshot(world)

    assert_held(installation.follow(), "customer 77", reason)

    assert snapshot(world) == before


def test_several_customers_with_one_organisation_number_make_one_company_at_most(
    installation: Installation, world: World
) -> None:
    for number in (77, 78):
        world.add_customer(f"Nordlys {number}", id=number, organisation_number=NUMBER)

    for _ in range(2):
        result = installation.follow()
        assert_settled(result, "customer 77")
        assert_held(result, "customer 78", Reason.DUPLICATE_COMPANY)

    assert [company["ExternalId"] for company in companies(world).values()] == ["77"]


def test_a_company_that_finago_refuses_stops_nobody_else(installation: Installation, world: World) -> None:
    for number in (77, 78, 79):
        world.add_customer(f"Customer {number}", id=number)
    world.faults.add("finago", "SaveCompanies", "api-exception", item=1)

    result = installation.follow()

    refused = [record for record in result.records if record.state is RecordState.HELD]
    assert [(record.id, record.reason) for record in refused] == [("customer 78", Reason.REFUSED_BY_FINAGO)]
    assert_settled(result, "customer 77", "customer 79")
    assert_settled(installation.follow(), "customer 77", "customer 78", "customer 79")
    assert len(companies(world)) == 3


def test_changes_go_in_batches_and_a_refused_one_is_alone_in_it(installation: Installation, world: World) -> None:
    for number in range(77, 82):
        world.add_company(f"Old name {number}", id=4000 + number)
        world.add_customer(f"New name {number}", id=number, reference=4000 + number)
    world.faults.add("finago", "SaveCompanies", "api-exception", item=2)

    result = installation.follow()

    assert_held(result, "customer 79", Reason.REFUSED_BY_FINAGO)
    assert (result.updated, world.calls.count("finago", "SaveCompanies")) == (4, 1)
    assert_settled(installation.follow(), *(f"customer {number}" for number in range(77, 82)))


# Write-back to Qondor: read, change one field, PUT the full writable set


def test_no_member_of_a_customer_record_is_ever_lost(installation: Installation, world: World) -> None:
    answer = {"heading": "Segment", "answer": "Energy", "externalReference": "segment", "dataType": 0}
    world.add_customer("Bølge & Blad AS", id=77, custom_answers=[answer], vatNumber="NO934567897MVA")
    before = copy.deepcopy(world.qondor.customers[77])

    assert installation.follow().all_settled

    after = copy.deepcopy(world.qondor.customers[77])
    assert after.pop("externalReference") in {str(number) for number in companies(world)}
    before.pop("externalReference")
    assert after == before


def test_a_write_back_that_fails_is_repeated_by_the_next_run(installation: Installation, world: World) -> None:
    world.add_customer("Bølge & Blad AS", id=77)
    world.faults.add("qondor", "PutCustomer", "500", times=None)

    result = installation.follow()

    assert_settled(result, "customer 77")
    assert any("Customer 77" in warning for warning in result.warnings)
    world.faults.clear()
    result = installation.follow()
    (company,) = companies(world)
    assert world.qondor.customers[77]["externalReference"] == str(company)
    assert result.warnings == ()


def test_a_record_that_somebody_edits_meanwhile_is_not_written_over(installation: Installation, world: World) -> None:
    world.add_customer("Bølge & Blad AS", id=77)
    world.faults.add("qondor", "GetCustomer", "unknown-enum-value", member="name", value="Another name, just now")

    result = installation.follow()

    assert any("Customer 77 changed" in warning for warning in result.warnings)
    assert world.calls.count("qondor", "PutCustomer") == 0


def test_a_custom_answer_that_cannot_be_echoed_keeps_the_record_from_being_written(
    installation: Installation, world: World
) -> None:
    nameless = {"heading": "Segment", "answer": "Energy", "externalReference": None, "dataType": 0}
    world.add_customer("Bølge & Blad AS", id=77, custom_answers=[nameless])

    for _ in range(2):
        assert_settled(installation.follow(), "customer 77")

    assert world.calls.count("qondor", "PutCustomer") == 0
    assert len(companies(world)) == 1, "the store holds its link"


# Uncertain writes


@pytest.mark.parametrize("fault", ["reset-after-effect", "reset-before-effect"])
def test_a_customer_of_which_nobody_knows_whether_it_was_created_is_looked_up_first(
    installation: Installation, world: World, fault: str
) -> None:
    world.add_customer("Bølge & Blad AS", id=77)
    world.faults.add("finago", "SaveCompanies", fault)

    first = installation.follow()

    assert outcome(first, "customer 77").state is RecordState.UNCERTAIN
    installation.wait(seconds=2)
    assert_settled(installation.follow(), "customer 77")
    assert [company["ExternalId"] for company in companies(world).values()] == ["77"]


@pytest.mark.parametrize("fault", ["reset-after-effect", "reset-before-effect"])
@pytest.mark.usefixtures("customer")
def test_a_change_without_an_answer_is_seen_again_by_the_next_run(
    installation: Installation, world: World, fault: str
) -> None:
    world.faults.add("finago", "SaveCompanies", fault)

    first = installation.follow()

    assert outcome(first, "customer 77").state is RecordState.UNCERTAIN
    assert_settled(installation.follow(), "customer 77")
    assert companies(world)[4711]["ExternalId"] == "77"


@pytest.mark.usefixtures("customer")
def test_a_system_that_is_down_leaves_everything_as_it_is_and_says_so(installation: Installation, world: World) -> None:
    before = snapshot(world)
    world.faults.add("finago", "GetCompanies", "500", times=None)

    result = installation.follow()

    assert [problem.cause for problem in result.problems] == ["unreachable"]
    assert snapshot(world) == before
    world.faults.clear()
    assert installation.follow().all_settled


# Global customers


def test_a_global_customer_belongs_to_the_office_whose_project_names_it(
    installation: Installation, world: World
) -> None:
    world.add_customer("Nordlys AS", id=77, shared=True)
    world.add_customer("Nobody's project AS", id=78, shared=True)
    world.add_project(id=555, customer=77, office=BERGEN)

    assert installation.follow(OSLO).records == ()
    assert_settled(installation.follow(BERGEN), "customer 77", "project 555")

    assert not companies(world, OSLO)
    (company,) = companies(world, BERGEN).values()
    assert company["ExternalId"] == "77"
    assert world.qondor.customers[77]["externalReference"] == str(company["Id"])


def test_a_global_customer_that_is_linked_is_followed_whatever_its_projects(
    installation: Installation, world: World
) -> None:
    world.add_customer("Nordlys AS", id=77, shared=True)
    world.add_project(id=555, customer=77)
    installation.follow()
    installation.wait(days=10)
    edit_customer(world, 77, name="Nordlys Gruppen AS")

    result = installation.follow()

    assert [record.id for record in result.records] == ["customer 77"]
    assert [company["Name"] for company in companies(world).values()] == ["Nordlys Gruppen AS"]


def test_a_global_customer_serves_offices_of_one_client_and_is_refused_by_name_elsewhere(
    installation: Installation, world: World
) -> None:
    world.add_customer("Nordlys AS", id=77, shared=True)
    for project, office in ((555, OSLO), (556, BERGEN)):
        world.add_project(id=project, number=f"SO{project}", customer=77, office=office)
    assert_settled(installation.follow(OSLO), "customer 77", "project 555")

    result = installation.follow(BERGEN)

    assert "77" in assert_held(result, "customer 77", Reason.CUSTOMER_OF_ANOTHER_CLIENT).message
    assert_settled(result, "project 556")
    assert projects(world, BERGEN)[556].get("CustomerId") is None
    assert not companies(world, BERGEN)


# Two offices on one Finago client


def test_two_offices_with_a_record_each_of_one_company_share_it(installation: Installation, shared: World) -> None:
    shared.add_customer("Nordlys AS", id=77, office=OSLO, organisation_number=NUMBER)
    shared.add_customer("Nordlys avd. Bergen", id=90, office=BERGEN, organisation_number=NUMBER)

    for _ in range(2):
        assert_settled(installation.follow(OSLO), "customer 77")
        assert_settled(installation.follow(BERGEN), "customer 90")

    (company,) = companies(shared).values()
    assert (company["ExternalId"], company["Name"]) == ("77", "Nordlys AS")
    assert {shared.qondor.customers[number]["externalReference"] for number in (77, 90)} == {str(company["Id"])}


def test_a_project_in_one_office_may_name_a_customer_of_the_other(installation: Installation, shared: World) -> None:
    shared.add_customer("Nordlys AS", id=77, office=BERGEN)
    shared.add_project(id=555, number="SO555", office=OSLO, customer=77)

    assert_settled(installation.follow(OSLO), "customer 77", "project 555")

    (company,) = companies(shared)
    assert projects(shared)[555]["CustomerId"] == company
