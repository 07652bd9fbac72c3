"""What may be quoted of a text that another system wrote: a short piece, without addresses and without our secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST_QUOTE = 200
"""Characters. Enough for a reason; too short for a dump of somebody's record."""

_EMAIL_ADDRESS = re.compile(r"(?:\(secret\)|[^\s<>\"'(),;:=])+@(?:\(secret\)|[^\s<>\"'(),;:=])+")
_WHITE_SPACE = re.compile(r"\s+")


def quotable(text: str | None, secrets: Iterable[str | None] = ()) -> str:
    """The first 200 characters of `text` on one line, with e-mail addresses and `secrets` replaced."""
    shown = text or ""
    # The longest first: a short secret may be part of a longer one.
    for secret in sorted((secret for secret in secrets if secret), key=len, reverse=True):
        shown = re.sub(re.escape(secret), "(secret)", shown, flags=re.IGNORECASE)
    shown = _EMAIL_ADDRESS.sub("(e-mail address)", shown)
    shown = _WHITE_SPACE.sub(" ", shown).strip()
    return shown if len(shown) <= LONGEST_QUOTE else shown[: LONGEST_QUOTE - 1] + "…"
