"""The invoice flow as assets: Qondor's queue, the orders that come of it, the payments that go back.

All three are made by one run of one flow (decisions 12), so that nothing that writes to Finago ever acts on a stored
table. The colours of a run are those of decisions 11: a record that waits for a person leaves the run green and its
check in warning; what stops the office turns the run red, after everything that is known was recorded.
"""

# Dagster reads the annotations of what it decorates, so here they are no strings.
from collections.abc import Iterator
from typing import NoReturn

import dagster as dg

from ..partitions import OFFICE, OfficeDay, offices_by_day
from ..records.errors import SyncError
from ..records.results import FlowResult
from ..resources import DeskSource, InvoiceDesk
from ..settings import Settings
from ..tags import TRIGGER
from . import checks, metadata

GROUP = "invoices"
OWNERS = ["team:accounting"]
WORTH_ANOTHER_TRY = frozenset({"unreachable", "calls blocked", "lease lost"})
"""The causes that may have passed by the next attempt; every other needs a person first."""

QONDOR_INVOICES = checks.QONDOR_INVOICES
FINAGO_ORDERS = checks.FINAGO_ORDERS
INVOICE_PAYMENTS = dg.AssetKey("invoice_payments")

Event = dg.MaterializeResult | dg.AssetObservation | dg.AssetCheckResult | dg.Output  # type: ignore[type-arg]


def _spec(key: dg.AssetKey, kind: str, description: str, *, after: dg.AssetKey | None = None) -> dg.AssetSpec:
    return dg.AssetSpec(
        key,
        deps=[after] if after else [],
        description=description,
        group_name=GROUP,
        owners=OWNERS,
        kinds={kind},
        # A run that had to leave the office to another one says nothing about its state.
        skippable=True,
    )


SPECS = (
    _spec(
        QONDOR_INVOICES,
        "qondor",
        "The unprocessed invoices, card payments and credit notes that the office has in Qondor's queue, and how each "
        "of them ended: settled, held, failed in Qondor, or uncertain.",
    ),
    _spec(
        FINAGO_ORDERS,
        "finago",
        "The orders that Finago holds for them: one for each, with its company and its project, acknowledged to Qondor "
        "with the order's id. What was refused stands here with reason and remedy.",
        after=QONDOR_INVOICES,
    ),
    _spec(
        INVOICE_PAYMENTS,
        "qondor",
        "The payments that Finago has registered for these orders, reported back to Qondor with their dates.",
        after=FINAGO_ORDERS,
    ),
)


def invoice_assets(settings: Settings) -> dg.AssetsDefinition:
    """The three assets of the invoice flow, for the offices of the settings."""

    @dg.multi_asset(
        name="invoices",
        specs=SPECS,
        check_specs=checks.SPECS,
        partitions_def=offices_by_day(settings),
        can_subset=False,
    )
    def invoices(context: dg.AssetExecutionContext, desk: dg.ResourceParam[DeskSource]) -> Iterator[Event]:
        office_day = _one_partition(context)
        try:
            at = desk.open()
        except SyncError as error:
            raise _failure(office_day, str(error)) from None
        result = at.sync_invoices(
            office_day.office,
            day=office_day.day,
            run_id=context.run.run_id,
            trigger=context.run.tags.get(TRIGGER, "ui"),
        )
        _tell(context, at)
        yield from _report(result, context.partition_key)

    return invoices


def _report(result: FlowResult, partition: str) -> Iterator[Event]:
    about = {
        QONDOR_INVOICES: metadata.about_the_queue(result),
        FINAGO_ORDERS: metadata.about_the_orders(result),
        INVOICE_PAYMENTS: metadata.about_the_payments(result),
    }
    if result.skipped or result.problems:
        # An observation shows what is known and leaves the partition's colour alone: a materialization would make the
        # cell of an office green on which the work was not done.
        for key, known in about.items():
            yield dg.AssetObservation(key, partition=partition, metadata=known)
    else:
        for key, known in about.items():
            yield dg.MaterializeResult(asset_key=key, metadata=known)
    if result.skipped:
        # Dagster wants an output for every check; without a result in it the last verdict stays.
        for spec in checks.SPECS:
            yield dg.Output(None, output_name=spec.get_python_identifier())
    else:
        yield from checks.check_invoices(result)
    if result.problems:
        _fail(result)


def _fail(result: FlowResult) -> NoReturn:
    """The red run, in the words of its first problem, with everything known beside it."""
    first, *others = result.problems
    raise _failure(
        OfficeDay(result.day, result.office),
        f"{first.message} {first.remedy}" + (f" And {len(others)} more, listed below." if others else ""),
        metadata.about_a_failure(result),
        again=all(problem.cause in WORTH_ANOTHER_TRY for problem in result.problems),
    )


def _failure(
    office_day: OfficeDay, text: str, about: metadata.Metadata | None = None, *, again: bool = False
) -> dg.Failure:
    return dg.Failure(
        f"Office {office_day.office}, invoices, {office_day.day}: {text}".strip(),
        metadata=about,
        allow_retries=again,
    )


def _one_partition(context: dg.AssetExecutionContext) -> OfficeDay:
    if not context.has_partition_key or context.has_partition_key_range:
        raise dg.Failure(
            "Invoices are synced for one office and one day in a run. Choose one partition, "
            f"for instance today's of one {OFFICE}.",
            allow_retries=False,
        )
    return OfficeDay.of(context.partition_key)


def _tell(context: dg.AssetExecutionContext, desk: InvoiceDesk) -> None:
    """Alerts wait in the ledger: one that cannot be told now is told later, and never fails a sync."""
    try:
        desk.deliver_alerts()
    except SyncError as error:
        context.log.warning("Alerts could not be delivered; they are tried again: %s", error)
