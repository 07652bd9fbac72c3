"""ProjectService, on the second host: projects, their statuses and types (contract/finago.md 8)."""

from __future__ import annotations

from typing import Any

from lxml import etree

from ..world.finago import Stored
from .request import Request, as_utc, criteria, limit_ids, without_zone
from .shapes import (
    INTEGERS,
    NUMBER,
    YEAR_ONE,
    Items,
    Member,
    Shape,
    boolean,
    choice,
    decimal,
    integer,
    moment,
    plain_text,
    short,
    text,
)
from .soap import RequestFailed

PROJECT_SEARCH = Shape(
    "ProjectSearch",
    (
        Member("ProjectIds", INTEGERS),
        boolean("MyProjects", False),
        boolean("AllOpenProjects", False),
        integer("CustomerId"),
        text("Search"),
        moment("ChangedAfter"),
        moment("StartedAfter"),
        moment("StartedBefore"),
    ),
)
PROJECT = Shape(
    "Project",
    (
        integer("Id"),
        boolean("Enabled", False),
        text("Name"),
        text("RawName"),
        choice("NameDisplay", required=True),
        boolean("QuickListed", True),
        moment("DateChanged"),
        moment("DateStart"),
        moment("DateStop"),
        moment("DateRegistered"),
        integer("CustomerId"),
        text("CustomerName"),
        text("InvoiceTemplateId"),
        text("OrderReferenceNumber"),
        integer("DepartmentId", nillable=True),
        text("CustomerReference"),
        integer("Owner"),
        integer("Pipeline"),
        integer("TypeId"),
        text("TypeName"),
        integer("StatusId"),
        text("StatusName"),
        choice("NeedApproval", "none"),
        boolean("MultiCustomer", False),
        text("Description"),
        integer("WorkTypeId"),
        text("WorkTypeName"),
        choice("TimeReg", required=True),
        short("Version"),
        choice("IsFoldersAdded", "none"),
        choice("OverrideWorkTypeTask", "none"),
        Member("Participants", INTEGERS),
        decimal("BudgetHourCost", nillable=True),
        decimal("BudgetHour", nillable=True),
        boolean("FixedPrice", nillable=True),
        integer("Budget", nillable=True),
        boolean("UseProjectOwnerAsOurReference", nillable=True),
    ),
)
STATUS = Shape("Status", (integer("Id"), text("Name"), boolean("Active", True)))
KEY_VALUE = Shape("KeyValuePair", (plain_text("Key"), plain_text("Value")))

_SERVERS_OWN = frozenset(
    {"Enabled", "DateChanged", "DateRegistered", "CustomerName", "TypeName", "StatusName", "Owner"}
)
"""Members that a caller may send and that Finago sets itself."""


def get_projects_detailed(request: Request) -> etree._Element:
    return _search(request, "Ps", active=True)


def get_deactivated_projects(request: Request) -> etree._Element:
    return _search(request, "ps", active=False)


def _search(request: Request, parameter: str, *, active: bool) -> etree._Element:
    search = criteria(request.argument(parameter, PROJECT_SEARCH))
    limit_ids(search, "ProjectIds")
    if not active and search.get("Search"):
        raise RequestFailed("Deactivated projects cannot be searched by text.")
    found = [
        project
        for project in request.see(request.books.projects)
        if project.active is active and _fits(project, search)
    ]
    return request.answer(Items("Project", PROJECT), [_as_read(request, project) for project in found])


def _fits(project: Stored, search: dict[str, Any]) -> bool:
    started = project.get("DateStart", YEAR_ONE)
    return (
        ("ProjectIds" not in search or project["Id"] in search["ProjectIds"])
        and ("CustomerId" not in search or project.get("CustomerId") == search["CustomerId"])
        and ("Search" not in search or search["Search"].lower() in str(project.get("Name")).lower())
        and ("ChangedAfter" not in search or project.changed > as_utc(search["ChangedAfter"]))
        and ("StartedAfter" not in search or started > without_zone(search["StartedAfter"]))
        and ("StartedBefore" not in search or started < without_zone(search["StartedBefore"]))
    )


def _as_read(request: Request, project: Stored) -> dict[str, Any]:
    books = request.books
    company = books.companies.get(project.get("CustomerId", 0))
    return {
        **project.members,
        "DateChanged": project.changed,
        "DateRegistered": project.registered,
        "CustomerName": company["Name"] if company else "",
        "TypeName": books.project_types.get(project.get("TypeId"), ""),
        "StatusName": books.project_statuses.get(project.get("StatusId"), ""),
    }


def save_project(request: Request) -> etree._Element:
    """The project's id. A new id is created with that very id, a known one is updated by what was sent."""
    books = request.books
    sent = {name: value for name, value in request.argument("project", PROJECT).items() if name not in _SERVERS_OWN}
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
    now = request.world.now()
    project = books.projects.get(number)
    if project is None:
        if not sent.get("Name"):
            raise RequestFailed("Project.Name is required for a new project.")
        project = books.projects[number] = Stored({**sent, "Id": number}, registered=now, changed=now)
        request.hide_if_scripted(project)
    else:
        project.members.update(sent)
        project.changed = now
    if books.project_statuses.get(sent.get("StatusId", 0)) == "Aktiv":
        # The one way back for a deactivated project (decisions 5).
        project.active = True
    return request.answer(NUMBER, number)


def get_project_statuses(request: Request) -> etree._Element:
    statuses = request.books.project_statuses
    return request.answer(
        Items("Status", STATUS), [{"Id": key, "Name": name} for key, name in sorted(statuses.items())]
    )


def get_project_types(request: Request) -> etree._Element:
    types = request.books.project_types
    return request.answer(
        Items("KeyValuePair", KEY_VALUE), [{"Key": str(key), "Value": name} for key, name in sorted(types.items())]
    )
