"""A flow as assets: one multi-asset, made as a whole by one run of the flow for one office and one day.

Nothing that writes to a system ever acts on a stored table, so no part of it can be made alone (decisions 12). The
colours of a run are those of decisions 11: a record that waits for a person leaves the run green and its check in
warning; what stops the office turns the run red, after everything that is known was recorded.
"""

# Dagster reads the annotations of what it decorates, so here they are no strings.
import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn

import dagster as dg
from pydantic import Field

from ..error_boundary import run_boundary
from ..flows.flow_table import FLOWS, Days
from ..flows.rehearsal.services import PlannedRun, rehearse
from ..flows.service import SyncService
from ..partitions import OFFICE, OfficeDay, OfficeDays, offices_by_day
from ..records.operations.results import Flow, FlowResult
from ..settings import Settings
from ..tags import BY_ITSELF, TRIGGER, dagster_name
from .check_results import Check
from .metadata import Metadata, about_the_run, counts, planned_changes, refusals

OWNERS = ["team:accounting"]
CODE_REFERENCES = "dagster/code_references"
WORTH_ANOTHER_TRY = frozenset({"unreachable", "calls blocked", "lease lost"})
"""The causes that may have passed by the next attempt; every other needs a person first."""

SOON_AGAIN = dg.RetryPolicy(max_retries=1, delay=30)
"""For a flow whose next run comes within minutes anyway: a short outage does not turn its cell red."""

AGAIN_IN_MINUTES = dg.RetryPolicy(max_retries=2, delay=60, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)
"""For a flow whose next run is an hour or a day away. It waits in its process, so not for long: runs are limited."""

Event = dg.MaterializeResult | dg.AssetObservation | dg.AssetCheckResult | dg.Output  # type: ignore[type-arg]


class HowToRun(dg.Config):
    """What a person may choose in the launchpad."""

    dry_run: bool = Field(
        default=False, description="Shows what the run would do as a table, and writes to neither system."
    )


