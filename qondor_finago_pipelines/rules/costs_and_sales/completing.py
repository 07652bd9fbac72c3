"""Which ranges of voucher numbers to ask Finago for, so that touched vouchers come whole in few calls.

Finago can be asked for a range of numbers, of one type or of all, within posting days. What stands between two touched
vouchers comes along: so ranges are cut where the gaps are widest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from itertools import pairwise

from ...records.costs_and_sales.vouchers import EntrySearch, FiscalYear, VoucherKey
from ...records.refusals import Reason
from .refused_vouchers import RefusedVoucher

_Group = tuple[int, int | None]
"""A fiscal year and a type; None stands for all types."""


def plan_completion(
    keys: Collection[VoucherKey], fiscal_years: Sequence[FiscalYear], *, calls: int
) -> tuple[EntrySearch, ...]:
    """Searches that find every one of `keys`: at most `calls`, or one a fiscal year where that is more.

    Types are asked for one by one as long as there are calls for it; a year with too many of them is asked for all
    types at once. Calls that are left cut the ranges at their widest gaps. Raises KeyError for a year that is not
    among `fiscal_years`.
    """
    groups: dict[_Group, list[int]] = defaultdict(list)
    for key in keys:
        groups[key.fiscal_year, key.type_id].append(key.number)
    for numbers in groups.values():
        numbers.sort()
    years = sorted({year for year, _ in groups})
    by_years = [{group: numbers for group, numbers in groups.items() if group[0] == year} for year in years]
    # The year with most types is the cheapest to ask for all types at once.
    for types in sorted(by_years, key=len, reverse=True):
        if len(groups) <= max(calls, len(years)):
            break
        year = next(iter(types))[0]
        for group in types:
            del groups[group]
        groups[year, None] = sorted({number for numbers in types.values() for number in numbers})
    cuts = _widest_gaps(groups, calls - len(groups))
    days = {year.year: year for year in fiscal_years}
    return tuple(
        EntrySearch(
            first_day=days[year].starting,
            last_day=days[year].ending - timedelta(days=1),
            type_id=type_id,
            first_number=part[0],
            last_number=part[-1],
        )
        for (year, type_id), numbers in sorted(groups.items(), key=lambda group: (group[0][0], group[0][1] or 0))
        for part in _parts(numbers, cuts.get((year, type_id), ()))
    )


def _widest_gaps(groups: dict[_Group, list[int]], cuts: int) -> dict[_Group, list[int]]:
    """Where to cut: for each group the positions before which a new range begins, `cuts` in all."""
    gaps = sorted(
        (
            (numbers[position] - numbers[position - 1], group, position)
            for group, numbers in groups.items()
            for position in range(1, len(numbers))
            if numbers[position] - numbers[position - 1] > 1
        ),
        key=lambda gap: (-gap[0], str(gap[1]), gap[2]),
    )
    chosen: dict[_Group, list[int]] = {}
    for _, group, position in gaps[: max(0, cuts)]:
        chosen.setdefault(group, []).append(position)
    return chosen


def _parts(numbers: Sequence[int], cuts: Iterable[int]) -> list[Sequence[int]]:
    borders = [0, *sorted(cuts), len(numbers)]
    return [numbers[start:end] for start, end in pairwise(borders)]


def adjacent_halves(refused: Iterable[RefusedVoucher], fiscal_years: Sequence[FiscalYear]) -> frozenset[VoucherKey]:
    """The vouchers of the same type and number in the years next to those that do not balance (decisions 8)."""
    years = [year.year for year in sorted(fiscal_years, key=lambda year: year.starting)]
    next_to = {*pairwise(years), *pairwise(reversed(years))}
    return frozenset(
        VoucherKey(other, *each.key.series)
        for each in refused
        if each.key is not None and each.refusal.reason in (Reason.UNBALANCED, Reason.PARTLY_HIDDEN)
        for year, other in next_to
        if year == each.key.fiscal_year
    )
