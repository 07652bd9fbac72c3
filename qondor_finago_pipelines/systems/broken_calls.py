"""What a call that ended without a reply comes to: whether it certainly never left, and what to say of it."""

from __future__ import annotations

from ssl import SSLCertVerificationError

import requests
from urllib3.exceptions import ConnectTimeoutError, InvalidHeader, MaxRetryError, NewConnectionError, SSLError


def never_connected(error: BaseException) -> bool:
    """True when the request was certainly never sent: nobody listened, or no connection could be trusted."""
    if isinstance(error, (requests.ConnectTimeout, requests.exceptions.InvalidURL)) or _is_of_our_header(error):
        return True
    if isinstance(error, (requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema)):
        return True
    if not isinstance(error, requests.ConnectionError) or not error.args:
        return False
    reason = error.args[0].reason if isinstance(error.args[0], MaxRetryError) else error.args[0]
    if isinstance(reason, SSLError):
        return bool(reason.args) and isinstance(reason.args[0], SSLCertVerificationError)
    return isinstance(reason, (NewConnectionError, ConnectTimeoutError))


def _is_of_our_header(error: BaseException) -> bool:
    """Whether a header of ours cannot be sent. A reply with two lengths is an error of the same class, and no such."""
    is_of_reply = bool(error.args) and isinstance(error.args[0], InvalidHeader)
    return isinstance(error, requests.exceptions.InvalidHeader) and not is_of_reply


def is_late(error: BaseException) -> bool:
    return "timed out" in str(error) or "in time" in str(error)


def what_happened(error: BaseException, timeout_seconds: float) -> str:
    if _is_of_our_header(error):
        return "a header cannot be sent: the key in the environment holds a line break or the like."
    if isinstance(error, requests.exceptions.SSLError):
        return "the connection is not trusted (TLS)."
    if never_connected(error):
        return "no connection: the address is wrong, unknown or refused."
    if is_late(error):
        return f"no complete reply within {timeout_seconds:g} seconds."
    return "the connection broke before the reply was complete."
