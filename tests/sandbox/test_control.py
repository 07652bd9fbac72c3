"""The control endpoints, Slack, the call log, and the server itself."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from uvicorn.protocols.http.h11_impl import H11Protocol

from qondor_finago_pipelines.sandbox import Sandbox, World, serve
from qondor_finago_pipelines.sandbox.seeds import NAMES, seeded

from .conftest import OSLO, Rest, Soap

QUEUE = "Invoicing/v1/Invoice/GetAllUnprocessedInvoices"
Control = Callable[..., Any]


def test_calls_are_counted_by_system_and_operation_and_writes_apart(
    qondor: Rest, oslo: Soap, world: World, control: Control
) -> None:
    number = world.add_invoice()
    qondor.get(QUEUE)
    qondor.put("Invoicing/v1/Invoice/SetAsProcessed", {"invoiceId": number, "externalReference": "1"})
    oslo.post("CompanyService", "SaveCompanies", "<companies/>")
    assert control("GET", "calls") == {
        "total": 4,
        "writes": 2,
        "systems": {
            "finago": {"total": 2, "writes": 1, "operations": {"Login": 1, "SaveCompanies": 1}},
            "qondor": {"total": 2, "writes": 1, "operations": {"GetAllUnprocessedInvoices": 1, "SetAsProcessed": 1}},
        },
    }
    assert world.calls.count("finago", "Login") == 1
    assert [(call.operation, call.office) for call in world.calls.calls if call.system == "finago"] == [
        ("Login", OSLO),
        ("SaveCompanies", OSLO),
    ]
    assert control("DELETE", "calls")["total"] == 0


def test_the_world_can_be_inspected_over_http(world: World, control: Control) -> None:
    number = world.add_invoice()
    company = world.add_company("Nordlys AS")
    world.add_order(number, company=company)
    seen = control("GET", "inspect")
    assert seen["qondor"]["invoices"][0]["id"] == number
    assert seen["finago"]["50102"]["orders"][0]["ReferenceNumber"] == str(number)
    assert seen["finago"]["50102"]["orders"][0]["rows"][0]["Quantity"] == 25


def test_an_invoice_is_issued_over_http(qondor: Rest, world: World, control: Control) -> None:
    project = world.add_project(customer=world.add_customer())
    issued = control("POST", "invoices", {"project": project, "name": "Deposit"})
    (queued,) = qondor.get(QUEUE)
    assert (queued["id"], queued["projectId"]) == (issued["id"], project)
    assert world.qondor.invoices[issued["id"]]["name"] == "Deposit"


def test_faults_are_scripted_over_http(qondor: Rest, control: Control) -> None:
    control("POST", "faults", [{"system": "qondor", "operation": "*", "kind": "503", "times": 1}])
    assert qondor.send("GET", QUEUE).status_code == 503
    assert control("GET", "faults")[0]["left"] == 0
    assert control("DELETE", "faults") == []


@pytest.mark.parametrize(
    "script",
    [{"system": "qondor", "operation": "*", "kind": "503", "often": 1}, {"system": "qondor", "kind": "503"}, 17],
)
def test_a_script_that_makes_no_sense_is_refused(sandbox: Sandbox, script: Any) -> None:
    assert requests.post(f"{sandbox.control_url}/faults", json=script, timeout=60).status_code == 400


def test_clock_and_sessions_are_moved_over_http(oslo: Soap, world: World, control: Control) -> None:
    before = world.now()
    control("POST", "clock", {"advance_seconds": 90})
    assert (world.now() - before).total_seconds() == 90
    assert control("POST", "sessions/expire") == {"expired": 1}
    assert oslo.call("Authenticate", "HasSession")[0].text == "false"


def test_another_world_is_seeded_and_the_first_one_comes_back(sandbox: Sandbox, control: Control) -> None:
    control("POST", "seed", {"seed": "large", "invoices": 7})
    assert len(sandbox.world.qondor.invoices) == 7
    control("POST", "seed", {"seed": "demo"})
    assert 9001 in sandbox.world.qondor.invoices
    control("POST", "reset")
    assert sandbox.world.qondor.invoices == {}


def test_many_offices_have_empty_queues_and_invoices_are_issued_in_them_at_one_moment(
    sandbox: Sandbox, control: Control
) -> None:
    control("POST", "seed", {"seed": "many", "offices": 3})
    world = sandbox.world
    assert (list(world.offices), world.qondor.invoices) == ([101, 102, 103], {})
    assert len({office.client_id for office in world.offices.values()}) == 3, "each has its own books"
    before = world.now()
    issued = control("POST", "issue", {"offices": [103, 101, 103]})
    assert before <= datetime.fromisoformat(issued["at"]) <= world.now()
    assert issued["invoices"] == list(world.qondor.invoices)
    invoices = list(world.qondor.invoices.values())
    assert [invoice["officeId"] for invoice in invoices] == [103, 101, 103]
    assert len({invoice["projectId"] for invoice in invoices}) == 3
    (owner,) = {invoice["customerId"] for invoice in invoices if invoice["officeId"] == 103}
    company = next(iter(world.books(103).companies))
    assert world.qondor.customers[owner]["externalReference"] == str(company)


def test_no_invoice_is_issued_where_there_is_no_customer(sandbox: Sandbox) -> None:
    refused = requests.post(f"{sandbox.control_url}/issue", json={"offices": [OSLO]}, timeout=60)
    assert (refused.status_code, "Office 102 has no customer" in refused.text) == (400, True)


def test_the_world_that_it_was_started_with_comes_back_in_its_size() -> None:
    with Sandbox(seed="many", sizes={"offices": 2}) as sandbox:
        sandbox.world.add_invoice(customer=77)
        requests.post(f"{sandbox.control_url}/reset", timeout=60).raise_for_status()
        assert (len(sandbox.world.offices), sandbox.world.qondor.invoices) == (2, {})


def test_a_world_made_in_code_cannot_be_reset_only_replaced() -> None:
    with Sandbox(world=seeded("large", invoices=1)) as sandbox:
        refused = requests.post(f"{sandbox.control_url}/reset", timeout=60)
        assert (refused.status_code, "seed one by name" in refused.text) == (400, True)
        assert requests.post(f"{sandbox.control_url}/seed", json={"seed": "empty"}, timeout=60).status_code == 200
        assert sandbox.world.qondor.invoices == {}


def test_unknown_seeds_and_endpoints_say_what_there_is(sandbox: Sandbox) -> None:
    unknown = requests.post(f"{sandbox.control_url}/seed", json={"seed": "moon"}, timeout=60)
    assert unknown.status_code == 400
    assert all(name in unknown.text for name in NAMES)
    nowhere = requests.get(f"{sandbox.control_url}/nowhere", timeout=60)
    assert (nowhere.status_code, "GET /_sandbox/calls" in nowhere.text) == (404, True)
    assert requests.get(f"{sandbox.url}/elsewhere/", timeout=60).status_code == 404
    assert requests.get(f"{sandbox.control_url}/", timeout=60).status_code == 200
    with pytest.raises(ValueError, match="moon"):
        seeded("moon")


def test_the_environment_holds_every_address_and_credential(sandbox: Sandbox, control: Control) -> None:
    environment = sandbox.environment()
    assert set(environment) == {
        "QONDOR_BASE_URL",
        "QONDOR_SUBSCRIPTION_KEY",
        "FINAGO_API_URL",
        "FINAGO_WEBSERVICES_URL",
        "SLACK_API_URL",
        "SLACK_BOT_TOKEN",
        "SLACK_CHANNEL",
        "FINAGO_APPLICATION_ID",
        *(f"FINAGO_{what}_{office}" for what in ("USERNAME", "PASSWORD", "IDENTITY") for office in ("OSLO", "BERGEN")),
    }
    assert control("GET", "environment") == environment


def test_slack_takes_a_message_and_keeps_it(sandbox: Sandbox, world: World) -> None:
    environment = sandbox.environment()
    slack = WebClient(environment["SLACK_BOT_TOKEN"], base_url=environment["SLACK_API_URL"])
    assert slack.auth_test()["ok"]
    assert slack.chat_postMessage(channel=environment["SLACK_CHANNEL"], text="Office 102: two invoices held")["ok"]
    assert world.slack.texts == ["Office 102: two invoices held"]


def test_slack_refuses_in_its_own_way(sandbox: Sandbox, world: World) -> None:
    environment = sandbox.environment()
    url, channel = environment["SLACK_API_URL"], environment["SLACK_CHANNEL"]
    good = WebClient(environment["SLACK_BOT_TOKEN"], base_url=url)
    for slack, at, error in (
        (WebClient("wrong", base_url=url), channel, "invalid_auth"),
        (good, "#elsewhere", "channel_not_found"),
    ):
        with pytest.raises(SlackApiError) as caught:
            slack.chat_postMessage(channel=at, text="x")
        assert caught.value.response["error"] == error
    form = {"token": environment["SLACK_BOT_TOKEN"], "channel": channel, "text": "by form"}
    assert requests.post(f"{url}chat.postMessage", data=form, timeout=60).json()["ok"] is True
    assert requests.post(f"{url}chat.postMessage", data={**form, "text": ""}, timeout=60).json()["error"] == "no_text"
    assert requests.post(f"{url}chat.postMessage", timeout=60).json()["error"] == "not_authed"
    assert requests.post(f"{url}chat.delete", data=form, timeout=60).json()["error"] == "unknown_method"
    assert world.slack.texts == ["by form"]


def test_it_starts_and_stops_and_the_world_stays() -> None:
    sandbox = Sandbox()
    number = sandbox.world.add_invoice()
    sandbox.start()
    port = sandbox.port
    with pytest.raises(OSError, match="in use"):
        Sandbox().start(port)
    sandbox.stop()
    with pytest.raises(requests.ConnectionError, match="refused"):
        requests.get(sandbox.url, timeout=60)
    sandbox.start(port)
    try:
        assert (
            requests.get(f"{sandbox.control_url}/inspect", timeout=60).json()["qondor"]["invoices"][0]["id"] == number
        )
    finally:
        sandbox.stop()


def test_no_reply_waits_for_the_acknowledgement_of_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """That would be 40 ms a call."""
    made = H11Protocol.connection_made
    without_delay: list[int] = []

    def connection_made(self: H11Protocol, transport: Any) -> None:
        made(self, transport)
        without_delay.append(transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    monkeypatch.setattr(H11Protocol, "connection_made", connection_made)
    with Sandbox() as sandbox:
        requests.get(sandbox.control_url, timeout=60)
    assert without_delay
    assert all(without_delay)


def test_the_foreground_server_tells_when_it_is_ready() -> None:
    seen: list[str] = []
    answered = threading.Event()

    def ready(sandbox: Sandbox) -> None:
        seen.append(requests.get(f"{sandbox.control_url}/calls", timeout=60).text)
        answered.set()
        sandbox.stop()

    serve(0, seed="empty", ready=ready)
    assert answered.is_set()
    assert '"total":0' in seen[0]
