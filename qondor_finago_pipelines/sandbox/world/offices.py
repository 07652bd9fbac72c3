"""The offices of a world and the invented credentials with which they are reached."""

from __future__ import annotations

from dataclasses import dataclass, field

QONDOR_KEY = "sandbox-subscription-key"
APPLICATION_ID = "11111111-2222-4333-8444-555555555555"
SLACK_TOKEN = "sandbox-slack-token"
SLACK_CHANNEL = "#finance-sync"


@dataclass(frozen=True, kw_only=True)
class SandboxOffice:
    """One Qondor office and the Finago client that keeps its books; several offices may share a client."""

    id: int
    name: str
    client_id: int
    username: str = field(repr=False)
    password: str = field(repr=False)
    identity_id: str = field(repr=False)

    @property
    def suffix(self) -> str:
        """The end of this office's environment variables: `OSLO` of FINAGO_USERNAME_OSLO."""
        return "".join(letter if letter.isalnum() else "_" for letter in self.name.upper())

    def environment(self) -> dict[str, str]:
        return {
            f"FINAGO_USERNAME_{self.suffix}": self.username,
            f"FINAGO_PASSWORD_{self.suffix}": self.password,
            f"FINAGO_IDENTITY_{self.suffix}": self.identity_id,
        }


def office(id: int, name: str, client_id: int) -> SandboxOffice:
    """An office with invented credentials that follow from its name and id."""
    word = "".join(letter for letter in name.lower() if letter.isalnum())
    return SandboxOffice(
        id=id,
        name=name,
        client_id=client_id,
        username=f"integration.{word}@sandbox.example",
        password=f"sandbox-password-{word}",
        identity_id=f"aaaaaaaa-0000-4000-8000-{id:012d}",
    )
