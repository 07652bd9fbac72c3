"""A copy of a store, on which a run can be rehearsed: what it writes there is thrown away with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine, insert, select

from . import schema
from .database import Mode, in_mode, open_engine, store_url
from .store import Store

NOT_COPIED = frozenset({"sessions", "call_budgets", "leases", "events", "alerts"})
"""Sessions and budgets are the real ones; leases, histories and alerts decide nothing."""

ROWS_AT_ONCE = 1_000


class StoreCopy(Store):
    """What a store held at one moment, in a SQLite file of its own. Calls are booked in the store that it is of."""

    def __init__(self, engine: Engine, original: Store) -> None:
        super().__init__(engine, clock=original.now, sleep=original._sleep)
        self._original = original

    def reserve_call(
        self,
        system: str,
        *,
        calls_per_second: Decimal,
        calls_per_hour: int | None,
        calls_per_day: int | None = None,
        share: Decimal = Decimal(1),
    ) -> timedelta:
        return self._original.reserve_call(
            system,
            calls_per_second=calls_per_second,
            calls_per_hour=calls_per_hour,
            calls_per_day=calls_per_day,
            share=share,
        )

    def block_calls(self, system: str, until: datetime, why: str) -> None:
        self._original.block_calls(system, until, why)

    def observe_limit(self, system: str, remaining: int, resets_at: datetime | None) -> None:
        self._original.observe_limit(system, remaining, resets_at)


def copy_of(original: Store, file: Path) -> StoreCopy:
    """All rows of one moment, in `file`, which must not exist yet.

    On disk and not in memory: a store may hold a million links. Raises StoreUnavailable.
    """
    engine = open_engine(store_url(f"sqlite:///{file}"))
    try:
        with original.rows() as source, in_mode(engine.connect(), Mode.MIGRATE) as target, target.begin():
            schema.metadata.create_all(target)
            for table in schema.metadata.sorted_tables:
                if table.name in NOT_COPIED:
                    continue
                found = source.execute(select(table), execution_options={"yield_per": ROWS_AT_ONCE})
                for some in found.mappings().partitions():
                    target.execute(insert(table), [dict(row) for row in some])
    except BaseException:
        engine.dispose()
        raise
    return StoreCopy(engine, original)
