"""How all offices stand, as checks: open refusals, unmatched costs, freshness, judged from the store without a run.

They hang on an asset of their own for each flow, which stands for the flow's records in the store and which nothing
materializes: a check counts for Dagster only while no newer materialization of its asset is there, so that on the
orders, say, its badge would go blank with the next office's run. A sensor emits the verdicts
(`automation/status_sensor.py`); the button *Execute* judges at once.
"""

# Dagster reads the annotations of what it decorates, so here they are no strings.
from collections.abc import Mapping
from datetime import date

import dagster as dg

from ...error_boundary import run_boundary
from ...flows.operations.office_status import status_of
from ...flows.service import SyncService
from ...records.operations.office_status import OfficeVerdict, OpenRecord, StatusKind, Verdict
from ...records.operations.results import Flow
from ...reports.charts import open_per_day
from ...rules.operations.office_status import assess_status, kinds_of
from ...tags import dagster_name
from ..flow_assets import asset
from ..metadata import Metadata, picture, story_command, table

OFFICES = ("office", "open", "since", "reasons")
RECORDS = ("office", "record", "state", "since", "reason", "message", "remedy", "whole_story")

RECORDS_SHOWN = 50
"""A verdict is stored again and again, and is never pruned. The rest is counted; `qondor-finago rejected` lists all."""

DESCRIPTIONS = {
    StatusKind.REFUSALS: "Nothing is held, uncertain or in quarantine in any office, whichever ran last. What was "
    "failed in Qondor is final there and not counted. An error means that a record is in quarantine: a person must "
    "settle it.",
    StatusKind.UNMATCHED: "Every amount on a project in Finago's general ledger has its project in Qondor. What has "
    "none is listed until somebody corrects the project.",
    StatusKind.FRESHNESS: "Every office where the flow runs by itself has had a complete run since the last tick of "
    "its schedule that is two hours old. An error means that one has not. Warns of an office that has not run yet, and "
    "of one that was taken out of the settings instead of being closed.",
}

LAST_OF_ITS_FLOW = {
    Flow.INVOICES: ("invoice_payments",),
    Flow.CUSTOMERS_AND_PROJECTS: ("finago_projects",),
    Flow.COSTS_AND_SALES: ("qondor_costs", "qondor_sales"),
}


def status_key(flow: Flow) -> dg.AssetKey:
    """The asset that stands for a flow's records in the store."""
    return dg.AssetKey(f"{dagster_name(flow)}_open_items")


STATUS_ASSETS = tuple(
    asset(
        flow,
        status_key(flow).to_user_string(),
        "store",
        f"How the {flow.in_words} of all offices stand in the store, whichever office ran last. No run makes it: its "
        "checks are judged every minute from what the runs have written.",
        code=[status_of, assess_status],
        after=LAST_OF_ITS_FLOW[flow],
    )
    for flow in Flow
)


STATUS_KINDS = tuple((flow, kind) for flow in Flow for kind in kinds_of(flow))
"""Every kind of state that is judged, by flow."""


def status_check(flow: Flow, kind: StatusKind) -> dg.AssetChecksDefinition:
    """The check that a person can execute; it judges as the sensor does."""

    @dg.asset_check(name=kind.value, asset=status_key(flow), description=DESCRIPTIONS[kind], blocking=False)
    @run_boundary()
    def judge(sync: dg.ResourceParam[SyncService]) -> dg.AssetCheckResult:
        (verdict,) = (each for each in sync.office_status() if (each.flow, each.kind) == (flow, kind))
        return dg.AssetCheckResult(
            passed=verdict.passed, severity=severity(verdict), description=verdict.summary, metadata=about(verdict)
        )

    return judge


def evaluation(verdict: Verdict) -> dg.AssetCheckEvaluation:
    """A verdict as an event that belongs to no run."""
    return dg.AssetCheckEvaluation(
        asset_key=status_key(verdict.flow),
        check_name=verdict.kind.value,
        passed=verdict.passed,
        severity=severity(verdict),
        description=verdict.summary,
        metadata=about(verdict),
        blocking=False,
    )


def observation(flow: Flow, counts: Mapping[date, int]) -> dg.AssetObservation:
    """How many records were open from day to day, as a picture; counted in all offices."""
    return dg.AssetObservation(
        status_key(flow),
        metadata={
            "open_now": dg.MetadataValue.int(counts[max(counts)]),
            "open_per_day": picture(open_per_day(counts, flow.in_words), f"open records of {flow.in_words} per day"),
        },
    )


def severity(verdict: Verdict) -> dg.AssetCheckSeverity:
    """A warning is for somebody's morning, an error for now."""
    return dg.AssetCheckSeverity.ERROR if verdict.is_grave else dg.AssetCheckSeverity.WARN


def about(verdict: Verdict) -> Metadata:
    """The offices in which there is something, the records themselves, and the offices in which there is nothing."""
    known: Metadata = {
        "offices": table(OFFICES, (_office(each) for each in verdict.offices)),
        "offices_without": dg.MetadataValue.text(", ".join(map(str, verdict.fine)) or "none"),
    }
    if verdict.kind is not StatusKind.FRESHNESS:
        known["open"] = dg.MetadataValue.int(len(verdict.records))
        known["records"] = table(RECORDS, (_record(each) for each in verdict.records), shown=RECORDS_SHOWN)
    return known


def _office(verdict: OfficeVerdict) -> tuple[str, ...]:
    since = f"{verdict.since:%Y-%m-%d %H:%M} UTC" if verdict.since else ""
    return str(verdict.office), str(verdict.open), since, verdict.reasons


def _record(record: OpenRecord) -> tuple[str, ...]:
    return (
        str(record.office),
        record.record,
        record.state,
        f"{record.since:%Y-%m-%d %H:%M} UTC",
        record.reason,
        record.message,
        record.remedy,
        story_command(record.record),
    )
