"""The outbox: intent committed, call made, answer judged, outcome committed. Nothing is created in any other way.

Whatever happens between two lines here, the store knows that a write may be under way, and the next run looks it up
before it sends anything again (decisions 7). No store transaction is open during a call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Generic, TypeVar

from ...records.errors import CallFailed, LeaseLost, SystemUnreachable, WriteDidNotLand, WriteUncertain
from ...records.links import Intent, IntentState, Kind
from ...store import StoreConflict, Transaction
from .office_run import OfficeRun

Record = TypeVar("Record")
Reply = TypeVar("Reply")

UNANSWERED_IN_A_ROW = 2
"""So many calls in a row without an answer mean that the system is down: the rest waits for the next run."""


@dataclass(frozen=True, kw_only=True)
class Write(Generic[Record]):
    """One record about to be created: the key of its link, the hash of what is sent, what a look-up compares."""

    record: Record
    kind: Kind
    key: str
    payload_hash: str
    expected: Mapping[str, str | int | None]


@dataclass(frozen=True)
class Answer:
    """What became of one record that was sent."""

    state: IntentState
    detail: Mapping[str, object] = field(default_factory=dict)
    """Kept with the intent: `why` it did not land, or the ids that it landed under."""
    link: Callable[[Transaction], object] | None = None
    """What the store learns in the transaction that says how the write ended."""

    @property
    def why(self) -> str:
        return str(self.detail.get("why", ""))

    @property
    def landed(self) -> bool:
        return self.state is IntentState.LANDED

    @property
    def refused(self) -> bool:
        """The system read this very record and said no: certainly nothing was done."""
        return self.state in (IntentState.REJECTED, IntentState.NOT_LANDED)


def uncertain(why: str) -> Answer:
    return Answer(IntentState.UNCERTAIN, {"why": why})


IsNotThere = Callable[[OfficeRun, Mapping[str, Intent]], bool]
"""A look-up by the keys of committed intents: asked before a call that was turned away is repeated at once."""

Send = Callable[[Sequence[Record], Callable[[], bool]], Reply]
"""Makes the call for records whose intents are committed; the second argument is the look-up for them."""

Match = Callable[[Sequence[Record], Reply], Sequence[Answer]]
"""What the reply says of each record, in their order."""


class Outbox:
    """The writes of one stage of a run to one system."""

    def __init__(self, run: OfficeRun, is_not_there: IsNotThere = lambda *_: True) -> None:
        self._run = run
        self._is_not_there = is_not_there
        self._unanswered = 0

    def create(
        self, batch: Sequence[Write[Record]], send: Send[Record, Reply], match: Match[Record, Reply]
    ) -> Iterator[tuple[Record, Answer]]:
        """Sends records in one call and gives each with what became of it, once the store knows that; lazily, as taken.

        A record with an unsettled intent is not sent and stays uncertain. A batch that was refused as a whole is sent
        again one by one. Raises what certainly did not land and is no single record's trouble (WriteDidNotLand,
        CallsBlocked, LoginRefused …), after saying so in the store, and SystemUnreachable after too many calls without
        an answer. A lost lease and any unforeseen error leave the intents open, which the next run treats as uncertain.
        """
        if any(write.kind is not Kind.INVOICING for write in batch):
            # What becomes of an order that stands is asked for by its id, at whatever time.
            self._run.check_clocks()
        intents = self._commit(batch)
        busy = [write.record for write in batch if write.key not in intents]
        free = [write for write in batch if write.key in intents]
        return chain(
            ((record, uncertain("an earlier write is not settled yet")) for record in busy),
            self._deliver(
                [write.record for write in free],
                list(intents.values()),
                send,
                match,
                lambda number: self.create([free[number]], send, match),
            ),
        )

    def change(
        self, batch: Sequence[Record], send: Callable[[Sequence[Record]], Reply], match: Match[Record, Reply]
    ) -> Iterator[tuple[Record, Answer]]:
        """As `create`, for what may be sent twice without harm: no intent, and the next run sees what did not land."""
        return self._deliver(
            batch, [], lambda records, _: send(records), match, lambda number: self.change([batch[number]], send, match)
        )

    def _deliver(
        self,
        records: Sequence[Record],
        intents: Sequence[Intent],
        send: Send[Record, Reply],
        match: Match[Record, Reply],
        alone: Callable[[int], Iterator[tuple[Record, Answer]]],
    ) -> Iterator[tuple[Record, Answer]]:
        """One call. `intents` are those of the records, in their order, or none; `alone` sends one of them again."""
        if not records:
            return
        failure: WriteDidNotLand | WriteUncertain
        try:
            reply = send(records, partial(self._is_not_there, self._run, {intent.key: intent for intent in intents}))
        except WriteUncertain as unknown:
            mark(self._run, intents, IntentState.UNCERTAIN, {"why": unknown.message})
            failure = unknown
        except CallFailed as certain:
            mark(self._run, intents, IntentState.NOT_LANDED, {"why": certain.message})
            if not isinstance(certain, WriteDidNotLand) or not certain.refused:
                raise
            failure = certain
        else:
            self._unanswered = 0
            answers = match(records, reply)
            for number, (record, answer) in enumerate(zip(records, answers, strict=True)):
                try:
                    mark(self._run, intents[number : number + 1], answer.state, answer.detail, answer.link)
                except LeaseLost:
                    self._record_late(intents[number:], answers[number:])
                    raise
                yield record, answer
            return
        if isinstance(failure, WriteUncertain):
            for record in records:
                yield record, uncertain(failure.message)
            self._count_unanswered(failure)
        elif len(records) == 1:
            self._unanswered = 0
            yield records[0], Answer(IntentState.NOT_LANDED, {"why": failure.message})
        else:
            for number in range(len(records)):
                yield from alone(number)

    def _record_late(self, intents: Sequence[Intent], answers: Sequence[Answer]) -> None:
        """What was created while the lease was being lost is linked all the same, where the store has nothing.

        Where it has something else, somebody sent the record a second time: both ids are told at once (decisions 7).
        """
        run = self._run
        for intent, answer in zip(intents, answers, strict=False):
            if not answer.landed or answer.link is None:
                continue
            try:
                with run.store.write() as transaction:
                    answer.link(transaction)
                    run.log_event(transaction, intent.kind, intent.key, "landed late", answer.detail)
            except StoreConflict as conflict:
                late = ", ".join(f"{what} {which}" for what, which in answer.detail.items())
                run.record.problem(
                    f"double {intent.kind.value} {intent.key}",
                    f"The {intent.kind.value} of {intent.key} was created twice. {conflict.message} A run that had "
                    f"lost its lease created {late} as well.",
                    "Look at both in the other system, and delete the one that is not linked.",
                )
                continue
            with suppress(StoreConflict), run.store.write() as transaction:
                transaction.intents.mark(intent.id, answer.state, detail=dict(answer.detail))

    def _count_unanswered(self, unknown: WriteUncertain) -> None:
        self._unanswered += 1
        if self._unanswered >= UNANSWERED_IN_A_ROW:
            raise SystemUnreachable(
                unknown.system,
                unknown.operation,
                "Two calls in a row were not answered; the rest is left for the next run.",
                remedy="Nothing to do: what was sent is looked up before anything is sent again.",
            )

    def _commit(self, batch: Iterable[Write[Record]]) -> dict[str, Intent]:
        """Commits one intent for each write; a key that has an unsettled intent already is left out of the answer."""
        run = self._run
        intents: dict[str, Intent] = {}
        for write in batch:
            try:
                with run.write() as transaction:
                    intents[write.key] = transaction.intents.open(
                        client_id=run.client_id,
                        office_id=run.office_id,
                        kind=write.kind,
                        key=write.key,
                        payload_hash=write.payload_hash,
                        expected=dict(write.expected),
                        committed_at=run.time_at(write.kind),
                    )
                    run.log_event(transaction, write.kind, write.key, "intent", {"payload_hash": write.payload_hash})
            except StoreConflict:
                continue
        return intents


def mark(
    run: OfficeRun,
    intents: Sequence[Intent],
    state: IntentState,
    detail: Mapping[str, object] | None = None,
    link: Callable[[Transaction], object] | None = None,
) -> None:
    """Commits the outcome of intents, with an event for each, and what the store learns with it."""
    if not intents and link is None:
        return
    with run.write() as transaction:
        if link is not None:
            link(transaction)
        for intent in intents:
            transaction.intents.mark(intent.id, state, detail=dict(detail or {}))
            run.log_event(transaction, intent.kind, intent.key, state.value, detail, office_id=intent.office_id)
