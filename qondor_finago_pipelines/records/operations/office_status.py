"""How offices stand, whichever run came last: what is open, since when, and when a flow last looked at everything."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ..identifiers import OfficeId
from .results import Flow


class StatusKind(StrEnum):
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
class ExpectedOffice:
    """An office of the settings, as far as its standing in one flow is concerned."""

    id: OfficeId
    closed: bool = False
    runs_by_itself: bool = False
    """Whether the office is open and the flow enabled in it."""
    has_run: bool = False
    """Whether any run of the flow has come to an end, whichever."""
    silent_since: datetime | None = None
    """UTC; None unless its silence has lasted too long (`rules.silence`)."""
    silence: str = ""
    """The silence in words, with what to do about it."""


@dataclass(frozen=True, kw_only=True)
class FlowStatus:
    """What the store knows of one flow, in every office that it has ever met."""

    flow: Flow
    open: Collection[OpenRecord] = ()
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
    kind: StatusKind
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
