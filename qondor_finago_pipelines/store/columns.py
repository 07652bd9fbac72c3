"""How instants, amounts and details are stored, the same in SQLite and PostgreSQL.

An instant is aware and UTC on both sides of the door. An amount is exact: PostgreSQL keeps it as NUMERIC, SQLite, which
has no exact decimal, as its text. A detail is JSON with sorted keys, so that equal details are equal texts.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Numeric, Text, TypeDecorator
from sqlalchemy.types import TypeEngine


class Instant(TypeDecorator[datetime]):
    """A point in time. Takes any aware datetime, gives UTC; a naive one raises ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("An instant without a time zone cannot be stored: give it in UTC.")
        # SQLite's text has no room for a zone; being UTC throughout, it also sorts as it should.
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Amount(TypeDecorator[Decimal]):
    """Money, to the last digit that was given. A float, NaN or infinity raises."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if not isinstance(value, Decimal):
            raise TypeError(f"An amount is a Decimal, never a {type(value).__name__}.")
        if not value.is_finite():
            raise ValueError("An amount is a finite number.")
        return format(value, "f") if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        return None if value is None else Decimal(value)


class Json(TypeDecorator[dict[str, Any]]):
    """A JSON object as text with sorted keys. Decimals, days and instants become their text; keys are texts."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: dict[str, Any] | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        if value is None:
            return None
        return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_as_text)

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, Any] | None:  # noqa: ARG002
        if value is None:
            return None
        loaded: dict[str, Any] = json.loads(value)
        return loaded


def _as_text(value: object) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    raise TypeError(f"A {type(value).__name__} does not belong into the store.")


RowId = BigInteger().with_variant(Integer, "sqlite")
"""A number given by the database. SQLite counts by itself only for a column that is exactly INTEGER."""
