"""Slack: one message to one channel."""

from __future__ import annotations

import logging
import re

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from ..records.errors import CallFailed

SYSTEM = "slack"

_SILENT = logging.Logger("slack_sdk, silenced", level=logging.CRITICAL + 1)
"""slack_sdk writes requests and whole replies to its log; everything worth knowing is in the error."""


class SlackUnavailable(CallFailed):
    """The message was not taken: the alert stays in the store and is sent again."""


class SlackMessenger:
    """Writes to `channel` as the bot of `token`. `timeout` is in seconds."""

    def __init__(self, token: str, channel: str, base_url: str, timeout: float = 10.0) -> None:
        self._channel = channel
        self._client = WebClient(
            token=token,
            base_url=base_url if base_url.endswith("/") else f"{base_url}/",
            timeout=max(1, round(timeout)),
            # What is not delivered stays in the store: the sender there decides when to try again.
            retry_handlers=[],
            logger=_SILENT,
        )

    def send(self, text: str) -> None:
        """Sends one message. Raises SlackUnavailable, with Slack's own word for the reason and nothing else of it."""
        try:
            self._client.chat_postMessage(channel=self._channel, text=_plain(text))
        except SlackApiError as refused:
            code = str(refused.response.get("error"))
            # Slack's reasons are words like `channel_not_found`; the SDK puts a whole page there when it gets one.
            reason = code if re.fullmatch(r"[a-z0-9_]{1,60}", code) else "no reason given"
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


def _plain(text: str) -> str:
    """The text as Slack shows it letter by letter: it would read `<!channel>` in an invoice's name as a call to all."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
