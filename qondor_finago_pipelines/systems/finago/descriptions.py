"""What a WSDL declares, and in what Finago's own differs from ours (decisions 10).

Ours hold only what we use; so a difference is named where something of ours is missing or reads otherwise there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lxml import etree

from .soap import PACKAGE_WSDLS, UnreadableReply, local_name, parse_strictly

XS = "{http://www.w3.org/2001/XMLSchema}"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"

Declarations = dict[tuple[str, str, str], Any]
"""By kind, namespace and name."""


def differences(service_name: str, live: etree._Element, folder: Path | None = None) -> tuple[str, ...]:
    """What touches us, in words. Raises UnreadableReply where `live` is no WSDL."""
    if local_name(live) != "definitions":
        raise UnreadableReply("it is no WSDL")
    path = (folder or PACKAGE_WSDLS) / f"{service_name}.wsdl"
    ours, theirs = _declarations(parse_strictly(path.read_bytes())), _declarations(live)
    return tuple(
        f"{kind} {name} is not there" if (kind, space, name) not in theirs else f"{kind} {name} reads otherwise"
        for (kind, space, name), declared in ours.items()
        if theirs.get((kind, space, name)) != declared
    )


def _declarations(root: etree._Element) -> Declarations:
    target = root.get("targetNamespace", "")
    found: Declarations = {}
    for schema in root.iterfind(f"{WSDL}types/{XS}schema"):
        space = schema.get("targetNamespace", target)
        for each in schema.iterfind(f"{XS}complexType"):
            base = each.find(f".//{XS}extension")
            members = tuple(_element(member) for member in each.iterfind(f".//{XS}sequence/{XS}element"))
            found["type", space, each.get("name", "")] = _local(base.get("base") if base is not None else None), members
        for each in schema.iterfind(f"{XS}simpleType"):
            values = tuple(value.get("value") for value in each.iterfind(f".//{XS}enumeration"))
            found["list of values", space, each.get("name", "")] = values
        for each in schema.iterfind(f"{XS}element"):
            found["message", space, each.get("name", "")] = _element(each)
    for operation in root.iterfind(f"{WSDL}binding/{WSDL}operation"):
        soap = operation.find(f"{SOAP}operation")
        if soap is not None:
            found["operation", target, operation.get("name", "")] = soap.get("soapAction")
    return found


def _element(element: etree._Element) -> tuple[Any, ...]:
    return (
        element.get("name") or _local(element.get("ref")),
        _local(element.get("type")),
        element.get("minOccurs", "1"),
        element.get("maxOccurs", "1"),
        element.get("nillable", "false"),
        element.get("default"),
        tuple(_element(each) for each in element.iterfind(f"{XS}complexType/{XS}sequence/{XS}element")),
    )


def _local(name: str | None) -> str:
    return (name or "").rpartition(":")[2]
