"""Settings with as many offices as a test wants, an instance that survives a tick, and the queue sensor's ticks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.definitions.sensor_definition import SensorExecutionData

from qondor_finago_pipelines.definitions import build_defs
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.sandbox.seeds.empty import empty
from qondor_finago_pipelines.sandbox.seeds.settings_text import office_settings_yaml
from qondor_finago_pipelines.settings import Settings, load_settings
from tests.assets.conftest import FakeSync

FIRST = 101
"""The first of the offices; the others follow it."""


def offices(number: int) -> list[OfficeId]:
    return [OfficeId(FIRST + each) for each in range(number)]


@pytest.fixture
def settings_of(tmp_path: Path) -> Callable[[int], Settings]:
    """The settings of an installation with so many offices."""

    def make(number: int) -> Settings:
        world = empty(offices={office: f"Office {office}" for office in offices(number)})
        file = tmp_path / "offices.yaml"
        file.write_text(office_settings_yaml(world), encoding="utf-8")
        return load_settings(file)

    return make


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    home = tmp_path / "dagster"
    home.mkdir()
    with dg.DagsterInstance.local_temp(str(home)) as instance:
        yield instance


def evaluate(
    definitions: dg.Definitions, name: str, sync: FakeSync, instance: dg.DagsterInstance, cursor: str | None = None
) -> SensorExecutionData:
    """One tick of a sensor."""
    with dg.build_sensor_context(
        instance=instance,
        cursor=cursor,
        resources={"sync": sync},
        repository_def=definitions.get_repository_def(),
    ) as context:
        return definitions.resolve_sensor_def(name).evaluate_tick(context)


class Ticks:
    """The queue sensor of an installation, tick by tick; its cursor is kept in between, as the daemon keeps it."""

    def __init__(self, settings: Settings, sync: FakeSync, instance: dg.DagsterInstance) -> None:
        self.settings = settings
        self.definitions = build_defs(settings, sync)
        self.sync = sync
        self.instance = instance
        self.cursor: str | None = None

    def tick(self, *, keep: bool = True, later: timedelta = timedelta(0)) -> tuple[list[dg.RunRequest], str]:
        """What one tick asks for, and else why not. Without `keep` the daemon dies before it keeps the cursor."""
        self.sync.clock += later
        found = evaluate(self.definitions, "invoice_queue", self.sync, self.instance, self.cursor)
        if keep:
            self.cursor = found.cursor
        return list(found.run_requests or ()), found.skip_message or ""

    def requests(self, *, later: timedelta = timedelta(0)) -> list[dg.RunRequest]:
        return self.tick(later=later)[0]

    def launch(
        self, request: dg.RunRequest, status: dg.DagsterRunStatus = dg.DagsterRunStatus.STARTED
    ) -> dg.DagsterRun:
        """The run that the daemon makes of a request."""
        assert request.job_name is not None
        return self.instance.create_run_for_job(
            self.definitions.resolve_job_def(request.job_name),
            run_config=request.run_config,
            tags=dict(request.tags),
            status=status,
        )


@pytest.fixture
def ticks(settings_of: Callable[[int], Settings], instance: dg.DagsterInstance) -> Callable[[FakeSync, int], Ticks]:
    """The ticks of an installation with so many offices, at this sync service."""
    return lambda sync, number: Ticks(settings_of(number), sync, instance)
