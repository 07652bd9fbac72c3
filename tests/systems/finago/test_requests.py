"""What is sent to Finago, member by member and in the order of the real schemas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from qondor_finago_pipelines.records.addresses import PostalAddress
from qondor_finago_pipelines.records.customers_and_projects.customers import (
    BUSINESS,
    CONSUMER,
    CompanyDraft,
    EmailAddresses,
)
from qondor_finago_pipelines.records.customers_and_projects.projects import ProjectDraft
from qondor_finago_pipelines.records.identifiers import (
    CompanyId,
    FinagoProjectId,
    InvoiceNumber,
    OrderId,
    QondorInvoiceId,
)
from qondor_finago_pipelines.records.invoices.orders import (
    AUTO,
    INVOICED,
    MANUAL,
    OFFER,
    CardPayment,
    Currency,
    Order,
    OrderRow,
)
from qondor_finago_pipelines.records.links import Kind
from qondor_finago_pipelines.records.plans import Pending
from qondor_finago_pipelines.systems.finago.client import FinagoClient
from tests.systems.schemas import arguments_of, tree_of, violations
from tests.systems.scripted import (
    APPLICATION_ID,
    IDENTITY_ID,
    PASSWORD,
    SESSION_ID,
    USERNAME,
    Answer,
    Request,
    ScriptedServer,
    soap,
)

OSLO_WINTER = timezone(timedelta(hours=1))

ADDRESS = PostalAddress(street="Storgata 1", postal_code="0155", city="Oslo", country="NO")

ORDER = Order(
    reference=QondorInvoiceId(9001),
    customer_id=CompanyId(4711),
    project_id=FinagoProjectId(12345),
    department_id=3,
    title="Kick-off 2026, final - Kick-off 2026",
    text="Customer offer invoice",
    status=OFFER,
    distributor=MANUAL,
    send_to_factoring=False,
    date_ordered=date(2026, 11, 20),
    payment_time=14,
    currency=Currency(symbol="NOK", rate=Decimal(1), unit=1),
    total_including_vat=Decimal("12500.00"),
    rows=(
        OrderRow(
            product_id=31,
            name="Conference package",
            price=Decimal("400.00"),
            in_price=Decimal("310.00"),
            quantity=Decimal(25),
        ),
        OrderRow(product_id=32, name="Refund", price=Decimal("0.0001"), in_price=None, quantity=Decimal("-1E+2")),
    ),
    email="faktura@nordlys.example",
)

CARD_ORDER = replace(
    ORDER,
    status=INVOICED,
    text="Credit card payment",
    payment_time=0,
    card_payment=CardPayment(method_id=7, amount=Decimal("12500.00"), paid_on=date(2026, 11, 21)),
)

CREDIT_NOTE = replace(
    ORDER,
    status=INVOICED,
    text="Credit note",
    distributor=AUTO,
    send_to_factoring=True,
    payment_time=None,
    customer_name="Kari Nordmann",
    invoice_address=ADDRESS,
    credited_order_id=OrderId(5001),
    credited_invoice_number=InvoiceNumber(10007),
)


@pytest.fixture
def asked(finago: FinagoClient, server: ScriptedServer) -> Callable[..., Request]:
    """Makes one call, whose answer does not matter, and gives the request. Every request fits its schema."""

    def ask(call: Callable[[FinagoClient], Any], operation: str, content: str = "") -> Request:
        server.script(operation, soap(operation, content))
        call(finago)
        for request in server.requests:
            assert violations(request.path, request.body) == []
        return server.requests_for(operation)[-1]

    return ask


def sent(request: Request) -> Any:
    return tree_of(arguments_of(request.body))


class TestLogin:
    def test_gives_the_identity_with_the_credential(
        self, asked: Callable[..., Request], server: ScriptedServer
    ) -> None:
        asked(lambda finago: finago.departments(), "GetDepartmentList")
        (login,) = server.requests_for("Login")
        assert login.path == "/authenticate/v001/authenticate.asmx"
        assert "Cookie" not in login.headers
        assert sent(login) == [
            (
                "credential",
                [
                    ("ApplicationId", APPLICATION_ID),
                    ("IdentityId", IDENTITY_ID),
                    ("Password", PASSWORD),
                    ("Username", USERNAME),
                ],
            )
        ]

    def test_leaves_out_an_identity_that_is_not_given(
        self, new_finago: Callable[..., FinagoClient], credential: Any, server: ScriptedServer
    ) -> None:
        server.script("Login", soap("Login", f"<LoginResult>{SESSION_ID}</LoginResult>"))
        server.script("GetDepartmentList", soap("GetDepartmentList", ""))
        new_finago(credential=replace(credential, identity_id=None)).departments()
        login = server.requests_for("Login")[0]
        assert violations(login.path, login.body) == []
        assert "IdentityId" not in login.body.decode()


def test_the_session_goes_to_both_hosts(new_finago: Callable[..., FinagoClient], server: ScriptedServer) -> None:
    server.script("Login", soap("Login", f"<LoginResult>{SESSION_ID}</LoginResult>"))
    server.script("GetProjectStatuses", soap("GetProjectStatuses", ""))
    server.script("GetDepartmentList", soap("GetDepartmentList", ""))
    finago = new_finago(webservices_url=server.url.replace("127.0.0.1", "localhost"))
    finago.departments()
    finago.project_statuses()
    hosts = {request.operation: request.headers["Host"].partition(":")[0] for request in server.requests}
    assert hosts == {"Login": "127.0.0.1", "GetDepartmentList": "127.0.0.1", "GetProjectStatuses": "localhost"}
    cookies = {request.headers.get("Cookie") for request in server.requests if request.operation != "Login"}
    assert cookies == {f"ASP.NET_SessionId={SESSION_ID}"}


def test_the_action_is_quoted_and_the_type_is_xml(asked: Callable[..., Request]) -> None:
    request = asked(lambda finago: finago.currencies(), "GetCurrencyList")
    assert request.headers["SOAPAction"] == '"http://24sevenOffice.com/webservices/GetCurrencyList"'
    assert request.headers["Content-Type"] == "text/xml; charset=utf-8"


@pytest.fixture
def saved(asked: Callable[..., Request]) -> Callable[[Order], dict[str, Any]]:
    """The members of an order's first step."""

    def save(order: Order) -> dict[str, Any]:
        request = asked(lambda finago: finago.save_orders([order]), "SaveInvoices")
        ((_, ((_, members),)),) = sent(request)
        return dict(members)

    return save


