"""What runs of all flows show in Dagster: counts, amounts by currency, tables of refusals and changes, API calls.

Amounts go in as text, since Dagster takes no Decimal. Nothing here is personal data: outcomes hold ids, numbers,
amounts and sentences that the flows keep free of it.
"""

from __future__ import annotations

from base64 import b64encode
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

import dagster as dg

from ..records.money import plain
from ..records.operations.planned import FlowPlan
from ..records.operations.results import FieldChange, FlowResult, RecordOutcome, RecordState
from ..tables.contract import Misfit

Metadata = dict[str, dg.MetadataValue]

ROWS_SHOWN = 200
"""A table in Dagster's event log stays readable; what does not fit is counted, and stands in the store."""

REFUSALS = ("id", "what", "state", "reason", "message", "remedy")
PLANNED = ("record", "action", "fields", "amount", "reason", "remedy")
CHANGES = ("record", "field", "before", "after")


def counts(result: FlowResult) -> Metadata:
    """What the run did, in figures."""
    return {
        "created": dg.MetadataValue.int(result.created),
        "updated": dg.MetadataValue.int(result.updated),
        "unchanged": dg.MetadataValue.int(result.unchanged),
    }


def states(records: Collection[RecordOutcome]) -> Metadata:
    """How many records ended in each state."""
    return {
        state.value: dg.MetadataValue.int(sum(record.state is state for record in records)) for state in RecordState
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


def refusals(records: Iterable[RecordOutcome]) -> dg.TableMetadataValue:
    """Everything among the records that is not settled, with the reason and what a person should do."""
    return table(
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
            for record in records
            if record.state is not RecordState.SETTLED
        ),
    )


def changed_fields(changes: Iterable[FieldChange]) -> dg.TableMetadataValue:
    """Each field that was changed in Finago, as it was and as it is."""
    return table(CHANGES, ((change.record, change.field, change.before, change.after) for change in changes))


def planned_changes(plan: FlowPlan) -> Metadata:
    """What a run would do, as `qondor-finago plan` shows it."""
    summary = plan.summary()
    return {
        "plan": table(
            PLANNED,
            (
                (
                    each.name,
                    each.action,
                    "; ".join(field.in_words for field in each.fields),
                    "" if each.amount is None else f"{plain(each.amount)} {each.currency or ''}".rstrip(),
                    each.reason or "",
                    each.remedy or "",
                )
                for each in plan.changes
            ),
        ),
        "changes": dg.MetadataValue.int(summary["changes"]),
        "refusals": dg.MetadataValue.int(summary["refusals"]),
        "digest": dg.MetadataValue.text(summary["plan"]),
        "calls_of_the_run": api_calls(summary["calls"]),
        "notes": table(("note",), ((note,) for note in plan.notes)),
    }


def api_calls(calls: Mapping[str, int]) -> dg.TableMetadataValue:
    """How often each operation was called."""
    return table(("operation", "calls"), ((name, str(count)) for name, count in sorted(calls.items())))


def misfit_table(misfits: Iterable[Misfit]) -> dg.TableMetadataValue:
    """Where a table breaks its schema."""
    return table(("record", "column", "problem"), ((each.record, each.column, each.expected) for each in misfits))


def problems(result: FlowResult) -> dg.TableMetadataValue:
    """What stopped the office, or the whole run."""
    return table(("cause", "message", "remedy"), ((each.cause, each.message, each.remedy) for each in result.problems))


def about_the_run(result: FlowResult) -> Metadata:
    """What every asset shows of its run."""
    about: Metadata = {
        "office": dg.MetadataValue.text(str(result.office)),
        "day": dg.MetadataValue.text(result.day.isoformat()),
        "api_calls": api_calls(result.calls_by_operation),
        "seconds": dg.MetadataValue.float(round(result.seconds, 3)),
    }
    if result.skipped:
        about["outcome"] = dg.MetadataValue.text(result.skipped)
    if result.warnings:
        about["warnings"] = table(("warning",), ((warning,) for warning in result.warnings))
    if result.problems:
        about["problems"] = problems(result)
    return about


def picture(png: bytes, words: str) -> dg.MarkdownMetadataValue:
    """A picture within the event itself, so that it needs no place of its own; `words` stand where none is shown."""
    return dg.MetadataValue.md(f"![{words}](data:image/png;base64,{b64encode(png).decode()})")


def table(
    columns: tuple[str, ...], rows: Iterable[tuple[str, ...]], *, shown: int = ROWS_SHOWN
) -> dg.TableMetadataValue:
    """A table of texts; the schema is given, so that an empty one shows its columns too."""
    all_rows = list(rows)
    records = [dg.TableRecord(dict(zip(columns, row, strict=True))) for row in all_rows[:shown]]
    if len(all_rows) > shown:
        more = f"… and {len(all_rows) - shown} more"
        records.append(dg.TableRecord({column: more if column == columns[0] else "" for column in columns}))
    schema = dg.TableSchema(columns=[dg.TableColumn(column, "string") for column in columns])
    return dg.MetadataValue.table(records, schema)
