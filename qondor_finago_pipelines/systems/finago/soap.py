"""SOAP envelopes by the package's own WSDLs: requests written in schema order, replies read strictly.

zeep does the work, with two guards. It is lenient about broken XML when it is lenient about the schema, and then half a
reply passes for a short one: so a reply is parsed here first, by a parser that forgives nothing. And zeep drops what it
cannot convert: so every value is checked against its type before zeep sees it. What zeep is spared are elements that
the schema does not know: they are taken out and counted.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import isodate
import zeep
from lxml import etree
from zeep.transports import Transport
from zeep.xsd import types as xsd_types
from zeep.xsd.types import builtins as xsd
from zeep.xsd.types.any import AnyType

from ...records.days import OSLO
from .xml_characters import mended, without

PACKAGE_WSDLS = Path(__file__).parent / "wsdl"

_XSI_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")
_BITS = {xsd.Short: 16, xsd.Int: 32, xsd.Long: 64}
_LARGEST_AMOUNT = 10**29
"""More than a .NET decimal holds."""
_DAY_WITH_ZONE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")


class UnreadableReply(Exception):
    """The reply is no SOAP envelope, or not the answer that the WSDL promises. Never quotes it."""


class Items(list[Any]):
    """The items of a list as zeep's objects; None for an empty one.

    `troubles` says, by position, which members of an item cannot be read and were left out: the others go on.
    """

    def __init__(self, items: Iterable[Any] = (), troubles: Mapping[int, tuple[str, ...]] | None = None) -> None:
        super().__init__(items)
        self.troubles = troubles or {}


class Service:
    """One of Finago's services, as its WSDL describes it."""

    def __init__(self, wsdl: Path) -> None:
        client = zeep.Client(  # type: ignore[no-untyped-call]
            str(wsdl),
            transport=_NoNetwork(),  # type: ignore[no-untyped-call]
            settings=zeep.Settings(strict=False, xsd_ignore_sequence_order=True),
        )
        port = next(iter(next(iter(client.wsdl.services.values())).ports.values()))
        self._binding = port.binding
        self.path = urlsplit(port.binding_options["address"]).path
        """The path below the host. The host itself is the settings' business."""

    def request(self, operation: str, members: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
        """The envelope and the HTTP headers of a call. Members that are None are left out, at any depth."""
        message = self._binding.get(operation).create(**_present(members))
        return etree.tostring(message.content, xml_declaration=True, encoding="utf-8"), {
            "SOAPAction": message.headers["SOAPAction"],
            "Content-Type": "text/xml; charset=utf-8",
        }

    def result(self, operation: str, envelope: etree._Element) -> tuple[Any, Counter[str], Sequence[str]]:
        """What the operation answers, as zeep's objects, the unknown elements that were left out, and what is odd.

        A list comes as `Items`, or None when it is empty. What is odd are values in the items of a list that are not of
        their type: their members are None. Raises UnreadableReply.
        """
        message = self._binding.get(operation)
        answer = _answer_of(envelope)
        expected = message.output.body
        if answer is None or answer.tag != expected.qname.text:
            raise UnreadableReply(f"it holds no {expected.qname.localname}")
        unknown: Counter[str] = Counter()
        troubles: dict[int, tuple[str, ...]] = {}
        _check(answer, expected.type, expected.qname.localname, unknown, troubles)
        try:
            result = message.process_reply(envelope)
        except Exception as error:
            raise UnreadableReply(f"it cannot be read ({type(error).__name__})") from None
        odd = [what for found in troubles.values() for what in found]
        return (Items(result, troubles) if isinstance(result, list) else result), unknown, odd


@lru_cache(maxsize=64)
def _service(wsdl: Path) -> Service:
    return Service(wsdl)


_ONE_AT_A_TIME = threading.Lock()


def service(name: str, folder: Path | None = None) -> Service:
    """The service of `<name>.wsdl`; parsed once in each process."""
    with _ONE_AT_A_TIME:
        return _service((folder or PACKAGE_WSDLS) / f"{name}.wsdl")


def parse_strictly(body: bytes) -> etree._Element:
    """The root of well-formed XML without a document type; characters that XML cannot carry stand as U+FFFD.

    Raises UnreadableReply for anything else.
    """
    parser = etree.XMLParser(recover=False, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        try:
            root = etree.fromstring(mended(body), parser)
        except (etree.XMLSyntaxError, ValueError):
            raise UnreadableReply("it is no complete XML") from None
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableReply("it declares a document type, which SOAP forbids")
    for node in root.iter(etree.Comment, etree.ProcessingInstruction):
        _take_out(node)
    return root


def local_name(element: etree._Element) -> str:
    """The name without its namespace; of an undeclared prefix, which libxml2 lets pass, the whole as it stands."""
    return str(element.tag).rpartition("}")[2]


class _NoNetwork(Transport):
    """Lets zeep read the WSDLs from their folder, and nothing from the network. Requests are not zeep's business."""

    def _load_remote_data(self, url: str) -> bytes:
        raise RuntimeError(f"a WSDL refers to {urlsplit(url).netloc or 'another place'}, and must not")


def _answer_of(envelope: etree._Element) -> etree._Element | None:
    if local_name(envelope) != "Envelope":
        return None
    for part in envelope:
        if local_name(part) == "Body":
            return next(iter(part), None)
    return None


def _present(value: Any) -> Any:
    """`value` without members that are None, and without characters that XML cannot hold."""
    if isinstance(value, Mapping):
        return {key: _present(member) for key, member in value.items() if member is not None}
    if isinstance(value, (list, tuple)):
        return [_present(item) for item in value]
    return without(value, " ") if isinstance(value, str) else value


def _check(
    element: etree._Element,
    declared: Any,
    path: str,
    unknown: Counter[str],
    troubles: dict[int, tuple[str, ...]] | None = None,
) -> None:
    """Takes out unknown elements and refuses values that are not of their type, all the way down.

    Below the outermost list a bad value is the trouble of its own item, which loses the member: `troubles`, where it is
    given, takes what is wrong by the item's position.
    """
    if _is_nil(element):
        return
    if not isinstance(declared, xsd_types.ComplexType):
        _check_value(element, declared, path)
        return
    members = {member.qname.text: member for _, member in declared.elements}
    is_list = len(members) == 1 and next(iter(members.values())).max_occurs == "unbounded"
    seen: Counter[str] = Counter()
    unrelated = position = 0
    for child in list(element):
        member = members.get(child.tag)
        name = f"{path.rpartition('/')[2]}.{local_name(child)}"
        if member is None:
            unrelated += 1
            unknown[name] += 1
            _take_out(child)
            continue
        seen[child.tag] += 1
        if seen[child.tag] > 1 and member.max_occurs == 1:
            raise UnreadableReply(f"{name} stands there twice")
        if is_list and troubles is not None and not isinstance(member.type, xsd_types.ComplexType):
            if trouble := _trouble_of_value(child, member.type, name):
                troubles[position] = (trouble,)
            position += 1
            continue
        if is_list and _is_nil(child):
            unknown[f"{name} (nil)"] += 1
            _take_out(child)
            continue
        if is_list and troubles is not None and isinstance(member.type, xsd_types.ComplexType):
            if found := _troubles_of(child, member.type, unknown):
                troubles[position] = found
            position += 1
            continue
        _check(child, member.type, f"{path}/{local_name(child)}", unknown, troubles)
    if unrelated and not seen and len(members) == 1:
        # A list, or a reply around its result, of which we know nothing: it must not pass for an empty one.
        raise UnreadableReply(f"{path} holds nothing that its description names")


def _troubles_of(item: etree._Element, declared: Any, unknown: Counter[str]) -> tuple[str, ...]:
    """What is wrong with the members of one item of a list; those members are taken out of it."""
    if not len(item):
        return (f"{local_name(item)} is empty",)
    members = {member.qname.text: member for _, member in declared.elements}
    found: list[str] = []
    seen: set[str] = set()
    for child in list(item):
        member = members.get(child.tag)
        name = f"{local_name(item)}.{local_name(child)}"
        if member is None:
            unknown[name] += 1
            _take_out(child)
        elif child.tag in seen and member.max_occurs == 1:
            found.append(f"{name} stands there twice")
            _take_out(child)
        else:
            seen.add(child.tag)
            try:
                _check(child, member.type, name, unknown)
            except UnreadableReply as trouble:
                found.append(str(trouble))
                _take_out(child)
    return tuple(found)


def _trouble_of_value(item: etree._Element, declared: Any, name: str) -> str | None:
    """What is wrong with an item that is a single value, a number of an order say; such an item is emptied."""
    try:
        _check_value(item, declared, name)
    except UnreadableReply as trouble:
        item[:] = []
        item.text = None
        return str(trouble)
    return None if (item.text or "").strip() else f"{name} is empty"


def _is_nil(element: etree._Element) -> bool:
    return element.get(_XSI_NIL, "").strip() in ("true", "1")


def _check_value(element: etree._Element, declared: Any, path: str) -> None:
    """An element without text means the default of its type, which is how Finago says "none"."""
    if type(declared) is AnyType:
        return
    if len(element) > 0:
        raise UnreadableReply(f"{path} holds elements where a value belongs")
    text = (element.text or "").strip()
    if not text:
        return
    if isinstance(declared, (xsd.Int, xsd.Short, xsd.Long)):
        readable = _WHOLE.fullmatch(text) is not None and _fits(int(text), _BITS[type(declared)])
    elif isinstance(declared, xsd.Decimal):
        readable = _DECIMAL.fullmatch(text) is not None and abs(Decimal(text)) < _LARGEST_AMOUNT
    elif isinstance(declared, xsd.Boolean):
        readable = text in ("true", "false", "1", "0")
    elif isinstance(declared, xsd.DateTime):
        # zeep knows a day without a time, but not with a zone.
        element.text = text = with_time(text)
        readable = _is_moment(declared, text)
    else:
        readable = True
    if not readable:
        raise UnreadableReply(f"{path} is not a {type(declared).__name__}")


def _fits(number: int, bits: int) -> bool:
    return number.bit_length() < bits or number == -(2 ** (bits - 1))


def _is_moment(declared: Any, text: str) -> bool:
    try:
        check_in_reach(declared.pythonvalue(text))
    except (ValueError, OverflowError, isodate.ISO8601Error):
        return False
    return True


def with_time(text: str) -> str:
    """A day with a zone as the moment at which it begins; any other text as it is."""
    return f"{text[:10]}T00:00:00{text[10:]}" if _DAY_WITH_ZONE.fullmatch(text) else text


def check_in_reach(moment: datetime) -> None:
    """Raises OverflowError for an instant that no calendar has in Oslo. The year 1 is none at all."""
    if moment.tzinfo is not None and moment.year > 1:
        moment.astimezone(OSLO)


def _take_out(node: etree._Element) -> None:
    """Removes a node and leaves the text behind it in place."""
    parent = node.getparent()
    if parent is None:
        return
    if node.tail:
        before = node.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + node.tail
        else:
            parent.text = (parent.text or "") + node.tail
    parent.remove(node)