class TestTheFirstStepOfAnOrder:
    def test_holds_the_whole_order_in_the_order_of_the_schema(self, saved: Callable[[Order], dict[str, Any]]) -> None:
        assert list(saved(ORDER).items()) == [
            ("CustomerId", "4711"),
            ("OrderStatus", "Offer"),
            ("DateOrdered", "2026-11-20T00:00:00"),
            ("PaymentTime", "14"),
            ("ProjectId", "12345"),
            ("IncludeVAT", "false"),
            ("OrderTotalIncVat", "12500.00"),
            ("InvoiceTitle", "Kick-off 2026, final - Kick-off 2026"),
            ("InvoiceText", "Customer offer invoice"),
            ("Currency", [("Rate", "1"), ("Unit", "1"), ("Symbol", "NOK")]),
            ("Distributor", "Manual"),
            ("DepartmentId", "3"),
            ("InvoiceEmailAddress", "faktura@nordlys.example"),
            (
                "InvoiceRows",
                [
                    (
                        "InvoiceRow",
                        [
                            ("ProductId", "31"),
                            ("Price", "400.00"),
                            ("Name", "Conference package"),
                            ("Quantity", "25"),
                            ("InPrice", "310.00"),
                        ],
                    ),
                    (
                        "InvoiceRow",
                        [("ProductId", "32"), ("Price", "0.0001"), ("Name", "Refund"), ("Quantity", "-100")],
                    ),
                ],
            ),
            ("ReferenceNumber", "9001"),
            ("SendToFactoring", "false"),
        ]

    def test_of_a_card_payment_waits_for_invoicing_without_the_payment(
        self, saved: Callable[[Order], dict[str, Any]]
    ) -> None:
        members = saved(CARD_ORDER)
        assert members["OrderStatus"] == "ForInvoicing"
        assert members["PaymentTime"] == "0"
        assert not {"Paid", "PaymentAmount", "PaymentMethodId", "DateInvoiced", "OrderId"} & members.keys()

    def test_of_a_credit_note_names_its_original(self, saved: Callable[[Order], dict[str, Any]]) -> None:
        members = saved(CREDIT_NOTE)
        assert (members["ReferenceInvoiceId"], members["ReferenceOrderId"]) == ("10007", "5001")
        assert (members["Distributor"], members["SendToFactoring"]) == ("Auto", "true")
        assert "PaymentTime" not in members

    def test_carries_another_bill_to(self, saved: Callable[[Order], dict[str, Any]]) -> None:
        members = saved(CREDIT_NOTE)
        assert members["CustomerName"] == "Kari Nordmann"
        assert members["Addresses"] == [
            (
                "Invoice",
                [
                    ("Street", "Storgata 1"),
                    ("PostalCode", "0155"),
                    ("PostalArea", "Oslo"),
                    ("City", "Oslo"),
                    ("Country", "NO"),
                ],
            )
        ]

    def test_spares_the_schema_what_xml_cannot_hold(self, saved: Callable[[Order], dict[str, Any]]) -> None:
        assert saved(replace(ORDER, title="Kick\x0boff\x00 & <Åse> 🎉"))["InvoiceTitle"] == "Kick off  & <Åse> 🎉"

    def test_is_never_sent_for_a_customer_without_an_id(self, finago: FinagoClient, server: ScriptedServer) -> None:
        waiting = replace(ORDER, customer_id=Pending(Kind.COMPANY, "customer:77"))
        with pytest.raises(ValueError, match="9001"):
            finago.save_orders([waiting])
        assert server.requests == []


