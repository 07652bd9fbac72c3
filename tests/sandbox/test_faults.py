"""The fault script over the wire: what each kind looks like to a caller, and whether the call took effect."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from lxml import etree

from qondor_finago_pipelines.sandbox import Sandbox, World

from .conftest import BERGEN, OSLO, Fault, Rest, Soap

QUEUE = "Invoicing/v1/Invoice/GetAllUnprocessedInvoices"
ORDER = (
    "<InvoiceOrder><CustomerId>4711</CustomerId><OrderStatus>Offer</OrderStatus><IncludeVAT>false</IncludeVAT>"
    "<ReferenceNumber>{}</ReferenceNumber></InvoiceOrder>"
)
CONNECTION_ERRORS = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)


@pytest.fixture
def oslo(oslo: Soap, world: World) -> Soap:
    world.add_company("Nordlys AS", id=4711)
    return oslo


def save(soap: Soap, *references: int, faulty: bool = False) -> list[dict[str, Any]]:
    items = "".join(ORDER.format(reference) for reference in references)
    return soap.items("InvoiceService", "SaveInvoices", f"<invoices>{items}</invoices>", faulty=faulty)


def by_reference(soap: Soap, *, faulty: bool = False) -> list[dict[str, Any]]:
    return soap.items(
        "InvoiceService",
        "GetInvoices",
        "<searchParams><CustomerIds><int>4711</int></CustomerIds></searchParams><invoiceReturnProperties>"
        "<string>ReferenceNumber</string><string>OrderStatus</string></invoiceReturnProperties>",
        faulty=faulty,
    )


def eventually(condition: Callable[[], bool], deadline: float = 120.0) -> None:
    """Waits for what another thread does, no longer than it needs."""
    end = time.monotonic() + deadline
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.005)


def references_of(items: list[dict[str, Any]]) -> list[str]:
    return [item["ReferenceNumber"] for item in items]


def test_a_fault_hits_as_often_as_it_says_and_where_it_says(qondor: Rest, sandbox: Sandbox, world: World) -> None:
    world.add_invoice(id=9001)
    sandbox.fault("qondor", "GetInvoice", "503", times=2, after=1, retry_after="7")
    replies = [qondor.send("GET", "Invoicing/v1/Invoice/9001") for _ in range(4)]
    assert [reply.status_code for reply in replies] == [200, 503, 503, 200]
    assert replies[1].headers["Retry-After"] == "7"
    sandbox.fault("qondor", "*", "500", times=None)
    assert qondor.send("GET", QUEUE).status_code == 500
    assert qondor.send("GET", "Office/v1/Office/GetAll").status_code == 500
    world.faults.clear()
    assert qondor.send("GET", QUEUE).status_code == 200


def test_too_many_requests_say_when_to_come_back(qondor: Rest, oslo: Soap, sandbox: Sandbox) -> None:
    sandbox.fault("qondor", "*", "429", retry_after="3")
    sandbox.fault("finago", "SaveInvoices", "429", retry_after="Fri, 20 Nov 2026 09:01:00 GMT")
    first = qondor.send("GET", QUEUE)
    assert (first.status_code, first.headers["Retry-After"], first.json()["statusCode"]) == (429, "3", 429)
    second = oslo.post("InvoiceService", "SaveInvoices", "<invoices/>")
    assert (second.status_code, second.headers["Retry-After"]) == (429, "Fri, 20 Nov 2026 09:01:00 GMT")


@pytest.mark.parametrize(("kind", "landed"), [("reset-before-effect", 0), ("reset-after-effect", 1)])
def test_a_reset_cuts_the_connection_before_or_after_the_effect(
    oslo: Soap, sandbox: Sandbox, world: World, kind: str, landed: int
) -> None:
    sandbox.fault("finago", "SaveInvoices", kind)
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        save(oslo, 9001)
    assert len(world.orders_of(9001)) == landed
    assert world.calls.calls[-1].status == 0
    assert references_of(by_reference(oslo)) == ["9001"] * landed


@pytest.mark.parametrize("kind", ["500", "503", "html", "not-parsable", "429"])
@pytest.mark.parametrize("lands", [False, True])
def test_a_bad_answer_can_hide_an_effect(oslo: Soap, sandbox: Sandbox, world: World, kind: str, lands: bool) -> None:
    sandbox.fault("finago", "SaveInvoices", kind, lands=lands)
    reply = oslo.post("InvoiceService", "SaveInvoices", f"<invoices>{ORDER.format(9001)}</invoices>")
    assert reply.status_code == (int(kind) if kind.isdigit() else 200)
    assert ("text/html" in reply.headers["Content-Type"]) == (kind in ("html", "500", "429"))
    assert len(world.orders_of(9001)) == lands
    if kind == "not-parsable":
        with pytest.raises(etree.XMLSyntaxError):
            etree.fromstring(reply.content)


def test_a_reply_is_cut_at_a_byte(qondor: Rest, sandbox: Sandbox, world: World) -> None:
    world.add_invoice(id=9001)
    whole = qondor.send("GET", QUEUE).content
    sandbox.fault("qondor", "GetAllUnprocessedInvoices", "cut-reply", at=10)
    with pytest.raises(CONNECTION_ERRORS, match=rf"10 bytes read, {len(whole) - 10} more expected"):
        qondor.send("GET", QUEUE)
    sandbox.fault("qondor", "GetAllUnprocessedInvoices", "short-reply", at=10)
    assert qondor.send("GET", QUEUE).content == whole[:10]


def test_latency_lets_a_caller_give_up_while_the_write_lands_later(
    oslo: Soap, sandbox: Sandbox, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.fault("finago", "SaveInvoices", "latency", seconds=400)
    given_up, sleep = threading.Event(), asyncio.sleep

    async def until_given_up(seconds: float) -> None:
        while seconds == 400 and not given_up.is_set():
            await sleep(0.005)
        await sleep(0 if seconds == 400 else seconds)

    monkeypatch.setattr(asyncio, "sleep", until_given_up)
    headers = {"Content-Type": "text/xml", "Cookie": f"ASP.NET_SessionId={oslo.cookie}"}
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        f'<SaveInvoices xmlns="http://24sevenOffice.com/webservices"><invoices>{ORDER.format(9001)}</invoices></SaveInvoices>'
        "</e:Body></e:Envelope>"
    )
    action = {"SOAPAction": "http://24sevenOffice.com/webservices/SaveInvoices"}
    with pytest.raises(requests.ReadTimeout):
        requests.post(oslo.url("InvoiceService"), body.encode(), headers={**headers, **action}, timeout=(60, 0.03))
    assert world.orders_of(9001) == []
    given_up.set()
    eventually(lambda: len(world.orders_of(9001)) == 1)


def test_latency_before_the_effect_delays_the_answer(qondor: Rest, sandbox: Sandbox) -> None:
    sandbox.fault("qondor", "GetAllOffices", "latency", seconds=0.05)
    started = time.monotonic()
    assert qondor.send("GET", "Office/v1/Office/GetAll").status_code == 200
    assert time.monotonic() - started >= 0.05


def test_a_session_expires_before_or_after_the_write(oslo: Soap, sandbox: Sandbox, world: World) -> None:
    sandbox.fault("finago", "SaveInvoices", "session-expired")
    with pytest.raises(Fault, match="Session is not authenticated"):
        save(oslo, 9001)
    assert world.orders_of(9001) == []
    oslo.login()
    sandbox.fault("finago", "SaveInvoices", "session-expired", lands=True)
    with pytest.raises(Fault, match="Session is not authenticated"):
        save(oslo, 9001)
    assert len(world.orders_of(9001)) == 1


def test_a_quarantine_is_text_or_a_fault(oslo: Soap, sandbox: Sandbox) -> None:
    sandbox.fault("finago", "GetDepartmentList", "quarantine")
    assert oslo.post("ClientService", "GetDepartmentList").text.startswith("Limit exceeded by 1. Request is blocked.")
    sandbox.fault("finago", "GetDepartmentList", "quarantine", status=500, text="Quarantine ends at noon")
    with pytest.raises(Fault, match="---> Quarantine ends at noon"):
        oslo.call("ClientService", "GetDepartmentList")


def test_one_item_of_a_batch_is_refused_by_reference_or_by_place(oslo: Soap, sandbox: Sandbox, world: World) -> None:
    sandbox.fault("finago", "SaveInvoices", "api-exception", reference="2", text="Not today", exception="X.Y")
    first, second = save(oslo, 1, 2)
    assert "OrderId" in first
    assert second["APIException"] == {"Type": "X.Y", "Message": "Not today", "StackTrace": None}
    sandbox.fault("finago", "SaveCompanies", "api-exception", item=0)
    content = "<companies><Company><Name>A</Name></Company><Company><Name>B</Name></Company></companies>"
    refused, saved = oslo.items("CompanyService", "SaveCompanies", content)
    assert ("APIException" in refused, "Id" in saved) == (True, True)
    assert world.orders_of(2) == []


def test_a_saved_order_can_be_late_to_show(oslo: Soap, sandbox: Sandbox) -> None:
    sandbox.fault("finago", "SaveInvoices", "late-visibility", calls=2)
    assert "OrderId" in save(oslo, 9001)[0]
    sync = "<syncParams><RegisteredAfter>2026-01-01T00:00:00Z</RegisteredAfter></syncParams>"
    assert len(oslo.call("InvoiceService", "GetOrderSyncList", sync)[0]) == 0
    assert by_reference(oslo) == []
    assert references_of(by_reference(oslo)) == ["9001"]


def test_kinds_combine_on_one_call(oslo: Soap, sandbox: Sandbox) -> None:
    sandbox.fault("finago", "SaveInvoices", "late-visibility", calls=1)
    sandbox.fault("finago", "SaveInvoices", "reset-after-effect")
    with pytest.raises(requests.ConnectionError):
        save(oslo, 9001)
    assert by_reference(oslo) == []
    assert references_of(by_reference(oslo)) == ["9001"]


def test_the_items_of_a_batch_come_reordered_or_not_at_all(oslo: Soap, sandbox: Sandbox, world: World) -> None:
    sandbox.fault("finago", "SaveInvoices", "items-reordered")
    assert references_of(save(oslo, 1, 2, 3)) == ["3", "2", "1"]
    sandbox.fault("finago", "SaveInvoices", "item-missing", item=1)
    assert references_of(save(oslo, 4, 5, 6)) == ["4", "6"]
    assert len(world.orders_of(5)) == 1


def test_a_soap_reply_with_something_unheard_of(oslo: Soap, sandbox: Sandbox) -> None:
    save(oslo, 9001)
    sandbox.fault("finago", "GetInvoices", "unknown-enum-value", member="OrderStatus", value="Teleported")
    assert by_reference(oslo, faulty=True)[0]["OrderStatus"] == "Teleported"
    sandbox.fault("finago", "GetInvoices", "unknown-element", member="IsCredited", value="false")
    assert by_reference(oslo, faulty=True)[0]["IsCredited"] == "false"
    sandbox.fault("finago", "GetInvoices", "missing-member", member="OrderId")
    assert "OrderId" not in by_reference(oslo, faulty=True)[0]
    sandbox.fault("finago", "GetInvoices", "null-member", member="OrderStatus")
    assert by_reference(oslo, faulty=True)[0]["OrderStatus"] is None
    sandbox.fault("finago", "GetInvoices", "wrong-shape")
    search = "<searchParams><CustomerIds><int>4711</int></CustomerIds></searchParams>"
    assert etree.QName(oslo.call("InvoiceService", "GetInvoices", search, faulty=True)).localname == "UnheardOfResponse"


def test_a_json_reply_with_something_unheard_of(qondor: Rest, sandbox: Sandbox, world: World) -> None:
    world.add_invoice(id=9001)
    world.add_invoice(id=9002)

    def detail() -> Any:
        return qondor.get("Invoicing/v1/Invoice/9001")

    sandbox.fault("qondor", "GetInvoice", "unknown-enum-value", member="invoiceType")
    assert (detail()["invoiceType"], detail()["invoiceType"]) == (99, 1)
    sandbox.fault("qondor", "GetInvoice", "unknown-element")
    assert "unheardOfMember" in detail()
    sandbox.fault("qondor", "GetInvoice", "missing-member", member="totalInclVat")
    assert "totalInclVat" not in detail()
    sandbox.fault("qondor", "GetInvoice", "null-member", member="invoiceLines.0.quantity")
    assert detail()["invoiceLines"][0]["quantity"] is None
    for member, value in (("totalInclVat", "²"), ("invoiceLines.0", [])):
        sandbox.fault("qondor", "GetInvoice", "odd-value", reference="9001", member=member, value=value)
    odd = detail()
    assert (odd["totalInclVat"], odd["invoiceLines"]) == ("²", [[]])
    sandbox.fault("qondor", "GetAllUnprocessedInvoices", "odd-value", reference="9002", member="currency", value=0)
    assert [entry["currency"] for entry in qondor.get(QUEUE)] == ["NOK", 0]
    sandbox.fault("qondor", "GetInvoice", "wrong-shape")
    assert isinstance(detail(), list)
    sandbox.fault("qondor", "GetAllUnprocessedInvoices", "wrong-shape")
    assert isinstance(qondor.get(QUEUE), dict)
    sandbox.fault("qondor", "GetAllUnprocessedInvoices", "items-reordered")
    assert [entry["id"] for entry in qondor.get(QUEUE)] == [9002, 9001]
    sandbox.fault("qondor", "GetAllUnprocessedInvoices", "item-missing")
    assert [entry["id"] for entry in qondor.get(QUEUE)] == [9002]
    assert world.qondor.invoices[9001]["invoiceLines"][0]["quantity"] == 25


def test_a_script_that_does_not_fit_the_reply_says_so(qondor: Rest, sandbox: Sandbox) -> None:
    sandbox.fault("qondor", "GetAllOffices", "missing-member", member="shoeSize")
    reply = qondor.send("GET", "Office/v1/Office/GetAll")
    assert reply.status_code == 500
    assert "no member shoeSize" in reply.text


def test_a_fault_can_be_aimed_at_one_office(soap: Soap, sandbox: Sandbox) -> None:
    sandbox.fault("finago", "*", "503", times=None, office=OSLO)
    its = sandbox.world.offices[OSLO]
    credential = (
        "<credential><ApplicationId>11111111-2222-4333-8444-555555555555</ApplicationId>"
        f"<Password>{its.password}</Password><Username>{its.username}</Username></credential>"
    )
    assert soap.post("Authenticate", "Login", credential).status_code == 503
    assert soap.login(BERGEN).items("ClientService", "GetDepartmentList")


def test_an_unknown_kind_of_fault_is_no_fault(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="earthquake"):
        sandbox.fault("finago", "*", "earthquake")
