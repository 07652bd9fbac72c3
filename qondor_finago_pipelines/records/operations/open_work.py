"""What the store knows of the work that an office's invoices still are, and what of it is due: nouns of the queue.

Nothing here was asked of a system: it is what one look at the store tells whoever decides whether a run is worth it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from ..identifiers import OfficeId, QondorInvoiceId
from ..links import Intent
from ..refusals import Reason
from .results import RecordState


@dataclass(frozen=True, kw_only=True)
class KnownRecord:
    """A record that a run has met before, and how that run left it. The instants are UTC."""

    id: str
    state: RecordState
    since: datetime
    """Since when it is in this state, for this very reason."""
    looked_at: datetime
    reason: Reason | None = None
    content_hash: str | None = None
    mended_at: datetime | None = None
    """When a person lifted what it waits for: `confirm`, or `retry` of what was in quarantine."""


@dataclass(frozen=True, kw_only=True)
class UnfinishedOrder:
    """An order that stands in Finago and that Qondor was not told of yet."""

    invoice_id: QondorInvoiceId
    linked_at: datetime


@dataclass(frozen=True, kw_only=True)
class UnpaidOrders:
    """The unpaid orders of one order date. `asked_at` is that of the one that waits longest; None: never."""

    order_date: date
    asked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class OpenWork:
    """One office's invoices in the store: all that may want a run."""

    office_id: OfficeId
    known: Collection[KnownRecord] = ()
    """What is held or uncertain, and whatever else of the queue a run has met before."""
    unsettled: Collection[Intent] = ()
    """This office's writes to Finago of which nobody knows how they ended."""
    unfinished: Collection[UnfinishedOrder] = ()
    unpaid: Collection[UnpaidOrders] = ()
    is_adopting: bool = False
    """Orders that were listed on first contact still wait to be looked at."""
    last_tried: datetime | None = None
    """When the latest finished run began, however it ended."""
    last_complete: datetime | None = None
    """When the latest complete run of today's partition began; None: today has none yet."""


@dataclass(frozen=True, kw_only=True)
class Due:
    """Whether a run of a flow is worth it now for an office, and why, or why not.

    `tasks` are texts that change when the task does: two looks with the same tasks saw the same work. They hold ids and
    instants only.
    """

    reason: str
    """In words: `2 new invoices; payments`, or `nothing new in the queue; 1 held invoice, again at 10:35`."""
    tasks: frozenset[str] = frozenset()
    is_urgent: bool = False
    """Something of it was issued since the last look: it goes before what only comes round again."""
    next_at: datetime | None = None
    """When something that is known already will be due; None: nothing is, or it is now."""
    last_tried: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.tasks)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The last run that the queue sensor asked for: for which tasks, when, and how many it has asked for in all."""

    tasks: frozenset[str]
    at: datetime
    times: int
