"""One call over a real socket: what each way of failing means for a read, a repeatable write and a creating write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from qondor_finago_pipelines.records.errors import (
    CallsBlocked,
    LeaseLost,
    SystemUnreachable,
    WriteDidNotLand,
    WriteUncertain,
)
from qondor_finago_pipelines.systems.http import Call, Effect, Http, Reply, ToldToWait, retry_after
from tests.systems.scripted import Answer, Pauses, RecordingGate, ScriptedServer, page

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def new_http(gate: RecordingGate, pauses: Pauses, clock: Any) -> Callable[..., Http]:
    def make(timeout_seconds: float = 60) -> Http:
        return Http("finago", gate=gate, timeout_seconds=timeout_seconds, pause=pauses, clock=clock)

    return make


@pytest.fixture
def http(new_http: Callable[..., Http]) -> Http:
    return new_http()


def call(url: str, effect: Effect = Effect.NONE, **more: Any) -> Call:
    return Call(operation="thing", effect=effect, method="POST", url=f"{url}/thing", body=b"ask", **more)


LOST = {
    "the connection is closed without an answer": Answer(hang_up=True),
    "the reply is cut off": Answer(body=b"x" * 100, cut_at=40),
}


@pytest.mark.parametrize("answer", LOST.values(), ids=LOST)
class TestALostReply:
    def test_leaves_a_creating_write_uncertain(self, http: Http, server: ScriptedServer, answer: Answer) -> None:
        server.script("thing", answer)
        with pytest.raises(WriteUncertain):
            http.send(call(server.url, Effect.ONCE))
        assert len(server.requests) == 1

    @pytest.mark.parametrize("effect", [Effect.NONE, Effect.REPEATABLE])
    def test_makes_the_system_unreachable_otherwise(
        self, http: Http, server: ScriptedServer, answer: Answer, effect: Effect
    ) -> None:
        server.script("thing", answer)
        with pytest.raises(SystemUnreachable):
            http.send(call(server.url, effect))


class TestTheTimeOut:
    """It covers the whole reply, not the pause between two bytes (decisions 7)."""

    @pytest.mark.parametrize("part", ["body", "headers"])
    def test_ends_a_reply_that_drips(self, new_http: Callable[..., Http], server: ScriptedServer, part: str) -> None:
        server.script("thing", Answer(body=b"x" * 10_000, drip=part))
        # It would be complete after minutes.
        with pytest.raises(WriteUncertain, match=r"no complete reply within 0\.2 seconds"):
            new_http(0.2).send(call(server.url, Effect.ONCE))

    def test_lets_a_reply_in_time_through(self, new_http: Callable[..., Http], server: ScriptedServer) -> None:
        server.script("thing", Answer(body=b"answer"))
        assert new_http(60).send(call(server.url)).body == b"answer"


class TestARefusedConnection:
    def test_certainly_did_not_land(self, http: Http, nobody_listens: str) -> None:
        with pytest.raises(WriteDidNotLand, match="no connection"):
            http.send(call(nobody_listens, Effect.ONCE))

    def test_makes_a_read_unreachable(self, http: Http, nobody_listens: str) -> None:
        with pytest.raises(SystemUnreachable, match="no connection"):
            http.send(call(nobody_listens))

    @pytest.mark.parametrize("address", ["http://", "nonsense", "ftp://somewhere", "http://[::1"])
    def test_is_what_an_impossible_address_comes_to(self, http: Http, address: str) -> None:
        with pytest.raises(WriteDidNotLand):
            http.send(call(address, Effect.ONCE))

    def test_names_no_header_that_cannot_be_sent(self, http: Http, server: ScriptedServer) -> None:
        with pytest.raises(WriteDidNotLand) as failure:
            http.send(call(server.url, Effect.ONCE, headers={"Key": "canary\nX: y"}))
        assert "canary" not in str(failure.value)
        assert server.requests == []


class TestReads:
    def test_are_tried_five_times_with_growing_pauses(
        self, http: Http, server: ScriptedServer, pauses: Pauses, gate: RecordingGate
    ) -> None:
        server.script("thing", Answer(hang_up=True))
        with pytest.raises(SystemUnreachable):
            http.repeat(lambda: http.send(call(server.url)))
        assert len(server.requests) == 5
        assert pauses == [1, 2, 4, 8]
        assert len(gate.calls) == 5, "every try is a call: it is counted, and renews the lease"

    def test_end_with_the_first_answer(self, http: Http, server: ScriptedServer) -> None:
        server.script("thing", Answer(hang_up=True), Answer(body=b"answer"))
        assert http.repeat(lambda: http.send(call(server.url))).body == b"answer"
        assert len(server.requests) == 2

    def test_are_not_tried_when_the_gate_is_closed(
        self, http: Http, server: ScriptedServer, gate: RecordingGate
    ) -> None:
        gate.refuse = CallsBlocked("finago", "thing", "spent", until=NOW + timedelta(seconds=1))
        with pytest.raises(CallsBlocked):
            http.repeat(lambda: http.send(call(server.url)))
        assert server.requests == []

    def test_wait_as_long_as_the_system_asks(self, http: Http, server: ScriptedServer, pauses: Pauses) -> None:
        told = http.told_to_wait(call(server.url), Reply(status=429, headers={"Retry-After": "7"}, body=b""))
        answers = iter([told, None])

        def attempt() -> str:
            failure = next(answers)
            if failure is not None:
                raise failure
            return "answer"

        assert http.repeat(attempt) == "answer"
        assert pauses == [7]

    def test_do_not_wait_for_minutes(self, http: Http, server: ScriptedServer, pauses: Pauses) -> None:
        def attempt() -> None:
            raise http.told_to_wait(call(server.url), Reply(status=503, headers={"Retry-After": "90"}, body=b""))

        with pytest.raises(CallsBlocked) as blocked:
            http.repeat(attempt)
        assert blocked.value.until == NOW + timedelta(seconds=90)
        assert pauses == []


class TestNotNow:
    """429, 503 and a quarantine: until then nothing is tried (decisions 9)."""

    def test_tells_the_gate_until_when(self, http: Http, server: ScriptedServer, gate: RecordingGate) -> None:
        http.told_to_wait(call(server.url), Reply(status=429, headers={"Retry-After": "30"}, body=b""))
        ((system, until, why),) = gate.blocks
        assert (system, until) == ("finago", NOW + timedelta(seconds=30))
        assert "429" in why

    @pytest.mark.parametrize(
        ("status", "until", "error"),
        [
            (429, None, WriteDidNotLand),
            (503, None, WriteUncertain),
            (503, NOW + timedelta(minutes=5), WriteUncertain),
        ],
        ids=["429", "a bare 503", "503 in the words of a quarantine"],
    )
    def test_says_of_a_creating_write_whether_it_landed(
        self, http: Http, server: ScriptedServer, status: int, until: datetime | None, error: type[Exception]
    ) -> None:
        failure = http.told_to_wait(call(server.url, Effect.ONCE), Reply(status=status, headers={}, body=b""), until)
        assert type(failure) is error

    def test_lasts_a_minute_when_nothing_is_said(self, http: Http, server: ScriptedServer) -> None:
        failure = http.told_to_wait(call(server.url), Reply(status=503, headers={}, body=b""))
        assert isinstance(failure, ToldToWait)
        assert failure.until == NOW + timedelta(seconds=60)

    @pytest.mark.parametrize("named", ["99999999", "999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
    def test_lasts_a_day_at_most(self, http: Http, server: ScriptedServer, named: str) -> None:
        far = Reply(status=429, headers={"Retry-After": named}, body=b"")
        failure = http.told_to_wait(call(server.url), far)
        assert isinstance(failure, ToldToWait)
        assert failure.until == NOW + timedelta(hours=24)


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("12", NOW + timedelta(seconds=12)),
        ("0.5", NOW + timedelta(seconds=0.5)),
        ("-3", NOW),
        (format_datetime(NOW + timedelta(minutes=2), usegmt=True), NOW + timedelta(minutes=2)),
        ("Fri, 20 Nov 2026 10:05:00 +0100", NOW + timedelta(minutes=5)),
        (format_datetime(NOW - timedelta(minutes=2), usegmt=True), NOW),
        (format_datetime(NOW + timedelta(days=3000), usegmt=True), NOW + timedelta(days=3000)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", NOW),
        ("-999999999", NOW),
        ("30 seconds", None),
        ("30, 60", None),
        ("1e9", None),
        ("0x10", None),
        ("NaN", None),
        ("soon", None),
        ("", None),
        ("inf", None),
        ("²", None),
        ("99999999999", None),
        ("9" * 5000, None),
        ("Fri, 20 Nov 99999999999 09:05:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, until: datetime | None) -> None:
    assert retry_after({"Retry-After": text}, NOW) == until


@pytest.mark.parametrize("effect", [Effect.ONCE, Effect.UNDER_OUR_ID])
def test_a_lease_that_went_while_the_process_slept_stops_the_bytes(
    http: Http, server: ScriptedServer, gate: RecordingGate, effect: Effect
) -> None:
    gate.refuse_bytes = LeaseLost("gone")
    with pytest.raises(LeaseLost):
        http.send(call(server.url, effect))
    assert len(gate.calls) == 1
    assert server.requests == [], "nothing was sent on the connection that stood"


def test_a_read_asks_nobody_before_its_bytes(http: Http, server: ScriptedServer, gate: RecordingGate) -> None:
    gate.refuse_bytes = LeaseLost("gone")
    server.script("thing", Answer(200, b"x"))
    assert http.send(call(server.url)).status == 200


def test_a_lost_lease_stops_the_call(http: Http, server: ScriptedServer, gate: RecordingGate) -> None:
    gate.refuse = LeaseLost("gone")
    with pytest.raises(LeaseLost):
        http.send(call(server.url, Effect.ONCE))
    assert server.requests == []


def test_the_gate_sees_every_reply_with_its_headers(http: Http, server: ScriptedServer, gate: RecordingGate) -> None:
    server.script("thing", Answer(500, headers={"APILimitRemaining": "41"}))
    http.send(call(server.url, Effect.ONCE))
    ((system, status, headers),) = gate.replies
    assert (system, status, headers["apilimitremaining"]) == ("finago", 500, "41")
    assert gate.calls == [("finago", "thing", True)]


@pytest.mark.parametrize("length", ["-5", "soon", "", "²", "9" * 5000, "1e2"])
def test_a_length_that_is_none_leaves_the_reply_whole(http: Http, server: ScriptedServer, length: str) -> None:
    odd = {"Content-Length": length, "Connection": "close"}
    server.script("thing", Answer(body=b"x" * 100, headers=odd))
    assert http.send(call(server.url)).body == b"x" * 100


@pytest.mark.parametrize("length", ["5, 6", "5000"])
def test_a_length_that_the_reply_does_not_keep_is_a_lost_reply(http: Http, server: ScriptedServer, length: str) -> None:
    odd = {"Content-Length": length, "Connection": "close"}
    server.script("thing", Answer(body=b"x" * 100, headers=odd), Answer(body=b"x" * 100, headers=odd))
    with pytest.raises(WriteUncertain):
        http.send(call(server.url, Effect.ONCE))
    with pytest.raises(SystemUnreachable):
        http.send(call(server.url))


def test_a_redirect_is_not_followed(http: Http, server: ScriptedServer) -> None:
    server.script("thing", Answer(302, headers={"Location": f"{server.url}/elsewhere"}))
    assert http.send(call(server.url)).status == 302
    assert len(server.requests) == 1


def test_a_cookie_of_the_server_is_never_sent_back(http: Http, server: ScriptedServer) -> None:
    server.script("thing", Answer(headers={"Set-Cookie": "ASP.NET_SessionId=theirs; path=/"}))
    http.send(call(server.url))
    http.send(call(server.url))
    assert all("Cookie" not in request.headers for request in server.requests)


def test_credentials_of_the_machine_are_never_added(
    http: Http, server: ScriptedServer, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login canary password canary\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.script("thing", Answer())
    http.send(call(server.url))
    assert "Authorization" not in server.requests[0].headers


def test_a_creating_write_gets_a_connection_of_its_own(http: Http, server: ScriptedServer) -> None:
    """A kept connection could break in the middle of a write, and leave it uncertain for nothing."""
    server.script("thing", Answer())
    for effect in (Effect.NONE, Effect.NONE, Effect.ONCE):
        http.send(call(server.url, effect))
    first, second, third = (request.client for request in server.requests)
    assert first == second != third


def test_nothing_of_a_call_or_a_reply_shows_in_its_repr(server: ScriptedServer) -> None:
    asked = call(server.url, headers={"Cookie": "canary"}, parameters={"officeId": "canary"})
    answered = Reply(status=200, headers={"Set-Cookie": "canary"}, body=b"canary")
    assert "canary" not in repr(asked) + repr(answered)


def test_a_compressed_bomb_is_not_swallowed(
    http: Http, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qondor_finago_pipelines.systems.http.LARGEST_REPLY_BYTES", 1000)
    server.script("thing", page("x" * 2000))
    with pytest.raises(WriteUncertain, match="larger than 1000 bytes"):
        http.send(call(server.url, Effect.ONCE))


class TestTls:
    @pytest.fixture
    def certificate(self, tmp_path: Path) -> Path:
        """A certificate for 127.0.0.1 that nobody has signed but itself, with its key, in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
        now = datetime.now(UTC)
        signed = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        file = tmp_path / "certificate.pem"
        file.write_bytes(
            signed.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return file

    @pytest.fixture
    def secure(self, certificate: Path) -> Iterator[ScriptedServer]:
        server = ScriptedServer(certificate)
        server.script("thing", Answer(body=b"answer"))
        yield server
        server.close()

    def test_that_is_not_trusted_certainly_did_not_land(self, http: Http, secure: ScriptedServer) -> None:
        with pytest.raises(WriteDidNotLand, match="not trusted"):
            http.send(call(secure.url, Effect.ONCE))
        assert secure.requests == []

    def test_that_is_trusted_has_the_same_deadline(
        self,
        new_http: Callable[..., Http],
        secure: ScriptedServer,
        certificate: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert new_http().send(call(secure.url, Effect.ONCE)).body == b"answer"
        secure.script("thing", Answer(body=b"x" * 1000, drip="body"))
        with pytest.raises(WriteUncertain, match=r"no complete reply within 0\.3 seconds"):
            new_http(0.3).send(call(secure.url, Effect.ONCE))
