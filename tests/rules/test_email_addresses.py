"""E-mail addresses: the text that is compared is the text that is sent."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qondor_finago_pipelines.rules.email_addresses import email_key, email_keys, usable_email, usable_emails
from qondor_finago_pipelines.rules.linking import consumer_key

KARI = "kari@example.no"
properties = settings(derandomize=True, max_examples=150, deadline=None)


@pytest.mark.parametrize(
    "text",
    [
        KARI,
        f"  {KARI}\t",
        f"{KARI}\u200b",
        f"\ufeff{KARI}",
        "ka\u00adri@example.no",
        "kari\x00@example.no",
        f"{KARI}\r\n",
        f"\u202a{KARI}\u202c",
        f"\u00a0{KARI}",
    ],
)
def test_invisible_characters_and_outer_space_are_no_part_of_an_address(text: str) -> None:
    assert usable_email(text) == KARI
    assert email_key(text) == KARI


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "kari",
        f"{KARI};",
        f"{KARI}.",
        f"{KARI},",
        f"<{KARI}>",
        f"Kari Nordmann <{KARI}>",
        f"mailto:{KARI}",
        f"{KARI} ola@example.no",
        f"{KARI};ola@example.no",
        "kari@example",
        "kari@@example.no",
        "kari@ex ample.no",
        ".kari@example.no",
        "kari@-example.no",
    ],
)
def test_what_is_no_address_by_the_standard_is_not_usable(text: str | None) -> None:
    assert usable_email(text) is None


def test_upper_and_lower_case_are_compared_letter_by_letter() -> None:
    assert email_key("KARI@Example.NO") == email_key(KARI)
    assert email_key("straße@example.no") != email_key("strasse@example.no")
    assert email_key("kåre@example.no") == email_key("KÅRE@example.no") == email_key("ka\u030are@example.no")


def test_a_domain_written_in_ascii_is_the_domain() -> None:
    assert email_key("kari@xn--blbr-roah.no") == email_key("kari@blåbær.no")


def test_a_field_of_finago_may_hold_several() -> None:
    found = email_keys(["Kari@example.no; OLA@example.no", None, "per@example.no,"])
    assert found == {KARI, "ola@example.no", "per@example.no"}


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        (f"{KARI}, ola@example.no;", f"{KARI};ola@example.no"),
        (KARI, KARI),
        (f"{KARI}; ola", None),
        (" ; ", None),
        (None, None),
    ],
)
def test_where_several_may_stand_all_of_them_are_sent_or_none(text: str | None, sent: str | None) -> None:
    assert usable_emails(text) == sent


@given(st.emails(domains=st.just("example.no")))
@properties
def test_what_is_sent_has_the_key_of_what_was_written(email: str) -> None:
    sent = usable_email(email)
    if sent is not None:
        assert email_key(sent) == email_key(f" {email}\u200b")
        assert usable_email(sent) == sent
    assert email.lower() not in consumer_key(email)
