"""A time-out that covers the whole reply, headers included.

`requests` only limits the pause between two bytes: a server that sends one byte a second is never late. A lease lasts
as long as the longest call (decisions 7), so here every read from the socket gets just the time that is left.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_DEADLINE: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Every reply read inside this block, by a session that uses `DeadlineAdapter`, must be complete in `seconds`."""
    token = _DEADLINE.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _DEADLINE.reset(token)


class DeadlineAdapter(HTTPAdapter):
    """The transport of `requests` with replies that know their deadline; otherwise as it comes (no retries)."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _use_deadlines(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        _use_deadlines(manager)
        return manager


class _ReaderWithDeadline(io.RawIOBase):
    """Reads from `source`, the raw file of `connection`, and never waits past the deadline."""

    def __init__(self, source: io.RawIOBase, connection: socket.socket, deadline: float) -> None:
        self._source = source
        self._connection = connection
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the reply was not complete in time")
        self._connection.settimeout(left)
        return self._source.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._source.close()
        super().close()


class _ResponseWithDeadline(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        deadline = _DEADLINE.get()
        if deadline is not None:
            self.fp = io.BufferedReader(_ReaderWithDeadline(self.fp.detach(), sock, deadline))


class _Connection(HTTPConnection):
    response_class = _ResponseWithDeadline


class _SecureConnection(HTTPSConnection):
    response_class = _ResponseWithDeadline


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def _use_deadlines(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
