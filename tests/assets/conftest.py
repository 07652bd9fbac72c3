"""A sync service that gives prepared results, and a Dagster instance for each test."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Self

import dagster as dg
import pytest

from qondor_finago_pipelines.definitions import JOBS
from qondor_finago_pipelines.flows.operations.alerts import Delivered, StillAtWork
from qondor_finago_pipelines.flows.operations.heartbeat_tasks import Round
from qondor_finago_pipelines.records.errors import SyncError
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.failures import FailedRun
from qondor_finago_pipelines.records.operations.office_status import Verdict
from qondor_finago_pipelines.records.operations.open_work import Due
from qondor_finago_pipelines.records.operations.results import Flow, FlowResult
from qondor_finago_pipelines.settings import Settings, load_settings
from tests.assets.runs import run_job

DAY = date(2026, 11, 20)
OSLO = OfficeId(102)

WORK = Due(reason="1 new invoice", tasks=frozenset({"invoice 9001"}), is_urgent=True)
NO_WORK = Due(reason="nothing is due; a look at everything at 11:00")


@dataclass
class FakeSync:
    """Gives `result` to whoever syncs, and remembers how it was asked."""

    result: FlowResult = field(default_factory=lambda: FlowResult(flow=Flow.INVOICES, office=OSLO, day=DAY))
    refuses_to_open: SyncError | None = None
    asked: list[dict[str, object]] = field(default_factory=list)
    clock: datetime = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    has_work: dict[OfficeId, Due] = field(default_factory=lambda: {OSLO: WORK, OfficeId(103): WORK})
    ticks: list[tuple[Flow, OfficeId, datetime]] = field(default_factory=list)
    queue_is_closed: SyncError | None = None
    outcomes: dict[OfficeId, FlowResult | Exception] = field(default_factory=dict)
    """What single offices come to, where it is not `result`."""
    failures: list[FailedRun] = field(default_factory=list)
    rounds: list[StillAtWork] = field(default_factory=list)
    newest_runs: list[datetime | None] = field(default_factory=list)
    """When the newest run began, as each round was told."""
    store_is_down: SyncError | None = None
    verdicts: Sequence[Verdict] = ()
    pruned_before: datetime | None = None

    def open(self) -> Self:
        if self.refuses_to_open is not None:
            raise self.refuses_to_open
        return self

    @property
    def its_parts(self) -> Self:
        """It is its own store, its own due work, and tells people itself."""
        return self

    store = due_work = heartbeat_tasks = its_parts

    def now(self) -> datetime:
        return self.clock

    def lanes(self, flow: Flow, offices: Collection[OfficeId]) -> Mapping[OfficeId, str]:  # noqa: ARG002
        return {office: f"5:{office}" for office in offices}

    def due(self, flow: Flow, office_id: OfficeId, *, tick: datetime) -> Due:
        self.ticks.append((flow, office_id, tick))
        return self.has_work.get(office_id, NO_WORK)

    def due_invoices(self) -> Mapping[OfficeId, Due]:
        if self.queue_is_closed is not None:
            raise self.queue_is_closed
        return defaultdict(lambda: NO_WORK, self.has_work)

    def cost_window(self, office_id: OfficeId) -> date:  # noqa: ARG002
        return DAY - timedelta(days=14)

    def sync(self, flow: Flow, office_id: OfficeId, **how: object) -> FlowResult:
        self.asked.append({"flow": flow, "office": office_id, **how})
        outcome = self.outcomes.get(office_id, self.result)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def round(self, still_at_work: StillAtWork, newest_run: Callable[[], datetime | None]) -> Round:
        if self.store_is_down is not None:
            raise self.store_is_down
        self.rounds.append(still_at_work)
        self.newest_runs.append(newest_run())
        return Round(delivered=Delivered(messages=2), silences=())

    def record_failure(self, failed: FailedRun) -> Collection[OfficeId]:
        if self.store_is_down is not None:
            raise self.store_is_down
        self.failures.append(failed)
        return [work.office for work in failed.works]

    def office_status(self) -> Sequence[Verdict]:
        return self.verdicts

    def open_each_day(self, flow: Flow) -> Mapping[date, int]:  # noqa: ARG002
        return {DAY - timedelta(days=1): 3, DAY: 1}

    def prune(self, before: datetime) -> Mapping[str, int]:
        self.pruned_before = before
        return {"runs": 3, "alerts": 2}


@pytest.fixture(scope="session")
def example_settings() -> Settings:
    return load_settings(Path(__file__).parents[2] / "offices.example.yaml")


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """In memory; it knows partitions and their states like a real one."""
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        yield instance


@pytest.fixture
def run_flow(instance: dg.DagsterInstance, example_settings: Settings) -> Callable[..., dg.ExecuteInProcessResult]:
    """Runs a flow's job for Oslo on the day of these tests, at the sync service given."""

    def run(flow: Flow, sync: FakeSync, **tags: str) -> dg.ExecuteInProcessResult:
        return run_job(example_settings, sync, JOBS[flow], instance, partition_key=f"{DAY}|{OSLO}", tags=tags)

    return run


@pytest.fixture
def run_invoices(
    run_flow: Callable[..., dg.ExecuteInProcessResult],
) -> Callable[..., dg.ExecuteInProcessResult]:
    return partial(run_flow, Flow.INVOICES)


@pytest.fixture
def run_customers_and_projects(
    run_flow: Callable[..., dg.ExecuteInProcessResult],
) -> Callable[..., dg.ExecuteInProcessResult]:
    return partial(run_flow, Flow.CUSTOMERS_AND_PROJECTS)
