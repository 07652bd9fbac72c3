"""What a real Finago takes although its description forbids it: answered as it would, and told on."""

from __future__ import annotations

import pytest

from qondor_finago_pipelines.sandbox import World
from qondor_finago_pipelines.sandbox.world.voucher_builders import posting

from .conftest import OSLO, Fault, Soap

SEARCH = "<searchParams>{}</searchParams>"
WHOLE_SEARCH = '<SystemType xsi:nil="true"/><HasInvoiceId xsi:nil="true"/>'
DATES = "<DateStart>{0}</DateStart><DateEnd>{0}</DateEnd>"


@pytest.fixture
def lines(world: World) -> None:
    world.post_voucher([posting(6300, "10.00"), posting(1920, "-10.00")])


def told(oslo: Soap, operation: str) -> None:
    """Exactly this one was told on."""
    assert [violation.partition(":")[0] for violation in oslo.sandbox.violations] == [operation]


@pytest.mark.usefixtures("lines")
@pytest.mark.parametrize(
    ("what", "search"),
    [
        ("a day without a time", "<DateStart>2026-11-20</DateStart><DateEnd>2026-11-21</DateEnd>" + WHOLE_SEARCH),
        ("without the members that must be there", DATES.format("2026-11-20T00:00:00")),
        ("in another order", WHOLE_SEARCH + DATES.format("2026-11-20T00:00:00")),
        ("all of it", "<HasInvoiceId>false</HasInvoiceId>" + DATES.format("2026-11-20")),
    ],
)
def test_a_search_for_lines(oslo: Soap, what: str, search: str) -> None:
    assert len(oslo.items("TransactionService", "GetTransactions", SEARCH.format(search))) == 2, what
    told(oslo, "GetTransactions")


@pytest.mark.usefixtures("lines")
def test_a_request_as_described_is_not_told_on(oslo: Soap) -> None:
    described = SEARCH.format(DATES.format("2026-11-20T00:00:00") + WHOLE_SEARCH)
    assert len(oslo.items("TransactionService", "GetTransactions", described)) == 2
    assert oslo.sandbox.violations == []


def test_an_order_whose_members_stand_in_another_order(oslo: Soap, world: World) -> None:
    world.add_company(id=4711)
    rows = "<InvoiceRows><InvoiceRow><Quantity>2</Quantity><Price>10.00</Price><ProductId>301</ProductId></InvoiceRow>"
    saved = oslo.save_order(f"<ReferenceNumber>9001</ReferenceNumber>{rows}</InvoiceRows><CustomerId>4711</CustomerId>")
    order = world.books(OSLO).orders[int(saved["OrderId"])]
    assert (order["CustomerId"], order["ReferenceNumber"], str(order["OrderTotalIncVat"])) == (4711, "9001", "25.00")
    told(oslo, "SaveInvoices")


def test_ids_that_are_no_list_of_numbers_are_no_search(oslo: Soap) -> None:
    for ids in ("<OrderIds>1</OrderIds><OrderIds>2</OrderIds>", "<OrderIds>1</OrderIds>"):
        with pytest.raises(Fault, match="Please specify at least one search parameter"):
            oslo.items("InvoiceService", "GetInvoices", SEARCH.format(ids))


def test_products_without_a_search_are_all_products(oslo: Soap, world: World) -> None:
    products = oslo.items("ProductService", "GetProducts", SEARCH.format(""))
    assert len(products) == len(world.books(OSLO).products)
    told(oslo, "GetProducts")


def test_a_country_of_three_letters(oslo: Soap, world: World) -> None:
    item = "<Name>Liberty Inc.</Name><Country>USA</Country><Type>Business</Type>"
    (saved,) = oslo.items("CompanyService", "SaveCompanies", f"<companies><Company>{item}</Company></companies>")
    assert world.books(OSLO).companies[int(saved["Id"])]["Country"] == "USA"
    told(oslo, "SaveCompanies")


