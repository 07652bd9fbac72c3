"""The Slack stand-in: chat.postMessage and auth.test, as slack_sdk's WebClient calls them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from .faults import FaultsOfCall
from .faulty_replies import fault_json
from .wire import Exchange, Reply, read_json, render_json
from .world import World


@dataclass(frozen=True)
class Visit:
    """A call at the door; Slack's methods are the last part of the path."""

    operation: str

    @property
    def write(self) -> bool:
        return self.operation == "chat.postMessage"


class SlackDoor:
    """Slack answers 200 to nearly everything and says in `ok` whether it worked."""

    system = "slack"

    def receive(self, exchange: Exchange) -> Visit:
        group, _, method = exchange.path.strip("/").partition("/")
        return Visit(method if group == "api" and method else "unknown")

    def office(self, _world: World, _exchange: Exchange, _visit: Visit) -> int | None:
        return None

    def answer(self, world: World, exchange: Exchange, visit: Visit, faults: FaultsOfCall) -> Reply:
        return Reply(body=render_json(fault_json(self._perform(world, exchange, visit), faults)))

    def _perform(self, world: World, exchange: Exchange, visit: Visit) -> dict[str, Any]:
        try:
            arguments = _arguments(exchange)
        except ValueError:
            return _no("invalid_json")
        scheme, _, token = exchange.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            token = str(arguments.get("token", ""))
        if not token:
            return _no("not_authed")
        if token not in world.slack.tokens:
            return _no("invalid_auth")
        if visit.operation == "auth.test":
            return {"ok": True, "url": "https://sandbox.slack.example/", "team": "Sandbox", "user": "qondor-finago"}
        if visit.operation != "chat.postMessage":
            return _no("unknown_method")
        if arguments.get("channel") not in world.slack.channels:
            return _no("channel_not_found")
        if not arguments.get("text") and not arguments.get("blocks"):
            return _no("no_text")
        message = {name: value for name, value in arguments.items() if name != "token"}
        world.slack.messages.append(message)
        stamp = f"{int(world.now().timestamp())}.{len(world.slack.messages):06d}"
        return {"ok": True, "channel": "C0SANDBOX", "ts": stamp, "message": {"type": "message", "ts": stamp, **message}}


def _arguments(exchange: Exchange) -> dict[str, Any]:
    """The arguments of a call, sent as a form or as JSON; raises ValueError."""
    if exchange.headers.get("content-type", "").lower().startswith("application/json"):
        arguments = read_json(exchange.body or b"{}")
        if not isinstance(arguments, dict):
            raise ValueError("the body is no object")
        return arguments
    return dict(parse_qsl(exchange.body.decode()))


def _no(error: str) -> dict[str, Any]:
    return {"ok": False, "error": error}
