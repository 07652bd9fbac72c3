"""Whose an organisation number is, and when two of them are one organisation's (decisions 5).

A number is compared in a compact form that takes nothing off but what people add for the eye. Only one that can be
shown to name somebody links records: a placeholder or a slip of the pen would link strangers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .countries import country_code
from .text import without_invisible

NORWAY = "NO"

_FOR_THE_EYE = re.compile(r"[\s.\-\u2010-\u2015]+")
_NORWEGIAN_FORM = re.compile(r"(?:NO)?([0-9]+)(?:MVA)?")
_NINE_DIGITS = re.compile(r"[0-9]{9}")
_FEWEST_DIGITS = 5
"""Of a foreign number: with fewer it is a word ("n/a", "privat", "avd. 2") or one of a register among many."""
_COUNTED = "1234567890"
_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2, 1)


@dataclass(frozen=True, kw_only=True)
class OrganisationNumber:
    """A number as it is compared, and the country of its holder: two letters, or empty where it is not known."""

    key: str
    country: str

    @property
    def identifies(self) -> bool:
        """Whether it names one organisation: a Norwegian number, or a foreign one."""
        if is_norwegian(self.key):
            return True
        digits = "".join(sign for sign in self.key if sign.isdigit())
        if len(digits) < _FEWEST_DIGITS or len(set(digits)) == 1:
            return False
        return digits != self.key or (self.country not in ("", NORWAY) and not _COUNTED.startswith(digits))


def read_organisation_number(text: str | None, country: str | None) -> OrganisationNumber:
    """The number of a customer or company of that country."""
    return OrganisationNumber(key=organisation_key(text), country=country_code(country))


def organisation_key(text: str | None) -> str:
    """The compact form: `no 912 345 688 mva` gives `912345688`, `SC 123-456` gives `SC123456`; none an empty text."""
    compact = _FOR_THE_EYE.sub("", without_invisible(text)).upper()
    norwegian = _NORWEGIAN_FORM.fullmatch(compact)
    return norwegian[1] if norwegian else compact


def is_norwegian(key: str) -> bool:
    """Nine digits with the check digit of modulus 11, not all the same."""
    if not _NINE_DIGITS.fullmatch(key) or len(set(key)) == 1:
        return False
    return sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, key, strict=True)) % 11 == 0


def same_organisation(ours: OrganisationNumber, theirs: OrganisationNumber) -> bool:
    """Whether our number shows that their record is the same organisation's."""
    return ours.identifies and ours.key == theirs.key and not _of_two_countries(ours, theirs)


def different_organisations(ours: OrganisationNumber, theirs: OrganisationNumber) -> bool:
    """Whether both have a number, and these are two. Without one on either side nothing is said."""
    return bool(ours.key and theirs.key) and (ours.key != theirs.key or _of_two_countries(ours, theirs))


def _of_two_countries(one: OrganisationNumber, other: OrganisationNumber) -> bool:
    """The same sign in two registers. A Norwegian number is one wherever its holder has its address."""
    return bool(one.country and other.country) and one.country != other.country and not is_norwegian(one.key)
