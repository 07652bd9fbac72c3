"""The story of one record: what happened to it, in order of time, and how it stands now. Ids and amounts only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from ..identifiers import OfficeId


class Told(StrEnum):
    """The kinds of record whose story is told."""

    INVOICE = "invoice"
    CUSTOMER = "customer"
    PROJECT = "project"
    VOUCHER = "voucher"


@dataclass(frozen=True, kw_only=True)
class StoryLine:
    """One thing that happened. `at` is UTC; `run` is the run's id, None where a person or no run did it."""

    at: datetime
    office: OfficeId
    run: str | None
    what: str
    trigger: str | None = None
    """What began the run: `sensor`, `schedule`, `cli`, `ui`; None where the store has forgotten it."""
    detail: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The line that `explain --json` prints (decisions 13)."""
        return {
            "at": utc_text(self.at),
            "run": self.run,
            "what": self.what,
            "detail": dict(self.detail) or None,
            "office": self.office,
            "trigger": self.trigger,
        }


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How the record stands now, why, and what has to be done by whom; both empty where nothing waits."""

    now: str
    reason: str = ""
    remedy: str = ""

    def as_json(self) -> dict[str, str | None]:
        """The last line of `explain --json`."""
        return {"now": self.now, "reason": self.reason or None, "remedy": self.remedy or None}


@dataclass(frozen=True, kw_only=True)
class Story:
    """One record, in every office that has met it."""

    record: str
    """`invoice 9001`."""
    lines: tuple[StoryLine, ...]
    standing: Standing

    @property
    def is_known(self) -> bool:
        """Whether any run has ever met it."""
        return bool(self.lines)


def utc_text(instant: datetime) -> str:
    """`2026-11-20T09:00:00Z`, to the second."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}Z"
