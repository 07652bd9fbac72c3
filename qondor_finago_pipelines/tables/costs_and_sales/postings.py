"""Ledger lines and vouchers as tables, and what each must look like before anything of it counts.

A run may read a million lines, so they come in batches and stay Arrow's: nothing is turned into objects. What does not
fit is told by line and column, never by value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pyarrow
import pyarrow.compute as pc

from ..contract import Misfit, misfits

HIGHEST_ACCOUNT = 9999
MISFITS_NAMED = 200
"""A reply that is wrong throughout is not told line by line."""


def _arrow(column: pd.Series) -> pyarrow.ChunkedArray:
    return pyarrow.chunked_array(column.array.__arrow_array__())


def _in_whole_ore(column: pd.Series) -> pd.Series:
    amounts = _arrow(column)
    whole = pc.equal(amounts, pc.round(amounts, 2))
    return pd.Series(whole.to_pandas().to_numpy(dtype=bool), index=column.index)


def _column(what: str, check: pa.Check | None = None, *, nullable: bool = False) -> pa.Column:
    return pa.Column(None, check, nullable=nullable, title=what)


LINES = pa.DataFrameSchema(
    {
        "id": _column("the line's guid"),
        "type_id": _column("the series of its voucher"),
        "number": _column("the number of its voucher"),
        "day": _column("the posting day"),
        "account": _column("the account", pa.Check.in_range(1, HIGHEST_ACCOUNT, error="is no account number")),
        "amount": _column("debit above zero", pa.Check(_in_whole_ore, error="is no amount in whole øre")),
        "changed": _column("when it changed last"),
    },
    name="ledger lines",
)
"""Columns of `records.posting_table`; those that are not named may hold anything of their type."""

VOUCHERS = pa.DataFrameSchema(
    {
        "voucher": pa.Column(None, unique=True),
        "total": pa.Column(None, pa.Check(lambda totals: totals == 0, error="does not sum to 0.00")),
    },
    name="vouchers",
)
"""One row a voucher that was judged; `total` is what its lines sum to."""


def line_misfits(batches: Iterable[pyarrow.RecordBatch]) -> tuple[int, tuple[Misfit, ...]]:
    """How many lines there are, and what is wrong with them, at most `MISFITS_NAMED`; a guid twice is wrong as well."""
    found: list[Misfit] = []
    lines = 0
    marks: list[np.ndarray] = []
    for batch in batches:
        table = batch.select(list(LINES.columns)).to_pandas(types_mapper=pd.ArrowDtype)
        lines += len(table)
        marks.append(pd.util.hash_array(table["id"].to_numpy(dtype=object)))
        if len(found) < MISFITS_NAMED:
            found += misfits(table, LINES, record="id")
    every = np.concatenate(marks) if marks else np.empty(0)
    doubled = len(every) - len(np.unique(every))
    if doubled:
        found.append(Misfit("", "id", f"{doubled} lines have an id that another line has"))
    return lines, tuple(found[:MISFITS_NAMED])


def voucher_misfits(totals: pyarrow.Table | None) -> tuple[int, Sequence[Misfit]]:
    """How many vouchers were judged, and which do not sum to exactly 0.00."""
    if totals is None:
        return 0, ()
    table = totals.to_pandas(types_mapper=pd.ArrowDtype)
    return len(table), misfits(table, VOUCHERS, record="voucher")
