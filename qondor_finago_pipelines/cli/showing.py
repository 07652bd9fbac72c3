"""Results for people: what happened to each invoice, what Finago holds, what was refused and why, how many calls."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..records.money import plain
from ..records.results import FlowResult, RecordOutcome, RecordState
from ..settings import Settings

COLOURS = {
    RecordState.SETTLED: "green",
    RecordState.HELD: "yellow",
    RecordState.FAILED: "red",
    RecordState.UNCERTAIN: "magenta",
    RecordState.UNTOUCHED: "dim",
}


def show_results(console: Console, settings: Settings, results: Sequence[FlowResult]) -> None:
    """All offices of a command: one table of what happened, one of what needs a person, one line an office."""
    records = [(result, record) for result in results for record in result.records]
    if records:
        console.print(_outcomes(settings, records))
    unsettled = [(result, record) for result, record in records if record.state is not RecordState.SETTLED]
    if unsettled:
        console.print(_refusals(unsettled))
    for result in results:
        _show_office(console, settings, result)


def _outcomes(settings: Settings, records: Sequence[tuple[FlowResult, RecordOutcome]]) -> Table:
    table = Table("office", "invoice", "kind", "outcome", "what happened", "Finago holds", title="Invoices")
    table.add_column("total", justify="right")
    for result, record in records:
        table.add_row(
            _office(settings, result),
            _invoice(record),
            record.what,
            Text(record.state.value, style=COLOURS[record.state]),
            record.did,
            _in_finago(record),
            _total(record.total, record.currency),
        )
    return table


def _refusals(records: Sequence[tuple[FlowResult, RecordOutcome]]) -> Table:
    table = Table("invoice", "why", "what to do", title="Not settled", show_lines=True)
    for _, record in records:
        table.add_row(record.id, record.message or (record.reason.value if record.reason else ""), record.remedy)
    return table


def _show_office(console: Console, settings: Settings, result: FlowResult) -> None:
    where = f"Office {_office(settings, result)}, {result.flow.value}, {result.day}"
    if result.skipped:
        console.print(f"{where}: {result.skipped}", style="yellow")
        return
    calls = ", ".join(f"{count} to {system}" for system, count in sorted(result.calls.items())) or "none"
    console.print(
        f"{where}: {result.created} created, {result.updated} updated, {result.unchanged} unchanged, "
        f"{result.paid} reported paid, {len(result.rejected)} refused, {len(result.uncertain)} uncertain; "
        f"calls: {calls}; {result.seconds:.1f} s"
    )
    for warning in result.warnings:
        console.print(f"  note: {warning}", style="dim")
    for problem in result.problems:
        console.print(f"  {problem.message} {problem.remedy}".rstrip(), style="red")


def _office(settings: Settings, result: FlowResult) -> str:
    return f"{result.office} {settings.office(result.office).name}".strip()


def _invoice(record: RecordOutcome) -> str:
    return f"{record.id} ({record.number})" if record.number else record.id


def _in_finago(record: RecordOutcome) -> str:
    parts = [
        f"order {record.order_id}" if record.order_id is not None else "",
        f"invoice {record.invoice_number}" if record.invoice_number is not None else "",
        record.finago_status or "",
    ]
    return ", ".join(part for part in parts if part)


def _total(total: Decimal | None, currency: str | None) -> str:
    return "" if total is None else f"{plain(total)} {currency or ''}".strip()
