"""Finago's dates in each of the forms that the stand-in can write."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qondor_finago_pipelines.sandbox.finago.dates import FORMS, in_form

WINTER, SUMMER = datetime(2026, 11, 21), datetime(2026, 7, 21)  # noqa: DTZ001 - days, as the stand-in keeps them
CHANGED = datetime(2026, 11, 20, 9, 30, 0, 500000, tzinfo=UTC)
NONE = datetime(1, 1, 1)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("naive", [WINTER, SUMMER, CHANGED]),
        ("utc", ["2026-11-20T23:00:00Z", "2026-07-20T22:00:00Z", "2026-11-20T09:30:00.500Z"]),
        ("silent_utc", ["2026-11-20T23:00:00", "2026-07-20T22:00:00", "2026-11-20T09:30:00.500"]),
        ("offset", ["2026-11-21T00:00:00+01:00", "2026-07-21T00:00:00+02:00", "2026-11-20T10:30:00.500+01:00"]),
        ("mixed", ["2026-11-20T23:00:00Z", SUMMER, "2026-11-20T10:30:00.500+01:00"]),
    ],
)
def test_a_form(form: str, written: list[str | datetime]) -> None:
    answer = {"Items": [{"Paid": WINTER}, {"Paid": SUMMER}], "DateChanged": CHANGED, "Id": 7, "No": NONE}
    first, second, changed = written
    assert in_form(answer, form) == {
        "Items": [{"Paid": first}, {"Paid": second}],
        "DateChanged": changed,
        "Id": 7,
        "No": NONE,
    }


def test_every_form_is_tested_here() -> None:
    assert set(FORMS) == {"naive", "utc", "silent_utc", "offset", "mixed"}
