"""Results for people: what happened to each record, what Finago holds, what was refused and why, how many calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..records.days import days_in_words
from ..records.money import plain
from ..records.operations.results import Flow, FlowResult, RecordOutcome, RecordState
from ..settings import Settings

COLOURS = {
    RecordState.SETTLED: "green",
    RecordState.HELD: "yellow",
    RecordState.FAILED: "red",
    RecordState.UNCERTAIN: "magenta",
    RecordState.NOT_REACHED: "dim",
}


Records = Sequence[tuple[FlowResult, RecordOutcome]]


def show_results(console: Console, settings: Settings, results: Sequence[FlowResult]) -> None:
    """All offices of a command, flow by flow: what happened, what needs a person, one line an office."""
    for flow in dict.fromkeys(result.flow for result in results):
        _show_flow(console, settings, flow, [result for result in results if result.flow is flow])


def _show_flow(console: Console, settings: Settings, flow: Flow, results: Sequence[FlowResult]) -> None:
    records = [(result, record) for result in results for record in result.records]
    for table in _invoices(settings, records) if flow is Flow.INVOICES else _equalised(settings, results, records):
        console.print(table)
    unsettled = [(result, record) for result, record in records if record.state is not RecordState.SETTLED]
    if unsettled:
        console.print(_refusals(unsettled))
    for result in results:
        _show_office(console, settings, result)


def _invoices(settings: Settings, records: Records) -> Iterator[Table]:
    """Each invoice, what happened to it, and what Finago holds."""
    if not records:
        return
    table = Table("office", "invoice", "kind", "outcome", "what happened", "Finago holds", title="Invoices")
    table.add_column("total", justify="right")
    for result, record in records:
        table.add_row(
            _office(settings, result),
            _with_number(record),
            record.what,
            _state(record),
            record.did,
            _in_finago(record),
            _total(record.total, record.currency),
        )
    yield table


def _equalised(settings: Settings, results: Sequence[FlowResult], records: Records) -> Iterator[Table]:
    """The records with which something happened, every field that was changed, and what was not loaded."""
    costs = results[0].flow is Flow.COSTS_AND_SALES
    news = [(result, record) for result, record in records if record.is_news]
    if news:
        table = Table("office", "record", "outcome", "what happened", title=results[0].flow.in_words.capitalize())
        for result, record in news:
            table.add_row(_office(settings, result), _with_number(record), _state(record), record.did)
        yield table
    changes = [(result, change) for result in results for change in result.changes]
    if changes:
        where = "Qondor" if costs else "Finago"
        table = Table("office", "record", "field", "before", "after", title=f"Changed in {where}")
        for result, change in changes:
            table.add_row(_office(settings, result), change.record, change.field, change.before, change.after)
        yield table
    listed = [(result, each) for result in results if result.totals_by_day for each in result.totals_by_day.listed]
    if listed:
        table = Table("office", "voucher", "account", "Finago project", "why", title="On a project, and not loaded")
        table.add_column("amount", justify="right")
        for result, each in listed:
            table.add_row(
                _office(settings, result),
                each.voucher,
                str(each.account),
                each.project,
                each.why.value,
                plain(each.amount),
            )
        yield table
        sums = Table("office", "why", title="Not loaded, by reason")
        sums.add_column("sum", justify="right")
        for result in results:
            for why, amount in result.unloaded_by_reason.items():
                currency = result.totals_by_day.currency if result.totals_by_day else ""
                sums.add_row(_office(settings, result), why.value, f"{plain(amount)} {currency}".strip())
        yield sums


def _refusals(records: Records) -> Table:
    table = Table("record", "why", "what to do", title="Not settled", show_lines=True)
    for _, record in records:
        table.add_row(
            f"invoice {record.id}" if record.id.isdigit() else record.id,
            record.message or (record.reason.value if record.reason else ""),
            record.remedy,
        )
    return table


def _show_office(console: Console, settings: Settings, result: FlowResult) -> None:
    days = days_in_words(result.first_day, result.day)
    where = f"Office {_office(settings, result)}, {result.flow.in_words}, {days}"
    if result.skipped:
        console.print(f"{where}: {result.skipped}", style="yellow")
        return
    calls = ", ".join(f"{count} to {system}" for system, count in sorted(result.calls.items())) or "none"
    paid = f"{result.paid} reported paid, " if result.flow is Flow.INVOICES else ""
    console.print(
        f"{where}: {result.created} created, {result.updated} updated, {result.unchanged} unchanged, "
        f"{paid}{len(result.rejected)} refused, {len(result.uncertain)} uncertain; "
        f"calls: {calls}; {result.seconds:.1f} s"
    )
    if result.totals_by_day is not None:
        console.print(f"  {result.totals_by_day.lines_read} ledger lines read; {_loaded(result)}", style="dim")
    for warning in result.warnings:
        console.print(f"  note: {warning}", style="dim")
    for problem in result.problems:
        console.print(f"  {problem.message} {problem.remedy}".rstrip(), style="red")


def _loaded(result: FlowResult) -> str:
    """What stands in Qondor for the vouchers that changed last on these days."""
    days = result.totals_by_day
    assert days is not None
    costs, sales = (
        sum((getattr(figures, kind) for figures in days.figures.values()), Decimal("0.00"))
        for kind in ("costs", "sales")
    )
    ours = f", {days.skipped_as_ours} left out as Qondor's own" if days.skipped_as_ours else ""
    return f"costs {plain(costs)}, sales {plain(sales)} {days.currency}".rstrip() + ours


def _office(settings: Settings, result: FlowResult) -> str:
    return f"{result.office} {settings.office(result.office).name}".strip()


def _state(record: RecordOutcome) -> Text:
    return Text(record.state.value, style=COLOURS[record.state])


def _with_number(record: RecordOutcome) -> str:
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
