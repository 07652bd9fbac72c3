"""A prerequisite that is not met is told once, and once more when it is met again."""

from __future__ import annotations

from datetime import date

from ...records.identifiers import OfficeId
from ...records.operations.results import Flow
from ...records.preflight import Preflight
from ...settings import OfficeSettings
from ...store import Store
from ..run.alert_causes import PREFLIGHT

NAMED = 3
"""Troubles that a message names; the check in Dagster and `qondor-finago check` list all."""


def tell(store: Store, office: OfficeSettings, preflight: Preflight, *, day: date, run_id: str) -> None:
    """Reports the office's troubles to the outbox, or ends them. An alert belongs to the first flow that runs."""
    office_id = OfficeId(office.id)
    flow = next((flow for flow in Flow if office.does(flow)), None)
    if flow is None:
        return
    troubles = preflight.troubles
    with store.write() as transaction:
        if not troubles:
            transaction.alerts.resolve_cause(office_id=office_id, flow=flow.value, cause=PREFLIGHT)
            return
        named = "; ".join(f"{each.what}: {each.found} {each.remedy}".strip() for each in troubles[:NAMED])
        more = f" And {len(troubles) - NAMED} more." if len(troubles) > NAMED else ""
        message = f"A prerequisite is not met, or could not be asked. {named}{more} `qondor-finago check` shows all."
        transaction.alerts.report(
            office_id=office_id,
            flow=flow.value,
            cause=PREFLIGHT,
            record=None,
            message=message,
            day=day,
            first_day=None,
            run_id=run_id,
        )
