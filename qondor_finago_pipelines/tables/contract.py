"""What all tables share: how columns are described, rows become a DataFrame, and a table is held against its schema.

What does not fit is told by record and column, never by value: a value may be personal data or nonsense of any length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd
import pandera.errors
import pandera.pandas as pa


@dataclass(frozen=True, order=True)
class Misfit:
    """One place where a table breaks its schema. `record` is the Qondor id, empty where the whole table is meant."""

    record: str
    column: str
    expected: str


def each(test: Callable[[Any], bool], what: str) -> pa.Check:
    """A check of every cell by itself, with its meaning in plain words."""
    return pa.Check(test, element_wise=True, error=what, ignore_na=True)


def column(*checks: pa.Check, **options: Any) -> pa.Column:
    """A column of objects: ids with a gap, days and amounts stay what they are."""
    return pa.Column(object, list(checks), **options)


def table_of(schema: pa.DataFrameSchema, rows: Iterable[tuple[Any, ...]]) -> pd.DataFrame:
    """The rows in the form of `schema`, each in the order of its columns; also when there are none."""
    table = pd.DataFrame(list(rows), columns=list(schema.columns), dtype=object)
    # Only flags and counts have a type of their own; pandas would turn ids with a gap into floats.
    typed = {name: column.dtype.type for name, column in schema.columns.items() if str(column.dtype) != "object"}
    return table.astype(typed)


def misfits(table: pd.DataFrame, schema: pa.DataFrameSchema, *, record: str) -> tuple[Misfit, ...]:
    """Everything in `table` that breaks `schema`, in the order of the records; empty when it fits.

    `record` names the column that holds the id of the record a row belongs to.
    """
    try:
        schema.validate(table, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        return tuple(sorted(set(_misfits(table, errors.failure_cases, record))))
    return ()


def _misfits(table: pd.DataFrame, cases: pd.DataFrame, record: str) -> Iterable[Misfit]:
    for case in cases.to_dict("records"):
        index = case["index"]
        owner = table.loc[index, record] if pd.notna(index) and index in table.index else None
        # A check of whole rows is reported once for each cell of the row.
        column = case["column"] if case["schema_context"] == "Column" else ""
        yield Misfit("" if owner is None else str(owner), column, _in_words(str(case["check"])))


def _in_words(check: str) -> str:
    return {"not_nullable": "is missing", "field_uniqueness": "is there twice"}.get(check, check)


def is_amount(value: Any) -> bool:
    """Whether a cell is a finite exact amount."""
    return isinstance(value, Decimal) and value.is_finite()


def is_id(value: Any) -> bool:
    """Whether a cell is an id: a positive whole number."""
    return isinstance(value, int) and value > 0


AN_ID = each(is_id, "is no id")
AN_AMOUNT = each(is_amount, "is no exact amount")
HAS_A_NAME = pa.Column(bool, pa.Check.eq(True, error="there is no name"))
"""Names may be people's, so a table only says whether there is one."""
