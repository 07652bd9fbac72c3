"""The Project controller: lists and single projects; there is no way to change one here (contract/qondor.md 2)."""

from __future__ import annotations

from typing import Any

from ..wire import Request
from ..world import World
from ..world.qondor import names
from .bodies import read_instant, read_number
from .problems import invalid, missing

_DETAILS_ONLY = names(
    "officeExternalReference customerExternalReference invoiceCopiesTo customerNumberForBookingInvoicing teamId "
    "teamName teamExternalReference"
)


def get_all(world: World, request: Request) -> list[dict[str, Any]]:
    """Projects by office, by status (repeated), and edited strictly after an instant."""
    office = request.parameter("officeId")
    after = request.parameter("changedAfter")
    states = {read_number(text, "status") for text in request.parameters("status")}
    office_id = None if office is None else read_number(office, "officeId")
    since = None if after is None else read_instant(after, "changedAfter")
    return [
        {name: value for name, value in project.items() if name not in _DETAILS_ONLY}
        for project in world.qondor.projects.values()
        if (office_id is None or project["officeId"] == office_id)
        and (not states or project["status"] in states)
        and (since is None or read_instant(project["settingsLastEditedDate"], "settingsLastEditedDate") > since)
    ]


def get(world: World, id: int) -> dict[str, Any]:
    project = world.qondor.projects.get(id)
    if project is None:
        raise missing("Id", id)
    return project


def get_by_project_no(world: World, request: Request) -> dict[str, Any]:
    """A project by number; `officeId` is needed where the number is not unique."""
    number = request.parameter("projectNo")
    office = request.parameter("officeId")
    found = [
        project
        for project in world.qondor.projects.values()
        if project["projectNo"] == number and (office is None or project["officeId"] == read_number(office, "officeId"))
    ]
    if len(found) > 1:
        raise invalid(OfficeId="The OfficeId field is required where the project number is not unique.")
    if not found:
        raise missing("ProjectNo", number)
    return found[0]
