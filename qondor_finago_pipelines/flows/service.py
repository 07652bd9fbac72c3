"""The installation at work: one store, one set of addresses, and a run of a flow for each office that asks.

Dagster and the command line both work at this service; neither builds a client by itself. Secrets are read from the
environment inside the flow of their office, so that an unset one fails that office and no other (decisions 1).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Self

from ..records.days import oslo_day
from ..records.errors import LeaseHeld, SyncError
from ..records.identifiers import ClientId, OfficeId, OrderId, QondorInvoiceId
from ..records.operations.failures import FailedRun
from ..records.operations.office_status import Verdict
from ..records.operations.results import Flow, FlowResult, Problem
from ..records.preflight import Preflight
from ..settings import Addresses, OfficeSettings, Settings, store_url
from ..store import Lease, Store
from ..systems.finago.client import FinagoClient
from ..systems.qondor import QondorClient
from .flow_table import FLOWS, lane_of
from .invoices.quarantine import is_quarantined, link_to_order, send_as_new
from .invoices.queue_poll import QueuePoll
from .operations.alerts import StillAtWork, deliver, nobody, show_pending
from .operations.due_work import DueWork, why_switched_off
from .operations.heartbeat_tasks import HeartbeatTasks
from .operations.office_status import open_each_day, status_of
from .operations.run_failures import record_failure
from .preflight.check import Progress, check_offices, silently
from .preflight.telling import tell
from .run.alert_causes import cause_of
from .run.client_offices import client_of, learn_other_clients, offices_by_client
from .run.metering import Meter
from .run.office_run import OfficeRun
from .run.run_record import RunRecord
from .run.sessions import StoredSessions


class SyncService:
    """Runs flows, and knows what is due and how offices stand; a context manager. Threads may share one.

    The store is opened on first use, so that a service can be made where neither it nor a system may be touched.
    """

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        store: Store | None = None,
        *,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.settings = settings
        self.environ = environ
        self._store = store
        self.pause = pause
        self._poll = QueuePoll()
        self._opening = threading.Lock()
        self._learning = threading.Lock()
        """Of many offices that begin at once one asks for the clients of all others."""

    def open(self) -> Self:
        """Opens the store, made new or migrated where it has to be, and checks the addresses.

        Raises SettingsError where settings or environment do not allow it, StoreUnavailable.
        """
        _ = self._addresses, self.store
        return self

    @property
    def store(self) -> Store:
        with self._opening:
            if self._store is None:
                self._store = Store.open(store_url(self.environ))
            return self._store

    def close(self) -> None:
        if self._store is not None:
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # flows

    def sync(
        self,
        flow: Flow,
        office_id: OfficeId,
        *,
        day: date,
        first_day: date | None = None,
        run_id: str,
        trigger: str,
    ) -> FlowResult:
        """One run of a flow for one office, under a lease of its Finago client, from its start to its result.

        `day` is an Oslo day: that of the partition, or the last of the range that begins on `first_day`. The lines that
        a run of costs and sales read stay on disk until the files of `FlowResult.totals_by_day` are closed.
        """
        office, entry = self.settings.office(office_id), FLOWS[flow]
        record = RunRecord(flow, office_id, day, run_id, first_day=first_day)
        meter = self._meter()
        refusal = why_switched_off(office, flow) or entry.refusal(
            first_day or day, day, today=oslo_day(self.store.now()), trigger=trigger
        )
        if isinstance(refusal, Problem):
            record.problem(refusal.cause, refusal.message, refusal.remedy)
        if refusal is not None:
            skipped = f"Nothing was done: {refusal}." if isinstance(refusal, str) else None
            return record.result(calls={}, calls_by_operation={}, seconds=0.0, skipped=skipped)
        started = time.monotonic()
        run: OfficeRun | None = None
        skipped = None
        with self.store.write() as transaction:
            transaction.runs.start(run_id=run_id, office_id=office_id, flow=flow.value, day=day, trigger=trigger)
        try:
            run = self._connect(office, record, trigger, meter)
            meter.lease = self._take_lease(run)
            entry.work(run)
            run.warn_of_clocks()
            record.warn(*run.qondor.warnings(), *run.finago.warnings())
        except LeaseHeld as held:
            skipped = str(held)
        except SyncError as error:
            record.stopped_early = True
            record.problem(cause_of(error), error)
        finally:
            whole_queue = run is not None and not run.is_past_day and skipped is None
            record.write(self.store, meter.lease, whole_queue=whole_queue)
            if meter.lease is not None:
                self.store.release(meter.lease)
        result = record.result(
            skipped=skipped,
            calls=meter.calls_by_system(),
            calls_by_operation=meter.calls_by_operation(),
            seconds=time.monotonic() - started,
            invoices=run.details.values() if run is not None else (),
            customers=run.customers if run is not None else (),
            projects=run.projects if run is not None else (),
            totals_by_day=run.totals_by_day if run is not None else None,
        )
        with self.store.write() as transaction:
            transaction.runs.finish(run_id, result=result.as_json(), complete=result.looked_at_everything)
        return result

    def lanes(self, flow: Flow, offices: Collection[OfficeId]) -> dict[OfficeId, str]:
        """What an office's runs of a flow may not run beside: two offices of one Finago client share it (decisions 7).

        Until the first login nobody knows the client, and the office is a lane of its own.
        """
        with self.store.read() as transaction:
            clients = transaction.clients.clients_of_offices(offices)
        return {office: lane_of(flow, clients.get(office, f"office-{office}")) for office in offices}

    def offices_by_client(self) -> Mapping[ClientId, Sequence[OfficeId]]:
        """Which offices share a Finago client, as far as that was learned; reads the store alone."""
        return offices_by_client(self.store, self.settings)

    def cost_window(self, office_id: OfficeId) -> date:
        """The first Oslo day of a scheduled run of costs and sales: it ends today.

        The earlier of `days_backwards` ago and the day up to which the office has read Finago's changes, so that an
        outage loses nothing; before the first complete run, the day from which the first attempt asked. Not before the
        first partition (decisions 8).
        """
        now = self.store.now()
        usual = oslo_day(now) - timedelta(days=self.settings.office(office_id).costs_and_sales.days_backwards)
        with self.store.read() as transaction:
            since = transaction.readings.read_until(office_id) or transaction.readings.asked_from(office_id)
        return max(min(usual, oslo_day(since or now)), self.settings.sync.first_day)

    def retry(self, invoice_id: QondorInvoiceId, *, run_id: str, link: OrderId | None = None) -> OfficeId:
        """Settles a quarantined invoice as a person decided: its order is `link`, or (None) no order is its own.

        Gives its office, whose next run carries it on. Raises SyncError when no office of the settings has the invoice
        in quarantine.
        """
        for office in self.settings.offices:
            office_id = OfficeId(office.id)
            record = RunRecord(Flow.INVOICES, office_id, oslo_day(self.store.now()), run_id)
            meter = self._meter()
            if office.closed or not self._knows(office_id, invoice_id):
                continue
            run = self._connect(office, record, "cli", meter)
            meter.lease = self._take_lease(run)
            try:
                if not is_quarantined(run, invoice_id):
                    continue
                if link is not None:
                    link_to_order(run, invoice_id, link)
                else:
                    send_as_new(run, invoice_id)
                return office_id
            finally:
                self.store.release(meter.lease)
        raise SyncError(
            f"Invoice {invoice_id} is not in quarantine in any office of the settings.",
            remedy="A held invoice needs no retry: each run looks at it again and settles it once the cause is mended.",
        )

    # operations

    def check(self, offices: Collection[OfficeSettings], progress: Progress = silently) -> Preflight:
        """Every prerequisite of these offices, looked at in both systems; writes nothing but sessions and counts."""
        return check_offices(self.settings, self.environ, self.store, offices, pause=self.pause, progress=progress)

    def preflight(self, office: OfficeSettings, *, day: date, run_id: str) -> Preflight:
        """The same for one office, and its troubles told: once when they begin, once when they are over."""
        found = self.check([office])
        tell(self.store, office, found, day=day, run_id=run_id)
        return found

    @cached_property
    def due_work(self) -> DueWork:
        """What is due: one for all schedules and sensors of a process, which share its poll of the queue."""
        return DueWork(self.settings, self.environ, self.store, pause=self.pause)

    @cached_property
    def heartbeat_tasks(self) -> HeartbeatTasks:
        """What tells people, one for a process: it remembers when it last showed that it lives."""
        return HeartbeatTasks(self.settings, self.store, self.environ)

    def deliver_alerts(self, still_at_work: StillAtWork = nobody) -> int:
        """Tells Slack what nobody was told yet; gives the number of messages sent.

        The troubles of runs that are still at work wait for those to try again. A command that does not know Slack only
        shows them: the installation's daemon, whose environment may be another, has still to tell them.
        """
        if self._addresses.slack is None:
            show_pending(self.store, ui_url=self._addresses.dagster_ui_url)
            return 0
        return deliver(self.store, self._addresses, still_at_work).messages

    def record_failure(self, failed: FailedRun) -> Collection[OfficeId]:
        """Reports a run that failed without a word of its own; gives the offices that it concerns."""
        return record_failure(self.store, failed)

    def office_status(self) -> Sequence[Verdict]:
        """How all offices stand, from the store alone. Raises StoreUnavailable: nobody knows then."""
        return status_of(self.settings, self.store)

    def open_each_day(self, flow: Flow) -> Mapping[date, int]:
        """How many of the flow's records were open at the end of each of the last days, in all offices."""
        return open_each_day(self.store, flow)

    def prune(self, before: datetime) -> Mapping[str, int]:
        """Lets the store forget runs and alerts of before an instant that nothing depends on; how many of each."""
        with self.store.write() as transaction:
            return {"runs": transaction.pruning.runs(before), "alerts": transaction.pruning.alerts(before)}

    # what a run is opened with; a rehearsal, and a run of a plan, open it with others (flows.rehearsal)

    _qondor_client: type[QondorClient] = QondorClient
    _finago_client: type[FinagoClient] = FinagoClient

    @property
    def _session_store(self) -> Store:
        return self.store

    def _meter(self) -> Meter:
        return Meter(self.store, self.settings.sync, sleep=self.pause)

    @property
    def _addresses(self) -> Addresses:
        return Addresses.from_environment(self.settings, self.environ)

    def _knows(self, office_id: OfficeId, invoice_id: QondorInvoiceId) -> bool:
        """Whether a run of this office has met the invoice."""
        with self.store.read() as transaction:
            return transaction.outcomes.get(office_id, Flow.INVOICES.value, str(invoice_id)) is not None

    def reading_run(self, office: OfficeSettings, record: RunRecord) -> OfficeRun:
        """A run without a lease: it may read both systems and the store, and write in none."""
        return self._connect(office, record, "cli", Meter(self.store, self.settings.sync, sleep=self.pause))

    def _take_lease(self, run: OfficeRun) -> Lease:
        """One writer for each Finago client and what is written, whatever started it (decisions 7).

        The lease outlasts the longest call.
        """
        sync, entry = self.settings.sync, FLOWS[run.record.flow]
        longest = max(sync.call_timeout_seconds, entry.longest_call_seconds)
        return self.store.take_lease(
            lane_of(run.record.flow, run.client_id),
            run.run_id,
            lasts=timedelta(seconds=longest + sync.lease_margin_seconds),
            wait=timedelta(seconds=sync.lease_wait_seconds),
        )

    def _connect(self, office: OfficeSettings, record: RunRecord, trigger: str, meter: Meter) -> OfficeRun:
        """Both clients of an office, and the Finago client whose books they write to. Logs in when nobody has yet.

        Raises SettingsError where the environment lacks a part of the office's credential.
        """
        office_id = OfficeId(office.id)
        qondor = self._qondor_client(
            self._addresses.qondor_base_url,
            self._addresses.qondor_subscription_key(self.environ),
            gate=meter,
            timeout_seconds=self.settings.sync.call_timeout_seconds,
            pause=self.pause,
            clock=self.store.now,
        )
        finago = self._finago_of(office, meter)
        client_id = client_of(self.store, office_id, finago)
        with self._learning:
            unknown = learn_other_clients(
                self.store, self.settings, record, lambda other: self._finago_of(other, meter)
            )
        return OfficeRun(
            office=office,
            known_offices=tuple(OfficeId(each.id) for each in self.settings.offices),
            sync=self.settings.sync,
            accounts=self.settings.accounts,
            day=record.day,
            first_day=record.first_day or record.day,
            run_id=record.run_id,
            trigger=trigger,
            store=self.store,
            meter=meter,
            qondor=qondor,
            finago=finago,
            client_id=client_id,
            offices_of_unknown_client=unknown,
            record=record,
            queue=lambda: self._poll.queue(qondor, office_id),
        )

    def _finago_of(self, office: OfficeSettings, meter: Meter) -> FinagoClient:
        return self._finago_client(
            api_url=self._addresses.finago_api_url,
            webservices_url=self._addresses.finago_webservices_url,
            credential=office.finago.resolve(self.environ),
            office_id=OfficeId(office.id),
            sessions=StoredSessions(self._session_store),
            gate=meter,
            timeout_seconds=self.settings.sync.call_timeout_seconds,
            pause=self.pause,
            clock=self.store.now,
        )
