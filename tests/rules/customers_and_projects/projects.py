"""A Qondor project and what Finago calls its states; a test changes only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from qondor_finago_pipelines.records.customers_and_projects.projects import FinagoProject, NamedId, QondorProject
from qondor_finago_pipelines.records.identifiers import CompanyId, FinagoProjectId
from qondor_finago_pipelines.rules.customers_and_projects.projects import ProjectFacts
from qondor_finago_pipelines.rules.linking import finago_project_id
from tests.builders import PROJECT as BASE

STATUSES = (NamedId(id=1, name="Aktiv"), NamedId(id=2, name="Avsluttet"))
TYPES = (NamedId(id=10, name="Konferanse"), NamedId(id=11, name="Reise"))

PROJECT = replace(BASE, category="Konferanse", start_date=date(2026, 11, 14), end_date=date(2026, 11, 16))

EQUAL = FinagoProject(
    id=FinagoProjectId(12345),
    name="Kick-off 2026",
    status_id=1,
    type_id=10,
    customer_id=CompanyId(4711),
    start_date=date(2026, 11, 14),
    end_date=date(2026, 11, 16),
)
"""Project 12345 in Finago, with nothing to change."""


def facts(project: QondorProject = PROJECT, **changes: Any) -> ProjectFacts:
    """A project that Finago does not have, of company 4711."""
    identity = finago_project_id(project.number, project.id)
    known: dict[str, Any] = {
        "identity": identity,
        "found": None,
        "conflicts": (),
        "linked": identity.id if changes.pop("claimed", False) else None,
        "statuses": STATUSES,
        "types": TYPES,
        "company_id": CompanyId(4711),
    }
    return ProjectFacts(project=project, **{**known, **changes})
