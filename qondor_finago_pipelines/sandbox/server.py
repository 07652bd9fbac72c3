"""The sandbox as a server: one process, one port, three systems."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from .routes import SandboxApp
from .seeds import seeded
from .world import World
from .world.state import utc_now

HOST = "127.0.0.1"


class _Connection(H11Protocol):
    """Hands each request its connection, so that a fault can cut it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Server(uvicorn.Server):
    """Tells when it is ready, instead of being asked again and again."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


class Sandbox:
    """Local stand-ins for Qondor, Finago and Slack over real HTTP on this machine.

    `with Sandbox(world=demo.world()) as sandbox:` starts and stops them. `wsdl_folder` puts other
    WSDLs in place of the package's own. `world` stays what it is over stop and start; without one it is
    `seeds.empty()`, or the one that `seed` names, of the sizes that `seeds.seeded` knows. `dates` is the form in which
    Finago writes its dates, one of `finago.dates.FORMS`; without it that of the world.
    """

    def __init__(
        self,
        wsdl_folder: Path | None = None,
        *,
        world: World | None = None,
        clock: Callable[[], datetime] = utc_now,
        seed: str | None = None,
        sizes: Mapping[str, int] | None = None,
        dates: str | None = None,
    ) -> None:
        self._clock = clock
        self._dates = dates
        self._seed = seed if seed or world else "empty"
        self._sizes = sizes or {}
        self.world: World = world or seeded(self._seed or "empty", clock=clock, **self._sizes)
        """The state of all three systems, for inspection and edits while the server runs."""
        self._choose_dates()
        self._app = SandboxApp(lambda: self.world, self._choose, self.environment, wsdl_folder)
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self.port = 0

    def _choose(self, seed: str | None, sizes: Mapping[str, int]) -> None:
        """Another world; without a name the one that the sandbox was started with."""
        name, its_sizes = (seed, sizes) if seed else (self._seed, self._sizes)
        if name is None:
            raise ValueError("This sandbox was started with a world made in code: seed one by name instead.")
        self.world = seeded(name, clock=self._clock, **its_sizes)
        self._choose_dates()

    def _choose_dates(self) -> None:
        if self._dates is not None:
            self.world.finago.dates = self._dates

    def start(self, port: int = 0) -> Self:
        """Listens on `port` (0: any free one) and returns when requests are answered.

        Raises:
            OSError: when the port is taken.
        """
        if self._thread is not None:
            raise RuntimeError("The sandbox runs already.")
        # asyncio sets TCP_NODELAY only where the protocol is named; without it every reply waits 40 ms for an ACK.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            listener.close()
            raise
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            self._app,
            http=_Connection,
            ws="none",
            # Each reply bears the time of its world, which a test may have moved.
            date_header=False,
            loop="asyncio",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            timeout_graceful_shutdown=0,
            timeout_keep_alive=60,
            backlog=512,
        )
        server = _Server(config)
        self._server = server
        self._thread = threading.Thread(
            target=lambda: asyncio.run(server.serve(sockets=[listener])), name="qondor-finago-sandbox", daemon=True
        )
        self._thread.start()
        server.ready.wait()
        return self

    def stop(self) -> None:
        """Closes every connection and the port; the world stays."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join()
        self._server = self._thread = None

    def wait(self) -> None:
        """Blocks until the server ends."""
        if self._thread is not None:
            self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def qondor_base_url(self) -> str:
        return f"{self.url}/qondor/Prod"

    @property
    def finago_api_url(self) -> str:
        return f"{self.url}/finago"

    @property
    def finago_webservices_url(self) -> str:
        return f"{self.url}/finago-web"

    @property
    def slack_api_url(self) -> str:
        return f"{self.url}/slack/api/"

    @property
    def control_url(self) -> str:
        return f"{self.url}/_sandbox"

    def environment(self) -> dict[str, str]:
        """Every environment variable of decisions 1 that addresses or opens a system, for this sandbox."""
        return {
            "QONDOR_BASE_URL": self.qondor_base_url,
            "FINAGO_API_URL": self.finago_api_url,
            "FINAGO_WEBSERVICES_URL": self.finago_webservices_url,
            "SLACK_API_URL": self.slack_api_url,
            **self.world.environment(),
        }

    @property
    def violations(self) -> list[str]:
        """What requests to Finago did that a real one takes although its description forbids it: ours never should."""
        return self._app.violations

    def fault(self, system: str, operation: str, kind: str, **details: Any) -> None:
        """Writes one fault into the world's script; see `faults.Fault`."""
        with self.world.lock:
            self.world.faults.add(system, operation, kind, **details)


def serve(
    port: int,
    wsdl_folder: Path | None = None,
    seed: str = "demo",
    *,
    sizes: Mapping[str, int] | None = None,
    dates: str | None = None,
    ready: Callable[[Sandbox], None] | None = None,
) -> None:
    """Runs the stand-ins in the foreground until interrupted; `ready` is called once they answer."""
    sandbox = Sandbox(wsdl_folder, seed=seed, sizes=sizes, dates=dates).start(port)
    try:
        if ready is not None:
            ready(sandbox)
        sandbox.wait()
    except KeyboardInterrupt:
        pass
    finally:
        sandbox.stop()
