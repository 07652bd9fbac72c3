"""Ledger lines from XML elements to columns of text, thousands at a time.

A whole XML parser has read and judged the reply before (`line_stream`); here its elements are written out again, in the
one form in which lxml writes them: no comments, no CDATA, every `<` and `>` the start and the end of a tag. Where these
stand, numpy finds; the texts between them are Arrow's without being copied. That is several times faster than asking
for each value of each element.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from lxml import etree

from .soap import UnreadableReply, local_name

NAMESPACE = "http://24sevenoffice.com/webservices/economy/accounting/"

LINE = "Transaction"
MEMBERS = (
    "Date",
    "AccountNo",
    "Currency",
    "CurrencyRate",
    "CurrencyUnit",
    "Amount",
    "StampNo",
    "Period",
    "TransactionTypeId",
    "Comment",
    "TransactionNo",
    "VatCode",
    "Id",
    "LinkId",
    "InvoiceNo",
    "SequenceNo",
    "SystemType",
    "DueDate",
    "Dimensions",
    "RegistrationDate",
    "DateChanged",
    "Hidden",
    "Open",
    "OCR",
    "VatDividend",
    "HasVatDividend",
    "PeriodDate",
)
"""The members of a line, as the interface describes them; a test compares them with the WSDL."""

UNUSED = frozenset({"StampNo", "Period", "Dimensions", "PeriodDate"})
"""Members of which no column of text is made."""

DIMENSIONS = "Dimensions"
DIMENSION = "Dimension"
DIMENSION_MEMBERS = ("Type", "Name", "Value", "Percent", "TypeId")
DIMENSION_COLUMNS = ("Type", "Value", "Percent")

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_TEXT_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&#13;", "\r"), ("&quot;", '"'), ("&amp;", "&"))
"""All that lxml escapes in a text, the ampersand last."""

_ODD_ELEMENT = "it holds an element that cannot be read"

_PIECES_A_TAG, _TAG, _TEXT = 4, 1, 3
"""Of the pieces that the text is cut into, four belong to a tag: `<`, what stands in it, `>`, and the text behind."""

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class TextColumns:
    """The texts of `count` lines, as long as each other; null where a line lacks the member.

    `dimensions` has one row a dimension, in their order; `line_of` tells the line of each.
    """

    count: int
    members: dict[str, pa.Array]
    dimensions: dict[str, pa.Array]
    line_of: Numbers
    unknown: Counter[str] = field(default_factory=Counter)
    """Elements that the interface does not describe, which were left out."""
    odd: Mapping[int, str] = field(default_factory=dict)
    """What is wrong with the elements of a line, by its number: it cannot be read."""


@dataclass(frozen=True)
class _Tag:
    """One way in which an element starts, whatever comes in it."""

    name: str
    """Its local name; empty for an element of another namespace."""
    shown: str
    is_empty: bool
    is_nil: bool


@dataclass(frozen=True)
class _Elements:
    """Every element in the order of the text: how it starts, its text, how deep it stands."""

    names: Numbers
    """An index into `vocabulary`."""
    vocabulary: Sequence[str]
    pieces: pa.Array
    """The whole text, cut before and behind each `<` and `>`."""
    text_at: Numbers
    """Which of the pieces is the element's text."""
    is_escaped: npt.NDArray[np.bool_]
    """Whether there is an `&` in the element's text."""
    depths: Numbers
    is_nil: npt.NDArray[np.bool_]
    shown: Sequence[str]

    def called(self, elements: Numbers, *names: str) -> npt.NDArray[np.bool_]:
        """Which of these elements have one of these names."""
        return np.array([known in names for known in self.vocabulary], dtype=bool)[self.names[elements]]


@dataclass(frozen=True)
class WrittenLines:
    """Elements as text, in the one form in which lxml writes them: their memory is free before columns are made."""

    holder: str
    """The local name of the element that holds them; it stands around them in the text."""
    text: bytes
    """In UTF-8."""
    namespaces: str
    """The declarations of the prefixes that are known around them."""


def written_lines(holder: etree._Element) -> WrittenLines:
    """The holder, whose children are complete elements and nothing else, written out again."""
    return WrittenLines(
        holder=local_name(holder),
        text=etree.tostring(holder, encoding="utf-8", xml_declaration=False),
        namespaces="".join(f' xmlns{":" + prefix if prefix else ""}="{uri}"' for prefix, uri in holder.nsmap.items()),
    )


