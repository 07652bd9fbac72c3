"""The Invoice controller: the queue, single invoices, and the states that they pass through (decisions 3)."""

from __future__ import annotations

from typing import Any

from ..wire import Request
from ..world import World
from ..world.qondor import names
from .bodies import bind, read_day, read_object
from .problems import Problem, invalid, missing

SUMMARY = names(
    "id invoiceNumber invoiceType invoiceTypeText paymentType isCredit officeId projectId projectNo customerId "
    "createdDate currency totalInclVat"
)
LONGEST_ERROR_MESSAGE = 500
UNPROCESSED, PROCESSED, FAILED, PAID = 1, 2, 3, 4


def get_all(world: World, _request: Request) -> list[dict[str, Any]]:
    """Every unprocessed payment of all offices, oldest first, as summaries or in full."""
    qondor = world.qondor
    queue = []
    for number in sorted(qondor.invoices):
        invoice = qondor.invoices[number]
        if invoice["status"] != UNPROCESSED:
            continue
        members = invoice if qondor.queue_in_full else {name: invoice[name] for name in SUMMARY if name in invoice}
        entry = {**members, **qondor.queue_says.get(number, {})}
        queue += [entry] * (2 if number in qondor.queued_twice else 1)
    return queue


def get(world: World, id: int) -> dict[str, Any]:
    return _find(world, id)


def set_as_processed(world: World, request: Request) -> None:
    body = bind(read_object(request), {"invoiceId": int, "externalReference": str})
    invoice = _find(world, body["invoiceId"])
    reference = body["externalReference"]
    if not reference.strip():
        raise invalid(ExternalReference="The ExternalReference field is required.")
    if invoice["status"] == PROCESSED and invoice["externalReference"] == reference:
        return
    if invoice["status"] != UNPROCESSED:
        raise _illegal(invoice, "Processed")
    invoice["externalReference"] = reference
    world.qondor.set_status(invoice["id"], PROCESSED)


def set_as_failed(world: World, request: Request) -> None:
    body = bind(read_object(request), {"invoiceId": int, "errorMessage": str})
    invoice = _find(world, body["invoiceId"])
    message = body["errorMessage"]
    if not message.strip():
        raise invalid(ErrorMessage="The ErrorMessage field is required.")
    if len(message) > LONGEST_ERROR_MESSAGE:
        raise invalid(ErrorMessage=f"The ErrorMessage field may hold at most {LONGEST_ERROR_MESSAGE} characters.")
    if invoice["status"] != UNPROCESSED:
        raise _illegal(invoice, "Failed")
    invoice["errorMessage"] = message
    world.qondor.set_status(invoice["id"], FAILED)


def set_as_paid(world: World, request: Request) -> None:
    body = bind(read_object(request), {"invoiceId": int, "paidDate": str})
    invoice = _find(world, body["invoiceId"])
    day = read_day(body["paidDate"], "paidDate")
    if invoice["status"] != PROCESSED:
        raise _illegal(invoice, "Paid")
    invoice["paidDate"] = day.isoformat()
    world.qondor.set_status(invoice["id"], PAID)


def _find(world: World, id: int) -> dict[str, Any]:
    invoice = world.qondor.invoices.get(id)
    if invoice is None:
        raise missing("InvoiceId", id)
    return invoice


def _illegal(invoice: dict[str, Any], target: str) -> Problem:
    return invalid(InvoiceId=f"Invoice {invoice['id']} is {invoice['statusText']} and can not be set as {target}.")
