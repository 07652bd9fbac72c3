"""Projects on Qondor's wire."""

from __future__ import annotations

from ...records.customers_and_projects.projects import ProjectStatus, QondorProject
from ...records.identifiers import CustomerId, OfficeId, QondorProjectId
from .members import Members

_STATUS_NAMES = {"canceled": ProjectStatus.CANCELLED}


def project_of(members: Members) -> QondorProject | None:
    """The project; None when its id cannot be read, so that nobody could name it."""
    project_id = members.identifier("id", needed=True)
    if project_id is None:
        return None
    office_id = members.identifier("officeId")
    customer_id = members.identifier("customerId")
    return QondorProject(
        id=QondorProjectId(project_id),
        office_id=None if office_id is None else OfficeId(office_id),
        number=members.text("projectNo"),
        name=members.text("name"),
        status=members.choice("status", ProjectStatus, _STATUS_NAMES),
        customer_id=None if customer_id is None else CustomerId(customer_id),
        category=members.text("projectCategory"),
        start_date=members.day("startDate"),
        end_date=members.day("endDate"),
        currency=members.text("currency"),
        # Read last: every member above may have added to it.
        unreadable=tuple(members.unreadable),
    )
