"""Processes that a command starts and that end with it, whatever ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Self

SECONDS_TO_END = 8.0
"""An idle code server of Dagster was seen to ignore SIGTERM: ask first, then end it."""

SIGNALS_TO_END = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Children:
    """Processes with `environ` as their environment; what they print goes to files in `logs`.

    Each gets a group of its own: ending it ends what it started as well, and Ctrl-C reaches it through us alone.
    """

    def __init__(self, environ: Mapping[str, str], logs: Path) -> None:
        self.environ = dict(environ)
        self._logs = logs
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: Sequence[str], *, read_output: bool = False) -> IO[bytes] | None:
        """Starts a process; its output is given back with `read_output`, else it goes to `<name>.log`.

        One that ran under this name before is gone by then, with everything that it started.
        """
        self.end_at_once(name)
        with (self._logs / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if read_output else log,
                stderr=log,
                start_new_session=True,
            )
        self._processes[name] = process
        return process.stdout

    def ended(self) -> str | None:
        """The name of a process that is no longer there, and None while all of them live."""
        return next((name for name in self._processes if self.exit_code(name) is not None), None)

    def exit_code(self, name: str) -> int | None:
        """How a process ended - with a signal, it is that number below zero - and None while it lives."""
        return self._processes[name].poll()

    def log_of(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def end_at_once(self, name: str) -> None:
        """Ends what is left of a process without asking: itself, and whatever it started that outlived it."""
        if (process := self._processes.pop(name, None)) is not None:
            _end_at_once(process)

    def end(self) -> None:
        """Ends all of them and everything that they started."""
        for process in self._processes.values():
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + SECONDS_TO_END
        for process in self._processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(deadline - time.monotonic(), 0))
            _end_at_once(process)
        self._processes.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()


@contextmanager
def interrupted_by_signals() -> Iterator[None]:
    """Lets SIGTERM and a closed terminal end the command as Ctrl-C does, with its children.

    Ctrl-C itself is set as well: a shell script starts what it puts in the background with SIGINT ignored, and Dagster
    gives SIGTERM whatever meaning SIGINT has.
    """

    def interrupt(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in SIGNALS_TO_END}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_at_once(process: subprocess.Popen[bytes]) -> None:
    _signal_group(process, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    # The group outlives its first process while anything in it still runs.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