@pytest.mark.parametrize(
    ("service", "operation", "content", "said"),
    [
        (
            "InvoiceService",
            "GetOrderSyncList",
            "<syncParams><RegisteredAfter>{}</RegisteredAfter></syncParams>",
            "moment",
        ),
        ("ProjectService", "GetProjectsDetailed", "<Ps><ChangedAfter>{}</ChangedAfter></Ps>", "moment"),
        ("ProjectService", "GetProjectsDetailed", "<Ps><StartedAfter>{}</StartedAfter></Ps>", "day"),
        (
            "TransactionService",
            "GetTransactions",
            SEARCH.format(f"<DateSearchParameters>DateChangedUTC</DateSearchParameters>{DATES}{WHOLE_SEARCH}"),
            "moment",
        ),
        ("TransactionService", "GetTransactions", SEARCH.format(f"{DATES}{WHOLE_SEARCH}"), "day"),
    ],
)
def test_dates_that_leave_open_what_they_mean(
    oslo: Soap, service: str, operation: str, content: str, said: str
) -> None:
    """Taken by a real one, and a day or an hour off if it reads them otherwise."""
    clear, doubtful = ("2026-11-20T00:00:00Z", "2026-11-20T00:00:00")[:: 1 if said == "moment" else -1]
    oslo.items(service, operation, content.format(clear))
    assert oslo.sandbox.violations == []
    oslo.items(service, operation, content.format(doubtful))
    told(oslo, operation)
    assert f"is a {said}" in oslo.sandbox.violations[0]


def test_a_login_in_another_order_and_of_no_identity(soap: Soap, world: World) -> None:
    its, nobody = world.offices[OSLO], "00000000-0000-0000-0000-000000000000"
    application = soap.sandbox.environment()["FINAGO_APPLICATION_ID"]
    session = soap.text(
        "Authenticate",
        "Login",
        f"<credential><Username>{its.username}</Username><Password>{its.password}</Password>"
        f"<IdentityId>{nobody}</IdentityId><ApplicationId>{application}</ApplicationId></credential>",
    )
    assert world.finago.sessions[session].identity.id == its.identity_id
    told(soap, "Login")


@pytest.mark.parametrize(
    ("what", "item"),
    [
        ("an unknown member", "<CustomerNo>4711</CustomerNo><IncludeVAT>false</IncludeVAT>"),
        ("what is no number", "<IncludeVAT>false</IncludeVAT><CustomerId>Nordlys</CustomerId>"),
        ("a day that no calendar has", "<DateOrdered>2026-02-30</DateOrdered>"),
    ],
)
def test_what_is_wrong_beside_stays_wrong(oslo: Soap, what: str, item: str) -> None:
    with pytest.raises(Fault, match="Instance validation error"):
        oslo.save_order(item)
    assert oslo.sandbox.violations == [], what


class TestOperationsThatOthersCallFirst:
    def test_the_identities_of_a_user_and_a_change_between_them(self, oslo: Soap) -> None:
        (identity,) = oslo.items("Authenticate", "GetIdentities")
        assert identity["IsCurrent"] == "true"
        assert oslo.text("Authenticate", "SetIdentityById", f"<identityId>{identity['Id']}</identityId>") == "true"
        nobody = "99999999-0000-4000-8000-000000000000"
        assert oslo.text("Authenticate", "SetIdentityById", f"<identityId>{nobody}</identityId>") == "false"

    def test_projects_as_a_list_and_alone(self, oslo: Soap, world: World) -> None:
        world.add_finago_project("Kick-off", id=12345)
        world.add_finago_project("Gala", id=12346, deactivated=True)
        assert [each["Id"] for each in oslo.items("ProjectService", "GetProjectList", "<Ps/>")] == ["12345"]
        found = oslo.call("ProjectService", "GetSingleProject", "<projectId>12346</projectId>")
        assert found.findtext(".//{*}Name") == "Gala"
        assert oslo.call("ProjectService", "GetSingleProject", "<projectId>1</projectId>").find(".//{*}Name") is None

    @pytest.mark.usefixtures("lines")
    def test_the_accounts_in_use(self, oslo: Soap) -> None:
        assert [each["AccountNo"] for each in oslo.items("AccountService", "GetAccountList")] == ["1920", "6300"]

    def test_whether_there_is_a_session(self, oslo: Soap) -> None:
        assert oslo.text("Authenticate", "HasSession") == "true"


def test_what_was_told_can_be_read_from_outside(oslo: Soap) -> None:
    oslo.items("ProductService", "GetProducts", SEARCH.format(""))
    address = f"{oslo.sandbox.control_url}/violations"
    assert oslo.http.get(address).json() == ["GetProducts: a search without any parameter"]
    assert oslo.http.delete(address).json() == []
