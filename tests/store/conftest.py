"""Several at once: threads that start together, and processes of their own."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Raised:
    """What a thread ended with, when it was no result."""

    error: Exception


@pytest.fixture
def together() -> Callable[[Sequence[Callable[[], Any]]], list[Any]]:
    """Runs the callables in one thread each, begun at the same instant; gives each one's result, or `Raised`."""

    def run(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
        results: list[Any] = [None] * len(jobs)
        barrier = threading.Barrier(len(jobs))

        def work(index: int) -> None:
            barrier.wait()
            try:
                results[index] = jobs[index]()
            except Exception as error:
                results[index] = Raised(error)

        threads = [threading.Thread(target=work, args=(index,)) for index in range(len(jobs))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(300)
        assert not any(thread.is_alive() for thread in threads)
        return results

    return run


@pytest.fixture
def processes() -> Callable[..., list[subprocess.CompletedProcess[str]]]:
    """Runs the same Python text in processes of its own, all at once; `arguments` has one list for each process."""

    def run(code: str, *arguments: Sequence[str]) -> list[subprocess.CompletedProcess[str]]:
        running = [
            subprocess.Popen(
                [sys.executable, "-c", code, *map(str, some)],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for some in arguments
        ]
        ended = []
        for process in running:
            out, err = process.communicate(timeout=300)
            ended.append(subprocess.CompletedProcess(process.args, process.returncode, out, err))
        return ended

    return run
