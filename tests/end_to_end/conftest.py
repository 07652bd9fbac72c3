"""A sandbox over real HTTP, a world with one customer and one project, and an installation beside it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from qondor_finago_pipelines.sandbox.world.finago import FinagoWorld
from tests.conftest import FakeClock

from .installation import Installation

REAL_WSDLS = os.environ.get("REAL_WSDL_FOLDER")
"""Finago's own WSDLs where they are at hand (CI): then every request of these tests is held against them."""

DATES = os.environ.get("FINAGO_DATES", "naive")
"""How the sandbox writes dates in these tests: `make test-slow` runs them with `mixed` too, the forms by turns."""

STARTS = {"winter": datetime(2026, 11, 20, 9, 0, tzinfo=UTC), "summer": datetime(2026, 6, 19, 9, 0, tzinfo=UTC)}
START = STARTS[os.environ.get("SEASON", "winter")]
"""When these tests begin, a Friday; `make test-slow` runs them in summer time too."""


@pytest.fixture(scope="session", autouse=True)
def form_of_dates() -> Iterator[None]:
    """Every world writes its dates in the form that was asked for, but where a test says otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        as_made = FinagoWorld.__init__
        patch.setattr(FinagoWorld, "__init__", lambda self, **its: as_made(self, **{"dates": DATES, **its}))
        yield


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    """One server for all tests of a worker; each test puts its own world behind it."""
    with Sandbox(wsdl_folder=Path(REAL_WSDLS) if REAL_WSDLS else None) as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def nothing_that_only_a_lenient_server_takes(running_sandbox: Sandbox) -> Iterator[None]:
    """No request of ours may need the leniency that a real Finago has."""
    running_sandbox.violations.clear()
    yield
    assert running_sandbox.violations == []


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(START)


@pytest.fixture
def sandbox(running_sandbox: Sandbox, clock: FakeClock) -> Sandbox:
    running_sandbox.world = empty(clock=clock)
    return running_sandbox


@pytest.fixture
def world(sandbox: Sandbox) -> World:
    return sandbox.world


@pytest.fixture(scope="session")
def installed(
    running_sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory, unused_sqlite_store: Path
) -> Callable[[FakeClock], Installation]:
    """An installation with an empty store in SQLite, in a folder of its own."""

    def install(clock: FakeClock) -> Installation:
        folder = tmp_path_factory.mktemp("installation")
        store = shutil.copy(unused_sqlite_store, folder / "store.db")
        return Installation(folder, running_sandbox, clock, f"sqlite:///{store}")

    return install


@pytest.fixture
def installation(sandbox: Sandbox, clock: FakeClock, installed: Callable[[FakeClock], Installation]) -> Installation:
    return installed(clock)


@pytest.fixture
def careful(installation: Installation) -> Installation:
    """With the quiet period of a real one."""
    installation.configure(sync={"quiet_period_seconds": 900})
    return installation


@pytest.fixture(scope="session")
def another_world(
    running_sandbox: Sandbox, installed: Callable[[FakeClock], Installation]
) -> Callable[..., Installation]:
    """Gives a fresh world and a careful installation beside it on their own clock, as often as asked."""

    def fresh(**options: Any) -> Installation:
        clock = FakeClock(START)
        running_sandbox.world = empty(clock=clock, **options)
        made = installed(clock)
        made.configure(sync={"quiet_period_seconds": 900})
        return made

    return fresh


@pytest.fixture
def customer(world: World) -> int:
    """Nordlys AS: in Finago as company 4711, in Qondor with that External Reference."""
    world.add_company("Nordlys AS", id=4711, organisation_number="912345688")
    return world.add_customer("Nordlys AS", id=77, reference=4711, organisation_number="912345688")


@pytest.fixture
def project(world: World, customer: int) -> int:
    """Kick-off 2026, SO12345, confirmed, not in Finago yet."""
    return world.add_project("Kick-off 2026", id=555, number="SO12345", customer=customer)


@pytest.fixture
def invoice(world: World, customer: int, project: int) -> int:
    return world.add_invoice(customer=customer, project=project)
