"""What the integration remembers: links, intents, outcomes, events, alerts, leases, call budgets, sessions.

`Ledger` is the only way in. It is kept in SQLite or PostgreSQL, the same in both, and migrates itself when opened.
"""

from __future__ import annotations

from .alerts import Alert
from .errors import LedgerConflict, LedgerUnavailable
from .events import Event
from .leases import Lease
from .ledger import Ledger, utc_now
from .outcomes import Standing
from .runs import UnfinishedRun
from .sessions import StoredSession
from .transaction import Transaction

__all__ = [
    "Alert",
    "Event",
    "Lease",
    "Ledger",
    "LedgerConflict",
    "LedgerUnavailable",
    "Standing",
    "StoredSession",
    "Transaction",
    "UnfinishedRun",
    "utc_now",
]
