"""Single values on Finago's wire (contract, Finago page 2).

A member that is missing, or that holds the sentinel of its type, means "none". Nobody knows whether Finago's dates
carry a zone, so both readings hold everywhere (decisions 8, Zones): with a zone a date is an instant, and its day the
one in Oslo; without one it is a calendar day, or a moment on Finago's own clock. What we send leaves no doubt: moments
are UTC and say so, days carry no zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any, TypeVar

from ...records.addresses import PostalAddress
from ...records.days import oslo_day
from ...records.identifiers import LARGEST_ID
from ..quoting import quotable
from .soap import UnreadableReply

ASKED_ALONE = 20
"""How many ids are asked for once more, one by one, where a reply has an item without an id."""

IDS_PER_CALL = 1000
"""How many ids one search takes (decisions 6 and 7)."""

NO_NUMBER = frozenset({-2_147_483_648, -32_768, -9_223_372_036_854_775_808})
"""The sentinels of whole numbers, by which .NET says that there is none."""
_NUMBER = re.compile(r"[0-9]{1,10}")
_NO_AMOUNT = Decimal("-79228162514264337593543950335")

SERVER_CLOCK: tzinfo = UTC
"""Finago's own clock: on it is a moment without a zone, such as when a line was changed. Never used for days."""

DAYS = ("Date", "DateInvoiced", "DateOrdered", "DateStart", "DateStop", "DueDate", "EndingDate", "Paid", "StartingDate")
"""The members that are days."""

LIKE_UTC = r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}[T ]2[23]:00(:00(\.0+)?)?\s*$"
"""A day without a zone that looks like midnight in Oslo told in UTC: 22:00 in summer, 23:00 in winter."""

T = TypeVar("T")
R = TypeVar("R", bound=Any)


# reading


class _Nothing:
    """An item without any member."""

    def __getattr__(self, member: str) -> None:
        return None


_NOTHING = _Nothing()


def items(result: Any) -> list[Any]:
    """The items of an ArrayOf…: zeep gives None for an empty one, and for an empty item, whose members are all None."""
    return [_NOTHING if item is None else item for item in result or ()]


