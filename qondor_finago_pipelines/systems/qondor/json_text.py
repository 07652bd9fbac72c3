"""JSON with exact numbers: read as `Decimal`, written as the same digits; never through float."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

_LONGEST_NUMBER = 100
"""Characters. What is longer, or has an exponent that no Decimal has, is no number of ours: its text stands instead."""


class NotANumber(str):
    """What stands in the JSON as a number that no amount and no id can be."""


def read_json(body: bytes) -> Any:
    """The value of a JSON text. Whole numbers are int, others Decimal, what is neither `NotANumber`.

    A byte that is no UTF-8 becomes half of a character, so that it is the trouble of its own text only. Raises
    ValueError, which never quotes the text.
    """
    try:
        text = body.decode(json.detect_encoding(body), "surrogateescape")
        return json.loads(text, parse_float=_number, parse_int=_whole_number, parse_constant=NotANumber)
    except (ValueError, RecursionError):
        raise ValueError("no JSON") from None


def _number(text: str) -> Decimal | NotANumber:
    try:
        number = Decimal(text) if len(text) <= _LONGEST_NUMBER else None
    except InvalidOperation:
        number = None
    # Written out again it would be as long as its exponent says.
    return number if number is not None and abs(number.adjusted()) <= _LONGEST_NUMBER else NotANumber(text)


def _whole_number(text: str) -> int | NotANumber:
    return int(text) if len(text) <= _LONGEST_NUMBER else NotANumber(text)


def write_json(value: Any) -> bytes:
    """`value` as compact JSON in UTF-8. Decimals keep their digits, without an exponent."""
    return _text(value).encode()


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(str(key))}:{_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(_text(item) for item in value) + "]"
    if isinstance(value, float):
        raise TypeError("an amount must never be a float")
    return json.dumps(value, ensure_ascii=False)
