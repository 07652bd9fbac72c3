"""Finago's two hosts as web applications: path, envelope, SOAPAction, schema, session, and then the operation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.cookies import SimpleCookie

from lxml import etree

from ..faults import FaultKind, FaultsOfCall
from ..faulty_replies import fault_xml
from ..wire import HTML, TEXT, Operation, Reply, Request, page
from ..world import World
from ..world.finago import Session
from . import accounts, authenticate, clients, companies, invoices, ledger, products, projects
from .call import SoapCall
from .dates import doubtful
from .shapes import as_taken
from .soap import (
    CONTENT_TYPE,
    SOAP_11,
    Envelope,
    RequestFailed,
    SoapFault,
    UnreadableRequest,
    fault,
    open_envelope,
    response,
)
from .wsdl import Service

COOKIE = "ASP.NET_SessionId"

Handler = Callable[[SoapCall], etree._Element]


def _by_name(*handlers: Handler) -> dict[str, Handler]:
    """`GetTaxCodeList` is what `get_tax_code_list` answers."""
    return {handler.__name__.title().replace("_", ""): handler for handler in handlers}


OPERATIONS: dict[str, dict[str, Handler]] = {
    "AccountService": _by_name(accounts.get_tax_code_list, accounts.get_account_list),
    "Authenticate": _by_name(
        authenticate.login,
        authenticate.has_session,
        authenticate.get_identity,
        authenticate.get_identities,
        authenticate.set_identity_by_id,
    ),
    "ClientService": _by_name(clients.get_client_information, clients.get_department_list, clients.get_currency_list),
    "CompanyService": _by_name(companies.get_companies, companies.get_company_sync_list, companies.save_companies),
    "InvoiceService": _by_name(
        invoices.get_invoices, invoices.get_order_sync_list, invoices.save_invoices, invoices.get_payment_methods
    ),
    "ProductService": _by_name(products.get_products, products.get_categories),
    "ProjectService": _by_name(
        projects.get_project_list,
        projects.get_projects_detailed,
        projects.get_single_project,
        projects.get_deactivated_projects,
        projects.save_project,
        projects.get_project_statuses,
        projects.get_project_types,
    ),
    "TransactionService": _by_name(ledger.get_transactions, ledger.get_fiscal_years),
}
"""What this stand-in can do; the WSDLs may declare more, which answers as not implemented."""

WITHOUT_SESSION = frozenset({"Login", "HasSession"})
WRITES = frozenset({"SaveCompanies", "SaveInvoices", "SaveProject"})


class FinagoApp:
    """One of the two hosts; both share the services, the world and the sessions."""

    system = "finago"

    def __init__(self, services: dict[str, Service], violations: list[str], *, webservices_host: bool) -> None:
        """Whatever a request does that only a real Finago takes is added to `violations`."""
        self._violations = violations
        self._services = {
            service.path: service for service in services.values() if service.on_webservices_host is webservices_host
        }

    def receive(self, world: World, request: Request) -> Operation:
        service = self._services.get(request.path.strip("/").lower())
        if service is None:
            missing = Reply(status=404, content_type=HTML, body=page("404 - File or directory not found."))
            return Operation("unknown", lambda _: missing, office=_office(world, request))
        if request.method == "GET":
            return Operation("wsdl", lambda _: _describe(request, service), office=_office(world, request))
        try:
            envelope = open_envelope(request)
        except SoapFault as problem:
            answer = partial(_answer, world, request, service, problem, self._violations)
            return Operation("unreadable", answer, office=_office(world, request))
        name = envelope.operation
        answer = partial(_answer, world, request, service, envelope, self._violations)
        return Operation(name, answer, write=name in WRITES, office=_office(world, request, envelope))


def _office(world: World, request: Request, envelope: Envelope | None = None) -> int | None:
    """The Qondor office on whose behalf the call is made, by its session or by the credential of its Login."""
    session = world.finago.sessions.get(_cookie(request) or "")
    if session is not None:
        return session.user.office
    if envelope is not None and envelope.operation == "Login":
        user = world.finago.users.get(envelope.element.findtext(".//{*}Username") or "")
        return user.office if user else None
    return None


def _describe(request: Request, service: Service) -> Reply:
    if not any(key.lower() in ("wsdl", "singlewsdl") for key, _ in request.query):
        return Reply(content_type=HTML, body=page(f"{service.name} Web Service"))
    return Reply(content_type=CONTENT_TYPE[SOAP_11], body=service.wsdl(f"{request.base_url}{request.path}"))


def _answer(
    world: World,
    request: Request,
    service: Service,
    envelope: Envelope | SoapFault,
    violations: list[str],
    faults: FaultsOfCall,
) -> Reply:
    cookie = _cookie(request)
    reply = _over_the_limit(world)
    if reply is None:
        try:
            if isinstance(envelope, SoapFault):
                raise envelope
            reply = _perform(world, request, service, envelope, violations, faults)
        except SoapFault as problem:
            reply = fault(problem, SOAP_11 if isinstance(envelope, SoapFault) else envelope.version)
    headers = {**reply.headers, **_limit_headers(world)}
    if cookie is None and world.finago.issues_cookies:
        headers["Set-Cookie"] = f"{COOKIE}={authenticate.new_session_id()}; path=/; HttpOnly"
    return replace(reply, headers=headers)


def _over_the_limit(world: World) -> Reply | None:
    finago, hour = world.finago, _hour(world)
    finago.calls_by_hour[hour] = finago.calls_by_hour.get(hour, 0) + 1
    if finago.calls_per_hour is None or finago.calls_by_hour[hour] <= finago.calls_per_hour:
        return None
    return quarantine(world)


def _perform(
    world: World,
    request: Request,
    service: Service,
    envelope: Envelope,
    violations: list[str],
    faults: FaultsOfCall,
) -> Reply:
    expected_type = CONTENT_TYPE[envelope.version].partition(";")[0]
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != expected_type:
        return Reply(status=415, content_type=HTML, body=page("415 Unsupported Media Type"))
    _check_action(service, envelope)
    element = _as_taken(service, envelope, violations)
    handler = OPERATIONS.get(service.name, {}).get(envelope.operation)
    if handler is None:
        raise RequestFailed(f"{envelope.operation} is not implemented by the sandbox.")
    cookie = _cookie(request)
    session = _session(world, cookie, envelope.operation, faults)
    answer = handler(SoapCall(world, element, service.shapes, session, faults, violations))
    if any(expiry.lands for expiry in faults.all(FaultKind.SESSION_EXPIRED)):
        world.finago.sessions.pop(cookie or "", None)
        raise RequestFailed("Session is not authenticated")
    return response(fault_xml(answer, faults), envelope.version)


def _as_taken(service: Service, envelope: Envelope, violations: list[str]) -> etree._Element:
    """The request, or how a real Finago reads one that does not keep the schema. Raises UnreadableRequest."""
    doubt = doubtful(envelope.element)
    if doubt is not None:
        violations.append(f"{envelope.operation}: {doubt}")
    violation = service.violation(envelope.element)
    if violation is None:
        return envelope.element
    taken = as_taken(service.shapes.message(envelope.operation), envelope.element)
    wrong = service.violation(taken)
    if wrong is not None:
        raise UnreadableRequest(
            f"There is an error in XML document (1, {envelope.element.sourceline}). ---> "
            f"Instance validation error: {wrong}"
        )
    violations.append(f"{envelope.operation}: {violation}")
    return taken


def _session(world: World, cookie: str | None, operation: str, faults: FaultsOfCall) -> Session | None:
    if any(not expiry.lands for expiry in faults.all(FaultKind.SESSION_EXPIRED)):
        world.finago.sessions.pop(cookie or "", None)
    session = world.finago.session(cookie, world.now())
    if session is None and operation not in WITHOUT_SESSION:
        raise RequestFailed("Session is not authenticated")
    return session


def _check_action(service: Service, envelope: Envelope) -> None:
    """ASP.NET finds the method by SOAPAction; SOAP 1.2 may leave it out."""
    expected = service.operations.get(envelope.operation)
    space = etree.QName(envelope.element).namespace
    left_out = envelope.action is None and envelope.version != SOAP_11
    if expected is None or space != service.namespace or (envelope.action != expected and not left_out):
        raise SoapFault(
            f"Server did not recognize the value of HTTP Header SOAPAction: {envelope.action or ''}.", of_client=True
        )


def _cookie(request: Request) -> str | None:
    morsel = SimpleCookie(request.headers.get("cookie", "")).get(COOKIE)
    return morsel.value if morsel else None


def _limit_headers(world: World) -> dict[str, str]:
    finago = world.finago
    if finago.calls_per_hour is None:
        return {}
    remaining = max(0, finago.calls_per_hour - finago.calls_by_hour.get(_hour(world), 0))
    return {"APILimitRemaining": str(remaining), "APILimitReset": _end_of_hour(world)}


def _hour(world: World) -> datetime:
    return world.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _end_of_hour(world: World) -> str:
    return (_hour(world) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


def quarantine(world: World, *, status: int = 200, wording: str | None = None) -> Reply:
    """The answer to a caller who used up the hour: plain text, or a SOAP fault where status is 500."""
    message = wording or f"Limit exceeded by 1. Request is blocked. Quarantine ends at {_end_of_hour(world)}"
    if status == 500:
        return fault(RequestFailed(message), SOAP_11)
    return Reply(status=status, content_type=TEXT, body=message.encode())
