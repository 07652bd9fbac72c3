"""The fault script: what shall go wrong, at which call, and how often.

A fault names a system, an operation and a kind. Every call takes along all the faults that fit it, so kinds combine: a
reset after the effect together with late visibility, say. Kinds that belong to the connection are played by `routes`,
kinds that belong to the content by `faulty_replies`, kinds that belong to the system's own rules by the system itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from enum import StrEnum
from typing import Any

ANY = "*"


class FaultKind(StrEnum):
    """Everything that can be made to go wrong."""

    LATENCY = "latency"
    """Waits `seconds` before the call is handled, or after its effect with `lands=True`."""
    TOO_MANY_REQUESTS = "429"
    UNAVAILABLE = "503"
    SERVER_ERROR = "500"
    RESET_BEFORE_EFFECT = "reset-before-effect"
    RESET_AFTER_EFFECT = "reset-after-effect"
    CUT_REPLY = "cut-reply"
    """The connection ends after `at` bytes of the body; the headers had promised more."""
    SHORT_REPLY = "short-reply"
    """The body ends after `at` bytes and the headers agree: only the content shows that it is half a reply."""
    HTML = "html"
    """Status 200 and a gateway's HTML page."""
    NOT_PARSABLE = "not-parsable"
    """Status 200, the right content type, and text that is neither JSON nor XML."""
    SESSION_EXPIRED = "session-expired"
    """The caller's Finago session is gone when the call arrives (with `lands=True`: after the effect)."""
    QUARANTINE = "quarantine"
    """Finago's hourly limit: plain text with `status` 200 unless told otherwise; with 500 it is a SOAP fault."""
    API_EXCEPTION = "api-exception"
    """One item of a Save call (`reference`, else number `item`) is refused with `exception` and `text`."""
    LATE_VISIBILITY = "late-visibility"
    """What this Save call saves stays hidden from the next `calls` look-ups of its kind."""
    UNKNOWN_ENUM_VALUE = "unknown-enum-value"
    UNKNOWN_ELEMENT = "unknown-element"
    MISSING_MEMBER = "missing-member"
    NULL_MEMBER = "null-member"
    ODD_VALUE = "odd-value"
    """The record with the id `reference`, wherever the reply holds it, has `value` in its `member`.

    Of Finago `reference` is `<element>=<text>`, and the record is what holds that element, `OrderId=5001`; the value is
    a text, None (nil), a list (the element is left out) or an object (elements where a value belongs).
    """
    ITEMS_REORDERED = "items-reordered"
    ITEM_MISSING = "item-missing"
    """Item number `item` is left out of the reply; its effect stays."""
    WRONG_SHAPE = "wrong-shape"
    """A list where an object belongs, an object where a list does; in SOAP another element than the promised one."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One entry of the script. Only the first three members are needed; the rest depends on the kind."""

    system: str
    operation: str
    """Name as the call log shows it (`SaveInvoices`, `SetAsProcessed` …), or `*` for every one."""
    kind: FaultKind
    times: int | None = 1
    """How many calls it hits; None: all, until it is taken back."""
    after: int = 0
    """How many fitting calls pass untouched first."""
    office: int | None = None
    """Finago only: hits only calls made with this office's credential."""
    lands: bool = False
    """For latency, 429, 503, 500, html, not-parsable and session-expired: whether the call takes effect first."""
    seconds: float = 0.0
    retry_after: str | None = None
    at: int = 0
    status: int = 200
    text: str | None = None
    exception: str = "System.Exception"
    reference: str | None = None
    item: int = 0
    calls: int = 1
    member: str | None = None
    """Dotted path from the item: `totalInclVat`, `invoiceLines.0.quantity`; in SOAP the element's name."""
    value: Any = None


class Faults:
    """The script, with a count for each entry."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []

    def add(self, system: str, operation: str, kind: FaultKind | str, **details: Any) -> Fault:
        """Writes one fault into the script; `details` are the other members of `Fault`."""
        fault = Fault(system=system, operation=operation, kind=FaultKind(kind), **details)
        self._entries.append(_Entry(fault, skips=fault.after, left=fault.times))
        return fault

    def clear(self) -> None:
        self._entries.clear()

    def waiting(self) -> tuple[Fault, ...]:
        """The faults that can still hit."""
        return tuple(entry.fault for entry in self._entries if entry.left != 0)

    def take(self, system: str, operation: str, office: int | None = None) -> FaultsOfCall:
        """The faults that hit this call; each is counted as used."""
        return FaultsOfCall(
            tuple(entry.fault for entry in self._entries if entry.fits(system, operation, office) and entry.use())
        )

    def as_json(self) -> list[dict[str, Any]]:
        return [
            {**asdict(entry.fault), "seconds": Decimal(str(entry.fault.seconds)), "left": entry.left}
            for entry in self._entries
        ]


@dataclass
class _Entry:
    fault: Fault
    skips: int
    left: int | None

    def fits(self, system: str, operation: str, office: int | None) -> bool:
        fault = self.fault
        return (
            fault.system == system
            and fault.operation in (ANY, operation)
            and (fault.office is None or fault.office == office)
            and self.left != 0
        )

    def use(self) -> bool:
        if self.skips:
            self.skips -= 1
            return False
        if self.left is not None:
            self.left -= 1
        return True


@dataclass(frozen=True)
class FaultsOfCall:
    """What goes wrong with one call."""

    faults: tuple[Fault, ...] = ()

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.faults)

    def first(self, *kinds: FaultKind) -> Fault | None:
        return next((fault for fault in self.faults if fault.kind in kinds), None)

    def all(self, kind: FaultKind) -> tuple[Fault, ...]:
        return tuple(fault for fault in self.faults if fault.kind is kind)


FAULT_MEMBERS = frozenset(member.name for member in fields(Fault))
"""What the control endpoint accepts for a fault."""
