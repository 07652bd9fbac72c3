"""Processes of a command end with it, and so does everything that they started."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest
from dagster._utils.interrupts import setup_interrupt_handlers

from qondor_finago_pipelines.cli.children import Children, interrupted_by_signals

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def test_what_ignores_the_request_to_end_is_ended_with_its_own_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qondor_finago_pipelines.cli.children.SECONDS_TO_END", 0.1)
    with Children(os.environ, tmp_path) as children:
        output = children.start("stubborn", [sys.executable, "-c", STUBBORN], read_output=True)
        assert output is not None
        grandchild = int(output.readline())
        assert children.ended() is None
        assert psutil.pid_exists(grandchild)
    gone, alive = psutil.wait_procs([psutil.Process(grandchild)] if psutil.pid_exists(grandchild) else [], timeout=60)
    assert not alive or all(process.status() == psutil.STATUS_ZOMBIE for process in alive), gone


def test_a_process_that_ends_by_itself_is_named_and_its_words_are_kept(tmp_path: Path) -> None:
    with Children(os.environ, tmp_path) as children:
        children.start("short", [sys.executable, "-c", "print('no such port')"])
        children._processes["short"].wait()
        assert children.ended() == "short"
        assert children.log_of("short").read_text(encoding="utf-8") == "no such port\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_closed_terminal_ends_a_command_as_ctrl_c_does(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(KeyboardInterrupt), interrupted_by_signals():
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


def test_it_ends_too_where_a_script_put_it_in_the_background() -> None:
    """There SIGINT is ignored from the start, and a run of Dagster gives SIGTERM the meaning of SIGINT."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupted_by_signals():
            setup_interrupt_handlers()
            with pytest.raises(KeyboardInterrupt):
                os.kill(os.getpid(), signal.SIGTERM)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