def with_troubles(result: Any, used: Collection[str]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Each item with what is wrong with its `used` members; of an empty item that is all that is known."""
    troubles: Mapping[int, tuple[str, ...]] = getattr(result, "troubles", {})
    for position, item in enumerate(items(result)):
        found = troubles.get(position, ())
        yield item, tuple(what for what in found if _member(what) in used or item is _NOTHING)


def _member(trouble: str) -> str:
    """`Paid` of `InvoiceOrder.Paid is not a DateTime`."""
    return trouble.partition(" ")[0].partition("/")[0].rpartition(".")[2]


def readable(result: Any, used: Sequence[str]) -> list[Any]:
    """The items of a list that can do without one: those whose `used` members can be read and whose first is there."""
    return [
        item
        for item, troubles in with_troubles(result, used)
        if not troubles and getattr(item, used[0]) not in (None, *NO_NUMBER)
    ]


def by_id(
    ids: Collection[Any],
    ask: Callable[[Collection[Any]], Iterable[R]],
    key: Callable[[R], Any] = lambda record: record.id,
) -> dict[Any, R]:
    """The records with these ids, in their order, as `ask` reads them.

    Where the reply holds an item whose id cannot be read, nobody knows which of the missing ids it is: a few are asked
    for once more, each alone. What may still be it stands there as unreadable, so that none passes for gone.
    """
    found: dict[Any, R] = {}
    nameless: R | None = None
    for record in ask(ids):
        if key(record):
            found[key(record)] = record
        else:
            nameless = record
    missing = [each for each in ids if each not in found]
    if nameless is not None and 1 < len(missing) <= ASKED_ALONE:
        for each in missing:
            found |= by_id([each], ask, key)
    elif nameless is not None:
        return {each: found.get(each) or replace(nameless, id=each) for each in ids}
    return {each: found[each] for each in ids if each in found}


def needed(value: T | None, member: str) -> T:
    """`value`, which no record can do without. Raises UnreadableReply naming the member."""
    if value is None:
        raise UnreadableReply(f"{member} is missing")
    return value


def id_or_none(value: int | None, kind: Callable[[int], T]) -> T:
    """An id, or 0 where it is missing or cannot be read; `by_id` knows what that means."""
    return kind(whole(value) or 0)


def whole(value: int | None) -> int | None:
    return None if value is None or value in NO_NUMBER else int(value)


def number_in(value: str | None) -> int | None:
    """The number that a text consists of; None where it is none, or larger than any id or code of Finago's."""
    found = text(value).strip()
    return int(found) if _NUMBER.fullmatch(found) and int(found) <= LARGEST_ID else None


def whole_as(value: int | None, kind: Callable[[int], T]) -> T | None:
    """A whole number as an id of its kind; None where there is none."""
    number = whole(value)
    return None if number is None else kind(number)


def identifier(value: int | None, member: str) -> int:
    """An id, which must be there."""
    return needed(whole(value), member)


def amount(value: Decimal | None) -> Decimal | None:
    return None if value is None or value == _NO_AMOUNT else value


def text(value: str | None) -> str:
    return value or ""


def day(value: datetime | None) -> date | None:
    """The day in Oslo of a date with a zone; of one without the day that stands there. The year 1 means none."""
    if value is None or value.year == 1:
        return None
    return value.date() if value.tzinfo is None else oslo_day(value)


def instant(value: datetime | None) -> datetime | None:
    """A moment in UTC; one without a zone is on Finago's own clock. The year 1 means none."""
    if value is None or value.year == 1:
        return None
    return (value if value.tzinfo else value.replace(tzinfo=SERVER_CLOCK)).astimezone(UTC)


def address(value: Any) -> PostalAddress:
    if value is None:
        return PostalAddress()
    return PostalAddress(
        street=value.Street or None,
        postal_code=value.PostalCode or None,
        city=value.City or value.PostalArea or None,
        country=value.Country or None,
    )


def refusal(exception: Any, secrets: Iterable[str | None] = ()) -> str | None:
    """What the APIException of an item says, scrubbed; None when there is none. Its stack trace is never quoted."""
    if exception is None or not (exception.Type or exception.Message):
        return None
    kind = text(exception.Type).rpartition(".")[2]
    return quotable(f"{kind}: {exception.Message}" if exception.Message else kind, secrets)


# writing


def moment_of(calendar_day: date | None) -> datetime | None:
    """Midnight of a calendar day, without a zone: Finago would take one for an instant, of the day before in UTC."""
    return None if calendar_day is None else datetime.combine(calendar_day, time())


def utc_moment(instant: datetime) -> datetime:
    """An instant in UTC, cut to whole seconds: earlier rather than later, so that a search never misses a record."""
    return instant.astimezone(UTC).replace(microsecond=0)


def address_members(value: PostalAddress | None) -> Mapping[str, str | None] | None:
    """The city goes to both members that stand for it: Finago's own clients use now the one, now the other."""
    if value is None:
        return None
    return {
        "Street": value.street,
        "PostalCode": value.postal_code,
        "PostalArea": value.city,
        "City": value.city,
        "Country": value.country,
    }


def strings(values: Sequence[str]) -> dict[str, list[str]]:
    """An ArrayOfString."""
    return {"string": list(values)}


def batches_of_ids(ids: Iterable[int]) -> Iterator[dict[str, list[int]]]:
    """The ids in ascending order as ArrayOfInt, 1,000 each. What cannot be an id in Finago is not asked for."""
    known = sorted({int(number) for number in ids if 0 < number <= LARGEST_ID})
    for start in range(0, len(known), IDS_PER_CALL):
        yield {"int": known[start : start + IDS_PER_CALL]}
