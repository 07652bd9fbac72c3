"""Who may write for a Finago client: one holder at a time, with a number that only grows (decisions 7)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from ...records.errors import LeaseLost
from .. import schema
from ..statements import insert


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right to write in a lane until `expires_at`. `fence` is higher than that of every earlier holder."""

    lane: str
    holder: str
    fence: int
    expires_at: datetime
    lasts: timedelta


class Leases:
    """The rows of all lanes, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def holder(self, lane: str, *, at: datetime) -> str | None:
        """Who holds the lane; None when it is free or the lease ran out."""
        table = schema.leases
        found: str | None = self._connection.scalar(
            select(table.c.holder).where(table.c.lane == lane, table.c.expires_at > at)
        )
        return found

    def take(self, lane: str, holder: str, *, lasts: timedelta, at: datetime) -> Lease | str:
        """The lease with the next fence, or the name of who holds the lane (the same name is somebody, too)."""
        table = schema.leases
        what = {"holder": holder, "expires_at": at + lasts}
        fence = self._connection.execute(
            insert(self._connection, table)
            .values(lane=lane, fence=1, **what)
            .on_conflict_do_update(
                index_elements=["lane"],
                set_={"fence": table.c.fence + 1, **what},
                where=or_(table.c.holder.is_(None), table.c.expires_at <= at),
            )
            .returning(table.c.fence)
        ).scalar_one_or_none()
        if fence is None:
            # The row is locked by the statement above, so its holder is still the one who was in the way.
            in_the_way: str = self._connection.execute(select(table.c.holder).where(table.c.lane == lane)).scalar_one()
            return in_the_way
        return Lease(lane=lane, holder=holder, fence=fence, expires_at=at + lasts, lasts=lasts)

    def renew(self, lease: Lease, *, at: datetime) -> Lease:
        """The same lease from now on. Raises LeaseLost when somebody took it.

        One that ran out and that nobody took is still good: its fence says that nobody wrote since.
        """
        table = schema.leases
        renewed = self._connection.execute(
            update(table).where(_ours(lease)).values(expires_at=at + lease.lasts).returning(table.c.fence)
        ).scalar_one_or_none()
        if renewed is None:
            raise self._lost(lease)
        return replace(lease, expires_at=at + lease.lasts)

    def release(self, lease: Lease) -> None:
        """Frees the lane when it is still ours; the fence stays."""
        self._connection.execute(update(schema.leases).where(_ours(lease)).values(holder=None, expires_at=None))

    def check(self, lease: Lease, *, at: datetime) -> None:
        """Raises LeaseLost unless the lease is ours and has not run out.

        The row stays locked until the transaction ends (SQLite: the whole store is), so that nobody can take the lane
        between this check and the commit.
        """
        table = schema.leases
        expires_at: datetime | None = self._connection.scalar(
            select(table.c.expires_at).where(_ours(lease)).with_for_update(read=True)
        )
        if expires_at is None or expires_at <= at:
            raise self._lost(lease)

    def _lost(self, lease: Lease) -> LeaseLost:
        now = self._connection.scalar(select(schema.leases.c.holder).where(schema.leases.c.lane == lease.lane))
        what = "ran out" if now is None or now == lease.holder else f"ran out and {now} took it"
        return LeaseLost(
            f"The lease of {lease.holder} on {lease.lane} (fence {lease.fence}) {what}; nothing was written.",
            remedy="The next run looks up what is uncertain and goes on from there.",
        )


def _ours(lease: Lease) -> ColumnElement[bool]:
    table = schema.leases
    return and_(table.c.lane == lease.lane, table.c.holder == lease.holder, table.c.fence == lease.fence)
