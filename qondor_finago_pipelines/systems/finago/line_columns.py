"""Columns of text to typed columns: an Arrow batch in the form of `records.posting_table`.

A value that is not of its type makes its line unreadable, and so refuses its voucher; the others go on. A missing
member, or the sentinel of its type, is a null; a text that is missing is empty (decisions 8).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from functools import partial

import isodate
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...records.costs_and_sales.posting_table import POSTINGS
from ...records.costs_and_sales.vouchers import MISCELLANEOUS
from . import wire
from .line_markup import LINE, Numbers, TextColumns
from .soap import check_in_reach, with_time

_WHOLE = r"^[+-]?[0-9]+$"
_DECIMAL = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?$"
_NAIVE_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?$"
_NO_GUID = "00000000-0000-0000-0000-000000000000"
_XML_SPACE = " \t\r\n"
_ENOUGH_DIGITS = 200
"""For a number of two digits in its exponent, to be rounded exactly."""

Reader = Callable[..., pa.Array]
"""Different texts of one member to values; raises _NotOfItsType."""


class _Troubles:
    """Which lines hold a value that is none of its type: the first such member of each, and never the value."""

    def __init__(self, lines: int, odd: Mapping[int, str]) -> None:
        self._by_line = dict(odd)
        self._lines = lines

    def add(self, lines: Iterable[int], what: str) -> None:
        for line in lines:
            self._by_line.setdefault(int(line), what)

    def column(self) -> pa.Array:
        if not self._by_line:
            return pa.nulls(self._lines, pa.string())
        return pa.array([self._by_line.get(line) for line in range(self._lines)], pa.string())


class _NotOfItsType(Exception):
    """What is wrong with a value, with the name of its member."""


def posting_batch(columns: TextColumns) -> pa.RecordBatch:
    """The lines in the form of `POSTINGS`."""
    members = columns.members
    troubles = _Troubles(columns.count, columns.odd)
    company, projects, percents = _dimensions(columns, troubles)

    def read(member: str, reader: Reader) -> pa.Array:
        return _each_once(members[member], partial(reader, member=member), troubles)

    is_partly_deductible = pc.fill_null(read("HasVatDividend", _truths), False)
    arrays = {
        "id": _guids(members["Id"]),
        "type_id": read("TransactionTypeId", _whole),
        "number": read("TransactionNo", _whole),
        "sequence": read("SequenceNo", _whole),
        "day": read("Date", _days),
        "account": read("AccountNo", _whole),
        "amount": read("Amount", _amounts),
        "vat_code": read("VatCode", _whole),
        "vat_dividend": pc.if_else(is_partly_deductible, read("VatDividend", _rates), None),
        "system_type": _texts(members["SystemType"], default=MISCELLANEOUS),
        "invoice_number": _texts(members["InvoiceNo"]),
        "ocr": _texts(members["OCR"]),
        "comment": _texts(members["Comment"]),
        "due_date": read("DueDate", _days),
        "link_id": read("LinkId", _whole),
        "is_open": pc.fill_null(read("Open", _truths), False),
        "is_hidden": pc.fill_null(read("Hidden", _truths), False),
        "currency": _texts(members["Currency"]),
        "currency_rate": read("CurrencyRate", _rates),
        "currency_unit": read("CurrencyUnit", _whole),
        "company": company,
        "projects": projects,
        "percents": percents,
        "registered": read("RegistrationDate", _instants),
        "changed": read("DateChanged", _instants),
    }
    arrays["unreadable"] = troubles.column()
    return pa.RecordBatch.from_arrays([arrays[name] for name in POSTINGS.names], schema=POSTINGS)


def _dimensions(columns: TextColumns, troubles: _Troubles) -> tuple[pa.Array, pa.Array, pa.Array]:
    """The company, the projects and their percents of each line, in the order of the reply.

    A dimension that does not say of what type it is, or of which project, may be anybody's: its line is none without a
    project.
    """
    kinds = _texts(columns.dimensions["Type"])
    values = _texts(columns.dimensions["Value"])
    is_project = pc.equal(kinds, "Project").to_numpy(zero_copy_only=False)
    has_no_type = pc.is_null(_given(kinds)).to_numpy(zero_copy_only=False)
    has_no_value = pc.is_null(_given(values)).to_numpy(zero_copy_only=False)
    troubles.add(columns.line_of[has_no_type], "Dimension.Type is missing")
    troubles.add(columns.line_of[is_project & has_no_value], "Dimension.Value is missing")
    per_line = np.bincount(columns.line_of[is_project], minlength=columns.count)
    offsets = pa.array(np.concatenate([[0], np.cumsum(per_line)]), pa.int32())
    rows = pa.array(np.flatnonzero(is_project))
    projects = pa.ListArray.from_arrays(offsets, values.take(rows))
    percents = _each_once(
        columns.dimensions["Percent"].take(rows),
        partial(_rates, member="Percent"),
        troubles,
        columns.line_of[np.flatnonzero(is_project)],
    )
    is_company = np.flatnonzero(pc.equal(kinds, "Customer").to_numpy(zero_copy_only=False))
    first = np.full(columns.count, -1, dtype=np.int64)
    # Written backwards, so that the first one of a line stays.
    first[columns.line_of[is_company][::-1]] = is_company[::-1]
    company = values.take(pa.array(first, mask=first < 0))
    return company, projects, pa.ListArray.from_arrays(offsets, percents)


# one type each: every different text is read once, all of them together where they have the usual form


def _texts(column: pa.Array, default: str = "") -> pa.Array:
    texts = pc.fill_null(column, "").cast(pa.string())
    return pc.if_else(pc.equal(texts, ""), default, texts) if default else texts


def _each_once(
    column: pa.Array, read: Callable[[pa.Array], pa.Array], troubles: _Troubles, line_of: Numbers | None = None
) -> pa.Array:
    """What `read` makes of the column's different texts, without outer space and nulls where empty.

    Where one of them is not of its type each is read alone; the lines of those that are not are `troubles`. `line_of`
    tells the line of each row, where that is not its own number.
    """
    different = column.dictionary_encode()
    texts = _given(different.dictionary)
    try:
        return read(texts).take(different.indices)
    except _NotOfItsType:
        pass
    values = []
    for number in range(len(texts)):
        try:
            values.append(read(texts.slice(number, 1)))
        except _NotOfItsType as trouble:
            values.append(read(pa.nulls(1, texts.type)))
            rows = np.flatnonzero(
                pc.fill_null(pc.equal(different.indices, number), False).to_numpy(zero_copy_only=False)
            )
            troubles.add(rows if line_of is None else line_of[rows], str(trouble))
    return pa.concat_arrays(values).take(different.indices)


def _given(texts: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim(texts, characters=_XML_SPACE)
    return pc.if_else(pc.equal(trimmed, ""), None, trimmed)


def _matches(texts: pa.Array, pattern: str) -> bool:
    matched: bool = pc.all(pc.match_substring_regex(texts, pattern), min_count=0).as_py()
    return matched


def _whole(texts: pa.Array, member: str) -> pa.Array:
    if not _matches(texts, _WHOLE):
        raise _NotOfItsType(f"{member} is not a whole number")
    try:
        numbers = pc.replace_substring_regex(texts, r"^\+", "").cast(pa.int64())
    except pa.ArrowInvalid:
        raise _NotOfItsType(f"{member} is out of range") from None
    for sentinel in wire.NO_NUMBER:
        numbers = pc.if_else(pc.equal(numbers, sentinel), None, numbers)
    try:
        return numbers.cast(pa.int32())
    except pa.ArrowInvalid:
        raise _NotOfItsType(f"{member} is out of range") from None


def _amounts(texts: pa.Array, member: str) -> pa.Array:
    """Amounts as they stand; one with more decimals than four is none (decisions 8)."""
    return _decimals(texts, member, POSTINGS.field("amount").type, rounded=False)


def _rates(texts: pa.Array, member: str) -> pa.Array:
    """Rates and percentages, rounded where they have more digits than are kept (decisions 8)."""
    return _decimals(texts, member, POSTINGS.field("currency_rate").type, rounded=True)


def _decimals(texts: pa.Array, member: str, kind: pa.DataType, *, rounded: bool) -> pa.Array:
    if not _matches(texts, _DECIMAL):
        raise _NotOfItsType(f"{member} is not a decimal")
    try:
        return texts.cast(kind)
    except pa.ArrowInvalid:
        # A sentinel has more digits than any amount; trailing zeros may be more than the column keeps.
        return pa.array([_decimal(text, member, kind, rounded) for text in texts.to_pylist()], kind)


def _decimal(text: str | None, member: str, kind: pa.DataType, rounded: bool) -> Decimal | None:
    number = None if text is None else wire.amount(Decimal(text))
    if number is None:
        return None
    with localcontext(prec=_ENOUGH_DIGITS):
        kept: Decimal = round(number, kind.scale)
    if (kept != number and not rounded) or kept.adjusted() + kind.scale >= kind.precision:
        raise _NotOfItsType(f"{member} has more digits than can be kept")
    return kept


def _truths(texts: pa.Array, member: str) -> pa.Array:
    yes = pc.is_in(texts, value_set=pa.array(["true", "1"], texts.type))
    no = pc.is_in(texts, value_set=pa.array(["false", "0"], texts.type))
    if not pc.all(pc.or_(pc.is_null(texts), pc.or_(yes, no)), min_count=0).as_py():
        raise _NotOfItsType(f"{member} is neither true nor false")
    return yes


def _guids(column: pa.Array) -> pa.Array:
    guids = pc.utf8_lower(_given(column)).cast(pa.string())
    return pc.if_else(pc.equal(guids, _NO_GUID), None, guids)


def _days(texts: pa.Array, member: str) -> pa.Array:
    """The day in Oslo of each date with a zone, of the others the day that stands there. The year 1 means none."""
    moments = _naive_moments(texts)
    if moments is not None:
        return moments.cast(pa.date32())
    days = [None if text is None else wire.day(_moment(text, member)) for text in texts.to_pylist()]
    return pa.array(days, pa.date32())


def _instants(texts: pa.Array, member: str) -> pa.Array:
    """Instants in UTC, to the microsecond; one without a zone is on Finago's own clock. The year 1 means none."""
    kind = POSTINGS.field("changed").type
    if pc.all(pc.ends_with(texts, "Z"), min_count=0).as_py():
        moments = _naive_moments(pc.replace_substring_regex(texts, "Z$", ""))
    else:
        moments = _naive_moments(texts) if wire.SERVER_CLOCK is UTC else None
    if moments is not None:
        return moments.cast(kind)
    instants = [None if text is None else wire.instant(_moment(text, member)) for text in texts.to_pylist()]
    return pa.array(instants, kind)


