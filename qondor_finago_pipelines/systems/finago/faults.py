"""SOAP faults: their text, and what it means (contract, Finago page 3 and 5). Every text that we know stands here."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from lxml import etree

from .limits import is_quarantine
from .soap import local_name

SESSION_REFUSED = ("session is not authenticated", "client is not authenticated on this identity")
APPLICATION_UNKNOWN = "application id is not registered"
IDENTITY_BLOCKED = "identityid is blocked"
REQUEST_UNREADABLE = ("instance validation error", "unable to read request")
AROUND = ("", "server was unable to process request.")
"""What stands before the arrow of a text whose last part is the server's own."""


class Meaning(Enum):
    """What a fault seems to say about the call that it answers: enough to act on after a read, not after a write."""

    SESSION_REFUSED = auto()
    """The session has ended: the call was turned away at the door."""
    LOGIN_REFUSED = auto()
    """The application or the identity may not come in, whatever the password."""
    REQUEST_UNREADABLE = auto()
    """The request was not understood, so nothing was done."""
    QUARANTINE = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault of a reply; `text` is the whole faultstring."""

    code: str
    text: str = field(repr=False)

    @property
    def reason(self) -> str:
        """What the server's innermost exception said: the text after the last arrow."""
        return self.text.rpartition("--->")[2].strip()

    @property
    def certainly_did_nothing(self) -> bool:
        """The whole text is a sentence with which Finago turns a call away at the door.

        Only of such a fault is a write known not to have landed: any other may hold its words by chance, in the name of
        a customer, say (decisions 7, Certainty).
        """
        *around, reason = (part.strip().lower() for part in self.text.split("--->"))
        return reason.rstrip(".") in SESSION_REFUSED and all(part in AROUND for part in around)

    @property
    def meaning(self) -> Meaning:
        reason = self.reason.lower()
        if any(text in reason for text in SESSION_REFUSED):
            return Meaning.SESSION_REFUSED
        if APPLICATION_UNKNOWN in reason or IDENTITY_BLOCKED in reason:
            return Meaning.LOGIN_REFUSED
        if any(text in self.text.lower() for text in REQUEST_UNREADABLE):
            return Meaning.REQUEST_UNREADABLE
        return Meaning.QUARANTINE if is_quarantine(self.reason) else Meaning.UNKNOWN


def fault_of(envelope: etree._Element) -> Fault | None:
    """The fault in a SOAP body, 1.1 or 1.2; None when the body holds none."""
    for element in envelope.iter():
        if _name(element) == "Fault":
            # 1.1 has faultcode and faultstring, 1.2 has Code/Value and Reason/Text.
            texts = {_name(child): (child.text or "").strip() for child in element.iter()}
            return Fault(
                code=texts.get("faultcode") or texts.get("Value") or "",
                text=texts.get("faultstring") or texts.get("Text") or "",
            )
        if _name(element) not in ("Envelope", "Header", "Body"):
            return None
    return None


def _name(element: etree._Element) -> str:
    return local_name(element) if isinstance(element.tag, str) else ""
