"""The first store, made new, or out of what an unreleased version called a ledger: its four revisions are this one."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "store_0001"
down_revision = None
branch_labels = None
depends_on = None

_KINDS: dict[str, Any] = {
    "row_ids": sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    "ids": sa.BigInteger(),
    "numbers": sa.Integer(),
    "texts": sa.Text(),
    "flags": sa.Boolean(),
    "amounts": sa.Numeric().with_variant(sa.Text(), "sqlite"),
    "days": sa.Date(),
    "instants": sa.DateTime(timezone=True),
    "bytes": sa.LargeBinary(),
}
_END_PENDING = "resolved_at IS NOT NULL AND sent_at IS NOT NULL AND resolution_sent_at IS NULL"


def upgrade() -> None:
    if sa.inspect(op.get_bind()).has_table("standings"):
        _take_over_the_ledger()
        return
    _make("installation", "id", numbers="id", texts="installation_id", only_one="id = 1")
    op.execute(f"INSERT INTO installation (id, installation_id) VALUES (1, '{uuid.uuid4()}')")
    _make_clients_and_sessions()
    _make_links()
    _make_intents()
    _make_outcomes()
    _make_events()
    _make_alerts_and_runs()
    _make_adoption()
    _make_costs_and_sales()
    _make_leases_and_budgets()


def downgrade() -> None:
    raise NotImplementedError("Before the first revision there is no store: what was sent would be forgotten.")


def _take_over_the_ledger() -> None:
    _make_outcomes()
    columns = "office_id, flow, key, state, reason, message, remedy, first_seen, last_seen, run_id, content_hash"
    op.execute(f"INSERT INTO outcomes ({columns}) SELECT {columns} FROM standings")
    # The history keeps the word of its time.
    op.execute("UPDATE outcomes SET state = 'not_reached' WHERE state = 'untouched'")
    op.drop_table("standings")
    op.drop_index("ix_alerts_end_untold", "alerts")
    _index("ix_alerts_end_pending", "alerts", "office_id", where=_END_PENDING)


def _make_clients_and_sessions() -> None:
    _make("credentials", "credential_key", texts="credential_key", ids="client_id", instants="learned_at")
    _make("offices", "office_id", ids="office_id client_id", instants="learned_at")
    _index("ix_offices_client_id", "offices", "client_id")
    _make(
        "sessions",
        "credential_key",
        texts="credential_key refused_for? refused_message? login_holder?",
        ids="version",
        bytes="ciphertext?",
        instants="stored_at? login_until?",
    )


def _make_links() -> None:
    _make("company_links", "client_id key", ids="client_id company_id office_id", texts="key", instants="linked_at")
    _index("ix_company_links_office_id", "company_links", "office_id")
    _make(
        "project_links",
        "client_id project_id",
        ids="client_id project_id finago_project_id office_id",
        instants="linked_at",
    )
    _index("ix_project_links_client_id_finago_project_id", "project_links", "client_id finago_project_id")
    _make(
        "order_links",
        "invoice_id",
        unique="client_id order_id",
        ids="invoice_id client_id office_id order_id credited_invoice_id? invoice_number?",
        amounts="total",
        texts="currency",
        numbers="line_count",
        flags="to_be_invoiced exact factored is_card is_credit",
        days="order_date paid_on?",
        instants="linked_at verified_at? acknowledged_at? payment_reported_at? payment_asked_at?",
    )
    _index("ix_order_links_credited_invoice_id", "order_links", "credited_invoice_id")
    _index("ix_order_links_unacknowledged", "order_links", "office_id", where="acknowledged_at IS NULL")
    _index("ix_order_links_unpaid", "order_links", "office_id order_date", where="payment_reported_at IS NULL")


def _make_intents() -> None:
    _make(
        "intents",
        "id",
        row_ids="id",
        ids="client_id office_id",
        texts="kind key payload_hash expected state detail?",
        numbers="lookups",
        instants="committed_at changed_at",
    )
    _index("ix_intents_client_id_kind_key", "intents", "client_id kind key")
    unsettled = "state IN ('open', 'uncertain', 'quarantined')"
    _index("uq_intents_unsettled", "intents", "client_id kind key", where=unsettled, unique=True)


def _make_outcomes() -> None:
    _make(
        "outcomes",
        "office_id flow key",
        ids="office_id",
        texts="flow key state reason? message remedy run_id content_hash?",
        instants="first_seen last_seen",
    )
    _index("ix_outcomes_open", "outcomes", "office_id", where="state IN ('held', 'uncertain')")


def _make_events() -> None:
    _make("events", "id", row_ids="id", ids="office_id", texts="kind key event run_id? detail?", instants="at")
    _index("ix_events_office_id_kind_key", "events", "office_id kind key")
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
    _make(
        "alerts",
        "id",
        row_ids="id",
        ids="office_id",
        texts="flow cause record message run_id? resolved_because? claimed_by?",
        numbers="count",
        days="first_day? day?",
        instants="first_seen last_seen sent_at? resolved_at? resolution_sent_at? claimed_until?",
    )
    unresolved = "resolved_at IS NULL"
    _index("uq_alerts_unresolved", "alerts", "office_id flow cause record", where=unresolved, unique=True)
    _index("ix_alerts_end_pending", "alerts", "office_id", where=_END_PENDING)
    _make(
        "runs",
        "run_id",
        ids="office_id",
        texts="run_id flow trigger result?",
        days="day",
        instants="started_at finished_at?",
        flags="complete?",
    )
    _index("ix_runs_office_id_flow_finished_at", "runs", "office_id flow finished_at")
    _index("ix_runs_complete", "runs", "office_id flow complete day finished_at")
    _make("watched_flows", "office_id flow", ids="office_id", texts="flow", instants="since")


def _make_adoption() -> None:
    _make("adoptions", "client_id kind", ids="client_id", texts="kind", instants="completed_at")
    _make(
        "adoption_orders",
        "client_id order_id",
        ids="client_id order_id",
        texts="reference",
        instants="left_to_queue_at?",
    )
    _make("confirmations", "client_id", ids="client_id", instants="confirmed_at")


def _make_costs_and_sales() -> None:
    _make(
        "judged_vouchers",
        "office_id number type_id fiscal_year",
        ids="office_id number type_id",
        numbers="fiscal_year",
        bytes="seen",
        texts="judged_with",
        days="changed_on?",
        instants="judged_at",
    )
    _make(
        "voucher_lines",
        "office_id line_id",
        ids="office_id number type_id",
        texts="line_id",
        numbers="fiscal_year",
    )
    _index("ix_voucher_lines_office_id_number", "voucher_lines", "office_id number")
    _make(
        "actuals",
        "office_id number type_id fiscal_year kind finago_project_id",
        ids="office_id number type_id finago_project_id client_id qondor_id project_id",
        numbers="fiscal_year",
        texts="kind currency content_hash",
        amounts="amount_excluding_vat vat",
        days="posting_day paid_date?",
        flags="is_paid verified",
        instants="written_at",
    )
    projects = "office_id finago_project_id project_id"
    _index("ix_actuals_office_id_finago_project_id_project_id", "actuals", projects)
    _make("listed_projects", "office_id project_id", ids="office_id project_id", instants="listed_at")
    _make("ledger_readings", "office_id", ids="office_id", instants="read_until? swept_at?")


def _make_leases_and_budgets() -> None:
    _make("leases", "lane", texts="lane holder?", ids="fence", instants="expires_at?")
    _make(
        "call_budgets",
        "system",
        texts="system blocked_why?",
        ids="next_slot hour calls_in_hour observed_remaining? observed_until? blocked_until?",
    )


def _make(table: str, key: str, *, unique: str = "", only_one: str = "", **columns: str) -> None:
    """A table; `columns` are names for each kind, and `name?` may be empty. Row ids count by themselves."""
    op.create_table(
        table,
        *(
            sa.Column(
                name.removesuffix("?"),
                _KINDS[kind],
                nullable=name.endswith("?"),
                autoincrement="auto" if kind == "row_ids" else False,
            )
            for kind, names in columns.items()
            for name in names.split()
        ),
        sa.PrimaryKeyConstraint(*key.split(), name=f"pk_{table}"),
        *([sa.UniqueConstraint(*unique.split(), name=f"uq_{table}_{unique.replace(' ', '_')}")] if unique else []),
        *([sa.CheckConstraint(only_one, name=f"ck_{table}_only_one")] if only_one else []),
    )


def _index(name: str, table: str, columns: str, *, where: str | None = None, unique: bool = False) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(name, table, columns.split(), unique=unique, sqlite_where=condition, postgresql_where=condition)
