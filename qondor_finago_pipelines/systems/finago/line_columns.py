"""Columns of text to typed columns: an Arrow batch in the form of `records.posting_table`.

A value that is not of its type makes the whole reply unreadable: a line that is half understood must not pass for a
whole one. A missing member, or the sentinel of its type, is a null; a text that is missing is empty (decisions 8).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import isodate
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ...records.costs_and_sales.posting_table import POSTINGS
from ...records.costs_and_sales.vouchers import MISCELLANEOUS
from . import wire
from .line_markup import TextColumns
from .soap import UnreadableReply

_WHOLE = r"^[+-]?[0-9]+$"
_DECIMAL = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$"
_NAIVE_MOMENT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?$"
_NO_GUID = "00000000-0000-0000-0000-000000000000"
_XML_SPACE = " \t\r\n"


def posting_batch(columns: TextColumns) -> pa.RecordBatch:
    """The lines in the form of `POSTINGS`. Raises UnreadableReply, naming the member and never its value."""
    members = columns.members
    company, projects, percents = _dimensions(columns)
    arrays = {
        "id": _guids(members["Id"]),
        "type_id": _whole(members["TransactionTypeId"], "TransactionTypeId"),
        "number": _whole(members["TransactionNo"], "TransactionNo"),
        "sequence": _whole(members["SequenceNo"], "SequenceNo"),
        "day": _days(members["Date"], "Date"),
        "account": _whole(members["AccountNo"], "AccountNo"),
        "amount": _amounts(members["Amount"], "Amount", POSTINGS.field("amount").type),
        "vat_code": _whole(members["VatCode"], "VatCode"),
        "system_type": _texts(members["SystemType"], default=MISCELLANEOUS),
        "invoice_number": _texts(members["InvoiceNo"]),
        "ocr": _texts(members["OCR"]),
        "comment": _texts(members["Comment"]),
        "due_date": _days(members["DueDate"], "DueDate"),
        "link_id": _whole(members["LinkId"], "LinkId"),
        "is_open": _truths(members["Open"], "Open"),
        "is_hidden": _truths(members["Hidden"], "Hidden"),
        "currency": _texts(members["Currency"]),
        "currency_rate": _amounts(members["CurrencyRate"], "CurrencyRate", POSTINGS.field("currency_rate").type),
        "currency_unit": _whole(members["CurrencyUnit"], "CurrencyUnit"),
        "company": company,
        "projects": projects,
        "percents": percents,
        "registered": _instants(members["RegistrationDate"], "RegistrationDate"),
        "changed": _instants(members["DateChanged"], "DateChanged"),
    }
    return pa.RecordBatch.from_arrays([arrays[name] for name in POSTINGS.names], schema=POSTINGS)


def _dimensions(columns: TextColumns) -> tuple[pa.Array, pa.Array, pa.Array]:
    """The company, the projects and their percents of each line, in the order of the reply."""
    kinds = _texts(columns.dimensions["Type"], default="None")
    values = _texts(columns.dimensions["Value"])
    is_project = pc.equal(kinds, "Project").to_numpy(zero_copy_only=False)
    per_line = np.bincount(columns.line_of[is_project], minlength=columns.count)
    offsets = pa.array(np.concatenate([[0], np.cumsum(per_line)]), pa.int32())
    rows = pa.array(np.flatnonzero(is_project))
    projects = pa.ListArray.from_arrays(offsets, values.take(rows))
    percent_type = POSTINGS.field("percents").type.value_type
    percents = _amounts(columns.dimensions["Percent"].take(rows), "Percent", percent_type)
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


def _each_once(column: pa.Array, read: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """What `read` makes of the column's different texts, without outer space and nulls where empty."""
    different = column.dictionary_encode()
    return read(_given(different.dictionary)).take(different.indices)


def _given(texts: pa.Array) -> pa.Array:
    trimmed = pc.utf8_trim(texts, characters=_XML_SPACE)
    return pc.if_else(pc.equal(trimmed, ""), None, trimmed)


def _matches(texts: pa.Array, pattern: str) -> bool:
    matched: bool = pc.all(pc.match_substring_regex(texts, pattern), min_count=0).as_py()
    return matched


