"""The sync service in a rehearsal, and in the run of a plan. Both run the flows' own code: nothing decides twice."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from ...records.identifiers import ClientId, OfficeId
from ...records.operations.planned import FlowPlan, PlannedChange
from ...records.operations.results import Flow, FlowResult
from ...settings import OfficeSettings
from ...store import Lease, Store
from ...store.copying import copy_of
from ...store.database import STORE_FILE
from ..flow_table import lane_of
from ..run.metering import FINAGO, Meter
from ..run.office_run import OfficeRun
from ..run.run_record import RunRecord
from ..service import SyncService
from .describing import Describing, Names
from .finago import GuardedFinago, RehearsedFinago
from .gate import PlanGate
from .imagined import Imagined
from .planning import changes_of, in_order
from .qondor import GuardedQondor, RehearsedQondor


@dataclass(frozen=True, kw_only=True)
class PlannedRun:
    """One office's run of a flow: `day` and `first_day` as `SyncService.sync` takes them."""

    office: OfficeId
    day: date
    first_day: date | None = None


def rehearse(service: SyncService, flow: Flow, runs: Iterable[PlannedRun]) -> FlowPlan:
    """What runs of a flow, one office after the other, would do now. Reads both systems and writes to neither.

    The store keeps nothing of it but sessions and counted calls. Raises StoreUnavailable, SettingsError.
    """
    asked = list(runs)
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="rehearsal-"))
        rehearsal = stack.enter_context(Rehearsal(service, Path(folder)))
        changes: list[PlannedChange] = []
        results: list[FlowResult] = []
        for number, run in enumerate(asked):
            results.append(rehearsal.run(flow, run, f"plan {number}"))
            changes += rehearsal.changes_of(results[-1])
        with service.store.read() as transaction:
            installation = transaction.installation_id()
        return FlowPlan(
            flow=flow,
            offices=tuple(run.office for run in asked),
            installation=installation,
            made_at=service.store.now(),
            changes=in_order(changes),
            calls=rehearsal.calls(results),
            notes=(*rehearsal.at_work, *(note for result in results for note in _notes_of(result))),
            is_whole=not any(result.problems or result.skipped for result in results),
        )


class SendsNothing(Meter):
    """The gate of a rehearsal: whatever the clients forget to imagine stops here."""

    def before_call(self, system: str, operation: str, *, write: bool) -> None:
        if write:
            raise RuntimeError(f"A rehearsal writes nothing, and {system} {operation} would have.")
        super().before_call(system, operation, write=write)


class Rehearsal(SyncService):
    """Runs flows on a copy of the store, against systems whose writes are imagined. Takes nobody's lease."""

    _qondor_client = RehearsedQondor
    _finago_client = RehearsedFinago

    def __init__(self, service: SyncService, folder: Path) -> None:
        super().__init__(
            service.settings, service.environ, copy_of(service.store, folder / STORE_FILE), pause=service.pause
        )
        self._original = service.store
        self._imagined = Imagined()
        self._clients: dict[OfficeId, ClientId] = {}
        self.at_work: list[str] = []
        """Runs that are under way meanwhile, in words: the plan shows what they have left."""

    def run(self, flow: Flow, run: PlannedRun, run_id: str) -> FlowResult:
        """One run, as the command line would start it."""
        result = self.sync(flow, run.office, day=run.day, first_day=run.first_day, run_id=run_id, trigger="cli")
        if result.totals_by_day is not None:
            result.totals_by_day.postings.close()
        return result

    def changes_of(self, result: FlowResult) -> list[PlannedChange]:
        """What the office's run wrote, or refused, in its own order."""
        written = [change for change in self._imagined.changes if change.office == result.office]
        client = self._clients.get(result.office)
        if client is None:
            return changes_of(result, written, {}, {}, Names())
        with self.store.read() as transaction:
            companies = transaction.companies.of_client(client)
            claims = transaction.projects.of_client(client)
        projects = {claim.finago_project_id: claim.project_id for claim in claims}
        return changes_of(result, written, companies, projects, self._imagined.books[client].names)

    def calls(self, results: Iterable[FlowResult]) -> dict[str, int]:
        """Those that were made, and those that only the real run makes. It need not log in: the session is kept."""
        calls = self._imagined.calls.copy()
        for result in results:
            calls.update(result.calls)
            calls[FINAGO] -= result.calls_by_operation.get(f"{FINAGO} Login", 0)
        return dict(calls)

    @property
    def _session_store(self) -> Store:
        return self._original

    def _meter(self) -> Meter:
        return SendsNothing(self.store, self.settings.sync, sleep=self.pause)

    def _take_lease(self, run: OfficeRun) -> Lease:
        holder = self._original.lease_holder(lane_of(run.record.flow, run.client_id))
        if holder is not None:
            self.at_work.append(
                f"Office {run.office_id}: {holder} is at work in this Finago client. The plan shows what it has left."
            )
        return super()._take_lease(run)

    def _connect(self, office: OfficeSettings, record: RunRecord, trigger: str, meter: Meter) -> OfficeRun:
        run = super()._connect(office, record, trigger, meter)
        assert isinstance(run.finago, RehearsedFinago)
        assert isinstance(run.qondor, RehearsedQondor)
        self._clients[run.office_id] = run.client_id
        books = self._imagined.books[run.client_id]
        describing = Describing(record.flow, run.office_id, books.names)
        run.finago.rehearse(self._imagined, books, describing)
        run.qondor.rehearse(self._imagined, describing)
        return run


class PlannedService(SyncService):
    """Runs flows as ever, but lets through only the writes of a plan."""

    _qondor_client = GuardedQondor
    _finago_client = GuardedFinago

    def __init__(self, service: SyncService, plan: FlowPlan) -> None:
        super().__init__(service.settings, service.environ, service.store, pause=service.pause)
        self._names: dict[ClientId, Names] = {}
        self.gate = PlanGate(plan.changes)

    def _connect(self, office: OfficeSettings, record: RunRecord, trigger: str, meter: Meter) -> OfficeRun:
        run = super()._connect(office, record, trigger, meter)
        assert isinstance(run.finago, GuardedFinago)
        assert isinstance(run.qondor, GuardedQondor)
        names = self._names.setdefault(run.client_id, Names())
        for system in (run.finago, run.qondor):
            system.gate_of_plan = self.gate
            system.describing = Describing(record.flow, run.office_id, names)
        return run


def _notes_of(result: FlowResult) -> tuple[str, ...]:
    said = result.warnings if result.skipped is None else (*result.warnings, result.skipped)
    return tuple(f"Office {result.office}: {each}" for each in said)
