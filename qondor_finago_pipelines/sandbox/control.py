"""The control endpoints under /_sandbox/: seeds, inspection, the fault script, the call log, clock and sessions.

They are the sandbox's own and part of no system; tests in another process and people with curl steer it through them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from .faults import FAULT_MEMBERS
from .finago.dates import FORMS
from .issuing import issue_invoice
from .seeds import SIZES
from .wire import Reply, Request, read_json, render_json
from .world import World
from .world.finago import Stored

PREFIX = "_sandbox"

HELP = {
    "GET /_sandbox/": "this list",
    "GET /_sandbox/environment": "environment variables that point to this sandbox",
    "GET /_sandbox/inspect": "the whole world as JSON",
    "POST /_sandbox/seed": '{"seed": "demo" | "empty" | "large" | "many", "invoices": 1000, "offices": 100}: another '
    "world",
    "POST /_sandbox/reset": "the world as it was at the start; calls, faults and sessions are forgotten",
    "POST /_sandbox/invoices": '{"project": 555, "customer": 77, …}: issues an invoice, and tells its id',
    "POST /_sandbox/issue": '{"offices": [102]}: issues an invoice in each, all at one moment',
    "GET /_sandbox/calls": "calls by system and operation, and how many of them were writes",
    "DELETE /_sandbox/calls": "counts from zero",
    "GET /_sandbox/violations": "what requests did that a real Finago takes, although its description forbids it",
    "DELETE /_sandbox/violations": "forgets them",
    "GET /_sandbox/faults": "the fault script",
    "POST /_sandbox/faults": '{"system", "operation", "kind", "times": 1, …} or a list of such: adds to the script',
    "DELETE /_sandbox/faults": "takes the whole script back",
    "POST /_sandbox/clock": '{"advance_seconds": 60}: moves the sandbox\'s clock',
    "POST /_sandbox/dates": '{"form": "naive" | "utc" | "offset" | "mixed" | "silent_utc"}: how Finago writes dates',
    "POST /_sandbox/sessions/expire": "ends every Finago session",
}


class ControlApp:
    """Answers the control endpoints.

    `choose` puts another world in place: by seed name and sizes, or the first one again.
    """

    def __init__(
        self,
        choose: Callable[[str | None, Mapping[str, int]], None],
        environment: Callable[[], dict[str, str]],
        violations: list[str],
    ) -> None:
        self._choose = choose
        self._environment = environment
        self._violations = violations

    def answer(self, world: World, request: Request) -> Reply:
        try:
            arguments = read_json(request.body) if request.body else {}
            answer = self._perform(world, request, arguments)
        except (ValueError, TypeError, KeyError) as error:
            return Reply(status=400, body=render_json({"error": str(error)}))
        if answer is None:
            return Reply(status=404, body=render_json({"error": "no such control endpoint", "endpoints": HELP}))
        return Reply(body=render_json(answer))

    def _perform(self, world: World, request: Request, arguments: Any) -> Any:
        match request.method, request.path.strip("/"):
            case "GET", "":
                return HELP
            case "GET", "environment":
                return self._environment()
            case "GET", "inspect":
                return inspect(world)
            case "POST", "seed":
                self._choose(str(arguments["seed"]), {name: arguments[name] for name in SIZES if name in arguments})
                return {"seed": arguments["seed"]}
            case "POST", "reset":
                self._choose(None, {})
                return {"reset": True}
            case "POST", "invoices":
                return {"id": world.add_invoice(**arguments)}
            case "POST", "issue":
                at = world.now().isoformat()
                return {"at": at, "invoices": [issue_invoice(world, int(office)) for office in arguments["offices"]]}
            case "GET", "calls":
                return world.calls.as_json()
            case "DELETE", "calls":
                world.calls.clear()
                return world.calls.as_json()
            case "GET", "violations":
                return self._violations
            case "DELETE", "violations":
                self._violations.clear()
                return self._violations
            case "GET", "faults":
                return world.faults.as_json()
            case "POST", "faults":
                for one in arguments if isinstance(arguments, list) else [arguments]:
                    _add_fault(world, one)
                return world.faults.as_json()
            case "DELETE", "faults":
                world.faults.clear()
                return []
            case "POST", "clock":
                world.advance(seconds=float(arguments["advance_seconds"]))
                return {"now": world.now().isoformat()}
            case "POST", "dates":
                if arguments["form"] not in FORMS:
                    raise ValueError(f"unknown form of dates; known: {', '.join(FORMS)}")
                world.finago.dates = arguments["form"]
                return {"form": world.finago.dates}
            case "POST", "sessions/expire":
                return {"expired": world.finago.expire_sessions()}
        return None


def _add_fault(world: World, one: dict[str, Any]) -> None:
    unknown = set(one) - FAULT_MEMBERS
    if unknown:
        raise ValueError(f"unknown members of a fault: {', '.join(sorted(unknown))}; known: {sorted(FAULT_MEMBERS)}")
    details = {name: value for name, value in one.items() if name not in ("system", "operation", "kind")}
    if "seconds" in details:
        details["seconds"] = float(details["seconds"])
    world.faults.add(one["system"], one["operation"], one["kind"], **details)


def inspect(world: World) -> dict[str, Any]:
    """The whole world as plain JSON."""
    return {
        "now": world.now().isoformat(),
        "qondor": {
            "offices": list(world.qondor.offices.values()),
            "customers": list(world.qondor.customers.values()),
            "projects": list(world.qondor.projects.values()),
            "invoices": list(world.qondor.invoices.values()),
            "costs": list(world.qondor.actuals["cost"].values()),
            "sales": list(world.qondor.actuals["sale"].values()),
        },
        "finago": {
            str(books.client_id): {
                "name": books.name,
                "companies": [_plain(company) for company in books.companies.values()],
                "projects": [_plain(project) for project in books.projects.values()],
                "orders": [_plain(order) for order in books.orders.values()],
                "postings": [_plain(line) for line in books.postings.values()],
                "sessions": sum(
                    session.identity.client_id == books.client_id for session in world.finago.sessions.values()
                ),
            }
            for books in world.finago.books.values()
        },
        "slack": {"messages": world.slack.messages},
        "calls": world.calls.as_json(),
        "faults": world.faults.as_json(),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Stored):
        return {
            **_plain(value.members),
            "active": value.active,
            "registered": value.registered.isoformat(),
            "changed": value.changed.isoformat(),
            **({"rows": _plain(value.rows)} if value.rows else {}),
        }
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    if isinstance(value, date | datetime):
        return value.isoformat()
    if value is None or isinstance(value, str | int | bool | Decimal):
        return value
    return str(value)
