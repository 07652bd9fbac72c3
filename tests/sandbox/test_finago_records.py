"""The Finago stand-in: companies, projects, products and the client's own lists (contract/finago.md 6, 8 and 10)."""

from __future__ import annotations

from typing import Any

import pytest

from qondor_finago_pipelines.sandbox import World
from tests.conftest import FakeClock

from .conftest import OSLO, Fault, Soap, strings, tree


def companies(soap: Soap, search: str, *properties: str) -> list[dict[str, object]]:
    return soap.items(
        "CompanyService",
        "GetCompanies",
        f"<searchParams>{search}</searchParams><returnProperties>{strings(*properties)}</returnProperties>",
    )


def save(soap: Soap, *items: str) -> list[dict[str, object]]:
    content = "".join(f"<Company>{item}</Company>" for item in items)
    return soap.items("CompanyService", "SaveCompanies", f"<companies>{content}</companies>")


def test_a_search_for_companies_needs_a_criterion(oslo: Soap) -> None:
    for nothing in ("", "<CompanyIds/>", "<ExternalId></ExternalId>", "<CompanyId>-2147483648</CompanyId>"):
        with pytest.raises(Fault, match="Please specify at least one search parameter"):
            companies(oslo, nothing)


def test_criteria_are_joined_by_and(oslo: Soap, world: World) -> None:
    first = world.add_company("Nordlys AS", organisation_number="912345688", external_id=77)
    second = world.add_company("Nordlys Oslo AS", organisation_number="912345688", email="post@nordlys.example")
    assert [c["Id"] for c in companies(oslo, "<CompanyName>nordlys%</CompanyName>")] == [str(first), str(second)]
    assert [c["Id"] for c in companies(oslo, "<ExternalId>77</ExternalId>")] == [str(first)]
    assert [c["Id"] for c in companies(oslo, "<CompanyEmail>POST@nordlys.example</CompanyEmail>")] == [str(second)]
    both = "<ExternalId>77</ExternalId><CompanyEmail>post@nordlys.example</CompanyEmail>"
    assert companies(oslo, both) == []
    ids = f"<CompanyIds><int>{first}</int><int>{second}</int></CompanyIds>"
    assert len(companies(oslo, ids + "<OrganizationNumber>912345688</OrganizationNumber>")) == 2


def test_only_the_properties_asked_for_come_with_id_and_name_always(oslo: Soap, world: World) -> None:
    number = world.add_company("Nordlys AS", organisation_number="912345688", external_id=77)
    search = f"<CompanyId>{number}</CompanyId>"
    assert companies(oslo, search) == [{"Id": str(number), "Name": "Nordlys AS"}]
    (asked,) = companies(oslo, search, "ExternalId", "Type", "Bogus", "APIException")
    assert asked == {"Id": str(number), "ExternalId": "77", "Name": "Nordlys AS", "Type": "Business"}


def test_members_that_equal_their_default_are_left_out(oslo: Soap, world: World) -> None:
    number = world.add_company("Nordlys AS", external_id="", CurrencyId="LOCAL")
    (company,) = companies(oslo, f"<CompanyId>{number}</CompanyId>", "ExternalId", "CurrencyId", "Factoring")
    assert company == {"Id": str(number), "Name": "Nordlys AS", "Factoring": None}


def test_changed_after_is_rounded_to_the_minute(oslo: Soap, world: World, clock: FakeClock) -> None:
    clock.advance(seconds=29)
    early = world.add_company("Early AS")
    clock.advance(seconds=2)
    late = world.add_company("Late AS")
    found = companies(oslo, "<ChangedAfter>2026-11-20T09:00:00Z</ChangedAfter>")
    assert [c["Id"] for c in found] == [str(late)]
    assert early != late


def test_a_new_company_gets_an_id(oslo: Soap, world: World) -> None:
    (saved,) = save(oslo, "<ExternalId>77</ExternalId><Name>Nordlys AS</Name><Type>Business</Type>")
    company = world.books(OSLO).companies[int(str(saved["Id"]))]
    assert (company["Name"], company["ExternalId"], company["Type"]) == ("Nordlys AS", "77", "Business")
    assert "APIException" not in saved


