"""One HTTP call, and what its failure means: the same for Qondor and Finago.

A call declares its `Effect`; from that follows which error a failure becomes. Nothing is ever sent twice here except
reads (`Http.repeat`). No body, header or credential ever gets into an error, a log or a repr.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum
from http.cookiejar import DefaultCookiePolicy
from typing import Protocol, TypeVar

import requests
import tenacity
from urllib3.exceptions import HTTPError

from ..records.errors import (
    CallFailed,
    CallsBlocked,
    ContractBroken,
    SystemUnreachable,
    TookTooLong,
    WriteDidNotLand,
    WriteUncertain,
)
from .broken_calls import is_late, never_connected, what_happened
from .deadline import DeadlineAdapter, within

READ_TRIES = 5
"""A read is tried at most this often (decisions 9)."""

LONGEST_PAUSE_SECONDS = 30.0
"""Who must wait longer than this before a read may be repeated gives up: the office's next run takes it up."""

LONGEST_CONNECT_SECONDS = 10.0

LARGEST_REPLY_BYTES = 256 * 1024 * 1024
LARGEST_STREAM_BYTES = 4 * 1024 * 1024 * 1024
"""What is read piece by piece may be larger: about four million ledger lines."""

UNSAID_BLOCK = timedelta(seconds=60)
"""How long a system that says "not now" without saying until when is left alone."""

LONGEST_BLOCK = timedelta(hours=24)
"""No answer may block a system for longer: a wrong clock at the other end must not stop us for ever."""

_SECONDS = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")

CONTRACT_REMEDY = "Check the address of the system in the settings; if it is right, the interface has changed."

UNCERTAIN_REMEDY = "It is looked up before anything is sent again."

T = TypeVar("T")


class CallGate(Protocol):
    """Where budgets, the lease and the count of calls plug in (decisions 7 and 9)."""

    def before_call(self, system: str, operation: str, *, write: bool) -> None:
        """Called right before every single request, repeated ones included. May wait.

        Raises CallsBlocked when the budget is spent, LeaseLost when the lease is gone; then nothing is sent.
        """

    def before_bytes(self) -> None:
        """Called once more for a write that creates, when the connection stands and nothing but sending is left.

        Raises LeaseLost where the lease went while the process slept; then nothing is sent.
        """

    def after_reply(self, system: str, status: int, headers: Mapping[str, str]) -> None:
        """Called for every reply whose status line and headers arrived; `headers` ignores case."""

    def block(self, system: str, until: datetime, why: str) -> None:
        """The system told us to stay away: nothing is to be sent before `until`."""


class Effect(Enum):
    """What a call may do at the other end, and so what its failure means."""

    NONE = "reads"
    REPEATABLE = "may be sent again"
    """A write that ends in the same state however often it is sent: Qondor's PUTs."""
    ONCE = "must not be sent again without a look-up"
    """A write that creates: a failure is WriteDidNotLand or WriteUncertain, nothing else (decisions 7)."""
    UNDER_OUR_ID = "creates under an id of ours"
    """As ONCE, but what is sent twice is still one record: a fault is the system's refusal, and no riddle."""

    @property
    def creates(self) -> bool:
        return self in (Effect.ONCE, Effect.UNDER_OUR_ID)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request. `operation` is what people call it: `GetInvoices`, `SetAsPaid`."""

    operation: str
    effect: Effect
    method: str
    url: str
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A complete reply, whatever its status. `headers` ignores case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300

    @property
    def media_type(self) -> str:
        """`text/xml`, say: lower case, without parameters; empty when the reply does not tell."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()


class MayPass(SystemUnreachable):
    """A read that failed in a way that often passes: `Http.repeat` tries it again."""


