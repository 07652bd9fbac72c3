"""Settles creations of costs and sales of which nobody knows whether they landed (decisions 7).

The external reference is ours to choose and Qondor allows it once, so a look-up by it decides everything.
"""

from __future__ import annotations

from ...records.costs_and_sales.actuals import ActualKind, ActualReference
from ...records.links import WRITTEN_TO_QONDOR, Intent, IntentState
from ..run.office_run import OfficeRun
from ..run.writing import mark
from .actual_writes import adopted


def settle_uncertain_actuals(run: OfficeRun) -> None:
    """Looks up every unsettled creation of the Finago client, whichever office sent it.

    Found means landed: the store links it, and its voucher is judged anew. Not found means not landed, once the quiet
    period is over.
    """
    with run.store.read() as transaction:
        intents = [
            intent for intent in transaction.intents.unsettled(run.client_id) if intent.kind in WRITTEN_TO_QONDOR
        ]
    for intent in intents:
        with run.write() as transaction:
            transaction.intents.count_lookup(intent.id)
        _settle(run, intent)


def _settle(run: OfficeRun, intent: Intent) -> None:
    looked_at = run.store.now()
    reference = ActualReference.of(ActualKind(intent.kind.value), intent.key)
    if reference is None:
        mark(run, [intent], IntentState.NOT_LANDED, {"why": "no reference of ours"})
        return
    found = run.qondor.actual_by_reference(reference.kind, intent.key)
    if found is not None and found.project_id is not None:
        with run.write() as transaction:
            transaction.actuals.put(adopted(run, reference, found, found.project_id))
        mark(run, [intent], IntentState.LANDED, {"id": found.id, "found": "by look-up"})
    elif found is None and looked_at - intent.committed_at >= run.quiet_period:
        mark(run, [intent], IntentState.NOT_LANDED, {"found": "nothing"})
