"""One office, compared: customers and projects first, since the documents refer to them."""

from __future__ import annotations

from collections.abc import Callable

from ...records.reconciliation import Difference, Reconciliation
from ...rules.reconciliation.comparison import Comparison
from ..costs_and_sales.day_totals import home_currency
from ..run.office_run import OfficeRun
from .costs_and_sales import CostsAndSales
from .customers_and_projects import MasterRecords
from .invoices import Invoices

Progress = Callable[[str], None]


def silently(_: str) -> None:
    """Nobody watches."""


def reconcile_office(run: OfficeRun, progress: Progress = silently) -> Reconciliation:
    """Both systems afresh, for the documents of the run's days.

    Raises what a read raises: what could not be read is never taken for missing.
    """
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
