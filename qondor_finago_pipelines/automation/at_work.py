"""What is queued or at work in the Dagster instance, so that nothing is asked for twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import dagster as dg

from ..records.identifiers import OfficeId
from ..records.operations.results import Flow
from ..tags import BATCH_RUN_JOB, BY_ITSELF, FLOW, LANE, OFFICE, TRIGGER, batched_offices

AT_WORK = (dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)
WAITING = (dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.QUEUED)


@dataclass(frozen=True, kw_only=True)
class AtWork:
    """Runs of these lanes that are under way, by id."""

    lanes: Mapping[str, str]
    """Where something runs, or a run for invoices waits that came by itself.

    Whatever else waits there comes after the next run for invoices, which has the higher priority: a backfill, and at
    the full hour the customers and projects of every office.
    """
    invoices: Mapping[OfficeId, str]
    """Whose invoices are being worked, or are about to be."""
    batch_run: str | None

    @property
    def runs(self) -> int:
        """How many runs of single offices they are: each has a process of its own, or waits for one."""
        return len({*self.lanes.values(), *self.invoices.values()} - {self.batch_run})

    def on(self, office: OfficeId, lane: str) -> str | None:
        """The run for which an office's next one has to wait."""
        return self.invoices.get(office) or self.lanes.get(lane)


def at_work(instance: dg.DagsterInstance, lanes: Collection[str]) -> AtWork:
    """One query: the runs of these lanes, and the batch run."""
    runs = instance.get_runs(dg.RunsFilter(tags={LANE: [*lanes, BATCH_RUN_JOB]}, statuses=[*AT_WORK, *WAITING]))
    busy: dict[str, str] = {}
    invoices: dict[OfficeId, str] = {}
    batch_run: str | None = None
    for run in runs:
        if run.job_name == BATCH_RUN_JOB:
            batch_run = run.run_id
            invoices.update(dict.fromkeys(batched_offices(run.run_config), run.run_id))
            continue
        is_for_invoices = run.tags.get(FLOW) == Flow.INVOICES.value
        if run.status in AT_WORK or (is_for_invoices and run.tags.get(TRIGGER) in BY_ITSELF):
            busy[run.tags[LANE]] = run.run_id
            if is_for_invoices and run.tags.get(OFFICE, "").isdigit():
                invoices[OfficeId(int(run.tags[OFFICE]))] = run.run_id
    return AtWork(lanes=busy, invoices=invoices, batch_run=batch_run)


def still_at_work(instance: dg.DagsterInstance, run_ids: Collection[str]) -> frozenset[str]:
    """Those of these runs that have begun and not ended: what stopped one may have passed when it tries again."""
    runs = instance.get_runs(dg.RunsFilter(run_ids=list(run_ids), statuses=list(AT_WORK))) if run_ids else ()
    return frozenset(run.run_id for run in runs)
