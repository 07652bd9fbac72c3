"""How many calls a system takes: one row for each system, shared by all processes of an installation (decisions 9).

A call is booked before it is sent: one UPDATE takes the next free slot, counts it in the clock hour in which it will be
sent, and refuses it when the hour is used up. No two processes can get the same slot, whatever they do at once.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, or_, select, update

from ...records.errors import CallsBlocked
from .. import schema
from ..statements import Part

_SECOND = 1_000_000
_HOUR = 3600 * _SECOND


class Window(NamedTuple):
    """The stretch of time in which calls are counted; each begins at a full hour or at midnight, UTC."""

    name: str
    microseconds: int


class Block(NamedTuple):
    """A system that is to be left alone until an instant, in UTC, and why."""

    system: str
    until: datetime
    why: str


HOUR = Window("hour", _HOUR)
DAY = Window("day", 24 * _HOUR)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WAIT = "Nothing to do: the next run after that goes on."


class Budgets(Part):
    """The rows of all systems, on one connection."""

    def reserve(
        self,
        system: str,
        *,
        calls_per_second: Decimal,
        calls: int | None,
        window: Window,
        share: Decimal,
    ) -> timedelta:
        """Books the next slot and gives how long it is until then. Raises CallsBlocked, and books nothing."""
        if calls_per_second <= 0 or not 0 < share <= 1:
            raise ValueError("Calls a second must be positive, and the share above 0 and at most 1.")
        now = _microseconds(self._now)
        # Rounded up: rather a microsecond too slow than ever above the rate.
        spacing = int((_SECOND / Decimal(calls_per_second)).to_integral_value(ROUND_CEILING))
        usable = None if calls is None else int((calls * share).to_integral_value(ROUND_FLOOR))
        kept_free = 0 if calls is None or usable is None else calls - usable

        row = schema.call_budgets.c
        slot = case((row.next_slot > now, row.next_slot), else_=now)
        start = slot - slot % window.microseconds
        calls_before = case((row.hour == start, row.calls_in_hour), else_=0)
        observation_holds = and_(row.observed_until.is_not(None), row.observed_until > slot)
        conditions: list[ColumnElement[bool]] = [
            row.system == system,
            or_(row.blocked_until.is_(None), row.blocked_until <= now),
            or_(row.observed_until.is_(None), row.observed_until <= slot, row.observed_remaining > kept_free),
        ]
        if usable is not None:
            conditions.append(calls_before < usable)
        booking = (
            update(schema.call_budgets)
            .where(*conditions)
            .values(
                next_slot=slot + spacing,
                hour=start,
                calls_in_hour=calls_before + 1,
                observed_remaining=case((observation_holds, row.observed_remaining - 1), else_=None),
                observed_until=case((observation_holds, row.observed_until), else_=None),
            )
            .returning(row.next_slot)
        )
        after = self._connection.execute(booking).scalar_one_or_none()
        if after is None:
            self._make_row(system)
            after = self._connection.execute(booking).scalar_one_or_none()
        if after is None:
            raise self._refusal(system, now, usable, kept_free, window)
        return timedelta(microseconds=after - spacing - now)

    def block(self, system: str, until: datetime, why: str) -> None:
        """Nothing is sent before `until`; a longer block that stands already stays."""
        self._make_row(system)
        row = schema.call_budgets.c
        end = _microseconds(until)
        self._connection.execute(
            update(schema.call_budgets)
            .where(row.system == system, or_(row.blocked_until.is_(None), row.blocked_until < end))
            .values(blocked_until=end, blocked_why=why)
        )

    def blocks(self) -> tuple[Block, ...]:
        """The systems that are left alone now."""
        row = schema.call_budgets.c
        rows = self._connection.execute(
            select(row.system, row.blocked_until, row.blocked_why)
            .where(row.blocked_until > _microseconds(self._now))
            .order_by(row.system)
        )
        return tuple(
            Block(each.system, _EPOCH + timedelta(microseconds=each.blocked_until), each.blocked_why or "")
            for each in rows
        )

    def unblock(self) -> None:
        """Every system is called again, whatever it said: a person knows better."""
        self._connection.execute(
            update(schema.call_budgets).values(
                blocked_until=None, blocked_why=None, observed_until=None, observed_remaining=None
            )
        )

    def observe(self, system: str, remaining: int, resets_at: datetime | None) -> None:
        """The system's own count: believed when it is lower than ours, or speaks of a later window.

        Without `resets_at`, or with one that is over or more than an hour away and so a date that we misread, it holds
        to the end of the clock hour. Replies overtake each other, so one that speaks of an earlier window than the one
        known is left aside; but "none left" is lifted by any reply that says otherwise.
        """
        self._make_row(system)
        now = _microseconds(self._now)
        until = now - now % _HOUR + _HOUR
        if resets_at is not None and now < _microseconds(resets_at) <= now + _HOUR:
            until = _microseconds(resets_at)
        row = schema.call_budgets.c
        self._connection.execute(
            update(schema.call_budgets)
            .where(
                row.system == system,
                or_(
                    row.observed_until.is_(None),
                    row.observed_until < until,
                    row.observed_until > now + _HOUR,
                    row.observed_remaining <= min(0, remaining - 1),
                    and_(row.observed_until == until, row.observed_remaining > remaining),
                ),
            )
            .values(observed_remaining=remaining, observed_until=until)
        )

    def _make_row(self, system: str) -> None:
        self._add(schema.call_budgets, {"system": system, "next_slot": 0, "hour": 0, "calls_in_hour": 0})

    def _refusal(self, system: str, now: int, usable: int | None, kept_free: int, window: Window) -> CallsBlocked:
        table = schema.call_budgets
        row = self._connection.execute(select(table).where(table.c.system == system)).one()
        slot = max(row.next_slot, now)
        if row.blocked_until is not None and row.blocked_until > now:
            until, why = row.blocked_until, row.blocked_why
        elif row.observed_until is not None and row.observed_until > slot and row.observed_remaining <= kept_free:
            until = row.observed_until
            why = f"it has {row.observed_remaining} calls left, and {kept_free} of them are kept free"
        else:
            until = slot - slot % window.microseconds + window.microseconds
            why = f"the {usable} calls that we may make in this {window.name} are used up"
        end = _EPOCH + timedelta(microseconds=until)
        return CallsBlocked(
            system,
            "call",
            f"Nothing is sent before {end:%Y-%m-%d %H:%M:%S} UTC: {why}.",
            until=end,
            remedy=_WAIT,
        )


def _microseconds(instant: datetime) -> int:
    """Since 1970, exactly. Raises ValueError for an instant without a time zone."""
    if instant.tzinfo is None:
        raise ValueError("An instant without a time zone: give it in UTC.")
    return (instant - _EPOCH) // timedelta(microseconds=1)
