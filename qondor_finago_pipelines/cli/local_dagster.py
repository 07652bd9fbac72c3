"""Dagster on this machine as an installation has it: code server, web server and daemon, a process each, kept alive.

Runs are children of the code server, which the other two reach at its address, as they would on other machines. So each
of the three may die without the others, and is started again.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from pathlib import Path

from .children import Children
from .instance import LOCATION, open_instance
from .supervisor import Supervisor

HOST = "127.0.0.1"
USUAL_PORT = 3000
"""Of Dagster's UI."""

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


class LocalDagster:
    """The three processes, among `children` and with their environment; `say` is told of every death.

    `folder` gets the workspace file that leads to the code server.
    """

    def __init__(self, children: Children, folder: Path, say: Callable[[str], None]) -> None:
        self._supervisor = Supervisor(children, say)
        self._environ = children.environ
        self._workspace = folder / "workspace.yaml"

    def start_code_server(self) -> None:
        """The first of them: the others look for it."""
        # The instance is there before anybody else looks for it.
        open_instance(self._environ).dispose()
        port = free_port()
        text = _WORKSPACE.format(host=HOST, port=port, location=LOCATION)
        self._workspace.write_text(text, encoding="utf-8")
        where = ["--host", HOST, "--port", str(port), "--location-name", LOCATION]
        what = ["--module-name", "qondor_finago_pipelines.definitions", "--attribute", "defs"]
        # Without the proxy of `code-server start`: it reloads code, and nobody reloads code here.
        self._supervisor.keep(CODE_SERVER, [_program("dagster"), "api", "grpc", *where, *what])

    def start_web_server(self, port: int | None = None) -> str:
        """Starts the UI on its way, at the address that is given back: the usual port, or any when it is taken."""
        port = port or free_port(USUAL_PORT)
        self._supervisor.keep(
            WEB_SERVER, [_program("dagster-webserver"), "-h", HOST, "-p", str(port), "-w", str(self._workspace)]
        )
        return f"http://{HOST}:{port}"

    def start_daemon(self) -> None:
        """From now on schedules and the sensor ask for runs."""
        self._supervisor.keep(DAEMON, [_program("dagster-daemon"), "run", "-w", str(self._workspace)])

    def look(self) -> None:
        """Starts again what died; to be called every second or so. Raises KeepsDying."""
        self._supervisor.look()


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