class ToldToWait(CallsBlocked):
    """The system itself said "not now" in answer to a read: repeated when the wait is short."""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Http:
    """Calls to one system. `pause` sleeps; `clock` tells the time that a wait counts from."""

    def __init__(
        self,
        system: str,
        *,
        gate: CallGate,
        timeout_seconds: float,
        stream_timeout_seconds: float | None = None,
        read_tries: int = READ_TRIES,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.system = system
        self.gate = gate
        self.pause = pause
        self.clock = clock
        self._timeout_seconds = timeout_seconds
        self._stream_timeout_seconds = stream_timeout_seconds or timeout_seconds
        self._read_tries = read_tries
        self._session = requests.Session()
        # Cookies are set by hand: one that a server hands out must never replace the session of a login.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # Keeps a ~/.netrc of the machine from adding credentials; proxies and certificates of the environment count.
        self._session.auth = _no_authentication
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, DeadlineAdapter())

    def send(self, call: Call) -> Reply:
        """Sends the call once and gives the complete reply, whatever its status.

        Raises what `unsent` and `lost` return, and whatever the gate raises.
        """
        self.gate.before_call(self.system, call.operation, write=call.effect is not Effect.NONE)
        if call.effect.creates:
            # A kept connection may be closed by the other end in the moment we write to it, and then nobody knows
            # whether the write arrived. A new one is either refused, which is certain, or it works.
            self._session.close()
        try:
            with within(self._timeout_seconds, self.gate.before_bytes if call.effect.creates else None):
                return self._exchange(call)
        except (requests.RequestException, HTTPError, OSError) as error:
            failure = self.unsent if never_connected(error) else self.lost
            # `from None`: what the libraries say may hold parts of the request.
            raise failure(call, what_happened(error, self._timeout_seconds)) from None

    def stream(
        self, call: Call, take: Callable[[Iterator[bytes]], T], *, is_wanted: Callable[[Reply], bool]
    ) -> T | Reply:
        """Sends a read once and hands its body to `take`, piece by piece as it comes and never whole.

        A reply that `is_wanted` (asked without its body) does not want comes back as from `send`. What `take` raises
        comes through; the time-out covers the taking too. Raises TookTooLong where the reply is not complete in time,
        or grows larger than one may be, and else what `send` raises.
        """
        self.gate.before_call(self.system, call.operation, write=False)
        try:
            with within(self._stream_timeout_seconds), self._open(call, self._stream_timeout_seconds) as response:
                head = Reply(status=response.status_code, headers=response.headers, body=b"")
                if not is_wanted(head):
                    return replace(head, body=self._body(call, response, LARGEST_REPLY_BYTES))
                return take(self._pieces(call, response, LARGEST_STREAM_BYTES))
        except (requests.RequestException, HTTPError, OSError) as error:
            what = what_happened(error, self._stream_timeout_seconds)
            if never_connected(error):
                raise self.unsent(call, what) from None
            if is_late(error):
                raise self._too_long(call, what) from None
            raise self.lost(call, what) from None

    def _too_long(self, call: Call, why: str) -> TookTooLong:
        return TookTooLong(self.system, call.operation, why, remedy="Less is asked for at a time.")

    def repeat(self, attempt: Callable[[], T], *also: type[CallFailed]) -> T:
        """Runs `attempt`, which makes one read, again after a growing pause while its failure may pass.

        At most `read_tries` times; `also` names further errors that are worth another. What does not pass, and the last
        failure, is raised as it is.
        """
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, also) or self._may_pass(error)),
            stop=tenacity.stop_after_attempt(self._read_tries),
            wait=self._growing_pause,
            sleep=self.pause,
            reraise=True,
        )(attempt)

    def unsent(self, call: Call, why: str) -> CallFailed:
        """The error for a call that certainly did not reach the system."""
        if call.effect.creates:
            return WriteDidNotLand(self.system, call.operation, why, remedy="It is sent again by the next run.")
        return MayPass(self.system, call.operation, why, remedy=_REACH_REMEDY)

    def lost(self, call: Call, why: str) -> CallFailed:
        """The error for a call that may or may not have had its effect."""
        if call.effect.creates:
            return WriteUncertain(self.system, call.operation, why, remedy=UNCERTAIN_REMEDY)
        return MayPass(self.system, call.operation, why, remedy=_REACH_REMEDY)

    def broken(self, call: Call, why: str) -> CallFailed:
        """The error for a complete reply that is not what the interface promises."""
        if call.effect.creates:
            return self.lost(call, why)
        return ContractBroken(self.system, call.operation, why, remedy=CONTRACT_REMEDY)

    def told_to_wait(self, call: Call, reply: Reply, until: datetime | None = None) -> CallFailed:
        """The error for an answer that says "not now"; the gate is told until when.

        `until` is the instant that the system named in its own words; otherwise `Retry-After` counts, else a minute.
        A write that creates landed certainly not after a 429; after any other status nobody knows, whatever is said.
        """
        now = self.clock()
        wait_until = min(until or retry_after(reply.headers, now) or now + UNSAID_BLOCK, now + LONGEST_BLOCK)
        why = f"answered {reply.status} and asks to be left alone until {wait_until:%Y-%m-%d %H:%M:%S} UTC."
        self.gate.block(self.system, wait_until, f"{call.operation} {why}")
        if call.effect.creates:
            return self.unsent(call, why) if reply.status == 429 else self.lost(call, why)
        remedy = "Nothing is sent until then; the next run after it goes on."
        return ToldToWait(self.system, call.operation, why, until=wait_until, remedy=remedy)

    def _exchange(self, call: Call) -> Reply:
        with self._open(call, self._timeout_seconds) as response:
            body = self._body(call, response, LARGEST_REPLY_BYTES)
        return Reply(status=response.status_code, headers=response.headers, body=body)

    def _open(self, call: Call, timeout_seconds: float) -> requests.Response:
        """The reply as far as its headers; the gate has seen them."""
        response = self._session.request(
            call.method,
            call.url,
            params=dict(call.parameters),
            headers=dict(call.headers),
            data=call.body,
            timeout=(min(LONGEST_CONNECT_SECONDS, timeout_seconds), timeout_seconds),
            allow_redirects=False,
            stream=True,
        )
        self.gate.after_reply(self.system, response.status_code, response.headers)
        return response

    def _body(self, call: Call, response: requests.Response, largest: int) -> bytes:
        body = bytearray()
        for piece in response.iter_content(64 * 1024):
            body += piece
            if len(body) > largest:
                raise self.broken(call, f"the reply is larger than {largest} bytes.")
        return bytes(body)

    def _pieces(self, call: Call, response: requests.Response, largest: int) -> Iterator[bytes]:
        length = 0
        for piece in response.iter_content(64 * 1024):
            length += len(piece)
            if length > largest:
                raise self._too_long(call, f"the reply is larger than {largest} bytes.")
            yield piece

    def _may_pass(self, error: BaseException) -> bool:
        if isinstance(error, ToldToWait):
            return (error.until - self.clock()).total_seconds() <= LONGEST_PAUSE_SECONDS
        return isinstance(error, MayPass)

    def _growing_pause(self, state: tenacity.RetryCallState) -> float:
        """1, 2, 4 and 8 seconds; longer where the system asked for it."""
        error = state.outcome.exception() if state.outcome else None
        pause = float(2 ** (state.attempt_number - 1))
        if isinstance(error, ToldToWait):
            pause = max(pause, (error.until - self.clock()).total_seconds())
        return min(pause, LONGEST_PAUSE_SECONDS)


def retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """The instant that a `Retry-After` header names, in seconds or as a date; None without a readable one."""
    text = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(text):
        return now + timedelta(seconds=max(0.0, float(text)))
    instant = instant_of_date(text)
    return None if instant is None else max(now, instant)


def instant_of_date(text: str | None) -> datetime | None:
    """A date as HTTP writes it, in UTC: `Fri, 20 Nov 2026 09:05:00 GMT`; None for anything else."""
    try:
        instant = parsedate_to_datetime(text or "")
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


_REACH_REMEDY = "Nothing was lost: the next run tries again. If it stays so, check the network and the address."


def _no_authentication(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
