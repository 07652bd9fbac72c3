"""In how many runs a record stood as it stands, and since when an order that may be ours is not shown any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "store_0005"
down_revision = "store_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outcomes", sa.Column("runs", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("adoption_orders", sa.Column("missed_since", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("adoption_orders", "missed_since")
    op.drop_column("outcomes", "runs")