def text_columns(lines: WrittenLines) -> TextColumns:
    """The lines as columns. One in which a member stands twice, or holds elements where a value belongs, is odd."""
    elements = _elements_of(lines)
    unknown: Counter[str] = Counter()
    at = [np.flatnonzero(elements.depths == depth) for depth in range(6)]
    is_line = elements.called(at[1], LINE) & ~elements.is_nil[at[1]]
    rows = at[1][is_line]
    _count_unrelated(elements, at[1], at[1][~is_line], lines.holder, unknown)
    members, line_of_member = _held_by(at[2], rows, at[1])
    known = elements.called(members, *MEMBERS)
    _count_unrelated(elements, members, members[~known], LINE, unknown)
    members, line_of_member = members[known], line_of_member[known]
    odd = _Odd()
    odd.elements_in_values(elements, members, at[2], at[3], line_of_member, but=DIMENSIONS)
    is_holder = elements.called(members, DIMENSIONS)
    holders = members[is_holder]
    dimensions, holder_of = _held_by(at[3], holders, at[2])
    is_dimension = elements.called(dimensions, DIMENSION) & ~elements.is_nil[dimensions]
    _count_unrelated(elements, dimensions, dimensions[~is_dimension], DIMENSIONS, unknown)
    dimensions, holder_of = dimensions[is_dimension], holder_of[is_dimension]
    parts, dimension_of_part = _held_by(at[4], dimensions, at[3])
    known = elements.called(parts, *DIMENSION_MEMBERS)
    _count_unrelated(elements, parts, parts[~known], DIMENSION, unknown)
    parts, dimension_of_part = parts[known], dimension_of_part[known]
    line_of_holder = line_of_member[is_holder]
    line_of_dimension = line_of_holder[holder_of]
    odd.text_beside_members(elements, holders, line_of_holder)
    odd.text_beside_members(elements, dimensions, line_of_dimension)
    odd.elements_in_values(elements, parts, at[4], at[5], line_of_dimension[dimension_of_part])
    return TextColumns(
        count=len(rows),
        members=_columns(
            elements,
            [name for name in MEMBERS if name not in UNUSED],
            members,
            line_of_member,
            len(rows),
            odd,
        ),
        dimensions=_columns(
            elements, DIMENSION_COLUMNS, parts, dimension_of_part, len(dimensions), odd, line_of_dimension
        ),
        line_of=line_of_dimension,
        unknown=unknown,
        odd=odd,
    )


# the text of the elements, taken apart


def _elements_of(lines: WrittenLines) -> _Elements:
    characters = np.frombuffer(lines.text, np.uint8)
    begins, ends = np.flatnonzero(characters == ord("<")), np.flatnonzero(characters == ord(">"))
    if len(begins) != len(ends) or np.any(begins > ends) or np.any(begins[1:] < ends[:-1]):
        raise UnreadableReply(_ODD_ELEMENT)
    pieces = _cut_at(lines.text, begins, ends)
    is_close = characters[begins + 1] == ord("/")
    opened = np.flatnonzero(~is_close)
    tags = pieces.take(pa.array(_PIECES_A_TAG * opened + _TAG)).dictionary_encode()
    vocabulary = [_tag(text, lines.namespaces) for text in tags.dictionary.to_pylist()]
    names = tags.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    steps = np.where(is_close, -1, 1)
    steps[opened[np.array([tag.is_empty for tag in vocabulary], dtype=bool)[names]]] = 0
    depths = (np.cumsum(steps) - steps)[opened]
    is_escaped = np.zeros(len(begins), dtype=bool)
    is_escaped[np.searchsorted(begins, np.flatnonzero(characters == ord("&"))) - 1] = True
    return _Elements(
        names=names,
        vocabulary=[tag.name for tag in vocabulary],
        pieces=pieces,
        text_at=_PIECES_A_TAG * opened + _TEXT,
        is_escaped=is_escaped[opened],
        depths=depths,
        is_nil=np.array([tag.is_nil for tag in vocabulary], dtype=bool)[names],
        shown=[tag.shown for tag in vocabulary],
    )


def _cut_at(written: bytes, begins: Numbers, ends: Numbers) -> pa.Array:
    """`<`, a tag, `>`, the text behind it, and so on. Nothing is copied: the pieces lie in `written`."""
    # The text starts with the holder's own tag, so the first piece begins where the text does.
    borders = np.empty(_PIECES_A_TAG * len(begins) + 1, np.int64)
    for piece, places in enumerate((begins, begins + 1, ends, ends + 1)):
        borders[piece:-1:_PIECES_A_TAG] = places
    borders[-1] = len(written)
    return pa.Array.from_buffers(
        pa.large_string(), len(borders) - 1, [None, pa.py_buffer(borders), pa.py_buffer(written)]
    )


