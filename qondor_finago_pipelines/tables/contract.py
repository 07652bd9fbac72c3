"""Holds a table against its schema and says what does not fit, by record and column, never by value.

A value may be personal data or nonsense of any length; which record and which column is what a person needs.
"""

from __future__ import annotations

from collections.abc import Iterable
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
