"""How many records were open on each day, reckoned back from now."""

from __future__ import annotations

from datetime import UTC, date, datetime

from qondor_finago_pipelines.reports.open_records import days_until, open_by_day

TODAY = date(2026, 11, 20)


def test_the_days_end_with_the_last_and_cross_the_turn_of_a_month() -> None:
    assert days_until(date(2026, 3, 1), 3) == (date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1))


def test_each_day_shows_what_was_open_at_its_end() -> None:
    changes = [
        (datetime(2026, 11, 18, 8, tzinfo=UTC), 1),
        (datetime(2026, 11, 18, 9, tzinfo=UTC), 1),
        (datetime(2026, 11, 20, 7, tzinfo=UTC), -1),
    ]
    assert list(open_by_day(2, changes, days_until(TODAY, 4)).items()) == [
        (date(2026, 11, 17), 1),
        (date(2026, 11, 18), 3),
        (date(2026, 11, 19), 3),
        (TODAY, 2),
    ]


def test_a_day_is_one_in_oslo() -> None:
    changes = [(datetime(2026, 11, 19, 23, 30, tzinfo=UTC), 1)]
    assert open_by_day(1, changes, days_until(TODAY, 2)) == {date(2026, 11, 19): 0, TODAY: 1}


def test_nothing_open_is_nothing_on_every_day() -> None:
    assert set(open_by_day(0, [], days_until(TODAY, 60)).values()) == {0}
