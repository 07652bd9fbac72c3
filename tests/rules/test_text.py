"""Texts for Finago and for people."""

from __future__ import annotations

import pytest

from qondor_finago_pipelines.rules.text import Fitting, counted, listed, one_line, same_text, without_addresses


@pytest.mark.parametrize(
    ("text", "line"), [(" a ", "a"), ("a\r\nb", "a b"), ("a\x00b", "a b"), ("a  b", "a  b"), (None, ""), ("\n", "")]
)
def test_a_text_is_brought_to_one_line(text: str | None, line: str) -> None:
    assert one_line(text) == line


def test_texts_are_the_same_to_a_reader_whatever_their_case_and_spaces() -> None:
    assert same_text(" Kick-off  2026", "KICK-OFF 2026 ")
    assert same_text(None, " ")
    assert not same_text("Kick-off 2026", "Kick-off 2027")


@pytest.mark.parametrize(("items", "text"), [([], ""), ([1], "1"), ([1, 2], "1 and 2"), ([1, 2, 3], "1, 2 and 3")])
def test_a_list_in_words(items: list[int], text: str) -> None:
    assert listed(items) == text


@pytest.mark.parametrize(("number", "text"), [(0, "0 offices"), (1, "1 office"), (2, "2 offices")])
def test_a_number_of_things_in_words(number: int, text: str) -> None:
    assert counted(number, "office") == text


def test_what_a_system_said_is_shown_without_addresses_and_not_at_length() -> None:
    assert without_addresses("From <kari@example.no>:\nno") == "From <(e-mail address)>: no"
    assert len(without_addresses("x" * 1000)) == 200


def test_a_maximum_is_counted_in_utf_16_units_and_no_character_cut_in_two() -> None:
    fitting = Fitting("Customer 77")
    assert fitting.fit("\N{PARTY POPPER}" * 3, 5, "its name") == "\N{PARTY POPPER}" * 2
    assert fitting.fit("\N{PARTY POPPER}" * 2, 4, "its name") == "\N{PARTY POPPER}" * 2
    assert fitting.warnings == ("Customer 77: its name has 6 characters and was cut at Finago's 5.",)


def test_a_cut_is_remembered_without_the_text_and_leaves_no_space_behind() -> None:
    fitting = Fitting("Invoice 9001")
    assert fitting.fit("ab cd", 3, "its title") == "ab"
    assert fitting.fit("abc", 3, "its title") == "abc"
    assert fitting.warnings == ("Invoice 9001: its title has 5 characters and was cut at Finago's 3.",)
