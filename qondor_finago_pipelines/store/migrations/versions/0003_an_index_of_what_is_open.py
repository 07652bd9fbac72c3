"""An index of the records that are held or uncertain, for who asks every few seconds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('held', 'uncertain')")


def upgrade() -> None:
    op.create_index("ix_standings_open", "standings", ["office_id"], sqlite_where=_OPEN, postgresql_where=_OPEN)


def downgrade() -> None:
    op.drop_index("ix_standings_open", "standings")
