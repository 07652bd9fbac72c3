"""Intent committed, call made, answer judged, outcome committed: the only way in which anything is created in Finago.

Whatever happens between two lines here, the store knows that a write may be under way, and the next run looks it up
before it sends anything again (decisions 7). No store transaction is open during a call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ...records.errors import CallFailed, LeaseLost, WriteUncertain
from ...records.links import Intent, IntentState, Kind
from ...store import StoreConflict
from .office_run import OfficeRun

Reply = TypeVar("Reply")


@dataclass(frozen=True, kw_only=True)
class Writing:
    """One record about to be written: the key of its link, the hash of what is sent, what a look-up compares."""

    key: str
    payload_hash: str
    expected: Mapping[str, str | int | None]


def commit_intents(run: OfficeRun, kind: Kind, writings: Sequence[Writing]) -> dict[str, Intent]:
    """Commits one intent for each writing; a key that has an unsettled intent already is left out of the answer."""
    intents: dict[str, Intent] = {}
    for writing in writings:
        try:
            with run.write() as transaction:
                intents[writing.key] = transaction.intents.open(
                    client_id=run.client_id,
                    office_id=run.office_id,
                    kind=kind,
                    key=writing.key,
                    payload_hash=writing.payload_hash,
                    expected=dict(writing.expected),
                )
                transaction.events.append(
                    office_id=run.office_id,
                    kind=kind.value,
                    key=writing.key,
                    event="intent",
                    run_id=run.run_id,
                    detail={"payload_hash": writing.payload_hash},
                )
        except StoreConflict:
            continue
    return intents


def send(run: OfficeRun, intents: Mapping[str, Intent], call: Callable[[], Reply]) -> Reply | None:
    """Makes the call for committed intents. None means uncertain: the intents say so, and nothing may be sent again.

    Raises what certainly did not land (WriteDidNotLand, CallsBlocked, LoginRefused …) after saying so in the store.
    A lost lease and any unforeseen error leave the intents open, which the next run treats as uncertain.
    """
    try:
        return call()
    except WriteUncertain as unknown:
        mark(run, intents.values(), IntentState.UNCERTAIN, {"why": unknown.message})
        return None
    except LeaseLost:
        raise
    except CallFailed as failure:
        mark(run, intents.values(), IntentState.NOT_LANDED, {"why": failure.message})
        raise


def mark(
    run: OfficeRun,
    intents: Iterable[Intent],
    state: IntentState,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Commits the outcome of intents, with an event for each."""
    with run.write() as transaction:
        for intent in intents:
            transaction.intents.mark(intent.id, state, detail=dict(detail or {}))
            transaction.events.append(
                office_id=intent.office_id,
                kind=intent.kind.value,
                key=intent.key,
                event=state.value,
                run_id=run.run_id,
                detail=dict(detail or {}),
            )