def _whole(column: pa.Array, member: str) -> pa.Array:
    def numbers_of(texts: pa.Array) -> pa.Array:
        if not _matches(texts, _WHOLE):
            raise UnreadableReply(f"{member} is not a whole number")
        try:
            numbers = pc.replace_substring_regex(texts, r"^\+", "").cast(pa.int64())
        except pa.ArrowInvalid:
            raise UnreadableReply(f"{member} is out of range") from None
        for sentinel in wire.NO_NUMBER:
            numbers = pc.if_else(pc.equal(numbers, sentinel), None, numbers)
        try:
            return numbers.cast(pa.int32())
        except pa.ArrowInvalid:
            raise UnreadableReply(f"{member} is out of range") from None

    return _each_once(column, numbers_of)


def _amounts(column: pa.Array, member: str, kind: pa.DataType) -> pa.Array:
    def amounts_of(texts: pa.Array) -> pa.Array:
        if not _matches(texts, _DECIMAL):
            raise UnreadableReply(f"{member} is not a decimal")
        try:
            return texts.cast(kind)
        except pa.ArrowInvalid:
            # A sentinel has more digits than any amount; trailing zeros may be more than the column keeps.
            return pa.array([_amount(text, member, kind) for text in texts.to_pylist()], kind)

    return _each_once(column, amounts_of)


def _amount(text: str | None, member: str, kind: pa.DataType) -> Decimal | None:
    amount = None if text is None else wire.amount(Decimal(text))
    if amount is None:
        return None
    kept: Decimal = round(amount, kind.scale)
    if kept != amount or len(kept.as_tuple().digits) > kind.precision:
        raise UnreadableReply(f"{member} has more digits than an amount can have")
    return kept


def _truths(column: pa.Array, member: str) -> pa.Array:
    def truths_of(texts: pa.Array) -> pa.Array:
        yes = pc.is_in(texts, value_set=pa.array(["true", "1"], texts.type))
        no = pc.is_in(texts, value_set=pa.array(["false", "0"], texts.type))
        if not pc.all(pc.or_(pc.is_null(texts), pc.or_(yes, no)), min_count=0).as_py():
            raise UnreadableReply(f"{member} is neither true nor false")
        return yes

    return pc.fill_null(_each_once(column, truths_of), False)


def _guids(column: pa.Array) -> pa.Array:
    guids = pc.utf8_lower(_given(column)).cast(pa.string())
    return pc.if_else(pc.equal(guids, _NO_GUID), None, guids)


def _days(column: pa.Array, member: str) -> pa.Array:
    """Calendar days as they stand there: no time zone is applied. The year 1 means none."""

    def days_of(texts: pa.Array) -> pa.Array:
        moments = _naive_moments(texts)
        if moments is not None:
            return moments.cast(pa.date32())
        days = [None if text is None else wire.day(_moment(text, member)) for text in texts.to_pylist()]
        return pa.array(days, pa.date32())

    return _each_once(column, days_of)


def _instants(column: pa.Array, member: str) -> pa.Array:
    """Instants in UTC, to the microsecond; one without a zone is taken as UTC. The year 1 means none."""
    kind = POSTINGS.field("changed").type

    def instants_of(texts: pa.Array) -> pa.Array:
        moments = _naive_moments(texts)
        if moments is not None:
            return moments.cast(kind)
        return pa.array([None if text is None else _instant(text, member) for text in texts.to_pylist()], kind)

    return _each_once(column, instants_of)


def _naive_moments(texts: pa.Array) -> pa.Array | None:
    """Dates with a time and without a zone, to the microsecond; None where not every text is one, of our times."""
    if not _matches(texts, _NAIVE_MOMENT) or pc.any(pc.starts_with(texts, "0"), min_count=0).as_py():
        return None
    try:
        # More digits than microseconds are cut off, as the slower way does.
        return texts.cast(pa.timestamp("ns")).cast(pa.timestamp("us"), safe=False)
    except pa.ArrowInvalid:
        return None


def _instant(text: str, member: str) -> datetime | None:
    moment = _moment(text, member)
    if moment.year == 1:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _moment(text: str, member: str) -> datetime:
    """A date, or a date and a time, as XML Schema writes them."""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})?", text):
            return datetime.fromisoformat(text[:10])
        moment: datetime = isodate.parse_datetime(text)
    except (ValueError, OverflowError, isodate.ISO8601Error):
        raise UnreadableReply(f"{member} is not a date") from None
    return moment
