"""A time-out that covers the whole reply, headers included, and one more look right before the request leaves.

`requests` only limits the pause between two bytes: a server that sends one byte a second is never late. A lease lasts
as long as the longest call (decisions 7), so here every read from the socket gets just the time that is left. And a
process may sleep between asking whether it may write and writing: `before_bytes` is called on the new connection, when
nothing but the sending is left.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_DEADLINE: ContextVar[float | None] = ContextVar("deadline", default=None)
_BEFORE_BYTES: ContextVar[Callable[[], None] | None] = ContextVar("before_bytes", default=None)


@contextmanager
def within(seconds: float, before_bytes: Callable[[], None] | None = None) -> Iterator[None]:
    """Every reply read inside this block, by a session that uses `DeadlineAdapter`, must be complete in `seconds`.

    What `before_bytes` raises keeps a request on a new connection from being sent.
    """
    deadline, before = _DEADLINE.set(time.monotonic() + seconds), _BEFORE_BYTES.set(before_bytes)
    try:
        yield
    finally:
        _DEADLINE.reset(deadline)
        _BEFORE_BYTES.reset(before)


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


def _look_once_more() -> None:
    look = _BEFORE_BYTES.get()
    if look is not None:
        look()


class _Connection(HTTPConnection):
    response_class = _ResponseWithDeadline

    def connect(self) -> None:
        super().connect()
        _look_once_more()


class _SecureConnection(HTTPSConnection):
    response_class = _ResponseWithDeadline

    def connect(self) -> None:
        super().connect()
        _look_once_more()


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


def _use_deadlines(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
