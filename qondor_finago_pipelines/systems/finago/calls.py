"""One SOAP call: sent, judged, understood. Without a session of its own; `session.py` adds it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from lxml import etree

from ...records.errors import CallFailed, LoginRefused, RequestRefused, WriteDidNotLand
from ..http import Call, Effect, Http, Reply
from ..quoting import quotable
from . import wire
from .descriptions import differences
from .faults import Fault, Meaning, fault_of
from .limits import is_quarantine, quarantine_end
from .line_stream import CutOff, NoAnswer, posting_batches
from .soap import Service, UnreadableReply, local_name, parse_strictly, service
from .xml_characters import mended_pieces

if TYPE_CHECKING:
    import pyarrow as pa

SYSTEM = "finago"

COOKIE = "ASP.NET_SessionId"

_LIKE_UTC = re.compile(wire.LIKE_UTC)

_HEAD_OF_A_PAGE = 4096
"""Bytes of a reply that is no SOAP in which the words of a quarantine are looked for."""

T = TypeVar("T")


class SessionRefused(Exception):
    """Finago turned the call away because its session has ended: certainly nothing was done."""


class UnclearFault(RequestRefused):
    """A fault of the server that we do not know, in answer to a read: tried again, as it may be a hiccup."""


class Caller:
    """Sends calls to Finago's two hosts and judges what comes back, before zeep reads it.

    ProjectService stands on the host of `webservices_url`, all others on that of `api_url`.
    `secrets` never appear in an error, even if the server repeats them.
    """

    def __init__(
        self,
        http: Http,
        *,
        api_url: str,
        webservices_url: str,
        secrets: tuple[str | None, ...],
        wsdl_folder: Path | None = None,
    ) -> None:
        self.http = http
        self.unknown_elements: Counter[str] = Counter()
        self.unreadable: Counter[str] = Counter()
        """What is wrong with single items of replies: operation, member and why, never the value."""
        self.days_like_utc: Counter[str] = Counter()
        """Days without a zone that look like midnight in Oslo told in UTC: operation and member."""
        self._api_url = api_url.rstrip("/")
        self._webservices_url = webservices_url.rstrip("/")
        self.secrets = {secret for secret in secrets if secret}
        self._wsdl_folder = wsdl_folder

    def call(
        self,
        service_name: str,
        operation: str,
        members: Mapping[str, Any],
        parse: Callable[[Any], T],
        *,
        effect: Effect,
        session_id: str | None,
        repeat_unclear_faults: bool = True,
    ) -> T:
        """The answer to one operation, as `parse` makes of it; that may raise UnreadableReply.

        Raises SessionRefused, and of `records.errors`: for a read SystemUnreachable, CallsBlocked, LoginRefused,
        ContractBroken, RequestRefused; for a write that creates WriteDidNotLand, WriteUncertain, LoginRefused.
        """
        described, call = self._prepared(service_name, operation, members, effect, session_id)
        if effect is not Effect.NONE:
            return self._understood(call, self.http.send(call), described, parse, session_id)
        return self.http.repeat(
            lambda: self._understood(call, self.http.send(call), described, parse, session_id),
            *([UnclearFault] if repeat_unclear_faults else []),
        )

    def read_lines(
        self,
        service_name: str,
        operation: str,
        members: Mapping[str, Any],
        take: Callable[[Iterator[pa.RecordBatch]], T],
        *,
        session_id: str,
    ) -> T:
        """A read of ledger lines, handed on in batches while the reply comes: what `take` made of all of them.

        `take` begins anew with each try. Raises TookTooLong, which is not tried again, and else what `call` raises
        for a read.
        """
        described, call = self._prepared(service_name, operation, members, Effect.NONE, session_id)

        mends = False

        def attempt() -> T:
            nonlocal mends
            unknown: Counter[str] = Counter()
            like_utc: Counter[str] = Counter()

            def batches(pieces: Iterator[bytes]) -> Iterator[pa.RecordBatch]:
                return posting_batches(mended_pieces(pieces) if mends else pieces, unknown, like_utc)

            try:
                answer = self.http.stream(
                    call,
                    lambda pieces: _Taken(take(batches(pieces))),
                    is_wanted=_is_soap_answer,
                )
            except NoAnswer as other:
                answer = Reply(status=200, headers={"Content-Type": "text/xml"}, body=other.body)
            except CutOff as cut_off:
                raise self.http.lost(call, f"the reply cannot be used: {cut_off}.") from None
            except UnreadableReply as unreadable:
                if not mends:
                    # One character that XML cannot carry is enough; looking for it costs time that most replies spare.
                    mends = True
                    return attempt()
                raise self.http.broken(call, f"the reply cannot be used: {unreadable}.") from None
            if isinstance(answer, Reply):
                self._understood(call, answer, described, lambda result: result, session_id)
                raise self.http.broken(call, "the reply holds no ledger lines.")
            self._count_unknown(call, unknown)
            self._count_like_utc(call, like_utc)
            return answer.value

        return self.http.repeat(attempt, UnclearFault)

    def differences_from_live(self, service_name: str) -> tuple[str, ...]:
        """In what the service describes itself otherwise than the package's own WSDL does, as far as we use it."""
        described = service(service_name, self._wsdl_folder)
        call = Call(
            operation="wsdl",
            effect=Effect.NONE,
            method="GET",
            url=self._host_of(service_name) + described.path,
            parameters={"wsdl": ""},
        )

        def attempt() -> tuple[str, ...]:
            reply = self.http.send(call)
            if not reply.succeeded:
                raise self.http.lost(call, f"answered {reply.status}.")
            try:
                return differences(service_name, parse_strictly(reply.body), self._wsdl_folder)
            except UnreadableReply as unreadable:
                raise self.http.broken(call, f"the description cannot be used: {unreadable}.") from None

        return self.http.repeat(attempt)

    def _host_of(self, service_name: str) -> str:
        return self._webservices_url if service_name == "project" else self._api_url

    def _prepared(
        self,
        service_name: str,
        operation: str,
        members: Mapping[str, Any],
        effect: Effect,
        session_id: str | None,
    ) -> tuple[Service, Call]:
        described = service(service_name, self._wsdl_folder)
        body, headers = described.request(operation, members)
        if session_id is not None:
            headers["Cookie"] = f"{COOKIE}={session_id}"
        return described, Call(
            operation=operation,
            effect=effect,
            method="POST",
            url=self._host_of(service_name) + described.path,
            headers=headers,
            body=body,
        )

    def warnings(self) -> tuple[str, ...]:
        """A sentence for each thing that was odd, but one for all days that look like UTC: one speaks for all."""
        like_utc = self.days_like_utc
        return (
            *(
                f"Finago sent {count} times {name}, which its interface does not describe; it was ignored."
                for name, count in sorted(self.unknown_elements.items())
            ),
            *(
                f"Finago sent {count} times what cannot be read ({name}); what depends on it is refused by name."
                for name, count in sorted(self.unreadable.items())
            ),
            *(
                [
                    f"Finago sent {sum(like_utc.values())} days at 22:00 or 23:00 without a zone "
                    f"({', '.join(sorted(like_utc))}), which looks like UTC: in Oslo it is the next day by then. Each "
                    "was taken for the day that stands there. Compare one of them with Finago's own pages before "
                    "anything is invoiced; if it is a day off, Finago's dates are UTC without saying so."
                ]
                if like_utc
                else []
            ),
        )

    def _count_unknown(self, call: Call, unknown: Mapping[str, int]) -> None:
        self.unknown_elements += Counter({f"{call.operation}: {name}": count for name, count in unknown.items()})

    def _count_like_utc(self, call: Call, found: Mapping[str, int]) -> None:
        self.days_like_utc += Counter({f"{call.operation}: {name}": count for name, count in found.items()})

    def _understood(
        self, call: Call, reply: Reply, described: Service, parse: Callable[[Any], T], session_id: str | None
    ) -> T:
        envelope = _envelope_of(reply)
        if envelope is None:
            raise self._no_soap(call, reply)
        fault = fault_of(envelope)
        if fault is not None:
            raise self._fault(call, reply, fault, session_id)
        if reply.status != 200:
            raise self._no_soap(call, reply)
        try:
            result, unknown, odd = described.result(call.operation, envelope)
            answer = parse(result)
        except UnreadableReply as unreadable:
            raise self.http.broken(call, f"the reply cannot be used: {unreadable}.") from None
        self._count_unknown(call, unknown)
        self._count_like_utc(call, _days_like_utc(envelope))
        self.unreadable += Counter(f"{call.operation}: {trouble}" for trouble in odd)
        return answer

    def _no_soap(self, call: Call, reply: Reply) -> CallFailed:
        """The error for a reply that is no SOAP envelope, or one without a fault under a status that is not 200."""
        said = reply.body[:_HEAD_OF_A_PAGE].decode("utf-8", "replace")
        # In half an envelope the same words may be somebody's order line, and the write may have landed.
        if "Envelope" not in said and is_quarantine(said):
            return self._quarantined(call, reply, said)
        if reply.status in (429, 503):
            return self.http.told_to_wait(call, reply)
        if reply.status >= 500 or reply.status == 408:
            return self.http.lost(call, f"answered {reply.status}.")
        return self.http.broken(
            call, f"answered {reply.status} with {reply.media_type or 'something'} that is no complete SOAP reply."
        )

    def _quarantined(self, call: Call, reply: Reply, said: str) -> CallFailed:
        return self.http.told_to_wait(call, reply, quarantine_end(said, reply.headers, self.http.clock()))

    def _fault(self, call: Call, reply: Reply, fault: Fault, session_id: str | None) -> Exception:
        said = quotable(fault.reason, (*self.secrets, session_id))
        meaning = fault.meaning
        if call.effect is Effect.ONCE and meaning is not Meaning.QUARANTINE and not fault.certainly_did_nothing:
            if reply.status in (429, 503):
                return self.http.told_to_wait(call, reply)
            return self.http.lost(call, f"fault: {said}")
        if meaning is Meaning.SESSION_REFUSED:
            return SessionRefused(said)
        if meaning is Meaning.LOGIN_REFUSED:
            return LoginRefused(
                SYSTEM,
                call.operation,
                f"refused: {said}",
                remedy="Check application id and identity of this office, in the environment and in Finago.",
            )
        if meaning is Meaning.QUARANTINE:
            return self._quarantined(call, reply, fault.reason)
        if reply.status in (429, 503):
            return self.http.told_to_wait(call, reply)
        if call.effect is Effect.UNDER_OUR_ID:
            return WriteDidNotLand(SYSTEM, call.operation, f"refused: {said}", refused=True)
        refused = (
            RequestRefused if meaning is Meaning.REQUEST_UNREADABLE or fault.code.endswith("Client") else UnclearFault
        )
        return refused(SYSTEM, call.operation, f"fault: {said}", status=reply.status)


@dataclass(frozen=True)
class _Taken(Generic[T]):
    """Tells what was made of the lines from a reply that held none."""

    value: T


def _is_soap_answer(head: Reply) -> bool:
    """Whether a reply, by its head, is worth reading as it comes: no fault, no web page."""
    return head.status == 200 and "html" not in head.media_type and (not head.media_type or "xml" in head.media_type)


def _days_like_utc(envelope: etree._Element) -> Counter[str]:
    return Counter(
        f"{local_name(parent)}.{local_name(day)}"
        for day in envelope.iter(*(f"{{*}}{member}" for member in wire.DAYS))
        if day.text and _LIKE_UTC.match(day.text) and (parent := day.getparent()) is not None
    )


def _envelope_of(reply: Reply) -> etree._Element | None:
    """The SOAP envelope of a reply whose type is XML (or not told); None when it is not one, or not complete."""
    if reply.media_type and ("xml" not in reply.media_type or "html" in reply.media_type):
        return None
    try:
        root = parse_strictly(reply.body)
    except UnreadableReply:
        return None
    return root if local_name(root) == "Envelope" else None
