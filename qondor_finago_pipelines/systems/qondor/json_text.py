"""JSON with exact numbers: read as `Decimal`, written as the same digits; never through float."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any


def read_json(body: bytes) -> Any:
    """The value of a JSON text. Whole numbers are int, others Decimal; NaN and Infinity become their names.

    Raises ValueError, which never quotes the text.
    """
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=str)
    except (ValueError, RecursionError):
        raise ValueError("no JSON") from None


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
