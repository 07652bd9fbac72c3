"""The sandbox's own tables against the WSDLs, and its replies before a strict reader that was made by others."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
import requests
import zeep
from lxml import etree

from qondor_finago_pipelines.sandbox import Sandbox
from qondor_finago_pipelines.sandbox.finago import (
    accounts,
    authenticate,
    clients,
    companies,
    invoices,
    ledger,
    products,
    projects,
    shapes,
)
from qondor_finago_pipelines.sandbox.finago.app import OPERATIONS
from qondor_finago_pipelines.sandbox.finago.shapes import Items, Kind, Member, Shape
from qondor_finago_pipelines.sandbox.finago.wsdl import OWN_FOLDER, XS, read_folder
from qondor_finago_pipelines.sandbox.seeds import demo

from .conftest import PATHS, REAL_WSDLS, Soap

UNTYPED = {"Context"}
"""Elements without a type, which the sandbox never sends."""

MODULES = {
    "AccountService": accounts,
    "Authenticate": authenticate,
    "ClientService": clients,
    "CompanyService": companies,
    "InvoiceService": invoices,
    "ProductService": products,
    "ProjectService": projects,
    "TransactionService": ledger,
}
KINDS = {
    "int": "NUMBER",
    "short": "NUMBER",
    "long": "NUMBER",
    "decimal": "DECIMAL",
    "double": "DECIMAL",
    "dateTime": "MOMENT",
    "date": "DAY",
    "unsignedByte": "NUMBER",
    "boolean": "BOOLEAN",
}


WITH_THE_REAL_ONES = pytest.mark.skipif(
    not REAL_WSDLS.is_dir(), reason="not compared: REAL_WSDL_FOLDER names no folder with the real WSDLs"
)
FOLDERS = [
    pytest.param(OWN_FOLDER, id="own"),
    pytest.param(REAL_WSDLS, id="real", marks=WITH_THE_REAL_ONES),
]


def declared_shapes(service: str) -> dict[str, Shape]:
    """Every shape that a service module uses, by type name: its own and those it took from `shapes`."""
    found: dict[str, Shape] = {}

    def walk(shape: Shape) -> None:
        found[shape.name] = shape
        for member in shape.members:
            kind = member.kind.kind if isinstance(member.kind, Items) else member.kind
            if isinstance(kind, Shape):
                walk(kind)

    for value in vars(MODULES[service]).values():
        if isinstance(value, Shape):
            walk(value)
    return found


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("service", sorted(MODULES))
def test_every_shape_is_the_type_of_the_wsdl(folder: Path, service: str) -> None:
    source = read_folder(folder)[service].source
    types = {one.get("name"): one for one in source.iter(f"{XS}complexType") if one.get("name")}
    for name, shape in declared_shapes(service).items():
        elements = types[name].findall(f".//{XS}sequence/{XS}element")
        declared = [element for element in elements if element.get("name") not in UNTYPED]
        assert [member.name for member in shape.members] == [element.get("name") for element in declared], name
        for member, element in zip(shape.members, declared, strict=True):
            where = f"{name}.{member.name}"
            assert member.required == (element.get("minOccurs", "1") == "1"), where
            assert member.nillable == (element.get("nillable") == "true"), where
            assert text_of(member) == number_of(element.get("default")), where
            assert kind_of(member.kind, element.get("type").split(":")[-1]), where


def text_of(member: Member) -> object:
    """A member's default as the WSDL writes it; numbers as numbers, since -1E+2 and -100 are one."""
    if member.default is None:
        return None
    return number_of(member.kind.write(member.default) if isinstance(member.kind, Kind) else None)


def number_of(text: str | None) -> object:
    try:
        return None if text is None else Decimal(text)
    except ArithmeticError:
        return text


def kind_of(kind: Kind | Shape | Items, type_name: str) -> bool:
    if isinstance(kind, Shape):
        return kind.name == type_name
    if isinstance(kind, Items):
        return type_name.startswith("ArrayOf")
    return kind is getattr(shapes, KINDS.get(type_name, "TEXT"))


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
        company = service["CompanyService"].GetCompanies({"CompanyIds": {"int": ids}}, all_of(companies.COMPANY))[0]
        assert (company.Id, company.OrganizationNumber) == (4711, "912345678")
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
            {"OrderIds": {"int": [good.OrderId]}}, all_of(invoices.ORDER), all_of(invoices.ROW)
        )
        assert read.OrderTotalIncVat == Decimal("12500.00")
        assert read.InvoiceRows.InvoiceRow[0].VatRate == 25

        assert service["ProductService"].GetProducts({"CategoryId": 9}, all_of(products.PRODUCT))[0].TaxRate == 25
        assert service["ProductService"].GetCategories(all_of(products.CATEGORY))[0].No == "9000"
        assert service["ClientService"].GetClientInformation().DefaultCurrency == "NOK"


def all_of(shape: Shape) -> dict[str, list[str]]:
    return {"string": [member.name for member in shape.members]}


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
