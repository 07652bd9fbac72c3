"""Characters that XML 1.0 cannot carry, in a reply: they become U+FFFD before the strict parse (decisions 8).

Somebody pastes a vertical tab into a comment, Finago sends it on as `&#xB;`, and no XML parser takes the reply. Nothing
else is mended: half a reply stays half a reply.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator

REPLACEMENT = "\ufffd"

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,10}));")
_DECLARATION = re.compile(rb"<\?xml[^>]*?\?>")
_ENCODING = re.compile(rb"""encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_LONGEST_DECLARATION = 200
_LONGEST_REFERENCE = 14


def without(text: str, instead: str = REPLACEMENT) -> str:
    """The text without characters that XML cannot carry."""
    return _NOT_IN_XML.sub(instead, text)


def mended(body: bytes) -> bytes:
    """The document in UTF-8 with U+FFFD for each character that XML cannot carry, raw or as a reference."""
    return b"".join(mended_pieces([body]))


def mended_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same for a document that comes in pieces, cut anywhere; a byte that its encoding does not have, too."""
    coming = iter(pieces)
    head = b""
    for piece in coming:
        head += piece
        if len(head) >= _LONGEST_DECLARATION:
            break
    encoding, body = _opened(head)
    if encoding is None:
        yield from _chain(body, coming)
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    held = ""
    for piece in _chain(body, coming):
        text = held + decoder.decode(piece)
        held = _unfinished(text)
        yield _clean(text[: len(text) - len(held)])
    yield _clean(held + decoder.decode(b"", final=True))


def _opened(head: bytes) -> tuple[str | None, bytes]:
    """The encoding of a document, and what stands behind its declaration; None and all of it where nobody knows it."""
    start = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    declaration = _DECLARATION.match(head, start)
    if declaration is None:
        # Of the 16 bits of UTF-16 every other byte would be mended.
        return (None if b"\0" in head[:4] else "utf-8"), head[start:]
    named = _ENCODING.search(declaration[0])
    try:
        return codecs.lookup(named[1].decode() if named else "utf-8").name, head[declaration.end() :]
    except LookupError:
        return None, head


def _chain(first: bytes, others: Iterable[bytes]) -> Iterator[bytes]:
    yield first
    yield from others


def _unfinished(text: str) -> str:
    """The beginning of a reference at the end of a piece."""
    start = text.rfind("&", max(0, len(text) - _LONGEST_REFERENCE))
    return "" if start < 0 or ";" in text[start:] else text[start:]


def _clean(text: str) -> bytes:
    return without(_REFERENCE.sub(_reference, text)).encode()


def _reference(found: re.Match[str]) -> str:
    number = int(found[1], 16) if found[1] else int(found[2])
    is_one = number <= 0x10FFFF and not 0xD800 <= number < 0xE000 and not _NOT_IN_XML.match(chr(number))
    return found[0] if is_one else REPLACEMENT
