"""Since when a company's link has stood in Qondor: emptied there afterwards, a person has undone it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "store_0003"
down_revision = "store_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("company_links", sa.Column("in_qondor_since", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("company_links", "in_qondor_since")
