"""What the store itself refuses, and what it says when its database does not answer."""

from __future__ import annotations

from ..records.errors import SyncError


class StoreConflict(SyncError):
    """What is to be written contradicts what the store holds: a second order for one invoice, a second open intent.

    Nothing is changed by the statement that raises it, and the transaction may go on.
    """


class StoreUnavailable(SyncError):
    """The store's database cannot be reached, is locked for too long, or is none that this program can use.

    What was to be committed must be taken as not committed: no call may be made for it.
    """
