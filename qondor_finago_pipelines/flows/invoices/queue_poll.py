"""One poll of Qondor's queue for all offices that are worked together."""

from __future__ import annotations

import threading

from ...records.errors import SyncError
from ...records.identifiers import OfficeId
from ...records.invoices.invoices import Queue
from ...systems.qondor import QondorClient


class QueuePoll:
    """The queue as it was when the first office asked; one that asks a second time gets it anew. Threads share one."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._queue: Queue | SyncError | None = None
        self._served: set[OfficeId] = set()

    def queue(self, qondor: QondorClient, office_id: OfficeId) -> Queue:
        """The queue. Raises what the poll raised, to every office that it was to serve."""
        with self._one_at_a_time:
            if self._queue is None or office_id in self._served:
                self._served = set()
                try:
                    self._queue = qondor.unprocessed_invoices()
                except SyncError as failure:
                    self._queue = failure
            self._served.add(office_id)
            if isinstance(self._queue, SyncError):
                raise self._queue
            return self._queue
