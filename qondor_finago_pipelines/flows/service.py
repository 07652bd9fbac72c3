"""The installation at work: one store, one set of addresses, and a run of a flow for each office that asks.

Dagster's resource and the command line both open a service; neither builds a client by itself. Secrets are read
from the environment inside the flow of their office, so that an unset one fails that office and no other (decisions 1).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import TracebackType

from ..records.days import oslo_day
from ..records.errors import LeaseHeld, SettingsError, SyncError
from ..records.identifiers import ClientId, OfficeId, OrderId, QondorInvoiceId
from ..records.operations.results import Flow, FlowResult, Problem
from ..settings import Addresses, OfficeSettings, Settings, store_url
from ..store import Lease, Store
from ..systems.finago.client import TRANSACTIONS_TIMEOUT_SECONDS, FinagoClient
from ..systems.qondor import QondorClient
from ..tags import BY_ITSELF
from .costs_and_sales.line_files import LineFiles
from .costs_and_sales.sync import sync_costs_and_sales
from .customers_and_projects.sync import sync_customers_and_projects
from .invoices.quarantine import is_quarantined, link_to_order, send_as_new
from .invoices.queue_poll import QueuePoll
from .invoices.sync import sync_invoices
from .operations.alerts import StillAtWork, deliver, nobody, show_pending
from .run.alert_causes import cause_of
from .run.metering import Meter
from .run.office_run import OfficeRun
from .run.run_record import RunRecord
from .run.sessions import StoredSessions

FINAGO_RECORDS = "finago"
QONDOR_COSTS = "qondor-costs"
"""What a lease guards: everything that is written to one Finago client, or the costs and sales that come from it."""


class SyncService:
    """Opens the store and runs flows; a context manager. Not shared between threads."""

    def __init__(
        self,
        settings: Settings,
        environ: Mapping[str, str],
        store: Store,
        *,
        pause: Callable[[float], None] = time.sleep,
        poll: QueuePoll | None = None,
    ) -> None:
        self.settings = settings
        self.store = store
        self._pause = pause
        self._environ = environ
        self._addresses = Addresses.from_environment(settings, environ)
        self._poll = poll or QueuePoll()

    @classmethod
    def open(cls, settings: Settings, environ: Mapping[str, str]) -> SyncService:
        """Opens the store named by the environment, made new or migrated where it has to be."""
        return cls(settings, environ, Store.open(store_url(environ)))

    def with_own_connection(self) -> SyncService:
        """A service for another thread, at the same store, which stays the first one's to close. They share a poll."""
        return SyncService(self.settings, self._environ, self.store, pause=self._pause, poll=self._poll)

    def close(self) -> None:
        self.store.close()

    def __enter__(self) -> SyncService:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def sync_invoices(self, office_id: OfficeId, *, day: date, run_id: str, trigger: str) -> FlowResult:
        """One run of the invoice flow for one office. `day` is the partition's day in Europe/Oslo."""
        run_record = RunRecord(Flow.INVOICES, office_id, day, run_id)
        return self._nothing_to_do(run_record) or self._run(
            run_record, trigger, lambda run: sync_invoices(run, lambda: self._poll.queue(run.qondor, run.office_id))
        )

    def sync_customers_and_projects(self, office_id: OfficeId, *, day: date, run_id: str, trigger: str) -> FlowResult:
        """One run of the customer and project flow for one office. `day` must be today in Europe/Oslo.

        A run that came by itself and is late is skipped; whoever asks for a past day is told why that cannot be.
        """
        run_record = RunRecord(Flow.CUSTOMERS_AND_PROJECTS, office_id, day, run_id)
        refused = self._nothing_to_do(run_record)
        if refused is None and day < oslo_day(self.store.now()):
            if trigger in BY_ITSELF:
                # It was asked for in time, and came late or began again after midnight.
                return _skipped(run_record, f"{day} is over, and the next run sees to all that changed since the last")
            refused = _stopped(
                run_record,
                "settings",
                f"Customers and projects of {day} cannot be synced: Qondor tells how they are now, not how they were "
                "on that day.",
                "Run today's partition: its window holds everything that changed since the last complete run.",
            )
        return refused or self._run(run_record, trigger, sync_customers_and_projects)

    def sync_costs_and_sales(
        self, office_id: OfficeId, *, first_day: date, day: date, run_id: str, trigger: str
    ) -> FlowResult:
        """One run of the cost and sale flow for one office: what changed in Finago from `first_day` to `day`.

        The lines that were read stay on disk until the files of `FlowResult.totals_by_day` are closed.
        """
        run_record = RunRecord(Flow.COSTS_AND_SALES, office_id, day, run_id, first_day=first_day)
        refused = self._nothing_to_do(run_record)
        if refused is None and first_day > day:
            refused = _stopped(
                run_record,
                "settings",
                f"The range of days from {first_day} to {day} is empty.",
                "Choose a first day that is not after the last.",
            )
        if refused is not None:
            return refused
        files = LineFiles()
        try:
            return self._run(run_record, trigger, lambda run: sync_costs_and_sales(run, files), writes_to=QONDOR_COSTS)
        except BaseException:
            files.close()
            raise

    def cost_window(self, office_id: OfficeId) -> date:
        """The first Oslo day of a scheduled run of costs and sales: it ends today.

        The earlier of `days_backwards` ago and the day up to which the office has read Finago's changes, so that an
        outage loses nothing; not before the first partition (decisions 8).
        """
        now = self.store.now()
        usual = oslo_day(now) - timedelta(days=self._office(office_id).costs_and_sales.days_backwards)
        with self.store.read() as transaction:
            read_until = transaction.readings.read_until(office_id)
        return max(min(usual, oslo_day(read_until or now)), self.settings.sync.first_day)

    def deliver_alerts(self, still_at_work: StillAtWork = nobody) -> int:
        """Tells Slack what nobody was told yet; gives the number of messages sent.

        The troubles of runs that are still at work wait for those to try again. A command that does not know Slack only
        shows them: the installation's daemon, whose environment may be another, has still to tell them.
        """
        if self._addresses.slack is None:
            show_pending(self.store, ui_url=self._addresses.dagster_ui_url)
            return 0
        return deliver(self.store, self._addresses, still_at_work).messages

    def retry(self, invoice_id: QondorInvoiceId, *, run_id: str, link: OrderId | None = None) -> OfficeId:
        """Settles a quarantined invoice as a person decided: its order is `link`, or (None) no order is its own.

        Gives its office, whose next run carries it on. Raises SyncError when no office of the settings has the invoice
        in quarantine.
        """
        for office in self.settings.offices:
            office_id = OfficeId(office.id)
            run_record = RunRecord(Flow.INVOICES, office_id, oslo_day(self.store.now()), run_id)
            meter = Meter(self.store, self.settings.sync, sleep=self._pause)
            if office.closed or not self._knows(office_id, invoice_id):
                continue
            run = self._connect(office, run_record, "cli", meter)
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

    def _knows(self, office_id: OfficeId, invoice_id: QondorInvoiceId) -> bool:
        """Whether a run of this office has met the invoice."""
        with self.store.read() as transaction:
            return transaction.outcomes.get(office_id, Flow.INVOICES.value, str(invoice_id)) is not None

    def _nothing_to_do(self, run_record: RunRecord) -> FlowResult | None:
        """The answer to a run that may not be: an office or flow that is switched off, a day that is not here yet."""
        office = self._office(run_record.office)
        if not office.does(run_record.flow):
            why = "the office is closed" if office.closed else "the flow is disabled in the settings"
            return _skipped(run_record, why)
        if run_record.day > oslo_day(self.store.now()):
            return _stopped(
                run_record, "settings", f"{run_record.day} is not here yet.", "Choose today or an earlier day."
            )
        return None

    def _run(
        self, run_record: RunRecord, trigger: str, work: Callable[[OfficeRun], None], *, writes_to: str = FINAGO_RECORDS
    ) -> FlowResult:
        """One run of a flow, under a lease of the office's Finago client, from its start to its result."""
        office = self._office(run_record.office)
        started = time.monotonic()
        meter = Meter(self.store, self.settings.sync, sleep=self._pause)
        run: OfficeRun | None = None
        skipped: str | None = None
        self._start(run_record, trigger)
        try:
            run = self._connect(office, run_record, trigger, meter)
            meter.lease = self._take_lease(run, writes_to)
            work(run)
            run_record.warn(*run.qondor.warnings(), *run.finago.warnings())
        except LeaseHeld as held:
            skipped = str(held)
        except SyncError as error:
            run_record.stopped_early = True
            run_record.problem(cause_of(error), error)
        finally:
            whole_queue = run is not None and not run.is_past_day and skipped is None
            run_record.write(self.store, meter.lease, whole_queue=whole_queue)
            if meter.lease is not None:
                self.store.release(meter.lease)
        result = run_record.result(
            skipped=skipped,
            calls=meter.calls_by_system(),
            calls_by_operation=meter.calls_by_operation(),
            seconds=time.monotonic() - started,
            invoices=run.details.values() if run is not None else (),
            customers=run.customers if run is not None else (),
            projects=run.projects if run is not None else (),
            totals_by_day=run.totals_by_day if run is not None else None,
        )
        self._finish(run_record, result)
        return result

    def _start(self, run_record: RunRecord, trigger: str) -> None:
        with self.store.write() as transaction:
            transaction.runs.start(
                run_id=run_record.run_id,
                office_id=run_record.office,
                flow=run_record.flow.value,
                day=run_record.day,
                trigger=trigger,
            )

    def _finish(self, run_record: RunRecord, result: FlowResult) -> None:
        with self.store.write() as transaction:
            transaction.runs.finish(run_record.run_id, result=result.as_json(), complete=result.looked_at_everything)

    def _take_lease(self, run: OfficeRun, writes_to: str = FINAGO_RECORDS) -> Lease:
        """One writer for each Finago client and what is written, whatever started it (decisions 7).

        The lease outlasts the longest call.
        """
        sync = self.settings.sync
        longest = sync.call_timeout_seconds
        if writes_to == QONDOR_COSTS:
            longest = max(longest, TRANSACTIONS_TIMEOUT_SECONDS)
        return self.store.take_lease(
            f"{run.client_id}:{writes_to}",
            run.run_id,
            lasts=timedelta(seconds=longest + sync.lease_margin_seconds),
            wait=timedelta(seconds=sync.lease_wait_seconds),
        )

    def _connect(self, office: OfficeSettings, run_record: RunRecord, trigger: str, meter: Meter) -> OfficeRun:
        """Both clients of an office, and the Finago client whose books they write to. Logs in when nobody has yet."""
        timeout = self.settings.sync.call_timeout_seconds
        office_id = OfficeId(office.id)
        qondor = QondorClient(
            self._addresses.qondor_base_url,
            self._addresses.qondor_subscription_key(self._environ),
            gate=meter,
            timeout_seconds=timeout,
            pause=self._pause,
            clock=self.store.now,
        )
        finago = self._finago_of(office, meter)
        return OfficeRun(
            office=office,
            known_offices=tuple(OfficeId(each.id) for each in self.settings.offices),
            sync=self.settings.sync,
            accounts=self.settings.accounts,
            day=run_record.day,
            first_day=run_record.first_day or run_record.day,
            run_id=run_record.run_id,
            trigger=trigger,
            store=self.store,
            meter=meter,
            qondor=qondor,
            finago=finago,
            client_id=self._client_of(office_id, finago),
            record=run_record,
        )

    def _finago_of(self, office: OfficeSettings, meter: Meter) -> FinagoClient:
        """Finago as one office sees it. Raises SettingsError where the environment lacks a part of its credential."""
        return FinagoClient(
            api_url=self._addresses.finago_api_url,
            webservices_url=self._addresses.finago_webservices_url,
            credential=office.finago.resolve(self._environ),
            office_id=OfficeId(office.id),
            sessions=StoredSessions(self.store),
            gate=meter,
            timeout_seconds=self.settings.sync.call_timeout_seconds,
            pause=self._pause,
            clock=self.store.now,
        )

    def _client_of(self, office_id: OfficeId, finago: FinagoClient) -> ClientId:
        """The Finago client of a credential set, asked once and remembered (decisions 2, Scope)."""
        key = finago.credential_key
        with self.store.read() as transaction:
            known = transaction.clients.client_of_credential(key)
        client_id = known if known is not None else finago.client_id()
        with self.store.write() as transaction:
            transaction.clients.remember_credential(key, client_id)
            transaction.clients.remember_office(office_id, client_id)
        return client_id

    def _office(self, office_id: OfficeId) -> OfficeSettings:
        for office in self.settings.offices:
            if office.id == office_id:
                return office
        raise SettingsError(
            f"Office {office_id} is not in the settings.",
            remedy=f"The settings have: {', '.join(str(office.id) for office in self.settings.offices)}.",
        )


def _skipped(run_record: RunRecord, why: str) -> FlowResult:
    return FlowResult(
        flow=run_record.flow,
        office=run_record.office,
        day=run_record.day,
        first_day=run_record.first_day,
        skipped=f"Nothing was done: {why}.",
    )


def _stopped(run_record: RunRecord, cause: str, message: str, remedy: str) -> FlowResult:
    return FlowResult(
        flow=run_record.flow,
        office=run_record.office,
        day=run_record.day,
        first_day=run_record.first_day,
        problems=(Problem(cause=cause, message=message, remedy=remedy),),
    )
