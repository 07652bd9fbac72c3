"""Qondor as a web application: the gateway's key and rate limit, the routes, and what they answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from ..faults import FaultsOfCall
from ..faulty_replies import fault_json
from ..wire import Operation, Reply, Request, render_json
from ..world import World
from . import actuals, customers, invoices, projects
from .problems import Problem, gateway

ENVIRONMENT = "Prod"
KEY = "ocp-apim-subscription-key"


def _nothing(_world: World, _what: object) -> None:
    """Stands where a route has no such form."""


@dataclass(frozen=True)
class Route:
    """One operation: by name in the call log, by method and path on the wire. `{id}` stands for a number."""

    operation: str
    method: str
    path: str
    by_request: Callable[[World, Request], Any] = _nothing
    by_id: Callable[[World, int], Any] = _nothing

    @property
    def write(self) -> bool:
        return self.method != "GET"


def _offices(world: World, _request: Request) -> list[dict[str, Any]]:
    return list(world.qondor.offices.values())


ROUTES = (
    Route(
        "GetAllUnprocessedInvoices",
        "GET",
        "Invoicing/v1/Invoice/GetAllUnprocessedInvoices",
        invoices.get_all_unprocessed,
    ),
    Route("SetAsProcessed", "PUT", "Invoicing/v1/Invoice/SetAsProcessed", invoices.set_as_processed),
    Route("SetAsFailed", "PUT", "Invoicing/v1/Invoice/SetAsFailed", invoices.set_as_failed),
    Route("SetAsPaid", "PUT", "Invoicing/v1/Invoice/SetAsPaid", invoices.set_as_paid),
    Route("GetInvoice", "GET", "Invoicing/v1/Invoice/{id}", by_id=invoices.get),
    Route("GetAllCustomers", "GET", "Customer/v1/Customer/GetAll", customers.get_all),
    Route(
        "GetCustomerByExternalReference",
        "GET",
        "Customer/v1/Customer/GetByExternalReference",
        customers.get_by_external_reference,
    ),
    Route("PutCustomer", "PUT", "Customer/v1/Customer", customers.put),
    Route("GetCustomer", "GET", "Customer/v1/Customer/{id}", by_id=customers.get),
    Route("GetAllProjects", "GET", "Project/v1/Project/GetAll", projects.get_all),
    Route("GetProjectByProjectNo", "GET", "Project/v1/Project/GetByProjectNo", projects.get_by_project_no),
    Route("GetProject", "GET", "Project/v1/Project/{id}", by_id=projects.get),
    *(
        route
        for kind, name in ((actuals.COST, "Cost"), (actuals.SALE, "Sale"))
        for route in (
            Route(
                f"Get{name}ByExternalReference",
                "GET",
                f"{name}/v1/{name}/GetByExternalReference",
                actuals.get_by_external_reference(kind),
            ),
            Route(
                f"GetAll{name}sForProject",
                "GET",
                f"{name}/v1/{name}/GetAllForProject",
                actuals.get_all_for_project(kind),
            ),
            Route(f"Get{name}", "GET", f"{name}/v1/{name}/{{id}}", by_id=actuals.get(kind)),
            Route(f"Post{name}", "POST", f"{name}/v1/{name}", actuals.post(kind)),
            Route(f"Put{name}", "PUT", f"{name}/v1/{name}", actuals.put(kind)),
            Route(f"Delete{name}", "DELETE", f"{name}/v1/{name}/{{id}}", by_id=actuals.delete(kind)),
        )
    ),
    Route("GetAllOffices", "GET", "Office/v1/Office/GetAll", _offices),
)


class QondorApp:
    """The Azure gateway and the API behind it."""

    system = "qondor"

    def __init__(self) -> None:
        self._recent: deque[datetime] = deque()

    def receive(self, world: World, request: Request) -> Operation:
        route, id = _find_route(request)
        name, write = (route.operation, route.write) if route else ("unknown", False)
        return Operation(name, partial(self._answer, world, request, route, id), write)

    def _answer(
        self, world: World, request: Request, route: Route | None, id: int | None, faults: FaultsOfCall
    ) -> Reply:
        key = request.headers.get(KEY)
        if key is None:
            return gateway(
                401,
                "Access denied due to missing subscription key. Make sure to include subscription key when making "
                "requests to an API.",
            )
        if key not in world.qondor.subscription_keys:
            return gateway(
                401,
                "Access denied due to invalid subscription key. Make sure to provide a valid key for an active "
                "subscription.",
            )
        if self._too_fast(world):
            return gateway(429, "Rate limit is exceeded. Try again in 1 seconds.", **{"Retry-After": "1"})
        if route is None:
            return gateway(404, "Resource not found")
        try:
            answer = route.by_request(world, request) if id is None else route.by_id(world, id)
        except Problem as problem:
            return problem.reply()
        return Reply() if answer is None else Reply(body=render_json(fault_json(answer, faults)))

    def _too_fast(self, world: World) -> bool:
        limit = world.qondor.calls_per_second
        if limit is None:
            return False
        now = world.now()
        while self._recent and now - self._recent[0] >= timedelta(seconds=1):
            self._recent.popleft()
        if len(self._recent) >= limit:
            return True
        self._recent.append(now)
        return False


def _find_route(request: Request) -> tuple[Route | None, int | None]:
    """The route, and the id in its path."""
    environment, _, path = request.path.strip("/").partition("/")
    if environment == ENVIRONMENT:
        group, _, last = path.rpartition("/")
        for route in ROUTES:
            if route.method == request.method:
                if route.path == path:
                    return route, None
                if route.path == f"{group}/{{id}}" and last.isdecimal():
                    return route, int(last)
    return None, None
