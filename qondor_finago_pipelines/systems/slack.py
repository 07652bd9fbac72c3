"""Slack: one message to one channel."""

from __future__ import annotations

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from ..records.errors import CallFailed

SYSTEM = "slack"


class SlackUnavailable(CallFailed):
    """The message was not taken: the alert stays in the ledger and is sent again."""


class SlackMessenger:
    """Writes to `channel` as the bot of `token`. `timeout` is in seconds."""

    def __init__(self, token: str, channel: str, base_url: str, timeout: float = 10.0) -> None:
        self._channel = channel
        self._client = WebClient(
            token=token,
            base_url=base_url if base_url.endswith("/") else f"{base_url}/",
            timeout=max(1, round(timeout)),
            # What is not delivered stays in the ledger: the sender there decides when to try again.
            retry_handlers=[],
        )

    def send(self, text: str) -> None:
        """Sends one message. Raises SlackUnavailable, with Slack's own word for the reason and nothing else of it."""
        try:
            self._client.chat_postMessage(channel=self._channel, text=text)
        except SlackApiError as refused:
            reason = refused.response.get("error") or "no reason given"
            raise SlackUnavailable(
                SYSTEM,
                "chat.postMessage",
                f"refused: {reason}.",
                remedy="Check SLACK_BOT_TOKEN and SLACK_CHANNEL, and that the bot is in the channel.",
            ) from None
        except (SlackClientError, OSError, ValueError) as error:
            raise SlackUnavailable(
                SYSTEM,
                "chat.postMessage",
                f"not reached ({type(error).__name__}).",
                remedy="It is sent again later; check the network and SLACK_API_URL.",
            ) from None
