"""How a finding is made: right, wrong, or not to be told."""

from __future__ import annotations

from ...records.identifiers import OfficeId
from ...records.preflight import Finding, State, Unread


def right(office: OfficeId | None, what: str, found: str, expected: str) -> Finding:
    return Finding(office=office, what=what, state=State.OK, found=found, expected=expected)


def wrong(office: OfficeId | None, what: str, found: str, expected: str, remedy: str) -> Finding:
    return Finding(office=office, what=what, state=State.WRONG, found=found, expected=expected, remedy=remedy)


def unknown(office: OfficeId | None, what: str, unread: Unread, expected: str) -> Finding:
    return Finding(
        office=office, what=what, state=State.UNKNOWN, found=unread.why, expected=expected, remedy=unread.remedy
    )
