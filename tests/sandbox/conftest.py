"""A running sandbox, and bare clients for it: every request is written by hand, none by the package's own clients."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from lxml import etree

from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.finago.wsdl import Service, read_folder
from qondor_finago_pipelines.sandbox.seeds import empty
from tests.conftest import FakeClock

OSLO, BERGEN = 102, 103
NAMESPACE = "http://24sevenOffice.com/webservices"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
REAL_WSDLS = Path(os.environ.get("REAL_WSDL_FOLDER", "no folder named"))
"""Finago's own WSDLs, where they are at hand (CI)."""

PATHS = {
    "AccountService": "Economy/Account/V004/Accountservice.asmx",
    "TransactionService": "Economy/Accounting/V001/TransactionService.asmx",
    "Authenticate": "authenticate/v001/authenticate.asmx",
    "ClientService": "Client/V001/ClientService.asmx",
    "CompanyService": "CRM/Company/V001/CompanyService.asmx",
    "InvoiceService": "Economy/InvoiceOrder/V001/InvoiceService.asmx",
    "ProductService": "Logistics/Product/V001/ProductService.asmx",
    "ProjectService": "Project/V001/ProjectService.asmx",
}


@pytest.fixture(scope="session")
def running() -> Iterator[Sandbox]:
    """One server for all tests of the room; each test puts its own world into it."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox, clock: FakeClock) -> Sandbox:
    running.world = empty(clock=clock)
    running.violations.clear()
    return running


@pytest.fixture
def world(sandbox: Sandbox) -> World:
    return sandbox.world


class Fault(Exception):
    """A SOAP fault: status, code and text."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text


@dataclass
class Soap:
    """SOAP 1.1 by hand. Every reply is held against the schema, unless a test breaks it on purpose."""

    sandbox: Sandbox
    services: dict[str, Service]
    cookie: str | None = None
    http: requests.Session = field(default_factory=requests.Session)
    last: requests.Response | None = None

    def url(self, service: str) -> str:
        host = self.sandbox.finago_webservices_url if service == "ProjectService" else self.sandbox.finago_api_url
        return f"{host}/{PATHS[service]}"

    def post(self, service: str, operation: str, content: str = "", **headers: str) -> requests.Response:
        namespace = self.services[service].namespace
        action = self.services[service].operations.get(operation, f"{namespace}/{operation}")
        body = (
            f'<e:Envelope xmlns:e="{ENVELOPE}"><e:Body>'
            f'<{operation} xmlns="{namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{content}</{operation}>'
            "</e:Body></e:Envelope>"
        )
        usual = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}
        if self.cookie:
            usual["Cookie"] = f"ASP.NET_SessionId={self.cookie}"
        self.http.cookies.clear()
        self.last = self.http.post(self.url(service), body.encode(), headers={**usual, **headers}, timeout=60)
        return self.last

    def call(self, service: str, operation: str, content: str = "", *, faulty: bool = False) -> etree._Element:
        """The `<XResponse>` element; raises Fault."""
        reply = self.post(service, operation, content)
        body = etree.fromstring(reply.content).find(f"{{{ENVELOPE}}}Body")
        fault = body.find(f"{{{ENVELOPE}}}Fault")
        if fault is not None:
            raise Fault(reply.status_code, fault.findtext("faultcode"), fault.findtext("faultstring"))
        assert reply.status_code == 200
        response = body[0]
        if not faulty:
            assert self.services[service].violation(response) is None
        return response

    def items(self, service: str, operation: str, content: str = "", *, faulty: bool = False) -> list[dict[str, Any]]:
        """The items of a list result, each as a dict of texts."""
        response = self.call(service, operation, content, faulty=faulty)
        return [tree(item) for item in response[0]] if len(response) else []

    def text(self, service: str, operation: str, content: str = "") -> str:
        """The result where it is a single value."""
        return str(self.call(service, operation, content)[0].text)

    def login(self, office: int = OSLO) -> Soap:
        its = self.sandbox.world.offices[office]
        self.cookie = self.try_login(its.username, its.password, its.identity_id)
        return self

    def try_login(self, username: str, password: str, identity: str | None = None, application: str = "") -> str:
        application = application or self.sandbox.environment()["FINAGO_APPLICATION_ID"]
        chosen = f"<IdentityId>{identity}</IdentityId>" if identity else ""
        response = self.call(
            "Authenticate",
            "Login",
            f"<credential><ApplicationId>{application}</ApplicationId>{chosen}"
            f"<Password>{password}</Password><Username>{username}</Username></credential>",
        )
        return response.findtext(f"{{{NAMESPACE}}}LoginResult") or ""

    def save_order(self, content: str) -> dict[str, Any]:
        """Saves one order and gives its item of the reply."""
        (item,) = self.items(
            "InvoiceService", "SaveInvoices", f"<invoices><InvoiceOrder>{content}</InvoiceOrder></invoices>"
        )
        return item

    def order(self, order_id: int | str, *properties: str, rows: tuple[str, ...] = ()) -> dict[str, Any]:
        """One order, read again."""
        (item,) = self.items(
            "InvoiceService",
            "GetInvoices",
            f"<searchParams><OrderIds><int>{order_id}</int></OrderIds></searchParams>"
            f"<invoiceReturnProperties>{strings(*properties)}</invoiceReturnProperties>"
            f"<rowReturnProperties>{strings(*rows)}</rowReturnProperties>",
        )
        return item