def with_rows_in_finago(order: Order) -> Order:
    """The order as it stands in Finago after the first step: its rows are 71, 72 and so on."""
    return replace(order, rows=tuple(replace(row, row_id=71 + place) for place, row in enumerate(order.rows)))


class TestTheSecondStepOfAnOrder:
    @pytest.fixture
    def invoiced(self, asked: Callable[..., Request]) -> Callable[[Order], Any]:
        def invoice(order: Order) -> Any:
            answer = "<SaveInvoicesResult><InvoiceOrder><OrderId>5001</OrderId></InvoiceOrder></SaveInvoicesResult>"
            whole = with_rows_in_finago(order)
            request = asked(lambda finago: finago.invoice_order(OrderId(5001), whole), "SaveInvoices", answer)
            ((_, ((_, members),)),) = sent(request)
            return members

        return invoice

    def test_makes_it_an_invoice_dated_as_the_order_and_paid(self, invoiced: Callable[[Order], Any]) -> None:
        members = dict(invoiced(CARD_ORDER))
        assert {name: members[name] for name in members.keys() - {"InvoiceRows"}}.items() >= {
            ("OrderId", "5001"),
            ("OrderStatus", "Invoiced"),
            ("DateInvoiced", "2026-11-20T00:00:00"),
            ("Paid", "2026-11-21T00:00:00"),
            ("PaymentMethodId", "7"),
            ("PaymentAmount", "12500.00"),
        }

    def test_is_the_whole_order_of_the_first_step(
        self, invoiced: Callable[[Order], Any], saved: Callable[[Order], dict[str, Any]]
    ) -> None:
        first, second = saved(CARD_ORDER), dict(invoiced(CARD_ORDER))
        kept = first.keys() - {"OrderStatus", "InvoiceRows"}
        assert {"CustomerId", "PaymentTime", "ProjectId", "Currency", "DepartmentId"} <= kept
        assert {name: second[name] for name in kept} == {name: first[name] for name in kept}

    def test_changes_the_rows_that_stand_there_and_adds_none(
        self, invoiced: Callable[[Order], Any], saved: Callable[[Order], dict[str, Any]]
    ) -> None:
        rows = dict(invoiced(CARD_ORDER))["InvoiceRows"]
        assert [dict(members)["RowId"] for _, members in rows] == [str(71 + place) for place in range(len(rows))]
        assert {dict(members)["ChangeState"] for _, members in rows} == {"Edit"}
        sent_first = [dict(members) for _, members in saved(CARD_ORDER)["InvoiceRows"]]
        assert [members | {"RowId": "x", "ChangeState": "Edit"} for members in sent_first] == [
            dict(members) | {"RowId": "x"} for _, members in rows
        ]

    def test_is_never_sent_before_the_ids_of_the_rows_are_known(
        self, finago: FinagoClient, server: ScriptedServer
    ) -> None:
        with pytest.raises(ValueError, match="9001"):
            finago.invoice_order(OrderId(5001), CARD_ORDER)
        assert server.requests == []

    def test_sends_no_payment_that_is_none(self, invoiced: Callable[[Order], Any]) -> None:
        members = dict(invoiced(CREDIT_NOTE))
        assert not {"Paid", "PaymentMethodId", "PaymentAmount"} & members.keys()
        assert (members["Distributor"], members["SendToFactoring"]) == ("Auto", "true")


