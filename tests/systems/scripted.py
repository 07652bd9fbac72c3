"""A scripted server on a real socket, and what stands in for the store.

Every reply is written here by hand, so that the clients are not tested against their own idea of the wire.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

FINAGO_NAMESPACE = "http://24sevenOffice.com/webservices"

PASSWORD = "canary-password"
USERNAME = "canary.user@office.example"
APPLICATION_ID = "11111111-1111-1111-1111-111111111111"
IDENTITY_ID = "22222222-2222-2222-2222-222222222222"
SESSION_ID = "canarysessioncanarysessi"
SUBSCRIPTION_KEY = "canary-subscription-key"


@dataclass(frozen=True)
class Answer:
    """What the server does with one request. `cut_at` closes the connection after so many bytes of the body."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    hang_up: bool = False
    """Closes the connection without a word."""
    drip: str = ""
    """`body` or `headers`: sends that part one byte at a time, far too slowly, until the client is gone."""


@dataclass(frozen=True)
class Request:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    client: tuple[str, int]
    """Address and port of the connection that it came on."""

    @property
    def operation(self) -> str:
        """The SOAP operation, else the last part of the path."""
        action = self.headers.get("SOAPAction", "").strip('"')
        return (action or self.path).rpartition("/")[2]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class ScriptedServer:
    """Answers each operation with what is scripted for it, in order; the last answer is repeated.

    With a `certificate` (and its key, in one file) it speaks TLS.
    """

    def __init__(self, certificate: Path | None = None) -> None:
        self.requests: list[Request] = []
        self._script: dict[str, deque[Answer]] = {}
        self._gone = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._scheme = "http"
        if certificate is not None:
            self._scheme = "https"
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(certificate)
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
            self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    def script(self, operation: str, *answers: Answer) -> None:
        self._script[operation] = deque(answers)

    def requests_for(self, operation: str) -> list[Request]:
        return [request for request in self.requests if request.operation == operation]

    @property
    def operations(self) -> list[str]:
        return [request.operation for request in self.requests]

    def close(self) -> None:
        self._gone.set()
        self._server.shutdown()
        self._server.server_close()

    def _answer_to(self, request: Request) -> Answer:
        self.requests.append(request)
        answers = self._script.get(request.operation)
        assert answers, f"nothing is scripted for {request.operation}"
        return answers.popleft() if len(answers) > 1 else answers[0]

    def _handler(server) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1
            disable_nagle_algorithm = True

            def log_message(self, *_: Any) -> None:
                pass

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                parts = urlsplit(self.path)
                query, headers = parse_qs(parts.query), dict(self.headers.items())
                answer = server._answer_to(Request(self.command, parts.path, query, headers, body, self.client_address))
                try:
                    self._send(answer)
                except OSError:
                    self.close_connection = True

            do_GET = do_PUT = do_POST = _serve

            def _send(self, answer: Answer) -> None:
                if answer.hang_up:
                    self.close_connection = True
                    return
                if answer.drip == "headers":
                    self._drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 10_000)
                    return
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in answer.headers:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                if answer.drip == "body":
                    self.wfile.flush()
                    self._drip(answer.body)
                    return
                self.wfile.write(answer.body[: answer.cut_at])
                self.wfile.flush()
                if answer.cut_at is not None:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)

            def _drip(self, content: bytes) -> None:
                self.close_connection = True
                for position in range(len(content)):
                    self.connection.sendall(content[position : position + 1])
                    if server._gone.wait(0.02):
                        return

        return Handler


class RecordingGate:
    """A gate that writes down what it was told. `refuse` is raised before the next call."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, bool]] = []
        self.replies: list[tuple[str, int, Mapping[str, str]]] = []
        self.blocks: list[tuple[str, datetime, str]] = []
        self.refuse: Exception | None = None
        self.refuse_bytes: Exception | None = None

    def before_call(self, system: str, operation: str, *, write: bool) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.calls.append((system, operation, write))

    def before_bytes(self) -> None:
        if self.refuse_bytes is not None:
            raise self.refuse_bytes

    def after_reply(self, system: str, status: int, headers: Mapping[str, str]) -> None:
        self.replies.append((system, status, headers))

    def block(self, system: str, until: datetime, why: str) -> None:
        self.blocks.append((system, until, why))


class Pauses(list[float]):
    """Stands in for sleeping: writes the seconds down and moves the clock."""

    def __init__(self, clock: Any) -> None:
        super().__init__()
        self._clock = clock

    def __call__(self, seconds: float) -> None:
        self.append(seconds)
        self._clock.sleep(seconds)


@dataclass
class KeptSession:
    version: int = 0
    ciphertext: bytes | None = None
    refused_for: str | None = None
    refused_message: str | None = None
    holder: str | None = None
    lasts: timedelta | None = None


class SessionsInMemory:
    """A session store as the store offers it, for one process."""

    def __init__(self) -> None:
        self.kept: dict[str, KeptSession] = {}

    def _of(self, key: str) -> KeptSession:
        return self.kept.setdefault(key, KeptSession())

    def load(self, credential_key: str) -> KeptSession | None:
        return self.kept.get(credential_key)

    def store(self, credential_key: str, ciphertext: bytes, *, expected_version: int) -> bool:
        kept = self._of(credential_key)
        if kept.version != expected_version:
            return False
        kept.version, kept.ciphertext = kept.version + 1, ciphertext
        kept.refused_for = kept.refused_message = None
        return True

    def discard(self, credential_key: str, *, expected_version: int) -> bool:
        kept = self._of(credential_key)
        if kept.version != expected_version:
            return False
        kept.version, kept.ciphertext = kept.version + 1, None
        return True

    def refuse(self, credential_key: str, *, settings_hash: str, message: str) -> None:
        kept = self._of(credential_key)
        kept.refused_for, kept.refused_message = settings_hash, message

    def claim_login(self, credential_key: str, *, holder: str, lasts: timedelta) -> bool:
        kept = self._of(credential_key)
        if kept.holder is not None:
            return False
        kept.holder, kept.lasts = holder, lasts
        return True

    def release_login(self, credential_key: str, holder: str) -> None:
        kept = self._of(credential_key)
        if kept.holder == holder:
            kept.holder = None


# answers


def as_json(value: Any, status: int = 200, **headers: str) -> Answer:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Answer(status, body, {"Content-Type": "application/json; charset=utf-8"} | headers)


def problem(status: int, title: str, errors: Mapping[str, list[str]] | None = None) -> Answer:
    body = {"title": title, "status": status, "errors": errors or {}}
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/problem+json"})


def page(text: str, status: int = 200, **headers: str) -> Answer:
    return Answer(status, f"<html><body>{text}<br></body></html>".encode(), {"Content-Type": "text/html"} | headers)


def envelope(content: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Body>'
        f"{content}</soap:Body></soap:Envelope>"
    ).encode()


def soap(operation: str, content: str, **headers: str) -> Answer:
    body = envelope(f'<{operation}Response xmlns="{FINAGO_NAMESPACE}">{content}</{operation}Response>')
    return Answer(200, body, {"Content-Type": "text/xml; charset=utf-8"} | headers)


def fault(text: str, status: int = 500, code: str = "soap:Server") -> Answer:
    body = envelope(f"<soap:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring><detail/></soap:Fault>")
    return Answer(status, body, {"Content-Type": "text/xml; charset=utf-8"})


SESSION_FAULT = fault("Server was unable to process request. ---&gt; Session is not authenticated")
