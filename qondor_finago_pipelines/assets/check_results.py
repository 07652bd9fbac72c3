"""How a run of any flow is judged, and in which colour (decisions 11).

No check blocks: what they find was already refused by name, and one odd record stops no other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
class Judgement:
    """What a check says of one run: a warning, unless it `is_grave`."""

    passed: bool
    about: Mapping[str, int | dg.MetadataValue]
    is_grave: bool = False
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check of one asset. `assess` gives None where there is nothing to be judged."""

    name: str
    asset: dg.AssetKey
    description: str
    assess: Callable[[FlowResult], Judgement | None]

    @property
    def spec(self) -> dg.AssetCheckSpec:
        return dg.AssetCheckSpec(self.name, asset=self.asset, description=self.description)

    def judge(self, result: FlowResult) -> dg.AssetCheckResult | None:
        """The verdict as Dagster takes it."""
        found = self.assess(result)
        if found is None:
            return None
        return dg.AssetCheckResult(
            asset_key=self.asset,
            check_name=self.name,
            passed=found.passed,
            severity=dg.AssetCheckSeverity.ERROR if found.is_grave else dg.AssetCheckSeverity.WARN,
            description=found.description,
            metadata={
                "office": str(result.office),
                **({"first_day": result.first_day.isoformat()} if result.first_day else {}),
                "day": result.day.isoformat(),
                **found.about,
            },
        )


def fits(
    schema: pa.DataFrameSchema,
    record: str,
    table: Callable[[Sequence[Any]], pd.DataFrame],
    read: Callable[[FlowResult], Sequence[Any]],
) -> Callable[[FlowResult], Judgement | None]:
    """The table of everything that a run `read`, held against its schema; the column `record` names that of a row.

    Of a run that was stopped before it read any, there is nothing to judge.
    """

    def assess(result: FlowResult) -> Judgement | None:
        if result.problems and not read(result):
            return None
        rows = table(read(result))
        found = misfits(rows, schema, record=record)
        return Judgement(passed=not found, about={"dagster/row_count": len(rows), "misfits": misfit_table(found)})

    return assess


def accounted_for(
    kinds: Collection[Kind], records: Callable[[FlowResult], Iterable[RecordOutcome]] = lambda result: result.records
) -> Callable[[FlowResult], Judgement | None]:
    """Everything that a run met is settled, or somebody knows why not; `kinds` are the writes whose end matters here.

    Nothing is judged where the run was stopped before it could tell: the red run says so.
    """

    def assess(result: FlowResult) -> Judgement | None:
        met = list(records(result))
        stuck_kinds = [_stuck_kind(problem.cause) for problem in result.problems]
        stuck = any(kind in kinds for kind in stuck_kinds if kind) or any(
            record.reason is Reason.QUARANTINED for record in met
        )
        if None in stuck_kinds and not stuck:
            return None
        open_ones = [record for record in met if record.state is not RecordState.SETTLED]
        return Judgement(
            passed=not open_ones and not stuck,
            is_grave=stuck,
            description=f"{len(met) - len(open_ones)} of {len(met)} settled.",
            about={"refusals": refusals(met), "problems": problems(result)},
        )

    return assess


def _stuck_kind(cause: str) -> str | None:
    """What kind of write a person must settle: `order` for `quarantine order 9001`. None for any other problem."""
    word, _, record = cause.partition(" ")
    return record.partition(" ")[0] if word in UNSETTLED_FOR_TOO_LONG else None
