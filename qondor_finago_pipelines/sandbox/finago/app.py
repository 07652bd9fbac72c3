"""Finago's door: path, envelope, SOAPAction, schema, session, and then the operation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from http.cookies import SimpleCookie
from pathlib import Path

from lxml import etree

from ..faults import FaultKind, FaultsOfCall
from ..faulty_replies import fault_xml
from ..wire import HTML, TEXT, Exchange, Reply, page
from ..world import World
from ..world.finago import Session
from . import accounts, authenticate, clients, companies, invoices, ledger, products, projects
from .request import Request
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
from .wsdl import Service, read_folder

COOKIE = "ASP.NET_SessionId"

Handler = Callable[[Request], etree._Element]

OPERATIONS: dict[str, dict[str, Handler]] = {
    "AccountService": {"GetTaxCodeList": accounts.get_tax_code_list},
    "Authenticate": {
        "Login": authenticate.login,
        "HasSession": authenticate.has_session,
        "GetIdentity": authenticate.get_identity,
    },
    "ClientService": {
        "GetClientInformation": clients.get_client_information,
        "GetDepartmentList": clients.get_department_list,
        "GetCurrencyList": clients.get_currency_list,
    },
    "CompanyService": {
        "GetCompanies": companies.get_companies,
        "GetCompanySyncList": companies.get_company_sync_list,
        "SaveCompanies": companies.save_companies,
    },
    "InvoiceService": {
        "GetInvoices": invoices.get_invoices,
        "GetOrderSyncList": invoices.get_order_sync_list,
        "SaveInvoices": invoices.save_invoices,
        "GetPaymentMethods": invoices.get_payment_methods,
    },
    "ProductService": {"GetProducts": products.get_products, "GetCategories": products.get_categories},
    "ProjectService": {
        "GetProjectsDetailed": projects.get_projects_detailed,
        "GetDeactivatedProjects": projects.get_deactivated_projects,
        "SaveProject": projects.save_project,
        "GetProjectStatuses": projects.get_project_statuses,
        "GetProjectTypes": projects.get_project_types,
    },
    "TransactionService": {
        "GetTransactions": ledger.get_transactions,
        "GetFiscalYears": ledger.get_fiscal_years,
    },
}
"""What this stand-in can do; the WSDLs may declare more, which answers as not implemented."""

WITHOUT_SESSION = frozenset({"Login", "HasSession"})
WRITES = frozenset({"SaveCompanies", "SaveInvoices", "SaveProject"})


@dataclass(frozen=True)
class Visit:
    """A call at the door: what it wants, as far as that could be understood."""

    operation: str
    service: Service | None = None
    envelope: Envelope | None = None
    problem: SoapFault | None = None

    @property
    def write(self) -> bool:
        return self.operation in WRITES


class FinagoDoor:
    """One of the two hosts; both share the services, the world and the sessions."""

    system = "finago"

    def __init__(self, services: dict[str, Service], *, webservices_host: bool) -> None:
        self._services = {
            service.path: service for service in services.values() if service.on_webservices_host is webservices_host
        }

    def receive(self, exchange: Exchange) -> Visit:
        service = self._services.get(exchange.path.strip("/").lower())
        if service is None:
            return Visit("unknown")
        if exchange.method == "GET":
            return Visit("wsdl", service)
        try:
            envelope = open_envelope(exchange)
        except SoapFault as problem:
            return Visit("unreadable", service, problem=problem)
        return Visit(envelope.operation, service, envelope)

    def office(self, world: World, exchange: Exchange, visit: Visit) -> int | None:
        """The Qondor office on whose behalf the call is made, by its session or by the credential of its Login."""
        session = world.finago.sessions.get(_cookie(exchange) or "")
        if session is not None:
            return session.user.office
        if visit.operation == "Login" and visit.envelope is not None:
            name = visit.envelope.request.findtext(".//{*}Username")
            user = world.finago.users.get(name or "")
            return user.office if user else None
        return None

    def answer(self, world: World, exchange: Exchange, visit: Visit, faults: FaultsOfCall) -> Reply:
        if visit.service is None:
            return Reply(status=404, content_type=HTML, body=page("404 - File or directory not found."))
        if exchange.method == "GET":
            return self._describe(exchange, visit.service)
        version = visit.envelope.version if visit.envelope else SOAP_11
        cookie = _cookie(exchange)
        reply = self._over_the_limit(world)
        if reply is None:
            try:
                reply = self._perform(world, exchange, visit, cookie, faults)
            except SoapFault as problem:
                reply = fault(problem, version)
        headers = {**reply.headers, **_limit_headers(world)}
        if cookie is None and world.finago.issues_cookies:
            headers["Set-Cookie"] = f"{COOKIE}={authenticate.new_session_id()}; path=/; HttpOnly"
        return replace(reply, headers=headers)

    def _describe(self, exchange: Exchange, service: Service) -> Reply:
        if not any(key.lower() in ("wsdl", "singlewsdl") for key, _ in exchange.query):
            return Reply(content_type=HTML, body=page(f"{service.name} Web Service"))
        return Reply(content_type=CONTENT_TYPE[SOAP_11], body=service.wsdl(f"{exchange.base_url}{exchange.path}"))

    def _over_the_limit(self, world: World) -> Reply | None:
        finago = world.finago
        hour = world.now().replace(minute=0, second=0, microsecond=0)
        finago.calls_by_hour[hour] = finago.calls_by_hour.get(hour, 0) + 1
        if finago.calls_per_hour is None or finago.calls_by_hour[hour] <= finago.calls_per_hour:
            return None
        return quarantine(world)

    def _perform(
        self, world: World, exchange: Exchange, visit: Visit, cookie: str | None, faults: FaultsOfCall
    ) -> Reply:
        if visit.problem is not None:
            raise visit.problem
        service, envelope = visit.service, visit.envelope
        if service is None or envelope is None:
            raise UnreadableRequest("No SOAP message.")
        expected_type = CONTENT_TYPE[envelope.version].partition(";")[0]
        if exchange.headers.get("content-type", "").partition(";")[0].strip().lower() != expected_type:
            return Reply(status=415, content_type=HTML, body=page("415 Unsupported Media Type"))
        _check_action(service, envelope)
        violation = service.violation(envelope.request)
        if violation is not None:
            raise UnreadableRequest(
                f"There is an error in XML document (1, {envelope.request.sourceline}). ---> "
                f"Instance validation error: {violation}"
            )
        handler = OPERATIONS.get(service.name, {}).get(envelope.operation)
        if handler is None:
            raise RequestFailed(f"{envelope.operation} is not implemented by the sandbox.")
        session = self._session(world, cookie, envelope.operation, faults)
        answer = handler(Request(world, envelope.request, session, faults))
        if any(expiry.lands for expiry in faults.all(FaultKind.SESSION_EXPIRED)):
            world.finago.sessions.pop(cookie or "", None)
            raise RequestFailed("Session is not authenticated")
        return response(fault_xml(answer, faults), envelope.version)

    @staticmethod
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
    space = etree.QName(envelope.request).namespace
    left_out = envelope.action is None and envelope.version != SOAP_11
    if expected is None or space != service.namespace or (envelope.action != expected and not left_out):
        raise SoapFault(
            f"Server did not recognize the value of HTTP Header SOAPAction: {envelope.action or ''}.", of_client=True
        )


def _cookie(exchange: Exchange) -> str | None:
    morsel = SimpleCookie(exchange.headers.get("cookie", "")).get(COOKIE)
    return morsel.value if morsel else None


def _limit_headers(world: World) -> dict[str, str]:
    finago, now = world.finago, world.now()
    if finago.calls_per_hour is None:
        return {}
    hour = now.replace(minute=0, second=0, microsecond=0)
    remaining = max(0, finago.calls_per_hour - finago.calls_by_hour.get(hour, 0))
    return {"APILimitRemaining": str(remaining), "APILimitReset": _instant_text(world)}


def _instant_text(world: World) -> str:
    """The end of the clock hour."""
    hour = world.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return (hour + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


def quarantine(world: World, *, status: int = 200, wording: str | None = None) -> Reply:
    """The answer to a caller who used up the hour: plain text, or a SOAP fault where status is 500."""
    message = wording or f"Limit exceeded by 1. Request is blocked. Quarantine ends at {_instant_text(world)}"
    if status == 500:
        return fault(RequestFailed(message), SOAP_11)
    return Reply(status=status, content_type=TEXT, body=message.encode())


def open_doors(wsdl_folder: Path | None) -> tuple[FinagoDoor, FinagoDoor]:
    """The doors of both hosts: the general one, and the one of the webservices host."""
    services = read_folder(wsdl_folder)
    return FinagoDoor(services, webservices_host=False), FinagoDoor(services, webservices_host=True)
