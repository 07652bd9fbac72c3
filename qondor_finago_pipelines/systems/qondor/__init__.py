"""Qondor over REST: the queue, invoices and their three write-backs, customers, projects."""

from __future__ import annotations

from .client import QondorClient
from .customers import CannotEcho

__all__ = ["CannotEcho", "QondorClient"]
