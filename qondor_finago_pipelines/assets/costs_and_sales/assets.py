"""The cost and sale flow as assets: lines that changed in Finago, their vouchers, what comes of them in Qondor."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

import dagster as dg

from ...flows.costs_and_sales.actual_writes import ActualWrites
from ...flows.costs_and_sales.day_totals import DAYS_SHOWN
from ...flows.costs_and_sales.load import VoucherLoading
from ...flows.costs_and_sales.read import Reading
from ...flows.costs_and_sales.sync import sync_costs_and_sales
from ...records.links import WRITTEN_TO_QONDOR
from ...records.money import plain
from ...records.operations.results import DayFigures, Flow, FlowResult, TotalsByDay
from ...reports.charts import amounts_per_day
from ...reports.open_records import days_until
from ...rules.costs_and_sales.vouchers import assess_vouchers
from ...settings import Settings
from ...tables.audit import prune_audit, write_audit
from ...tables.contract import Misfit
from ...tables.costs_and_sales.postings import line_misfits, voucher_misfits
from ..check_results import ONE_RUN_ONLY, Check, Judgement, accounted_for
from ..flow_assets import AGAIN_IN_MINUTES, FlowAssets, asset
from ..metadata import Metadata, about_the_run, changed_fields, counts, misfit_table, picture, refusals, states, table

FINAGO_TRANSACTIONS = dg.AssetKey("finago_transactions")
FINAGO_VOUCHERS = dg.AssetKey("finago_vouchers")
QONDOR_COSTS = dg.AssetKey("qondor_costs")
QONDOR_SALES = dg.AssetKey("qondor_sales")

LISTED = ("voucher", "day", "account", "project", "amount", "why")
REFUSED = ("voucher", "day", "lines", "difference", "reason")

SPECS = (
    asset(
        Flow.COSTS_AND_SALES,
        "finago_transactions",
        "finago",
        "The lines of Finago's general ledger that were created or changed on the day (Europe/Oslo), as they were "
        "read. A Parquet file of them is kept as an audit; nothing reads it back.",
        code=[sync_costs_and_sales, Reading],
    ),
    asset(
        Flow.COSTS_AND_SALES,
        "finago_vouchers",
        "finago",
        "The vouchers that these lines belong to, read whole and judged: each must sum to exactly 0.00. What was "
        "refused stands here with its lines and the difference.",
        after=["finago_transactions"],
        code=[sync_costs_and_sales, assess_vouchers],
    ),
    asset(
        Flow.COSTS_AND_SALES,
        "qondor_costs",
        "qondor",
        "The actual costs on Qondor's projects: what suppliers charged, one record a voucher and project, credit notes "
        "below zero, with VAT and payment status.",
        after=["finago_vouchers"],
        code=[sync_costs_and_sales, VoucherLoading, ActualWrites],
    ),
    asset(
        Flow.COSTS_AND_SALES,
        "qondor_sales",
        "qondor",
        "The actual sales on Qondor's projects: revenue that was registered in Finago. What Qondor itself invoiced is "
        "no news there and left out.",
        after=["finago_vouchers"],
        code=[sync_costs_and_sales, VoucherLoading, ActualWrites],
    ),
)


def _lines_fit(result: FlowResult) -> Judgement | None:
    days = result.totals_by_day
    if days is None:
        return None
    lines, found = 0, list[Misfit]()
    for day in days.figures:
        of_day, misfits = line_misfits(days.postings.changed_lines(day))
        lines += of_day
        found += misfits
    return Judgement(passed=not found, about={"lines": lines, "misfits": misfit_table(found)})


def _vouchers_balance(result: FlowResult) -> Judgement | None:
    days = result.totals_by_day
    if days is None:
        return None
    vouchers, unbalanced = voucher_misfits(days.totals)
    refused = {"refused": _refused(days), "refusals": refusals(result.records)}
    return Judgement(passed=not unbalanced, about={"vouchers": vouchers, **refused})


def _left_out(result: FlowResult) -> Judgement | None:
    if result.totals_by_day is None:
        return None
    sums = result.unloaded_by_reason
    rows = ((why.value, f"{plain(amount)} {result.totals_by_day.currency}".strip()) for why, amount in sums.items())
    about = {"sums": table(("why", "sum"), rows), "not_loaded": _listed(result.totals_by_day)}
    return Judgement(passed=not any(why.is_for_somebody for why in sums), about=about)


CHECKS = (
    Check(
        name="lines_fit_their_schema",
        asset=FINAGO_TRANSACTIONS,
        description="Every line that changed has a guid of its own, a voucher, a day, an account and an amount in "
        "whole øre. What does not is refused with its voucher, and named here.",
        assess=_lines_fit,
    ),
    Check(
        name="every_voucher_balances",
        asset=FINAGO_VOUCHERS,
        description="Every voucher that was judged sums to exactly 0.00. One that does not is refused whole "
        "before anything of it is loaded: its lines and the difference stand in the table.",
        assess=_vouchers_balance,
    ),
    Check(
        name="every_voucher_is_settled_held_or_waiting",
        asset=QONDOR_COSTS,
        description="Passes when every voucher is loaded as it should be. Warns of what is refused, fits no project in "
        f"Qondor, or is still being looked up. An error means that a person must look in Qondor. {ONE_RUN_ONLY}",
        assess=accounted_for(WRITTEN_TO_QONDOR),
    ),
    Check(
        name="what_is_left_out_is_loaded_elsewhere",
        asset=QONDOR_COSTS,
        description="Passes when every amount on a project is a cost, a sale, in Qondor already, or of another office. "
        "Warns of payroll, unmatched VAT and the like: they stand in the table with the reason, and alert nobody.",
        assess=_left_out,
    ),
)


def _refused(days: TotalsByDay) -> dg.TableMetadataValue:
    return table(
        REFUSED,
        (
            (
                row.voucher,
                row.day.isoformat(),
                str(row.lines),
                plain(row.total),
                row.refused.value if row.refused else "",
            )
            for row in days.vouchers
        ),
    )


def _about(result: FlowResult) -> Mapping[dg.AssetKey, Metadata]:
    days = result.totals_by_day or TotalsByDay()
    run = about_the_run(result)
    whole = _sum(days.figures.values())
    return {
        FINAGO_TRANSACTIONS: {
            "dagster/row_count": dg.MetadataValue.int(whole.lines),
            "lines_read": dg.MetadataValue.int(days.lines_read),
            **run,
        },
        FINAGO_VOUCHERS: {**states(result.records), "refused": _refused(days), **run},
        QONDOR_COSTS: {
            **counts(result),
            "costs": _amount(whole.costs, days),
            "changed_fields": changed_fields(result.changes),
            "refusals": refusals(result.records),
            "not_loaded": _listed(days),
            **_amounts_per_day(result, days),
            **run,
        },
        QONDOR_SALES: {
            "sales": _amount(whole.sales, days),
            "skipped_as_qondors_own": dg.MetadataValue.int(days.skipped_as_ours),
            **run,
        },
    }


def _amounts_per_day(result: FlowResult, days: TotalsByDay) -> Metadata:
    """A picture of what is loaded, or nothing where nothing is."""
    shown = days_until(result.day, DAYS_SHOWN.days + 1)
    drawn = amounts_per_day(days.posted, shown, days.currency)
    return {} if drawn is None else {"amounts_per_day": picture(drawn, "costs and sales per posting day")}


def _about_days(result: FlowResult) -> Mapping[date, Mapping[dg.AssetKey, Metadata]]:
    """The figures of each day, also where the run worked on many."""
    if result.totals_by_day is None or result.problems or result.skipped:
        return {}
    days = result.totals_by_day
    return {
        day: {
            FINAGO_TRANSACTIONS: {"lines_of_day": dg.MetadataValue.int(figures.lines)},
            FINAGO_VOUCHERS: {
                "vouchers_of_day": dg.MetadataValue.int(figures.vouchers),
                "refused_of_day": dg.MetadataValue.int(figures.refused),
                "unmatched_of_day": dg.MetadataValue.int(figures.unmatched),
            },
            QONDOR_COSTS: {"costs_of_day": _amount(figures.costs, days)},
            QONDOR_SALES: {"sales_of_day": _amount(figures.sales, days)},
        }
        for day, figures in days.figures.items()
    }


def _sum(figures: Iterable[DayFigures]) -> DayFigures:
    each = list(figures)
    return DayFigures(
        lines=sum(day.lines for day in each),
        costs=sum((day.costs for day in each), DayFigures.costs),
        sales=sum((day.sales for day in each), DayFigures.sales),
    )


def _amount(amount: object, days: TotalsByDay) -> dg.MetadataValue:
    return dg.MetadataValue.text(f"{amount:.2f} {days.currency}".strip())


def _listed(days: TotalsByDay) -> dg.TableMetadataValue:
    return table(
        LISTED,
        (
            (
                row.voucher,
                row.day.isoformat() if row.day else "",
                str(row.account),
                row.project,
                plain(row.amount),
                row.why.value,
            )
            for row in days.listed
        ),
    )


def costs_and_sales(settings: Settings) -> FlowAssets:
    """The cost and sale flow, as Dagster shows it."""

    def keep(result: FlowResult, context: dg.AssetExecutionContext) -> None:
        """The audit of what was read, a file a day; then the lines on disk are gone."""
        if result.totals_by_day is None:
            return
        postings = result.totals_by_day.postings
        url = settings.sync.tables_url or (Path(context.instance.root_directory) / "tables").as_uri()
        try:
            window = f"{result.first_day or result.day} to {result.day}"
            for day in result.totals_by_day.figures:
                about = {"run_id": context.run.run_id, "window": window, "office": str(result.office)}
                write_audit(url, result.office, day, postings.changed_lines(day), about)
            prune_audit(url, result.office, result.day - timedelta(days=settings.sync.keep_tables_days))
        except OSError as error:
            raise dg.Failure(
                f"Office {result.office}, costs and sales: what was read could not be kept at {url} "
                f"({type(error).__name__}). What was to be loaded is loaded. See that the address can be written.",
                allow_retries=False,
            ) from None
        finally:
            postings.close()

    return FlowAssets(
        flow=Flow.COSTS_AND_SALES,
        specs=SPECS,
        checks=CHECKS,
        about=_about,
        about_days=_about_days,
        keep=keep,
        retries=AGAIN_IN_MINUTES,
        job_description="Brings what accountants changed in Finago's general ledger on the days chosen to one office's "
        "projects in Qondor, as actual costs and actual sales. Choose days of one office; a backfill over "
        "several offices makes a run for each.",
    )
