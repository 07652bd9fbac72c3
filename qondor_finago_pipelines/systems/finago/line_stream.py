"""A reply of ledger lines, read as it comes: any number of lines, a few thousand of them in memory.

A strict parser reads the stream; a reply that ends too early, that is no well-formed XML, or that is not the answer to
GetTransactions never passes for a shorter one. Complete lines are taken out of the growing tree: the last child is left
there until the next one has begun, since the parser may still be writing it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import pyarrow as pa
from lxml import etree

from .line_columns import days_like_utc, posting_batch
from .line_markup import NAMESPACE, WrittenLines, text_columns, written_lines
from .soap import UnreadableReply, local_name

RESULT = "GetTransactionsResult"
ANSWER = "GetTransactionsResponse"

BYTES_A_BATCH = 2 * 1024 * 1024
"""About two thousand lines: more would take memory, and fewer time, since each batch costs some milliseconds."""

LONGEST_WITHOUT_RESULT = 1024 * 1024
"""Bytes of a reply that is no answer - a fault, say - that are kept for whoever judges it."""

PARSED_AT_ONCE = 256 * 1024


class CutOff(UnreadableReply):
    """The reply ended before its XML did."""


class NoAnswer(Exception):
    """A whole reply that holds no ledger lines: `body` may be a fault."""

    def __init__(self, body: bytes) -> None:
        super().__init__("no answer to GetTransactions")
        self.body = body


def posting_batches(
    pieces: Iterable[bytes], unknown: Counter[str], like_utc: Counter[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """The lines of a reply in batches of the form `records.posting_table`; `unknown` counts strange elements.

    `like_utc` counts days that look like midnight in Oslo told in UTC.

    Raises UnreadableReply for what is no readable answer, CutOff for one that ends too early, and NoAnswer for a whole
    envelope without the answer. Until the last batch was given nobody knows whether the reply is whole.
    """
    stream = _Stream()
    for piece in pieces:
        for start in range(0, len(piece), PARSED_AT_ONCE):
            stream.feed(piece[start : start + PARSED_AT_ONCE])
            if stream.fed_since_taken >= BYTES_A_BATCH and (lines := stream.take()) is not None:
                yield _batch(lines, unknown, like_utc)
    stream.end()
    if (lines := stream.take(all_of_them=True)) is not None:
        yield _batch(lines, unknown, like_utc)


def _batch(lines: WrittenLines, unknown: Counter[str], like_utc: Counter[str] | None) -> pa.RecordBatch:
    columns = text_columns(lines)
    unknown += columns.unknown
    if like_utc is not None:
        like_utc += days_like_utc(columns)
    return posting_batch(columns)


class _Stream:
    """The reply's tree as far as it has come."""

    def __init__(self) -> None:
        self.fed_since_taken = 0
        self._parser = etree.XMLPullParser(
            events=("start",),
            # Of every other element an event would be kept until somebody asks.
            tag=f"{{{NAMESPACE}}}{RESULT}",
            recover=False,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        self._result: etree._Element | None = None
        self._head = bytearray()
        self._fed = 0

    def feed(self, piece: bytes) -> None:
        self._fed += len(piece)
        self.fed_since_taken += len(piece)
        if self._result is None:
            self._head += piece
            if len(self._head) > LONGEST_WITHOUT_RESULT:
                raise UnreadableReply(f"it does not begin with {ANSWER}")
        try:
            self._parser.feed(piece)
        except etree.XMLSyntaxError:
            raise UnreadableReply("it is no well-formed XML") from None
        if self._result is None:
            self._look_for_result()

    def end(self) -> None:
        """The reply is over."""
        if not self._fed:
            raise CutOff("it is empty")
        try:
            root = self._parser.close()
        except etree.XMLSyntaxError:
            raise CutOff("it is cut off") from None
        if self._result is None:
            self._look_for_result()
        _refuse_document_type(root)
        if self._result is None and not _is_empty_answer(root):
            raise NoAnswer(bytes(self._head))
        if self._result is not None and (self._result.text or "").strip():
            raise UnreadableReply(f"{RESULT} holds text where lines belong")
        if self._result is not None and _children_called(self._result.getparent(), RESULT) != 1:
            raise UnreadableReply(f"{ANSWER}.{RESULT} stands there twice")

    def take(self, *, all_of_them: bool = False) -> WrittenLines | None:
        """Takes the complete lines out of the tree, as text; None where there are none."""
        self.fed_since_taken = 0
        if self._result is None:
            return None
        complete = self._result[:] if all_of_them else self._result[:-1]
        if not complete:
            return None
        taken: etree._Element = etree.Element(self._result.tag, nsmap=self._result.nsmap)
        taken.extend(complete)
        return written_lines(taken)

    def _look_for_result(self) -> None:
        for _, element in self._parser.read_events():
            if _is_the_answer(element.getparent()):
                _refuse_document_type(element)
                self._result = element
                self._head.clear()
                return


def _is_the_answer(element: etree._Element | None) -> bool:
    if element is None or element.tag != f"{{{NAMESPACE}}}{ANSWER}":
        return False
    body = element.getparent()
    envelope = None if body is None else body.getparent()
    return (
        envelope is not None
        and envelope.getparent() is None
        and local_name(body) == "Body"
        and local_name(envelope) == "Envelope"
    )


def _is_empty_answer(root: etree._Element) -> bool:
    """An answer without a result is an empty list, as everywhere in this interface."""
    return any(_is_the_answer(element) and len(element) == 0 for element in root.iter(f"{{{NAMESPACE}}}{ANSWER}"))


def _children_called(element: etree._Element | None, name: str) -> int:
    return 0 if element is None else len(element.findall(f"{{{NAMESPACE}}}{name}"))


def _refuse_document_type(element: etree._Element) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise UnreadableReply("it declares a document type, which SOAP forbids")