class TestCompanies:
    def test_a_consumer_is_written_with_the_address_and_the_e_mail_in_every_field(
        self, asked: Callable[..., Request]
    ) -> None:
        email = "kari@nordmann.example"
        draft = CompanyDraft(
            name="Kari Nordmann",
            first_name="Kari",
            type=CONSUMER,
            emails=EmailAddresses(primary=email, work=email, home=email, invoice=email),
            invoice_address=ADDRESS,
            post_address=ADDRESS,
            country="NO",
        )
        request = asked(lambda finago: finago.save_companies([draft]), "SaveCompanies")
        place = [
            ("Street", "Storgata 1"),
            ("PostalCode", "0155"),
            ("PostalArea", "Oslo"),
            ("City", "Oslo"),
            ("Country", "NO"),
        ]
        assert sent(request) == [
            (
                "companies",
                [
                    (
                        "Company",
                        [
                            ("Name", "Kari Nordmann"),
                            ("FirstName", "Kari"),
                            ("Addresses", [("Post", place), ("Invoice", place)]),
                            (
                                "EmailAddresses",
                                [(field, [("Value", email)]) for field in ("Home", "Invoice", "Primary", "Work")],
                            ),
                            ("Country", "NO"),
                            ("Type", "Consumer"),
                        ],
                    )
                ],
            )
        ]

    def test_an_update_sends_only_the_id_and_what_changes_and_never_the_type(
        self, asked: Callable[..., Request]
    ) -> None:
        draft = CompanyDraft(id=CompanyId(4711), name="Nordlys AS", external_id="77", type=BUSINESS)
        request = asked(lambda finago: finago.save_companies([draft]), "SaveCompanies")
        assert sent(request) == [
            ("companies", [("Company", [("Id", "4711"), ("ExternalId", "77"), ("Name", "Nordlys AS")])])
        ]

    def test_are_asked_for_with_explicit_properties(self, asked: Callable[..., Request]) -> None:
        request = asked(lambda finago: finago.companies([CompanyId(2), CompanyId(1)]), "GetCompanies")
        (ids, properties) = sent(request)
        assert ids == ("searchParams", [("CompanyIds", [("int", "1"), ("int", "2")])])
        wanted = {name for _, name in properties[1]}
        assert {"Id", "Name", "ExternalId", "OrganizationNumber", "Type", "EmailAddresses", "Addresses"} <= wanted

    def test_an_id_that_no_company_can_have_is_not_asked_for(
        self, finago: FinagoClient, server: ScriptedServer
    ) -> None:
        impossible = [CompanyId(0), CompanyId(-5), CompanyId(99_999_999_999)]
        assert finago.companies(impossible) == {}
        assert server.requests == []


