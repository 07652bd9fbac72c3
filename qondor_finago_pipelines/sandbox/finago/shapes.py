"""Finago's types as its WSDLs declare them, by which the sandbox reads requests and writes answers.

A member whose value is its default is left out of an answer, as .NET's serializer leaves it out, and a sent member that
equals its default counts as not sent (contract/finago.md 2.1). Which default, which order, required or nillable: all of
it is the schema's word, so that Finago's own WSDLs in place of ours (`--wsdl`) change the sandbox too.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
NIL = f"{{{XSI}}}nil"


@dataclass(frozen=True)
class Kind:
    """A simple type: how its text is read and written."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]


@dataclass(frozen=True)
class Member:
    """One element of a type. `default` is the value for which the element is left out."""

    kind: Kind | Shape | Items
    default: Any = None
    required: bool = False
    nillable: bool = False
    unset: str | None = None
    """What .NET has where a required one is left out, as text; None where that is nothing at all."""


@dataclass
class Shape:
    """A complex type: its members by name, in schema order."""

    name: str
    members: dict[str, Member] = field(default_factory=dict)


@dataclass(frozen=True)
class Items:
    """An ArrayOf type: the name of its elements and what they hold."""

    element: str
    kind: Kind | Shape | Items


def _write_moment(value: datetime | str) -> str:
    """An instant in UTC, a calendar day as it is; both without a suffix unless one of `dates` gave it (decisions 8)."""
    if isinstance(value, str):
        return value
    plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return plain.isoformat(timespec="milliseconds" if plain.microsecond else "seconds")


_NUMBER = Kind(int, str)
_DECIMAL = Kind(Decimal, lambda value: format(value, "f"))
_TEXT = Kind(str, str)
_KINDS = {
    **dict.fromkeys(("int", "short", "long", "unsignedByte"), _NUMBER),
    **dict.fromkeys(("decimal", "double"), _DECIMAL),
    "date": Kind(date.fromisoformat, date.isoformat),
    "dateTime": Kind(datetime.fromisoformat, _write_moment),
    "boolean": Kind(lambda text: text.strip() in ("true", "1"), lambda value: "true" if value else "false"),
}
"""By the name of the XML Schema type; enumerations and guids are texts."""
_UNSET = {
    **dict.fromkeys(("int", "short", "long", "unsignedByte", "decimal", "double"), "0"),
    "boolean": "false",
    "dateTime": "0001-01-01T00:00:00",
    "guid": "00000000-0000-0000-0000-000000000000",
}
_DAY_ALONE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Shapes:
    """The types and messages of one WSDL, each taken from its schema when it is first asked for."""

    def __init__(self, wsdl: etree._Element) -> None:
        self._types = {one.get("name"): one for one in wsdl.iter(f"{XS}complexType")}
        self._first_values = {
            one.get("name"): values[0].get("value")
            for one in wsdl.iter(f"{XS}simpleType")
            if (values := one.findall(f"{XS}restriction/{XS}enumeration"))
        }
        self._messages = {one.get("name"): one for one in wsdl.iterfind(f".//{XS}schema/{XS}element")}
        self._known: dict[etree._Element, Shape] = {}

    def type(self, name: str) -> Shape:
        """A named complex type; raises KeyError."""
        return self._shape(name, self._types[name])

    def message(self, name: str) -> Shape:
        """The element of a message: an operation's name, or that and `Response`; raises KeyError."""
        return self._shape(name, self._messages[name])

    def _shape(self, name: str, source: etree._Element) -> Shape:
        shape = self._known.get(source)
        if shape is None:
            # Known before its members are read: a type may hold itself.
            shape = self._known[source] = Shape(name)
            shape.members = {one.get("name", ""): self._member(one) for one in _elements(source)}
        return shape

    def _member(self, element: etree._Element) -> Member:
        kind, default = self._kind(element), element.get("default")
        type_name = element.get("type", "").rpartition(":")[2]
        return Member(
            kind,
            kind.read(default) if isinstance(kind, Kind) and default is not None else None,
            required=element.get("minOccurs", "1") != "0",
            nillable=element.get("nillable") == "true",
            unset=_UNSET.get(type_name, self._first_values.get(type_name)),
        )

    def _kind(self, element: etree._Element) -> Kind | Shape | Items:
        name = element.get("type", "").rpartition(":")[2]
        source = self._types.get(name)
        if source is None:
            return _KINDS.get(name, _TEXT)
        elements = _elements(source)
        if len(elements) == 1 and elements[0].get("maxOccurs") == "unbounded":
            return Items(elements[0].get("name", ""), self._kind(elements[0]))
        return self._shape(name, source)


