"""One office, compared: customers and projects first, since the documents refer to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from ...records.identifiers import OfficeId
from ...records.operations.results import Flow
from ...records.reconciliation import Difference, Reconciliation
from ...rules.reconciliation.comparison import Comparison
from ...settings import OfficeSettings
from ..costs_and_sales.day_totals import home_currency
from ..run.office_run import OfficeRun
from ..run.run_record import RunRecord
from ..service import SyncService
from .costs_and_sales import CostsAndSales
from .customers_and_projects import MasterRecords
from .invoices import Invoices
from .telling import tell

Progress = Callable[[str], None]


def silently(_: str) -> None:
    """Nobody watches."""


def reconcile_office(
    sync: SyncService,
    office: OfficeSettings,
    first_day: date,
    last_day: date,
    *,
    run_id: str = "reconcile",
    progress: Progress = silently,
) -> Reconciliation:
    """Both systems afresh, for the documents of these days; writes nothing but sessions and counts.

    Raises SyncError where anything could not be read: what is not seen is not missing.
    """
    record = RunRecord(Flow.COSTS_AND_SALES, OfficeId(office.id), last_day, run_id, first_day=first_day)
    return _compared(sync.reading_run(office, record), progress)


def reconcile_month(sync: SyncService, office: OfficeSettings, day: date, run_id: str) -> Reconciliation:
    """The month up to that day, and what stands unexplained told: once when it begins, once when it is over."""
    found = reconcile_office(sync, office, day.replace(day=1), day, run_id=run_id)
    tell(sync.store, office, found, day=day, run_id=run_id)
    return found


def _compared(run: OfficeRun, progress: Progress) -> Reconciliation:
    comparison = Comparison(run.office_id)
    records = MasterRecords(run)
    progress(f"Office {run.office_id}: customers and projects")
    records.read()
    records.compare(comparison)
    progress(f"Office {run.office_id}: invoices and payments")
    invoices = Invoices(run, comparison, records, home_currency(run))
    invoices.compare()
    progress(f"Office {run.office_id}: costs and sales")
    costs = CostsAndSales(run, comparison, records)
    costs.compare()
    return Reconciliation(
        office=run.office_id,
        first_day=run.first_day,
        last_day=run.day,
        compared=dict(comparison.compared),
        totals=comparison.totals(),
        digests=comparison.digests(),
        digest=comparison.digest(),
        differences=tuple(sorted(comparison.differences, key=_place)),
        unloaded=dict(sorted(costs.unloaded.items())),
        strangers=invoices.strangers,
        calls=run.meter.calls_by_system(),
        warnings=(*run.record.warnings, *run.qondor.warnings(), *run.finago.warnings()),
    )


def _place(difference: Difference) -> tuple[str, str, str, str]:
    return (difference.kind.value, str(difference.qondor or ""), str(difference.finago or ""), difference.field)
