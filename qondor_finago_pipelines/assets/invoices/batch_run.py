"""Many offices' invoices in one run: at the full hour, say, when every office's payments are due at once.

A process for each of a hundred offices would take minutes to start. So one run works them, each by itself: what stops
one office stops no other. Each that went well gets the materializations that its own run would have given it. One that
did not is named on the run, and the queue sensor gives it a run of its own, to turn its cell red.
"""

# Dagster reads the annotations of what it decorates, so here they are no strings.
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field

import dagster as dg

from ...error_boundary import run_boundary
from ...flows.service import SyncService
from ...partitions import OfficeDay
from ...records.days import oslo_day
from ...records.identifiers import OfficeId
from ...records.operations.results import Flow, FlowResult
from ...settings import Settings
from ...tags import BATCH_RUN_JOB, BATCH_RUN_OP, FAILED_OFFICES, SETTINGS, TRIGGER, office_run_id
from ..metadata import table
from .assets import INVOICES

WORKERS = 4
"""So many offices are worked side by side: most of an office's time goes by in waiting for an answer."""

SYSTEM_IS_DOWN = frozenset({"unreachable", "calls blocked"})
"""The causes that the next office will most likely meet as well."""

FAILURES_IN_A_ROW = 3
"""After so many offices that a system was down for, the others are left to the next batch run."""


Event = dg.AssetMaterialization | dg.AssetObservation | dg.AssetCheckEvaluation | dg.Output[None]

Shown = tuple[list[dg.AssetMaterialization | dg.AssetObservation], list[dg.AssetCheckResult]]
"""What Dagster keeps of one office's part: its assets' events, and how each check judges it."""


class BatchRun(dg.Config):
    """Which offices, in this order; without any: all whose invoice flow is enabled."""

    offices: list[int] = []  # noqa: RUF012 - Dagster copies it


@dataclass
class Batch:
    """How the offices of one run came out, in the order in which they did. The workers share it."""

    results: list[FlowResult] = field(default_factory=list)
    broken: dict[OfficeId, str] = field(default_factory=dict)
    """Offices where an error was met that no flow foresees, and its type."""
    is_hopeless: bool = False
    """A system seems to be down, so that the rest would only take long to fail."""
    _one_at_a_time: threading.Lock = field(default_factory=threading.Lock)

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
    def run_batch(
        context: dg.OpExecutionContext, config: BatchRun, sync: dg.ResourceParam[SyncService]
    ) -> Iterator[Event]:
        offices = [OfficeId(each) for each in config.offices] or all_offices
        batch, verdicts = Batch(), list[dg.AssetCheckResult]()
        with run_boundary():
            sync.open()
            for events, judged in _work_all(context, sync, offices, batch):
                yield from events
                verdicts += judged
            if batch.is_hopeless:
                context.log.warning("A system is down: the offices that were not begun are left to the next batch run.")
            for office, kind in batch.broken.items():
                context.log.error(f"Office {office} broke off with an unexpected {kind}.")
            yield from _worst(verdicts)
            failed = ",".join(str(office) for office in batch.failed)
            context.instance.add_run_tags(context.run_id, {FAILED_OFFICES: failed})
            yield dg.Output(None, metadata={"offices": _overview(batch, offices)})

    @dg.job(
        name=BATCH_RUN_JOB,
        description="Sends the queues of many offices to Finago in one run. The queue sensor asks for it where more "
        "offices have work than runs fit side by side. Without offices in its config it works all of them.",
        tags={SETTINGS: settings.digest()[:12]},
        resource_defs={"sync": sync},
        executor_def=dg.in_process_executor,
    )
    def invoice_batch_run() -> None:
        run_batch()

    return invoice_batch_run


def _work_all(
    context: dg.OpExecutionContext, sync: SyncService, offices: Collection[OfficeId], batch: Batch
) -> Iterator[Shown]:
    """What there is to show, as it comes. Offices of one Finago client are worked one after the other."""
    by_lane: dict[str, list[OfficeId]] = defaultdict(list)
    for office, lane in sync.lanes(Flow.INVOICES, offices).items():
        by_lane[lane].append(office)
    day = oslo_day(sync.store.now())
    trigger = context.run.tags.get(TRIGGER, "ui")

    def work(some: Iterable[OfficeId]) -> list[Shown]:
        shown: list[Shown] = []
        for office in some:
            if batch.is_hopeless:
                break
            run_id = office_run_id(context.run_id, office)
            try:
                shown.append(
                    _shown(batch.add(sync.sync(INVOICES.flow, office, day=day, run_id=run_id, trigger=trigger)))
                )
            except Exception as error:
                # Its text may hold anything; the office's own run shows it where people look for it.
                batch.broken[office] = type(error).__name__
        return shown

    with ThreadPoolExecutor(WORKERS) as workers:
        for done in as_completed([workers.submit(work, some) for some in by_lane.values()]):
            yield from done.result()


def _shown(result: FlowResult) -> Shown:
    """What a run of the office's own would have recorded, and its verdicts where it went well."""
    went_well = not (result.skipped or result.problems)
    make = dg.AssetMaterialization if went_well else dg.AssetObservation
    partition = OfficeDay(result.day, result.office).key
    events = [make(key, partition=partition, metadata=known) for key, known in INVOICES.about(result).items()]
    verdicts = [check.judge(result) for check in INVOICES.checks] if went_well else []
    return events, [verdict for verdict in verdicts if verdict is not None]


def _worst(verdicts: Iterable[dg.AssetCheckResult]) -> Iterator[dg.AssetCheckEvaluation]:
    """The worst verdict of each check: a hundred offices that pass must not hide the one that does not."""
    worst: dict[str | None, dg.AssetCheckResult] = {}
    for verdict in sorted(verdicts, key=lambda verdict: verdict.passed, reverse=True):
        worst[verdict.check_name] = verdict
    for verdict in worst.values():
        assert verdict.asset_key is not None
        assert verdict.check_name is not None
        yield dg.AssetCheckEvaluation(
            asset_key=verdict.asset_key,
            check_name=verdict.check_name,
            passed=verdict.passed,
            metadata=verdict.metadata,
            severity=verdict.severity,
            description=verdict.description,
            blocking=False,
        )


def _overview(batch: Batch, offices: Iterable[OfficeId]) -> dg.TableMetadataValue:
    """A line for each office of the run, in its order."""
    lines: Mapping[OfficeId, tuple[str, str, str]] = {
        **{result.office: _line(result) for result in batch.results},
        **dict.fromkeys(batch.broken, ("broke off", "", "")),
    }
    columns = ("office", "outcome", "created", "open")
    return table(columns, ((str(office), *lines.get(office, ("not reached", "", ""))) for office in offices))


def _line(result: FlowResult) -> tuple[str, str, str]:
    outcome = "failed" if result.problems else result.skipped or "done"
    return outcome, str(result.created), str(len(result.rejected) + len(result.uncertain))