def _elements(source: etree._Element) -> list[etree._Element]:
    """Those with a type; the sandbox never sends any others, and reads none."""
    return list(source.iterfind(f".//{XS}sequence/{XS}element[@type]"))


def read(shape: Shape, element: etree._Element) -> dict[str, Any]:
    """The members that were really sent: neither their default, nor nil, nor unknown to this shape."""
    sent: dict[str, Any] = {}
    for child in element.iterchildren(tag=etree.Element):
        name = etree.QName(child).localname
        member = shape.members.get(name)
        if member is None or child.get(NIL) in ("true", "1"):
            continue
        value = _read_value(member.kind, child)
        if value != member.default and not (isinstance(value, datetime) and value.year == 1):
            sent[name] = value
    return sent


def as_taken(shape: Shape, element: etree._Element) -> etree._Element:
    """A copy of the element as a real Finago reads one that breaks the schema in a way that it is known to take.

    Members stand in whatever order, required ones may be left out, a day may lack its time, and ids that are no list of
    numbers are none. What else is wrong with it is still there.
    """
    taken = etree.Element(element.tag, attrib=dict(element.attrib), nsmap=element.nsmap)
    left = list(element.iterchildren(tag=etree.Element))
    space = etree.QName(element).namespace
    for name, member in shape.members.items():
        named = [child for child in left if child.tag == f"{{{space}}}{name}"]
        if named:
            # Plain values instead of a list come as the same element again and again.
            taken.extend(
                _value_as_taken(member.kind, child) for child in named[: 1 if _is_plain(member, named) else None]
            )
            left = [child for child in left if child not in named]
        elif member.required and (member.nillable or member.unset is not None):
            added = etree.SubElement(taken, f"{{{space}}}{name}")
            if member.nillable:
                added.set(NIL, "true")
            else:
                added.text = member.unset
    taken.extend(copy.deepcopy(child) for child in left)
    return taken


def _is_plain(member: Member, named: list[etree._Element]) -> bool:
    return isinstance(member.kind, Items) and not any(len(child) for child in named)


def _value_as_taken(kind: Kind | Shape | Items, element: etree._Element) -> etree._Element:
    taken = copy.deepcopy(element)
    if element.get(NIL) in ("true", "1"):
        return taken
    if isinstance(kind, Shape):
        return as_taken(kind, element)
    if isinstance(kind, Items):
        taken[:] = [_value_as_taken(kind.kind, item) for item in element.iterchildren(tag=etree.Element)]
        taken.text = None
    elif kind is _KINDS["dateTime"] and _DAY_ALONE.fullmatch((element.text or "").strip()):
        taken.text = f"{(element.text or '').strip()}T00:00:00"
    taken.tail = None
    return taken


def _read_value(kind: Kind | Shape | Items, element: etree._Element) -> Any:
    if isinstance(kind, Shape):
        return read(kind, element)
    if isinstance(kind, Items):
        return [_read_value(kind.kind, item) for item in element.iterchildren(tag=etree.Element)]
    return kind.read(element.text or "")


def write(parent: etree._Element, shape: Shape, values: Mapping[str, Any]) -> None:
    """Appends the members to `parent` in schema order, in the parent's namespace; unknown ones are ignored.

    Raises:
        ValueError: for a required member without a value.
    """
    space = etree.QName(parent).namespace
    for name, member in shape.members.items():
        value = values.get(name)
        if value is None:
            if member.nillable and (member.required or name in values):
                etree.SubElement(parent, f"{{{space}}}{name}").set(NIL, "true")
            elif member.required:
                raise ValueError(f"{shape.name}.{name} is required by the schema and has no value")
        elif member.required or value != member.default:
            _write_value(etree.SubElement(parent, f"{{{space}}}{name}"), member.kind, value)


def _write_value(element: etree._Element, kind: Kind | Shape | Items, value: Any) -> None:
    if isinstance(kind, Shape):
        write(element, kind, value)
    elif isinstance(kind, Items):
        space = etree.QName(element).namespace
        for item in value:
            _write_value(etree.SubElement(element, f"{{{space}}}{kind.element}"), kind.kind, item)
    else:
        element.text = kind.write(value)
