"""`preflight`: every prerequisite of an office, looked at daily and whenever a person asks; it only reads."""

# Dagster reads the annotations of what it decorates, so here they are no strings.
from collections.abc import Iterator

import dagster as dg

from ...error_boundary import run_boundary
from ...flows.preflight.check import check_offices
from ...flows.service import SyncService
from ...partitions import OfficeDay, offices_by_day
from ...records.preflight import Preflight, State
from ...rules.preflight.set_up import set_up_findings
from ...settings import Settings
from ..flow_assets import CODE_REFERENCES, OWNERS, code_references
from ..metadata import Metadata, table

NAME = "preflight"
CHECK = "prerequisites_are_met"
COLUMNS = ("office", "what", "state", "found", "expected", "remedy")


def preflight_asset(settings: Settings) -> dg.AssetsDefinition:
    """The asset of the installation's offices."""

    @dg.asset(
        name=NAME,
        partitions_def=offices_by_day(settings),
        group_name="operations",
        owners=OWNERS,
        kinds={"qondor", "finago"},
        metadata={CODE_REFERENCES: code_references([check_offices, set_up_findings])},
        description="Every prerequisite of the office in both systems, as they stand when it is made: credentials, "
        "department, payment method, products, VAT rates, statuses, types, currencies, references, project numbers. "
        "It reads only. Make today's partition to look now.",
        check_specs=[
            dg.AssetCheckSpec(
                CHECK,
                asset=NAME,
                description="Everything that invoices, customers, projects, costs and sales need is there. Fails on "
                "what is wrong and on what could not be asked; each row says where it is mended.",
            )
        ],
    )
    def preflight(
        context: dg.AssetExecutionContext, sync: dg.ResourceParam[SyncService]
    ) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        day, office_id = OfficeDay.of(context.partition_key)
        office = settings.office(office_id)
        with run_boundary(f"Office {office_id}, preflight: "):
            if office.closed:
                raise dg.Failure(f"Office {office_id} is closed: nothing was looked at.", allow_retries=False)
            sync.open()
            found = sync.preflight(office, day=day, run_id=context.run.run_id)
        yield dg.MaterializeResult(metadata=_about(found), check_results=[_verdict(found)])

    return preflight


def _verdict(found: Preflight) -> dg.AssetCheckResult:
    severity = (
        dg.AssetCheckSeverity.ERROR
        if any(each.state is State.WRONG for each in found.findings)
        else dg.AssetCheckSeverity.WARN
    )
    return dg.AssetCheckResult(
        check_name=CHECK,
        passed=found.all_right,
        severity=severity,
        metadata={"troubles": _rows(found, only_troubles=True)},
    )


def _about(found: Preflight) -> Metadata:
    return {
        "findings": _rows(found, only_troubles=False),
        "wrong": dg.MetadataValue.int(sum(each.state is State.WRONG for each in found.findings)),
        "unknown": dg.MetadataValue.int(sum(each.state is State.UNKNOWN for each in found.findings)),
        "not_seen": dg.MetadataValue.text(", ".join(found.not_seen) or "none"),
    }


def _rows(found: Preflight, *, only_troubles: bool) -> dg.TableMetadataValue:
    return table(
        COLUMNS,
        (
            (str(each.office or ""), each.what, each.state.value, each.found, each.expected, each.remedy)
            for each in (found.troubles if only_troubles else found.findings)
        ),
    )
