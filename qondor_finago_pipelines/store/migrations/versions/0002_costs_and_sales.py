"""What the cost and sale flow remembers: judged vouchers, loaded records, and how far Finago's changes were read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_AMOUNT = sa.Numeric().with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "judged_vouchers",
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("type_id", sa.BigInteger(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("seen", sa.LargeBinary(), nullable=False),
        sa.Column("judged_with", sa.Text(), nullable=False),
        sa.Column("changed_on", sa.Date()),
        sa.Column("judged_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("office_id", "number", "type_id", "fiscal_year", name="pk_judged_vouchers"),
    )
    op.create_table(
        "voucher_lines",
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("type_id", sa.BigInteger(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("office_id", "line_id", name="pk_voucher_lines"),
    )
    op.create_index("ix_voucher_lines_office_id_number", "voucher_lines", ["office_id", "number"])
    op.create_table(
        "actuals",
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("type_id", sa.BigInteger(), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("finago_project_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("qondor_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("posting_day", sa.Date(), nullable=False),
        sa.Column("amount_excluding_vat", _AMOUNT, nullable=False),
        sa.Column("vat", _AMOUNT, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("is_paid", sa.Boolean(), nullable=False),
        sa.Column("paid_date", sa.Date()),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("written_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint(
            "office_id", "number", "type_id", "fiscal_year", "kind", "finago_project_id", name="pk_actuals"
        ),
    )
    op.create_index(
        "ix_actuals_office_id_finago_project_id_project_id",
        "actuals",
        ["office_id", "finago_project_id", "project_id"],
    )
    op.create_table(
        "listed_projects",
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("listed_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("office_id", "project_id", name="pk_listed_projects"),
    )
    op.create_table(
        "ledger_readings",
        sa.Column("office_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("read_until", _INSTANT),
        sa.Column("swept_at", _INSTANT),
        sa.PrimaryKeyConstraint("office_id", name="pk_ledger_readings"),
    )


def downgrade() -> None:
    for table in ("ledger_readings", "listed_projects", "actuals", "voucher_lines", "judged_vouchers"):
        op.drop_table(table)
