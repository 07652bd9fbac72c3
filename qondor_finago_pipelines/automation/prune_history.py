"""The nightly job that forgets runs of long ago, without a cell of the partition matrix changing its colour.

What may go is for `rules.history` to say. Here stands how Dagster is asked, through its instance alone, so that SQLite
and PostgreSQL are treated alike; and that each night's work is bounded: it goes on where the night before ended.
"""

# Dagster reads the annotations of what it decorates, so here they are no strings.
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from ..error_boundary import run_boundary
from ..flows.service import SyncService
from ..records.days import OSLO, OSLO_TIME_ZONE
from ..rules.operations.history import Cell, EndedRun, Made, may_go
from ..settings import Settings
from .dagster_internals import DagsterEventType, SqliteEventLogStorage

JOB = "prune_history"
SCHEDULE = "prune_history_nightly"
AT_NIGHT = "30 3 * * *"
"""Not between two and three, which comes twice on one night of the year and never on another."""

ENDED = (dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)

LOOKED_AT = "looked_at_until"
"""A tag of the job's own runs: up to which run, by the time when it was made, the history has been looked at."""

RUNS_A_NIGHT = 20_000
RUNS_AT_ONCE = 500
IDS_AT_ONCE = 500

COLOURS = {DagsterEventType.ASSET_MATERIALIZATION, DagsterEventType.ASSET_MATERIALIZATION_PLANNED}


@dataclass
class Pruned:
    """What one night came to. `until` is the time at which the latest run that it looked at was made."""

    looked_at: int = 0
    deleted: int = 0
    until: datetime | None = None


def prune_job(settings: Settings, sync: object) -> dg.JobDefinition:
    """The job `prune_history`; what the store forgets, the resource `sync` sees to."""
    keep = timedelta(days=settings.sync.keep_runs_days)

    @dg.op(name="prune", description="Deletes runs, alerts and store rows that nothing depends on any more.")
    @run_boundary()
    def prune(context: dg.OpExecutionContext, sync: dg.ResourceParam[SyncService]) -> dg.Output[None]:
        before = sync.store.now() - keep
        pruned = prune_runs(context.instance, before, begin=_begin(context.instance, sync.store.now()))
        if pruned.until is not None:
            context.instance.add_run_tags(context.run_id, {LOOKED_AT: pruned.until.isoformat()})
        forgotten = sync.prune(before)
        return dg.Output(
            None,
            metadata={
                "before": f"{before:%Y-%m-%d %H:%M} UTC",
                "runs_looked_at": pruned.looked_at,
                "runs_deleted": pruned.deleted,
                **{f"ledger_{name}_forgotten": number for name, number in forgotten.items()},
            },
        )

    @dg.job(
        name=JOB,
        description=f"Deletes runs that ended more than {settings.sync.keep_runs_days} days ago, where a later run has "
        "made the same partitions: no cell of the matrix changes its colour. Alerts that were resolved and runs in the "
        "store that nothing is reckoned from are forgotten too.",
        resource_defs={"sync": sync},
        executor_def=dg.in_process_executor,
    )
    def prune_history() -> None:
        prune()

    return prune_history


def prune_schedule(job: dg.JobDefinition) -> dg.ScheduleDefinition:
    """Every night, in Oslo."""
    return dg.ScheduleDefinition(
        name=SCHEDULE,
        job=job,
        cron_schedule=AT_NIGHT,
        execution_timezone=OSLO_TIME_ZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Forgets runs of long ago that nothing depends on any more.",
    )


