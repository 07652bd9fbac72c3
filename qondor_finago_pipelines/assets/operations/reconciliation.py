"""`reconciliation`: both systems compared record by record, every night and whenever a person asks; it only reads."""

# Dagster reads the annotations of what it decorates, so here they are no strings.
from collections.abc import Iterable, Iterator

import dagster as dg

from ...error_boundary import run_boundary
from ...flows.reconciliation.reconcile import reconcile_month, reconcile_office
from ...flows.reconciliation.telling import differences_each_day
from ...flows.service import SyncService
from ...partitions import OfficeDay, offices_by_day
from ...records.money import plain
from ...records.reconciliation import Difference, Reconciliation, shown
from ...reports.charts import differences_per_day
from ...rules.reconciliation.comparison import Comparison
from ...settings import Settings
from ..flow_assets import CODE_REFERENCES, OWNERS, code_references
from ..metadata import Metadata, api_calls, picture, table

NAME = "reconciliation"
CHECK = "everything_is_equal_or_explained"
COLUMNS = ("kind", "qondor", "finago", "field", "in_qondor", "in_finago", "difference", "currency", "explained")


def reconciliation_asset(settings: Settings) -> dg.AssetsDefinition:
    """The asset of the installation's offices."""

    @dg.asset(
        name=NAME,
        partitions_def=offices_by_day(settings),
        group_name="operations",
        owners=OWNERS,
        kinds={"qondor", "finago"},
        metadata={CODE_REFERENCES: code_references([reconcile_office, Comparison])},
        description="Both systems read afresh and compared record by record: invoices, payments, costs and sales of "
        "the month up to the partition's day, and all customers and projects as they stand when it is made. It reads "
        "only. The digest is the same for the same content, and can be kept with the books.",
        check_specs=[
            dg.AssetCheckSpec(
                CHECK,
                asset=NAME,
                description="Nothing is missing, doubled or different that is not known to be so for now. Fails on "
                "what stands unexplained; each row names both records, the field and what it is worth.",
            )
        ],
    )
    def reconciliation(
        context: dg.AssetExecutionContext, sync: dg.ResourceParam[SyncService]
    ) -> Iterator[dg.MaterializeResult]:  # type: ignore[type-arg]
        day, office_id = OfficeDay.of(context.partition_key)
        office = settings.office(office_id)
        with run_boundary(f"Office {office_id}, reconciliation: "):
            if office.closed:
                raise dg.Failure(f"Office {office_id} is closed: nothing was compared.", allow_retries=False)
            sync.open()
            found = reconcile_month(sync, office, day, context.run.run_id)
            about = _about(found)
            figures = differences_each_day(sync.store, office_id, day)
            about["over_time"] = picture(
                differences_per_day(figures), "Differences of each night, and how many of them nothing explains"
            )
        yield dg.MaterializeResult(metadata=about, check_results=[_verdict(found)])

    return reconciliation


def _verdict(found: Reconciliation) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=CHECK,
        passed=not found.unexplained,
        severity=dg.AssetCheckSeverity.ERROR,
        description=f"{len(found.differences)} differences, {len(found.unexplained)} of them unexplained.",
        metadata={"unexplained": _rows(found.unexplained)},
    )


def _about(found: Reconciliation) -> Metadata:
    return {
        "office": dg.MetadataValue.text(str(found.office)),
        "from": dg.MetadataValue.text(found.first_day.isoformat()),
        "to": dg.MetadataValue.text(found.last_day.isoformat()),
        "differences": _rows(found.differences),
        "unexplained": dg.MetadataValue.int(len(found.unexplained)),
        "compared": table(("kind", "records"), ((kind.value, str(count)) for kind, count in found.compared.items())),
        "totals": table(
            ("kind", "currency", "qondor", "finago"),
            (
                (kind.value, currency, plain(each.qondor), plain(each.finago))
                for kind, of_kind in found.totals.items()
                for currency, each in of_kind.items()
            ),
        ),
        "unloaded": table(("why", "amount"), ((why, plain(amount)) for why, amount in found.unloaded.items())),
        "digest": dg.MetadataValue.text(found.digest),
        "api_calls": api_calls(found.calls),
    }


def _rows(differences: Iterable[Difference]) -> dg.TableMetadataValue:
    return table(
        COLUMNS,
        (
            (
                each.kind.value,
                str(each.qondor if each.qondor is not None else ""),
                str(each.finago if each.finago is not None else ""),
                each.field,
                shown(each.qondor_value) or "",
                shown(each.finago_value) or "",
                shown(each.difference) or "",
                each.currency,
                each.explained or "",
            )
            for each in differences
        ),
    )
