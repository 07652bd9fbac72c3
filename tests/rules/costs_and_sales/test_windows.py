"""Which calls read a window and complete its vouchers, and what they cost before they are made."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qondor_finago_pipelines.records.costs_and_sales.vouchers import ChangedSearch, EntrySearch, FiscalYear, VoucherKey
from qondor_finago_pipelines.rules.costs_and_sales.completing import adjacent_halves, plan_completion
from qondor_finago_pipelines.rules.costs_and_sales.pricing import price_of_window
from qondor_finago_pipelines.rules.costs_and_sales.windows import changed_searches, halves, searches_of_year

from .vouchers import YEARS, judged, row

KEYS = st.sets(
    st.builds(VoucherKey, st.sampled_from([2025, 2026]), st.integers(1, 4), st.integers(1, 10**6)),
    min_size=1,
    max_size=60,
)


def finds(search: EntrySearch, key: VoucherKey) -> bool:
    assert search.first_number is not None
    assert search.last_number is not None
    assert (search.first_day.month, search.last_day.month) == (1, 12)
    return (
        search.first_day.year == search.last_day.year == key.fiscal_year
        and search.type_id in (None, key.type_id)
        and search.first_number <= key.number <= search.last_number
    )


@settings(derandomize=True, max_examples=150, deadline=None)
@given(KEYS, st.integers(1, 12))
def test_every_touched_voucher_is_asked_for_in_few_calls(keys: set[VoucherKey], calls: int) -> None:
    searches = plan_completion(keys, YEARS, calls=calls)
    assert len(searches) <= max(calls, len({key.fiscal_year for key in keys}))
    assert all(any(finds(each, key) for each in searches) for key in keys)


def test_ranges_are_cut_where_the_gaps_are_widest() -> None:
    numbers = [5, 6, 9_000, 9_050, 20_000]
    found = plan_completion([VoucherKey(2026, 3, number) for number in numbers], YEARS, calls=3)
    assert [(each.first_day, each.type_id) for each in found] == [(date(2026, 1, 1), 3)] * 3
    assert [(each.first_number, each.last_number) for each in found] == [(5, 6), (9_000, 9_050), (20_000, 20_000)]


def test_a_year_of_many_types_is_asked_for_all_of_them_at_once() -> None:
    keys = [VoucherKey(year, kind, 100 + kind) for year in (2025, 2026) for kind in (1, 2, 3, 4)]
    found = plan_completion(keys, YEARS, calls=5)
    assert len(found) <= 5
    assert {each.type_id for each in found if each.first_day.year == 2025} == {None}


def test_the_other_half_is_looked_for_in_the_years_beside() -> None:
    refused = judged(row(6300, "1.00"), row(2400, "-2.00")).refused
    assert adjacent_halves(refused, YEARS) == {VoucherKey(2025, 3, 20418), VoucherKey(2027, 3, 20418)}


@pytest.mark.parametrize(
    ("day", "hours", "start"),
    [
        (date(2026, 11, 20), 24, datetime(2026, 11, 19, 22, 58, tzinfo=UTC)),
        (date(2026, 3, 29), 23, datetime(2026, 3, 28, 22, 58, tzinfo=UTC)),
        (date(2026, 10, 25), 25, datetime(2026, 10, 24, 21, 58, tzinfo=UTC)),
    ],
)
def test_a_day_is_asked_for_by_its_own_bounds_less_a_second_with_two_minutes_before(
    day: date, hours: int, start: datetime
) -> None:
    (search,) = changed_searches(day, day)
    assert search.start == start
    assert search.end - search.start == timedelta(hours=hours, minutes=2) - timedelta(seconds=1)


def test_a_long_window_is_cut_into_calls_that_overlap() -> None:
    searches = changed_searches(date(2026, 1, 1), date(2026, 12, 31))
    assert len(searches) == 12
    for before, after in itertools.pairwise(searches):
        assert before.end > after.start


def test_a_year_is_searched_month_by_month() -> None:
    searches = searches_of_year(FiscalYear(starting=date(2026, 1, 1), ending=date(2027, 1, 1)))
    assert len(searches) == 12
    assert (searches[0].first_day, searches[-1].last_day) == (date(2026, 1, 1), date(2026, 12, 31))
    odd = searches_of_year(FiscalYear(starting=date(2026, 5, 15), ending=date(2027, 5, 15)))
    assert len(odd) == 13
    days = [search.last_day + timedelta(days=1) for search in odd[:-1]]
    assert days == [search.first_day for search in odd[1:]]


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.integers(0, 10**7), st.integers(1, 10**4), st.integers(0, 400))
def test_halves_are_the_whole_and_end_somewhere(seconds: int, numbers: int, days: int) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    waiting: list[ChangedSearch | EntrySearch] = [
        ChangedSearch(start=start, end=start + timedelta(seconds=seconds)),
        EntrySearch(
            first_day=date(2026, 1, 1),
            last_day=date(2026, 1, 1) + timedelta(days=days),
            first_number=1,
            last_number=numbers,
        ),
    ]
    for whole in waiting:
        parts = halves(whole)
        if isinstance(whole, ChangedSearch) and parts:
            first, second = parts
            assert isinstance(first, ChangedSearch)
            assert isinstance(second, ChangedSearch)
            assert (first.start, first.end, second.end) == (whole.start, second.start, whole.end)
            assert second.end - second.start < whole.end - whole.start or seconds == 1
        elif isinstance(whole, EntrySearch) and numbers > 1:
            first, second = parts
            assert isinstance(first, EntrySearch)
            assert isinstance(second, EntrySearch)
            assert (first.first_number, second.last_number) == (1, numbers)
            assert (first.last_number or 0) + 1 == second.first_number
    assert (
        halves(EntrySearch(first_day=date(2026, 1, 1), last_day=date(2026, 1, 1), first_number=5, last_number=5)) == ()
    )


def test_a_backfill_is_priced_before_it_starts() -> None:
    year = price_of_window(date(2026, 1, 1), date(2026, 12, 31), completion_calls=5)
    day = price_of_window(date(2026, 1, 1), date(2026, 1, 1), completion_calls=5)
    assert (year.finago - day.finago, year.qondor) == (11, 1)
