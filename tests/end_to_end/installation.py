"""One installation of the integration beside a sandbox: what the end-to-end tests run and restart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from qondor_finago_pipelines.flows.reconciliation.reconcile import reconcile_office
from qondor_finago_pipelines.flows.service import SyncService
from qondor_finago_pipelines.records.days import oslo_day
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.results import Flow, FlowResult, RecordOutcome, RecordState
from qondor_finago_pipelines.records.reconciliation import Reconciliation
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.sandbox import Sandbox, World
from qondor_finago_pipelines.sandbox.seeds.settings_text import office_settings_yaml
from qondor_finago_pipelines.settings import Settings, load_settings
from qondor_finago_pipelines.store import Store

OSLO = OfficeId(102)
BERGEN = OfficeId(103)


class Installation:
    """Settings, environment and store. Every `sync` opens a sync service of its own, as a new process would.

    The clock stands until it is moved; pauses move it and take no time.
    """

    def __init__(self, folder: Path, sandbox: Sandbox, clock: Any, store_url: str) -> None:
        self.sandbox = sandbox
        self.clock = clock
        self.store_url = store_url
        self.environ: dict[str, str] = {**sandbox.environment()}
        self._file = folder / "offices.yaml"
        self._runs = count(1)
        self.configure()

    @property
    def world(self) -> World:
        return self.sandbox.world

    def configure(
        self,
        *,
        office_options: Mapping[str, Any] | None = None,
        invoices: Mapping[str, Any] | None = None,
        sync: Mapping[str, Any] | None = None,
    ) -> None:
        """Writes the settings file anew, with these keys instead of the usual ones."""
        text = office_settings_yaml(self.world, office_options=office_options, invoices=invoices, sync=sync)
        self._file.write_text(text, encoding="utf-8")

    def settings(self) -> Settings:
        """The settings file as it stands now."""
        return load_settings(self._file)

    @contextmanager
    def service(self) -> Iterator[SyncService]:
        store = Store.open(self.store_url, clock=self.clock, sleep=self.clock.sleep)
        with SyncService(self.settings(), self.environ, store, pause=self.clock.sleep) as service:
            yield service

    def run(
        self,
        flow: Flow,
        office: OfficeId = OSLO,
        *,
        first_day: date | None = None,
        day: date | None = None,
        trigger: str = "cli",
        deliver: bool = False,
    ) -> FlowResult:
        """One run of a flow for one office; `deliver` sends the alerts afterwards, as a command does."""
        with self.service() as service:
            result = service.sync(
                flow,
                office,
                day=day or oslo_day(service.store.now()),
                first_day=first_day,
                run_id=f"run-{next(self._runs)}",
                trigger=trigger,
            )
            if deliver:
                service.deliver_alerts()
            return result

    def sync(self, office: OfficeId = OSLO, **how: Any) -> FlowResult:
        """One run of the invoice flow."""
        return self.run(Flow.INVOICES, office, **how)

    def follow(self, office: OfficeId = OSLO, *, trigger: str = "schedule", **how: Any) -> FlowResult:
        """One run of the customer and project flow."""
        return self.run(Flow.CUSTOMERS_AND_PROJECTS, office, trigger=trigger, **how)

    def load(
        self, office: OfficeId = OSLO, *, first_day: date | None = None, day: date | None = None, deliver: bool = False
    ) -> FlowResult:
        """One run of the cost and sale flow: the usual window, or the days given."""
        if first_day is None and day is None:
            with self.service() as service:
                first_day = service.cost_window(office)
        result = self.run(
            Flow.COSTS_AND_SALES, office, first_day=first_day or day, day=day, trigger="schedule", deliver=deliver
        )
        if result.totals_by_day is not None:
            result.totals_by_day.postings.close()
        return result

    def reconcile(
        self, office: OfficeId = OSLO, *, first_day: date | None = None, last_day: date | None = None
    ) -> Reconciliation:
        """Both systems compared: the days given, or the current month."""
        with self.service() as service:
            last_day = last_day or oslo_day(service.store.now())
            return reconcile_office(
                service, self.settings().office(office), first_day or last_day.replace(day=1), last_day
            )

    def allow_deletions(self, office: OfficeId = OSLO) -> None:
        """What `qondor-finago retry --allow-deletions` does."""
        with self.service() as service, service.store.write() as transaction:
            transaction.readings.allow_deletions(office)

    def sync_both(self) -> dict[OfficeId, FlowResult]:
        """Both offices in one process, one sync service: as the command line and the demo do it."""
        with self.service() as service:
            how: dict[str, Any] = {"day": oslo_day(service.store.now()), "trigger": "cli"}
            return {
                office: service.sync(Flow.INVOICES, office, run_id=f"run-{next(self._runs)}", **how)
                for office in (OSLO, BERGEN)
            }

    def wait(self, **duration: float) -> None:
        """Moves the clock of both sides."""
        self.clock.advance(timedelta(**duration))

    def lose_store(self) -> None:
        """The store's file is gone: only for SQLite."""
        for file in Path(self.store_url.removeprefix("sqlite:///")).parent.glob("store.db*"):
            file.unlink()


def outcome(result: FlowResult, record: int | str) -> RecordOutcome:
    """How a run left one record: an invoice by its number, `customer 77`, `project 555`."""
    found = [each for each in result.records if each.id == str(record)]
    assert len(found) == 1, (record, result.records, result.problems)
    return found[0]


def assert_settled(result: FlowResult, *records: int | str) -> None:
    """Each of these records is settled; shows what was said of it when it is not."""
    for record in records:
        assert outcome(result, record).state is RecordState.SETTLED, (outcome(result, record), result.problems)


def assert_held(result: FlowResult, record: int | str, reason: Reason) -> RecordOutcome:
    """The record waits for a correction, for this reason, and somebody can read what to do about it."""
    found = outcome(result, record)
    assert (found.state, found.reason) == (RecordState.HELD, reason), (found, result.problems)
    assert found.message
    assert found.remedy
    return found
