"""The whole invented world: Qondor, Finago and Slack, the fault script, the call log and the clock."""

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
from .finago_builders import FinagoBuilders
from .offices import APPLICATION_ID, QONDOR_KEY, SLACK_CHANNEL, SLACK_TOKEN, SandboxOffice
from .qondor import QondorWorld
from .qondor_builders import QondorBuilders
from .voucher_builders import VoucherBuilders

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


class World(QondorBuilders, FinagoBuilders, VoucherBuilders):
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
            "name": office.name,
            "internalName": office.name,
            "publicName": office.name,
            "address": None,
            "zipCode": None,
            "city": office.name,
            "country": "Norway",
            "countryCode": "NO",
            "externalReference": None,
            "customValue1": None,
            "customValue2": None,
            "customValue3": None,
            "customValue4": None,
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

    def books(self, office: int) -> Books:
        """The Finago books of an office."""
        return self.finago.books[self.offices[office].client_id]

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
