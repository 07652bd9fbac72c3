"""The open list of every flow, read from the store: what waits for somebody, since when, and when it is tried next."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from ...records.identifiers import OfficeId
from ...records.operations.inbox import RefusedRecord
from ...records.operations.results import Flow
from ...rules.operations.causes import is_left_to_a_person
from ...store import Store
from .due_work import DueWork


def refused_records(
    store: Store,
    due_work: DueWork,
    offices: Collection[OfficeId],
    flows: Collection[Flow] = tuple(Flow),
    *,
    failed: bool = False,
) -> tuple[RefusedRecord, ...]:
    """What is held or uncertain in these offices and flows, flow by flow, the oldest first; asks neither system.

    With `failed` also what was failed in Qondor, which nothing settles any more.
    """
    found: list[RefusedRecord] = []
    for flow in flows:
        next_runs = due_work.next_runs(flow)
        some = _of_flow(store, flow, offices, next_runs, failed=failed)
        found += sorted(some, key=lambda each: (each.first_seen, each.office, each.key))
    return tuple(found)


def _of_flow(
    store: Store,
    flow: Flow,
    offices: Collection[OfficeId],
    next_runs: Mapping[OfficeId, datetime | None],
    *,
    failed: bool,
) -> list[RefusedRecord]:
    with store.read() as transaction:
        open_ones = [
            (office, stored)
            for office in offices
            for stored in transaction.outcomes.unsettled(office, flow.value, failed=failed)
        ]
        since = transaction.events.unsettled_since(flow.value, [(office, stored.key) for office, stored in open_ones])
    return [
        RefusedRecord(
            office=office,
            flow=flow,
            key=stored.key,
            state=stored.state,
            reason=stored.reason,
            message=stored.message,
            remedy=stored.remedy,
            first_seen=min(since.get((office, stored.key), stored.first_seen), stored.first_seen),
            since=stored.first_seen,
            last_tried=stored.last_seen,
            next_try=None if is_left_to_a_person(stored.state, stored.reason) else next_runs.get(office),
            amount=stored.total,
            currency=stored.currency,
        )
        for office, stored in open_ones
    ]
