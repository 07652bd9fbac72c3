"""What the ledger itself refuses, and what it says when its database does not answer."""

from __future__ import annotations

from ..records.errors import SyncError


class LedgerConflict(SyncError):
    """What is to be written contradicts what the ledger holds: a second order for one invoice, a second open intent.

    Nothing is changed by the statement that raises it, and the transaction may go on.
    """


class LedgerUnavailable(SyncError):
    """The ledger's database cannot be reached, is locked for too long, or is none that this program can use.

    What was to be committed must be taken as not committed: no call may be made for it.
    """
