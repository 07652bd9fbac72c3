"""What goes over the wire: a request, the operation it asks for, its reply, and JSON whose amounts are exact."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .faults import FaultsOfCall

JSON = "application/json; charset=utf-8"
PROBLEM = "application/problem+json; charset=utf-8"
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request as it came. `path` is what follows the system's own prefix; header names are in lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base_url: str = ""

    def parameter(self, name: str) -> str | None:
        """The first query parameter of that name, compared case-insensitively as ASP.NET does."""
        return next(iter(self.parameters(name)), None)

    def parameters(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.query if key.lower() == name.lower())


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One reply, complete with its bytes."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """What a request asks of its system, as far as that was understood: asking changes nothing, `answer` does."""

    name: str
    """As the call log and the fault script know it; `unknown` where there is no such operation."""
    answer: Callable[[FaultsOfCall], Reply]
    write: bool = False
    office: int | None = None
    """The Qondor office on whose behalf the call is made, where the system can tell."""


def page(title: str, text: str = "") -> bytes:
    """A small HTML page, as web servers and gateways send them."""
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{text or title}</h1></body></html>".encode()
    )


def exact(number: Decimal | int | str) -> Decimal:
    """The number as Decimal.

    Raises:
        TypeError: for a float, which cannot hold an amount exactly.
    """
    if isinstance(number, float):
        raise TypeError(f"{number!r} is a float; give amounts as text, int or Decimal")
    return Decimal(number)


def render_json(value: Any) -> bytes:
    """JSON with every Decimal written digit by digit, so that no amount passes through a float on its way out."""
    return _text(value).encode()


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(str(key))}:{_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_text(item) for item in value) + "]"
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float; the sandbox answers with exact numbers only")
    return json.dumps(value, ensure_ascii=False)


def read_json(body: bytes) -> Any:
    """The parsed body, its numbers exact; raises ValueError where it is no JSON."""
    return json.loads(body, parse_float=Decimal)
