"""When a flow has been silent for too long: turns missed, days on which the clocks change, offices that never ran."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from qondor_finago_pipelines.records.days import OSLO
from qondor_finago_pipelines.rules.operations.due import LOOK_ANYWAY
from qondor_finago_pipelines.rules.operations.silence import (
    A_RUN_TAKES,
    AT_THE_LATEST,
    last_heard,
    silent_from,
    turns_missed,
)
from qondor_finago_pipelines.settings import scheduled_turns

EVERY_FIVE_MINUTES, HOURLY, AT_FIVE = "*/5 * * * *", "0 * * * *", "0 5 * * *"


def oslo(text: str) -> datetime:
    """An instant by the clock of Oslo: `2026-11-20 10:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=OSLO).astimezone(UTC)


def missed(schedule: str, heard: datetime, looks_every: timedelta | None = None) -> tuple[datetime, datetime]:
    return turns_missed(heard, partial(scheduled_turns, schedule), looks_every=looks_every)


def silent(schedule: str, heard: datetime, looks_every: timedelta | None = None) -> datetime:
    return silent_from(*missed(schedule, heard, looks_every))


def test_an_hourly_flow_is_silent_after_its_second_missed_turn() -> None:
    heard = oslo("2026-11-20 10:01")
    assert missed(HOURLY, heard) == (oslo("2026-11-20 11:00"), oslo("2026-11-20 12:00"))
    assert silent(HOURLY, heard) == oslo("2026-11-20 12:00") + A_RUN_TAKES


def test_a_daily_flow_is_not_left_for_a_second_day() -> None:
    assert silent(AT_FIVE, oslo("2026-11-20 05:04")) == oslo("2026-11-21 05:00") + AT_THE_LATEST + A_RUN_TAKES


def test_a_run_that_ends_on_the_very_instant_of_a_turn_has_not_had_that_turn_yet() -> None:
    first, _ = missed(HOURLY, oslo("2026-11-20 11:00"))
    assert first == oslo("2026-11-20 12:00")


def test_invoices_are_expected_by_the_hour_though_their_schedule_comes_every_five_minutes() -> None:
    """At most turns nothing is due, and no run begins."""
    heard = oslo("2026-11-20 10:06")
    assert missed(EVERY_FIVE_MINUTES, heard, LOOK_ANYWAY) == (oslo("2026-11-20 11:00"), oslo("2026-11-20 12:00"))


def test_a_look_at_invoices_waits_for_the_schedule() -> None:
    friday = oslo("2026-11-20 17:30")
    office_hours = "10 8-17 * * 1-5"
    assert missed(office_hours, friday, LOOK_ANYWAY) == (oslo("2026-11-23 08:10"), oslo("2026-11-23 09:10"))


def test_a_schedule_that_comes_more_often_than_by_the_hour_leaves_a_run_its_time() -> None:
    heard = oslo("2026-11-20 10:06")
    assert silent(EVERY_FIVE_MINUTES, heard) == oslo("2026-11-20 10:15") + A_RUN_TAKES


# where the clocks change: 29 March 2026 has no 02:30, 25 October 2026 has it twice


def test_an_hour_that_does_not_come_is_not_missed() -> None:
    heard = oslo("2026-03-29 01:01")
    assert missed(HOURLY, heard) == (oslo("2026-03-29 03:00"), oslo("2026-03-29 04:00"))
    assert missed(HOURLY, heard)[0] - heard == timedelta(minutes=59)


def test_an_hour_that_comes_twice_is_counted_once() -> None:
    heard = oslo("2026-10-25 01:01")
    first, second = missed(HOURLY, heard)
    assert (first, second) == (oslo("2026-10-25 02:00"), oslo("2026-10-25 03:00"))
    assert second - first == timedelta(hours=2)


@pytest.mark.parametrize("heard", ["2026-03-28 02:31", "2026-10-24 02:31"])
def test_a_daily_turn_at_night_comes_once_on_such_a_day(heard: str) -> None:
    at_night = "30 2 * * *"
    first, second = missed(at_night, oslo(heard))
    assert [turn.astimezone(OSLO).date() for turn in (first, second)] == [
        oslo(heard).astimezone(OSLO).date() + timedelta(days=days) for days in (1, 2)
    ]


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
@pytest.mark.parametrize("schedule", [EVERY_FIVE_MINUTES, HOURLY, "*/30 * * * *", "30 2 * * *", "15 2,3 * * *"])
def test_turns_only_ever_go_forward_from_whichever_minute_one_looks(day: date, schedule: str) -> None:
    midnight = datetime.combine(day, datetime.min.time(), OSLO).astimezone(UTC)
    for minute in range(0, 6 * 60, 7):
        start = midnight + timedelta(minutes=minute)
        turns = scheduled_turns(schedule, start)
        some = [next(turns) for _ in range(4)]
        assert start <= some[0]
        assert some == sorted(set(some))


def test_a_turn_at_the_start_belongs_to_it() -> None:
    start = oslo("2026-11-20 10:00")
    assert next(scheduled_turns(HOURLY, start)) == start


# from when on


def test_an_office_that_never_ran_is_counted_from_when_it_was_first_watched() -> None:
    watched = oslo("2026-11-20 10:00")
    assert last_heard(watched, None, None) == watched


def test_what_was_enabled_again_is_not_silent_for_the_time_in_which_it_was_switched_off() -> None:
    again = oslo("2026-11-20 10:00")
    assert last_heard(again, date(2026, 10, 1), oslo("2026-10-01 12:00")) == again


def test_a_complete_run_is_heard_at_its_end() -> None:
    ended = oslo("2026-11-20 10:03")
    assert last_heard(oslo("2026-11-01 00:00"), date(2026, 11, 20), ended) == ended


def test_a_past_day_run_again_today_says_nothing_of_today() -> None:
    heard = last_heard(oslo("2026-11-01 00:00"), date(2026, 11, 18), oslo("2026-11-20 10:03"))
    assert heard == oslo("2026-11-19 00:00")
