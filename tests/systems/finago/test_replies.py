"""What Finago answers, as records: sentinels, missing members, unknown elements, and replies that are none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from qondor_finago_pipelines.records.addresses import PostalAddress
from qondor_finago_pipelines.records.customers_and_projects.customers import (
    Company,
    CompanyDraft,
    EmailAddresses,
    SavedCompany,
)
from qondor_finago_pipelines.records.customers_and_projects.projects import FinagoProject, NamedId, ProjectDraft
from qondor_finago_pipelines.records.errors import ContractBroken, RequestRefused, SystemUnreachable
from qondor_finago_pipelines.records.identifiers import CompanyId, FinagoProjectId, InvoiceNumber, OrderId
from qondor_finago_pipelines.records.invoices.orders import Currency, FinagoOrder, Product, ProductCategory, SavedOrder
from qondor_finago_pipelines.systems.finago.client import FinagoClient
from tests.systems.finago.test_requests import ORDER
from tests.systems.scripted import Answer, Pauses, ScriptedServer, envelope, fault, page, soap

NIL = 'xsi:nil="true"'
INT_NONE = "-2147483648"
DECIMAL_NONE = "-79228162514264337593543950335"


def order(members: str) -> str:
    return f"<InvoiceOrder>{members}</InvoiceOrder>"


def orders(*items: str) -> Answer:
    return soap("GetInvoices", f"<GetInvoicesResult>{''.join(items)}</GetInvoicesResult>")


class TestOrders:
    @pytest.fixture
    def read(self, finago: FinagoClient, server: ScriptedServer) -> Callable[[str], FinagoOrder]:
        def read(members: str) -> FinagoOrder:
            server.script("GetInvoices", orders(order(members)))
            return finago.orders([OrderId(5001)])[OrderId(5001)]

        return read

    def test_are_read_whole(self, read: Callable[[str], FinagoOrder]) -> None:
        found = read(
            "<OrderId>5001</OrderId><CustomerId>4711</CustomerId><OrderStatus>Invoiced</OrderStatus>"
            "<InvoiceId>10007</InvoiceId><DateOrdered>2026-11-20T00:00:00</DateOrdered><ProjectId>12345</ProjectId>"
            f"<IncludeVAT {NIL}/><OrderTotalIncVat>12500.0000</OrderTotalIncVat><Paid>2026-11-21T00:00:00</Paid>"
            "<ReferenceNumber>9001</ReferenceNumber>"
        )
        assert found == FinagoOrder(
            id=OrderId(5001),
            reference="9001",
            customer_id=CompanyId(4711),
            project_id=FinagoProjectId(12345),
            status="Invoiced",
            invoice_number=InvoiceNumber(10007),
            date_ordered=date(2026, 11, 20),
            paid_on=date(2026, 11, 21),
            total_including_vat=Decimal("12500"),
        )

    def test_have_none_where_nothing_is_sent(self, read: Callable[[str], FinagoOrder]) -> None:
        assert read("<OrderId>5001</OrderId>") == FinagoOrder(id=OrderId(5001), status="Web")

    def test_have_none_where_a_sentinel_stands(self, read: Callable[[str], FinagoOrder]) -> None:
        found = read(
            f"<OrderId>5001</OrderId><CustomerId>{INT_NONE}</CustomerId><InvoiceId>{INT_NONE}</InvoiceId>"
            f"<DateOrdered>0001-01-01T00:00:00</DateOrdered><ProjectId>{INT_NONE}</ProjectId>"
            f"<OrderTotalIncVat>{DECIMAL_NONE}</OrderTotalIncVat><Paid>0001-01-01T00:00:00Z</Paid>"
            "<ReferenceNumber></ReferenceNumber>"
        )
        assert found == FinagoOrder(id=OrderId(5001), status="Web")

    @pytest.mark.parametrize(
        "paid", ["2026-11-21", "2026-11-21T00:00:00", "2026-11-21T23:30:00", "2026-11-21T00:00:00Z"]
    )
    def test_are_paid_on_the_day_that_stands_there(self, read: Callable[[str], FinagoOrder], paid: str) -> None:
        """A calendar day: converting it would shift a payment to the day before or after."""
        assert read(f"<OrderId>5001</OrderId><Paid>{paid}</Paid>").paid_on == date(2026, 11, 21)

    def test_keep_an_unknown_status_as_its_text(self, read: Callable[[str], FinagoOrder]) -> None:
        assert read("<OrderId>5001</OrderId><OrderStatus>HalfBaked</OrderStatus>").status == "HalfBaked"

    def test_are_read_in_whatever_order_their_members_stand(self, read: Callable[[str], FinagoOrder]) -> None:
        found = read("<ReferenceNumber>9001</ReferenceNumber><Paid>2026-11-21</Paid><OrderId>5001</OrderId>")
        assert (found.reference, found.paid_on) == ("9001", date(2026, 11, 21))

    @pytest.mark.parametrize("content", ["", "<GetInvoicesResult/>", "<GetInvoicesResult></GetInvoicesResult>"])
    def test_may_be_none_at_all(self, finago: FinagoClient, server: ScriptedServer, content: str) -> None:
        server.script("GetInvoices", soap("GetInvoices", content))
        assert finago.orders([OrderId(5001)]) == {}

    def test_that_nobody_asked_for_are_left_out(self, finago: FinagoClient, server: ScriptedServer) -> None:
        server.script("GetInvoices", orders(order("<OrderId>1</OrderId>"), order("<OrderId>2</OrderId>")))
        assert list(finago.orders([OrderId(2)])) == [2]

    def test_are_found_by_invoice_number(self, finago: FinagoClient, server: ScriptedServer) -> None:
        server.script("GetInvoices", orders(order("<OrderId>5001</OrderId><InvoiceId>10007</InvoiceId>")))
        found = finago.orders_by_number([InvoiceNumber(10007), InvoiceNumber(10008)])
        assert {number: each.id for number, each in found.items()} == {10007: 5001}

    def test_registered_after_an_instant_are_ids(self, finago: FinagoClient, server: ScriptedServer) -> None:
        listed = "<GetOrderSyncListResult><int>5001</int><int>5002</int></GetOrderSyncListResult>"
        server.script("GetOrderSyncList", soap("GetOrderSyncList", listed))
        assert finago.orders_registered_after(datetime(2026, 11, 20, 9, 0, tzinfo=UTC)) == (5001, 5002)

    @pytest.mark.parametrize("number", ["F1", "²", "", "1e3", "9" * 5000, "-1" + "0" * 30, "<int>5002</int>"])
    def test_are_listed_though_their_number_cannot_be_read(
        self, finago: FinagoClient, server: ScriptedServer, number: str
    ) -> None:
        listed = f"<GetOrderSyncListResult><int>5001</int><int>{number}</int></GetOrderSyncListResult>"
        server.script("GetOrderSyncList", soap("GetOrderSyncList", listed))
        assert finago.orders_registered_after(datetime(2026, 11, 20, 9, 0, tzinfo=UTC)) == (5001, 0)
        assert "GetOrderSyncListResult.int" in finago.warnings()[0]


class TestUnknownElements:
    def test_are_ignored_and_counted(self, finago: FinagoClient, server: ScriptedServer) -> None:
        strange = "<Mood>good</Mood><OrderId>{}</OrderId><Extra><OrderId>9</OrderId></Extra><ProjectId>7</ProjectId>"
        server.script("GetInvoices", orders(order(strange.format(1)), order(strange.format(2))))
        found = finago.orders([OrderId(1), OrderId(2)])
        assert {each.id: each.project_id for each in found.values()} == {1: 7, 2: 7}
        first, second = finago.warnings()
        assert "2 times GetInvoices: InvoiceOrder.Extra" in first
        assert "2 times GetInvoices: InvoiceOrder.Mood" in second

    def test_are_nothing_to_warn_of_when_there_are_none(self, finago: FinagoClient, server: ScriptedServer) -> None:
        server.script("GetInvoices", orders(order("<OrderId>1</OrderId><!-- a remark --><?some thing?>")))
        finago.orders([OrderId(1)])
        assert finago.warnings() == ()

    def test_alone_never_pass_for_an_empty_list(self, finago: FinagoClient, server: ScriptedServer) -> None:
        server.script("GetInvoices", orders("<SalesOrder><OrderId>1</OrderId></SalesOrder>"))
        with pytest.raises(ContractBroken, match="holds nothing that its description names"):
            finago.orders([OrderId(1)])

    def test_include_items_that_are_nil(self, finago: FinagoClient, server: ScriptedServer) -> None:
        server.script("GetInvoices", orders(order("<OrderId>1</OrderId>"), f"<InvoiceOrder {NIL}/>"))
        assert list(finago.orders([OrderId(1)])) == [1]
        assert "InvoiceOrder (nil)" in finago.warnings()[0]


ODD = {
    "a total that is not a number": (
        "<OrderId>1</OrderId><OrderTotalIncVat>NaN</OrderTotalIncVat>",
        "InvoiceOrder.OrderTotalIncVat is not a Decimal",
    ),
    "a day that is none": (
        "<OrderId>1</OrderId><Paid>2026-13-01T00:00:00</Paid>",
        "InvoiceOrder.Paid is not a DateTime",
    ),
    "an invoice number out of letters": (
        "<OrderId>1</OrderId><InvoiceId>F1</InvoiceId>",
        "InvoiceOrder.InvoiceId is not a Int",
    ),
    "two ids in one order": ("<OrderId>1</OrderId><OrderId>2</OrderId>", "InvoiceOrder.OrderId stands there twice"),
    "an id that is no number": ("<OrderId>one</OrderId>", "InvoiceOrder.OrderId is not a Int"),
    "elements where a value belongs": (
        "<OrderId><int>1</int></OrderId>",
        "InvoiceOrder.OrderId holds elements where a value belongs",
    ),
    "an empty item": ("", "InvoiceOrder is empty"),
}


@pytest.mark.parametrize(("members", "trouble"), ODD.values(), ids=ODD)
def test_one_odd_order_is_its_own_trouble_and_never_passes_for_gone(
    finago: FinagoClient, server: ScriptedServer, members: str, trouble: str
) -> None:
    good = "<OrderId>2</OrderId><OrderTotalIncVat>1E3</OrderTotalIncVat>"
    server.script("GetInvoices", orders(order(members), order(good)))
    found = finago.orders([OrderId(1), OrderId(2)])
    assert found[OrderId(1)].unreadable == (trouble,)
    assert (found[OrderId(2)].total_including_vat, found[OrderId(2)].unreadable) == (1000, ())
    (warning,) = finago.warnings()
    assert f"GetInvoices: {trouble}" in warning


def test_a_member_that_nobody_reads_troubles_nobody(finago: FinagoClient, server: ScriptedServer) -> None:
    server.script("GetInvoices", orders(order("<OrderId>1</OrderId><DeliveryDate>never</DeliveryDate>")))
    assert finago.orders([OrderId(1)])[OrderId(1)].unreadable == ()


def test_lists_of_the_set_up_leave_out_what_cannot_be_read(finago: FinagoClient, server: ScriptedServer) -> None:
    listed = "<Department><Id>x</Id></Department><Department/><Department><Id>3</Id><Name>Events</Name></Department>"
    server.script(
        "GetDepartmentList", soap("GetDepartmentList", f"<GetDepartmentListResult>{listed}</GetDepartmentListResult>")
    )
    assert [department.id for department in finago.departments()] == [3]


BROKEN = {
    "cut off in the middle": Answer(
        200, orders(order("<OrderId>1</OrderId>")).body[:-40], {"Content-Type": "text/xml"}
    ),
    "a web page": page("Down for maintenance"),
    "a web page that says it is XML": Answer(200, page("Down").body, {"Content-Type": "text/xml"}),
    "nothing": Answer(200, b"", {"Content-Type": "text/xml"}),
    "no envelope": Answer(200, b"<GetInvoicesResponse/>", {"Content-Type": "text/xml"}),
    "an empty body": Answer(200, envelope(""), {"Content-Type": "text/xml"}),
    "the answer to another question": soap("GetOrderSyncList", ""),
    "JSON": Answer(200, b"{}", {"Content-Type": "application/json"}),
    "a document type": Answer(
        200,
        b"<!DOCTYPE x []>" + orders(order("<OrderId>1</OrderId>")).body.partition(b"?>")[2],
        {"Content-Type": "text/xml"},
    ),
    "an entity of the server's": Answer(
        200,
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        + orders(order("<OrderId>1</OrderId><ReferenceNumber>&e;</ReferenceNumber>")).body.partition(b"?>")[2],
        {"Content-Type": "text/xml"},
    ),
    "a redirect": Answer(302, b"", {"Location": "/login"}),
    "not found": page("404", 404),
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
class TestAReplyThatIsNone:
    def test_breaks_the_contract_of_a_read(
        self, finago: FinagoClient, server: ScriptedServer, pauses: Pauses, answer: Answer
    ) -> None:
        server.script("GetInvoices", answer)
        with pytest.raises(ContractBroken) as broken:
            finago.orders([OrderId(1)])
        assert broken.value.remedy
        assert pauses == [], "the same answer would come again"


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_read_is_tried_again_after_a_server_error(
    finago: FinagoClient, server: ScriptedServer, pauses: Pauses, status: int
) -> None:
    server.script("GetInvoices", page("oops", status), orders(order("<OrderId>1</OrderId>")))
    assert list(finago.orders([OrderId(1)])) == [1]
    assert pauses == [1]


def test_a_read_gives_up_after_five_server_errors(finago: FinagoClient, server: ScriptedServer) -> None:
    server.script("GetInvoices", page("oops", 500))
    with pytest.raises(SystemUnreachable):
        finago.orders([OrderId(1)])
    assert len(server.requests_for("GetInvoices")) == 5


class TestAFaultOfARead:
    def test_that_is_not_known_is_tried_again_and_then_quoted(
        self, finago: FinagoClient, server: ScriptedServer, pauses: Pauses
    ) -> None:
        server.script("GetInvoices", fault("Server was unable to process request. ---&gt; Timeout expired."))
        with pytest.raises(RequestRefused, match="Timeout expired"):
            finago.orders([OrderId(1)])
        assert pauses == [1, 2, 4, 8]

    @pytest.mark.parametrize(
        "answer",
        [
            fault("Server was unable to read request. ---&gt; There is an error in XML document", code="soap:Client"),
            fault("Server was unable to process request. ---&gt; Instance validation error: 'X' is not valid"),
            fault("Something about the sender", 200, code="soap:Client"),
        ],
    )
    def test_that_is_about_the_request_is_not_tried_again(
        self, finago: FinagoClient, server: ScriptedServer, pauses: Pauses, answer: Answer
    ) -> None:
        server.script("GetInvoices", answer)
        with pytest.raises(RequestRefused):
            finago.orders([OrderId(1)])
        assert pauses == []


class TestSavedOrders:
    @pytest.fixture
    def save(self, finago: FinagoClient, server: ScriptedServer) -> Callable[..., tuple[SavedOrder, ...]]:
        def save(*items: str) -> tuple[SavedOrder, ...]:
            server.script(
                "SaveInvoices", soap("SaveInvoices", f"<SaveInvoicesResult>{''.join(items)}</SaveInvoicesResult>")
            )
            return finago.save_orders([ORDER])

        return save

    def test_come_as_they_are_in_the_order_of_the_reply(self, save: Callable[..., tuple[SavedOrder, ...]]) -> None:
        saved = save(
            order("<OrderId>5002</OrderId><ReferenceNumber>9002</ReferenceNumber>"),
            order("<OrderId>5001</OrderId><InvoiceId>10007</InvoiceId><ReferenceNumber>9001</ReferenceNumber>"),
        )
        assert saved == (
            SavedOrder(reference="9002", order_id=OrderId(5002)),
            SavedOrder(reference="9001", order_id=OrderId(5001), invoice_number=InvoiceNumber(10007)),
        )

    def test_may_be_refused_one_by_one(self, save: Callable[..., tuple[SavedOrder, ...]]) -> None:
        (saved,) = save(
            order(
                "<APIException><Type>Office24Seven.Library.Core.ParameterNotFoundException</Type>"
                "<Message>CustomerId 4711 of kari@nordmann.example does not exist</Message>"
                "<StackTrace>at canary</StackTrace></APIException><ReferenceNumber>9001</ReferenceNumber>"
            )
        )
        assert saved == SavedOrder(
            reference="9001",
            refusal="ParameterNotFoundException: CustomerId 4711 of (e-mail address) does not exist",
        )

    def test_may_be_missing(self, save: Callable[..., tuple[SavedOrder, ...]]) -> None:
        assert save() == ()

    def test_may_have_neither_id_nor_reason(self, save: Callable[..., tuple[SavedOrder, ...]]) -> None:
        assert save(order("<APIException/><ReferenceNumber>9001</ReferenceNumber>")) == (SavedOrder(reference="9001"),)


class TestCompanies:
    def test_are_read_whole(self, finago: FinagoClient, server: ScriptedServer) -> None:
        company = (
            "<Company><Id>4711</Id><ExternalId>77</ExternalId><OrganizationNumber>912345688</OrganizationNumber>"
            "<Name>Nordlys AS</Name><Addresses><Post><Street>Storgata 1</Street><PostalCode>0155</PostalCode>"
            "<PostalArea>Oslo</PostalArea></Post><Invoice><City>Bergen</City><Country>NO</Country></Invoice></Addresses>"
            "<EmailAddresses><Invoice><Value> faktura@nordlys.example </Value></Invoice><Work/></EmailAddresses>"
            "<Country>NO</Country><Type>Business</Type></Company>"
        )
        server.script("GetCompanies", soap("GetCompanies", f"<GetCompaniesResult>{company}</GetCompaniesResult>"))
        assert finago.companies([CompanyId(4711)]) == {
            4711: Company(
                id=CompanyId(4711),
                name="Nordlys AS",
                type="Business",
                external_id="77",
                organisation_number="912345688",
                emails=EmailAddresses(invoice="faktura@nordlys.example"),
                post_address=PostalAddress(street="Storgata 1", postal_code="0155", city="Oslo"),
                invoice_address=PostalAddress(city="Bergen", country="NO"),
                country="NO",
            )
        }

    def test_have_the_defaults_of_the_schema(self, finago: FinagoClient, server: ScriptedServer) -> None:
        server.script(
            "GetCompanies",
            soap("GetCompanies", "<GetCompaniesResult><Company><Id>1</Id></Company></GetCompaniesResult>"),
        )
        assert finago.companies([CompanyId(1)]) == {1: Company(id=CompanyId(1))}

    def test_that_are_saved_come_with_an_id_or_a_reason(self, finago: FinagoClient, server: ScriptedServer) -> None:
        items = (
            "<Company><Id>4712</Id><ExternalId>78</ExternalId><Name>Ny AS</Name></Company>"
            "<Company><APIException><Type>A.B</Type></APIException><ExternalId>79</ExternalId></Company>"
        )
        server.script("SaveCompanies", soap("SaveCompanies", f"<SaveCompaniesResult>{items}</SaveCompaniesResult>"))
        assert finago.save_companies([CompanyDraft(name="Ny AS")]) == (
            SavedCompany(id=CompanyId(4712), external_id="78", name="Ny AS"),
            SavedCompany(external_id="79", refusal="B"),
        )


def sync_page(number: int, pages: int, total: int, *ids: int) -> Answer:
    items = "".join(
        f"<SyncCompany><CompanyId>{each}</CompanyId><DateRegistered>2026-01-01T00:00:00</DateRegistered>"
        "<Active>true</Active></SyncCompany>"
        for each in ids
    )
    return soap(
        "GetCompanySyncList",
        f"<GetCompanySyncListResult><CurrentPage>{number}</CurrentPage><TotalPages>{pages}</TotalPages>"
        f"<TotalItems>{total}</TotalItems><ItemsPerPage>2</ItemsPerPage><Items>{items}</Items></GetCompanySyncListResult>",
    )


class TestTheDirectoryOfCompanies:
    @pytest.fixture(autouse=True)
    def companies(self, server: ScriptedServer) -> None:
        items = "".join(f"<Company><Id>{number}</Id></Company>" for number in (1, 2, 3))
        server.script("GetCompanies", soap("GetCompanies", f"<GetCompaniesResult>{items}</GetCompaniesResult>"))

    def test_is_read_to_the_last_page(self, finago: FinagoClient, server: ScriptedServer) -> None:
        server.script("GetCompanySyncList", sync_page(1, 2, 3, 1, 2), sync_page(2, 2, 3, 3))
        assert sorted(finago.company_directory()) == [1, 2, 3]
        assert [request.body.count(b"Page>2<") for request in server.requests_for("GetCompanySyncList")] == [0, 1]

    def test_is_read_again_when_somebody_works_in_it(self, finago: FinagoClient, server: ScriptedServer) -> None:
        answers = [sync_page(1, 2, 3, 1, 2), sync_page(2, 2, 3, 2), sync_page(1, 2, 3, 1, 2), sync_page(2, 2, 3, 3)]
        server.script("GetCompanySyncList", *answers)
        assert sorted(finago.company_directory()) == [1, 2, 3]

    def test_holds_only_what_is_in_use_whatever_the_filter_let_through(
        self, finago: FinagoClient, server: ScriptedServer
    ) -> None:
        page = sync_page(1, 1, 4, 1, 2, 3, 4)
        last = page.body.rindex(b"<Active>true")
        server.script(
            "GetCompanySyncList", replace(page, body=page.body[:last] + page.body[last:].replace(b"true", b"false", 1))
        )
        assert sorted(finago.company_directory()) == [1, 2, 3]
        (request,) = server.requests_for("GetCompanies")
        assert b">4<" not in request.body

    def test_that_holds_less_than_it_promises_is_no_directory(
        self, finago: FinagoClient, server: ScriptedServer
    ) -> None:
        """A company that is not seen would be created a second time."""
        server.script("GetCompanySyncList", sync_page(1, 1, 3, 1, 2))
        with pytest.raises(ContractBroken, match="office 102: the pages hold 2 companies, 3 are promised"):
            finago.company_directory()

    @pytest.mark.parametrize("content", ["", "<GetCompanySyncListResult/>"])
    def test_that_is_missing_is_not_an_empty_one(
        self, finago: FinagoClient, server: ScriptedServer, content: str
    ) -> None:
        server.script("GetCompanySyncList", soap("GetCompanySyncList", content))
        with pytest.raises(ContractBroken):
            finago.company_directory()


class TestProjects:
    def test_are_read_whole(self, finago: FinagoClient, server: ScriptedServer) -> None:
        project = (
            "<Project><Id>12345</Id><Name>Kick-off</Name><NameDisplay>Plain</NameDisplay>"
            "<DateStart>2026-11-20T00:00:00</DateStart><CustomerId>4711</CustomerId><TypeId>4</TypeId>"
            f"<StatusId>1</StatusId><TimeReg>WorkType</TimeReg><Budget {NIL}/></Project>"
        )
        found = f"<GetProjectsDetailedResult>{project}</GetProjectsDetailedResult>"
        server.script("GetProjectsDetailed", soap("GetProjectsDetailed", found))
        assert finago.projects([FinagoProjectId(12345)]) == {
            12345: FinagoProject(
                id=FinagoProjectId(12345),
                name="Kick-off",
                status_id=1,
                type_id=4,
                customer_id=CompanyId(4711),
                start_date=date(2026, 11, 20),
            )
        }

    def test_that_are_saved_answer_with_their_id(self, finago: FinagoClient, server: ScriptedServer) -> None:
        server.script("SaveProject", soap("SaveProject", "<SaveProjectResult>12345</SaveProjectResult>"))
        assert finago.save_project(ProjectDraft(id=FinagoProjectId(12345))) == 12345

    def test_have_statuses_of_which_only_those_in_use_count(self, finago: FinagoClient, server: ScriptedServer) -> None:
        statuses = (
            "<Status><Id>1</Id><Name>Aktiv</Name></Status><Status><Id>2</Id><Name>Avsluttet</Name><Active>true</Active>"
            "</Status><Status><Id>3</Id><Name>Aktiv</Name><Active>false</Active></Status>"
        )
        server.script(
            "GetProjectStatuses",
            soap("GetProjectStatuses", f"<GetProjectStatusesResult>{statuses}</GetProjectStatusesResult>"),
        )
        assert finago.project_statuses() == (NamedId(id=1, name="Aktiv"), NamedId(id=2, name="Avsluttet"))

    def test_have_types_with_a_number_for_a_key(self, finago: FinagoClient, server: ScriptedServer) -> None:
        types = (
            "<KeyValuePair><Key>4</Key><Value>Konferanse</Value></KeyValuePair>"
            "<KeyValuePair><Key>none</Key><Value>?</Value></KeyValuePair>"
        )
        server.script(
            "GetProjectTypes", soap("GetProjectTypes", f"<GetProjectTypesResult>{types}</GetProjectTypesResult>")
        )
        assert finago.project_types() == (NamedId(id=4, name="Konferanse"),)


class TestLists:
    def test_products(self, finago: FinagoClient, server: ScriptedServer) -> None:
        products = (
            "<Product><Id>31</Id><Name>Conference</Name><TaxRate>25.00</TaxRate><StatusId>1</StatusId>"
            "<CategoryId>9</CategoryId><No> 3000 </No></Product>"
            "<Product><Id>32</Id><TaxRate>0</TaxRate></Product><Product><Id>33</Id><CategoryId>10</CategoryId></Product>"
        )
        server.script("GetProducts", soap("GetProducts", f"<GetProductsResult>{products}</GetProductsResult>"))
        assert finago.products(9) == (
            Product(id=31, number="3000", name="Conference", category_id=9, tax_rate=Decimal(25), status_id=1),
            Product(id=32, tax_rate=Decimal(0)),
        )
        assert [product.id for product in finago.products_by_id([33])] == [33]

    def test_categories(self, finago: FinagoClient, server: ScriptedServer) -> None:
        found = (
            "<GetCategoriesResult><Category><Id>9</Id><Name>Misc</Name><No>3000</No></Category></GetCategoriesResult>"
        )
        server.script("GetCategories", soap("GetCategories", found))
        assert finago.categories() == (ProductCategory(id=9, number="3000", name="Misc"),)

    def test_departments(self, finago: FinagoClient, server: ScriptedServer) -> None:
        found = "<GetDepartmentListResult><Department><Id>0</Id></Department></GetDepartmentListResult>"
        server.script("GetDepartmentList", soap("GetDepartmentList", found))
        assert finago.departments() == (NamedId(id=0, name=""),)

    def test_payment_methods(self, finago: FinagoClient, server: ScriptedServer) -> None:
        method = "<PaymentMethod><Id>7</Id><Name>Kort</Name></PaymentMethod>"
        found = f"<GetPaymentMethodsResult>{method}</GetPaymentMethodsResult>"
        server.script("GetPaymentMethods", soap("GetPaymentMethods", found))
        assert finago.payment_methods() == (NamedId(id=7, name="Kort"),)

    def test_currencies(self, finago: FinagoClient, server: ScriptedServer) -> None:
        rows = (
            "<Currency><Symbol>JPY</Symbol><Id>3</Id><Rate>7.123400</Rate><Unit>100</Unit></Currency>"
            "<Currency><Id>4</Id><Rate>1</Rate><Unit>1</Unit></Currency>"
        )
        server.script(
            "GetCurrencyList", soap("GetCurrencyList", f"<GetCurrencyListResult>{rows}</GetCurrencyListResult>")
        )
        assert finago.currencies() == (Currency(symbol="JPY", rate=Decimal("7.1234"), unit=100),)

    def test_a_currency_without_a_rate_is_never_taken_for_one_to_one(
        self, finago: FinagoClient, server: ScriptedServer
    ) -> None:
        row = "<Currency><Symbol>EUR</Symbol><Id>2</Id><Unit>1</Unit></Currency>"
        server.script(
            "GetCurrencyList", soap("GetCurrencyList", f"<GetCurrencyListResult>{row}</GetCurrencyListResult>")
        )
        assert [currency.rate for currency in finago.currencies()] == [0], "which no invoice is sent with"


@pytest.mark.parametrize("company_id", ["F1", "", "9" * 5000, "2147483648", "<Id>4712</Id>", INT_NONE])
def test_a_company_that_is_listed_without_an_id_may_be_anybodys(
    finago: FinagoClient, server: ScriptedServer, company_id: str
) -> None:
    listed = "".join(f"<SyncCompany><CompanyId>{each}</CompanyId></SyncCompany>" for each in ("4711", company_id))
    page = f"<CurrentPage>1</CurrentPage><TotalPages>1</TotalPages><TotalItems>2</TotalItems><Items>{listed}</Items>"
    server.script(
        "GetCompanySyncList",
        soap("GetCompanySyncList", f"<GetCompanySyncListResult>{page}</GetCompanySyncListResult>"),
    )
    server.script(
        "GetCompanies",
        soap("GetCompanies", "<GetCompaniesResult><Company><Id>4711</Id></Company></GetCompaniesResult>"),
    )
    directory = finago.company_directory()
    assert list(directory) == [4711, 0]
    assert directory[CompanyId(0)].unreadable == ("SyncCompany.CompanyId cannot be read",)


@pytest.mark.parametrize("number", ["2147483648", "9" * 5000, "1e3", "0x1F"])
def test_a_whole_number_beyond_its_type_is_its_records_trouble(
    finago: FinagoClient, server: ScriptedServer, number: str
) -> None:
    items = [
        order(f"<OrderId>{each}</OrderId><ProjectId>{project}</ProjectId>") for each, project in ((1, 7), (2, number))
    ]
    server.script("GetInvoices", orders(*items))
    found = finago.orders([OrderId(1), OrderId(2)])
    assert found[OrderId(1)].unreadable == ()
    assert found[OrderId(2)].unreadable == ("InvoiceOrder.ProjectId is not a Int",)
