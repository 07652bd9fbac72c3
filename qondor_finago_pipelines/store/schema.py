"""The store's tables as they are now; `migrations/` is how they came to be, and a test keeps the two equal.

Ids of the two systems are numbers. No name, address or e-mail address of a person is in any column: what a look-up
needs is an id, a hash or an amount.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from ..records.costs_and_sales.actuals import ActualKind
from ..records.links import IntentState, Kind
from ..records.operations.results import RecordState
from ..records.refusals import Reason
from ..records.unloaded import WhyUnloaded
from .columns import Amount, Instant, Json, RowId, TextOrEmpty, Word

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("installation_id", Text, nullable=False),
    CheckConstraint("id = 1", name="only_one"),
)

credentials = Table(
    "credentials",
    metadata,
    Column("credential_key", Text, primary_key=True),
    Column("client_id", BigInteger, nullable=False),
    Column("learned_at", Instant, nullable=False),
)

offices = Table(
    "offices",
    metadata,
    Column("office_id", BigInteger, primary_key=True, autoincrement=False),
    Column("client_id", BigInteger, nullable=False, index=True),
    Column("learned_at", Instant, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("credential_key", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("ciphertext", LargeBinary),
    Column("stored_at", Instant),
    Column("refused_for", Text),
    Column("refused_message", Text),
    Column("login_holder", Text),
    Column("login_until", Instant),
)

company_links = Table(
    "company_links",
    metadata,
    Column("client_id", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("company_id", BigInteger, nullable=False),
    Column("office_id", BigInteger, nullable=False, index=True),
    Column("linked_at", Instant, nullable=False),
    Column("in_qondor_since", Instant),
    PrimaryKeyConstraint("client_id", "key"),
)

project_links = Table(
    "project_links",
    metadata,
    Column("client_id", BigInteger, nullable=False),
    Column("project_id", BigInteger, nullable=False),
    # Not unique: two claims on one Finago id are both kept, so that both can be refused by name.
    Column("finago_project_id", BigInteger, nullable=False),
    Column("office_id", BigInteger, nullable=False),
    Column("linked_at", Instant, nullable=False),
    PrimaryKeyConstraint("client_id", "project_id"),
    Index(None, "client_id", "finago_project_id"),
)

order_links = Table(
    "order_links",
    metadata,
    Column("invoice_id", BigInteger, primary_key=True, autoincrement=False),
    Column("client_id", BigInteger, nullable=False),
    Column("office_id", BigInteger, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("total", Amount, nullable=False),
    Column("currency", Text, nullable=False),
    Column("order_date", Date, nullable=False),
    Column("line_count", Integer, nullable=False),
    Column("to_be_invoiced", Boolean, nullable=False),
    Column("exact", Boolean, nullable=False),
    Column("factored", Boolean, nullable=False),
    Column("is_card", Boolean, nullable=False),
    Column("is_credit", Boolean, nullable=False),
    Column("credited_invoice_id", BigInteger, index=True),
    Column("invoice_number", BigInteger),
    Column("linked_at", Instant, nullable=False),
    Column("verified_at", Instant),
    Column("acknowledged_at", Instant),
    Column("paid_on", Date),
    Column("payment_reported_at", Instant),
    Column("payment_asked_at", Instant),
    UniqueConstraint("client_id", "order_id"),
    # What is still to be done stays small, however many orders there have been.
    Index(
        "ix_order_links_unacknowledged",
        "office_id",
        sqlite_where=text("acknowledged_at IS NULL"),
        postgresql_where=text("acknowledged_at IS NULL"),
    ),
    Index(
        "ix_order_links_unpaid",
        "office_id",
        "order_date",
        sqlite_where=text("payment_reported_at IS NULL"),
        postgresql_where=text("payment_reported_at IS NULL"),
    ),
)

UNSETTLED_INTENT = "state IN ('open', 'uncertain', 'quarantined')"

intents = Table(
    "intents",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("client_id", BigInteger, nullable=False),
    Column("office_id", BigInteger, nullable=False),
    Column("kind", Word(Kind), nullable=False),
    Column("key", Text, nullable=False),
    Column("payload_hash", Text, nullable=False),
    Column("expected", Json, nullable=False),
    Column("committed_at", Instant, nullable=False),
    Column("state", Word(IntentState), nullable=False),
    Column("lookups", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("detail", Json),
    Index(None, "client_id", "kind", "key"),
    # The heart of "exactly one": no second write of a record while nobody knows how the first one ended.
    Index(
        "uq_intents_unsettled",
        "client_id",
        "kind",
        "key",
        unique=True,
        sqlite_where=text(UNSETTLED_INTENT),
        postgresql_where=text(UNSETTLED_INTENT),
    ),
)

OPEN_OUTCOME = "state IN ('held', 'uncertain')"

outcomes = Table(
    "outcomes",
    metadata,
    Column("office_id", BigInteger, nullable=False),
    Column("flow", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("state", Word(RecordState), nullable=False),
    Column("reason", Word(Reason)),
    Column("message", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("content_hash", Text),
    # In a row, in this state for this reason.
    Column("runs", Integer, nullable=False, server_default="1"),
    Column("total", Amount),
    Column("currency", Text),
    PrimaryKeyConstraint("office_id", "flow", "key"),
    # What the queue sensor asks for every few seconds stays small, however many records were settled.
    Index("ix_outcomes_open", "office_id", sqlite_where=text(OPEN_OUTCOME), postgresql_where=text(OPEN_OUTCOME)),
)

events = Table(
    "events",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("office_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("run_id", Text),
    Column("detail", Json),
    Index(None, "office_id", "kind", "key"),
)

END_PENDING = "resolved_at IS NOT NULL AND sent_at IS NOT NULL AND resolution_sent_at IS NULL"

alerts = Table(
    "alerts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("office_id", BigInteger, nullable=False),
    Column("flow", Text, nullable=False),
    Column("cause", Text, nullable=False),
    # Empty where the alert concerns no record: a NULL would be told again in every run.
    Column("record", TextOrEmpty, nullable=False),
    Column("message", Text, nullable=False),
    Column("first_seen", Instant, nullable=False),
    Column("last_seen", Instant, nullable=False),
    Column("count", Integer, nullable=False),
    Column("sent_at", Instant),
    Column("resolved_at", Instant),
    Column("first_day", Date),
    Column("day", Date),
    Column("run_id", Text),
    Column("resolved_because", Text),
    Column("resolution_sent_at", Instant),
    # Who is telling it just now, and until when nobody else does: two deliveries at once tell it once.
    Column("claimed_by", Text),
    Column("claimed_until", Instant),
    Index("ix_alerts_end_pending", "office_id", sqlite_where=text(END_PENDING), postgresql_where=text(END_PENDING)),
    Index(
        "uq_alerts_unresolved",
        "office_id",
        "flow",
        "cause",
        "record",
        unique=True,
        sqlite_where=text("resolved_at IS NULL"),
        postgresql_where=text("resolved_at IS NULL"),
    ),
)

runs = Table(
    "runs",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("office_id", BigInteger, nullable=False),
    Column("flow", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("complete", Boolean),
    Column("result", Json),
    Index(None, "office_id", "flow", "finished_at"),
    # Who watches for silence asks for the latest complete run of every office and flow, several times a minute.
    Index("ix_runs_complete", "office_id", "flow", "complete", "day", "finished_at"),
)

watched_flows = Table(
    "watched_flows",
    metadata,
    Column("office_id", BigInteger, nullable=False),
    Column("flow", Text, nullable=False),
    Column("since", Instant, nullable=False),
    PrimaryKeyConstraint("office_id", "flow"),
)

adoptions = Table(
    "adoptions",
    metadata,
    Column("client_id", BigInteger, nullable=False),
    Column("kind", Word(Kind), nullable=False),
    Column("completed_at", Instant, nullable=False),
    PrimaryKeyConstraint("client_id", "kind"),
)

adoption_orders = Table(
    "adoption_orders",
    metadata,
    Column("client_id", BigInteger, nullable=False),
    Column("order_id", BigInteger, nullable=False),
    Column("reference", Text, nullable=False),
    Column("left_to_queue_at", Instant, nullable=True),
    Column("missed_since", Instant),
    PrimaryKeyConstraint("client_id", "order_id"),
)

confirmations = Table(
    "confirmations",
    metadata,
    Column("client_id", BigInteger, primary_key=True, autoincrement=False),
    Column("confirmed_at", Instant, nullable=False),
)

judged_vouchers = Table(
    "judged_vouchers",
    metadata,
    Column("office_id", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("type_id", BigInteger, nullable=False),
    Column("fiscal_year", Integer, nullable=False),
    Column("seen", LargeBinary, nullable=False),
    Column("judged_with", Text, nullable=False),
    Column("changed_on", Date),
    Column("judged_at", Instant, nullable=False),
    # The number first: vouchers are looked for by it, many at a time.
    PrimaryKeyConstraint("office_id", "number", "type_id", "fiscal_year"),
)

voucher_lines = Table(
    "voucher_lines",
    metadata,
    Column("office_id", BigInteger, nullable=False),
    Column("line_id", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("type_id", BigInteger, nullable=False),
    Column("fiscal_year", Integer, nullable=False),
    PrimaryKeyConstraint("office_id", "line_id"),
    Index(None, "office_id", "number"),
)

actuals = Table(
    "actuals",
    metadata,
    Column("office_id", BigInteger, nullable=False),
    Column("kind", Word(ActualKind), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("type_id", BigInteger, nullable=False),
    Column("fiscal_year", Integer, nullable=False),
    Column("finago_project_id", BigInteger, nullable=False),
    Column("client_id", BigInteger, nullable=False),
    Column("qondor_id", BigInteger, nullable=False),
    Column("project_id", BigInteger, nullable=False),
    Column("posting_day", Date, nullable=False),
    Column("amount_excluding_vat", Amount, nullable=False),
    Column("vat", Amount, nullable=False),
    Column("currency", Text, nullable=False),
    Column("is_paid", Boolean, nullable=False),
    Column("paid_date", Date),
    Column("content_hash", Text, nullable=False),
    Column("verified", Boolean, nullable=False),
    Column("written_at", Instant, nullable=False),
    PrimaryKeyConstraint("office_id", "number", "type_id", "fiscal_year", "kind", "finago_project_id"),
    Index(None, "office_id", "finago_project_id", "project_id"),
)

loaded_costs = Table(
    "loaded_costs",
    metadata,
    Column("office_id", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("type_id", BigInteger, nullable=False),
    Column("fiscal_year", Integer, nullable=False),
    Column("finago_project_id", BigInteger, nullable=False),
    Column("account", Integer, nullable=False),
    Column("amount", Amount, nullable=False),
    PrimaryKeyConstraint("office_id", "number", "type_id", "fiscal_year", "finago_project_id", "account"),
    Index(None, "finago_project_id", "account"),
)

unloaded_amounts = Table(
    "unloaded_amounts",
    metadata,
    Column("office_id", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("type_id", BigInteger, nullable=False),
    Column("fiscal_year", Integer, nullable=False),
    # The place in the voucher's list: two amounts may be equal in everything.
    Column("place", Integer, nullable=False),
    Column("account", Integer, nullable=False),
    Column("project", Text, nullable=False),
    Column("amount", Amount, nullable=False),
    Column("why", Word(WhyUnloaded), nullable=False),
    # None where no line of the voucher says when it changed.
    Column("changed_on", Date),
    PrimaryKeyConstraint("office_id", "number", "type_id", "fiscal_year", "place"),
    Index(None, "office_id", "changed_on"),
)

listed_projects = Table(
    "listed_projects",
    metadata,
    Column("office_id", BigInteger, nullable=False),
    Column("project_id", BigInteger, nullable=False),
    Column("listed_at", Instant, nullable=False),
    PrimaryKeyConstraint("office_id", "project_id"),
)

ledger_readings = Table(
    "ledger_readings",
    metadata,
    Column("office_id", BigInteger, primary_key=True, autoincrement=False),
    Column("read_until", Instant),
    Column("swept_at", Instant),
    # Where the first attempt's window began; until a run was complete nothing after it counts as read.
    Column("asked_from", Instant),
    Column("deletions_allowed_at", Instant),
)

leases = Table(
    "leases",
    metadata,
    Column("lane", Text, primary_key=True),
    # Never goes down, also when nobody holds the lane: an old holder is always behind.
    Column("fence", BigInteger, nullable=False),
    Column("holder", Text),
    Column("expires_at", Instant),
)

call_budgets = Table(
    "call_budgets",
    metadata,
    Column("system", Text, primary_key=True),
    # Microseconds since 1970 (UTC), so that both databases book a slot with plain whole numbers.
    Column("next_slot", BigInteger, nullable=False),
    Column("hour", BigInteger, nullable=False),
    Column("calls_in_hour", BigInteger, nullable=False),
    Column("observed_remaining", BigInteger),
    Column("observed_until", BigInteger),
    Column("blocked_until", BigInteger),
    Column("blocked_why", Text),
)
