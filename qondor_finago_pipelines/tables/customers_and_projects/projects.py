"""Qondor's projects as a table, and what each must look like before Finago can follow it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pandera.pandas as pa

from ...records.customers_and_projects.projects import ProjectStatus, QondorProject
from ..contract import AN_ID, HAS_A_NAME, column, each, table_of

PROJECTS = pa.DataFrameSchema(
    {
        "project": column(AN_ID, unique=True),
        "office": column(AN_ID),
        "number": column(nullable=True),
        "has_name": HAS_A_NAME,
        "status": column(each(lambda value: isinstance(value, ProjectStatus), "is an unknown status")),
        "customer": column(AN_ID, nullable=True),
        "category": column(nullable=True),
        "start_date": column(nullable=True),
        "end_date": column(nullable=True),
    },
    checks=pa.Check(
        lambda table: _in_order(table["start_date"], table["end_date"]),
        error="the project ends before it starts",
    ),
    strict=True,
    name="projects",
)
"""One row a project. `project` is Qondor's id, `number` the project number; days are Europe/Oslo."""


def project_table(projects: Sequence[QondorProject]) -> pd.DataFrame:
    """The projects in the form of `PROJECTS`, also when there are none."""
    return table_of(PROJECTS, (_row(project) for project in projects))


def _row(project: QondorProject) -> tuple[Any, ...]:
    return (
        project.id,
        project.office_id,
        project.number,
        bool(project.name and project.name.strip()),
        project.status,
        project.customer_id,
        project.category,
        project.start_date,
        project.end_date,
    )


def _in_order(starts: pd.Series[Any], ends: pd.Series[Any]) -> pd.Series[bool]:
    return pd.Series(
        [start is None or end is None or start <= end for start, end in zip(starts, ends, strict=True)],
        index=starts.index,
        dtype=bool,
    )
