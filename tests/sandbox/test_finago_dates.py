"""Finago's dates in each of the forms that the stand-in can write."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import requests

from qondor_finago_pipelines.cli.sandbox import sandbox as sandbox_command
from qondor_finago_pipelines.sandbox import Sandbox
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


def test_every_form_is_tested_here_and_can_be_asked_for() -> None:
    assert set(FORMS) == {"naive", "utc", "silent_utc", "offset", "mixed"}
    (option,) = [option for option in sandbox_command.params if option.name == "dates"]
    assert set(getattr(option.type, "choices", ())) == set(FORMS)


def test_the_form_outlives_another_world() -> None:
    with Sandbox(seed="empty", dates="utc") as sandbox:
        assert sandbox.world.finago.dates == "utc"
        requests.post(f"{sandbox.control_url}/reset", timeout=60)
        assert sandbox.world.finago.dates == "utc"
        requests.post(f"{sandbox.control_url}/dates", json={"form": "offset"}, timeout=60)
        assert sandbox.world.finago.dates == "offset"
        assert requests.post(f"{sandbox.control_url}/dates", json={"form": "roman"}, timeout=60).status_code == 400
