"""Texts for Finago and for people: fitted to a maximum, free of what XML cannot carry, without personal data."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Control characters and lone surrogates: no XML document may hold them, so one of them would spoil a whole batch.
_NOT_PRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
# What no reader sees: control and format characters (zero-width, soft hyphen, direction), fillers, variation selectors.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff\t\n\v\f\r\x85\u2028\u2029]+"
)
_EMAIL_ADDRESS = re.compile(r"[^\s<>\"'@]+@[^\s<>\"'@]+")


def one_line(text: str | None) -> str:
    """The text without outer space, and with a space where a line break or control character was."""
    return _NOT_PRINTABLE.sub(" ", text or "").strip()


def without_invisible(text: str | None) -> str:
    """The text without what no reader sees, for what is compared as a key; spaces stay."""
    return _INVISIBLE.sub("", text or "")


def same_text(one: str | None, other: str | None) -> bool:
    """True when both say the same to a reader: outer space, runs of spaces and upper case make no difference."""
    return _folded(one) == _folded(other)


def _folded(text: str | None) -> str:
    return " ".join(without_invisible(one_line(text)).casefold().split())


def length_in_finago(text: str) -> int:
    """How much of a maximum the text takes up: UTF-16 units, of which an emoji has two (decisions 6)."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, longest: int) -> str:
    """What of the text fits into so many UTF-16 units, no character cut in two.

    A cut may end in a space, which Finago might not give back: the two would then differ for ever.
    """
    return text.encode("utf-16-le", "surrogatepass")[: 2 * longest].decode("utf-16-le", "ignore").rstrip()


def listed(items: Iterable[object]) -> str:
    """`1`, `1 and 2`, `1, 2 and 3`."""
    words = [str(item) for item in items]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def counted(number: int, noun: str) -> str:
    """`1 office`, `2 offices`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def ended(text: str) -> str:
    """The text as a sentence: with a full stop, unless it has an end of its own."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def without_addresses(text: str, *, longest: int = 200) -> str:
    """What a system said, fit to be shown and stored: one line, no e-mail address, at most `longest` characters."""
    shown = _EMAIL_ADDRESS.sub("(e-mail address)", one_line(text))
    return shown if len(shown) <= longest else f"{shown[: longest - 1].rstrip()}…"


class Fitting:
    """Fits texts to Finago's maxima (decisions 6) and remembers, as warnings, which of them were cut.

    `record` begins each warning: `Invoice 9001`. The text itself is never in a warning.
    """

    def __init__(self, record: str) -> None:
        self._record = record
        self._warnings: list[str] = []

    def fit(self, text: str | None, longest: int, member: str) -> str:
        """The text on one line, at most `longest` characters; a cut is remembered under the name of the member."""
        line = one_line(text)
        length = length_in_finago(line)
        if length <= longest:
            return line
        self.warn(f"{member} has {length} characters and was cut at Finago's {longest}.")
        return cut(line, longest)

    def warn(self, what: str) -> None:
        self._warnings.append(f"{self._record}: {what}")

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(self._warnings)
