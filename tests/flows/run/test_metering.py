"""What a header says is believed where it can be true, and blocks nobody for long (decisions 9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from qondor_finago_pipelines.flows.run.metering import FINAGO, QONDOR, Meter
from qondor_finago_pipelines.records.errors import CallsBlocked
from qondor_finago_pipelines.settings import SyncSettings
from qondor_finago_pipelines.store import Store
from tests.conftest import FakeClock

NO_COUNTS = ["", " ", "-1", "²", "9" * 5000, "0, 7000", "1e3", "NaN", "none"]
NO_INSTANTS = [
    "", "soon", "-1", "²", "9" * 5000, "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
    "2026-11-20T10:00:00Z, 2026-11-20T10:00:00Z", "2026-11-21T10:00:00Z", "1970-01-01T00:00:00Z",
]  # fmt: skip
NO_DATES = [
    "",
    "soon",
    "-1",
    "²",
    "9" * 5000,
    "Fri, 20 Nov 99999999999 09:05:00 GMT",
    "Fri, 31 Dec 9999 23:59:59 -2359",
]


@pytest.fixture
def clock() -> FakeClock:
    """At twenty past nine."""
    return FakeClock(datetime(2026, 11, 20, 9, 20, tzinfo=UTC))


@pytest.fixture
def meter(tmp_path: Path, clock: FakeClock) -> Iterator[Meter]:
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}", clock=clock, sleep=clock.sleep) as store:
        yield Meter(store, SyncSettings(), sleep=clock.sleep)


def hears(meter: Meter, **headers: str) -> None:
    meter.after_reply(FINAGO, 200, headers)


def may_call(meter: Meter) -> bool:
    try:
        meter.before_call(FINAGO, "GetCompanies", write=False)
    except CallsBlocked:
        return False
    return True


@pytest.mark.parametrize("remaining", NO_COUNTS)
def test_a_count_that_is_none_says_nothing(meter: Meter, remaining: str) -> None:
    hears(meter, APILimitRemaining=remaining, APILimitReset="2026-11-20T10:00:00Z")
    assert may_call(meter)


@pytest.mark.parametrize("reset", NO_INSTANTS)
def test_none_left_until_no_believable_instant_means_to_the_end_of_the_hour(
    meter: Meter, clock: FakeClock, reset: str
) -> None:
    hears(meter, APILimitRemaining="0", APILimitReset=reset)
    assert not may_call(meter)
    clock.advance(timedelta(minutes=39))
    assert not may_call(meter)
    clock.advance(timedelta(minutes=1))
    assert may_call(meter)


@pytest.mark.parametrize("reset", NO_INSTANTS)
def test_a_later_good_header_lifts_it(meter: Meter, reset: str) -> None:
    hears(meter, APILimitRemaining="0", APILimitReset=reset)
    hears(meter, APILimitRemaining="7000", APILimitReset="2026-11-20T10:00:00Z")
    assert may_call(meter)


@pytest.mark.parametrize("date", NO_DATES)
@pytest.mark.parametrize("system", [FINAGO, QONDOR])
def test_a_date_that_is_none_leaves_the_clock_as_it_was_measured(
    meter: Meter, clock: Any, system: str, date: str
) -> None:
    meter.after_reply(system, 200, {"Date": date})
    assert meter.clock_difference(system) == timedelta()
    meter.after_reply(system, 200, {"Date": "Fri, 20 Nov 2026 09:25:00 GMT"})
    meter.after_reply(system, 200, {"Date": date})
    assert meter.clock_difference(system) == timedelta(minutes=5)
