"""Settles writes of which nobody knows whether they landed, before any new work is taken (decisions 7).

A look-up decides: found means landed; not found means not landed, but only when the write is older than the quiet
period; anything odd is quarantined for a person. Nothing is ever picked by guess.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from ...records.links import Intent, IntentState, Kind
from .office_run import OfficeRun

Settlers = Mapping[Kind, Callable[[OfficeRun, Sequence[Intent]], None]]
"""How a flow looks up what it writes, in the order in which that has to be settled."""


def settle_uncertain(run: OfficeRun, settlers: Settlers) -> None:
    """Looks up every unsettled intent of these kinds in the Finago client, whichever office wrote it.

    We hold the client's lease, so an intent that is still open was left by a process that died: as good as uncertain.
    A quarantined order waits for a person (`flows.invoices.quarantine`); anything else in quarantine is looked up again
    in each run, and settles by itself once somebody has put it right.
    """
    with run.store.read() as transaction:
        intents = transaction.intents.unsettled(run.client_id)
    waiting: dict[Kind, list[Intent]] = defaultdict(list)
    for intent in intents:
        if intent.state is not IntentState.QUARANTINED or intent.kind is not Kind.ORDER:
            waiting[intent.kind].append(intent)
    for kind, settle in settlers.items():
        if waiting[kind]:
            with run.write() as transaction:
                for intent in waiting[kind]:
                    transaction.intents.count_lookup(intent.id)
            settle(run, waiting[kind])


def report_unsettled(run: OfficeRun, kinds: Collection[Kind]) -> None:
    """Says of every intent of this office and these kinds that is still unsettled what it means for the run."""
    with run.store.read() as transaction:
        intents = transaction.intents.unsettled(run.client_id)
    for intent in intents:
        if intent.office_id != run.office_id or intent.kind not in kinds:
            continue
        if intent.state is IntentState.QUARANTINED:
            run.record.problem(
                f"quarantine {intent.kind.value} {intent.key}",
                f"The {intent.kind.value} of {intent.key} is quarantined: what Finago holds may be it or not.",
                f"Look at it in Finago, then run `qondor-finago retry --invoice {intent.key}` with --link ORDER or "
                "--as-new."
                if intent.kind is Kind.ORDER
                else "Look at it in Finago; nothing more is sent for it until a person has settled it.",
            )
        elif run.time_at(intent.kind) - intent.committed_at > run.quiet_period and intent.lookups >= 2:
            run.record.problem(
                f"uncertain {intent.kind.value} {intent.key}",
                f"The {intent.kind.value} of {intent.key} is still uncertain after {intent.lookups} look-ups.",
                "See whether Finago answers at all; nothing is sent again until a look-up succeeds.",
            )


def is_quiet(run: OfficeRun, intent: Intent, looked_at: datetime) -> bool:
    """Whether Finago could no longer be working on the old request when the look-up began."""
    return looked_at - intent.committed_at >= run.quiet_period