def strings(*texts: str) -> str:
    return "".join(f"<string>{text}</string>" for text in texts)


def tree(element: etree._Element) -> dict[str, Any]:
    """An element as nested dicts; repeated children become lists, nil becomes None."""
    found: dict[str, Any] = {}
    for child in element:
        name = etree.QName(child).localname
        value: Any = tree(child) if len(child) else child.text
        if name in found:
            already = found[name]
            found[name] = [*already, value] if isinstance(already, list) else [already, value]
        else:
            found[name] = value
    return found


@pytest.fixture(scope="session")
def services() -> dict[str, Service]:
    return read_folder()


@pytest.fixture
def soap(sandbox: Sandbox, services: dict[str, Service]) -> Iterator[Soap]:
    """Logged in nowhere yet."""
    client = Soap(sandbox, services)
    yield client
    client.http.close()


@pytest.fixture
def oslo(soap: Soap) -> Soap:
    """Logged in for the Oslo office."""
    return soap.login()


@dataclass
class Rest:
    """Qondor by hand."""

    sandbox: Sandbox
    key: str | None
    http: requests.Session = field(default_factory=requests.Session)

    def send(self, method: str, path: str, **details: Any) -> requests.Response:
        headers = {} if self.key is None else {"Ocp-Apim-Subscription-Key": self.key}
        return self.http.request(
            method, f"{self.sandbox.qondor_base_url}/{path}", headers=headers, timeout=60, **details
        )

    def get(self, path: str, **parameters: Any) -> Any:
        reply = self.send("GET", path, params=parameters)
        assert reply.status_code == 200, reply.text
        return reply.json(parse_float=Decimal)

    def put(self, path: str, body: Any) -> requests.Response:
        return self.send("PUT", path, json=body)


@pytest.fixture
def qondor(sandbox: Sandbox) -> Iterator[Rest]:
    client = Rest(sandbox, sandbox.environment()["QONDOR_SUBSCRIPTION_KEY"])
    yield client
    client.http.close()


@pytest.fixture
def control(sandbox: Sandbox) -> Callable[..., Any]:
    """Calls a control endpoint and gives its JSON."""

    def call(method: str, path: str, body: Any = None) -> Any:
        reply = requests.request(method, f"{sandbox.control_url}/{path}", json=body, timeout=60)
        assert reply.status_code == 200, reply.text
        return reply.json()

    return call
