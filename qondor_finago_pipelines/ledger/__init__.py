"""What the integration remembers: links, intents, outcomes, events, alerts, leases, call budgets, sessions.

`Ledger` is the only way in. It is kept in SQLite or PostgreSQL, the same in both, and migrates itself when opened.
"""

from __future__ import annotations

from .actuals import LoadedActual, ProjectTotal
from .alerts import Alert
from .errors import LedgerConflict, LedgerUnavailable
from .events import Event
from .leases import Lease
from .ledger import Ledger, utc_now
from .outcomes import Standing
from .runs import CompleteRun, UnfinishedRun
from .sessions import StoredSession
from .transaction import Transaction
from .vouchers import JudgedVoucher

__all__ = [
    "Alert",
    "CompleteRun",
    "Event",
    "JudgedVoucher",
    "Lease",
    "Ledger",
    "LedgerConflict",
    "LedgerUnavailable",
    "LoadedActual",
    "ProjectTotal",
    "Standing",
    "StoredSession",
    "Transaction",
    "UnfinishedRun",
    "utc_now",
]
