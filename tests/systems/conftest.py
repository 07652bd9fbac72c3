"""Both clients, pointed at a scripted server. Pauses take no time: they move the fake clock."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from qondor_finago_pipelines.records.credentials import FinagoCredential
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.systems.finago.client import FinagoClient
from qondor_finago_pipelines.systems.qondor import QondorClient
from tests.systems.scripted import (
    APPLICATION_ID,
    IDENTITY_ID,
    PASSWORD,
    SESSION_ID,
    SUBSCRIPTION_KEY,
    USERNAME,
    Pauses,
    RecordingGate,
    ScriptedServer,
    SessionsInMemory,
    soap,
)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.close()


@pytest.fixture
def nobody_listens() -> str:
    """An address at which every connection is refused."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def gate() -> RecordingGate:
    return RecordingGate()


@pytest.fixture
def pauses(clock: Any) -> Pauses:
    return Pauses(clock)


@pytest.fixture
def sessions() -> SessionsInMemory:
    return SessionsInMemory()


@pytest.fixture
def credential() -> FinagoCredential:
    return FinagoCredential(
        application_id=APPLICATION_ID, username=USERNAME, password=PASSWORD, identity_id=IDENTITY_ID
    )


@pytest.fixture
def new_finago(
    server: ScriptedServer,
    gate: RecordingGate,
    sessions: SessionsInMemory,
    credential: FinagoCredential,
    pauses: Pauses,
    clock: Any,
) -> Callable[..., FinagoClient]:
    """Makes clients of office 102 that share one session store, as runs share the store."""

    def make(**changes: Any) -> FinagoClient:
        options: dict[str, Any] = {
            "api_url": server.url,
            "webservices_url": server.url,
            "credential": credential,
            "office_id": OfficeId(102),
            "sessions": sessions,
            "gate": gate,
            "timeout_seconds": 60.0,
            "pause": pauses,
            "clock": clock,
        }
        return FinagoClient(**(options | changes))

    return make


@pytest.fixture
def finago(new_finago: Callable[..., FinagoClient], server: ScriptedServer) -> FinagoClient:
    """A client whose login works."""
    server.script("Login", soap("Login", f"<LoginResult>{SESSION_ID}</LoginResult>"))
    return new_finago()


@pytest.fixture
def new_qondor(server: ScriptedServer, gate: RecordingGate, pauses: Pauses, clock: Any) -> Callable[..., QondorClient]:
    def make(**changes: Any) -> QondorClient:
        options: dict[str, Any] = {
            "base_url": f"{server.url}/Prod",
            "subscription_key": SUBSCRIPTION_KEY,
            "gate": gate,
            "timeout_seconds": 60.0,
            "pause": pauses,
            "clock": clock,
        }
        return QondorClient(**(options | changes))

    return make


@pytest.fixture
def qondor(new_qondor: Callable[..., QondorClient]) -> QondorClient:
    return new_qondor()
