"""Tables for a spreadsheet: UTF-8, commas, a point in amounts, ISO days. Texts are data: none of them is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

import click

from ..records.money import plain
from ..rules.text import one_line

_BEGINS_A_FORMULA = ("=", "+", "-", "@")

Cell = str | int | Decimal | None


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """The table on stdout, the names of the columns first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(each) for each in row] for row in rows)
    click.echo(text.getvalue(), nl=False)


def _cell(value: Cell) -> str:
    """An amount or a number as it is; a text on one line, with an apostrophe before what a spreadsheet would reckon."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, int):
        return str(value)
    text = one_line(value)
    return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text
