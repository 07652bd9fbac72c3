"""The invoice flow as assets: Qondor's queue, the orders that come of it, the payments that go back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import dagster as dg

from ...flows.invoices.finishing import finish
from ...flows.invoices.payments import report_payments
from ...flows.invoices.queue_poll import QueuePoll
from ...flows.invoices.send_orders import OrderWrites
from ...flows.invoices.sync import sync_invoices
from ...records.links import WRITTEN_TO_FINAGO
from ...records.money import plain
from ...records.operations.results import Flow, FlowResult, RecordOutcome
from ...rules.invoices.planning import plan_invoices
from ...tables.invoices.invoices import INVOICES as INVOICE_SCHEMA
from ...tables.invoices.invoices import LINES, invoice_table, line_table
from ..check_results import ONE_RUN_ONLY, Check, accounted_for, fits
from ..flow_assets import SOON_AGAIN, FlowAssets, asset
from ..metadata import Metadata, about_the_run, amounts_by_currency, counts, refusals, states, table

QONDOR_INVOICES = dg.AssetKey("qondor_invoices")
FINAGO_ORDERS = dg.AssetKey("finago_orders")
INVOICE_PAYMENTS = dg.AssetKey("invoice_payments")

SPECS = (
    asset(
        Flow.INVOICES,
        "qondor_invoices",
        "qondor",
        "The unprocessed invoices, card payments and credit notes that the office has in Qondor's queue, and how each "
        "of them ended: settled, held, failed in Qondor, or uncertain.",
        code=[sync_invoices, QueuePoll],
    ),
    asset(
        Flow.INVOICES,
        "finago_orders",
        "finago",
        "The orders that Finago holds for them: one for each, with its company and its project, acknowledged to Qondor "
        "with the order's id. What was refused stands here with reason and remedy.",
        after=["qondor_invoices"],
        code=[sync_invoices, plan_invoices, OrderWrites, finish],
    ),
    asset(
        Flow.INVOICES,
        "invoice_payments",
        "qondor",
        "The payments that Finago has registered for these orders, reported back to Qondor with their dates.",
        after=["finago_orders"],
        code=[sync_invoices, report_payments],
    ),
)

CHECKS = (
    Check(
        name="invoices_fit_their_schema",
        asset=QONDOR_INVOICES,
        description="Every invoice that the run read has an id of its own, known types, a project, a day, a currency "
        "and exact amounts. What does not is refused by name and named here.",
        assess=fits(INVOICE_SCHEMA, "invoice", invoice_table, lambda result: result.invoices),
    ),
    Check(
        name="invoice_lines_fit_their_schema",
        asset=QONDOR_INVOICES,
        description="Every line has a name, a quantity, a price and a VAT rate between 0 and 100.",
        assess=fits(LINES, "invoice", line_table, lambda result: result.invoices),
    ),
    Check(
        name="every_invoice_is_settled_held_or_waiting",
        asset=FINAGO_ORDERS,
        description="Passes when everything is settled. Warns of what is held, failed in Qondor or still being looked "
        f"up. An error means that a person must settle a record: nobody knows which order is whose. {ONE_RUN_ONLY}",
        # An invoice waits for its company and its project as well.
        assess=accounted_for(WRITTEN_TO_FINAGO),
    ),
)

OUTCOMES = ("id", "number", "what", "state", "did", "order", "invoice_number", "finago_status", "total", "currency")


def _about(result: FlowResult) -> Mapping[dg.AssetKey, Metadata]:
    run = about_the_run(result)
    in_finago = [record for record in result.records if record.order_id is not None]
    return {
        QONDOR_INVOICES: {
            "dagster/row_count": dg.MetadataValue.int(len(result.invoices)),
            "amounts": amounts_by_currency(result.records),
            "outcomes": _outcomes(result.records),
            **states(result.records),
            **run,
        },
        FINAGO_ORDERS: {
            **counts(result),
            "amounts": amounts_by_currency(in_finago),
            "refusals": refusals(result.records),
            **run,
        },
        INVOICE_PAYMENTS: {"paid": dg.MetadataValue.int(result.paid), **run},
    }


def _outcomes(records: Iterable[RecordOutcome]) -> dg.TableMetadataValue:
    """Every record: what was done, and what Finago now holds."""
    return table(
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


INVOICES = FlowAssets(
    flow=Flow.INVOICES,
    specs=SPECS,
    checks=CHECKS,
    about=_about,
    job_description="Sends one office's queue of Qondor invoices to Finago and reports payments back. Choose today's "
    "partition of the office; a past day takes only what was issued that day.",
    retries=SOON_AGAIN,
)
"""The invoice flow, as Dagster shows it."""
