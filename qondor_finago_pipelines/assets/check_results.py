"""How a run of any flow is judged, and in which colour (decisions 11).

No check blocks: what they find was already refused by name, and one odd record stops no other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import dagster as dg
import pandas as pd
import pandera.pandas as pa

from ..records.links import Kind
from ..records.operations.results import FlowResult, RecordOutcome, RecordState
from ..records.refusals import Reason
from ..tables.contract import misfits
from .metadata import misfit_table, problems, refusals

ONE_RUN_ONLY = "It judges the run that came last, of one office; how all of them stand, the flow's status checks say."

UNSETTLED_FOR_TOO_LONG = frozenset({"quarantine", "uncertain"})
"""The first words of those causes that mean: no later run settles this by itself."""


@dataclass(frozen=True, kw_only=True)
class SchemaCheck:
    """Everything that a run read, held against its schema."""

    name: str
    asset: dg.AssetKey
    description: str
    schema: pa.DataFrameSchema
    record: str
    """The column that names the record of a row."""
    table: Callable[[FlowResult], pd.DataFrame]
    read: Callable[[FlowResult], Sequence[Any]]
    """The records behind the table: where a run was stopped before it read any, there is nothing to judge."""

    @property
    def spec(self) -> dg.AssetCheckSpec:
        return dg.AssetCheckSpec(self.name, asset=self.asset, description=self.description)

    def judge(self, result: FlowResult) -> dg.AssetCheckResult | None:
        """The verdict, or None where nothing was read to be judged."""
        if result.problems and not self.read(result):
            return None
        table = self.table(result)
        found = misfits(table, self.schema, record=self.record)
        return dg.AssetCheckResult(
            asset_key=self.asset,
            check_name=self.name,
            passed=not found,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={
                "office": str(result.office),
                "day": result.day.isoformat(),
                "dagster/row_count": len(table),
                "misfits": misfit_table(found),
            },
        )


@dataclass(frozen=True, kw_only=True)
class AccountedFor:
    """Everything that a run met is settled, or somebody knows why not."""

    name: str
    asset: dg.AssetKey
    description: str
    kinds: Collection[Kind]
    """The kinds of write whose unknown end is this check's business."""
    records: Callable[[FlowResult], Iterable[RecordOutcome]] = lambda result: result.records

    @property
    def spec(self) -> dg.AssetCheckSpec:
        return dg.AssetCheckSpec(self.name, asset=self.asset, description=f"{self.description} {ONE_RUN_ONLY}")

    def judge(self, result: FlowResult) -> dg.AssetCheckResult | None:
        """None where the run was stopped before it could tell: the red run says so."""
        records = list(self.records(result))
        stuck_kinds = [_stuck_kind(problem.cause) for problem in result.problems]
        stuck = any(kind in self.kinds for kind in stuck_kinds if kind) or any(
            record.reason is Reason.QUARANTINED for record in records
        )
        if None in stuck_kinds and not stuck:
            return None
        open_ones = [record for record in records if record.state is not RecordState.SETTLED]
        return dg.AssetCheckResult(
            asset_key=self.asset,
            check_name=self.name,
            passed=not open_ones and not stuck,
            severity=dg.AssetCheckSeverity.ERROR if stuck else dg.AssetCheckSeverity.WARN,
            description=f"{len(records) - len(open_ones)} of {len(records)} settled.",
            metadata={
                "office": str(result.office),
                "day": result.day.isoformat(),
                "refusals": refusals(records),
                "problems": problems(result),
            },
        )


class Check(Protocol):
    """What judges a run's result."""

    @property
    def spec(self) -> dg.AssetCheckSpec:
        """What Dagster shows of it."""

    def judge(self, result: FlowResult) -> dg.AssetCheckResult | None:
        """The verdict, or None where there is nothing to be judged."""


def _stuck_kind(cause: str) -> str | None:
    """What kind of write a person must settle: `order` for `quarantine order 9001`. None for any other problem."""
    word, _, record = cause.partition(" ")
    return record.partition(" ")[0] if word in UNSETTLED_FOR_TOO_LONG else None
