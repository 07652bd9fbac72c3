"""The sandbox's own description of Finago's types, by which requests are read and answers are written.

Every table is written by hand in schema order, apart from the WSDLs on purpose: a test compares the two. A member
whose value is its default is left out of an answer, as .NET's serializer leaves it out, and a sent member that equals
its default counts as not sent (contract/finago.md 2.1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from lxml import etree

XSI = "http://www.w3.org/2001/XMLSchema-instance"
NIL = f"{{{XSI}}}nil"

YEAR_ONE = datetime(1, 1, 1)  # noqa: DTZ001  Finago's dates carry no zone
NO_INT = -2147483648
NO_SHORT = -32768
NO_LONG = -9223372036854775808
NO_DECIMAL = Decimal("-79228162514264337593543950335")
NO_DOUBLE = Decimal("-1.7976931348623157E+308")
NO_GUID = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Kind:
    """A simple type: how its text is read and written."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]


@dataclass(frozen=True)
class Member:
    """One element of a type. `default` is the value for which the element is left out."""

    name: str
    kind: Kind | Shape | Items
    default: Any = None
    required: bool = False
    nillable: bool = False


@dataclass(frozen=True)
class Shape:
    """A complex type: its members in schema order."""

    name: str
    members: tuple[Member, ...]

    def member(self, name: str) -> Member | None:
        return next((member for member in self.members if member.name == name), None)


@dataclass(frozen=True)
class Items:
    """An ArrayOf type: the name of its elements and what they hold."""

    element: str
    kind: Kind | Shape


def _write_moment(value: datetime) -> str:
    """An instant in UTC, a calendar day as it is; both without a suffix (contract/finago.md 2.6)."""
    plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return plain.isoformat(timespec="milliseconds" if plain.microsecond else "seconds")


def _write_decimal(value: Decimal) -> str:
    return format(value, "f")


NUMBER = Kind(int, str)
DECIMAL = Kind(Decimal, _write_decimal)
TEXT = Kind(str, str)
DAY = Kind(date.fromisoformat, lambda value: value.isoformat())
MOMENT = Kind(datetime.fromisoformat, _write_moment)
BOOLEAN = Kind(lambda text: text.strip() in ("true", "1"), lambda value: "true" if value else "false")


def integer(name: str, *, required: bool = False, nillable: bool = False) -> Member:
    return Member(name, NUMBER, None if required or nillable else NO_INT, required, nillable)


def short(name: str, default: int = NO_SHORT) -> Member:
    return Member(name, NUMBER, default)


def long(name: str, *, required: bool = False) -> Member:
    return Member(name, NUMBER, None if required else NO_LONG, required)


def decimal(
    name: str, default: Decimal | None = NO_DECIMAL, *, required: bool = False, nillable: bool = False
) -> Member:
    return Member(name, DECIMAL, None if required or nillable else default, required, nillable)


def text(name: str) -> Member:
    """A text whose default is empty: an empty one is never sent."""
    return Member(name, TEXT, "")


def plain_text(name: str) -> Member:
    """A text without a default: an empty one is sent as an empty element."""
    return Member(name, TEXT)


def moment(name: str, *, required: bool = False) -> Member:
    return Member(name, MOMENT, None if required else YEAR_ONE, required)


def boolean(name: str, default: bool | None = None, *, required: bool = False, nillable: bool = False) -> Member:
    return Member(name, BOOLEAN, default, required, nillable)


def choice(name: str, default: str | None = None, *, required: bool = False) -> Member:
    return Member(name, TEXT, default, required)


def guid(name: str, *, required: bool = False) -> Member:
    return Member(name, TEXT, None if required else NO_GUID, required)


def nested(name: str, shape: Shape) -> Member:
    return Member(name, shape)


def many(name: str, element: str, kind: Kind | Shape) -> Member:
    return Member(name, Items(element, kind))


def read(shape: Shape, element: etree._Element) -> dict[str, Any]:
    """The members that were really sent: neither their default, nor nil, nor unknown to this shape."""
    sent: dict[str, Any] = {}
    for child in element.iterchildren(tag=etree.Element):
        member = shape.member(etree.QName(child).localname)
        if member is None or child.get(NIL) in ("true", "1"):
            continue
        value = _read_value(member.kind, child)
        if value != member.default and not _is_year_one(value):
            sent[member.name] = value
    return sent


def _is_year_one(value: Any) -> bool:
    return isinstance(value, datetime) and value.year == 1


def _read_value(kind: Kind | Shape | Items, element: etree._Element) -> Any:
    if isinstance(kind, Shape):
        return read(kind, element)
    if isinstance(kind, Items):
        return [_read_value(kind.kind, item) for item in element.iterchildren(tag=etree.Element)]
    return kind.read(element.text or "")


def write(parent: etree._Element, shape: Shape, values: Mapping[str, Any]) -> None:
    """Appends the members to `parent` in schema order, in the parent's namespace."""
    space = etree.QName(parent).namespace
    for member in shape.members:
        value = values.get(member.name)
        if value is None:
            if member.nillable and (member.required or member.name in values):
                etree.SubElement(parent, f"{{{space}}}{member.name}").set(NIL, "true")
            elif member.required:
                raise ValueError(f"{shape.name}.{member.name} is required by the schema and has no value")
            continue
        if not member.required and value == member.default:
            continue
        write_value(etree.SubElement(parent, f"{{{space}}}{member.name}"), member.kind, value)


def write_value(element: etree._Element, kind: Kind | Shape | Items, value: Any) -> None:
    if isinstance(kind, Shape):
        write(element, kind, value)
    elif isinstance(kind, Items):
        space = etree.QName(element).namespace
        for item in value:
            write_value(etree.SubElement(element, f"{{{space}}}{kind.element}"), kind.kind, item)
    else:
        element.text = kind.write(value)


def chosen(values: Mapping[str, Any], shape: Shape, properties: Iterable[str], always: Iterable[str]) -> dict[str, Any]:
    """Only the members asked for by returnProperties, and those that always come; unknown names are ignored."""
    wanted = {*properties, *always}
    return {member.name: values.get(member.name) for member in shape.members if member.name in wanted}


API_EXCEPTION = Shape("APIException", (plain_text("Type"), plain_text("Message"), plain_text("StackTrace")))

ADDRESS = Shape(
    "Address",
    tuple(plain_text(name) for name in ("Street", "State", "PostalCode", "PostalArea", "Name", "City", "Country")),
)
ADDRESSES = Shape("Addresses", tuple(nested(name, ADDRESS) for name in ("Post", "Delivery", "Visit", "Invoice")))

PHONE = Shape("PhoneNumber", (plain_text("Description"), plain_text("Value")))
PHONES = Shape("PhoneNumbers", tuple(nested(name, PHONE) for name in ("Home", "Fax", "Mobile", "Primary", "Work")))

EMAIL = Shape("EmailAddress", (plain_text("Description"), plain_text("Name"), plain_text("Value")))
EMAILS = Shape(
    "EmailAddresses", tuple(nested(name, EMAIL) for name in ("Home", "Invoice", "Primary", "Work", "Alternative"))
)

INTEGERS = Items("int", NUMBER)
STRINGS = Items("string", TEXT)
