"""The one HTTP application: which system a request is for, what goes wrong with its connection, and the call log."""

from __future__ import annotations

import asyncio
import socket
import struct
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol

from starlette.requests import Request as HttpRequest
from starlette.types import Receive, Scope, Send

from .calls import LoggedCall
from .control import PREFIX, ControlApp
from .faults import Fault, FaultKind, FaultsOfCall
from .finago.app import FinagoApp, quarantine
from .finago.wsdl import OWN_FOLDER, read_folder
from .qondor.app import QondorApp
from .qondor.problems import Problem, gateway
from .slack import SlackApp
from .wire import HTML, TEXT, Operation, Reply, Request, page
from .world import World

GATEWAY_PAGE = page("Bad Gateway", "Something went wrong.")
GARBAGE = b"}{ neither JSON nor XML <"
INSTEAD_OF_A_REPLY = (
    FaultKind.TOO_MANY_REQUESTS,
    FaultKind.UNAVAILABLE,
    FaultKind.SERVER_ERROR,
    FaultKind.HTML,
    FaultKind.NOT_PARSABLE,
    FaultKind.QUARANTINE,
)


class SystemApp(Protocol):
    """One system's web application. `receive` only looks; all effects are in the operation's answer."""

    @property
    def system(self) -> str: ...

    def receive(self, world: World, request: Request) -> Operation: ...


class SandboxApp:
    """An ASGI application over the world that stands at the moment of the request."""

    def __init__(
        self,
        world: Callable[[], World],
        choose: Callable[[str | None, Mapping[str, int]], None],
        environment: Callable[[], dict[str, str]],
        wsdl_folder: Path | None = None,
    ) -> None:
        services = read_folder(wsdl_folder or OWN_FOLDER)
        self.violations: list[str] = []
        self._world = world
        self._control = ControlApp(choose, environment, self.violations)
        self._systems: dict[str, SystemApp] = {
            "qondor": QondorApp(),
            "finago": FinagoApp(services, self.violations, webservices_host=False),
            "finago-web": FinagoApp(services, self.violations, webservices_host=True),
            "slack": SlackApp(),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return None
        asked = HttpRequest(scope, receive)
        prefix, _, path = asked.url.path.lstrip("/").partition("/")
        request = Request(
            method=asked.method,
            path=f"/{path}",
            query=tuple(asked.query_params.multi_items()),
            headers={name.lower(): value for name, value in asked.headers.items()},
            body=await asked.body(),
            base_url=f"{asked.url.scheme}://{asked.url.netloc}/{prefix}",
        )
        if prefix == PREFIX:
            world = self._world()
            with world.lock:
                reply = self._control.answer(world, request)
            return await _send(send, reply)
        app = self._systems.get(prefix)
        if app is None:
            return await _send(send, Reply(status=404, content_type=TEXT, body=b"The sandbox serves no such system."))
        return await self._serve(app, request, scope, receive, send)

    async def _serve(self, app: SystemApp, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        world = self._world()
        with world.lock:
            operation = app.receive(world, request)
            faults = world.faults.take(app.system, operation.name, operation.office)
            at = world.now()
        await _wait(faults, lands=False)
        with world.lock:
            reply = _reply(world, app.system, operation, faults)
            if reply is not None:
                reply = replace(reply, headers={"Date": format_datetime(world.now(), usegmt=True), **reply.headers})
            status = 0 if reply is None else reply.status
            logged = LoggedCall(app.system, operation.name, operation.write, at, operation.office, status)
            world.calls.calls.append(logged)
        await _wait(faults, lands=True)
        if reply is None:
            return await _reset(scope, receive)
        cut = faults.first(FaultKind.CUT_REPLY)
        if cut is not None:
            return await _send_cut(scope, receive, send, reply, cut.at)
        short = faults.first(FaultKind.SHORT_REPLY)
        body = reply.body if short is None else reply.body[: short.at]
        return await _send(send, replace(reply, body=body))


async def _wait(faults: FaultsOfCall, *, lands: bool) -> None:
    for latency in faults.all(FaultKind.LATENCY):
        if latency.lands is lands:
            await asyncio.sleep(latency.seconds)


def _reply(world: World, system: str, operation: Operation, faults: FaultsOfCall) -> Reply | None:
    """The system's answer, or what the fault script puts in its place; None: the connection is reset."""
    if faults.first(FaultKind.RESET_BEFORE_EFFECT):
        return None
    instead = faults.first(*INSTEAD_OF_A_REPLY)
    if instead is not None and not instead.lands:
        return _instead(world, system, instead)
    try:
        reply = operation.answer(faults)
    except Exception:
        # A mistake of the sandbox or of the fault script: said in full, it is a development tool.
        return Reply(status=500, content_type=TEXT, body=f"sandbox error\n{traceback.format_exc()}".encode())
    if faults.first(FaultKind.RESET_AFTER_EFFECT):
        return None
    return reply if instead is None else _instead(world, system, instead)


def _instead(world: World, system: str, fault: Fault) -> Reply:
    retry = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
    match fault.kind:
        case FaultKind.TOO_MANY_REQUESTS if system == "qondor":
            wait = fault.retry_after or "1"
            return gateway(429, f"Rate limit is exceeded. Try again in {wait} seconds.", **{"Retry-After": wait})
        case FaultKind.TOO_MANY_REQUESTS:
            return Reply(status=429, content_type=HTML, body=GATEWAY_PAGE, headers=retry)
        case FaultKind.UNAVAILABLE:
            return Reply(status=503, content_type=TEXT, headers=retry)
        case FaultKind.SERVER_ERROR if system == "qondor":
            return Problem(500, "An error occurred while processing your request.").reply()
        case FaultKind.SERVER_ERROR:
            return Reply(status=500, content_type=HTML, body=GATEWAY_PAGE)
        case FaultKind.QUARANTINE:
            return quarantine(world, status=fault.status, wording=fault.text)
        case FaultKind.HTML:
            return Reply(content_type=HTML, body=(fault.text or "").encode() or GATEWAY_PAGE)
    content_type = "text/xml; charset=utf-8" if system == "finago" else "application/json; charset=utf-8"
    return Reply(content_type=content_type, body=(fault.text or "").encode() or GARBAGE)


def _headers(reply: Reply) -> Sequence[tuple[bytes, bytes]]:
    return [
        (b"content-type", reply.content_type.encode()),
        (b"content-length", str(len(reply.body)).encode()),
        *((name.encode(), value.encode()) for name, value in reply.headers.items()),
    ]


async def _send(send: Send, reply: Reply) -> None:
    await send({"type": "http.response.start", "status": reply.status, "headers": _headers(reply)})
    await send({"type": "http.response.body", "body": reply.body})


async def _send_cut(scope: Scope, receive: Receive, send: Send, reply: Reply, at: int) -> None:
    """Promises the whole body, sends its beginning, and hangs up."""
    await send({"type": "http.response.start", "status": reply.status, "headers": _headers(reply)})
    await send({"type": "http.response.body", "body": reply.body[:at], "more_body": True})
    _transport(scope).close()
    await _gone(receive)


async def _reset(scope: Scope, receive: Receive) -> None:
    """Cuts the TCP connection with a reset instead of an orderly end."""
    transport = _transport(scope)
    connection: socket.socket = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _gone(receive)


def _transport(scope: Scope) -> asyncio.Transport:
    transport: asyncio.Transport = scope["state"]["transport"]
    return transport


async def _gone(receive: Receive) -> None:
    """Waits until the server has noticed that the connection is closed."""
    while (await receive())["type"] != "http.disconnect":
        pass
