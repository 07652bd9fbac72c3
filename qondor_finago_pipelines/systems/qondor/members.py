"""Reading one JSON object member by member, tolerantly and exactly (decisions 3).

Keys are compared without case and unknown members are ignored. A member that cannot be read becomes None and is named
in `unreadable`: by its path, never with its value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any, TypeVar

from ...records.days import oslo_day
from ...records.exact_json import NotANumber

_LARGEST_EXPONENT = 20
"""An amount of more digits than this is not an amount."""

_BINARY_NOISE = Decimal("0.000001")
"""375.90000000000003 is 375.90: a number that was a binary one on its way."""

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")

DAY_LIKE_UTC = re.compile(
    rb'"(invoiceDate|dueDate|paidDate|startDate|endDate)"\s*:\s*"[0-9]{4}-[0-9]{2}-[0-9]{2}T2[23]:00(?::00(?:\.0+)?)?"',
    re.IGNORECASE,
)
"""A day, in a reply as it came, that looks like midnight in Oslo told in UTC without saying so; gives its member."""

E = TypeVar("E", bound=IntEnum)
T = TypeVar("T")


class Members:
    """One JSON object. `path` is where it stands in the reply: empty for the record itself, `invoiceLines[0].`, …"""

    def __init__(self, members: Mapping[str, Any], unreadable: list[str] | None = None, path: str = "") -> None:
        self.unreadable: list[str] = [] if unreadable is None else unreadable
        self._path = path
        self._members: dict[str, Any] = {}
        for key, value in members.items():
            folded = key.casefold()
            if folded in self._members and self._members[folded] != value:
                self._refuse(key.encode("ascii", "replace").decode(), "stands there twice, with different values")
                value = None
            self._members[folded] = value

    def has(self, key: str) -> bool:
        """Whether the member is there and not null."""
        return self._members.get(key.casefold()) is not None

    def raw(self, key: str) -> Any:
        """The member as JSON gave it."""
        return self._members.get(key.casefold())

    def require(self, *keys: str) -> None:
        """Names each of `keys` that is missing or null."""
        for key in keys:
            if not self.has(key):
                self._refuse(key, "is null" if key.casefold() in self._members else "is missing")

    def text(self, key: str) -> str | None:
        """A text without its outer space; an empty one is None. A whole number counts as its digits."""
        value = self.raw(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if value is not None and (not isinstance(value, str) or isinstance(value, NotANumber)):
            self._refuse(key, "is not a text")
            return None
        if value and _HALF_A_CHARACTER.search(value):
            self._refuse(key, "holds half of a character")
            return None
        return (value or "").strip() or None

    def whole(self, key: str) -> int | None:
        """A whole number of at most 18 digits, as a number or as its digits."""
        value = self.raw(key)
        if isinstance(value, Decimal) and _is_sane(value) and value == value.to_integral_value():
            value = int(value)
        if isinstance(value, (int, str)) and not isinstance(value, bool) and _WHOLE.fullmatch(str(value).strip()):
            return int(value)
        if value is not None:
            self._refuse(key, "is not a whole number")
        return None

    def identifier(self, key: str, *, needed: bool = False) -> int | None:
        """A whole number above 0. 0 is .NET's way of having none; that is named where the id is `needed`."""
        value = self.whole(key)
        if value is not None and value < 0:
            self._refuse(key, "is below 0")
            return None
        if needed and not value:
            if value == 0:
                self._refuse(key, "is 0")
            else:
                self.require(key)
        return value or None

    def amount(self, key: str) -> Decimal | None:
        """A JSON number, exactly as written, but for what a binary computer adds to two decimals (decisions 6)."""
        value = self.raw(key)
        if isinstance(value, int) and not isinstance(value, bool):
            value = Decimal(value)
        if value is None or (isinstance(value, Decimal) and _is_sane(value)):
            return _without_binary_noise(value) if value else value
        self._refuse(key, "is not a number")
        return None

    def truth(self, key: str) -> bool | None:
        value = self.raw(key)
        if value is None or isinstance(value, bool):
            return value
        self._refuse(key, "is neither true nor false")
        return None

    def choice(self, key: str, kind: type[E], names: Mapping[str, E]) -> E | str | None:
        """An enum given as its number or as its name. One that we do not know is its text (decisions 3).

        `names` are further names, in small letters without spaces, that mean a member of `kind`.
        """
        value = self.raw(key)
        if value is None:
            return None
        if isinstance(value, (bool, NotANumber)) or not isinstance(value, (int, str)):
            self._refuse(key, "is neither a number nor a name")
            return None
        text = self.text(key) or ""
        known = {str(member.value): member for member in kind}
        known |= {member.name.replace("_", "").lower(): member for member in kind}
        known |= names
        return known.get(re.sub(r"[\s_-]", "", text).lower(), text or None)

    def day(self, key: str) -> date | None:
        """A calendar day. An instant with a time zone is the day that it is in Oslo; the year 1 is none."""
        moment = self._moment(key)
        if moment is None:
            return None
        return moment.date() if moment.tzinfo is None else self._in_reach(key, oslo_day, moment)

    def instant(self, key: str) -> datetime | None:
        """An instant in UTC; one without a time zone is taken as UTC. The year 1 is none."""
        moment = self._moment(key)
        if moment is None:
            return None
        if moment.tzinfo is None:
            return moment.replace(tzinfo=UTC)
        return self._in_reach(key, lambda aware: aware.astimezone(UTC), moment)

    def objects(self, key: str) -> Iterator[Members]:
        """The objects of a list; null is an empty one. Whatever in it is no object is named and left out."""
        value = self.raw(key)
        if value is not None and not isinstance(value, list):
            self._refuse(key, "is not a list")
            value = None
        for position, item in enumerate(value or ()):
            if isinstance(item, dict):
                yield Members(item, self.unreadable, f"{self._path}{key}[{position}].")
            else:
                self._refuse(f"{key}[{position}]", "is not an object")

    def _moment(self, key: str) -> datetime | None:
        value = self.raw(key)
        if value is None or value == "":
            return None
        try:
            moment = datetime.fromisoformat(value.strip())
        except (ValueError, AttributeError):
            self._refuse(key, "is not a date")
            return None
        # .NET's "no date" is the first day of the year 1; an offset may push it to the year before or after.
        return None if moment.year <= 1 else moment

    def _in_reach(self, key: str, convert: Callable[[datetime], T], moment: datetime) -> T | None:
        """What `convert` makes of an aware instant; one that falls off the calendar on the way is named."""
        try:
            return convert(moment)
        except OverflowError:
            self._refuse(key, "is a date that no calendar has")
            return None

    def _refuse(self, key: str, why: str) -> None:
        self.unreadable.append(f"{self._path}{key} {why}")


def like_utc_warning(days: Mapping[str, int]) -> tuple[str, ...]:
    """One sentence on the days that look like UTC, by member how many; none where there are none."""
    if not days:
        return ()
    return (
        f"Qondor sent {sum(days.values())} days at 22:00 or 23:00 without a zone ({', '.join(sorted(days))}), which "
        "looks like UTC: in Oslo it is the next day by then. Each was taken for the day that stands there. Compare one "
        "of them with Qondor's own pages before anything is invoiced.",
    )


def _without_binary_noise(number: Decimal) -> Decimal:
    rounded = round(number, 2)
    return rounded if number != rounded and abs(number - rounded) < _BINARY_NOISE else number


def _is_sane(number: Decimal) -> bool:
    return number.is_finite() and abs(number.adjusted()) <= _LARGEST_EXPONENT
