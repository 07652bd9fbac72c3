"""Projects on Finago's wire: ProjectService, on a host of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...records.customers_and_projects.projects import FinagoProject, NamedId, ProjectDraft
from ...records.identifiers import CompanyId, FinagoProjectId
from . import wire

USED = ("Id", "Name", "StatusId", "TypeId", "CustomerId", "DateStart", "DateStop")
"""The members that are read of a project."""


def projects_of(result: Any, *, deactivated: bool) -> list[FinagoProject]:
    return [_project_of(item, troubles, deactivated=deactivated) for item, troubles in wire.with_troubles(result, USED)]


def draft_members(draft: ProjectDraft) -> Mapping[str, Any]:
    """`NameDisplay` and `TimeReg` go with every SaveProject: the schema demands them (decisions 5)."""
    return {
        "Id": draft.id,
        "Name": draft.name,
        "NameDisplay": "Plain",
        "DateStart": wire.moment_of(draft.start_date),
        "DateStop": wire.moment_of(draft.end_date),
        "CustomerId": draft.customer_id,
        "TypeId": draft.type_id,
        "StatusId": draft.status_id,
        "TimeReg": "WorkType",
    }


def saved_project_of(result: Any) -> FinagoProjectId:
    return FinagoProjectId(wire.needed(result, "SaveProjectResult"))


def statuses_of(result: Any) -> tuple[NamedId, ...]:
    """The statuses in use: a missing `Active` means true."""
    return tuple(
        NamedId(id=wire.identifier(item.Id, "Status.Id"), name=wire.text(item.Name))
        for item in wire.readable(result, ("Id", "Name", "Active"))
        if item.Active is not False
    )


def types_of(result: Any) -> tuple[NamedId, ...]:
    """Types whose key is a number, as TypeId is; others could not be used."""
    pairs = [(wire.number_in(item.Key), wire.text(item.Value)) for item in wire.items(result)]
    return tuple(NamedId(id=key, name=name) for key, name in pairs if key is not None)


def _project_of(item: Any, troubles: tuple[str, ...], *, deactivated: bool) -> FinagoProject:
    customer_id = wire.whole(item.CustomerId)
    return FinagoProject(
        id=wire.id_or_none(item.Id, FinagoProjectId),
        name=wire.text(item.Name),
        status_id=wire.whole(item.StatusId),
        type_id=wire.whole(item.TypeId),
        customer_id=None if customer_id is None else CompanyId(customer_id),
        start_date=wire.day(item.DateStart),
        end_date=wire.day(item.DateStop),
        deactivated=deactivated,
        unreadable=troubles,
    )
