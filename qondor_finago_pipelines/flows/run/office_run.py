"""What one run of a flow for one office works with: both systems, the store under its lease, and the run's record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from ...records.customers_and_projects.customers import Customer
from ...records.customers_and_projects.projects import QondorProject
from ...records.days import in_utc, oslo_day
from ...records.errors import CallFailed, SyncError
from ...records.identifiers import ClientId, OfficeId
from ...records.invoices.invoices import QondorInvoice, Queue
from ...records.links import Kind
from ...records.operations.results import TotalsByDay
from ...settings import AccountSettings, OfficeSettings, SyncSettings
from ...store import Store, Transaction
from ...systems.finago.client import FinagoClient
from ...systems.qondor import QondorClient
from .circuit_breaker import CircuitBreaker
from .metering import FINAGO, QONDOR, Meter
from .run_record import RunRecord

Read = TypeVar("Read")

CLOCK_WORTH_A_WARNING = timedelta(minutes=2)

SET_THE_CLOCK = "Set the clock of the machine on which the sync runs by a time server (NTP)."


@dataclass(kw_only=True)
class OfficeRun:
    """One office, one flow, one run. `lane` names what the lease guards: one Finago client's records."""

    office: OfficeSettings
    known_offices: tuple[OfficeId, ...]
    """Every office of the settings: a queue entry of any other is reported, never touched."""
    sync: SyncSettings
    accounts: AccountSettings
    day: date
    first_day: date
    """The same as `day`, but for a flow that works on a range of days."""
    run_id: str
    trigger: str
    """`schedule`, `sensor`, `cli` or `ui`: a person's run always asks for payments."""
    store: Store
    meter: Meter
    qondor: QondorClient
    finago: FinagoClient
    client_id: ClientId
    offices_of_unknown_client: frozenset[OfficeId]
    """Open offices that may share the client: nobody could learn which one is theirs."""
    record: RunRecord
    queue: Callable[[], Queue]
    """Polls Qondor's queue: once for all offices that one process works."""
    details: dict[int, QondorInvoice] = field(default_factory=dict)
    circuit_breaker: CircuitBreaker = field(default_factory=CircuitBreaker)
    customers: tuple[Customer, ...] = ()
    projects: tuple[QondorProject, ...] = ()
    totals_by_day: TotalsByDay | None = None
    _read: dict[str, Any] = field(default_factory=dict)

    @property
    def office_id(self) -> OfficeId:
        return OfficeId(self.office.id)

    @property
    def today(self) -> date:
        return oslo_day(self.store.now())

    @property
    def is_past_day(self) -> bool:
        """A past day's partition takes only what belongs to that day (decisions 12)."""
        return self.day < self.today

    @property
    def quiet_period(self) -> timedelta:
        return timedelta(seconds=self.sync.quiet_period_seconds)

    @property
    def lookup_margin(self) -> timedelta:
        return timedelta(seconds=self.sync.lookup_margin_seconds)

    def time_at(self, kind: Kind) -> datetime:
        """Now, by the clock of the system in which this kind of record is created.

        Intents bear that time, and look-ups are reckoned in it: a host whose clock is an hour ahead must not ask for
        what was registered in an hour (decisions 7, Clocks).
        """
        return self.store.now() + self.meter.clock_difference(QONDOR if kind in (Kind.COST, Kind.SALE) else FINAGO)

    def check_clocks(self) -> None:
        """Raises SyncError where a clock is so far off that a look-up could miss what was created."""
        for said in self._clocks_beyond(self.lookup_margin / 2):
            raise SyncError(f"{said} Nothing is created while they are so far apart.", remedy=SET_THE_CLOCK)

    def warn_of_clocks(self) -> None:
        """Says once a run which clock is off."""
        for said in self._clocks_beyond(CLOCK_WORTH_A_WARNING):
            self.record.warn(f"{said} {SET_THE_CLOCK}")

    def _clocks_beyond(self, bearable: timedelta) -> Iterator[str]:
        for system in (QONDOR, FINAGO):
            difference = self.meter.clock_difference(system)
            if abs(difference) > bearable:
                ours = self.store.now()
                yield f"Our clock says {in_utc(ours)}, that of {system.capitalize()} {in_utc(ours + difference)}."

    def write(self) -> AbstractContextManager[Transaction]:
        """A store transaction that counts only while the lease is ours."""
        return self.store.write(self.meter.lease)

    def log_event(
        self,
        transaction: Transaction,
        kind: Kind,
        key: str,
        event: str,
        detail: Mapping[str, object] | None = None,
        *,
        office_id: OfficeId | None = None,
    ) -> None:
        """Adds to the history of a record, which is another office's when that one wrote it."""
        transaction.events.append(
            office_id=office_id or self.office_id,
            kind=kind.value,
            key=key,
            event=event,
            run_id=self.run_id,
            detail=dict(detail or {}),
        )

    def goes_on_after(self, failure: CallFailed, cause: str) -> None:
        """One record could not be read or written: the run says so and goes on with the others, for a while.

        Raises the failure when it is no single record's trouble.
        """
        self.record.problem(cause, failure)
        self.circuit_breaker.lost(failure)

    def cached(self, what: str, read: Callable[[], Read]) -> Read:
        """A list that does not change during a run - currencies, departments, products - is read only once in it."""
        if what not in self._read:
            self._read[what] = read()
        answer: Read = self._read[what]
        return answer
