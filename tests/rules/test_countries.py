"""Countries by the two letters of ISO 3166."""

from __future__ import annotations

import pytest

from qondor_finago_pipelines.rules.countries import country_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("NO", "NO"),
        (" no\u200b", "NO"),
        ("UK", "GB"),
        ("el", "GR"),
        ("XX", ""),
        ("ZZ", ""),
        ("SWE", ""),
        ("Norge", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_what_is_no_code_is_no_country(text: str | None, code: str) -> None:
    assert country_code(text) == code
