"""What can go wrong between us and a system, classed by what it means for the money.

A read that fails is never an empty list: it raises one of these. A write that fails says whether it certainly did not
land (`WriteDidNotLand`) or whether nobody knows (`WriteUncertain`); only the first may be sent again without a
look-up (decisions 7). Messages hold ids and counts, never a secret, a name or an e-mail address.
"""

from __future__ import annotations

from datetime import datetime


class SyncError(Exception):
    """Anything that stops an office, a record or a call. The message says what happened; `remedy` what to do."""

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class SettingsError(SyncError):
    """The settings file or the environment is wrong; names file, office, key and remedy."""


class CallFailed(SyncError):
    """A call to Qondor, Finago or Slack did not give a usable answer."""

    def __init__(self, system: str, operation: str, message: str, *, remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.system = system
        self.operation = operation

    def __str__(self) -> str:
        return f"{self.system} {self.operation}: {super().__str__()}"


class SystemUnreachable(CallFailed):
    """Time-out, refused or reset connection, 5xx, 429 after all retries, or a reply cut off on its way."""


class TookTooLong(SystemUnreachable):
    """A read whose reply did not come in time, or grew larger than one may be: ask for less."""


class CallsBlocked(SystemUnreachable):
    """The system told us to stay away (429, 503, quarantine) or the budget is spent; nothing is tried until `until`."""

    def __init__(self, system: str, operation: str, message: str, *, until: datetime, remedy: str = "") -> None:
        super().__init__(system, operation, message, remedy=remedy)
        self.until = until


class LoginRefused(CallFailed):
    """Wrong password, unknown application, blocked or wrong identity, or a Qondor key that is not accepted."""


class ContractBroken(CallFailed):
    """The reply is not what the interface promises: no JSON, no XML, a list for an object, a missing member."""


class NotFound(CallFailed):
    """Qondor answers 404: the record does not exist, or this key may not see it."""


class RequestRefused(CallFailed):
    """The system understood the request and said no (Qondor 400/422 ProblemDetails, a SOAP fault on a read)."""

    def __init__(self, system: str, operation: str, message: str, *, status: int = 0, remedy: str = "") -> None:
        super().__init__(system, operation, message, remedy=remedy)
        self.status = status


class WriteDidNotLand(CallFailed):
    """A write that certainly changed nothing: refused connection, 429, a request that the schema refused.

    `refused` is True when the system read this very request and said no: sending the same again is pointless, while
    other records may well succeed.
    """

    def __init__(self, system: str, operation: str, message: str, *, refused: bool = False, remedy: str = "") -> None:
        super().__init__(system, operation, message, remedy=remedy)
        self.refused = refused


class WriteUncertain(CallFailed):
    """A write of which nobody knows whether it landed: time-out, reset, 5xx, a reply that is cut off or unreadable."""


class LeaseHeld(SyncError):
    """Another run works on the same Finago client; names the holder."""

    def __init__(self, lane: str, holder: str) -> None:
        super().__init__(f"Skipped: {lane} is held by {holder}.", remedy="The next scheduled run takes it up.")
        self.lane = lane
        self.holder = holder


class LeaseLost(SyncError):
    """Our lease ran out and somebody else took it: this run may not write any more."""
