"""The Finago stand-in: protocol, login, sessions, limits (contract/finago.md 1 to 5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import requests
from lxml import etree

from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds import empty
from qondor_finago_pipelines.sandbox.world.finago import Identity
from tests.conftest import FakeClock

from .conftest import BERGEN, ENVELOPE, NAMESPACE, OSLO, Fault, Soap, strings

SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"


def test_a_login_gives_a_session_that_knows_its_client(oslo: Soap) -> None:
    assert len(oslo.cookie or "") == 24
    identity = oslo.call("Authenticate", "GetIdentity")[0]
    assert identity.findtext(f"{{{NAMESPACE}}}Client/{{{NAMESPACE}}}Id") == "50102"


def test_each_office_has_books_of_its_own(soap: Soap, world: World) -> None:
    world.add_company("Nordlys AS", office=OSLO, id=4711)
    search = f"<searchParams><CompanyId>4711</CompanyId></searchParams><returnProperties>{strings()}</returnProperties>"
    assert len(soap.login(OSLO).items("CompanyService", "GetCompanies", search)) == 1
    assert soap.login(BERGEN).items("CompanyService", "GetCompanies", search) == []


def test_offices_may_share_one_client(running: Sandbox, soap: Soap) -> None:
    running.world = empty(shared_client=True)
    running.world.add_company("Nordlys AS", office=OSLO, id=4711)
    search = "<searchParams><CompanyId>4711</CompanyId></searchParams>"
    assert len(soap.login(BERGEN).items("CompanyService", "GetCompanies", search)) == 1


@pytest.mark.parametrize(("username", "password"), [("nobody@sandbox.example", "x"), ("", "wrong")])
def test_a_wrong_password_is_an_empty_result_and_no_fault(
    soap: Soap, world: World, username: str, password: str
) -> None:
    assert soap.try_login(username or world.offices[OSLO].username, password) == ""


def test_an_unknown_application_is_a_fault(soap: Soap, world: World) -> None:
    its = world.offices[OSLO]
    with pytest.raises(Fault, match="---> Your application id is not registered") as caught:
        soap.try_login(its.username, its.password, application="99999999-9999-9999-9999-999999999999")
    assert (caught.value.status, caught.value.code) == (500, "soap:Server")


def test_a_blocked_or_foreign_identity_is_a_fault(soap: Soap, world: World) -> None:
    its = world.offices[OSLO]
    with pytest.raises(Fault, match="IdentityId is blocked"):
        soap.try_login(its.username, its.password, world.offices[BERGEN].identity_id)
    user = world.finago.users[its.username]
    user.identities = [replace(user.identities[0], is_blocked=True)]
    with pytest.raises(Fault, match="IdentityId is blocked"):
        soap.try_login(its.username, its.password)


def test_the_identity_chooses_among_the_clients_of_one_user(soap: Soap, world: World) -> None:
    its = world.offices[OSLO]
    second = "bbbbbbbb-0000-4000-8000-000000000001"
    world.finago.users[its.username].identities.append(Identity(id=second, client_id=50103))
    soap.cookie = soap.try_login(its.username, its.password, second)
    identity = soap.call("Authenticate", "GetIdentity")[0]
    assert identity.findtext(f"{{{NAMESPACE}}}Client/{{{NAMESPACE}}}Id") == "50103"


@pytest.mark.parametrize("cookie", [None, "aaaaaaaaaaaaaaaaaaaaaaaa"])
def test_without_a_session_a_call_is_a_fault_with_status_500(soap: Soap, cookie: str | None) -> None:
    soap.cookie = cookie
    with pytest.raises(Fault) as caught:
        soap.call("ClientService", "GetDepartmentList")
    assert caught.value.status == 500
    assert caught.value.text == "Server was unable to process request. ---> Session is not authenticated"
    assert soap.call("Authenticate", "HasSession")[0].text == "false"


def test_a_session_ends_after_twenty_idle_minutes_and_every_use_keeps_it_alive(oslo: Soap, clock: FakeClock) -> None:
    for _ in range(3):
        clock.advance(minutes=19)
        assert oslo.call("Authenticate", "HasSession")[0].text == "true"
    clock.advance(minutes=21)
    with pytest.raises(Fault, match="Session is not authenticated"):
        oslo.call("ClientService", "GetDepartmentList")


def test_one_session_works_on_both_hosts(oslo: Soap) -> None:
    assert oslo.items("ClientService", "GetDepartmentList")
    assert oslo.items("ProjectService", "GetProjectStatuses")


def test_a_service_is_found_on_its_own_host_only_and_in_any_case(sandbox: Sandbox) -> None:
    project = "Project/V001/ProjectService.asmx"
    assert requests.get(f"{sandbox.finago_api_url}/{project}?wsdl", timeout=60).status_code == 404
    assert requests.get(f"{sandbox.finago_webservices_url}/{project.upper()}?WSDL", timeout=60).status_code == 200


def test_the_wsdl_is_served_with_the_sandbox_as_its_address(sandbox: Sandbox) -> None:
    address = f"{sandbox.finago_api_url}/Client/V001/ClientService.asmx"
    wsdl = etree.fromstring(requests.get(f"{address}?wsdl", timeout=60).content)
    port = wsdl.find(".//{http://schemas.xmlsoap.org/wsdl/soap/}address")
    assert port.get("location") == address
    assert wsdl.get("targetNamespace") == NAMESPACE


def test_the_soapaction_may_be_quoted_or_not_but_not_wrong(oslo: Soap) -> None:
    bare = oslo.post("ClientService", "GetDepartmentList", SOAPAction=f"{NAMESPACE}/GetDepartmentList")
    assert bare.status_code == 200
    wrong = oslo.post("ClientService", "GetDepartmentList", SOAPAction=f"{NAMESPACE}/GetCurrencyList")
    assert wrong.status_code == 500
    assert "did not recognize the value of HTTP Header SOAPAction" in wrong.text


def test_soap_12_is_spoken_too(oslo: Soap) -> None:
    body = f'<e:Envelope xmlns:e="{SOAP_12}"><e:Body><GetDepartmentList xmlns="{NAMESPACE}"/></e:Body></e:Envelope>'
    headers = {"Content-Type": "application/soap+xml", "Cookie": f"ASP.NET_SessionId={oslo.cookie}"}
    reply = requests.post(oslo.url("ClientService"), body.encode(), headers=headers, timeout=60)
    assert reply.headers["Content-Type"].startswith("application/soap+xml")
    assert (
        etree.fromstring(reply.content).find(f"{{{SOAP_12}}}Body/{{{NAMESPACE}}}GetDepartmentListResponse") is not None
    )
    fault = requests.post(oslo.url("ClientService"), body.encode(), headers={**headers, "Cookie": ""}, timeout=60)
    assert fault.status_code == 500
    assert "Session is not authenticated" in etree.fromstring(fault.content).findtext(f".//{{{SOAP_12}}}Text")


def test_another_content_type_is_415(oslo: Soap) -> None:
    reply = oslo.post("ClientService", "GetDepartmentList", **{"Content-Type": "application/json"})
    assert reply.status_code == 415


def test_broken_xml_is_a_fault_of_the_client(oslo: Soap) -> None:
    headers = {"Content-Type": "text/xml", "SOAPAction": f"{NAMESPACE}/GetDepartmentList"}
    reply = requests.post(oslo.url("ClientService"), b"<Envelope", headers=headers, timeout=60)
    assert reply.status_code == 500
    assert "soap:Client" in reply.text
    assert "unable to read request" in reply.text


@pytest.mark.parametrize(
    ("what", "order"),
    [
        ("an unknown enum value", "<OrderStatus>Sent</OrderStatus><IncludeVAT>false</IncludeVAT>"),
        ("a text where a number belongs", "<CustomerId>Nordlys</CustomerId><IncludeVAT>false</IncludeVAT>"),
        ("an exponent in an amount", "<IncludeVAT>false</IncludeVAT><PaymentAmount>1E+2</PaymentAmount>"),
        ("an unknown member", "<CustomerNo>4711</CustomerNo><IncludeVAT>false</IncludeVAT>"),
        ("a member twice", "<CustomerId>4711</CustomerId><CustomerId>1</CustomerId><IncludeVAT>false</IncludeVAT>"),
        ("what is no date", "<DateOrdered>tomorrow</DateOrdered><IncludeVAT>false</IncludeVAT>"),
    ],
)
def test_a_request_that_violates_the_schema_is_refused_before_anything_happens(
    oslo: Soap, world: World, what: str, order: str
) -> None:
    with pytest.raises(Fault, match=r"unable to read request.*Instance validation error") as caught:
        oslo.save_order(order)
    assert caught.value.code == "soap:Client", what
    assert world.books(OSLO).orders == {}


def test_every_reply_tells_what_is_left_of_the_hour(oslo: Soap) -> None:
    oslo.call("ClientService", "GetDepartmentList")
    assert oslo.last is not None
    assert oslo.last.headers["APILimitRemaining"] == "7198"
    assert oslo.last.headers["APILimitReset"] == "2026-11-20T10:00:00Z"


def test_when_the_hour_is_used_up_calls_are_quarantined_until_the_next(
    oslo: Soap, world: World, clock: FakeClock
) -> None:
    world.finago.calls_per_hour = 2
    assert oslo.items("ClientService", "GetDepartmentList")
    blocked = oslo.post("ClientService", "GetDepartmentList")
    assert blocked.text == "Limit exceeded by 1. Request is blocked. Quarantine ends at 2026-11-20T10:00:00Z"
    clock.advance(hours=1)
    assert oslo.login().items("ClientService", "GetDepartmentList")


def test_a_call_without_cookie_is_given_a_worthless_one(soap: Soap) -> None:
    reply = soap.post("Authenticate", "HasSession")
    soap.cookie = reply.cookies["ASP.NET_SessionId"]
    assert soap.call("Authenticate", "HasSession")[0].text == "false"
    assert "Set-Cookie" not in (soap.last or reply).headers


def test_the_sandbox_advances_its_own_clock(world: World, clock: FakeClock) -> None:
    world.advance(minutes=21)
    assert world.now() == clock() + timedelta(minutes=21)


def test_the_envelope_must_be_soap(oslo: Soap) -> None:
    headers = {"Content-Type": "text/xml", "SOAPAction": f"{NAMESPACE}/GetDepartmentList"}
    for body in (b"<html/>", f'<e:Envelope xmlns:e="{ENVELOPE}"/>'.encode()):
        reply = requests.post(oslo.url("ClientService"), body, headers=headers, timeout=60)
        assert (reply.status_code, "soap:Client" in reply.text) == (500, True)
