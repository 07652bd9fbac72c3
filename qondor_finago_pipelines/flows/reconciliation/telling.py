"""What stands unexplained is told once, and once more when all is equal again; what each day came to is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from ...records.identifiers import OfficeId
from ...records.money import plain
from ...records.operations.results import Flow
from ...records.reconciliation import Difference, Reconciliation
from ...settings import OfficeSettings
from ...store import Store
from ..run.alert_causes import RECONCILIATION

NAMED = 5
"""Differences that a message names; the check in Dagster and `qondor-finago reconcile` list all."""

DAYS_SHOWN = 45

COMPARED = "compared"
"""The event that keeps what a day came to."""


def tell(store: Store, office: OfficeSettings, found: Reconciliation, *, day: date, run_id: str) -> None:
    """Keeps the figures of the day, and reports the office's unexplained differences to the outbox, or ends them.

    An alert belongs to the first flow that the office runs.
    """
    office_id = OfficeId(office.id)
    flow = next((flow for flow in Flow if office.does(flow)), None)
    with store.write() as transaction:
        transaction.events.append(
            office_id=office_id,
            kind=RECONCILIATION,
            key=day.isoformat(),
            event=COMPARED,
            run_id=run_id,
            detail={
                "differences": len(found.differences),
                "unexplained": len(found.unexplained),
                "digest": found.digest,
            },
        )
        if flow is None:
            return
        if not found.unexplained:
            transaction.alerts.resolve_cause(office_id=office_id, flow=flow.value, cause=RECONCILIATION)
            return
        transaction.alerts.report(
            office_id=office_id,
            flow=flow.value,
            cause=RECONCILIATION,
            record=None,
            message=_message(office_id, found),
            day=day,
            first_day=None,
            run_id=run_id,
        )


def differences_each_day(store: Store, office_id: OfficeId, until: date) -> Mapping[date, tuple[int, int]]:
    """For each of the last days that was compared: how many differences were explained, and how many were not."""
    figures: dict[date, tuple[int, int]] = {}
    days = (until - timedelta(days=before) for before in reversed(range(DAYS_SHOWN)))
    with store.read() as transaction:
        for day in days:
            for event in transaction.events.history(office_id, RECONCILIATION, day.isoformat()):
                detail = event.detail or {}
                unexplained = int(detail["unexplained"])
                figures[day] = int(detail["differences"]) - unexplained, unexplained
    return figures


def _message(office_id: OfficeId, found: Reconciliation) -> str:
    named = "; ".join(_in_words(each) for each in found.unexplained[:NAMED])
    more = f"; and {len(found.unexplained) - NAMED} more" if len(found.unexplained) > NAMED else ""
    return (
        f"{len(found.unexplained)} differences between Qondor and Finago from {found.first_day} to {found.last_day} "
        f"that nothing explains: {named}{more}. `qondor-finago reconcile --office {office_id} --from "
        f"{found.first_day} --to {found.last_day}` shows all."
    )


def _in_words(each: Difference) -> str:
    ids = " / ".join(str(number) for number in (each.qondor, each.finago) if number is not None)
    worth = f" ({plain(each.difference)} {each.currency})" if each.difference is not None else ""
    return f"{each.kind.value} {ids}: {each.field}{worth}"