def test_an_update_changes_only_what_is_sent(oslo: Soap, world: World) -> None:
    number = world.add_company(
        "Old name",
        organisation_number="912345688",
        Addresses={"Post": {"Street": "Storgata 1", "Country": "NO"}},
    )
    address = "<Addresses><Invoice><Street>Fjordveien 7</Street><Country>NO</Country></Invoice></Addresses>"
    save(oslo, f"<Id>{number}</Id><OrganizationNumber></OrganizationNumber><Name>Nordlys AS</Name>{address}")
    company = world.books(OSLO).companies[number]
    assert (company["Name"], company["OrganizationNumber"]) == ("Nordlys AS", "912345688")
    assert company["Addresses"]["Post"]["Street"] == "Storgata 1"
    assert company["Addresses"]["Invoice"]["Street"] == "Fjordveien 7"


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("<Name></Name><Type>Business</Type>", "Name is required"),
        ("<Name>Kari Nordmann</Name><Type>Consumer</Type>", "FirstName is required"),
        ("<Name>Nordlys AS</Name><Country>Norway</Country>", "Country must be a code of two letters"),
        (f"<Name>{'x' * 201}</Name>", "Name may hold at most 200"),
    ],
)
def test_a_bad_item_is_refused_by_itself_and_the_others_are_saved(
    oslo: Soap, world: World, item: str, said: str
) -> None:
    bad, good = save(oslo, item, "<Name>Nordlys AS</Name><Type>Business</Type>")
    assert said in str(bad["APIException"])
    assert "Id" in good
    assert [company["Name"] for company in world.books(OSLO).companies.values()] == ["Nordlys AS"]


@pytest.mark.parametrize("explicit", ["", "<ExplicitlySpecifyNewCompanyId>true</ExplicitlySpecifyNewCompanyId>"])
def test_a_company_is_created_under_whatever_id_is_given(oslo: Soap, world: World, explicit: str) -> None:
    save(oslo, f"<Id>999</Id><Name>Nordlys AS</Name><Type>Business</Type>{explicit}")
    assert world.books(OSLO).companies[999]["Name"] == "Nordlys AS"
    assert oslo.sandbox.violations == []


def test_a_company_that_was_deleted_comes_back_when_it_is_written(oslo: Soap, world: World) -> None:
    number = world.add_company("Nordlys AS", active=False)
    save(oslo, f"<Id>{number}</Id><ExternalId>77</ExternalId>")
    company = world.books(OSLO).companies[number]
    assert (company.active, company["Name"], company["ExternalId"]) == (True, "Nordlys AS", "77")


def test_the_sync_list_comes_in_pages_of_a_thousand(oslo: Soap, world: World) -> None:
    for number in range(1, 1002):
        world.add_company(f"Company {number}", id=number, active=number != 1)
    nil = '<Active xsi:nil="true"/>'

    def page(number: int, active: str = nil) -> dict[str, Any]:
        search = f"<syncSearchParameters><Page>{number}</Page>{active}</syncSearchParameters>"
        return tree(oslo.call("CompanyService", "GetCompanySyncList", search)[0])

    first, second = page(1), page(2)
    assert (first["TotalItems"], first["TotalPages"], first["ItemsPerPage"]) == ("1001", "2", "1000")
    assert len(first["Items"]["SyncCompany"]) == 1000
    assert second["Items"]["SyncCompany"]["CompanyId"] == "1001"
    assert page(1, "<Active>true</Active>")["TotalItems"] == "1000"


def test_a_deleted_company_is_not_found_by_a_search(oslo: Soap, world: World) -> None:
    number = world.add_company("Gone AS", active=False)
    assert companies(oslo, f"<CompanyId>{number}</CompanyId>") == []


def test_a_search_names_at_most_a_thousand_ids(oslo: Soap) -> None:
    ids = "".join(f"<int>{number}</int>" for number in range(1001))
    with pytest.raises(Fault, match="at most 1000"):
        companies(oslo, f"<CompanyIds>{ids}</CompanyIds>")


def save_project(soap: Soap, before: str = "", after: str = "", tail: str = "<TimeReg>WorkType</TimeReg>") -> int:
    content = f"<project>{before}<NameDisplay>Plain</NameDisplay>{after}{tail}</project>"
    return int(soap.call("ProjectService", "SaveProject", content)[0].text or 0)


def test_a_project_is_created_with_the_id_that_was_sent_and_then_updated(oslo: Soap, world: World) -> None:
    company = world.add_company()
    assert save_project(oslo, "<Id>12345</Id><Name>Kick-off</Name>", f"<CustomerId>{company}</CustomerId>") == 12345
    assert save_project(oslo, "<Id>12345</Id>", "<StatusId>2</StatusId>") == 12345
    project = world.books(OSLO).projects[12345]
    assert (project["Name"], project["CustomerId"], project["StatusId"]) == ("Kick-off", company, 2)