class TestProjects:
    def test_are_saved_with_what_the_schema_demands(self, asked: Callable[..., Request]) -> None:
        draft = ProjectDraft(
            id=FinagoProjectId(12345),
            name="Kick-off 2026",
            status_id=1,
            type_id=4,
            customer_id=CompanyId(4711),
            start_date=date(2026, 11, 20),
            end_date=date(2026, 11, 22),
        )
        answer = "<SaveProjectResult>12345</SaveProjectResult>"
        request = asked(lambda finago: finago.save_project(draft), "SaveProject", answer)
        assert sent(request) == [
            (
                "project",
                [
                    ("Id", "12345"),
                    ("Name", "Kick-off 2026"),
                    ("NameDisplay", "Plain"),
                    ("DateStart", "2026-11-20T00:00:00"),
                    ("DateStop", "2026-11-22T00:00:00"),
                    ("CustomerId", "4711"),
                    ("TypeId", "4"),
                    ("StatusId", "1"),
                    ("TimeReg", "WorkType"),
                ],
            )
        ]

    def test_that_are_not_among_the_active_ones_are_asked_of_the_deactivated_ones(
        self, finago: FinagoClient, server: ScriptedServer
    ) -> None:
        found = "<GetProjectsDetailedResult><Project><Id>1</Id></Project></GetProjectsDetailedResult>"
        server.script("GetProjectsDetailed", soap("GetProjectsDetailed", found))
        old = "<GetDeactivatedProjectsResult><Project><Id>2</Id></Project></GetDeactivatedProjectsResult>"
        server.script("GetDeactivatedProjects", soap("GetDeactivatedProjects", old))
        ids = [FinagoProjectId(1), FinagoProjectId(2), FinagoProjectId(3)]
        projects = finago.projects(ids)
        assert {project.id: project.deactivated for project in projects.values()} == {1: False, 2: True}
        detailed, deactivated = server.requests[-2:]
        assert sent(detailed) == [("Ps", [("ProjectIds", [("int", "1"), ("int", "2"), ("int", "3")])])]
        assert sent(deactivated) == [("ps", [("ProjectIds", [("int", "2"), ("int", "3")])])]
        assert violations(detailed.path, detailed.body) + violations(deactivated.path, deactivated.body) == []

    def test_that_are_all_active_need_one_call(self, finago: FinagoClient, server: ScriptedServer) -> None:
        found = "<GetProjectsDetailedResult><Project><Id>1</Id></Project></GetProjectsDetailedResult>"
        server.script("GetProjectsDetailed", soap("GetProjectsDetailed", found))
        finago.projects([FinagoProjectId(1)])
        assert server.operations == ["Login", "GetProjectsDetailed"]


