"""A mistake in the settings file in plain words: file, office, key, what is wrong, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .accounts import AccountSettings
from .credentials import FinagoSettings
from .fields import EXAMPLE_FILE, remedy_of
from .model import (
    AddressSettings,
    CostsAndSalesSettings,
    CustomersAndProjectsSettings,
    InvoicesSettings,
    OfficeSettings,
    Settings,
    SyncSettings,
)


def mistakes(error: ValidationError) -> Iterator[ErrorDetails]:
    """The mistakes, one a key."""
    seen: set[tuple[int | str, ...]] = set()
    for mistake in error.errors(include_input=False, include_url=False):
        place = mistake["loc"]
        # A list whose entries have mistakes counts as too short as well, which would say nothing true.
        is_echo = mistake["type"] == "too_short" and any(earlier[: len(place)] == place for earlier in seen)
        if place not in seen and not is_echo:
            seen.add(place)
            yield mistake


def line_of(path: Path, content: dict[Any, Any], mistake: ErrorDetails) -> str:
    place = list(mistake["loc"])
    where = path.name
    if len(place) > 1 and place[0] == "offices" and isinstance(place[1], int):
        where += f": {_name_of_office(content['offices'][place[1]], place[1])}"
        place = place[2:]
    if place[:1] == ["accounts"]:
        # Which of a kind's ranges it is says the problem itself; mostly there is only one.
        place = [part for part in place if not isinstance(part, int)]
    key = ".".join(str(part) for part in place)
    problem, remedy = _explain(mistake)
    separator = ", " if ": " in where else ": "
    return f"{where}{separator}{key} {problem} {remedy}" if key else f"{where}: this {problem} {remedy}"


def _name_of_office(entry: Any, index: int) -> str:
    known = entry.get("id") if isinstance(entry, dict) else None
    return f"office {known}" if isinstance(known, int) else f"the office at place {index + 1}"


def _explain(mistake: ErrorDetails) -> tuple[str, str]:
    """What is wrong with a key, and the remedy, in plain words. The value itself is never shown: it may be a secret."""
    context = mistake.get("ctx", {})
    match mistake["type"]:
        case "mistake":
            return str(context["problem"]), remedy_of(context)
        case "missing":
            return "is missing.", f"Add it; {EXAMPLE_FILE} shows how."
        case "extra_forbidden":
            return "is not a known key.", _similar_key(str(mistake["loc"][-1]))
        case "int_type" | "int_parsing" | "int_from_float":
            return "is not a whole number.", "Write digits only, without quotes."
        case "float_type" | "float_parsing" | "decimal_type" | "decimal_parsing" | "finite_number":
            return "is not a number.", "Write digits, with a point for the decimals, without quotes."
        case kind if kind.startswith("date"):
            return "is not a day.", "Write it as 2026-01-01."
        case "bool_type":
            return "is neither true nor false.", "Write true or false, without quotes."
        case "string_type":
            return "is not a text.", "Put it in quotes."
        case "string_pattern_mismatch":
            return "is not the name of an environment variable.", "Use letters, digits and underscores only."
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            return "is out of range.", f"{mistake['msg'].replace('Input should be', 'It must be')}."
        case "literal_error":
            return "is not one of the known values.", f"Write {context.get('expected', 'one of them')}."
        case "too_short":
            return "is empty.", "Add at least one office."
        case "model_type" | "model_attributes_type" | "tuple_type" | "dict_type":
            return "does not have the right shape.", f"Compare it with {EXAMPLE_FILE}."
        case _:
            return f"cannot be used: {mistake['msg']}.", f"Compare it with {EXAMPLE_FILE}."


def _similar_key(key: str) -> str:
    known = {name for section in _SECTIONS for name in section.model_fields}
    alike = difflib.get_close_matches(key, sorted(known), n=1)
    return f"Did you mean {alike[0]}?" if alike else f"Remove it, or see {EXAMPLE_FILE} for the known keys."


_SECTIONS: tuple[type[BaseModel], ...] = (
    Settings,
    OfficeSettings,
    FinagoSettings,
    InvoicesSettings,
    CustomersAndProjectsSettings,
    CostsAndSalesSettings,
    SyncSettings,
    AccountSettings,
    AddressSettings,
)
