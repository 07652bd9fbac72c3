"""What of a voucher is not loaded, and on which accounts its costs stand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "store_0004"
down_revision = "store_0003"
branch_labels = None
depends_on = None

_AMOUNT = sa.Numeric().with_variant(sa.Text(), "sqlite")


def _voucher() -> list[sa.Column[int]]:
    ids = [sa.Column(name, sa.BigInteger(), nullable=False) for name in ("office_id", "number", "type_id")]
    return [*ids, sa.Column("fiscal_year", sa.Integer(), nullable=False)]


def upgrade() -> None:
    op.create_table(
        "loaded_costs",
        *_voucher(),
        sa.Column("finago_project_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("amount", _AMOUNT, nullable=False),
        sa.PrimaryKeyConstraint(
            "office_id", "number", "type_id", "fiscal_year", "finago_project_id", "account", name="pk_loaded_costs"
        ),
    )
    op.create_index("ix_loaded_costs_finago_project_id_account", "loaded_costs", ["finago_project_id", "account"])
    op.create_table(
        "unloaded_amounts",
        *_voucher(),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("amount", _AMOUNT, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("changed_on", sa.Date()),
        sa.PrimaryKeyConstraint("office_id", "number", "type_id", "fiscal_year", "place", name="pk_unloaded_amounts"),
    )
    op.create_index("ix_unloaded_amounts_office_id_changed_on", "unloaded_amounts", ["office_id", "changed_on"])


def downgrade() -> None:
    op.drop_table("unloaded_amounts")
    op.drop_table("loaded_costs")
