"""A flow as assets: one multi-asset, made as a whole by one run of the flow for one office and one day.

Nothing that writes to a system ever acts on a stored table, so no part of it can be made alone (decisions 12). The
colours of a run are those of decisions 11: a record that waits for a person leaves the run green and its check in
warning; what stops the office turns the run red, after everything that is known was recorded.
"""

# Dagster reads the annotations of what it decorates, so here they are no strings.
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

import dagster as dg

from ..partitions import OFFICE, OfficeDay, offices_by_day
from ..records.errors import SyncError
from ..records.results import Flow, FlowResult
from ..resources import DeskSource, FlowOfOffice, SyncDesk
from ..settings import Settings
from ..tags import BY_ITSELF, TRIGGER, dagster_name
from .judging import Check
from .metadata import Metadata, about_the_run, counts, refusals

OWNERS = ["team:accounting"]
WORTH_ANOTHER_TRY = frozenset({"unreachable", "calls blocked", "lease lost"})
"""The causes that may have passed by the next attempt; every other needs a person first."""

SOON_AGAIN = dg.RetryPolicy(max_retries=1, delay=30)
"""For a flow whose next run comes within minutes anyway: a short outage does not turn its cell red."""

AGAIN_IN_MINUTES = dg.RetryPolicy(max_retries=2, delay=60, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)
"""For a flow whose next run is an hour or a day away. It waits in its process, so not for long: runs are limited."""

Event = dg.MaterializeResult | dg.AssetObservation | dg.AssetCheckResult | dg.Output  # type: ignore[type-arg]


@dataclass(frozen=True, kw_only=True)
class FlowAssets:
    """What Dagster shows of one flow. `about` gives the metadata of each of its assets after a run."""

    flow: Flow
    specs: tuple[dg.AssetSpec, ...]
    checks: tuple[Check, ...]
    about: Callable[[FlowResult], Mapping[dg.AssetKey, Metadata]]
    work: Callable[[SyncDesk], FlowOfOffice]
    """Where at the desk the flow's work is done."""
    job_description: str
    retries: dg.RetryPolicy
    """How often a run that came by itself tries again in the same process, where its trouble may have passed."""

    @property
    def name(self) -> str:
        return dagster_name(self.flow)

    def definition(self, settings: Settings) -> dg.AssetsDefinition:
        """The assets, for the offices of the settings."""

        @dg.multi_asset(
            name=self.name,
            specs=self.specs,
            check_specs=[check.spec for check in self.checks],
            partitions_def=offices_by_day(settings),
            can_subset=False,
            retry_policy=self.retries,
        )
        def run_flow(context: dg.AssetExecutionContext, desk: dg.ResourceParam[DeskSource]) -> Iterator[Event]:
            office_day = self._one_partition(context)
            try:
                at = desk.open()
            except SyncError as error:
                raise self._failure(office_day, str(error)) from None
            trigger = context.run.tags.get(TRIGGER, "ui")
            # A person who runs a flow sees at once what is wrong, and tries again when it suits.
            nobody_waits = trigger in BY_ITSELF
            try:
                result = self.work(at)(
                    office_day.office, day=office_day.day, run_id=context.run.run_id, trigger=trigger
                )
            except SyncError as error:
                # Before or after the flow's own work: the ledger does not answer, say.
                raise self._failure(office_day, str(error), again=nobody_waits) from None
            except Exception as error:
                what = f"the run broke off with an unexpected {type(error).__name__}."
                raise self._failure(office_day, what) from error
            again = nobody_waits and _may_have_passed(result)
            if not again or context.retry_number >= self.retries.max_retries:
                tell(context, at)
            yield from self._report(result, context.partition_key, again=again)

        return run_flow

    def _report(self, result: FlowResult, partition: str, *, again: bool) -> Iterator[Event]:
        for key, known in self.about(result).items():
            if result.skipped or result.problems:
                # An observation shows what is known and leaves the partition's colour alone: a materialization would
                # make the cell of an office green on which the work was not done.
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
        raise self._failure(
            OfficeDay(result.day, result.office),
            f"{first.message} {first.remedy}" + (f" And {len(others)} more, listed below." if others else ""),
            {**counts(result), "refusals": refusals(result.records), **about_the_run(result)},
            again=again,
        )

    def _failure(
        self, office_day: OfficeDay, text: str, about: Metadata | None = None, *, again: bool = False
    ) -> dg.Failure:
        return dg.Failure(
            f"Office {office_day.office}, {self.flow.in_words}, {office_day.day}: {text}".strip(),
            metadata=about,
            allow_retries=again,
        )

    def _one_partition(self, context: dg.AssetExecutionContext) -> OfficeDay:
        if not context.has_partition_key or context.has_partition_key_range:
            raise dg.Failure(
                f"{self.flow.in_words.capitalize()} are synced for one office and one day in a run. Choose one "
                f"partition, for instance today's of one {OFFICE}.",
                allow_retries=False,
            )
        return OfficeDay.of(context.partition_key)


def asset(flow: Flow, name: str, kind: str, description: str, *, after: Sequence[str] = ()) -> dg.AssetSpec:
    """One asset of a flow; `kind` is the system that holds its records, `after` the assets that it is made from."""
    return dg.AssetSpec(
        name,
        deps=after,
        description=description,
        group_name=dagster_name(flow),
        owners=OWNERS,
        kinds={kind},
        # A run that had to leave the office to another one says nothing about its state.
        skippable=True,
    )


def _may_have_passed(result: FlowResult) -> bool:
    return bool(result.problems) and all(problem.cause in WORTH_ANOTHER_TRY for problem in result.problems)


def tell(context: dg.AssetExecutionContext | dg.OpExecutionContext, desk: SyncDesk) -> None:
    """Alerts wait in the ledger: one that cannot be told now is told later, and never fails a sync."""
    try:
        desk.deliver_alerts()
    except SyncError as error:
        context.log.warning("Alerts could not be delivered; they are tried again: %s", error)
