"""Clients that others wrote work against the stand-ins as they do against the real systems.

PHP's SoapClient, node's `soap`, Python's `suds` and Qondor's own SDK, each driven by a small script of ours in
`clients/`. What is not installed here is put into a temporary folder by its own package manager; where that cannot be,
the test is skipped and says why. Nothing of them is kept.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.finago.dates import FORMS
from qondor_finago_pipelines.sandbox.world.voucher_builders import posting

from .conftest import OSLO, PATHS

pytestmark = pytest.mark.slow

SCRIPTS = Path(__file__).parent / "clients"
SECONDS_TO_INSTALL, SECONDS_TO_RUN = 300, 120


def run(command: list[str], *, seconds: int, said: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        input=said,
        capture_output=True,
        text=True,
        timeout=seconds,
        env={**os.environ, **variables},
        check=False,
    )


def installed(command: list[str], what: str) -> None:
    """Runs a package manager; skips the test, with its last words, where that fails."""
    try:
        done = run(command, seconds=SECONDS_TO_INSTALL)
    except (OSError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"{what} cannot be installed here: {type(error).__name__}")
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        pytest.skip(f"{what} cannot be installed here: {' '.join(last)}")


def answer(command: list[str], settings: Mapping[str, Any], **variables: str) -> dict[str, Any]:
    done = run(command, seconds=SECONDS_TO_RUN, said=json.dumps(settings), **variables)
    assert done.returncode == 0, done.stderr + done.stdout
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="session")
def php() -> str:
    found = shutil.which("php")
    if found is None or "soap" not in run([found, "-m"], seconds=60).stdout.split():
        pytest.skip("PHP with its SOAP extension is not installed here: packages php-cli and php-soap of Debian")
    return found


@pytest.fixture(scope="session")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("node and npm are not installed here")
    folder = tmp_path_factory.mktemp("node")
    installed([npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), "soap@1"], "soap of npm")
    return folder / "node_modules"


def python_packages(python: str, folder: Path, package: str) -> Path:
    installed([python, "-m", "pip", "install", "--quiet", "--target", str(folder), package], f"{package} of PyPI")
    return folder


@pytest.fixture(scope="session")
def new_python() -> str:
    """A Python that Qondor's SDK runs on: 3.12 or later."""
    beside = sorted((Path.home() / ".pyenv" / "versions").glob("3.1[2-9]*/bin/python3"), reverse=True)
    for candidate in (sys.executable, *(f"python3.{minor}" for minor in range(14, 11, -1)), *map(str, beside)):
        found = shutil.which(candidate)
        if found and not run([found, "-c", "import sys; sys.exit(sys.version_info < (3, 12))"], seconds=60).returncode:
            return found
    pytest.skip("no Python of 3.12 or later is installed here")


@pytest.fixture(scope="session")
def suds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return python_packages(sys.executable, tmp_path_factory.mktemp("suds"), "suds")


@pytest.fixture(params=["naive", "utc"])
def world_of_a_stranger(request: pytest.FixtureRequest, sandbox: Sandbox, world: World) -> World:
    assert request.param in FORMS
    world.finago.dates = request.param
    world.add_company("Nordlys AS", id=4711, organisation_number="912345678")
    world.add_finago_project("Kick-off 2026", id=12345, customer=4711)
    world.post_voucher([posting(6300, "8000.00", project=12345), posting(1920, "-8000.00")], day=date(2026, 11, 16))
    return world


