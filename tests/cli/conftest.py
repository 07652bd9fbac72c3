"""An installation in a folder of its own: settings file, Dagster instance, store; and a service that gives results."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from qondor_finago_pipelines.cli import main
from qondor_finago_pipelines.cli.instance import open_instance
from qondor_finago_pipelines.flows.costs_and_sales.line_files import LineFiles
from qondor_finago_pipelines.flows.operations.alerts import StillAtWork, nobody
from qondor_finago_pipelines.flows.service import SyncService
from qondor_finago_pipelines.records.days import oslo_day
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.results import Flow, FlowResult, TotalsByDay
from qondor_finago_pipelines.settings import SETTINGS_VARIABLE, find_settings_file, load_settings, store_url
from qondor_finago_pipelines.store import Store, utc_now

OURS = ("QONDOR_", "FINAGO_", "SLACK_", "DAGSTER_")


@pytest.fixture(scope="session")
def unused_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DAGSTER_HOME as the first command leaves it; to make Dagster's SQLite files takes a second."""
    home = tmp_path_factory.mktemp("home")
    environ = {"DAGSTER_HOME": str(home)}
    open_instance(environ).dispose()
    Store.open(store_url(environ)).close()
    return home


@dataclass
class Installation:
    """What a person has who uses the command line."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / ".dagster"

    @property
    def settings_file(self) -> Path:
        return self.folder / "offices.yaml"

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments))

    def store(self, clock: Callable[[], datetime] = utc_now) -> Store:
        return Store.open(store_url(), clock=clock)


@pytest.fixture
def installation(tmp_path: Path, unused_home: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """The two offices of the example file, and no secrets."""
    import os

    for name in [name for name in os.environ if name.startswith(OURS)]:
        monkeypatch.delenv(name)
    made = Installation(tmp_path)
    shutil.copytree(unused_home, made.home)
    shutil.copy(Path(__file__).parents[2] / "offices.example.yaml", made.settings_file)
    monkeypatch.setenv(SETTINGS_VARIABLE, str(made.settings_file))
    monkeypatch.chdir(tmp_path)
    return made


class PreparedService(SyncService):
    """Gives a result prepared for each office, or an error; everything else is settled."""

    def __init__(self, store: Store) -> None:
        super().__init__(load_settings(find_settings_file()), {}, store)
        self.results: dict[int, FlowResult | Exception] = {}
        self.asked: list[tuple[int, date, str]] = []
        self.windows: list[tuple[int, date, date]] = []
        """Office, first and last day of each run of costs and sales."""
        self.flows: set[Flow] = set()
        self.deliveries = 0

    def cost_window(self, office_id: OfficeId) -> date:  # noqa: ARG002
        return oslo_day(self.store.now())

    def sync(
        self, flow: Flow, office_id: OfficeId, *, day: date, first_day: date | None = None, run_id: str, trigger: str
    ) -> FlowResult:
        assert run_id
        self.asked.append((office_id, day, trigger))
        self.flows.add(flow)
        result = self.results.get(office_id, FlowResult(flow=flow, office=office_id, day=day))
        if isinstance(result, Exception):
            raise result
        if flow is Flow.COSTS_AND_SALES:
            assert first_day is not None
            self.windows.append((office_id, first_day, day))
            if not result.problems:
                return replace(result, totals_by_day=TotalsByDay(postings=LineFiles()))
        return result

    def deliver_alerts(self, still_at_work: StillAtWork = nobody) -> int:  # noqa: ARG002
        self.deliveries += 1
        return 0


@pytest.fixture
def sync(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[PreparedService]:
    """Stands where a command would open its sync service."""
    prepared = PreparedService(installation.store())
    opened: Callable[..., PreparedService] = lambda *_: prepared  # noqa: E731
    monkeypatch.setattr(SyncService, "open", opened)
    yield prepared
    prepared.store.close()
