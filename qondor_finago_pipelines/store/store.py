"""The way into the store: transactions, leases, call budgets, and the clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import TracebackType

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError

from ..records.errors import LeaseHeld
from .database import Mode, in_mode, open_engine, store_url
from .earlier_store import earlier_file, take_over_file
from .errors import StoreUnavailable
from .migrating import check_revision, migrate
from .run.budgets import DAY, HOUR, Block, Budgets
from .run.leases import Lease, Leases
from .transaction import Transaction

_ASK_AGAIN = timedelta(seconds=0.25)
"""How often a run that waits for a lease looks whether it is free."""


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


class Store:
    """What the integration remembers, in SQLite or PostgreSQL. Threads may share one; each process opens its own.

    No transaction may be open during a call to a system, and none inside another: what one thread holds open for
    writing, it would wait for itself. That is refused at once, with a RuntimeError.
    """

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
        self._engine = engine
        self._clock = clock
        self._sleep = sleep
        self._open = threading.local()

    @classmethod
    def open(
        cls,
        url: str,
        *,
        clock: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Store:
        """Opens the store at `url`, made or migrated to its newest form first; any number of processes may do so.

        `sleep` is used only while waiting for a lease. Raises SettingsError for an address that cannot be one, and
        StoreUnavailable when the database does not answer.
        """
        address = store_url(url)
        if address.get_backend_name() == "sqlite":
            take_over_file(Path(str(address.database)))
        return cls(_opened(address, migrate), clock=clock, sleep=sleep)

    @classmethod
    def open_as_it_is(cls, url: str, *, clock: Callable[[], datetime] = utc_now) -> Store:
        """Opens the store at `url` to look at: nothing is made and nothing is migrated.

        Raises StoreUnavailable where there is none, or one of another version.
        """
        address = store_url(url)
        if address.get_backend_name() == "sqlite":
            file = Path(str(address.database))
            if (earlier := earlier_file(file)) is not None:
                raise StoreUnavailable(
                    f"The sync store is still that of the version before, {earlier}.", remedy="Any sync takes it over."
                )
            if not file.exists():
                raise StoreUnavailable(
                    f"There is no sync store at {file}.",
                    remedy="Any sync makes it; see that QONDOR_FINAGO_DATABASE_URL and DAGSTER_HOME are those of the "
                    "sync.",
                )
        return cls(_opened(address, check_revision), clock=clock, sleep=time.sleep)

    def close(self) -> None:
        """Gives every connection back."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def now(self) -> datetime:
        """The time, in UTC: the only clock of the integration. Raises ValueError when it has no time zone."""
        now = self._clock()
        if now.tzinfo is None:
            raise ValueError("The store's clock must give the time with its zone.")
        return now.astimezone(UTC)

    # transactions

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One consistent look at the store; nothing can be written."""
        with self._connection(Mode.READ) as connection:
            yield Transaction(connection, self.now())

    @contextmanager
    def write(self, lease: Lease | None = None) -> Iterator[Transaction]:
        """One transaction: all of it is committed at the end of the block, or nothing when the block raises.

        With a lease nothing is written unless it is ours and has not run out: else LeaseLost is raised.
        """
        with self._connection(Mode.WRITE) as connection:
            now = self.now()
            if lease is not None:
                Leases(connection, now).check(lease)
            yield Transaction(connection, now)

    @contextmanager
    def rows(self) -> Iterator[Connection]:
        """One consistent look at the rows as they are stored, for a copy of them (`store.copying`)."""
        with self._connection(Mode.READ) as connection:
            yield connection

    # leases

    def lease_holder(self, lane: str) -> str | None:
        """Who works in the lane at this moment; None when nobody does."""
        with self._connection(Mode.READ) as connection:
            return Leases(connection, self.now()).holder(lane)

    def take_lease(self, lane: str, holder: str, *, lasts: timedelta, wait: timedelta) -> Lease:
        """Takes the lane, waiting for it at most `wait`. Raises LeaseHeld, naming who holds it.

        `holder` is a text of this run alone, for people and for us: `<command or Dagster> <run id>`.
        """
        waited = timedelta(0)
        while True:
            held_by = self.lease_holder(lane)
            if held_by is None:
                with self._connection(Mode.WRITE) as connection:
                    answer = Leases(connection, self.now()).take(lane, holder, lasts=lasts)
                if isinstance(answer, Lease):
                    return answer
                held_by = answer
            if waited >= wait:
                raise LeaseHeld(lane, held_by)
            pause = min(_ASK_AGAIN, wait - waited)
            self._sleep(pause.total_seconds())
            waited += pause

    def renew(self, lease: Lease) -> Lease:
        """The same lease, lasting from now. Raises LeaseLost when somebody else took the lane meanwhile."""
        with self._connection(Mode.WRITE) as connection:
            return Leases(connection, self.now()).renew(lease)

    def release(self, lease: Lease) -> None:
        """Frees the lane, if it is still ours."""
        with self._connection(Mode.WRITE) as connection:
            Leases(connection, self.now()).release(lease)

    # call budgets

    def reserve_call(
        self,
        system: str,
        *,
        calls_per_second: Decimal,
        calls_per_hour: int | None,
        calls_per_day: int | None = None,
        share: Decimal = Decimal(1),
    ) -> timedelta:
        """Books the next free slot of `system` and gives how long to wait before the call may be sent.

        Calls are counted in the clock hour of their slot, or, where `calls_per_day` is given, in its UTC day. `share`
        is the part of the limit that this kind of call may use up; the rest is kept for others. Raises CallsBlocked,
        with the time until when, if the hour or day is used up or the system told us to stay away.
        """
        with self._connection(Mode.FAST_COMMIT) as connection:
            return Budgets(connection, self.now()).reserve(
                system,
                calls_per_second=calls_per_second,
                calls=calls_per_day if calls_per_day is not None else calls_per_hour,
                window=DAY if calls_per_day is not None else HOUR,
                share=share,
            )

    def block_calls(self, system: str, until: datetime, why: str) -> None:
        """Nobody calls `system` before `until`. `why` is shown to people: no secret in it."""
        with self._connection(Mode.WRITE) as connection:
            Budgets(connection, self.now()).block(system, until, why)

    def blocked_calls(self) -> tuple[Block, ...]:
        """Which systems are left alone now, until when and why."""
        with self._connection(Mode.READ) as connection:
            return Budgets(connection, self.now()).blocks()

    def unblock_calls(self) -> None:
        """Lifts every block, whoever asked for it."""
        with self._connection(Mode.WRITE) as connection:
            Budgets(connection, self.now()).unblock()

    def observe_limit(self, system: str, remaining: int, resets_at: datetime | None) -> None:
        """What the system says about its own limit; believed where it is lower than our count."""
        with self._connection(Mode.FAST_COMMIT) as connection:
            Budgets(connection, self.now()).observe(system, remaining, resets_at)

    @contextmanager
    def _connection(self, mode: Mode) -> Iterator[Connection]:
        if getattr(self._open, "writing", False):
            raise RuntimeError("A store transaction that writes is open in this thread: end it first.")
        writing = mode is not Mode.READ
        with _as_unavailable(self._engine), in_mode(self._engine.connect(), mode) as connection:
            transaction = connection.begin()
            self._open.writing = writing
            try:
                yield connection
                if writing:
                    transaction.commit()
            finally:
                self._open.writing = False
                # After a commit there is nothing left to roll back.
                transaction.close()


def _opened(address: URL, look: Callable[[Engine], None]) -> Engine:
    """An engine with which `look` found nothing wrong."""
    engine = open_engine(address)
    try:
        with _as_unavailable(engine):
            look(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def _as_unavailable(engine: Engine) -> Iterator[None]:
    """What the database driver says, as our own error, with the address but without its password."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise _unavailable(engine, error) from error
    except DatabaseError as error:
        # SQLite's word for a file that is none of its own; every other such error is ours to mend.
        if "file is not a database" not in str(error.orig):
            raise
        raise _unavailable(engine, error) from error


def _unavailable(engine: Engine, error: DatabaseError | InterfaceError) -> StoreUnavailable:
    reason = str(error.orig).strip().splitlines()
    address = engine.url.render_as_string(hide_password=True)
    return StoreUnavailable(
        f"The sync store at {address} does not answer: {reason[0] if reason else type(error.orig).__name__}.",
        remedy="See that the database runs, that it may be written, and that there is room on its disk.",
    )
