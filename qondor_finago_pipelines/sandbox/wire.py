"""What goes over the wire: one request, one reply, and JSON whose amounts are exact."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ..records.exact_json import write_json

JSON = "application/json; charset=utf-8"
PROBLEM = "application/problem+json; charset=utf-8"
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, kw_only=True)
class Exchange:
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


render_json = write_json


def read_json(body: bytes) -> Any:
    """The parsed body, its numbers exact; raises ValueError where it is no JSON."""
    return json.loads(body, parse_float=Decimal)
