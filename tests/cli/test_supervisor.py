"""What dies is started again, less and less soon; what dies again and again is given up, and its log named."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from qondor_finago_pipelines.cli.children import Children
from qondor_finago_pipelines.cli.supervisor import QUICK_DEATHS, SECONDS_OF_A_GOOD_START, KeepsDying, Supervisor

LIVES = [sys.executable, "-c", "import time; time.sleep(600)"]
DIES = [sys.executable, "-c", "print('no such port'); raise SystemExit(3)"]
WITH_A_WORKER = """
import subprocess, sys, time
worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(worker.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    with Children(os.environ, tmp_path) as children:
        yield children


class Watched:
    """A supervisor on a clock of its own, and what it told people."""

    def __init__(self, children: Children, clock: Any) -> None:
        self.children = children
        self.said: list[str] = []
        self._clock = clock
        self.supervisor = Supervisor(children, self.said.append, clock=lambda: clock().timestamp())

    def process(self, name: str = "server") -> psutil.Process:
        return psutil.Process(self.children._processes[name].pid)

    def kill(self) -> None:
        self.children._processes["server"].kill()
        self.children._processes["server"].wait()

    def look_after(self, seconds: float) -> None:
        self._clock.advance(timedelta(seconds=seconds))
        self.supervisor.look()


@pytest.fixture
def watched(children: Children, clock: Any) -> Watched:
    return Watched(children, clock)


def test_what_lives_is_left_alone(watched: Watched) -> None:
    watched.supervisor.keep("server", LIVES)
    before = watched.process().pid
    watched.look_after(5)
    assert watched.process().pid == before
    assert watched.said == []


def test_what_was_killed_is_started_again_after_a_pause_and_people_are_told(watched: Watched) -> None:
    watched.supervisor.keep("server", LIVES)
    before = watched.process().pid
    watched.kill()
    watched.look_after(0.5)
    watched.look_after(0.5)
    assert "server" not in watched.children._processes, "it waits for a second"
    watched.look_after(0.5)
    assert watched.process().pid != before
    assert watched.children.exit_code("server") is None
    (said,) = watched.said
    assert said.startswith("The server was killed by signal 9 and is started again in 1 s; ")
    assert "server.log" in said


def test_the_workers_of_what_died_end_with_it(watched: Watched, tmp_path: Path) -> None:
    watched.supervisor.keep("server", [sys.executable, "-c", WITH_A_WORKER])
    log = tmp_path / "server.log"
    while not log.read_text(encoding="utf-8").endswith("\n"):
        assert watched.children.exit_code("server") is None
    worker = psutil.Process(int(log.read_text(encoding="utf-8")))
    watched.kill()
    watched.supervisor.look()
    _, alive = psutil.wait_procs([worker], timeout=60)
    assert all(process.status() == psutil.STATUS_ZOMBIE for process in alive)


def test_the_pause_grows_while_it_dies_soon_and_at_last_it_is_given_up(watched: Watched) -> None:
    watched.supervisor.keep("server", DIES)
    for _ in range(QUICK_DEATHS - 1):
        watched.children._processes["server"].wait()
        watched.look_after(0)
        watched.look_after(30)
    watched.children._processes["server"].wait()
    with pytest.raises(KeepsDying) as given_up:
        watched.supervisor.look()
    assert [said.split("; ")[0] for said in watched.said] == [
        f"The server ended with exit code 3 and is started again in {pause} s" for pause in (1, 2, 4, 8)
    ]
    assert "The server died 5 times in a row and is given up; " in given_up.value.message
    assert watched.children.log_of("server").read_text(encoding="utf-8") == "no such port\n" * QUICK_DEATHS


def test_a_death_long_after_the_start_counts_as_the_first(watched: Watched) -> None:
    watched.supervisor.keep("server", LIVES)
    for _ in range(QUICK_DEATHS + 1):
        watched.kill()
        watched.look_after(SECONDS_OF_A_GOOD_START)
        watched.look_after(1)
    assert len(watched.said) == QUICK_DEATHS + 1
    assert all("again in 1 s" in said for said in watched.said)


def test_one_death_leaves_the_others_alone(watched: Watched) -> None:
    watched.supervisor.keep("server", LIVES)
    watched.supervisor.keep("other", LIVES)
    before = watched.process("other").pid
    watched.kill()
    watched.look_after(0)
    watched.look_after(1)
    assert watched.process("other").pid == before
