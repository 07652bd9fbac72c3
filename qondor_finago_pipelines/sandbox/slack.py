"""The Slack stand-in: chat.postMessage and auth.test, as slack_sdk's WebClient calls them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from .faults import FaultsOfCall
from .faulty_replies import fault_json
from .wire import Operation, Reply, Request, read_json, render_json
from .world import World

POST = "chat.postMessage"


class SlackApp:
    """Slack answers 200 to nearly everything and says in `ok` whether it worked."""

    system = "slack"

    def receive(self, world: World, request: Request) -> Operation:
        """Slack's methods are the last part of the path."""
        group, _, method = request.path.strip("/").partition("/")
        name = method if group == "api" and method else "unknown"

        def answer(faults: FaultsOfCall) -> Reply:
            return Reply(body=render_json(fault_json(_perform(world, request, name), faults)))

        return Operation(name, answer, write=name == POST)


def _perform(world: World, request: Request, method: str) -> dict[str, Any]:
    try:
        arguments = _arguments(request)
    except ValueError:
        return _no("invalid_json")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        token = str(arguments.get("token", ""))
    if not token:
        return _no("not_authed")
    if token not in world.slack.tokens:
        return _no("invalid_auth")
    if method == "auth.test":
        return {"ok": True, "url": "https://sandbox.slack.example/", "team": "Sandbox", "user": "qondor-finago"}
    if method != POST:
        return _no("unknown_method")
    if arguments.get("channel") not in world.slack.channels:
        return _no("channel_not_found")
    if not arguments.get("text") and not arguments.get("blocks"):
        return _no("no_text")
    message = {name: value for name, value in arguments.items() if name != "token"}
    world.slack.messages.append(message)
    stamp = f"{int(world.now().timestamp())}.{len(world.slack.messages):06d}"
    return {"ok": True, "channel": "C0SANDBOX", "ts": stamp, "message": {"type": "message", "ts": stamp, **message}}


def _arguments(request: Request) -> dict[str, Any]:
    """The arguments of a call, sent as a form or as JSON; raises ValueError."""
    if request.headers.get("content-type", "").lower().startswith("application/json"):
        arguments = read_json(request.body or b"{}")
        if not isinstance(arguments, dict):
            raise ValueError("the body is no object")
        return arguments
    return dict(parse_qsl(request.body.decode()))


def _no(error: str) -> dict[str, Any]:
    return {"ok": False, "error": error}
