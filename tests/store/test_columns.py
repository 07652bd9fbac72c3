"""Amounts are exact, instants are UTC, details are equal when their texts are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, select, text
from sqlalchemy.exc import StatementError

from qondor_finago_pipelines.records.links import Kind
from qondor_finago_pipelines.store.columns import Amount, Instant, Json
from tests.store.engines import plain_engine

things = Table(
    "things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("amount", Amount),
    Column("instant", Instant),
    Column("detail", Json),
)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    engine = plain_engine(database_url)
    with engine.connect() as connection:
        things.create(connection)
        yield connection
        connection.rollback()
    engine.dispose()


def there_and_back(connection: Connection, column: str, value: Any) -> Any:
    connection.execute(insert(things).values({column: value}))
    return connection.execute(select(things.c[column])).scalar_one()


@pytest.mark.parametrize(
    "amount",
    ["0.10", "12500.00", "-0.01", "0", "0.00", "99999999999999999.99", "0.0000000000000000001", "1E+3", "3.3333"],
)
def test_an_amount_comes_back_as_it_was(connection: Connection, amount: str) -> None:
    found = there_and_back(connection, "amount", Decimal(amount))
    assert isinstance(found, Decimal)
    assert found == Decimal(amount)
    assert format(found, "f") == format(Decimal(amount), "f")


@pytest.mark.parametrize("amount", [0.1, 1, "0.10", Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_exact_amount_is_refused(connection: Connection, amount: object) -> None:
    with pytest.raises(StatementError, match="An amount is"):
        there_and_back(connection, "amount", amount)


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 11, 20, 9, 12, tzinfo=UTC),
        datetime(2026, 11, 20, 9, 12, 0, 1, tzinfo=UTC),
        datetime(2026, 11, 20, 10, 12, tzinfo=ZoneInfo("Europe/Oslo")),
        # The hour that is there twice, the first and the second time.
        datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Oslo")),
        datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Oslo")),
        datetime(2026, 11, 20, 9, 12, tzinfo=timezone(timedelta(hours=-9, minutes=-30))),
    ],
)
def test_an_instant_comes_back_in_utc(connection: Connection, instant: datetime) -> None:
    found = there_and_back(connection, "instant", instant)
    assert found == instant.astimezone(UTC)
    assert found.utcoffset() == timedelta(0)


def test_instants_are_ordered_in_time(connection: Connection) -> None:
    instants = [
        datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Oslo")),
        datetime(2026, 10, 25, 2, 45, tzinfo=ZoneInfo("Europe/Oslo")),
        datetime(2026, 10, 25, 0, 45, 0, 1, tzinfo=UTC),
    ]
    for instant in instants:
        connection.execute(insert(things).values(instant=instant))
    found = connection.scalars(select(things.c.instant).order_by(things.c.instant)).all()
    assert found == [instants[1].astimezone(UTC), instants[2], instants[0].astimezone(UTC)]


def test_an_instant_without_a_zone_is_refused(connection: Connection) -> None:
    with pytest.raises(StatementError, match="without a time zone"):
        there_and_back(connection, "instant", datetime(2026, 11, 20, 9, 12))  # noqa: DTZ001


def test_nothing_stays_nothing(connection: Connection) -> None:
    for column in ("amount", "instant", "detail"):
        connection.execute(things.delete())
        assert there_and_back(connection, column, None) is None
        assert connection.scalar(text(f"SELECT count(*) FROM things WHERE {column} IS NULL")) == 1


def test_a_detail_is_stored_with_sorted_keys(connection: Connection) -> None:
    detail = {"total": Decimal("10.50"), "day": date(2026, 11, 20), "kind": Kind.ORDER, "næring": {"b": 1, "a": None}}
    found = there_and_back(connection, "detail", detail)
    assert found == {"total": "10.50", "day": "2026-11-20", "kind": "order", "næring": {"a": None, "b": 1}}
    stored = connection.scalar(text("SELECT detail FROM things"))
    assert stored == '{"day":"2026-11-20","kind":"order","næring":{"a":null,"b":1},"total":"10.50"}'


def test_what_has_no_text_is_refused_in_a_detail(connection: Connection) -> None:
    with pytest.raises(StatementError, match="A object does not belong"):
        there_and_back(connection, "detail", {"what": object()})
