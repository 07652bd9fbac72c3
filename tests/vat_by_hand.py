"""The VAT of a voucher's lines reckoned by the words of the rules alone, in whole øre: nothing of the rules' code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

SILENT = {0, 5, 6, 7, 14, 15, 20, 21, 22, 51, 52, *range(81, 93)}
BEARS_NONE = ("payable", "receivable", "vat", "bank", "rounding", "memo")

CODES: Mapping[int, tuple[int, int]] = {
    0: (0, 0),
    1: (25, 2710),
    3: (25, 2700),
    5: (0, 0),
    11: (15, 2710),
    12: (12, 2710),
    31: (15, 2700),
    32: (12, 2700),
}
"""As in the sandbox: rate in percent, and the account that the VAT is posted to."""


@dataclass(frozen=True)
class Line:
    """One line: `meaning` of its account, amount in øre, VAT code."""

    account: int
    meaning: str
    ore: int
    code: int | None


def shares(whole: int, weights: Sequence[Fraction]) -> list[int]:
    """Largest remainder; what is left over goes to the largest fractions, of equal ones to the first."""
    if whole < 0:
        return [-part for part in shares(-whole, weights)]
    total = sum(weights)
    exact = [Fraction(whole) * weight / total for weight in weights]
    parts = [each.numerator // each.denominator for each in exact]
    for _ in range(whole - sum(parts)):
        lagging = max(range(len(parts)), key=lambda place: (exact[place] - parts[place], -place))
        parts[lagging] += 1
    return parts


def half_away(exact: Fraction) -> int:
    return int(exact + Fraction(1, 2)) if exact >= 0 else -int(-exact + Fraction(1, 2))


def vat_of(lines: Sequence[Line]) -> tuple[list[int], dict[int, int]]:
    """The VAT of each line in øre, and by VAT account what belongs to none. No import or reverse charge among them."""
    found = [0] * len(lines)
    over: dict[int, int] = {}
    posted: dict[int, int] = {}
    for line in lines:
        if line.meaning == "vat":
            posted[line.account] = posted.get(line.account, 0) + line.ore
    coded: dict[int, list[int]] = {}
    for place, line in enumerate(lines):
        rate, account = CODES.get(line.code if line.code is not None else 0, (0, 0))
        if line.meaning not in BEARS_NONE and rate and line.code not in SILENT:
            coded.setdefault(account, []).append(place)
    for account, places in coded.items():
        there = posted.pop(account, 0)
        own = {place: Fraction(lines[place].ore * CODES[lines[place].code or 0][0], 100) for place in places}
        rounded = {place: half_away(each) for place, each in own.items()}
        lacking = there - sum(rounded.values())
        if -100 <= lacking <= 100:
            largest = sorted(places, key=lambda place: (-abs(lines[place].ore), place))[0]
            rounded[largest] += lacking
        elif (
            abs(there) < abs(sum(rounded.values()))
            and len({each > 0 for each in (Fraction(there), *own.values()) if each}) < 2
        ):
            rounded = dict(zip(places, shares(there, [own[place] for place in places]), strict=True))
        else:
            over[account] = lacking
        for place in places:
            found[place] = rounded[place]
    by_hand = [
        place for place, line in enumerate(lines) if line.meaning not in BEARS_NONE and line.code is None and line.ore
    ]
    for account, there in sorted(posted.items()):
        over[account] = there - _by_hand(lines, by_hand, there, found)
    return found, {account: rest for account, rest in over.items() if rest}


def _of_one_sign(amounts: Sequence[Fraction]) -> bool:
    return len({amount > 0 for amount in amounts if amount}) < 2


def _by_hand(lines: Sequence[Line], places: Sequence[int], there: int, found: list[int]) -> int:
    """Shares what nobody's code explains among the lines without a code; how much of it."""
    sign = 1 if there > 0 else -1
    if not places or any(lines[place].ore * sign < 0 for place in places):
        return 0
    room = [max(0, abs(lines[place].ore) // 4 - abs(found[place])) for place in places]
    if sum(room) <= abs(there):
        parts = room
    else:
        wanted = shares(abs(there), [Fraction(abs(lines[place].ore)) for place in places])
        parts = [min(part, left) for part, left in zip(wanted, room, strict=True)]
    for place, part in zip(places, parts, strict=True):
        found[place] += sign * part
    return sign * sum(parts)
