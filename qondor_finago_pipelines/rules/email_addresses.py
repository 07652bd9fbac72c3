"""E-mail addresses: which can be used, and when two of them are one (decisions 5).

An address is the only key of a booker. So the text that is compared is the text that is sent, and what reaches nobody
is neither.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from email_validator import EmailNotValidError, validate_email

from .text import without_invisible

_SEVERAL = re.compile("[;,]")


def usable_email(text: str | None) -> str | None:
    """The address as it is sent; None when it is none by the standard. The network is not asked."""
    address = unicodedata.normalize("NFC", without_invisible(text).strip())
    return None if _standard_form(address) is None else address


def _standard_form(address: str) -> str | None:
    """The one form of all ways of writing an address; None when it is none."""
    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def usable_emails(text: str | None) -> str | None:
    """A field that may hold several addresses, as it is sent; None when one of them is none."""
    parts = [usable_email(part) for part in _SEVERAL.split(text or "") if without_invisible(part).strip()]
    return None if not parts or None in parts else ";".join(part for part in parts if part)


def email_key(text: str | None) -> str:
    """An address as it is compared: upper and lower case letter by letter, so that `ß` is not `ss`.

    Only what has letters beyond ASCII is written in more than one way; the rest is spared the long look, since a
    client may have tens of thousands of companies.
    """
    shown = without_invisible(text).strip()
    if not shown.isascii() or "xn--" in shown.lower():
        shown = _standard_form(shown) or shown
    return "".join(letter.lower() for letter in shown)


def email_keys(fields: Iterable[str | None]) -> frozenset[str]:
    """Every address in some fields of Finago's: one field may hold several."""
    return frozenset(key for text in fields for part in _SEVERAL.split(text or "") if (key := email_key(part)))
