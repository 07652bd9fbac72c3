"""ProjectService, on the second host: projects, their statuses and types (contract/finago.md 8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from lxml import etree

from ..world.finago import Stored
from .call import SoapCall, as_utc, fits, plain, without_zone
from .soap import RequestFailed

_NOT_STARTED = datetime(1, 1, 1)  # noqa: DTZ001  Finago's dates carry no zone
_CRITERIA: dict[str, Callable[[Stored, Any], bool]] = {
    "ProjectIds": lambda project, ids: project["Id"] in ids,
    "CustomerId": lambda project, id: project.get("CustomerId") == id,
    "Search": lambda project, text: text.lower() in str(project.get("Name")).lower(),
    "ChangedAfter": lambda project, moment: project.changed > as_utc(moment),
    "StartedAfter": lambda project, day: project.get("DateStart", _NOT_STARTED) > without_zone(day),
    "StartedBefore": lambda project, day: project.get("DateStart", _NOT_STARTED) < without_zone(day),
}
_SERVERS_OWN = frozenset(
    {"Enabled", "DateChanged", "DateRegistered", "CustomerName", "TypeName", "StatusName", "Owner"}
)
"""Members that a caller may send and that Finago sets itself."""


def get_project_list(call: SoapCall) -> etree._Element:
    return _search(call, "Ps", active=True)


def get_single_project(call: SoapCall) -> etree._Element:
    """The project with this id, active or not; nothing where there is none."""
    found = next((one for one in call.see(call.books.projects) if one["Id"] == call.value("projectId")), None)
    return call.answer(None if found is None else _as_read(call, found))


def get_projects_detailed(call: SoapCall) -> etree._Element:
    return _search(call, "Ps", active=True)


def get_deactivated_projects(call: SoapCall) -> etree._Element:
    return _search(call, "ps", active=False)


def _search(call: SoapCall, parameter: str, *, active: bool) -> etree._Element:
    search = call.search(parameter, needed=False)
    if not active and "Search" in search:
        raise RequestFailed("Deactivated projects cannot be searched by text.")
    found = [one for one in call.see(call.books.projects) if one.active is active and fits(one, search, _CRITERIA)]
    return call.answer([_as_read(call, project) for project in found])


def _as_read(call: SoapCall, project: Stored) -> dict[str, Any]:
    books = call.books
    company = books.companies.get(project.get("CustomerId", 0))
    return {
        **project.members,
        "DateChanged": project.changed,
        "DateRegistered": project.registered,
        "CustomerName": company["Name"] if company else "",
        "TypeName": books.project_types.get(project.get("TypeId"), ""),
        "StatusName": books.project_statuses.get(project.get("StatusId"), ""),
    }


def save_project(call: SoapCall) -> etree._Element:
    """The project's id. A new id is created with that very id, a known one is updated by what was sent."""
    books = call.books
    sent = {name: value for name, value in call.argument("project").items() if name not in _SERVERS_OWN}
    number = sent.get("Id", books.next_project_id())
    if number <= 0:
        raise RequestFailed("Project.Id must be a positive number.")
    for name, known in (
        ("CustomerId", {id: company for id, company in books.companies.items() if company.active}),
        ("StatusId", books.project_statuses),
        ("TypeId", books.project_types),
        ("DepartmentId", books.departments),
    ):
        if name in sent and sent[name] not in known:
            raise RequestFailed(f"Project.{name} {sent[name]} was not found.")
    for name in ("DateStart", "DateStop"):
        if name in sent:
            sent[name] = without_zone(sent[name])
    now = call.world.now()
    project = books.projects.get(number)
    if project is None:
        if not sent.get("Name"):
            raise RequestFailed("Project.Name is required for a new project.")
        project = books.projects[number] = Stored({**sent, "Id": number}, registered=now, changed=now)
        call.hide_if_scripted(project)
    else:
        project.members.update(sent)
        project.changed = now
    if books.project_statuses.get(sent.get("StatusId", 0)) == "Aktiv":
        # The one way back for a deactivated project (decisions 5).
        project.active = True
    return call.answer(number)


def get_project_statuses(call: SoapCall) -> etree._Element:
    return call.answer(plain(call.books.project_statuses))


def get_project_types(call: SoapCall) -> etree._Element:
    return call.answer([{"Key": str(key), "Value": name} for key, name in sorted(call.books.project_types.items())])
