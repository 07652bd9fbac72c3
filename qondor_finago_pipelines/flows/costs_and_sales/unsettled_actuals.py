"""Looks up creations of costs and sales of which nobody knows whether they landed (decisions 7).

The external reference is ours to choose and Qondor allows it once, so a look-up by it decides everything.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...records.costs_and_sales.actuals import ActualKind, ActualReference
from ...records.links import Intent, IntentState, Kind
from ..run.office_run import OfficeRun
from ..run.outbox import mark
from ..run.unsettled_writes import Settlers, is_quiet
from .actual_writes import adopted


def _settle_actuals(run: OfficeRun, intents: Sequence[Intent]) -> None:
    """Found means landed: the store links it, and its voucher is judged anew."""
    for intent in intents:
        looked_at = run.time_at(intent.kind)
        reference = ActualReference.of(ActualKind(intent.kind.value), intent.key)
        if reference is None:
            mark(run, [intent], IntentState.NOT_LANDED, {"why": "no reference of ours"})
            continue
        found = run.qondor.actual_by_reference(reference.kind, intent.key)
        if found is not None and found.project_id is not None:
            with run.write() as transaction:
                transaction.actuals.put(adopted(run, reference, found, found.project_id))
            mark(run, [intent], IntentState.LANDED, {"id": found.id, "found": "by look-up"})
        elif found is None and is_quiet(run, intent, looked_at):
            mark(run, [intent], IntentState.NOT_LANDED, {"found": "nothing"})


SETTLERS: Settlers = {Kind.COST: _settle_actuals, Kind.SALE: _settle_actuals}
