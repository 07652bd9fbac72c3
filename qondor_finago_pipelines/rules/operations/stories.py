"""A record's history in words: each event of the store as a sentence, and how the record stands now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...records.identifiers import OfficeId
from ...records.links import Intent, IntentState, Kind, OrderLink
from ...records.money import plain
from ...records.operations.results import Flow, RecordState
from ...records.operations.stories import Standing, StoryLine, Told
from ..text import counted

FLOW_OF: Mapping[Told, Flow] = {
    Told.INVOICE: Flow.INVOICES,
    Told.CUSTOMER: Flow.CUSTOMERS_AND_PROJECTS,
    Told.PROJECT: Flow.CUSTOMERS_AND_PROJECTS,
    Told.VOUCHER: Flow.COSTS_AND_SALES,
}

_NOT_FOR_PEOPLE = frozenset({"payload_hash", "flow"})

UPDATED = "updated"
"""The event of a change to what the other system holds already."""

_WRITES = {
    Kind.COMPANY: ("its company", "Finago"),
    Kind.PROJECT: ("the project", "Finago"),
    Kind.ORDER: ("its order", "Finago"),
    Kind.INVOICING: ("its order as an invoice", "Finago"),
    Kind.COST: ("an actual cost", "Qondor"),
    Kind.SALE: ("an actual sale", "Qondor"),
}

_OF_A_WRITE = {
    "intent": "decided: {what} is sent to {system}",
    IntentState.LANDED: "{system} answered: {what} stands there",
    IntentState.REJECTED: "{system} answered: {what} is refused",
    IntentState.NOT_LANDED: "{what} certainly did not arrive in {system}",
    IntentState.UNCERTAIN: "no clear answer from {system}: nobody knows whether {what} arrived",
    IntentState.QUARANTINED: "looked up in {system}: a person must decide about {what}",
    "landed late": "{what} stands in {system}, as a run found that had lost its lease",
    "acknowledged": "Qondor was told the order id: it has left the queue",
    "paid": "paid in Finago, and marked paid in Qondor",
    "adopted": "found in Finago, and linked: nothing was sent",
    "linked by a person": "a person linked it to an order",
    "to be sent as new, says a person": "a person decided: it is sent as a new order",
    "stored in Qondor": "the Company ID was stored in Qondor",
    UPDATED: "{what} was changed in {system}",
    "deleted": "{what} was deleted in {system}",
}

_OF_A_RUN = {
    RecordState.SETTLED: "settled",
    RecordState.HELD: "held",
    RecordState.FAILED: "failed in Qondor",
    RecordState.UNCERTAIN: "uncertain: it is looked up before anything is sent again",
    RecordState.NOT_REACHED: "first seen, and not reached",
    "no longer open": "no longer open: mended, withdrawn, or settled by a person",
}

_OF_ALERTS = {"told": "people were told", "told that it ended": "people were told that it ended"}


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One event of the store, as this room takes it."""

    at: datetime
    office: OfficeId
    kind: str
    event: str
    run: str | None
    detail: Mapping[str, Any]
    trigger: str | None = None


@dataclass(frozen=True, kw_only=True)
class Stands:
    """How the latest run left the record in one office."""

    state: RecordState
    message: str
    remedy: str
    last_seen: datetime


def line_of(happened: Happened) -> StoryLine:
    """What happened, in words; what is no word of ours is told as the store has it."""
    return StoryLine(
        at=happened.at,
        office=happened.office,
        run=happened.run,
        trigger=happened.trigger,
        what=_words(happened),
        detail={name: value for name, value in happened.detail.items() if name not in _NOT_FOR_PEOPLE},
    )


def _words(happened: Happened) -> str:
    if happened.kind in set(Kind):
        what, system = _WRITES[Kind(happened.kind)]
        words = _OF_A_WRITE.get(happened.event)
        return happened.event if words is None else words.format(what=what, system=system)
    words = (_OF_A_RUN if happened.kind in set(Flow) else _OF_ALERTS).get(happened.event)
    return words or happened.event


def lines_of_link(link: OrderLink) -> list[StoryLine]:
    """What the link of an invoice knows beyond the events."""
    order = {"order": link.order_id}
    total = {"amount": plain(link.total), "currency": link.currency}
    stages = (
        (
            link.verified_at,
            "compared: Finago's total agrees",
            order | total,
        ),
        (None if link.payment_reported_at else link.payment_asked_at, "asked Finago for its payment, last", order),
    )
    return [
        StoryLine(at=at, office=link.office_id, run=None, what=what, detail=detail)
        for at, what, detail in stages
        if at is not None
    ]


def standing_of(
    standings: Collection[Stands], unsettled: Collection[Intent], link: OrderLink | None, *, known: bool
) -> Standing:
    """How a record stands in all its offices together: what waits longest for a person goes before what is settled."""
    how = _worst(standings)
    if any(intent.state is IntentState.QUARANTINED for intent in unsettled):
        return Standing(
            now="quarantined",
            reason=how.message if how else "Nobody knows how a write of it ended.",
            remedy=how.remedy if how and how.remedy else "The latest red run of the office names what to look up.",
        )
    if how is not None and how.state is not RecordState.SETTLED:
        return Standing(now=how.state.value, reason=how.message, remedy=how.remedy)
    if unsettled:
        return Standing(
            now=RecordState.UNCERTAIN.value,
            reason="A write of it has no clear answer yet; it was looked up in vain "
            f"{counted(sum(intent.lookups for intent in unsettled), 'time')}.",
            remedy="Nothing to do: it is looked up before anything is sent again.",
        )
    if link is not None and link.acknowledged_at is None:
        return Standing(
            now="not finished",
            reason=f"Order {link.order_id} stands in Finago, and Qondor was not told of it yet.",
            remedy="Nothing to do: the next run carries it on.",
        )
    if how is not None or link is not None:
        reservation = how.message if how else ""
        if link is not None and not (reservation or link.is_credit or link.payment_reported_at):
            reservation = f"Order {link.order_id} is not paid in Finago, as far as the runs have seen."
        return Standing(now=RecordState.SETTLED.value, reason=reservation, remedy=how.remedy if how else "")
    if known:
        return Standing(now="no longer open")
    return Standing(
        now="unknown",
        reason="No run has met it.",
        remedy="See that the id is right. What was issued since the last run is met by the next one.",
    )


def _worst(standings: Iterable[Stands]) -> Stands | None:
    order = (RecordState.HELD, RecordState.UNCERTAIN, RecordState.FAILED, RecordState.NOT_REACHED, RecordState.SETTLED)
    return min(standings, key=lambda each: (order.index(each.state), -each.last_seen.timestamp()), default=None)
