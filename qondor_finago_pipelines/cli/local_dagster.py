"""Dagster on this machine as an installation has it: code server, web server and daemon, a process each, kept alive.

Runs are children of the code server, which the other two reach at its address, as they would on other machines. So each
of the three may die without the others, and is started again.
"""

from __future__ import annotations

import socket
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import click

from ..automation.dagster_internals import DagsterGrpcClient, DagsterUserCodeUnreachableError
from .children import Children
from .instance import LOCATION, open_instance
from .supervisor import Supervisor

HOST = "127.0.0.1"
USUAL_PORT = 3000
"""Of Dagster's UI."""
SECONDS_TO_ANSWER = 120

CODE_SERVER = "code server"
WEB_SERVER = "web server"
DAEMON = "daemon"

_WORKSPACE = """\
load_from:
  - grpc_server:
      host: {host}
      port: {port}
      location_name: {location}
"""


class DoesNotAnswer(click.ClickException):
    """A process lives, and does not do what it is there for."""


class LocalDagster:
    """The three processes, among `children` and with their environment; `say` is told of every death.

    `folder` gets the workspace file that leads to the code server.
    """

    def __init__(self, children: Children, folder: Path, say: Callable[[str], None]) -> None:
        self._supervisor = Supervisor(children, say)
        self._environ = children.environ
        self._workspace = folder / "workspace.yaml"
        self._port = 0

    def start_code_server(self) -> None:
        """Starts the process that has the definitions, and whose children the runs are."""
        # The instance is there before anybody else looks for it.
        open_instance(self._environ).dispose()
        self._port = free_port()
        text = _WORKSPACE.format(host=HOST, port=self._port, location=LOCATION)
        self._workspace.write_text(text, encoding="utf-8")
        where = ["--host", HOST, "--port", str(self._port), "--location-name", LOCATION]
        what = ["--module-name", "qondor_finago_pipelines.definitions", "--attribute", "defs"]
        # Without the proxy of `code-server start`: it reloads code, and nobody reloads code here.
        self._supervisor.keep(CODE_SERVER, [_program("dagster"), "api", "grpc", *where, *what])

    def start_web_server_and_daemon(self, port: int | None = None) -> str:
        """Gives the UI's address once both are on their way: the usual port, or any where that one is taken.

        They wait for the code server. A daemon that does not find it misses the next tick of every schedule.
        """
        code_server = DagsterGrpcClient(port=self._port, host=HOST)
        self.wait_for(CODE_SERVER, lambda: _answers(code_server))
        port = port or free_port(USUAL_PORT)
        where = ["-w", str(self._workspace)]
        self._supervisor.keep(WEB_SERVER, [_program("dagster-webserver"), "-h", HOST, "-p", str(port), *where])
        self._supervisor.keep(DAEMON, [_program("dagster-daemon"), "run", *where])
        address = f"http://{HOST}:{port}"
        self.wait_for(WEB_SERVER, lambda: _serves(f"{address}/server_info"))
        return address

    def look(self) -> None:
        """Starts again what died; to be called every second or so. Raises KeepsDying."""
        self._supervisor.look()

    def wait_for(self, name: str, answers: Callable[[], bool]) -> None:
        """Returns when a process answers. Raises KeepsDying, DoesNotAnswer."""
        deadline = time.monotonic() + SECONDS_TO_ANSWER
        while not answers():
            if time.monotonic() > deadline:
                raise DoesNotAnswer(f"Dagster's {name} did not answer within {SECONDS_TO_ANSWER} seconds.")
            self.look()
            time.sleep(0.2)


def _answers(code_server: DagsterGrpcClient) -> bool:
    try:
        code_server.ping("")
    except DagsterUserCodeUnreachableError:
        return False
    return True


def _serves(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except OSError:
        return False


def free_port(*wanted: int) -> int:
    """The first of these ports of this machine that is not taken, or any other that is free."""
    for port in wanted:
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        chosen: int = probe.getsockname()[1]
        return chosen


def _program(name: str) -> str:
    """A program of the environment that we run in, wherever the shell looks for it."""
    return str(Path(sys.executable).with_name(name))
