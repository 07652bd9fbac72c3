"""Where a demo ended otherwise than its world was seeded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..records.operations.results import Flow, FlowResult

Outcome = tuple[str, str | None]
"""State and reason."""


def unexpected_in(results: Sequence[FlowResult]) -> list[str]:
    """Every difference from the seeded outcomes, in words; empty when all is as it should be."""
    return [*_of_customers_and_projects(results), *_of_invoices(results), *_of_vouchers(results), *_of_runs(results)]


def _of_customers_and_projects(results: Iterable[FlowResult]) -> Iterator[str]:
    from ..sandbox.seeds.expected import EXPECTED_CHANGES, EXPECTED_CUSTOMERS_AND_PROJECTS

    ended = _ended(results, Flow.CUSTOMERS_AND_PROJECTS)
    yield from _differences("", EXPECTED_CUSTOMERS_AND_PROJECTS, ended)
    for record in ended.keys() - EXPECTED_CUSTOMERS_AND_PROJECTS.keys():
        yield f"{record.capitalize()}: nothing was expected of it, but it is {ended[record]}."
    changed = {
        (change.record, change.field)
        for result in results
        if result.flow is Flow.CUSTOMERS_AND_PROJECTS
        for change in result.changes
    }
    for record, field in sorted(EXPECTED_CHANGES - changed):
        yield f"{record.capitalize()}: its {field} was not changed in Finago."
    for record, field in sorted(changed - EXPECTED_CHANGES):
        yield f"{record.capitalize()}: its {field} was changed in Finago, which nothing called for."


def _of_invoices(results: Iterable[FlowResult]) -> Iterator[str]:
    from ..sandbox.seeds.expected import EXPECTED, EXPECTED_PAID

    expected = {str(invoice): outcome for invoice, outcome in EXPECTED.items()}
    yield from _differences("Invoice ", expected, _ended(results, Flow.INVOICES))
    paid = sum(result.paid for result in results)
    if paid != len(EXPECTED_PAID):
        yield f"Expected {len(EXPECTED_PAID)} invoices reported paid, but there are {paid}."


def _of_vouchers(results: Iterable[FlowResult]) -> Iterator[str]:
    from ..sandbox.seeds.expected import EXPECTED_ACTUALS, EXPECTED_VOUCHERS

    ended: dict[tuple[int, str], Outcome] = {}
    for result in results:
        if result.flow is not Flow.COSTS_AND_SALES:
            continue
        for record in result.records:
            # The fiscal year is that of the demo's own day.
            series_and_number = record.id.rpartition(" ")[2].partition("-")[2]
            ended[result.office, series_and_number] = (
                record.state.value,
                record.reason.value if record.reason else None,
            )
        if result.created != EXPECTED_ACTUALS[result.office]:
            yield (
                f"Office {result.office}: expected {EXPECTED_ACTUALS[result.office]} costs and sales, "
                f"but {result.created} were created."
            )
    for key in sorted(EXPECTED_VOUCHERS.keys() | ended.keys()):
        if EXPECTED_VOUCHERS.get(key) != ended.get(key):
            yield (
                f"Office {key[0]}, voucher {key[1]}: expected {EXPECTED_VOUCHERS.get(key, 'nothing')}, "
                f"but it is {ended.get(key, 'not there')}."
            )


def _of_runs(results: Iterable[FlowResult]) -> Iterator[str]:
    for result in results:
        where = f"Office {result.office}, {result.flow.in_words}"
        if result.skipped:
            yield f"{where}: {result.skipped}"
        for problem in result.problems:
            yield f"{where}: {problem.message}"


def _ended(results: Iterable[FlowResult], flow: Flow) -> dict[str, Outcome]:
    return {
        record.id: (record.state.value, record.reason.value if record.reason else None)
        for result in results
        if result.flow is flow
        for record in result.records
    }


def _differences(kind: str, expected: Mapping[str, Outcome], ended: Mapping[str, Outcome]) -> Iterator[str]:
    for record, outcome in expected.items():
        if ended.get(record) != outcome:
            name = f"{kind}{record}" if kind else record.capitalize()
            yield f"{name}: expected {outcome}, but it is {ended.get(record, 'not there')}."
