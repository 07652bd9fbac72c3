"""Reading request bodies as ASP.NET binds them: an object, members of the right type, and nothing unheard of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import UnionType
from typing import Any

from ..wire import Request, read_json
from .problems import invalid


def read_object(request: Request) -> dict[str, Any]:
    """The JSON object of the body; raises Problem 400."""
    if not request.headers.get("content-type", "").lower().startswith("application/json"):
        raise invalid(Body="The content type must be application/json.")
    try:
        body = read_json(request.body)
    except ValueError as error:
        raise invalid(Body="The body is no valid JSON.") from error
    if not isinstance(body, dict):
        raise invalid(Body="The JSON value could not be converted.")
    return body


def bind(body: Mapping[str, Any], members: Mapping[str, type]) -> dict[str, Any]:
    """The members, each of exactly its type; one that is missing, null, of another type or unknown is a 400."""
    for name in body:
        if name not in members:
            raise invalid(**{pascal(name): f"The member {name} is unknown."})
    for name, kind in members.items():
        if body.get(name) is None:
            raise invalid(**{pascal(name): f"The {pascal(name)} field is required."})
        if not is_a(body[name], kind):
            raise invalid(**{pascal(name): "The JSON value could not be converted."})
    return {name: body[name] for name in members}


def is_a(value: Any, kind: type | UnionType) -> bool:
    """True is no number here, as it is none in JSON."""
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def read_day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise invalid(**{pascal(name): f"The value '{text}' is not a date."}) from error


def read_instant(text: str, name: str) -> datetime:
    """An instant in UTC, also when it was sent without a zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid(**{pascal(name): f"The value '{text}' is not valid."}) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def read_number(text: str, name: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise invalid(**{pascal(name): f"The value '{text}' is not valid."}) from error


def pascal(name: str) -> str:
    return name[:1].upper() + name[1:]
