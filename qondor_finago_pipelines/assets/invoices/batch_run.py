"""Many offices' invoices in one run: at the full hour, say, when every office's payments are due at once.

A process for each of a hundred offices would take minutes to start. So one run works them, each by itself: what stops
one office stops no other. Each that went well gets the materializations that its own run would have given it. One that
did not is named on the run, and the queue sensor gives it a run of its own, to turn its cell red.
"""

# Dagster reads the annotations of what it decorates, so here they are no strings.
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

import dagster as dg

from ...partitions import OfficeDay
from ...records.days import oslo_day
from ...records.errors import SyncError
from ...records.identifiers import OfficeId
from ...records.operations.results import Flow, FlowResult
from ...resources import SyncSource
from ...settings import Settings
from ...tags import BATCH_RUN_JOB, BATCH_RUN_OP, FAILED_OFFICES, SETTINGS, TRIGGER, office_run_id
from ..metadata import table
from .assets import INVOICES

WORKERS = 4
"""So many offices are worked side by side: most of an office's time goes by in waiting for an answer."""

SYSTEM_IS_DOWN = frozenset({"unreachable", "calls blocked"})
"""The causes that the next office will most likely meet as well."""

FAILURES_IN_A_ROW = 3
"""After so many offices that a system was down for, the others are left to the next sweep."""


class BatchRun(dg.Config):
    """Which offices, in this order; without any: all whose invoice flow is enabled."""

    offices: list[int] = []  # noqa: RUF012 - Dagster copies it


class BatchedOffices:
    """How the offices of one sweep came out, in the order in which they did. The workers share it."""

    def __init__(self) -> None:
        self.results: list[FlowResult] = []
        self.broken: dict[OfficeId, str] = {}
        """Offices whose work ended in an error that no flow foresees, and its type."""
        self.is_hopeless = False
        """A system seems to be down, so that the rest would only take long to fail."""
        self._one_at_a_time = threading.Lock()

    def add(self, result: FlowResult) -> FlowResult:
        """Keeps a result, and gives it back."""
        with self._one_at_a_time:
            self.results.append(result)
            last = self.results[-FAILURES_IN_A_ROW:]
            self.is_hopeless |= len(last) == FAILURES_IN_A_ROW and all(map(_met_a_system_that_is_down, last))
            return result

    @property
    def failed(self) -> list[OfficeId]:
        return sorted({*self.broken, *(result.office for result in self.results if result.problems)})


def _met_a_system_that_is_down(result: FlowResult) -> bool:
    return any(problem.cause in SYSTEM_IS_DOWN for problem in result.problems)


def batch_run_job(settings: Settings, sync: object) -> dg.JobDefinition:
    """The job `invoice_batch_run`, which works at the resource `sync`."""
    all_offices = [office.id for office in settings.offices if office.does(Flow.INVOICES)]

    @dg.op(
        name=BATCH_RUN_OP, description="Runs the invoice flow for one office after the other.", out=dg.Out(dg.Nothing)
    )
    def sweep(
        context: dg.OpExecutionContext, config: BatchRun, sync: dg.ResourceParam[SyncSource]
    ) -> Iterator[dg.AssetMaterialization | dg.AssetObservation | dg.AssetCheckEvaluation | dg.Output[None]]:
        offices = [OfficeId(each) for each in config.offices] or all_offices
        swept = BatchedOffices()
        try:
            sync.open()
            lanes = sync.lanes(Flow.INVOICES, offices)
        except SyncError as error:
            raise dg.Failure(str(error), allow_retries=False) from None
        for outcome in _work_all(context, sync, lanes, swept):
            yield from _events(outcome)
        if swept.is_hopeless:
            context.log.warning("A system is down: the offices that were not begun are left to the next sweep.")
        for office, kind in swept.broken.items():
            context.log.error(f"Office {office} broke off with an unexpected {kind}.")
        yield from _verdicts(swept.results)
        failed = ",".join(str(office) for office in swept.failed)
        context.instance.add_run_tags(context.run_id, {FAILED_OFFICES: failed})
        yield dg.Output(None, metadata={"offices": _overview(swept, offices)})

    @dg.job(
        name=BATCH_RUN_JOB,
        description="Sends the queues of many offices to Finago in one run. The queue sensor asks for it where more "
        "offices have work than runs fit side by side. Without offices in its config it works all of them.",
        tags={SETTINGS: settings.digest()[:12]},
        resource_defs={"sync": sync},
        executor_def=dg.in_process_executor,
    )
    def sweep_invoices() -> None:
        sweep()

    return sweep_invoices


def _work_all(
    context: dg.OpExecutionContext, sync: SyncSource, lanes: Mapping[OfficeId, str], swept: BatchedOffices
) -> Iterator[FlowResult]:
    """The results as they come; `swept` keeps them. Offices of one Finago client are worked one after the other."""
    by_lane: dict[str, list[OfficeId]] = {}
    for office, lane in lanes.items():
        by_lane.setdefault(lane, []).append(office)
    day = oslo_day(sync.now())
    trigger = context.run.tags.get(TRIGGER, "ui")

    def work(some: Iterable[OfficeId]) -> list[FlowResult]:
        beside = sync.with_own_connection()
        results: list[FlowResult] = []
        for office in some:
            if swept.is_hopeless:
                break
            try:
                run_id = office_run_id(context.run_id, office)
                results.append(swept.add(beside.sync_invoices(office, day=day, run_id=run_id, trigger=trigger)))
            except Exception as error:
                # Its text may hold anything; the office's own run shows it where people look for it.
                swept.broken[office] = type(error).__name__
        return results

    with ThreadPoolExecutor(WORKERS) as workers:
        for done in as_completed([workers.submit(work, some) for some in by_lane.values()]):
            yield from done.result()


def _events(result: FlowResult) -> Iterator[dg.AssetMaterialization | dg.AssetObservation]:
    """What a run of the office's own would have recorded."""
    partition = OfficeDay(result.day, result.office).key
    for key, known in INVOICES.about(result).items():
        if result.skipped or result.problems:
            yield dg.AssetObservation(key, partition=partition, metadata=known)
        else:
            yield dg.AssetMaterialization(key, partition=partition, metadata=known)


def _verdicts(results: Sequence[FlowResult]) -> Iterator[dg.AssetCheckEvaluation]:
    """The worst verdict of each check: a hundred offices that pass must not hide the one that does not."""
    for check in INVOICES.checks:
        verdicts = [
            verdict
            for result in results
            if not result.skipped and not result.problems and (verdict := check.judge(result)) is not None
        ]
        if verdicts:
            worst = min(verdicts, key=lambda verdict: verdict.passed)
            yield dg.AssetCheckEvaluation(
                asset_key=check.spec.asset_key,
                check_name=check.spec.name,
                passed=worst.passed,
                metadata=worst.metadata,
                severity=worst.severity,
                description=worst.description,
                blocking=False,
            )


def _overview(swept: BatchedOffices, offices: Sequence[OfficeId]) -> dg.TableMetadataValue:
    """A line for each office of the sweep, in its order."""
    lines: Mapping[OfficeId, tuple[str, str, str]] = {
        **dict.fromkeys(swept.broken, ("broke off", "", "")),
        **{result.office: _line(result) for result in swept.results},
    }
    columns = ("office", "outcome", "created", "open")
    return table(columns, ((str(office), *lines.get(office, ("not reached", "", ""))) for office in offices))


def _line(result: FlowResult) -> tuple[str, str, str]:
    outcome = "failed" if result.problems else result.skipped or "done"
    return outcome, str(result.created), str(len(result.rejected) + len(result.uncertain))
