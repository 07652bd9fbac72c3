"""What project managers edit in Qondor, and how the two systems stand afterwards."""

from __future__ import annotations

import copy
from typing import Any

from qondor_finago_pipelines.sandbox import World

OSLO = 102


def companies(world: World, office: int = OSLO) -> Any:
    return world.books(office).companies


def projects(world: World, office: int = OSLO) -> Any:
    return world.books(office).projects


def edit_customer(world: World, customer: int, **members: Any) -> None:
    with world.lock:
        world.qondor.customers[customer].update(members)


def edit_project(world: World, project: int, **members: Any) -> None:
    """Qondor notes when a project was edited; that is what `changedAfter` compares with."""
    with world.lock:
        world.qondor.projects[project].update(
            members, settingsLastEditedDate=world.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        )


def writes(world: World) -> int:
    """Every write to either system so far."""
    return world.calls.writes("qondor") + world.calls.writes("finago")


def snapshot(world: World, office: int = OSLO) -> Any:
    """All that Finago holds of companies and projects."""
    books = world.books(office)
    return copy.deepcopy(
        [
            {number: (record.members, record.active) for number, record in records.items()}
            for records in (books.companies, books.projects)
        ]
    )
