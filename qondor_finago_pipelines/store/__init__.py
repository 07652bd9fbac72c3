"""What the integration remembers: links, intents, outcomes, events, alerts, leases, call budgets, sessions.

`Store` is the only way in. It is kept in SQLite or PostgreSQL, the same in both, and migrates itself when opened.
"""

from __future__ import annotations

from .costs_and_sales.actuals import LoadedActual
from .costs_and_sales.vouchers import JudgedVoucher
from .errors import StoreConflict, StoreUnavailable
from .operations.alerts import Alert
from .operations.events import ALERTS, Event
from .operations.outcomes import StoredOutcome
from .operations.runs import CompleteRun, UnfinishedRun
from .run.leases import Lease
from .run.sessions import StoredSession
from .store import Store, utc_now
from .transaction import Transaction

__all__ = [
    "ALERTS",
    "Alert",
    "CompleteRun",
    "Event",
    "JudgedVoucher",
    "Lease",
    "LoadedActual",
    "Store",
    "StoreConflict",
    "StoreUnavailable",
    "StoredOutcome",
    "StoredSession",
    "Transaction",
    "UnfinishedRun",
    "utc_now",
]
