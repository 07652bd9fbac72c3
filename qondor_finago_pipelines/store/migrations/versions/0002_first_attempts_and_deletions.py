"""Where the first attempt to read the general ledger began, and a person's word that many records may go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "store_0002"
down_revision = "store_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("asked_from", "deletions_allowed_at"):
        op.add_column("ledger_readings", sa.Column(name, sa.DateTime(timezone=True)))


def downgrade() -> None:
    for name in ("asked_from", "deletions_allowed_at"):
        op.drop_column("ledger_readings", name)
