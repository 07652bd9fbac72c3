"""The Cost and Sale controllers: actual costs and actual sales on projects (decisions 4)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ..wire import Request
from ..world import World
from .bodies import is_a, pascal, read_day, read_number, read_object
from .problems import invalid, missing

COST, SALE = "cost", "sale"

_PARTY = {COST: "supplierName", SALE: "customerName"}
_TEXTS = ("externalReference", "transactionReference", "description", "currency")
_DAYS = ("invoiceDate", "dueDate", "paidDate")
_AMOUNTS = ("amountExclVat", "vatAmount", "amountInclVat")
_ORE = Decimal("0.01")


def get(kind: str) -> Callable[[World, int], dict[str, Any]]:
    return lambda world, id: _find(world, kind, id)


def get_by_external_reference(kind: str) -> Callable[[World, Request], dict[str, Any]]:
    def answer(world: World, request: Request) -> dict[str, Any]:
        reference = request.parameter("externalReference")
        for record in world.qondor.actuals[kind].values():
            if reference and record["externalReference"] == reference:
                return record
        raise missing("ExternalReference", reference)

    return answer


def get_all_for_project(kind: str) -> Callable[[World, Request], list[dict[str, Any]]]:
    def answer(world: World, request: Request) -> list[dict[str, Any]]:
        project = read_number(request.parameter("projectId") or "", "projectId")
        if project not in world.qondor.projects:
            raise missing("ProjectId", project)
        return [record for record in world.qondor.actuals[kind].values() if record["projectId"] == project]

    return answer


def post(kind: str) -> Callable[[World, Request], dict[str, Any]]:
    def answer(world: World, request: Request) -> dict[str, Any]:
        record = _checked(world, kind, read_object(request), with_id=False)
        reference = record["externalReference"]
        if reference and any(each["externalReference"] == reference for each in world.qondor.actuals[kind].values()):
            raise invalid(ExternalReference=f"The external reference {reference} is used already.")
        return world.qondor.keep_actual(kind, record)

    return answer


def put(kind: str) -> Callable[[World, Request], dict[str, Any]]:
    def answer(world: World, request: Request) -> dict[str, Any]:
        body = read_object(request)
        record = _checked(world, kind, body, with_id=True)
        _find(world, kind, body["id"]).update(record)
        return _find(world, kind, body["id"])

    return answer


def delete(kind: str) -> Callable[[World, int], None]:
    def answer(world: World, id: int) -> None:
        _find(world, kind, id)
        del world.qondor.actuals[kind][id]

    return answer


def _find(world: World, kind: str, id: int) -> dict[str, Any]:
    record = world.qondor.actuals[kind].get(id)
    if record is None:
        raise missing("Id", id)
    return record


def _checked(world: World, kind: str, body: dict[str, Any], *, with_id: bool) -> dict[str, Any]:
    """The record as ASP.NET would bind it: known members of the right type, amounts of whole øre."""
    known = {"projectId", "isPaid", _PARTY[kind], *_TEXTS, *_DAYS, *_AMOUNTS, *(["id"] if with_id else [])}
    for name in body:
        if name not in known:
            raise invalid(**{pascal(name): f"The member {name} is unknown."})
    for name in ("projectId", *(["id"] if with_id else [])):
        if not is_a(body.get(name), int):
            raise invalid(**{pascal(name): f"The {pascal(name)} field is required."})
    if body["projectId"] not in world.qondor.projects:
        raise invalid(ProjectId=f"Project {body['projectId']} was not found.")
    for name in _AMOUNTS:
        if not isinstance(body.get(name), Decimal | int) or isinstance(body.get(name), bool):
            raise invalid(**{pascal(name): f"The {pascal(name)} field is required."})
        if Decimal(body[name]) != Decimal(body[name]).quantize(_ORE):
            raise invalid(**{pascal(name): "An amount may have at most two decimals."})
    for name in _DAYS:
        if body.get(name) is not None:
            read_day(body[name], name)
    if not isinstance(body.get("isPaid"), bool):
        raise invalid(IsPaid="The IsPaid field is required.")
    for name in (*_TEXTS, _PARTY[kind]):
        if body.get(name) is not None and not isinstance(body[name], str):
            raise invalid(**{pascal(name): "The JSON value could not be converted."})
    return {name: body.get(name) for name in sorted(known - {"id"})}
