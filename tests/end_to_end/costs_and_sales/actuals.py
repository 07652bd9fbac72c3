"""What stands in Qondor's project store, as the tests of costs and sales look at it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from qondor_finago_pipelines.sandbox import World

PROJECT = 12345
"""The Finago id of project 555, SO12345."""

GALA = 12346
"""The Finago id of project 556, SO12346."""


def costs(world: World) -> list[dict[str, Any]]:
    return list(world.qondor.actuals["cost"].values())


def sales(world: World) -> list[dict[str, Any]]:
    return list(world.qondor.actuals["sale"].values())


def amounts(records: list[dict[str, Any]]) -> dict[int, tuple[Decimal, Decimal]]:
    """By Qondor project: amount excluding VAT, and VAT. No project may have two records."""
    assert len({record["projectId"] for record in records}) == len(records), records
    return {record["projectId"]: (record["amountExclVat"], record["vatAmount"]) for record in records}


def only(records: list[dict[str, Any]]) -> dict[str, Any]:
    assert len(records) == 1, records
    return records[0]


def money(*texts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(text) for text in texts)
