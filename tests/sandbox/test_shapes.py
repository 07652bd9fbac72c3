"""What the sandbox makes of the WSDLs, and its replies before a strict reader that was made by others."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
import zeep
from lxml import etree

from qondor_finago_pipelines.sandbox import Sandbox
from qondor_finago_pipelines.sandbox.finago.app import OPERATIONS
from qondor_finago_pipelines.sandbox.finago.shapes import XS, Items, Kind, Member, Shape, Shapes, read, write
from qondor_finago_pipelines.sandbox.finago.wsdl import OWN_FOLDER, read_folder
from qondor_finago_pipelines.sandbox.seeds import demo

from .conftest import PATHS, REAL_WSDLS, Soap

WITH_THE_REAL_ONES = pytest.mark.skipif(
    not REAL_WSDLS.is_dir(), reason="not compared: REAL_WSDL_FOLDER names no folder with the real WSDLs"
)
FOLDERS = [
    pytest.param(OWN_FOLDER, id="own"),
    pytest.param(REAL_WSDLS, id="real", marks=WITH_THE_REAL_ONES),
]
TEXTS = {
    **dict.fromkeys(("int", "short", "long", "unsignedByte"), ("7",)),
    **dict.fromkeys(("decimal", "double"), ("-1250.50",)),
    "string": ("Fjære & Sønn <AS>",),
    "guid": ("aaaaaaaa-0000-4000-8000-000000000102",),
    "date": ("2026-11-20",),
    "dateTime": ("2026-11-20T09:12:00",),
    "boolean": ("true", "false"),
}


def fill(parent: etree._Element, source: etree._Element, wsdl: etree._Element) -> None:
    """Every member that the schema allows, lists twice, each with a value that is not its default."""
    for one in source.iterfind(f".//{XS}sequence/{XS}element[@type]"):
        name = one.get("type").rpartition(":")[2]
        for _ in range(2 if one.get("maxOccurs") == "unbounded" else 1):
            child = etree.SubElement(parent, f"{{{etree.QName(parent).namespace}}}{one.get('name')}")
            inner = wsdl.find(f".//{XS}complexType[@name='{name}']")
            if inner is not None:
                fill(child, inner, wsdl)
                continue
            declared = wsdl.iterfind(f".//{XS}simpleType[@name='{name}']//{XS}enumeration")
            texts = [each.get("value") for each in declared] or TEXTS[name]
            child.text = next(text for text in texts if text != one.get("default"))


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize(
    ("service", "message"),
    [
        pytest.param(service, f"{operation}{end}", id=f"{operation}{end}")
        for service, operations in OPERATIONS.items()
        for operation in operations
        for end in ("", "Response")
    ],
)
def test_a_message_with_all_that_the_schema_allows_is_read_and_written_back_whole(
    folder: Path, service: str, message: str
) -> None:
    """The schema is the judge of order, names and texts; what is lost or renamed on the way shows as a difference."""
    played = read_folder(folder)[service]
    source = played.source.find(f".//{XS}schema/{XS}element[@name='{message}']")
    full = etree.Element(f"{{{played.namespace}}}{message}", nsmap={None: played.namespace})
    fill(full, source, played.source)
    assert played.violation(full) is None
    shape = played.shapes.message(message)
    again = etree.Element(full.tag, nsmap=full.nsmap)
    write(again, shape, read(shape, full))
    assert etree.tostring(again) == etree.tostring(full)


@pytest.mark.parametrize(
    ("service", "type_name", "member", "expected"),
    [
        ("InvoiceService", "InvoiceOrder", "OrderId", (-2147483648, False, False)),
        ("InvoiceService", "InvoiceOrder", "IncludeVAT", (None, True, True)),
        ("InvoiceService", "InvoiceOrder", "CustomerDeliveryName", (None, False, False)),
        ("InvoiceService", "InvoiceOrder", "OrderStatus", ("Web", False, False)),
        ("InvoiceService", "Currency", "Rate", (Decimal(1), False, False)),
        ("CompanyService", "Company", "Private", (None, False, True)),
        ("ProductService", "Product", "CashPriceIncTax", (Decimal("-1.7976931348623157E+308"), False, False)),
        ("ProjectService", "Project", "QuickListed", (True, False, False)),
        ("TransactionService", "Transaction", "Hidden", (None, True, False)),
    ],
)
def test_defaults_required_and_nillable_are_the_schemas(
    service: str, type_name: str, member: str, expected: tuple[object, bool, bool]
) -> None:
    found = read_folder()[service].shapes.type(type_name).members[member]
    assert (found.default, found.required, found.nillable) == expected


def test_what_is_left_out_and_what_is_nil_follow_from_the_schema() -> None:
    """A default is left out and read as not sent; a required member without a value is nil, or an error."""
    shapes = read_folder()["InvoiceService"].shapes
    order = etree.Element("{urn:x}InvoiceOrder")
    values = {"OrderId": -2147483648, "CustomerName": "", "CustomerDeliveryName": "", "SendToFactoring": None}
    write(order, shapes.type("InvoiceOrder"), values)
    assert [etree.QName(child).localname for child in order] == [
        "CustomerDeliveryName",
        "IncludeVAT",
        "SendToFactoring",
    ]
    assert read(shapes.type("InvoiceOrder"), order) == {"CustomerDeliveryName": ""}
    etree.SubElement(order, "{urn:x}OrderId").text = "-2147483648"
    etree.SubElement(order, "{urn:x}DateOrdered").text = "0001-01-01T00:00:00Z"
    etree.SubElement(order, "{urn:x}Unheard").text = "1"
    assert read(shapes.type("InvoiceOrder"), order) == {"CustomerDeliveryName": ""}
    year = read_folder()["TransactionService"].shapes.type("FiscalYear")
    with pytest.raises(ValueError, match=r"FiscalYear\.StartingDate is required"):
        write(etree.Element("{urn:x}FiscalYear"), year, {"Id": TEXTS["guid"][0]})


def test_a_type_may_hold_itself() -> None:
    element = '<xs:element name="{}" type="{}" minOccurs="0"/>'
    schema = (
        '<w xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:complexType name="Folder"><xs:sequence>'
        f"{element.format('Name', 'xs:string')}{element.format('Within', 'tns:Folder')}"
        "</xs:sequence></xs:complexType></w>"
    )
    folder = Shapes(etree.fromstring(schema)).type("Folder")
    assert folder.members["Within"].kind is folder


@WITH_THE_REAL_ONES
@pytest.mark.parametrize(
    ("service", "operation"), [(service, one) for service, operations in OPERATIONS.items() for one in operations]
)
def test_our_own_wsdl_declares_what_the_real_one_does(service: str, operation: str) -> None:
    """Every member, by order, default, kind, required and nillable, of the request and of the answer."""
    ours, theirs = read_folder()[service].shapes, read_folder(REAL_WSDLS)[service].shapes
    for message in (operation, f"{operation}Response"):
        assert_equal(ours.message(message), theirs.message(message), message)


def assert_equal(ours: Kind | Shape | Items, theirs: Kind | Shape | Items, where: str) -> None:
    assert type(ours) is type(theirs), where
    if isinstance(ours, Items) and isinstance(theirs, Items):
        assert ours.element == theirs.element, where
        assert_equal(ours.kind, theirs.kind, where)
    elif isinstance(ours, Shape) and isinstance(theirs, Shape):
        assert list(ours.members) == list(theirs.members), where
        for name, member in ours.members.items():
            assert facts(member) == facts(theirs.members[name]), f"{where}.{name}"
            assert_equal(member.kind, theirs.members[name].kind, f"{where}.{name}")
    else:
        assert ours is theirs, where


def facts(member: Member) -> tuple[Any, bool, bool]:
    return member.default, member.required, member.nillable


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_operation_is_declared_under_the_path_that_is_served(folder: Path) -> None:
    services = read_folder(folder)
    for name, operations in OPERATIONS.items():
        assert services[name].path == PATHS[name].lower()
        for operation in operations:
            assert services[name].operations[operation] == f"{services[name].namespace.rstrip('/')}/{operation}"


def test_every_operation_of_our_own_wsdls_is_played() -> None:
    declared = {(name, operation) for name, service in read_folder().items() for operation in service.operations}
    assert declared == {(name, operation) for name, operations in OPERATIONS.items() for operation in operations}


def test_a_folder_without_wsdls_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"No \*\.wsdl files"):
        read_folder(tmp_path)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_strict_reader_takes_every_reply(folder: Path) -> None:
    """zeep in its strict mode raises on an unknown element, a wrong order, or a required one that is missing."""
    with Sandbox(folder, world=demo.world(mishaps=False)) as sandbox:
        environment = sandbox.environment()
        http = requests.Session()
        transport = zeep.Transport(session=http, timeout=10, operation_timeout=60)
        service = {}
        for name, path in PATHS.items():
            host = sandbox.finago_webservices_url if name == "ProjectService" else sandbox.finago_api_url
            service[name] = zeep.Client(f"{host}/{path}?wsdl", transport=transport).service
        session = service["Authenticate"].Login(
            {
                "ApplicationId": environment["FINAGO_APPLICATION_ID"],
                "Username": environment["FINAGO_USERNAME_OSLO"],
                "Password": environment["FINAGO_PASSWORD_OSLO"],
            }
        )
        http.headers["Cookie"] = f"ASP.NET_SessionId={session}"
        assert service["Authenticate"].HasSession() is True
        assert service["Authenticate"].GetIdentity().Client.Id == 50102

        page = service["CompanyService"].GetCompanySyncList({"Page": 1, "Active": True})
        ids = [company.CompanyId for company in page.Items.SyncCompany]
        company = service["CompanyService"].GetCompanies(
            {"CompanyIds": {"int": ids}}, all_of("CompanyService", "Company")
        )[0]
        assert (company.Id, company.OrganizationNumber) == (4711, "912345688")
        assert service["CompanyService"].SaveCompanies({"Company": [{"Id": 4711, "Name": "Nordlys AS"}]})[0].Id == 4711

        draft = {"Id": 12345, "Name": "Kick-off", "NameDisplay": "Plain", "TimeReg": "WorkType", "StatusId": 1}
        assert service["ProjectService"].SaveProject(draft) == 12345
        assert service["ProjectService"].GetProjectsDetailed({"ProjectIds": {"int": [12345]}})[0].Name == "Kick-off"
        assert service["ProjectService"].GetDeactivatedProjects({"ProjectIds": {"int": [12345]}}) is None

        rows = [{"ProductId": 301, "Price": Decimal("400.00"), "Quantity": 25, "Name": "Conference package"}]
        order = {
            "CustomerId": 4711,
            "ProjectId": 12345,
            "OrderStatus": "Invoiced",
            "IncludeVAT": False,
            "ReferenceNumber": "9001",
            "InvoiceRows": {"InvoiceRow": rows},
        }
        good, bad = service["InvoiceService"].SaveInvoices({"InvoiceOrder": [order, {**order, "CustomerId": 1}]})
        assert (good.InvoiceId, good.APIException) == (10003, None)
        assert bad.APIException.Type == "Office24Seven.Library.Core.ParameterNotFoundException"
        (read,) = service["InvoiceService"].GetInvoices(
            {"OrderIds": {"int": [good.OrderId]}},
            all_of("InvoiceService", "InvoiceOrder"),
            all_of("InvoiceService", "InvoiceRow"),
        )
        assert read.OrderTotalIncVat == Decimal("12500.00")
        assert read.InvoiceRows.InvoiceRow[0].VatRate == 25

        assert (
            service["ProductService"].GetProducts({"CategoryId": 9}, all_of("ProductService", "Product"))[0].TaxRate
            == 25
        )
        assert service["ProductService"].GetCategories(all_of("ProductService", "Category"))[0].No == "9000"
        assert service["ClientService"].GetClientInformation().DefaultCurrency == "NOK"


def all_of(service: str, type_name: str) -> dict[str, list[str]]:
    return {"string": list(read_folder()[service].shapes.type(type_name).members)}


def test_against_other_wsdls_a_request_must_keep_their_schema(sandbox: Sandbox, soap: Soap, tmp_path: Path) -> None:
    """`--wsdl DIR`: the folder decides, whatever its files are called."""
    for number, path in enumerate(sorted(OWN_FOLDER.glob("*.wsdl"))):
        (tmp_path / f"{number}.wsdl").write_bytes(
            path.read_bytes().replace(b'name="ReferenceNumber"', b'name="NumberOfReference"')
        )
    with Sandbox(tmp_path, world=sandbox.world) as other:
        client = Soap(other, soap.services).login()
        content = "<invoices><InvoiceOrder><IncludeVAT>false</IncludeVAT><{0}>1</{0}></InvoiceOrder></invoices>"
        ours = client.post("InvoiceService", "SaveInvoices", content.format("ReferenceNumber"))
        theirs = client.post("InvoiceService", "SaveInvoices", content.format("NumberOfReference"))
        assert "Instance validation error" in ours.text
        assert "CustomerId is required" in etree.fromstring(theirs.content).findtext(".//{*}Message")