def prune_runs(
    instance: dg.DagsterInstance, before: datetime, *, begin: datetime | None = None, most: int = RUNS_A_NIGHT
) -> Pruned:
    """Deletes what may go among the runs made between `begin` and `before`, the oldest first, looking at `most`."""
    pruned = Pruned(until=begin)
    while pruned.looked_at < most:
        records = instance.get_run_records(
            dg.RunsFilter(statuses=list(ENDED), created_after=pruned.until, created_before=before),
            limit=min(RUNS_AT_ONCE, most - pruned.looked_at),
            order_by="create_timestamp",
            ascending=True,
        )
        if not records:
            break
        runs = [_ended(instance, record) for record in records]
        latest = _latest(instance, {cell for run in runs for cell in run.coloured})
        for run in runs:
            if may_go(run, latest, before=before):
                _delete(instance, run.run_id)
                pruned.deleted += 1
        pruned.looked_at += len(runs)
        pruned.until = records[-1].create_timestamp
    return pruned


def _begin(instance: dg.DagsterInstance, now: datetime) -> datetime | None:
    """Where the night before ended. On the first of a month from the start: what was kept then may go by now."""
    if now.astimezone(OSLO).day == 1:
        return None
    for run in instance.get_runs(dg.RunsFilter(job_name=JOB, statuses=[dg.DagsterRunStatus.SUCCESS]), limit=1):
        if until := run.tags.get(LOOKED_AT):
            return datetime.fromisoformat(until)
    return None


def _ended(instance: dg.DagsterInstance, record: dg.RunRecord) -> EndedRun:
    run = record.dagster_run
    made: set[Cell] = set()
    meant: set[Cell] = set()
    cursor: str | None = None
    while True:
        page = instance.get_records_for_run(run.run_id, cursor=cursor, of_type=COLOURS, limit=1000)
        for each in page.records:
            event = each.event_log_entry.dagster_event
            if event is None:
                continue
            if event.is_step_materialization:
                made.update(_cells(event.asset_key, [event.partition]))
            elif event.is_asset_materialization_planned:
                planned = event.asset_materialization_planned_data
                subset = planned.partitions_subset
                partitions = subset.get_partition_keys() if subset is not None else [planned.partition]
                meant.update(_cells(planned.asset_key, partitions))
        if not page.has_more:
            break
        cursor = page.cursor
    return EndedRun(
        run_id=run.run_id,
        ended_at=datetime.fromtimestamp(record.end_time, UTC) if record.end_time else record.update_timestamp,
        succeeded=run.status is dg.DagsterRunStatus.SUCCESS,
        made=frozenset(made),
        meant=frozenset(meant),
    )


def _cells(asset: dg.AssetKey | None, partitions: Iterable[str | None]) -> Iterator[Cell]:
    for partition in partitions:
        if asset is not None and partition is not None:
            yield Cell(asset.to_user_string(), partition)


def _latest(instance: dg.DagsterInstance, cells: Iterable[Cell]) -> Mapping[Cell, Made]:
    """By which run each cell was made last; a cell that never was is not among them."""
    by_asset: dict[str, set[str]] = defaultdict(set)
    for cell in cells:
        by_asset[cell.asset].add(cell.partition)
    latest: dict[Cell, Made] = {}
    for asset, partitions in by_asset.items():
        key = dg.AssetKey.from_user_string(asset)
        ids = list(
            instance.get_latest_storage_id_by_partition(
                key, DagsterEventType.ASSET_MATERIALIZATION, partitions
            ).values()
        )
        for start in range(0, len(ids), IDS_AT_ONCE):
            some = ids[start : start + IDS_AT_ONCE]
            found = instance.fetch_materializations(dg.AssetRecordsFilter(key, storage_ids=some), limit=len(some))
            for record in found.records:
                if record.partition_key is not None:
                    at = datetime.fromtimestamp(record.timestamp, UTC)
                    latest[Cell(asset, record.partition_key)] = Made(run_id=record.run_id, at=at)
    return latest


def _delete(instance: dg.DagsterInstance, run_id: str) -> None:
    """The run with its events and what it printed."""
    instance.delete_run(run_id)
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    storage = instance.event_log_storage
    if isinstance(storage, SqliteEventLogStorage):
        # Each run has a file of its own there, which Dagster only empties.
        file = Path(storage.path_for_shard(run_id))
        for each in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
            each.unlink(missing_ok=True)
