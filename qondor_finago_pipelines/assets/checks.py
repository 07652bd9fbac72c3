"""What is judged of a run of the invoice flow, and in which colour (decisions 11).

Neither check blocks: what they find was already refused by name, and one odd invoice stops no other.
"""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pandas as pd
import pandera.pandas as pa

from ..records.refusals import Reason
from ..records.results import FlowResult, RecordState
from ..tables.contract import misfits
from ..tables.invoices import INVOICES, LINES, invoice_table, line_table
from .metadata import misfit_table, problems, refusals

QONDOR_INVOICES = dg.AssetKey("qondor_invoices")
FINAGO_ORDERS = dg.AssetKey("finago_orders")

INVOICES_FIT = "invoices_fit_their_schema"
LINES_FIT = "invoice_lines_fit_their_schema"
EVERY_INVOICE_ACCOUNTED_FOR = "every_invoice_is_settled_held_or_waiting"

SPECS = (
    dg.AssetCheckSpec(
        INVOICES_FIT,
        asset=QONDOR_INVOICES,
        description="Every invoice that the run read has an id of its own, known types, a project, a day, a currency "
        "and exact amounts. What does not is refused by name and named here.",
    ),
    dg.AssetCheckSpec(
        LINES_FIT,
        asset=QONDOR_INVOICES,
        description="Every line has a name, a quantity, a price and a VAT rate between 0 and 100.",
    ),
    dg.AssetCheckSpec(
        EVERY_INVOICE_ACCOUNTED_FOR,
        asset=FINAGO_ORDERS,
        description="Passes when everything is settled. Warns of what is held, failed in Qondor or still being looked "
        "up. An error means that a person must settle a record: nobody knows which order is whose.",
    ),
)

UNSETTLED_FOR_TOO_LONG = frozenset({"quarantine", "uncertain"})
"""The first words of those causes that mean: no later run settles this by itself."""


def check_invoices(result: FlowResult) -> Iterator[dg.AssetCheckResult]:
    """The results of all checks that can be judged after this run."""
    if result.invoices or not result.problems:
        yield _fits(INVOICES_FIT, invoice_table(result.invoices), INVOICES, result)
        yield _fits(LINES_FIT, line_table(result.invoices), LINES, result)
    verdict = _accounted_for(result)
    if verdict is not None:
        yield verdict


def _fits(name: str, table: pd.DataFrame, schema: pa.DataFrameSchema, result: FlowResult) -> dg.AssetCheckResult:
    found = misfits(table, schema, record="invoice")
    return dg.AssetCheckResult(
        asset_key=QONDOR_INVOICES,
        check_name=name,
        passed=not found,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "office": int(result.office),
            "day": result.day.isoformat(),
            "dagster/row_count": len(table),
            "misfits": misfit_table(found),
        },
    )


def _accounted_for(result: FlowResult) -> dg.AssetCheckResult | None:
    """None where the run was stopped before it could tell: the red run says so."""
    stuck = any(problem.cause.partition(" ")[0] in UNSETTLED_FOR_TOO_LONG for problem in result.problems) or any(
        record.reason is Reason.QUARANTINED for record in result.records
    )
    if result.problems and not stuck:
        return None
    open_ones = [record for record in result.records if record.state is not RecordState.SETTLED]
    return dg.AssetCheckResult(
        asset_key=FINAGO_ORDERS,
        check_name=EVERY_INVOICE_ACCOUNTED_FOR,
        passed=not open_ones and not stuck,
        severity=dg.AssetCheckSeverity.ERROR if stuck else dg.AssetCheckSeverity.WARN,
        description=f"{len(result.records) - len(open_ones)} of {len(result.records)} settled.",
        metadata={
            "office": int(result.office),
            "day": result.day.isoformat(),
            "refusals": refusals(result),
            "problems": problems(result),
        },
    )
