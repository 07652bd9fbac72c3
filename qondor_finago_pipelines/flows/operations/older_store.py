"""A store that is older than the newest run: an older back-up was put back, or another store stands at its address.

What it has forgotten is found again before anything is created (decisions 7); but a person should know of it.
"""

from __future__ import annotations

from datetime import datetime
from logging import getLogger

from ...records.days import in_utc
from ...records.identifiers import OfficeId
from ...records.operations.results import Flow
from ...settings import Settings
from ...store import Store
from ..run.alert_causes import OLDER_STORE

log = getLogger(__name__)


def tell_if_older(store: Store, settings: Settings, newest_run: datetime | None) -> bool:
    """Whether the store was written last before the newest run that it should know of began; then each open office is
    told. The next complete run of its invoices ends that."""
    with store.read() as transaction:
        written = transaction.runs.last_written()
    if newest_run is None or (written is not None and written >= newest_run):
        return False
    when = "It holds no run" if written is None else f"It was written last at {in_utc(written)}"
    message = (
        f"The sync store is older than what was done: {when}, and Dagster knows a run that began at "
        f"{in_utc(newest_run)}. What it has forgotten is looked for in both systems before anything is created. If an "
        "older back-up was put back on purpose, nothing more is to be done; else see that QONDOR_FINAGO_DATABASE_URL "
        "and DAGSTER_HOME lead to the right store."
    )
    log.warning("%s", message)
    with store.write() as transaction:
        for office in settings.offices:
            if not office.closed:
                transaction.alerts.report(
                    office_id=OfficeId(office.id),
                    flow=Flow.INVOICES.value,
                    cause=OLDER_STORE,
                    record=None,
                    message=message,
                )
    return True
