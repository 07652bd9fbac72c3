"""The one HTTP application: which system a request is for, what goes wrong with its connection, and the call log."""

from __future__ import annotations

import asyncio
import socket
import struct
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from starlette.requests import Request as HttpRequest
from starlette.types import Receive, Scope, Send

from .calls import Call
from .control import PREFIX, ControlDoor
from .faults import Fault, FaultKind, FaultsOfCall
from .finago.app import open_doors, quarantine
from .qondor.app import QondorDoor
from .qondor.problems import Problem, gateway
from .slack import SlackDoor
from .wire import HTML, TEXT, Exchange, Reply, page
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


class Visit(Protocol):
    """A request as far as its system understood it."""

    @property
    def operation(self) -> str: ...

    @property
    def write(self) -> bool: ...


class Door(Protocol):
    """One system's entrance. `receive` only looks; all effects are in `answer`."""

    @property
    def system(self) -> str: ...

    def receive(self, exchange: Exchange) -> Any: ...

    def office(self, world: World, exchange: Exchange, visit: Any) -> int | None: ...

    def answer(self, world: World, exchange: Exchange, visit: Any, faults: FaultsOfCall) -> Reply: ...


class StandIns:
    """An ASGI application over the world that stands at the moment of the request."""

    def __init__(
        self,
        world: Callable[[], World],
        choose: Callable[[str | None, Mapping[str, int]], None],
        environment: Callable[[], dict[str, str]],
        wsdl_folder: Path | None = None,
    ) -> None:
        api, webservices = open_doors(wsdl_folder)
        self._world = world
        self._control = ControlDoor(choose, environment)
        self._doors: dict[str, Door] = {
            "qondor": QondorDoor(),
            "finago": api,
            "finago-web": webservices,
            "slack": SlackDoor(),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return None
        request = HttpRequest(scope, receive)
        prefix, _, path = request.url.path.lstrip("/").partition("/")
        exchange = Exchange(
            method=request.method,
            path=f"/{path}",
            query=tuple(request.query_params.multi_items()),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.body(),
            base_url=f"{request.url.scheme}://{request.url.netloc}/{prefix}",
        )
        if prefix == PREFIX:
            world = self._world()
            with world.lock:
                reply = self._control.answer(world, exchange)
            return await _send(send, reply)
        door = self._doors.get(prefix)
        if door is None:
            return await _send(send, Reply(status=404, content_type=TEXT, body=b"The sandbox serves no such system."))
        return await self._serve(door, exchange, scope, receive, send)

    async def _serve(self, door: Door, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        world = self._world()
        with world.lock:
            visit: Visit = door.receive(exchange)
            office = door.office(world, exchange, visit)
            faults = world.faults.take(door.system, visit.operation, office)
            at = world.now()
        for latency in faults.all(FaultKind.LATENCY):
            if not latency.lands:
                await asyncio.sleep(latency.seconds)
        with world.lock:
            reply = _reply(world, door, exchange, visit, faults)
            status = 0 if reply is None else reply.status
            world.calls.calls.append(Call(door.system, visit.operation, visit.write, at, office, status))
        for latency in faults.all(FaultKind.LATENCY):
            if latency.lands:
                await asyncio.sleep(latency.seconds)
        if reply is None:
            return await _reset(scope, receive)
        cut = faults.first(FaultKind.CUT_REPLY)
        if cut is not None:
            return await _send_cut(scope, receive, send, reply, cut.at)
        short = faults.first(FaultKind.SHORT_REPLY)
        body = reply.body if short is None else reply.body[: short.at]
        return await _send(send, replace(reply, body=body))


def _reply(world: World, door: Door, exchange: Exchange, visit: Visit, faults: FaultsOfCall) -> Reply | None:
    """The system's answer, or what the fault script puts in its place; None: the connection is reset."""
    if faults.first(FaultKind.RESET_BEFORE_EFFECT):
        return None
    instead = faults.first(*INSTEAD_OF_A_REPLY)
    if instead is not None and not instead.lands:
        return _instead(world, door, instead)
    try:
        reply = door.answer(world, exchange, visit, faults)
    except Exception:
        # A mistake of the sandbox or of the fault script: said in full, it is a development tool.
        return Reply(status=500, content_type=TEXT, body=f"sandbox error\n{traceback.format_exc()}".encode())
    if faults.first(FaultKind.RESET_AFTER_EFFECT):
        return None
    return reply if instead is None else _instead(world, door, instead)


def _instead(world: World, door: Door, fault: Fault) -> Reply:
    retry = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
    match fault.kind:
        case FaultKind.TOO_MANY_REQUESTS if door.system == "qondor":
            wait = fault.retry_after or "1"
            return gateway(429, f"Rate limit is exceeded. Try again in {wait} seconds.", **{"Retry-After": wait})
        case FaultKind.TOO_MANY_REQUESTS:
            return Reply(status=429, content_type=HTML, body=GATEWAY_PAGE, headers=retry)
        case FaultKind.UNAVAILABLE:
            return Reply(status=503, content_type=TEXT, headers=retry)
        case FaultKind.SERVER_ERROR if door.system == "qondor":
            return Problem(500, "An error occurred while processing your request.").reply()
        case FaultKind.SERVER_ERROR:
            return Reply(status=500, content_type=HTML, body=GATEWAY_PAGE)
        case FaultKind.QUARANTINE:
            return quarantine(world, status=fault.status, wording=fault.text)
        case FaultKind.HTML:
            return Reply(content_type=HTML, body=(fault.text or "").encode() or GATEWAY_PAGE)
    content_type = "text/xml; charset=utf-8" if door.system == "finago" else "application/json; charset=utf-8"
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
