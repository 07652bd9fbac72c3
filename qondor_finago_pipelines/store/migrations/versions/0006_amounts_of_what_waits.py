"""The amount of a record that waits, so that a list of what is open can be summed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "store_0006"
down_revision = "store_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outcomes", sa.Column("total", sa.Numeric().with_variant(sa.Text(), "sqlite")))
    op.add_column("outcomes", sa.Column("currency", sa.Text()))


def downgrade() -> None:
    op.drop_column("outcomes", "currency")
    op.drop_column("outcomes", "total")
