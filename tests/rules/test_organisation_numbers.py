"""An organisation number as a key: what it names, and when two are one organisation's."""

from __future__ import annotations

import pytest

from qondor_finago_pipelines.rules.organisation_numbers import (
    OrganisationNumber,
    different_organisations,
    is_norwegian,
    organisation_key,
    read_organisation_number,
    same_organisation,
)

NUMBER = "912345688"


def number(text: str | None, country: str | None = None) -> OrganisationNumber:
    return read_organisation_number(text, country)


@pytest.mark.parametrize(
    "text",
    [
        NUMBER,
        " 912 345 688 ",
        "912.345.688",
        "912-345-688",
        "912\u00a0345\u2011688",
        "9123\u200b45688",
        "NO 912 345 688 MVA",
        "no912345688mva",
        "912345688 MVA",
    ],
)
def test_what_people_add_for_the_eye_is_taken_off(text: str) -> None:
    assert organisation_key(text) == NUMBER


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("SC123456", "SC123456"),
        ("sc 123-456", "SC123456"),
        ("B12345674", "B12345674"),
        ("912 345 688 avd. 2", "912345688AVD2"),
        ("NOVA123", "NOVA123"),
        ("SE556000123401", "SE556000123401"),
        ("MVA", "MVA"),
        ("", ""),
        (None, ""),
    ],
)
def test_letters_stay(text: str | None, key: str) -> None:
    assert organisation_key(text) == key


@pytest.mark.parametrize(
    ("key", "norwegian"),
    [
        (NUMBER, True),
        ("923456783", True),
        ("912345678", False),  # its check digit would be 10
        ("912345689", False),
        ("000000000", False),
        ("999999999", False),
        ("91234568", False),
        ("9123456880", False),
        ("1" * 40, False),
        ("\u0661" * 9, False),
    ],
)
def test_a_norwegian_number_has_nine_digits_with_a_valid_check_digit(key: str, norwegian: bool) -> None:
    assert is_norwegian(key) is norwegian


@pytest.mark.parametrize(
    ("text", "country", "identifies"),
    [
        (NUMBER, None, True),
        (NUMBER, "SE", True),
        ("SC123456", None, True),
        ("5560001234", "SE", True),
        ("5560001234", "NO", False),
        ("5560001234", None, False),
        ("000000000", None, False),
        ("0", None, False),
        ("-", None, False),
        ("CHE-123.456.789", None, True),
        *((word, country, False) for word in ("n/a", "ukjent", "privat", "TBD", "avd. 2") for country in (None, "SE")),
        ("SE 000000-0000", "SE", False),
        ("X99999999", None, False),
        ("1234567890", "SE", False),
        ("1234", "DK", False),
        ("", "SE", False),
    ],
)
def test_only_what_can_be_shown_to_name_somebody_identifies(text: str, country: str | None, identifies: bool) -> None:
    assert number(text, country).identifies is identifies


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        (number(NUMBER), number("NO 912 345 688 MVA", "NO"), True),
        (number(NUMBER, "SE"), number(NUMBER, "NO"), True),
        (number("SC123456"), number("OC123456"), False),
        (number("SC123456"), number("123456"), False),
        (number("B12345674"), number("12345674"), False),
        (number("SC123456", "GB"), number("sc 123456"), True),
        (number("SC123456", "GB"), number("SC123456", "IE"), False),
        (number("5560001234", "SE"), number("5560001234"), True),
        (number("5560001234", "SE"), number("5560001234", "DK"), False),
        (number("SC123456", "UK"), number("SC123456", "GB"), True),
        (number("5560001234", "SE"), number("5560001234", "SWE"), True),
        (number("n/a"), number("N.A."), False),
        (number("privat", "NO"), number("privat", "NO"), False),
        (number("912345688 avd. 2"), number(NUMBER), False),
        (number("000000000"), number("000000000"), False),
        (number(None), number(None), False),
    ],
)
def test_two_numbers_are_one_organisations(ours: OrganisationNumber, theirs: OrganisationNumber, same: bool) -> None:
    assert same_organisation(ours, theirs) is same


@pytest.mark.parametrize(
    ("ours", "theirs", "different"),
    [
        (number(NUMBER), number("923456783"), True),
        (number("SC123456", "GB"), number("SC123456", "IE"), True),
        (number(NUMBER, "SE"), number(NUMBER, "NO"), False),
        (number(NUMBER), number(None), False),
        (number("000000000"), number("000000000"), False),
        (number("000000000"), number(NUMBER), True),
    ],
)
def test_two_numbers_contradict_each_other(
    ours: OrganisationNumber, theirs: OrganisationNumber, different: bool
) -> None:
    assert different_organisations(ours, theirs) is different
