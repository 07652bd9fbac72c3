"""Since when a flow is silent: it should have had a complete run by now, and has none."""

from __future__ import annotations

from datetime import datetime, timedelta


def silent_since(
    last_complete: datetime | None, known_since: datetime | None, period: timedelta, now: datetime
) -> datetime | None:
    """The instant of the last complete run, or, where there never was one, since when the flow is known.

    None while that is less than `period` ago, and for a flow of which nothing is known at all. All instants are UTC.
    """
    since = last_complete or known_since
    return since if since is not None and now - since > period else None
