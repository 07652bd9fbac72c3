"""What is queued or at work in the Dagster instance, so that nothing is asked for twice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import dagster as dg

from ..records.identifiers import OfficeId
from ..records.results import Flow
from ..tags import BY_ITSELF, FLOW, LANE, OFFICE, SWEEP_JOB, TRIGGER, swept_offices

AT_WORK = (dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)
WAITING = (dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.QUEUED)


@dataclass(frozen=True, kw_only=True)
class AtWork:
    """Runs of these lanes that are under way, by id."""

    lanes: Mapping[str, str]
    """Where something runs, or a run waits that came by itself. A backfill that waits comes after the next run."""
    invoices: Mapping[OfficeId, str]
    """Whose invoices are being worked, or are about to be."""
    sweep: str | None

    def on(self, office: OfficeId, lane: str) -> str | None:
        """The run for which an office's next one has to wait."""
        return self.invoices.get(office) or self.lanes.get(lane)


def at_work(instance: dg.DagsterInstance, lanes: Collection[str]) -> AtWork:
    """One query: the runs of these lanes, and the sweep."""
    runs = instance.get_runs(dg.RunsFilter(tags={LANE: [*lanes, SWEEP_JOB]}, statuses=[*AT_WORK, *WAITING]))
    busy: dict[str, str] = {}
    invoices: dict[OfficeId, str] = {}
    sweep: str | None = None
    for run in runs:
        if run.job_name == SWEEP_JOB:
            sweep = run.run_id
            invoices.update(dict.fromkeys(swept_offices(run.run_config), run.run_id))
        elif run.status in AT_WORK or run.tags.get(TRIGGER) in BY_ITSELF:
            busy[run.tags[LANE]] = run.run_id
            if run.tags.get(FLOW) == Flow.INVOICES.value and run.tags.get(OFFICE, "").isdigit():
                invoices[OfficeId(int(run.tags[OFFICE]))] = run.run_id
    return AtWork(lanes=busy, invoices=invoices, sweep=sweep)


def still_at_work(instance: dg.DagsterInstance, run_ids: Collection[str]) -> frozenset[str]:
    """Those of these runs that have begun and not ended: what stopped one may have passed when it tries again."""
    runs = instance.get_runs(dg.RunsFilter(run_ids=list(run_ids), statuses=list(AT_WORK))) if run_ids else ()
    return frozenset(run.run_id for run in runs)