def settings(sandbox: Sandbox) -> dict[str, Any]:
    its = sandbox.world.offices[OSLO]
    names = {
        "authenticate": "Authenticate",
        "company": "CompanyService",
        "invoice": "InvoiceService",
        "transaction": "TransactionService",
        "account": "AccountService",
    }
    return {
        **{name: f"{sandbox.finago_api_url}/{PATHS[service]}" for name, service in names.items()},
        "project": f"{sandbox.finago_webservices_url}/{PATHS['ProjectService']}",
        "credential": {
            "ApplicationId": sandbox.environment()["FINAGO_APPLICATION_ID"],
            "IdentityId": its.identity_id,
            "Password": its.password,
            "Username": its.username,
        },
        "order": {
            "CustomerId": 4711,
            "OrderStatus": "Offer",
            "DateOrdered": "2026-11-20T00:00:00",
            "IncludeVAT": False,
            "InvoiceRows": {
                "InvoiceRow": [{"ProductId": 301, "Price": "400.00", "Name": "Conference package", "Quantity": "25"}]
            },
            "ReferenceNumber": "9001",
        },
        "lines": {"DateStart": "2026-11-01", "DateEnd": "2026-11-30"},
        "project_id": 12345,
        "soap_12": False,
    }


def assert_read_well(found: Mapping[str, Any], world: World) -> None:
    (number,) = world.books(OSLO).orders
    assert found["has_session"] is True
    assert found["identity"] == world.offices[OSLO].identity_id
    assert found["identity_set"] is True
    assert found["companies"] == ["Nordlys AS"]
    order = found["order"]
    assert (order["id"], order["reference"], Decimal(order["total"])) == (number, "9001", Decimal("12500.00"))
    assert order["rows"] == ["Conference package"]
    assert order["day"].startswith("2026-11-20" if world.finago.dates == "naive" else "2026-11-19")
    assert sorted(Decimal(amount) for amount in found["amounts"]) == [Decimal("-8000"), Decimal("8000")]
    assert (found["projects"], found["project"]) == ([12345], "Kick-off 2026")
    assert found["accounts"] == [1920, 6300]


def assert_told_on(sandbox: Sandbox) -> None:
    """The days without a time in its search for lines were answered, and recorded."""
    assert any(violation.startswith("GetTransactions: ") for violation in sandbox.violations), sandbox.violations


@pytest.mark.parametrize("soap_12", [False, True], ids=["SOAP 1.1", "SOAP 1.2"])
def test_php_s_soapclient(php: str, sandbox: Sandbox, world_of_a_stranger: World, soap_12: bool) -> None:
    found = answer([php, str(SCRIPTS / "soap_client.php")], {**settings(sandbox), "soap_12": soap_12})
    assert_read_well(found, world_of_a_stranger)
    assert_told_on(sandbox)


def test_node_s_soap(node_modules: Path, sandbox: Sandbox, world_of_a_stranger: World) -> None:
    script = str(SCRIPTS / "soap_client.cjs")
    found = answer(["node", script], settings(sandbox), NODE_PATH=str(node_modules), TZ="UTC")
    assert_read_well(found, world_of_a_stranger)
    assert "Please specify at least one search parameter" in found["plain_ids"]
    assert_told_on(sandbox)


def test_suds(suds: Path, sandbox: Sandbox, world_of_a_stranger: World) -> None:
    script = str(SCRIPTS / "suds_client.py")
    found = answer([sys.executable, script], settings(sandbox), PYTHONPATH=str(suds), TZ="UTC")
    assert_read_well(found, world_of_a_stranger)
    assert_told_on(sandbox)


def test_qondor_s_own_sdk(
    new_python: str, tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, world: World
) -> None:
    packages = python_packages(new_python, tmp_path_factory.mktemp("sdk"), "qondor-api-sdk")
    customer = world.add_customer("Nordlys AS", id=77, reference=4711)
    world.add_project("Kick-off 2026", id=555, number="SO12345", customer=customer)
    asked = {
        "base_url": sandbox.qondor_base_url,
        "key": sandbox.environment()["QONDOR_SUBSCRIPTION_KEY"],
        "office": OSLO,
        "customer": 77,
        "project": 555,
    }
    script = str(SCRIPTS / "qondor_client.py")
    assert answer([new_python, script], asked, PYTHONPATH=str(packages)) == {
        "customers": ["Nordlys AS"],
        "projects": ["Kick-off 2026"],
        "customer": {"name": "Nordlys AS", "reference": "4711"},
        "project": {"name": "Kick-off 2026", "number": "SO12345"},
        "offices": [102, 103],
    }
