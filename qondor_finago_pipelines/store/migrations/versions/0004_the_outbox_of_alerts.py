"""Alerts know day, run, claim and the telling of their end; which flows are watched for silence, and since when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_END_UNTOLD = sa.text("resolved_at IS NOT NULL AND sent_at IS NOT NULL AND resolution_sent_at IS NULL")


def upgrade() -> None:
    for column in (
        sa.Column("first_day", sa.Date()),
        sa.Column("day", sa.Date()),
        sa.Column("run_id", sa.Text()),
        sa.Column("resolved_because", sa.Text()),
        sa.Column("resolution_sent_at", _INSTANT),
        sa.Column("claimed_by", sa.Text()),
        sa.Column("claimed_until", _INSTANT),
    ):
        op.add_column("alerts", column)
    # What ended before anybody was told of endings is not news any more.
    op.execute("UPDATE alerts SET resolution_sent_at = resolved_at WHERE resolved_at IS NOT NULL")
    op.create_index(
        "ix_alerts_end_untold", "alerts", ["office_id"], sqlite_where=_END_UNTOLD, postgresql_where=_END_UNTOLD
    )
    op.create_table(
        "watched_flows",
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("office_id", "flow", name="pk_watched_flows"),
    )
    op.create_index("ix_runs_complete", "runs", ["office_id", "flow", "complete", "day", "finished_at"])


def downgrade() -> None:
    op.drop_index("ix_runs_complete", "runs")
    op.drop_table("watched_flows")
    op.drop_index("ix_alerts_end_untold", "alerts")
    for column in (
        "claimed_until",
        "claimed_by",
        "resolution_sent_at",
        "resolved_because",
        "run_id",
        "day",
        "first_day",
    ):
        op.drop_column("alerts", column)
