"""What a run shows in Dagster: counts, amounts by currency, tables of outcomes and refusals, API calls.

Amounts go in as text, since Dagster takes no Decimal. Nothing here is personal data: outcomes hold ids, numbers,
amounts and sentences that the flows keep free of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

import dagster as dg

from ..records.money import plain
from ..records.results import FlowResult, RecordOutcome, RecordState
from ..tables.contract import Misfit

Metadata = dict[str, dg.MetadataValue]

ROWS_SHOWN = 200
"""A table in Dagster's event log stays readable; what does not fit is counted, and stands in the ledger."""

REFUSALS = ("id", "what", "state", "reason", "message", "remedy")
OUTCOMES = ("id", "number", "what", "state", "did", "order", "invoice_number", "finago_status", "total", "currency")


def about_the_queue(result: FlowResult) -> Metadata:
    """For `qondor_invoices`: what was read, and how each record ended."""
    return {
        "dagster/row_count": dg.MetadataValue.int(len(result.invoices)),
        "amounts": amounts_by_currency(result.records),
        "outcomes": outcomes(result.records),
        **{
            state.value: dg.MetadataValue.int(sum(record.state is state for record in result.records))
            for state in RecordState
        },
        **_about_the_run(result),
    }


def about_the_orders(result: FlowResult) -> Metadata:
    """For `finago_orders`: what was written, and what was refused and why."""
    return {
        "created": dg.MetadataValue.int(result.created),
        "updated": dg.MetadataValue.int(result.updated),
        "unchanged": dg.MetadataValue.int(result.unchanged),
        "amounts": amounts_by_currency(record for record in result.records if record.order_id is not None),
        "refusals": refusals(result),
        **_about_the_run(result),
    }


def about_the_payments(result: FlowResult) -> Metadata:
    """For `invoice_payments`: what was reported paid."""
    return {"paid": dg.MetadataValue.int(result.paid), **_about_the_run(result)}


def about_a_failure(result: FlowResult) -> Metadata:
    """For the red run: what stopped it, and what was done before that."""
    return {
        "created": dg.MetadataValue.int(result.created),
        "paid": dg.MetadataValue.int(result.paid),
        "refusals": refusals(result),
        **_about_the_run(result),
    }


def amounts_by_currency(records: Iterable[RecordOutcome]) -> dg.MetadataValue:
    """The totals including VAT, summed for each currency: `12500.00 NOK, 80.00 EUR`."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for record in records:
        if record.total is not None and record.currency:
            sums[record.currency] += record.total
    return dg.MetadataValue.text(
        ", ".join(f"{plain(amount)} {currency}" for currency, amount in sorted(sums.items())) or "none"
    )


def refusals(result: FlowResult) -> dg.TableMetadataValue:
    """Everything that is not settled, with the reason and what a person should do."""
    open_ones = [record for record in result.records if record.state is not RecordState.SETTLED]
    return _table(
        REFUSALS,
        (
            (
                record.id,
                record.what,
                record.state.value,
                record.reason.value if record.reason else "",
                record.message,
                record.remedy,
            )
            for record in open_ones
        ),
    )


def outcomes(records: Iterable[RecordOutcome]) -> dg.TableMetadataValue:
    """Every record: what was done, and what Finago now holds."""
    return _table(
        OUTCOMES,
        (
            (
                record.id,
                record.number or "",
                record.what,
                record.state.value,
                record.did,
                str(record.order_id or ""),
                str(record.invoice_number or ""),
                record.finago_status or "",
                plain(record.total) if record.total is not None else "",
                record.currency or "",
            )
            for record in records
        ),
    )


def api_calls(calls: Mapping[str, int]) -> dg.TableMetadataValue:
    """How often each operation was called."""
    return _table(("operation", "calls"), ((name, str(count)) for name, count in sorted(calls.items())))


def misfit_table(misfits: Iterable[Misfit]) -> dg.TableMetadataValue:
    """Where a table breaks its schema."""
    return _table(("record", "column", "problem"), ((each.record, each.column, each.expected) for each in misfits))


def problems(result: FlowResult) -> dg.TableMetadataValue:
    """What stopped the office, or the whole run."""
    return _table(("cause", "message", "remedy"), ((each.cause, each.message, each.remedy) for each in result.problems))


def _about_the_run(result: FlowResult) -> Metadata:
    about: Metadata = {
        "office": dg.MetadataValue.int(result.office),
        "day": dg.MetadataValue.text(result.day.isoformat()),
        "api_calls": api_calls(result.calls_by_operation),
        "seconds": dg.MetadataValue.float(round(result.seconds, 3)),
    }
    if result.skipped:
        about["outcome"] = dg.MetadataValue.text(result.skipped)
    if result.warnings:
        about["warnings"] = _table(("warning",), ((warning,) for warning in result.warnings))
    if result.problems:
        about["problems"] = problems(result)
    return about


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> dg.TableMetadataValue:
    """A table of texts; the schema is given, so that an empty one shows its columns too."""
    all_rows = list(rows)
    records = [dg.TableRecord(dict(zip(columns, row, strict=True))) for row in all_rows[:ROWS_SHOWN]]
    if len(all_rows) > ROWS_SHOWN:
        more = f"… and {len(all_rows) - ROWS_SHOWN} more"
        records.append(dg.TableRecord({column: more if column == columns[0] else "" for column in columns}))
    schema = dg.TableSchema(columns=[dg.TableColumn(column, "string") for column in columns])
    return dg.MetadataValue.table(records, schema)
