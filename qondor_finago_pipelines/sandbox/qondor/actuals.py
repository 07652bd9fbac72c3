"""The Cost and Sale controllers: actual costs and actual sales on projects (decisions 4)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..wire import Request
from ..world import World
from .bodies import is_a, pascal, read_day, read_number, read_object
from .problems import invalid, missing

_TEXTS = ("externalReference", "transactionReference", "description", "currency")
_DAYS = ("invoiceDate", "dueDate", "paidDate")
_AMOUNTS = ("amountExclVat", "vatAmount", "amountInclVat")
_ORE = Decimal("0.01")


@dataclass(frozen=True)
class Actuals:
    """One of the two: the kind of record, and which of its members names the other party."""

    kind: str
    party: str

    def get(self, world: World, id: int) -> dict[str, Any]:
        record = world.qondor.actuals[self.kind].get(id)
        if record is None:
            raise missing("Id", id)
        return record

    def get_by_external_reference(self, world: World, request: Request) -> dict[str, Any]:
        reference = request.parameter("externalReference")
        for record in world.qondor.actuals[self.kind].values():
            if reference and record["externalReference"] == reference:
                return record
        raise missing("ExternalReference", reference)

    def get_all_for_project(self, world: World, request: Request) -> list[dict[str, Any]]:
        project = read_number(request.parameter("projectId") or "", "projectId")
        if project not in world.qondor.projects:
            raise missing("ProjectId", project)
        return [record for record in world.qondor.actuals[self.kind].values() if record["projectId"] == project]

    def post(self, world: World, request: Request) -> dict[str, Any]:
        record = self._checked(world, read_object(request), required=("projectId",))
        reference = record["externalReference"]
        used = {each["externalReference"] for each in world.qondor.actuals[self.kind].values()}
        if reference and reference in used:
            raise invalid(ExternalReference=f"The external reference {reference} is used already.")
        return world.qondor.keep_actual(self.kind, record)

    def put(self, world: World, request: Request) -> dict[str, Any]:
        body = read_object(request)
        record = self._checked(world, body, required=("projectId", "id"))
        found = self.get(world, body["id"])
        found.update(record)
        return found

    def delete(self, world: World, id: int) -> None:
        self.get(world, id)
        del world.qondor.actuals[self.kind][id]

    def _checked(self, world: World, body: dict[str, Any], *, required: tuple[str, ...]) -> dict[str, Any]:
        """The record as ASP.NET would bind it: known members of the right type, amounts of whole øre."""
        texts = (*_TEXTS, self.party)
        known = {*required, "isPaid", *texts, *_DAYS, *_AMOUNTS}
        for name in body:
            if name not in known:
                raise invalid(**{pascal(name): f"The member {name} is unknown."})
        for names, kinds in ((required, int), (_AMOUNTS, Decimal | int), (("isPaid",), bool)):
            for name in names:
                if not is_a(body.get(name), kinds):
                    raise invalid(**{pascal(name): f"The {pascal(name)} field is required."})
        if body["projectId"] not in world.qondor.projects:
            raise invalid(ProjectId=f"Project {body['projectId']} was not found.")
        for name in _AMOUNTS:
            if Decimal(body[name]) != Decimal(body[name]).quantize(_ORE):
                raise invalid(**{pascal(name): "An amount may have at most two decimals."})
        for name in _DAYS:
            if body.get(name) is not None:
                read_day(body[name], name)
        for name in texts:
            if body.get(name) is not None and not isinstance(body[name], str):
                raise invalid(**{pascal(name): "The JSON value could not be converted."})
        return {name: body.get(name) for name in sorted(known - {"id"})}


COST = Actuals("cost", "supplierName")
SALE = Actuals("sale", "customerName")
