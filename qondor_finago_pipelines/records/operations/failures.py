"""A run that failed, as far as anybody may be told: whose work it was, and the kind of its errors, never their text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ..identifiers import OfficeId
from .results import Flow


@dataclass(frozen=True, kw_only=True)
class FailedWork:
    """What a run was to do for one office, or was doing when it ended."""

    office: OfficeId
    flow: Flow
    day: date
    first_day: date | None = None
    """Where the range of days begins; None where it is one day."""
    office_run_id: str
    """What the store calls this part of the run."""


@dataclass(frozen=True, kw_only=True)
class FailedStep:
    """A step that ended in an error. `error` is its class; None: the flow said itself, in its words, what is wrong."""

    step: str
    error: str | None


@dataclass(frozen=True, kw_only=True)
class FailedRun:
    """A run that failed for good: it is not begun again."""

    run_id: str
    works: tuple[FailedWork, ...]
    steps: tuple[FailedStep, ...] = ()
    error: str | None = None
    """The class of an error outside any step."""
    is_batch_run: bool = False
    """It worked many offices, and those that it had done with are not concerned."""
    nobody_watches: bool = True
    """A schedule or sensor began it; no person sees what it says."""
