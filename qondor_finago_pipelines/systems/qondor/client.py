"""The calls to Qondor that the flows make, one method each (contract: the Qondor page; decisions 3)."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, TypeVar

from ...records.costs_and_sales.actuals import Actual, ActualKind, StoredActual
from ...records.customers_and_projects.customers import Customer, CustomerRecord
from ...records.customers_and_projects.projects import QondorProject
from ...records.errors import CallFailed, ContractBroken, LoginRefused, NotFound, RequestRefused, WriteDidNotLand
from ...records.exact_json import read_json, write_json
from ...records.identifiers import CustomerId, OfficeId, OrderId, QondorInvoiceId, QondorProjectId
from ...records.invoices.invoices import InvoiceStatus, QondorInvoice, Queue
from ..http import CONTRACT_REMEDY, READ_TRIES, Call, CallGate, Effect, Http, Reply, utc_now
from . import actuals, customers, invoices
from .members import DAY_LIKE_UTC, Members, like_utc_warning
from .problems import problem_of
from .projects import project_of

SYSTEM = "qondor"

INVOICES = "Invoicing/v1/Invoice"
CUSTOMERS = "Customer/v1/Customer"
PROJECTS = "Project/v1/Project"

R = TypeVar("R")

_NO_CONTENT = 204
_OUT_OF_QUOTA = "Out of call volume quota"


class QondorClient:
    """Qondor as one subscription key sees it.

    `base_url` holds the environment (`https://qondor.azure-api.net/Prod`). Reads raise SystemUnreachable,
    CallsBlocked, LoginRefused (the key is not accepted), NotFound, RequestRefused or ContractBroken. The write-backs
    raise the same: each can be sent again, so a lost one is SystemUnreachable and the next run repeats it.
    """

    def __init__(
        self,
        base_url: str,
        subscription_key: str,
        *,
        gate: CallGate,
        timeout_seconds: float,
        read_tries: int = READ_TRIES,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._subscription_key = subscription_key
        self._secrets = {subscription_key}
        self._nameless: list[str] = []
        self.days_like_utc: Counter[str] = Counter()
        self._http = Http(
            SYSTEM, gate=gate, timeout_seconds=timeout_seconds, read_tries=read_tries, pause=pause, clock=clock
        )

    def redact(self, *texts: str | None) -> None:
        """Keeps somebody's name or address out of every error that repeats what Qondor says."""
        self._secrets.update(text.strip() for text in texts if text and text.strip())

    def warnings(self) -> tuple[str, ...]:
        """What was odd in the replies so far: what was left out, and days that look like UTC."""
        return (*dict.fromkeys(self._nameless), *like_utc_warning(self.days_like_utc))

    # invoices

    def unprocessed_invoices(self) -> Queue:
        """The whole queue, all offices, in one call."""
        operation = "GetAllUnprocessedInvoices"
        return invoices.queue_of(self._list(operation, f"{INVOICES}/{operation}"))

    def invoice(self, invoice_id: QondorInvoiceId) -> QondorInvoice:
        """The detail of one invoice; raises NotFound."""
        return invoices.invoice_of(self._object("Invoice", f"{INVOICES}/{invoice_id}"), invoice_id)

    def set_as_processed(self, invoice_id: QondorInvoiceId, order_id: OrderId) -> None:
        """Reports that the invoice stands in Finago as `order_id`. Raises RequestRefused when it did not take."""
        self._write_back(
            "SetAsProcessed",
            invoice_id,
            invoices.processed_body(invoice_id, order_id),
            lambda now: (
                now.status in (InvoiceStatus.PROCESSED, InvoiceStatus.PAID) and now.external_reference == str(order_id)
            ),
        )

    def set_as_failed(self, invoice_id: QondorInvoiceId, message: str) -> None:
        """Reports for good that the invoice cannot be taken, in at most 500 characters for its project manager."""
        self._write_back(
            "SetAsFailed",
            invoice_id,
            invoices.failed_body(invoice_id, message),
            lambda now: now.status is InvoiceStatus.FAILED,
        )

    def set_as_paid(self, invoice_id: QondorInvoiceId, day: date) -> None:
        """Reports the day of payment. An invoice that is paid already, on whatever day, is left as it is."""
        self._write_back(
            "SetAsPaid",
            invoice_id,
            invoices.paid_body(invoice_id, day),
            lambda now: now.status is InvoiceStatus.PAID,
        )

    # customers

    def customers(self, office_id: OfficeId | None) -> tuple[Customer, ...]:
        """The customers of one office; with None the global ones."""
        parameters = {} if office_id is None else {"officeId": str(office_id)}
        found = self._list("Customer/GetAll", f"{CUSTOMERS}/GetAll", parameters)
        return self._records("Customer/GetAll", found, customers.customer_of)

    def customer(self, customer_id: CustomerId) -> CustomerRecord:
        """One customer's whole record; raises NotFound."""
        members = self._object("Customer", f"{CUSTOMERS}/{customer_id}")
        return CustomerRecord(customer=self._record("Customer", members, customers.customer_of), members=members)

    def put_customer(self, record: CustomerRecord, *, external_reference: str) -> None:
        """Writes the record back with this External Reference and nothing else changed (decisions 5).

        Raises CannotEcho, before anything is sent, when the record holds what a PUT cannot carry.
        """
        body = customers.writable_members(record) | {"externalReference": external_reference}
        self._send("Customer/Put", Effect.REPEATABLE, "PUT", CUSTOMERS, body=body)

    @staticmethod
    def differences(before: CustomerRecord, after: CustomerRecord) -> tuple[str, ...]:
        """The names of the writable members, other than the External Reference, in which two readings differ."""
        return customers.differences(before, after)

    # projects

    def projects(self, office_id: OfficeId, *, changed_after: datetime | None = None) -> tuple[QondorProject, ...]:
        """The projects of one office; with an instant only those changed after it."""
        parameters = {"officeId": str(office_id)}
        if changed_after is not None:
            parameters["changedAfter"] = changed_after.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        found = self._list("Project/GetAll", f"{PROJECTS}/GetAll", parameters)
        return self._records("Project/GetAll", found, project_of)

    def project(self, project_id: QondorProjectId) -> QondorProject:
        """One project; raises NotFound."""
        return self._record("Project", self._object("Project", f"{PROJECTS}/{project_id}"), project_of)

    # actual costs and sales

    def actuals(self, kind: ActualKind, project_id: QondorProjectId) -> tuple[StoredActual, ...]:
        """Every cost, or sale, of a project, whoever made it."""
        operation = f"{actuals.NAMES[kind]}/GetAllForProject"
        found = self._list(operation, f"{actuals.PATHS[kind]}/GetAllForProject", {"projectId": str(project_id)})
        return self._records(operation, found, partial(actuals.actual_of, kind))

    def actual_by_reference(self, kind: ActualKind, reference: str) -> StoredActual | None:
        """The cost, or sale, with this External Reference; None when there is none."""
        operation = f"{actuals.NAMES[kind]}/GetByExternalReference"
        path = f"{actuals.PATHS[kind]}/GetByExternalReference"
        try:
            found = self._read(operation, path, {"externalReference": reference})
        except NotFound:
            return None
        return None if found is None else self._record(operation, found, partial(actuals.actual_of, kind))

    def create_actual(self, kind: ActualKind, reference: str, actual: Actual) -> int:
        """Creates a cost, or sale, and gives its id.

        Raises WriteDidNotLand (`refused` where Qondor read it and said no, to a used reference for instance) or
        WriteUncertain: then it has to be looked up by its reference.
        """
        operation = f"Post{actuals.NAMES[kind]}"
        self.redact(actual.party_name, actual.description)
        call = self._call(
            operation, Effect.ONCE, "POST", actuals.PATHS[kind], body=actuals.actual_body(kind, reference, actual)
        )
        reply = self._attempt(call)
        try:
            members = read_json(reply.body)
        except ValueError:
            members = None
        made = Members(members).identifier("id", needed=True) if isinstance(members, dict) else None
        if made is None:
            raise self._http.lost(call, "the answer does not tell the id of the new record.")
        return made

    def change_actual(self, kind: ActualKind, actual_id: int, reference: str, actual: Actual) -> None:
        """Writes a cost, or sale, anew. May be sent again; raises NotFound or RequestRefused where it does not take."""
        self.redact(actual.party_name, actual.description)
        body = actuals.actual_body(kind, reference, actual, actual_id)
        self._send(f"Put{actuals.NAMES[kind]}", Effect.REPEATABLE, "PUT", actuals.PATHS[kind], body=body)

    def delete_actual(self, kind: ActualKind, actual_id: int) -> None:
        """Deletes a cost, or sale; one that is gone already is no error."""
        with suppress(NotFound):
            path = f"{actuals.PATHS[kind]}/{actual_id}"
            self._send(f"Delete{actuals.NAMES[kind]}", Effect.REPEATABLE, "DELETE", path)

    # the wire

    def _write_back(
        self,
        operation: str,
        invoice_id: QondorInvoiceId,
        body: Mapping[str, Any],
        has_taken: Callable[[QondorInvoice], bool],
    ) -> None:
        """Sends a change of state. What Qondor refuses is compared with how the invoice stands now.

        Qondor answers 400 to a change that was made already, by us in a call whose answer was lost, say.
        """
        try:
            self._send(operation, Effect.REPEATABLE, "PUT", f"{INVOICES}/{operation}", body=body)
        except (RequestRefused, NotFound) as refused:
            try:
                taken = has_taken(self.invoice(invoice_id))
            except NotFound:
                taken = False
            if not taken:
                raise refused

    def _list(self, operation: str, path: str, parameters: Mapping[str, str] | None = None) -> list[Any]:
        value = self._read(operation, path, parameters, when_no_content=[])
        if not isinstance(value, list):
            raise self._broken(operation, f"answered {_kind_of(value)} where a list belongs.")
        return value

    def _object(self, operation: str, path: str) -> dict[str, Any]:
        value = self._read(operation, path)
        if value is None:
            raise NotFound(SYSTEM, operation, f"{path} does not exist.")
        if not isinstance(value, dict):
            raise self._broken(operation, f"answered {_kind_of(value)} where an object belongs.")
        return value

    def _records(self, operation: str, elements: list[Any], record_of: Callable[[Members], R | None]) -> tuple[R, ...]:
        """The records of a list. One without a readable id can be nobody's: it is left out, with a warning."""
        found: list[R] = []
        for position, element in enumerate(elements):
            record = record_of(Members(element)) if isinstance(element, dict) else None
            if record is None:
                self._nameless.append(f"{operation}: element {position} has no readable id and was left out.")
            else:
                found.append(record)
        return tuple(found)

    def _record(self, operation: str, element: Any, record_of: Callable[[Members], R | None]) -> R:
        """A record that was asked for by itself. Raises ContractBroken where not even its id can be read."""
        if not isinstance(element, dict):
            raise self._broken(operation, f"answered {_kind_of(element)} where an object belongs.")
        members = Members(element)
        record = record_of(members)
        if record is None:
            raise self._broken(operation, f"a record cannot be read: {'; '.join(members.unreadable)}.")
        return record

    def _read(
        self, operation: str, path: str, parameters: Mapping[str, str] | None = None, *, when_no_content: Any = None
    ) -> Any:
        """The JSON value of a GET; `when_no_content` for a 204, None for any other empty reply (decisions 3)."""
        call = self._call(operation, Effect.NONE, "GET", path, parameters=parameters)
        reply = self._http.repeat(lambda: self._attempt(call))
        if not reply.body.strip():
            return when_no_content if reply.status == _NO_CONTENT else None
        self.days_like_utc.update(name.decode() for name in DAY_LIKE_UTC.findall(reply.body))
        try:
            return read_json(reply.body)
        except ValueError:
            raise self._broken(operation, f"answered {reply.media_type or 'something'} that is no JSON.") from None

    def _send(
        self, operation: str, effect: Effect, method: str, path: str, *, body: Mapping[str, Any] | None = None
    ) -> None:
        call = self._call(operation, effect, method, path, body=body)
        reply = self._attempt(call)
        if "html" in reply.media_type:
            raise self._broken(operation, "answered a web page.")

    def _call(
        self,
        operation: str,
        effect: Effect,
        method: str,
        path: str,
        *,
        parameters: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Call:
        headers = {"Ocp-Apim-Subscription-Key": self._subscription_key, "Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        return Call(
            operation=operation,
            effect=effect,
            method=method,
            url=f"{self._base_url}/{path}",
            parameters=parameters or {},
            headers=headers,
            body=None if body is None else write_json(body),
        )

    def _attempt(self, call: Call) -> Reply:
        reply = self._http.send(call)
        if not reply.succeeded:
            raise self._failure(call, reply)
        return reply

    def _failure(self, call: Call, reply: Reply) -> CallFailed:
        if reply.status in (429, 503):
            return self._http.told_to_wait(call, reply)
        if reply.status >= 500 or reply.status == 408:
            return self._http.lost(call, f"answered {reply.status}.")
        if reply.status in (401, 403):
            if reply.status == 403 and problem_of(reply.body, self._secrets, "message").startswith(_OUT_OF_QUOTA):
                # Azure's own answer to a spent quota is 403, Qondor's page says 429: both mean later.
                return self._http.told_to_wait(call, reply)
            return LoginRefused(
                SYSTEM,
                call.operation,
                f"answered {reply.status}: the subscription key is not accepted.",
                remedy="Set QONDOR_SUBSCRIPTION_KEY to a key of this environment.",
            )
        if reply.status == 404 and not call.effect.creates:
            return NotFound(SYSTEM, call.operation, "the record does not exist, or this key may not see it (404).")
        if reply.status < 400:
            return self._http.broken(call, f"answered {reply.status}, a redirect.")
        said = problem_of(reply.body, self._secrets)
        if call.effect.creates:
            return WriteDidNotLand(
                SYSTEM, call.operation, f"refused ({reply.status}){said and ': ' + said}", refused=True
            )
        return RequestRefused(
            SYSTEM, call.operation, f"refused ({reply.status}){said and ': ' + said}", status=reply.status
        )

    def _broken(self, operation: str, why: str) -> ContractBroken:
        return ContractBroken(SYSTEM, operation, why, remedy=CONTRACT_REMEDY)


def _kind_of(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "nothing"}
    return kinds.get(type(value), "a number")