def _naive_moments(texts: pa.Array) -> pa.Array | None:
    """Dates with a time and without a zone, to the microsecond; None where not every text is one, of our times."""
    if not _matches(texts, _NAIVE_MOMENT) or pc.any(pc.starts_with(texts, "0"), min_count=0).as_py():
        return None
    try:
        # More digits than microseconds are cut off, as the slower way does.
        return texts.cast(pa.timestamp("ns")).cast(pa.timestamp("us"), safe=False)
    except pa.ArrowInvalid:
        return None


def _moment(text: str, member: str) -> datetime:
    """A date, or a date and a time, as XML Schema writes them."""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return datetime.fromisoformat(text)
        moment: datetime = isodate.parse_datetime(with_time(text))
        check_in_reach(moment)
    except OverflowError:
        raise _NotOfItsType(f"{member} is a date that no calendar has") from None
    except (ValueError, isodate.ISO8601Error):
        raise _NotOfItsType(f"{member} is not a date") from None
    return moment


def days_like_utc(columns: TextColumns) -> Counter[str]:
    """How many days of these lines, by member, stand there without a zone and look like midnight in Oslo in UTC."""
    found: Counter[str] = Counter()
    for member in wire.DAYS:
        if member in columns.members:
            like_utc = pc.match_substring_regex(columns.members[member], wire.LIKE_UTC)
            if lines := pc.sum(like_utc).as_py():
                found[f"{LINE}.{member}"] = lines
    return found
