"""Which ledger lines a run has judged already, kept small: eight bytes a line.

A line is told from its later self by its guid and its DateChanged, so a line that was changed, or that shows up late,
is never taken for one that was seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b

SIZE = 8
"""Bytes a line: two of a voucher's lines are confused once in 10^18 pairs."""


def line_mark(line_id: str | None, changed: datetime | None) -> bytes:
    """What remains of one line."""
    instant = changed.isoformat() if changed else ""
    return blake2b(f"{line_id} {instant}".encode(), digest_size=SIZE).digest()


def pack_marks(marks: Iterable[bytes]) -> bytes:
    """The marks of one voucher's lines, whatever their order."""
    return b"".join(sorted(marks))


def unpack_marks(seen: bytes) -> frozenset[bytes]:
    """The marks that `pack_marks` joined."""
    return frozenset(seen[start : start + SIZE] for start in range(0, len(seen), SIZE))
