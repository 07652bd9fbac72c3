"""The compose file at work: invoices arrive once, whatever is killed; and nobody gets in without a login."""

from __future__ import annotations

import base64
import json
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping

import pytest

from qondor_finago_pipelines.sandbox.seeds.expected import EXPECTED, SETTLED

from .deployment import OPERATOR, PROJECT, READER, Deployment, podman, run, wait_until

SEEDED = {str(invoice) for invoice, (state, _) in EXPECTED.items() if state == SETTLED}
PARTS = ("postgres", "code", "webserver", "webserver-readonly", "daemon")


def arrived(deployment: Deployment, invoices: set[str]) -> bool:
    return invoices <= deployment.orders_by_invoice().keys()


def assert_each_once(deployment: Deployment) -> None:
    assert {invoice: count for invoice, count in deployment.orders_by_invoice().items() if count > 1} == {}


def issue(deployment: Deployment) -> set[str]:
    return {str(invoice) for invoice in deployment.control("POST", "issue", {"offices": [102, 103]})["invoices"]}


def test_the_sensor_sees_to_every_invoice_of_the_queue(deployment: Deployment) -> None:
    wait_until("every invoice stands in Finago", lambda: arrived(deployment, SEEDED))
    assert_each_once(deployment)
    deployment.wait_healthy(*PARTS)


def test_a_schedule_fires(deployment: Deployment) -> None:
    told = "SELECT count(*) FROM public.job_ticks WHERE type = 'SCHEDULE' AND status = 'SUCCESS'"
    wait_until("a schedule's tick succeeded", lambda: int(deployment.query(told)[0]))


def test_it_goes_down_and_up_and_loses_nothing(deployment: Deployment) -> None:
    deployment.wait_quiet()
    before = deployment.query("SELECT count(*) FROM qondor_finago_store.orders")
    deployment.compose("stop", "proxy", "daemon", "webserver", "webserver-readonly", "code", "postgres")
    deployment.start("postgres")
    deployment.wait_healthy("postgres")
    deployment.start("code")
    deployment.wait_healthy("code")
    deployment.start("webserver", "webserver-readonly", "daemon", "proxy")
    assert deployment.query("SELECT count(*) FROM qondor_finago_store.orders") == before
    new = issue(deployment)
    wait_until("new invoices stand in Finago", lambda: arrived(deployment, new))
    assert_each_once(deployment)


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_is_killed_in_the_middle_of_a_run_costs_and_doubles_nothing(
    deployment: Deployment, part: str
) -> None:
    deployment.wait_healthy("postgres", "code")
    deployment.control("POST", "faults", [{"system": "finago", "operation": "SaveInvoices", "kind": "latency",
                                           "seconds": 5, "times": 2}])  # fmt: skip
    new = issue(deployment)
    wait_until("a run is under way", lambda: deployment.runs("STARTED") or arrived(deployment, new))
    deployment.kill(part)
    wait_until(f"{part} is back", lambda: deployment.is_healthy(part))
    wait_until("every invoice stands in Finago", lambda: arrived(deployment, new))
    deployment.wait_healthy(*PARTS)
    assert_each_once(deployment)


# who gets in


def ask(port: int, path: str, login: tuple[str, str] | None = None, headers: Mapping[str, str] | None = None,
        data: bytes | None = None) -> tuple[int, str]:  # fmt: skip
    request = urllib.request.Request(f"https://localhost:{port}{path}", data=data, headers=dict(headers or {}))
    if login is not None:
        request.add_header("Authorization", "Basic " + base64.b64encode(":".join(login).encode()).decode())
    own = ssl.create_default_context()
    own.check_hostname, own.verify_mode = False, ssl.CERT_NONE
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=own), urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as reply:
            return reply.status, reply.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")


WEBSOCKET = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": "x" * 22 + "==",
             "Sec-WebSocket-Version": "13", "Sec-WebSocket-Protocol": "graphql-ws"}  # fmt: skip


@pytest.mark.parametrize("port", [443, 8443])
@pytest.mark.parametrize("login", [None, ("operator", "wrong"), ("nobody", "of-the-sync")])
def test_without_a_login_every_path_answers_401(
    deployment: Deployment, port: int, login: tuple[str, str] | None
) -> None:
    for path in ("/", "/graphql", "/server_info", "/assets/finago_orders", "/logs/x", "/report_asset_check/x"):
        assert ask(port, path, login)[0] == 401, path
    assert ask(port, "/graphql", login, WEBSOCKET)[0] == 401
    assert ask(port, "/graphql", login, data=b'{"query": "{version}"}')[0] == 401


QUERY = b'{"query": "{ version }"}'
JSON = {"Content-Type": "application/json"}
MUTATION = 'mutation { stopRunningSchedule(id: "x") { __typename ... on UnauthorizedError { message } } }'
LAUNCH = json.dumps({"query": MUTATION}).encode()


def test_a_reader_sees_and_starts_nothing(deployment: Deployment) -> None:
    assert ask(8443, "/server_info", READER)[0] == 200
    assert '"version"' in ask(8443, "/graphql", READER, JSON, QUERY)[1]
    assert "UnauthorizedError" in ask(8443, "/graphql", READER, JSON, LAUNCH)[1]
    assert ask(443, "/server_info", READER)[0] == 401, "the other door is not theirs"
    assert "UnauthorizedError" not in ask(443, "/graphql", OPERATOR, JSON, LAUNCH)[1], "the one that may is let through"


def test_a_link_or_a_page_of_somebody_else_starts_nothing_with_a_login_that_the_browser_keeps(
    deployment: Deployment,
) -> None:
    assert ask(443, "/graphql?query=%7Bversion%7D", OPERATOR)[0] == 405
    assert ask(443, "/graphql", OPERATOR, {**JSON, "Origin": "https://evil.example"}, QUERY)[0] == 403
    assert ask(443, "/graphql", OPERATOR, {**JSON, "Origin": "https://localhost"}, QUERY)[0] == 200


def test_only_the_proxy_is_reachable_from_outside(deployment: Deployment) -> None:
    """A scan of the machine from a network beside the installation's: its address as that network sees it."""
    podman("network", "create", "--ignore", "beside")
    gateway = podman("network", "inspect", "beside", "--format", "{{(index .Subnets 0).Gateway}}", check=False)
    gateway = gateway or podman("network", "inspect", "beside", "--format",
                                "{{(index (index (index .plugins 0).ipam.ranges 0) 0).gateway}}")  # fmt: skip
    scan = (
        "import socket, sys\n"
        "def is_open(port):\n"
        "    with socket.socket() as s:\n"
        "        s.settimeout(2)\n"
        "        return s.connect_ex((sys.argv[1], port)) == 0\n"
        "print([port for port in (443, 3000, 4000, 5432, 8443, 8900) if is_open(port)])"
    )
    told = run("podman", "run", "--rm", "--network", "beside", "python:3.11-slim", "python3", "-c", scan, gateway)
    assert told.stdout.strip() == "[443, 8443]"
    published = podman("ps", "--filter", f"name={PROJECT}", "--format", "{{.Names}} {{.Ports}}").splitlines()
    assert [line.split()[0] for line in published if len(line.split()) > 1] == [deployment.name("proxy")]
    assert socket.socket().connect_ex(("127.0.0.1", 3000)) != 0
