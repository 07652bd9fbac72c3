"""Faults of content: what a reply looks like when it breaks its promise.

Works on the finished answer, JSON objects for Qondor and elements for Finago, just before it is written.
"""

from __future__ import annotations

import copy
from typing import Any

from lxml import etree

from .faults import Fault, FaultKind, FaultsOfCall

XSI = "http://www.w3.org/2001/XMLSchema-instance"
_UNHEARD = "UnheardOf"
_USUAL_ENUMS_JSON = ("status", "invoiceType")
_USUAL_ENUMS_XML = ("OrderStatus", "Type", "NameDisplay")


class DoesNotFit(Exception):
    """A scripted fault found nothing to break: the script is wrong, and silence would let a test pass in vain."""


def fault_json(answer: Any, faults: FaultsOfCall) -> Any:
    """The answer with every content fault of this call applied; the world itself stays as it is."""
    faulty = copy.deepcopy(answer) if faults.faults else answer
    for fault in faults:
        faulty = _fault_json(faulty, fault)
    return faulty


def _fault_json(answer: Any, fault: Fault) -> Any:
    match fault.kind:
        case FaultKind.WRONG_SHAPE:
            return [answer] if isinstance(answer, dict) else {"items": answer}
        case FaultKind.ITEMS_REORDERED:
            return list(reversed(_list(answer, fault)))
        case FaultKind.ITEM_MISSING:
            return [item for number, item in enumerate(_list(answer, fault)) if number != fault.item]
        case FaultKind.UNKNOWN_ELEMENT:
            _object(answer, fault)[fault.member or "unheardOfMember"] = fault.value
        case FaultKind.UNKNOWN_ENUM_VALUE:
            holder = _object(answer, fault)
            name = fault.member or next((enum for enum in _USUAL_ENUMS_JSON if enum in holder), None)
            if name is None or name not in holder:
                raise DoesNotFit(f"{fault.kind}: no enum {name} in the reply of {fault.operation}")
            holder[name] = 99 if fault.value is None else fault.value
            if f"{name}Text" in holder:
                holder[f"{name}Text"] = _UNHEARD
        case FaultKind.MISSING_MEMBER:
            holder, key = _place(answer, fault)
            del holder[key]
        case FaultKind.NULL_MEMBER:
            holder, key = _place(answer, fault)
            holder[key] = None
        case FaultKind.ODD_VALUE:
            for record in answer if isinstance(answer, list) else [answer]:
                if str(record["id"]) == fault.reference:
                    holder, key = _place(record, fault)
                    holder[key] = fault.value
    return answer


def _list(answer: Any, fault: Fault) -> list[Any]:
    if not isinstance(answer, list):
        raise DoesNotFit(f"{fault.kind}: the reply of {fault.operation} is no list")
    return answer


def _object(answer: Any, fault: Fault) -> dict[str, Any]:
    item = answer
    if isinstance(answer, list):
        if fault.item >= len(answer):
            raise DoesNotFit(f"{fault.kind}: {fault.operation} has no item {fault.item}")
        item = answer[fault.item]
    if not isinstance(item, dict):
        raise DoesNotFit(f"{fault.kind}: the reply of {fault.operation} holds no object")
    return item


def _place(answer: Any, fault: Fault) -> tuple[Any, Any]:
    if not fault.member:
        raise DoesNotFit(f"{fault.kind}: name the member")
    holder: Any = _object(answer, fault)
    *way, last = fault.member.split(".")
    for step in way:
        holder = holder[int(step)] if isinstance(holder, list) else holder[step]
    if isinstance(holder, list):
        return holder, int(last)
    if last not in holder:
        raise DoesNotFit(f"{fault.kind}: no member {fault.member} in the reply of {fault.operation}")
    return holder, last


def fault_xml(response: etree._Element, faults: FaultsOfCall) -> etree._Element:
    """The `<XResponse>` element with every content fault of this call applied, in place."""
    for fault in faults:
        response = _fault_xml(response, fault)
    return response


def _fault_xml(response: etree._Element, fault: Fault) -> etree._Element:
    space = etree.QName(response).namespace
    match fault.kind:
        case FaultKind.WRONG_SHAPE:
            return etree.Element(f"{{{space}}}{_UNHEARD}Response")
        case FaultKind.ITEMS_REORDERED:
            result = _result(response, fault)
            result[:] = list(reversed(list(result)))
        case FaultKind.ITEM_MISSING:
            result = _result(response, fault)
            result.remove(_item(response, fault))
        case FaultKind.UNKNOWN_ELEMENT:
            unheard = etree.Element(f"{{{space}}}{fault.member or _UNHEARD}")
            unheard.text = str(fault.value or "")
            _item(response, fault).insert(0, unheard)
        case FaultKind.UNKNOWN_ENUM_VALUE:
            names = (fault.member,) if fault.member else _USUAL_ENUMS_XML
            for element in _item(response, fault).iter():
                if etree.QName(element).localname in names:
                    element.text = str(fault.value or _UNHEARD)
                    break
            else:
                raise DoesNotFit(f"{fault.kind}: none of {names} in the reply of {fault.operation}")
        case FaultKind.MISSING_MEMBER:
            element = _member(response, fault)
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
        case FaultKind.NULL_MEMBER:
            element = _member(response, fault)
            element[:] = []
            element.text = None
            element.set(f"{{{XSI}}}nil", "true")
        case FaultKind.ODD_VALUE:
            _set_odd_value(response, fault, space)
    return response


def _set_odd_value(response: etree._Element, fault: Fault, space: str | None) -> None:
    """The value in the member of the record that holds the element named; the member is made where it is missing."""
    name, _, text = (fault.reference or "").partition("=")
    for mark in [each for each in response.iter() if _local(each) == name and (each.text or "") == text]:
        record = mark.getparent()
        if record is None or not fault.member:
            continue
        element = mark if fault.member == name else record
        for step in fault.member.split(".") if element is record else ():
            found = next((each for each in element if _local(each) == step), None)
            element = etree.SubElement(element, f"{{{space}}}{step}") if found is None else found
        _put(element, fault.value, space)


def _put(element: etree._Element, value: Any, space: str | None) -> None:
    element[:] = []
    element.text = None
    parent = element.getparent()
    if isinstance(value, list) and parent is not None:
        parent.remove(element)
    elif isinstance(value, dict):
        etree.SubElement(etree.SubElement(element, f"{{{space}}}Odd"), f"{{{space}}}Odd").text = "1"
    elif value is None:
        element.set(f"{{{XSI}}}nil", "true")
    else:
        element.text = str(value)


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _result(response: etree._Element, fault: Fault) -> etree._Element:
    if not len(response) or not len(response[0]):
        raise DoesNotFit(f"{fault.kind}: the reply of {fault.operation} holds no items")
    return response[0]


def _item(response: etree._Element, fault: Fault) -> etree._Element:
    result = _result(response, fault)
    if fault.item >= len(result):
        raise DoesNotFit(f"{fault.kind}: {fault.operation} has no item {fault.item}")
    return result[fault.item]


def _member(response: etree._Element, fault: Fault) -> etree._Element:
    if not fault.member:
        raise DoesNotFit(f"{fault.kind}: name the member")
    where = response if fault.member.endswith("Result") else _item(response, fault)
    for element in where.iter():
        if etree.QName(element).localname == fault.member:
            return element
    raise DoesNotFit(f"{fault.kind}: no element {fault.member} in the reply of {fault.operation}")
