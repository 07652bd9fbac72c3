"""The first ledger: everything that the invoice flow remembers."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_AMOUNT = sa.Numeric().with_variant(sa.Text(), "sqlite")
_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _make_the_ledger_itself()
    _make_clients_and_sessions()
    _make_links()
    _make_intents_and_outcomes()
    _make_events()
    _make_alerts_and_runs()
    _make_adoption()
    _make_leases_and_budgets()


def downgrade() -> None:
    raise NotImplementedError("Before the first revision there is no ledger: what was sent would be forgotten.")


def _make_the_ledger_itself() -> None:
    installation = op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("installation_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_installation"),
        sa.CheckConstraint("id = 1", name="ck_installation_only_one"),
    )
    op.bulk_insert(installation, [{"id": 1, "installation_id": str(uuid.uuid4())}])


def _make_clients_and_sessions() -> None:
    op.create_table(
        "credentials",
        sa.Column("credential_key", sa.Text(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("learned_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("credential_key", name="pk_credentials"),
    )
    op.create_table(
        "offices",
        sa.Column("office_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("learned_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("office_id", name="pk_offices"),
    )
    op.create_index("ix_offices_client_id", "offices", ["client_id"])
    op.create_table(
        "sessions",
        sa.Column("credential_key", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary()),
        sa.Column("stored_at", _INSTANT),
        sa.Column("refused_for", sa.Text()),
        sa.Column("refused_message", sa.Text()),
        sa.Column("login_holder", sa.Text()),
        sa.Column("login_until", _INSTANT),
        sa.PrimaryKeyConstraint("credential_key", name="pk_sessions"),
    )


def _make_links() -> None:
    op.create_table(
        "company_links",
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("linked_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("client_id", "key", name="pk_company_links"),
    )
    op.create_index("ix_company_links_office_id", "company_links", ["office_id"])
    op.create_table(
        "project_links",
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("finago_project_id", sa.BigInteger(), nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("linked_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("client_id", "project_id", name="pk_project_links"),
    )
    op.create_index("ix_project_links_client_id_finago_project_id", "project_links", ["client_id", "finago_project_id"])
    op.create_table(
        "order_links",
        sa.Column("invoice_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("total", _AMOUNT, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("order_date", sa.Date(), nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.Column("to_be_invoiced", sa.Boolean(), nullable=False),
        sa.Column("exact", sa.Boolean(), nullable=False),
        sa.Column("factored", sa.Boolean(), nullable=False),
        sa.Column("is_card", sa.Boolean(), nullable=False),
        sa.Column("is_credit", sa.Boolean(), nullable=False),
        sa.Column("credited_invoice_id", sa.BigInteger()),
        sa.Column("invoice_number", sa.BigInteger()),
        sa.Column("linked_at", _INSTANT, nullable=False),
        sa.Column("verified_at", _INSTANT),
        sa.Column("acknowledged_at", _INSTANT),
        sa.Column("paid_on", sa.Date()),
        sa.Column("payment_reported_at", _INSTANT),
        sa.Column("payment_asked_at", _INSTANT),
        sa.PrimaryKeyConstraint("invoice_id", name="pk_order_links"),
        sa.UniqueConstraint("client_id", "order_id", name="uq_order_links_client_id_order_id"),
    )
    op.create_index("ix_order_links_credited_invoice_id", "order_links", ["credited_invoice_id"])
    _create_partial_index(
        "ix_order_links_unacknowledged", "order_links", ["office_id"], where="acknowledged_at IS NULL"
    )
    _create_partial_index(
        "ix_order_links_unpaid", "order_links", ["office_id", "order_date"], where="payment_reported_at IS NULL"
    )


def _make_intents_and_outcomes() -> None:
    op.create_table(
        "intents",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payload_hash", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("committed_at", _INSTANT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lookups", sa.Integer(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("detail", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_intents"),
    )
    op.create_index("ix_intents_client_id_kind_key", "intents", ["client_id", "kind", "key"])
    _create_partial_index(
        "uq_intents_unsettled",
        "intents",
        ["client_id", "kind", "key"],
        where="state IN ('open', 'uncertain', 'quarantined')",
        unique=True,
    )
    op.create_table(
        "standings",
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.Column("first_seen", _INSTANT, nullable=False),
        sa.Column("last_seen", _INSTANT, nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text()),
        sa.PrimaryKeyConstraint("office_id", "flow", "key", name="pk_standings"),
    )


def _make_events() -> None:
    op.create_table(
        "events",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("run_id", sa.Text()),
        sa.Column("detail", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_office_id_kind_key", "events", ["office_id", "kind", "key"])
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER events_never_{what.lower()} BEFORE {what} ON events "
                "BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION events_are_only_added() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'events are only ever added'; END $$"
    )
    op.execute(
        "CREATE TRIGGER events_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON events "
        "FOR EACH STATEMENT EXECUTE FUNCTION events_are_only_added()"
    )


def _make_alerts_and_runs() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", _ROW_ID, nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("first_seen", _INSTANT, nullable=False),
        sa.Column("last_seen", _INSTANT, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("sent_at", _INSTANT),
        sa.Column("resolved_at", _INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )
    _create_partial_index(
        "uq_alerts_unresolved",
        "alerts",
        ["office_id", "flow", "cause", "record"],
        where="resolved_at IS NULL",
        unique=True,
    )
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("office_id", sa.BigInteger(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT),
        sa.Column("complete", sa.Boolean()),
        sa.Column("result", sa.Text()),
        sa.PrimaryKeyConstraint("run_id", name="pk_runs"),
    )
    op.create_index("ix_runs_office_id_flow_finished_at", "runs", ["office_id", "flow", "finished_at"])


def _make_adoption() -> None:
    op.create_table(
        "adoptions",
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("completed_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("client_id", "kind", name="pk_adoptions"),
    )
    op.create_table(
        "adoption_orders",
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("left_to_queue_at", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("client_id", "order_id", name="pk_adoption_orders"),
    )
    op.create_table(
        "confirmations",
        sa.Column("client_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("confirmed_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("client_id", name="pk_confirmations"),
    )


def _make_leases_and_budgets() -> None:
    op.create_table(
        "leases",
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.Text()),
        sa.Column("expires_at", _INSTANT),
        sa.PrimaryKeyConstraint("lane", name="pk_leases"),
    )
    op.create_table(
        "call_budgets",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("next_slot", sa.BigInteger(), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("calls_in_hour", sa.BigInteger(), nullable=False),
        sa.Column("observed_remaining", sa.BigInteger()),
        sa.Column("observed_until", sa.BigInteger()),
        sa.Column("blocked_until", sa.BigInteger()),
        sa.Column("blocked_why", sa.Text()),
        sa.PrimaryKeyConstraint("system", name="pk_call_budgets"),
    )


def _create_partial_index(name: str, table: str, columns: list[str], *, where: str, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
