"""A sandbox over real HTTP, a world with one customer and one project, and an installation beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.empty import empty

from .installation import Installation

REAL_WSDLS = os.environ.get("REAL_WSDL_FOLDER")
"""Finago's own WSDLs where they are at hand (CI): then every request of these tests is held against them."""


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    """One server for all tests of a worker; each test puts its own world behind it."""
    with Sandbox(wsdl_folder=Path(REAL_WSDLS) if REAL_WSDLS else None) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox, clock: object) -> Sandbox:
    running_sandbox.world = empty(clock=clock)  # type: ignore[arg-type]
    return running_sandbox


@pytest.fixture
def world(sandbox: Sandbox) -> World:
    return sandbox.world


@pytest.fixture
def installation(sandbox: Sandbox, tmp_path: Path, clock: object, unused_sqlite_store: Path) -> Installation:
    """An installation with an empty store in SQLite."""
    store = tmp_path / "store.db"
    store.write_bytes(unused_sqlite_store.read_bytes())
    return Installation(tmp_path, sandbox, clock, f"sqlite:///{store}")


@pytest.fixture
def customer(world: World) -> int:
    """Nordlys AS: in Finago as company 4711, in Qondor with that External Reference."""
    world.add_company("Nordlys AS", id=4711, organisation_number="912345678")
    return world.add_customer("Nordlys AS", id=77, reference=4711, organisation_number="912345678")


@pytest.fixture
def project(world: World, customer: int) -> int:
    """Kick-off 2026, SO12345, confirmed, not in Finago yet."""
    return world.add_project("Kick-off 2026", id=555, number="SO12345", customer=customer)


@pytest.fixture
def another_world(running_sandbox: Sandbox, clock: Any, tmp_path: Path, unused_sqlite_store: Path) -> Any:
    """Gives a fresh world and an installation with an empty store beside it, as often as asked."""
    store = tmp_path / "store.db"

    def fresh() -> Installation:
        for file in tmp_path.glob("store.db*"):
            file.unlink()
        store.write_bytes(unused_sqlite_store.read_bytes())
        running_sandbox.world = empty(clock=clock)
        made = Installation(tmp_path, running_sandbox, clock, f"sqlite:///{store}")
        made.configure(sync={"quiet_period_seconds": 900})
        return made

    return fresh
