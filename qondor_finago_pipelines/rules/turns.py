"""When something that comes round is due again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from ..records.days import oslo_day, utc_bounds

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def asked_again_at(
    order_date: date, asked_at: datetime | None, *, young_from: date, every: timedelta
) -> datetime | None:
    """From when on an order is asked for again that was last asked for at `asked_at`; None: at once."""
    if asked_at is None:
        return None
    if order_date < young_from:
        _, midnight = utc_bounds(oslo_day(asked_at))
        return midnight
    return next_turn(asked_at, every)


def next_turn(after: datetime, every: timedelta) -> datetime:
    """The first instant after another at which the clock shows a multiple of `every`: of 30 minutes, the half hour.

    So all orders, and all offices, have their turns together, and one run in time serves them.
    """
    return after + every - (after - _EPOCH) % every
