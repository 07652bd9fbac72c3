"""The inbox: records that no run could settle, as somebody works them off. UTC; the texts hold no personal data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from ..identifiers import OfficeId
from ..refusals import Reason
from .results import Flow, RecordState


@dataclass(frozen=True, kw_only=True)
class RefusedRecord:
    """One record that is held, uncertain or failed."""

    office: OfficeId
    flow: Flow
    key: str
    """As in the outcomes: `9001`, `customer 77`, `voucher 2026-3-20418`."""
    state: RecordState
    reason: Reason | None
    message: str
    remedy: str
    first_seen: datetime
    """Since when it is not settled, for whatever reason."""
    since: datetime
    """Since when it is in this state for this very reason."""
    last_tried: datetime
    next_try: datetime | None
    """When the next run looks at it; None where none will: it failed, a person must decide, the flow is off."""
    amount: Decimal | None = None
    currency: str | None = None

    @property
    def named(self) -> str:
        """`invoice 9001`, `customer 77`: what `explain` takes."""
        return f"invoice {self.key}" if self.key.isdigit() else self.key

    @property
    def cause(self) -> str:
        """In a word: its reason, or else its state."""
        return self.reason.value if self.reason else self.state.value

    def age(self, now: datetime) -> timedelta:
        """For how long it has not been settled."""
        return now - self.first_seen


@dataclass(frozen=True, kw_only=True)
class CauseGroup:
    """Records that wait for the same thing, so that one correction may settle them all."""

    flow: Flow
    cause: str
    why: str
    """What is wrong, in words that hold for each of them."""
    sums: Mapping[str, Decimal]
    """By currency; empty where no amount is known. An empty currency is one that is not settled."""
    mend: str
    """How to mend all of them."""
    trying_helps: bool
    """Whether `retry --all-of` may settle them as they are."""
    records: tuple[RefusedRecord, ...]
    """Oldest first."""
