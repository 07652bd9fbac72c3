"""Characters that XML cannot carry: Finago sends them all the same, and one of them must not stop an office."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from qondor_finago_pipelines.systems.finago.soap import UnreadableReply, parse_strictly
from qondor_finago_pipelines.systems.finago.xml_characters import mended, mended_pieces


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"<a>one&#xB;two</a>", "one\ufffdtwo"),
        (b"<a>one&#11;two</a>", "one\ufffdtwo"),
        (b"<a>one\x0btwo</a>", "one\ufffdtwo"),
        (b"<a>one&#0;two</a>", "one\ufffdtwo"),
        (b"<a>&#xD83C;</a>", "\ufffd"),
        (b"<a>&#xFFFE;&#x110000;</a>", "\ufffd\ufffd"),
        (b"<a>bl\xe5</a>", "bl\ufffd"),
        (b'<?xml version="1.0" encoding="iso-8859-1"?><a>bl\xe5 &#xB;</a>', "bl\u00e5 \ufffd"),
        (
            '<?xml version="1.0" encoding="utf-8"?><a>\u00e5&#xE5;&#x1F600;&#xB;</a>'.encode(),
            "\u00e5\u00e5\U0001f600\ufffd",
        ),
        (b"<a>\xef\xbf\xbf</a>", "\ufffd"),
    ],
)
def test_they_stand_as_one_that_says_so(written: bytes, read: str) -> None:
    assert parse_strictly(written).text == read


@pytest.mark.parametrize(
    "body",
    [
        b"<a>one&#xB;two",
        b"<a>&#xB;</b>",
        b"<!DOCTYPE a [<!ENTITY e 'x'>]><a>&#xB;</a>",
        b'<?xml version="1.0" encoding="klingon"?><a>&#xB;</a>',
        b"",
        b"&#xB;",
    ],
)
def test_nothing_else_is_mended(body: bytes) -> None:
    with pytest.raises(UnreadableReply):
        parse_strictly(body)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(["a", "&#xB;", "&#11;", "&amp;", "\x0b", "\u00e5", "<b/>", "&#x1F600;", "&"]), max_size=30
    ),
    st.data(),
)
def test_a_document_in_pieces_is_mended_as_a_whole_one(parts: list[str], data: st.DataObject) -> None:
    body = f'<?xml version="1.0" encoding="utf-8"?><a>{"".join(parts)}</a>'.encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=8)))
    pieces = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    assert b"".join(mended_pieces(pieces)) == mended(body)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_what_xml_can_carry_is_left_as_it_is(text: str) -> None:
    element = etree.Element("a")
    try:
        element.text = text
    except ValueError:
        return
    assert etree.fromstring(mended(etree.tostring(element, encoding="utf-8"))).text == (element.text or None)
