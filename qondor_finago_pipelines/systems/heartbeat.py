"""The sign of life that somebody else waits for: whoever misses it tells people that the daemon is dead."""

from __future__ import annotations

import ssl
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import urlopen

import certifi

from ..records.errors import CallFailed

SYSTEM = "heartbeat"

TIMEOUT_SECONDS = 5.0

REMEDY = "Check sync.heartbeat_url, and whether this machine reaches it."


class HeartbeatFailed(CallFailed):
    """The address did not answer, or not with yes. Says nothing of the address: there may be a token in it."""


def beat(url: str, timeout: float = TIMEOUT_SECONDS) -> None:
    """Asks for the address, an http or https one, with nothing in it but itself. Raises HeartbeatFailed.

    Not by `requests`: the library below it writes addresses to its log.
    """
    try:
        urlopen(url, timeout=timeout, context=ssl.create_default_context(cafile=certifi.where())).close()
    except HTTPError as refused:
        refused.close()
        raise HeartbeatFailed(SYSTEM, "GET", f"answered with status {refused.code}.", remedy=REMEDY) from None
    except (OSError, HTTPException, ValueError) as error:
        raise HeartbeatFailed(SYSTEM, "GET", f"not reached ({type(error).__name__}).", remedy=REMEDY) from None