class TestReadingOrders:
    def test_asks_for_explicit_properties_and_no_rows(self, asked: Callable[..., Request]) -> None:
        request = asked(lambda finago: finago.orders([OrderId(5001)]), "GetInvoices")
        search, properties, row_properties = sent(request)
        assert search == ("searchParams", [("OrderIds", [("int", "5001")])])
        wanted = {name for _, name in properties[1]}
        assert {"OrderId", "InvoiceId", "ReferenceNumber", "Paid", "OrderTotalIncVat", "OrderStatus"} <= wanted
        assert "InvoiceRows" not in wanted
        assert row_properties[0] == "rowReturnProperties"
        assert row_properties[1]

    def test_goes_by_a_thousand(self, finago: FinagoClient, server: ScriptedServer) -> None:
        server.script("GetInvoices", soap("GetInvoices", ""))
        finago.orders([OrderId(number) for number in range(1, 2002)])
        sizes = [request.body.count(b":int>") // 2 for request in server.requests_for("GetInvoices")]
        assert sizes == [1000, 1000, 1]

    def test_by_number_asks_for_invoice_ids(self, asked: Callable[..., Request]) -> None:
        request = asked(lambda finago: finago.orders_by_number([InvoiceNumber(10007)]), "GetInvoices")
        assert sent(request)[0] == ("searchParams", [("InvoiceIds", [("int", "10007")])])

    def test_by_registration_sends_the_instant_in_utc(self, asked: Callable[..., Request]) -> None:
        instant = datetime(2026, 11, 20, 10, 0, 59, 999_999, tzinfo=OSLO_WINTER)
        request = asked(lambda finago: finago.orders_registered_after(instant), "GetOrderSyncList")
        assert sent(request) == [("syncParams", [("RegisteredAfter", "2026-11-20T09:00:59Z")])]


class TestLists:
    def test_products_are_asked_for_by_category(self, asked: Callable[..., Request]) -> None:
        request = asked(lambda finago: finago.products(9), "GetProducts")
        assert sent(request)[0] == ("searchParams", [("CategoryId", "9")])

    def test_products_are_asked_for_by_id(self, asked: Callable[..., Request]) -> None:
        request = asked(lambda finago: finago.products_by_id([900]), "GetProducts")
        assert sent(request)[0] == ("searchParams", [("ProductIds", [("int", "900")])])

    @pytest.mark.parametrize(
        ("operation", "ask"),
        [
            ("GetCategories", FinagoClient.categories),
            ("GetDepartmentList", FinagoClient.departments),
            ("GetPaymentMethods", FinagoClient.payment_methods),
            ("GetCurrencyList", FinagoClient.currencies),
            ("GetProjectStatuses", FinagoClient.project_statuses),
            ("GetProjectTypes", FinagoClient.project_types),
        ],
    )
    def test_the_others_fit_their_schema(
        self, asked: Callable[..., Request], operation: str, ask: Callable[[FinagoClient], Any]
    ) -> None:
        assert asked(ask, operation).operation == operation

    def test_the_directory_is_of_active_companies_page_by_page(self, asked: Callable[..., Request]) -> None:
        page = (
            "<GetCompanySyncListResult><CurrentPage>1</CurrentPage><TotalPages>0</TotalPages>"
            "<TotalItems>0</TotalItems><ItemsPerPage>1000</ItemsPerPage></GetCompanySyncListResult>"
        )
        request = asked(lambda finago: finago.company_directory(), "GetCompanySyncList", page)
        assert sent(request) == [("syncSearchParameters", [("Page", "1"), ("Active", "true")])]


def test_a_request_that_the_schema_must_refuse_is_refused() -> None:
    """The judge itself: a wrong order, an unknown member, a number that is none."""
    path = "/Economy/InvoiceOrder/V001/InvoiceService.asmx"
    namespace = "http://24sevenOffice.com/webservices"

    def body(members: str) -> bytes:
        return (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
            f'<SaveInvoices xmlns="{namespace}"><invoices><InvoiceOrder>{members}</InvoiceOrder></invoices>'
            "</SaveInvoices></e:Body></e:Envelope>"
        ).encode()

    assert violations(path, body("<CustomerId>1</CustomerId><IncludeVAT>false</IncludeVAT>")) == []
    assert violations(path, body("<IncludeVAT>false</IncludeVAT><CustomerId>1</CustomerId>"))
    assert violations(path, body("<CustomerId>1</CustomerId>"))
    assert violations(path, body("<CustomerId>one</CustomerId><IncludeVAT>false</IncludeVAT>"))
    assert violations(path, body("<IncludeVAT>false</IncludeVAT><Nonsense/>"))


def test_the_addresses_of_the_wsdls_are_never_called(
    new_finago: Callable[..., FinagoClient], server: ScriptedServer
) -> None:
    """They say localhost, where nothing of ours is: the path alone counts, below whatever the settings say."""
    server.script("Login", soap("Login", f"<LoginResult>{SESSION_ID}</LoginResult>"))
    server.script("GetDepartmentList", Answer(200, soap("GetDepartmentList", "").body, {"Content-Type": "text/xml"}))
    new_finago(api_url=f"{server.url}/finago/").departments()
    assert [request.path for request in server.requests] == [
        "/finago/authenticate/v001/authenticate.asmx",
        "/finago/Client/V001/ClientService.asmx",
    ]


def test_instants_are_aware(finago: FinagoClient, server: ScriptedServer) -> None:
    server.script("GetOrderSyncList", soap("GetOrderSyncList", ""))
    finago.orders_registered_after(datetime(2026, 3, 29, 1, 30, tzinfo=UTC))
    assert b"2026-03-29T01:30:00Z" in server.requests[-1].body, "the night without a third hour in Oslo"