@dataclass(frozen=True, kw_only=True)
class FlowAssets:
    """What Dagster shows of one flow. `about` gives the metadata of each of its assets after a run."""

    flow: Flow
    specs: tuple[dg.AssetSpec, ...]
    checks: tuple[Check, ...]
    about: Callable[[FlowResult], Mapping[dg.AssetKey, Metadata]]
    job_description: str
    retries: dg.RetryPolicy
    """How often a run that came by itself tries again in the same process, where its trouble may have passed."""
    about_days: Callable[[FlowResult], Mapping[date, Mapping[dg.AssetKey, Metadata]]] | None = None
    """What a run knows of each single day of its range."""
    keep: Callable[[FlowResult, dg.AssetExecutionContext], None] | None = None
    """What else is done with a run's result: tables are written, files are closed."""

    @property
    def name(self) -> str:
        return dagster_name(self.flow)

    @property
    def works_on_ranges(self) -> bool:
        return FLOWS[self.flow].days is Days.RANGE

    def definition(self, settings: Settings) -> dg.AssetsDefinition:
        """The assets, for the offices of the settings."""

        @dg.multi_asset(
            name=self.name,
            specs=self.specs,
            check_specs=[check.spec for check in self.checks],
            partitions_def=offices_by_day(settings),
            can_subset=False,
            backfill_policy=dg.BackfillPolicy.single_run() if self.works_on_ranges else None,
            retry_policy=self.retries,
        )
        def run_flow(
            context: dg.AssetExecutionContext, config: HowToRun, sync: dg.ResourceParam[SyncService]
        ) -> Iterator[Event]:
            days = self._days(context)
            about, trigger = self._about(days), context.run.tags.get(TRIGGER, "ui")
            # A person who runs a flow sees at once what is wrong, and tries again when it suits.
            nobody_waits = trigger in BY_ITSELF
            with run_boundary(about):
                sync.open()
                if config.dry_run:
                    yield from self._rehearse(sync, days)
                    return
            # Before or after the flow's own work the store may not answer, say.
            with run_boundary(about, again=nobody_waits):
                result = sync.sync(
                    self.flow,
                    days.office,
                    day=days.last_day,
                    first_day=days.first_day if self.works_on_ranges else None,
                    run_id=context.run.run_id,
                    trigger=trigger,
                )
            again = nobody_waits and _may_have_passed(result)
            # The work is done: an error in what is shown of it must not begin it again.
            with run_boundary(about):
                try:
                    for day, by_asset in (self.about_days(result) if self.about_days else {}).items():
                        for key, known in by_asset.items():
                            partition = OfficeDay(day, days.office).key
                            context.add_asset_metadata(known, asset_key=key, partition_key=partition)
                    yield from self._report(result, days, again=again)
                finally:
                    if self.keep is not None:
                        self.keep(result, context)

        return run_flow

    def _rehearse(self, sync: SyncService, days: OfficeDays) -> Iterator[Event]:
        """What the run would do, as a table; nothing is materialized, and every check keeps its verdict."""
        first_day = days.first_day if self.works_on_ranges else None
        plan = rehearse(sync, self.flow, [PlannedRun(office=days.office, day=days.last_day, first_day=first_day)])
        for partition in days.keys:
            yield dg.AssetObservation(self.specs[-1].key, partition=partition, metadata=planned_changes(plan))
        for check in self.checks:
            yield dg.Output(None, output_name=check.spec.get_python_identifier())

    def _report(self, result: FlowResult, days: OfficeDays, *, again: bool) -> Iterator[Event]:
        for key, known in self.about(result).items():
            if result.skipped or result.problems:
                # An observation shows what is known and leaves the partition's colour alone: a materialization would
                # make the cell of an office green on which the work was not done.
                for partition in days.keys:
                    yield dg.AssetObservation(key, partition=partition, metadata=known)
            else:
                yield dg.MaterializeResult(asset_key=key, metadata=known)
        for check in self.checks:
            if result.skipped:
                # Dagster wants an output for every check; without a result in it the last verdict stays.
                yield dg.Output(None, output_name=check.spec.get_python_identifier())
            elif (verdict := check.judge(result)) is not None:
                yield verdict
        if result.problems:
            self._fail(result, again=again)

    def _fail(self, result: FlowResult, *, again: bool) -> NoReturn:
        """The red run, in the words of its first problem, with everything known beside it."""
        first, *others = result.problems
        about = self._about(OfficeDays(result.first_day or result.day, result.day, result.office))
        raise dg.Failure(
            f"{about}{first.message} {first.remedy}".strip()
            + (f" And {len(others)} more, listed below." if others else ""),
            metadata={**counts(result), "refusals": refusals(result.records), **about_the_run(result)},
            allow_retries=again,
        )

    def _about(self, days: OfficeDays) -> str:
        when = days.last_day if days.first_day == days.last_day else f"{days.first_day} to {days.last_day}"
        return f"Office {days.office}, {self.flow.in_words}, {when}: "

    def _days(self, context: dg.AssetExecutionContext) -> OfficeDays:
        what, is_range = self.flow.in_words.capitalize(), context.has_partition_key_range
        if not self.works_on_ranges and (is_range or not context.has_partition_key):
            raise dg.Failure(
                f"{what} are synced for one office and one day in a run. Choose one partition, for instance today's of "
                f"one {OFFICE}.",
                allow_retries=False,
            )
        try:
            # Of a range that runs backwards Dagster makes an empty list, and would call the run a success.
            return OfficeDays.of(context.partition_keys if is_range or context.has_partition_key else ())
        except ValueError as wrong:
            raise dg.Failure(f"{what}: {wrong}", allow_retries=False) from None


def asset(
    flow: Flow,
    name: str,
    kind: str,
    description: str,
    *,
    code: Sequence[Callable[..., Any]],
    after: Sequence[str] = (),
) -> dg.AssetSpec:
    """One asset of a flow; `kind` is the system that holds its records, `after` the assets that it is made from.

    `code` is what the UI offers to be read: the flow, and the part of it that sees to just this asset.
    """
    return dg.AssetSpec(
        name,
        deps=after,
        description=description,
        group_name=dagster_name(flow),
        owners=OWNERS,
        kinds={kind},
        metadata={CODE_REFERENCES: code_references(code)},
        # A run that had to leave the office to another one says nothing about its state.
        skippable=True,
    )


def code_references(code: Sequence[Callable[..., Any]]) -> dg.CodeReferencesMetadataValue:
    """Where these stand in the files that this process runs; the text is the name within the package."""
    with warnings.catch_warnings():
        # Dagster says of its code references in each process anew that they may change: the version is pinned.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return dg.CodeReferencesMetadataValue(
            code_references=[
                dg.LocalFileCodeReference(
                    file_path=inspect.getsourcefile(each) or "",
                    line_number=inspect.getsourcelines(each)[1],
                    label=f"{each.__module__.partition('.')[2]}.{each.__qualname__}",
                )
                for each in code
            ]
        )


def _may_have_passed(result: FlowResult) -> bool:
    return bool(result.problems) and all(problem.cause in WORTH_ANOTHER_TRY for problem in result.problems)
