"""The revisions add up to the tables that the code uses, in both databases."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from alembic import command, op
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect

from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.links import OrderLink
from qondor_finago_pipelines.store import Store, schema
from qondor_finago_pipelines.store.database import POSTGRESQL_SCHEMA, Mode, in_mode, open_engine, store_url
from qondor_finago_pipelines.store.invoices.orders import OrderChanges
from qondor_finago_pipelines.store.migrating import alembic_config
from tests.store.engines import plain_engine


@pytest.fixture
def engine(empty_database_url: str) -> Any:
    engine = plain_engine(empty_database_url)
    yield engine
    engine.dispose()


def differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        found: list[Any] = compare_metadata(context, schema.metadata)
        return found


def test_the_newest_revision_is_equal_to_the_tables(empty_database_url: str, engine: Engine) -> None:
    Store.open(empty_database_url).close()
    assert differences(engine) == []


def test_a_difference_would_be_seen(empty_database_url: str, engine: Engine) -> None:
    Store.open(empty_database_url).close()
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX uq_intents_unsettled")
        connection.exec_driver_sql("ALTER TABLE order_links DROP COLUMN payment_asked_at")
    assert len(differences(engine)) == 2


def test_the_indexes_that_keep_records_single_are_partial_as_the_code_expects(
    empty_database_url: str, engine: Engine
) -> None:
    # Alembic compares the columns of an index, not its condition.
    Store.open(empty_database_url).close()
    for table in ("intents", "alerts", "order_links"):
        expected = {
            index.name: str(index.dialect_options[engine.dialect.name]["where"]).replace("(", "").replace(")", "")
            for index in schema.metadata.tables[table].indexes
            if index.dialect_options[engine.dialect.name]["where"] is not None
        }
        found = {index["name"]: index["dialect_options"] for index in inspect(engine).get_indexes(table)}
        assert expected
        for name, condition in expected.items():
            where = str(found[name][f"{engine.dialect.name}_where"])
            assert _values(where) == _values(condition), name


def _values(condition: str) -> set[str]:
    """The words of a condition that matter: PostgreSQL writes IN as ANY (ARRAY[…])."""
    for character in "()[],'\"":
        condition = condition.replace(character, " ")
    ignored = {"IN", "=", "ANY", "ARRAY", "::text", "::text::text"}
    return {word.split("::")[0] for word in condition.split()} - ignored - {""}


def test_a_migration_that_breaks_off_leaves_nothing(
    empty_database_url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_table = op.create_table
    made: list[str] = []

    def break_off(name: str, *columns: Any, **options: Any) -> Any:
        if len(made) == 5:
            raise RuntimeError("the process dies")
        made.append(name)
        return create_table(name, *columns, **options)

    with monkeypatch.context() as patched:
        patched.setattr(op, "create_table", break_off)
        with pytest.raises(RuntimeError, match="the process dies"):
            Store.open(empty_database_url)
    assert len(made) == 5
    assert inspect(engine).get_table_names() == []

    Store.open(empty_database_url).close()
    assert differences(engine) == []


def test_every_member_of_an_order_link_has_its_column() -> None:
    members = {field.name for field in fields(OrderLink)}
    assert set(schema.order_links.c.keys()) == members
    assert set(OrderChanges.__annotations__) == members - {"client_id", "invoice_id", "order_id"}


def test_no_amount_is_stored_as_a_floating_point_number(empty_database_url: str, engine: Engine) -> None:
    Store.open(empty_database_url).close()
    for table in inspect(engine).get_table_names():
        for column in inspect(engine).get_columns(table):
            assert not any(word in str(column["type"]).upper() for word in ("FLOAT", "REAL", "DOUBLE")), column


def test_what_ended_before_the_end_of_an_alert_was_told_is_not_told_now(
    empty_database_url: str, engine: Engine
) -> None:
    revision_before = "0003"
    config = alembic_config()
    ours = open_engine(store_url(empty_database_url))
    with in_mode(ours.connect(), Mode.MIGRATE) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"CREATE SCHEMA {POSTGRESQL_SCHEMA}")
        config.attributes["connection"] = connection
        command.upgrade(config, revision_before)
    ours.dispose()
    with engine.begin() as connection:
        for record, sent_at, resolved_at in (("1", "'2026-11-19'", "'2026-11-19'"), ("2", "'2026-11-19'", "NULL")):
            connection.exec_driver_sql(
                "INSERT INTO alerts (office_id, flow, cause, record, message, first_seen, last_seen, count, sent_at, "
                f"resolved_at) VALUES (102, 'invoices', 'no project', '{record}', 'No project.', '2026-11-18', "
                f"'2026-11-19', 3, {sent_at}, {resolved_at})"
            )
    with Store.open(empty_database_url) as store:
        with store.read() as transaction:
            assert transaction.alerts.pending() == ()
            assert [alert.record for alert in transaction.alerts.open()] == ["2"]
        with store.write() as transaction:
            transaction.alerts.resolve(office_id=OfficeId(102), flow="invoices", keep=(), at=store.now())
        with store.read() as transaction:
            assert transaction.alerts.pending() == (102,), "what ends from now on is told"
