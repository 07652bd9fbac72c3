"""How offices stand, whichever run came last: what is open, since when, and when a flow last looked at everything."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from .identifiers import OfficeId
from .results import Flow


class StandingKind(StrEnum):
    """The kinds of state that are judged apart; the names are those of the checks in Dagster."""

    REFUSALS = "nothing_is_refused"
    UNMATCHED = "nothing_is_unmatched"
    FRESHNESS = "every_office_is_fresh"


QUARANTINED = "quarantined"
"""The state of a record that nothing settles but a person; else it is a `RecordState`."""


@dataclass(frozen=True, kw_only=True)
class OpenRecord:
    """One record that no run has settled yet. `since` is UTC; the texts hold no personal data."""

    office: OfficeId
    record: str
    """As in the outcomes: `9001`, `customer 77`, `voucher 2026-3-20418`."""
    state: str
    since: datetime
    reason: str = ""
    message: str = ""
    remedy: str = ""


@dataclass(frozen=True, kw_only=True)
class LastRuns:
    """When an office's flow last looked at everything, and when its first run began, whatever became of that."""

    complete: datetime | None = None
    """Up to when a complete run for the present has seen everything. A backfill of days long gone is none."""
    first_started: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ExpectedOffice:
    """An office of the settings, as far as its standing is concerned."""

    id: OfficeId
    closed: bool = False
    period: timedelta | None = None
    """How long a flow of it may be without a complete run; None where it does not run by itself."""


@dataclass(frozen=True, kw_only=True)
class StandingState:
    """What the ledger knows of one flow, in every office that it has ever met."""

    flow: Flow
    open: Collection[OpenRecord] = ()
    runs: Mapping[OfficeId, LastRuns] = field(default_factory=dict)
    known: Collection[OfficeId] = ()
    """The offices that have ever logged in to Finago, also those that the settings do not have any more."""


@dataclass(frozen=True, kw_only=True)
class OfficeVerdict:
    """One office in which something is to be seen to: how many records (none where a run is missing), and why."""

    office: OfficeId
    open: int
    since: datetime | None
    reasons: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is to be said of all offices together, about one flow and one kind of state."""

    flow: Flow
    kind: StandingKind
    is_grave: bool
    """Nothing settles it but a person, or nobody knows how things are."""
    summary: str
    offices: tuple[OfficeVerdict, ...]
    """Those in which there is something, by id."""
    fine: tuple[OfficeId, ...]
    """The others."""
    records: tuple[OpenRecord, ...] = ()
    """What is open, the oldest first."""

    @property
    def passed(self) -> bool:
        return not self.offices
