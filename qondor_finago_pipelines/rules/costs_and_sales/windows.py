"""Which calls to Finago's ledger make up a window of days, and how one that took too long is cut in two.

A partition is a day in Europe/Oslo and is asked for by its bounds in UTC, the end less one second, since Finago
includes both ends; two minutes of overlap make up for clocks that differ (decisions 8).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from ...records.costs_and_sales.vouchers import ChangedSearch, EntrySearch, FiscalYear, LedgerSearch
from ...records.days import utc_bounds

OVERLAP = timedelta(minutes=2)

DAYS_A_CALL = 31
"""So many days of changes are asked for at once; a reply that does not come in time is asked for in halves."""

ONE_SECOND = timedelta(seconds=1)


def changed_searches(first_day: date, last_day: date) -> tuple[ChangedSearch, ...]:
    """The change feed of these days, both included, in calls of bounded size; each overlaps the one before."""
    searches = []
    start = first_day
    while start <= last_day:
        end = min(start + timedelta(days=DAYS_A_CALL - 1), last_day)
        searches.append(ChangedSearch(start=utc_bounds(start)[0] - OVERLAP, end=utc_bounds(end)[1] - ONE_SECOND))
        start = end + timedelta(days=1)
    return tuple(searches)


def searches_of_year(year: FiscalYear) -> tuple[EntrySearch, ...]:
    """Everything posted in a fiscal year, a calendar month a call: 12, or 13 where the year starts within a month."""
    searches = []
    start = year.starting
    while start < year.ending:
        next_month = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
        end = min(next_month, year.ending)
        searches.append(EntrySearch(first_day=start, last_day=end - timedelta(days=1)))
        start = end
    return tuple(searches)


def halves(search: LedgerSearch) -> tuple[LedgerSearch, ...]:
    """Two searches that together are this one; none where it cannot be cut any more."""
    if isinstance(search, ChangedSearch):
        seconds = int((search.end - search.start).total_seconds())
        if seconds < 1:
            return ()
        middle = search.start + timedelta(seconds=seconds // 2)
        # Each reply holds what lies exactly on its ends, so the second half begins where the first one ends.
        return ChangedSearch(start=search.start, end=middle), ChangedSearch(start=middle, end=search.end)
    if search.first_number is not None and search.last_number is not None:
        return _halves_of_numbers(search, search.first_number, search.last_number) or _halves_of_days(search)
    return _halves_of_days(search)


def _halves_of_numbers(search: EntrySearch, first: int, last: int) -> tuple[EntrySearch, ...]:
    if first >= last:
        return ()
    middle = (first + last) // 2
    return replace(search, last_number=middle), replace(search, first_number=middle + 1)


def _halves_of_days(search: EntrySearch) -> tuple[EntrySearch, ...]:
    days = (search.last_day - search.first_day).days
    if days < 1:
        return ()
    middle = search.first_day + timedelta(days=days // 2)
    return replace(search, last_day=middle), replace(search, first_day=middle + timedelta(days=1))
