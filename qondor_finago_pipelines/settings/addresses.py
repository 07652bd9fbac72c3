"""Where the systems are: the environment weighed against the file (decisions 1)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic_core import PydanticCustomError

from ..records.errors import SettingsError
from .fields import remedy_of, web_address
from .model import Settings

SUBSCRIPTION_KEY_VARIABLE = "QONDOR_SUBSCRIPTION_KEY"


@dataclass(frozen=True, kw_only=True)
class Slack:
    """Where alerts go, and the token that may post there."""

    api_url: str
    channel: str
    token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where every system is, with the environment already weighed against the file.

    `slack` is None where token or channel are not set: alerts then go to the log. `dagster_ui_url` is where people see
    Dagster's pages, without a slash at its end; None: alerts name the run by its id alone.
    """

    qondor_base_url: str
    finago_api_url: str
    finago_webservices_url: str
    slack: Slack | None = None
    dagster_ui_url: str | None = None

    @classmethod
    def from_environment(cls, settings: Settings, environ: Mapping[str, str] = os.environ) -> Addresses:
        """The addresses of this process.

        Raises SettingsError for an address that is none, and for a quiet period below the call time-out where a real
        system stands behind an address: an order could then be sent twice (decisions 2 and 7).
        """
        in_file = settings.addresses

        def given(name: str) -> str | None:
            return environ.get(name, "").strip() or None

        def address(name: str, otherwise: str) -> str:
            try:
                return web_address(given(name) or otherwise)
            except PydanticCustomError as error:
                raise SettingsError(f"{name} {error}", remedy=remedy_of(error.context)) from None

        channel = given("SLACK_CHANNEL") or in_file.slack_channel
        token = given("SLACK_BOT_TOKEN")
        slack_url = address("SLACK_API_URL", in_file.slack_api_url).rstrip("/") + "/"
        ui_url = given("DAGSTER_UI_URL") or in_file.dagster_ui_url
        addresses = cls(
            qondor_base_url=address("QONDOR_BASE_URL", in_file.qondor_base_url).rstrip("/"),
            finago_api_url=address("FINAGO_API_URL", in_file.finago_api_url).rstrip("/"),
            finago_webservices_url=address("FINAGO_WEBSERVICES_URL", in_file.finago_webservices_url).rstrip("/"),
            slack=Slack(api_url=slack_url, channel=channel, token=token) if channel and token else None,
            dagster_ui_url=address("DAGSTER_UI_URL", ui_url).rstrip("/") if ui_url else None,
        )
        if settings.sync.quiet_period_seconds < settings.sync.call_timeout_seconds and not addresses.all_loopback:
            raise SettingsError(
                f"{settings.file.name}: sync.quiet_period_seconds is shorter than sync.call_timeout_seconds.",
                remedy="Make it longer than a call can last; a shorter one is for local stand-ins only.",
            )
        return addresses

    @property
    def all_loopback(self) -> bool:
        """Whether both Qondor and Finago are on this machine, as the sandbox is."""
        return all(
            _is_loopback(url) for url in (self.qondor_base_url, self.finago_api_url, self.finago_webservices_url)
        )

    def qondor_subscription_key(self, environ: Mapping[str, str] = os.environ) -> str:
        """Qondor's key, read when it is needed. Raises SettingsError when it is not set."""
        key = environ.get(SUBSCRIPTION_KEY_VARIABLE, "").strip()
        if not key:
            raise SettingsError(
                f"The environment variable {SUBSCRIPTION_KEY_VARIABLE} is not set.",
                remedy="Set it to the subscription key that Qondor gave you, and start the sync again.",
            )
        return key


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
