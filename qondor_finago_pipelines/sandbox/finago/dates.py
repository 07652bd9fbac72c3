"""The forms in which Finago may write its dates, since nobody knows which it is, and what callers write (decisions 8).

Records hold days as naive midnights and moments as aware instants. `naive` writes both as they are, the moments in UTC
without saying so; `utc` as UTC with `Z`, so that a day shows as 22:00 or 23:00 of the day before; `offset` as Oslo's
time with its offset; `mixed` the one and the other by turns; `silent_utc` is `utc` without the `Z`, which no reader can
tell from an evening.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

from lxml import etree

from ..world.state import OSLO

MOMENTS = frozenset({"ChangedAfter", "RegisteredAfter"})
"""The members of requests that are instants; of a search for changed lines both ends are as well."""

_WITH_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})?")

Writer = Callable[[datetime], str | datetime]


def _as_it_is(moment: datetime) -> datetime:
    return moment


def _utc(moment: datetime) -> str:
    return _silent_utc(moment) + "Z"


def _offset(moment: datetime) -> str:
    return _aware(moment).astimezone(OSLO).isoformat(timespec=_precision(moment))


def _silent_utc(moment: datetime) -> str:
    return _aware(moment).astimezone(UTC).replace(tzinfo=None).isoformat(timespec=_precision(moment))


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=OSLO)


def _precision(moment: datetime) -> str:
    return "milliseconds" if moment.microsecond else "seconds"


FORMS: dict[str, tuple[Writer, ...]] = {
    "naive": (_as_it_is,),
    "utc": (_utc,),
    "offset": (_offset,),
    "mixed": (_utc, _as_it_is, _offset),
    "silent_utc": (_silent_utc,),
}
"""By name: the writers, which take turns."""


def in_form(answer: Any, form: str) -> Any:
    """The answer with its dates as texts of this form; the year 1, which is none, stays. Raises KeyError."""
    return answer if form == "naive" else _rewritten(answer, cycle(FORMS[form]))


def doubtful(request: etree._Element) -> str | None:
    """The first date of a request that leaves open what it means: a day with a zone, or a moment that is not in UTC."""
    changed_lines = request.findtext(".//{*}DateSearchParameters") == "DateChangedUTC"
    moments = MOMENTS | ({"DateStart", "DateEnd"} if changed_lines else set())
    for element in request.iter(tag=etree.Element):
        found = _WITH_TIME.fullmatch((element.text or "").strip())
        name = etree.QName(element).localname
        if found and name in moments and found[1] != "Z":
            return f"{name} is a moment that is not in UTC"
        # A text may look like a date: a customer's name, say.
        is_day = name == "Paid" or "Date" in name or name.endswith(("After", "Before"))
        if found and name not in moments and found[1] and is_day:
            return f"{name} is a day with a zone"
    return None


def _rewritten(value: Any, writers: Iterator[Writer]) -> Any:
    if isinstance(value, datetime):
        return next(writers)(value) if value.year > 1 else value
    if isinstance(value, dict):
        return {name: _rewritten(member, writers) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_rewritten(item, writers) for item in value]
    return value
