"""A desk that gives prepared results, and a Dagster instance for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

import dagster as dg
import pytest

from qondor_finago_pipelines.definitions import JOBS, build_defs
from qondor_finago_pipelines.records.errors import SyncError
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.results import Flow, FlowResult
from qondor_finago_pipelines.resources import SyncDesk
from qondor_finago_pipelines.settings import Settings, load_settings

DAY = date(2026, 11, 20)
OSLO = OfficeId(102)


@dataclass
class FakeDesk:
    """Gives `result` to whoever syncs, and remembers how it was asked."""

    result: FlowResult = field(default_factory=lambda: FlowResult(flow=Flow.INVOICES, office=OSLO, day=DAY))
    refuses_to_open: SyncError | None = None
    slack_is_down: SyncError | None = None
    asked: list[dict[str, object]] = field(default_factory=list)
    deliveries: int = 0

    def open(self) -> SyncDesk:
        if self.refuses_to_open is not None:
            raise self.refuses_to_open
        return self

    def finago_lane(self, office_id: OfficeId) -> str:
        return f"5:{office_id}"

    def sync_invoices(self, office_id: OfficeId, *, day: date, run_id: str, trigger: str) -> FlowResult:
        return self._sync(Flow.INVOICES, office_id, day, run_id, trigger)

    def sync_customers_and_projects(
        self, office_id: OfficeId, *, day: date, run_id: str, trigger: str
    ) -> FlowResult:
        return self._sync(Flow.CUSTOMERS_AND_PROJECTS, office_id, day, run_id, trigger)

    def _sync(self, flow: Flow, office_id: OfficeId, day: date, run_id: str, trigger: str) -> FlowResult:
        self.asked.append({"flow": flow, "office": office_id, "day": day, "run_id": run_id, "trigger": trigger})
        return self.result

    def deliver_alerts(self) -> int:
        self.deliveries += 1
        if self.slack_is_down is not None:
            raise self.slack_is_down
        return 0


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
    """Runs a flow's job for Oslo on the day of these tests, at the desk given."""

    def run(flow: Flow, desk: FakeDesk, **tags: str) -> dg.ExecuteInProcessResult:
        return (
            build_defs(example_settings, {"desk": desk})
            .resolve_job_def(JOBS[flow])
            .execute_in_process(
                instance=instance,
                partition_key=f"{DAY}|{OSLO}",
                tags=tags,
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                raise_on_error=False,
            )
        )

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
