"""Which runs of long ago may be forgotten without a cell of the partition matrix changing its colour.

A run takes its materializations with it when it is deleted, and a failed one its red cell. So a run goes only when
every cell that it coloured has been made by a later run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class Cell(NamedTuple):
    """One asset on one partition, as the matrix shows it."""

    asset: str
    partition: str


@dataclass(frozen=True, kw_only=True)
class Made:
    """The latest materialization of a cell: by which run, and when (UTC)."""

    run_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class EndedRun:
    """A run that is over. `made` are the cells that it materialized, `meant` those that it was started for."""

    run_id: str
    ended_at: datetime
    succeeded: bool
    made: frozenset[Cell] = frozenset()
    meant: frozenset[Cell] = frozenset()

    @property
    def coloured(self) -> frozenset[Cell]:
        """The cells that look as they do because of this run: a success that left a cell alone did not colour it."""
        return self.made if self.succeeded else self.made | self.meant


def may_go(run: EndedRun, latest: Mapping[Cell, Made], *, before: datetime) -> bool:
    """Whether a run may be deleted: it ended before an instant, and what it coloured was made by a later run."""
    return run.ended_at < before and all(_was_made_later(run, latest.get(cell)) for cell in run.coloured)


def _was_made_later(run: EndedRun, latest: Made | None) -> bool:
    return latest is not None and latest.run_id != run.run_id and latest.at > run.ended_at