def test_a_project_without_id_gets_the_next_number(oslo: Soap, world: World) -> None:
    world.add_finago_project(id=12345)
    assert save_project(oslo, "<Name>Kick-off</Name>") == 12346


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("<Id>1</Id><Name>x</Name>", "<StatusId>99</StatusId>", "StatusId 99 was not found"),
        ("<Id>1</Id><Name>x</Name>", "<TypeId>99</TypeId>", "TypeId 99 was not found"),
        ("<Id>1</Id><Name>x</Name>", "<CustomerId>99</CustomerId>", "CustomerId 99 was not found"),
        ("<Id>0</Id><Name>x</Name>", "", "positive number"),
        ("<Id>1</Id>", "", "Name is required"),
    ],
)
def test_a_project_with_an_unknown_reference_is_a_fault(
    oslo: Soap, world: World, before: str, after: str, said: str
) -> None:
    with pytest.raises(Fault, match=said):
        save_project(oslo, before, after)
    assert world.books(OSLO).projects == {}


def test_a_project_without_what_its_schema_needs_is_taken_and_told(oslo: Soap, world: World) -> None:
    save_project(oslo, "<Id>1</Id><Name>x</Name>", tail="")
    assert world.books(OSLO).projects[1]["Name"] == "x"
    (told,) = oslo.sandbox.violations
    assert told.startswith("SaveProject: ")


def test_projects_are_read_with_names_and_without_defaults(oslo: Soap, world: World) -> None:
    company = world.add_company("Nordlys AS")
    world.add_finago_project("Kick-off", id=12345, customer=company, TypeId=1)
    (project,) = oslo.items(
        "ProjectService", "GetProjectsDetailed", "<Ps><ProjectIds><int>12345</int><int>1</int></ProjectIds></Ps>"
    )
    assert project["CustomerName"] == "Nordlys AS"
    assert (project["TypeName"], project["StatusName"]) == ("Conference", "Aktiv")
    assert "Enabled" not in project
    assert "QuickListed" not in project


def test_deactivated_projects_come_by_their_own_call_until_saved_as_aktiv(oslo: Soap, world: World) -> None:
    world.add_finago_project(id=12345, deactivated=True)
    search = "s><ProjectIds><int>12345</int></ProjectIds></"
    assert oslo.items("ProjectService", "GetProjectsDetailed", f"<P{search}Ps>") == []
    assert len(oslo.items("ProjectService", "GetDeactivatedProjects", f"<p{search}ps>")) == 1
    save_project(oslo, "<Id>12345</Id>", "<StatusId>1</StatusId>")
    assert len(oslo.items("ProjectService", "GetProjectsDetailed", f"<P{search}Ps>")) == 1


def test_statuses_and_types_of_projects(oslo: Soap) -> None:
    statuses = oslo.items("ProjectService", "GetProjectStatuses")
    assert {"Aktiv", "Avsluttet"} <= {status["Name"] for status in statuses}
    assert {"Key": "1", "Value": "Conference"} in oslo.items("ProjectService", "GetProjectTypes")


def test_products_by_category_with_their_vat_rate(oslo: Soap, world: World) -> None:
    category = world.add_product_category("4000", rates={401: "25", 402: "15"})
    world.books(OSLO).products[402]["StatusId"] = 0
    products = oslo.items(
        "ProductService",
        "GetProducts",
        f"<searchParams><CategoryId>{category}</CategoryId></searchParams>"
        f"<returnProperties>{strings('TaxRate', 'StatusId', 'No')}</returnProperties>",
    )
    assert [(p["Id"], p["TaxRate"], p["StatusId"]) for p in products] == [("401", "25", "1"), ("402", "15", "0")]
    by_id = "<searchParams><ProductIds><int>401</int><int>7</int></ProductIds></searchParams>"
    assert [set(p) for p in oslo.items("ProductService", "GetProducts", by_id)] == [{"Id", "Name"}]


def test_categories_with_their_number(oslo: Soap) -> None:
    categories = oslo.items("ProductService", "GetCategories", f"<returnProperties>{strings('No')}</returnProperties>")
    assert {"Id": "9", "Name": "Miscellaneous", "No": "9000"} in categories


def test_departments_currencies_payment_methods_and_the_client(oslo: Soap) -> None:
    assert {"Id": "3", "Name": "Qondor events"} in oslo.items("ClientService", "GetDepartmentList")
    currencies = oslo.items("ClientService", "GetCurrencyList")
    assert {"Symbol": "SEK", "Id": "3", "Rate": "104.36", "Unit": "100"} in currencies
    assert {"Id": "7", "Name": "Credit card online"} in oslo.items("InvoiceService", "GetPaymentMethods")
    assert oslo.call("ClientService", "GetClientInformation")[0].findtext("{*}DefaultCurrency") == "NOK"


def test_an_operation_of_the_wsdl_that_is_not_played_says_so(oslo: Soap) -> None:
    with pytest.raises(Fault, match="did not recognize"):
        oslo.call("ClientService", "GetUsers")