@lru_cache(maxsize=4096)
def _tag(text: str, namespaces: str) -> _Tag:
    """What one start of an element says: `Amount`, `OCR/`, `x:Extra xmlns:x="…" xsi:nil="true"/`.

    `namespaces` are the declarations around it.
    """
    # Read by lxml again, since attributes may hold anything.
    alone = text if text.endswith("/") else text + "/"
    try:
        element = etree.fromstring(f"<holder{namespaces}><{alone}></holder>")[0]
    except etree.XMLSyntaxError:
        raise UnreadableReply(_ODD_ELEMENT) from None
    shown = local_name(element)
    return _Tag(
        name=shown if element.tag == f"{{{NAMESPACE}}}{shown}" else "",
        shown=shown,
        is_empty=text.endswith("/"),
        is_nil=element.get(f"{{{_XSI}}}nil", "").strip() in ("true", "1"),
    )


# who holds whom


def _held_by(children: Numbers, holders: Numbers, all_holders: Numbers) -> tuple[Numbers, Numbers]:
    """Those of the children, one level deeper, that stand in one of `holders`, and in which of them, by number.

    `all_holders` are all elements of the holders' level: a child stands in the last one before it.
    """
    if not len(all_holders) or not len(children):
        return children[:0], children[:0]
    parents = all_holders[np.searchsorted(all_holders, children) - 1]
    if not len(holders):
        return children[:0], children[:0]
    places = np.minimum(np.searchsorted(holders, parents), len(holders) - 1)
    within = holders[places] == parents
    return children[within], places[within]


def _count_unrelated(
    elements: _Elements, siblings: Numbers, unrelated: Numbers, holder: str, unknown: Counter[str]
) -> None:
    for element in unrelated.tolist():
        nil = " (nil)" if elements.is_nil[element] else ""
        unknown[f"{holder}.{elements.shown[elements.names[element]]}{nil}"] += 1
    is_list = holder not in (LINE, DIMENSION)
    if is_list and len(unrelated) and len(unrelated) == len(siblings) and not elements.is_nil[unrelated].all():
        # A list of which we know nothing must not pass for an empty one.
        raise UnreadableReply(f"{holder} holds nothing that its description names")


class _Odd(dict[int, str]):
    """Lines whose elements are not in order, by number, with what is wrong."""

    def elements_in_values(
        self, elements: _Elements, values: Numbers, level: Numbers, deeper: Numbers, line_of: Numbers, *, but: str = ""
    ) -> None:
        is_plain = ~elements.called(values, but)
        plain, lines = values[is_plain], line_of[is_plain]
        for holder in _held_by(deeper, plain, level)[1].tolist():
            name = elements.shown[elements.names[plain[holder]]]
            self.setdefault(int(lines[holder]), f"{name} holds elements where a value belongs")

    def text_beside_members(self, elements: _Elements, holders: Numbers, line_of: Numbers) -> None:
        """What says itself what its members should say: a project may stand there."""
        texts = pc.utf8_trim_whitespace(elements.pieces.take(pa.array(elements.text_at[holders])))
        for holder in np.flatnonzero(pc.not_equal(texts, "").to_numpy(zero_copy_only=False)).tolist():
            name = elements.shown[elements.names[holders[holder]]]
            self.setdefault(int(line_of[holder]), f"{name} holds text where members belong")


def _columns(
    elements: _Elements,
    names: Sequence[str],
    members: Numbers,
    place_of: Numbers,
    count: int,
    odd: _Odd,
    line_of: Numbers | None = None,
) -> dict[str, pa.Array]:
    """The texts of the members with each of these names, by the place of their holder, which stands in `line_of`."""
    number_of = np.array([names.index(known) if known in names else -1 for known in elements.vocabulary], np.int16)
    numbers = number_of[elements.names[members]]
    in_order = np.argsort(numbers, kind="stable")
    borders = np.searchsorted(numbers[in_order], np.arange(len(names) + 1))
    columns = {}
    for name, start, end in zip(names, borders[:-1], borders[1:], strict=True):
        chosen = in_order[start:end]
        rows, places = members[chosen], place_of[chosen]
        for place in places[1:][np.diff(places) == 0].tolist():
            odd.setdefault(place if line_of is None else int(line_of[place]), f"{name} stands there twice")
        found = np.full(count, -1, dtype=np.int64)
        found[places] = np.where(elements.is_nil[rows], -1, elements.text_at[rows])
        texts = elements.pieces.take(pa.array(found, mask=found < 0))
        columns[name] = _unescaped(texts) if elements.is_escaped[rows].any() else texts
    return columns


def _unescaped(texts: pa.Array) -> pa.Array:
    for escape, meant in _TEXT_ESCAPES:
        texts = pc.replace_substring(texts, escape, meant)
    return texts
