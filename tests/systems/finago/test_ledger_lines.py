"""The reader of ledger lines: the same table whatever the pieces, and never a shorter one for a broken reply."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qondor_finago_pipelines.systems.finago import line_stream
from qondor_finago_pipelines.systems.finago.line_markup import DIMENSION_MEMBERS, MEMBERS
from qondor_finago_pipelines.systems.finago.line_stream import NoAnswer, posting_batches
from qondor_finago_pipelines.systems.finago.soap import PACKAGE_WSDLS, UnreadableReply

from .ledger_replies import LINE, SPACE, XSI, line, lines_in, plainly_read, reply

NOTHING: Any = dict.fromkeys(LINE)
AWKWARD = (
    "Tab\there, \"quoted\", 'single', back\\slash, a\nnew line, <less> & more, ]]&gt;, "
    "\u00e5\u00f8\u00e5, \u2028, \U0001f600"
)


def table_of(body: bytes, *, piece: int = 1 << 16, unknown: Counter[str] | None = None) -> list[dict[str, Any]]:
    pieces = (body[start : start + piece] for start in range(0, len(body), piece))
    counted = Counter() if unknown is None else unknown
    return [row for batch in posting_batches(pieces, counted) for row in batch.to_pylist()]


def several() -> bytes:
    return reply(
        line((("Project", "12345", None), ("Customer", "4711", None), ("Department", "3", None))),
        line(
            (
                ("Project", "12345", "33.33"),
                ("Project", "12346", "66.67"),
                ("Customer", "1", None),
                ("Customer", "2", None),
            ),
            Comment=AWKWARD,
            OCR=AWKWARD[::-1],
            InvoiceNo="F\t1\n2",
            Id="9E51061A-7311-D8A3-C2CE-6F447ED4D57B",
        ),
        line(**NOTHING),
        line(
            Amount="-0.01",
            DueDate="0001-01-01T00:00:00",
            LinkId="-2147483648",
            VatCode="-32768",
            CurrencyRate="-79228162514264337593543950335",
            DateChanged="2026-11-20T10:11:12Z",
            Id="00000000-0000-0000-0000-000000000000",
            SystemType="InvoiceLoss",
            Comment="",
        ),
        line(RegistrationDate="2026-11-20T12:11:12.1234567+02:00", Amount=" 12 ", Hidden="1", Open="0"),
    )


@pytest.mark.parametrize("batch", [1, 500, 1 << 20])
@pytest.mark.parametrize("piece", [1, 2, 7, 64, 333, 1 << 16])
def test_the_table_is_the_same_for_every_size_of_piece_and_batch(
    piece: int, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_stream, "BYTES_A_BATCH", batch)
    body = several()
    rows = table_of(body, piece=piece)
    expected = plainly_read(body)
    assert len(rows) == 5
    for row, plain in zip(rows, expected, strict=True):
        # Finago's clock has seven digits, ours six.
        assert row == plain
    assert rows[1]["comment"] == AWKWARD.replace("\r", "\n")


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], include_characters="\t\n"), max_size=12)
AMOUNT = st.decimals(min_value=-(10**9), max_value=10**9, places=2).map(lambda amount: format(amount, "f"))
DIMENSION = st.tuples(
    st.sampled_from(["Project", "Customer", "Department", None]), TEXT, st.one_of(st.none(), st.just("12.5"))
)
LINES = st.lists(
    st.builds(
        lambda dimensions, comment, ocr, invoice, amount, missing: line(
            tuple(dimensions),
            **{**{"Comment": comment, "OCR": ocr, "InvoiceNo": invoice, "Amount": amount}, **dict.fromkeys(missing)},
        ),
        st.lists(DIMENSION, max_size=3),
        TEXT,
        TEXT,
        TEXT,
        AMOUNT,
        st.sets(st.sampled_from(sorted(LINE)), max_size=4),
    ),
    max_size=6,
)


@settings(derandomize=True, max_examples=120, deadline=None)
@given(LINES, st.integers(1, 400), st.integers(1, 3000))
def test_any_lines_in_any_pieces_are_read_as_a_whole_tree_is(lines: list[str], piece: int, batch: int) -> None:
    body = reply(*lines)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_stream, "BYTES_A_BATCH", batch)
        assert table_of(body, piece=piece) == plainly_read(body)


def test_a_reply_cut_off_at_any_byte_is_an_error() -> None:
    body = reply(line((("Project", "12345", None),)), line())
    for end in range(len(body)):
        with pytest.raises(UnreadableReply):
            table_of(body[:end])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_the_declared_encoding_counts(encoding: str) -> None:
    rows = table_of(reply(line(Comment="Blåbær på Ås"), encoding=encoding), piece=3)
    assert rows[0]["comment"] == "Blåbær på Ås"


OF_A_PROJECT = (("Project", "12345", None),)


@pytest.mark.parametrize(
    ("written", "trouble"),
    [
        ("<Dimension>12345</Dimension>", "Dimension holds text where members belong"),
        ("<Dimension> SO12345 <Type>Project</Type></Dimension>", "Dimension holds text where members belong"),
        ("<Dimension/>", "Dimension.Type is missing"),
        ("<Dimension></Dimension>", "Dimension.Type is missing"),
        ("<Dimension><Value>12345</Value></Dimension>", "Dimension.Type is missing"),
        ("<Dimension><Type> </Type><Value>12345</Value></Dimension>", "Dimension.Type is missing"),
        ('<Dimension><Type xsi:nil="true"/><Value>12345</Value></Dimension>', "Dimension.Type is missing"),
        ("<Dimension><Type>Project</Type></Dimension>", "Dimension.Value is missing"),
        ("<Dimension><Type>Project</Type><Value> </Value></Dimension>", "Dimension.Value is missing"),
        ('<Dimension><Type>Project</Type><Value xsi:nil="1"/></Dimension>', "Dimension.Value is missing"),
    ],
)
def test_a_dimension_that_does_not_say_whose_the_line_is_makes_it_unreadable(written: str, trouble: str) -> None:
    whole, odd = line(OF_A_PROJECT), line(OF_A_PROJECT).replace("</Dimension>", f"</Dimension>{written}")
    assert [row["unreadable"] for row in table_of(reply(whole, odd, whole))] == [None, trouble, None]


def test_text_where_dimensions_belong_makes_the_line_unreadable() -> None:
    odd = line().replace("</Transaction>", "<Dimensions>12345</Dimensions></Transaction>")
    assert [row["unreadable"] for row in table_of(reply(odd, line()))] == [
        "Dimensions holds text where members belong",
        None,
    ]


@pytest.mark.parametrize(
    "written",
    [
        "",
        "<Dimensions/>",
        "<Dimensions>\n  </Dimensions>",
        '<Dimensions xsi:nil="true"/>',
        '<Dimensions><Dimension xsi:nil="true"/></Dimensions>',
        "<Dimensions> <Dimension> <Type>Department</Type> </Dimension> </Dimensions>",
        "<Dimensions><Dimension><Type>None</Type></Dimension></Dimensions>",
    ],
)
def test_a_dimension_that_is_absent_or_of_no_project_is_none(written: str) -> None:
    (row,) = table_of(reply(line().replace("</Transaction>", f"{written}</Transaction>")))
    assert (row["projects"], row["unreadable"]) == ([], None)


def test_an_empty_list_is_empty() -> None:
    assert table_of(reply()) == []
    without = reply().replace(b"<GetTransactionsResult></GetTransactionsResult>", b"")
    assert table_of(without) == []


def test_comments_and_cdata_and_other_prefixes_change_nothing() -> None:
    body = reply(line())
    changed = (
        body.replace(b"<Comment>Rooms", b"<!-- a --><Comment><![CDATA[Ro]]><!-- b -->oms<?pi x?>")
        .replace(f'xmlns="{SPACE}"'.encode(), f'xmlns:t="{SPACE}"'.encode())
        .decode()
    )
    changed = re.sub(r"<(/?)(?!soap:|\?|!|t:)([A-Z])", r"<\1t:\2", changed)
    assert table_of(changed.encode()) == table_of(body) == plainly_read(body)


def test_members_in_any_order_are_the_same_line() -> None:
    there, back = reply(line()), reply(line(**NOTHING))
    members = re.findall(r"<(\w+)>([^<]*)</\1>", line())
    turned = "".join(f"<{name}>{value}</{name}>" for name, value in reversed(members))
    shuffled = back.replace(b"<Transaction", f"<Transaction>{turned}</Transaction><Nothing".encode(), 1)
    assert table_of(re.sub(rb"<Nothing[^>]*/>", b"", shuffled)) == table_of(there)


def test_unknown_elements_are_left_out_and_counted() -> None:
    unknown: Counter[str] = Counter()
    body = reply(
        line((("Project", "12345", None),)).replace(
            "<Hidden>", "<Extra><Amount>9</Amount></Extra><x:Amount xmlns:x='urn:x'>1</x:Amount><Hidden>"
        ),
        line(),
        "<Total>5</Total>",
        f'<Transaction xsi:nil="true" xmlns:xsi="{XSI}"/>',
    )
    rows = table_of(body, unknown=unknown)
    assert [row["amount"] for row in rows] == [8000, 8000]
    assert unknown == {
        "Transaction.Extra": 1,
        "Transaction.Amount": 1,
        "GetTransactionsResult.Total": 1,
        "GetTransactionsResult.Transaction (nil)": 1,
    }


@pytest.mark.parametrize(
    "body",
    [
        reply("<Total>5</Total>"),
        reply(line(), head="<!DOCTYPE x [<!ENTITY a 'b'>]>"),
        reply(line().replace("Rooms", "&rooms;")),
        b"",
        b"<html><body>Please log in</body></html>"[:-3],
        b"x",
    ],
)
def test_what_is_no_readable_answer_is_an_error(body: bytes) -> None:
    with pytest.raises(UnreadableReply):
        table_of(body)


PROJECT = (("Project", "12345", "50"),)


@pytest.mark.parametrize(
    ("odd", "trouble"),
    [
        (line(Amount="8000,00"), "Amount is not a decimal"),
        (line(Amount="0x10"), "Amount is not a decimal"),
        (line(Amount="NaN"), "Amount is not a decimal"),
        (line(Amount="0.00001"), "Amount has more digits than can be kept"),
        (line(Amount="1149.99771"), "Amount has more digits than can be kept"),
        (line(Amount="9" * 40), "Amount has more digits than can be kept"),
        (line(Amount="1E99"), "Amount has more digits than can be kept"),
        (line(CurrencyRate="1E99"), "CurrencyRate has more digits than can be kept"),
        (line(AccountNo="6300.5"), "AccountNo is not a whole number"),
        (line(AccountNo="99999999999999999999"), "AccountNo is out of range"),
        (line(Hidden="maybe"), "Hidden is neither true nor false"),
        (line(Date="16.11.2026"), "Date is not a date"),
        (line(Date="0000-00-00T00:00:00"), "Date is not a date"),
        (line(DateChanged="yesterday"), "DateChanged is not a date"),
        (line(DateChanged="9999-12-31T23:59:59-14:00"), "DateChanged is a date that no calendar has"),
        (line(PROJECT).replace(">50<", ">half<"), "Percent is not a decimal"),
        (line().replace("<Comment>", "<Amount>1.00</Amount><Comment>"), "Amount stands there twice"),
        (line(PROJECT).replace("<Value>", "<Value>1</Value><Value>"), "Value stands there twice"),
        (line().replace(">Rooms<", "><b>Rooms</b><"), "Comment holds elements where a value belongs"),
        (line(PROJECT).replace(">12345<", "><b>12345</b><"), "Value holds elements where a value belongs"),
    ],
)
def test_one_odd_value_is_the_trouble_of_its_line_alone(odd: str, trouble: str) -> None:
    rows = table_of(reply(line(), odd, line(Amount="-8000.00")))
    assert [row["unreadable"] for row in rows] == [None, trouble, None]
    assert [rows[0]["amount"], rows[2]["amount"]] == [8000, -8000]


@pytest.mark.parametrize(
    ("written", "column", "kept"),
    [
        (line(Amount="1E+3"), "amount", Decimal(1000)),
        (line(Amount="1149.9977"), "amount", Decimal("1149.9977")),
        (line(Amount="8000.000000"), "amount", Decimal(8000)),
        (line(CurrencyRate="11.735499999999"), "currency_rate", Decimal("11.7355000000")),
        (line((("Project", "1", "33.33333333333333"),)), "percents", [Decimal("33.3333333333")]),
    ],
)
def test_an_exponent_is_a_number_and_more_digits_than_are_kept_are_rounded(
    written: str, column: str, kept: object
) -> None:
    (row,) = table_of(reply(written))
    assert (row[column], row["unreadable"]) == (kept, None)


@pytest.mark.parametrize("bomb", ["<a>" * 100_000, "&#65;" * 1_000_000, "<Comment>" + "x" * 11_000_000])
def test_a_reply_that_is_made_to_harm_ends_in_an_error(bomb: str) -> None:
    with pytest.raises((UnreadableReply, NoAnswer)):
        table_of(reply(bomb))


def test_another_envelope_is_no_answer() -> None:
    fault = reply().replace(b"GetTransactionsRe", b"GetSomethingRe")
    with pytest.raises(NoAnswer):
        table_of(fault)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_reply_never_passes_for_less_data(data: st.DataObject) -> None:
    body = bytearray(reply(line((("Project", "12345", "50"),)), line(Amount="-8000.00")))
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        rows = table_of(bytes(body), piece=data.draw(st.integers(1, 500)))
    except (UnreadableReply, NoAnswer):
        return
    # What is still well-formed has both its lines: only a value, or a name, can have become another one.
    assert len(rows) == bytes(body).count(b"<Transaction ") + bytes(body).count(b"<Transaction>") or len(rows) < 2
    assert len(rows) == lines_in(bytes(body))


def test_the_members_are_those_of_the_interface() -> None:
    described = (PACKAGE_WSDLS / "transaction.wsdl").read_text(encoding="utf-8")
    for name, members in (("Transaction", MEMBERS), ("Dimension", DIMENSION_MEMBERS)):
        declared = re.search(rf'<xs:complexType name="{name}">(.*?)</xs:complexType>', described, re.S)
        assert declared is not None
        assert re.findall(r'<xs:element name="(\w+)"', declared[1]) == list(members)
