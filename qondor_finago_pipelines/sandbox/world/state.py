"""What every builder of a world works on: the state of the three systems, the clock and the lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from threading import RLock
from typing import Any
from zoneinfo import ZoneInfo

from ..calls import CallLog
from ..faults import Faults
from .finago import Books, FinagoWorld, Identity, User
from .offices import APPLICATION_ID, QONDOR_KEY, SLACK_CHANNEL, SLACK_TOKEN, SandboxOffice
from .qondor import QondorWorld, nulls

OSLO = ZoneInfo("Europe/Oslo")


@dataclass
class SlackWorld:
    """Slack's state: who may post where, and what was posted, oldest first."""

    tokens: set[str] = field(default_factory=set)
    channels: set[str] = field(default_factory=set)
    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [str(message.get("text", "")) for message in self.messages]


def utc_now() -> datetime:
    return datetime.now(UTC)


class WorldState:
    """The state of all stand-ins of one sandbox.

    The server holds `lock` while it answers; builders take it too. Hold it (`with world.lock:`) for any edit of more
    than one step while calls are under way, and make no call to the sandbox while you hold it.
    """

    def __init__(self, offices: Iterable[SandboxOffice], *, clock: Callable[[], datetime] = utc_now) -> None:
        self.lock = RLock()
        self.clock = clock
        self.clock_offset = timedelta()
        self.offices: dict[int, SandboxOffice] = {office.id: office for office in offices}
        self.qondor = QondorWorld(subscription_keys={QONDOR_KEY})
        self.finago = FinagoWorld(application_ids={APPLICATION_ID})
        self.slack = SlackWorld(tokens={SLACK_TOKEN}, channels={SLACK_CHANNEL})
        self.faults = Faults()
        self.calls = CallLog()
        for office in self.offices.values():
            self._open_office(office)

    def _open_office(self, office: SandboxOffice) -> None:
        self.qondor.offices[office.id] = {
            "id": office.id,
            **dict.fromkeys(("name", "internalName", "publicName", "city"), office.name),
            "country": "Norway",
            "countryCode": "NO",
            **nulls("address zipCode externalReference customValue1 customValue2 customValue3 customValue4"),
        }
        self.finago.books.setdefault(office.client_id, Books(office.client_id, f"{office.name} client"))
        identity = Identity(id=office.identity_id, client_id=office.client_id, is_default=True)
        self.finago.users[office.username] = User(office.username, office.password, [identity], office=office.id)

    def now(self) -> datetime:
        """The sandbox's clock: UTC, moved by `advance`."""
        return self.clock() + self.clock_offset

    def today(self) -> date:
        """The day in Oslo."""
        return self.now().astimezone(OSLO).date()

    def advance(self, **duration: float) -> None:
        """Moves the clock: `advance(minutes=21)` lets every idle session expire."""
        self.clock_offset += timedelta(**duration)

    def books(self, office: int | None = None) -> Books:
        """The Finago books of an office, without one of the first."""
        return self.finago.books[self.offices[office or self.first_office()].client_id]

    def first_office(self) -> int:
        return next(iter(self.offices))

    def environment(self) -> dict[str, str]:
        """The credentials as environment variables (decisions 1); the addresses are the server's to add."""
        credentials = {
            "QONDOR_SUBSCRIPTION_KEY": QONDOR_KEY,
            "FINAGO_APPLICATION_ID": APPLICATION_ID,
            "SLACK_BOT_TOKEN": SLACK_TOKEN,
            "SLACK_CHANNEL": SLACK_CHANNEL,
        }
        for office in self.offices.values():
            credentials |= office.environment()
        return credentials
