"""Qondor as a web application: the gateway's key and rate limit, the routes, and what they answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from ..faults import FaultsOfCall
from ..faulty_replies import fault_json
from ..wire import Operation, Reply, Request, render_json
from ..world import World
from . import customers, invoices, projects
from .actuals import COST, SALE
from .problems import Problem, gateway

ENVIRONMENT = "Prod"
KEY = "ocp-apim-subscription-key"


class Route(NamedTuple):
    """One operation: by name in the call log, by method and path on the wire. `{id}` stands for a number."""

    operation: str
    method: str
    path: str
    perform: Callable[..., Any]
    """Takes the world and the number in the path, or where there is none the request."""


def _offices(world: World, _request: Request) -> list[dict[str, Any]]:
    return list(world.qondor.offices.values())


ROUTES = (
    Route("GetAllUnprocessedInvoices", "GET", "Invoicing/v1/Invoice/GetAllUnprocessedInvoices", invoices.get_all),
    Route("SetAsProcessed", "PUT", "Invoicing/v1/Invoice/SetAsProcessed", invoices.set_as_processed),
    Route("SetAsFailed", "PUT", "Invoicing/v1/Invoice/SetAsFailed", invoices.set_as_failed),
    Route("SetAsPaid", "PUT", "Invoicing/v1/Invoice/SetAsPaid", invoices.set_as_paid),
    Route("GetInvoice", "GET", "Invoicing/v1/Invoice/{id}", invoices.get),
    Route("GetAllCustomers", "GET", "Customer/v1/Customer/GetAll", customers.get_all),
    Route(
        "GetCustomerByExternalReference",
        "GET",
        "Customer/v1/Customer/GetByExternalReference",
        customers.get_by_reference,
    ),
    Route("PutCustomer", "PUT", "Customer/v1/Customer", customers.put),
    Route("GetCustomer", "GET", "Customer/v1/Customer/{id}", customers.get),
    Route("GetAllProjects", "GET", "Project/v1/Project/GetAll", projects.get_all),
    Route("GetProjectByProjectNo", "GET", "Project/v1/Project/GetByProjectNo", projects.get_by_project_no),
    Route("GetProject", "GET", "Project/v1/Project/{id}", projects.get),
    *(
        Route(operation.format(name), method, f"{name}/v1/{name}{path}", perform)
        for name, actuals in (("Cost", COST), ("Sale", SALE))
        for operation, method, path, perform in (
            ("Get{}ByExternalReference", "GET", "/GetByExternalReference", actuals.get_by_external_reference),
            ("GetAll{}sForProject", "GET", "/GetAllForProject", actuals.get_all_for_project),
            ("Get{}", "GET", "/{id}", actuals.get),
            ("Post{}", "POST", "", actuals.post),
            ("Put{}", "PUT", "", actuals.put),
            ("Delete{}", "DELETE", "/{id}", actuals.delete),
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
        route, asked = _find_route(request)
        if route is None:
            return Operation("unknown", partial(self._answer, world, request, None))
        answer = partial(self._answer, world, request, partial(route.perform, world, asked))
        return Operation(route.operation, answer, write=route.method != "GET")

    def _answer(self, world: World, request: Request, perform: Callable[[], Any] | None, faults: FaultsOfCall) -> Reply:
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
        if perform is None:
            return gateway(404, "Resource not found")
        try:
            answer = perform()
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


def _find_route(request: Request) -> tuple[Route | None, Request | int]:
    """The route, and what it is performed with: the number in its path, or the request."""
    environment, _, path = request.path.strip("/").partition("/")
    if environment == ENVIRONMENT:
        group, _, last = path.rpartition("/")
        for route in ROUTES:
            if route.method == request.method:
                if route.path == path:
                    return route, request
                if route.path == f"{group}/{{id}}" and last.isdecimal():
                    return route, int(last)
    return None, request
