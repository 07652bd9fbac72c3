"""Real processes, killed with SIGKILL at the worst moment: nothing is lost, nothing doubled, and nobody has to help.

PostgreSQL, sandbox, code server, web server and daemon are processes of their own; a run is one more. Quiet period and
lease take seconds here. Everything is waited for by its condition.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import psutil
import pytest
from sqlalchemy import make_url

from qondor_finago_pipelines.cli.local_dagster import CODE_SERVER, DAEMON
from qondor_finago_pipelines.settings import DATABASE_VARIABLE

from .real_processes import BERGEN, OSLO, RealProcesses


@pytest.fixture
def processes(tmp_path: Path, postgresql: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[RealProcesses]:
    database = make_url(postgresql.empty_database()).set(drivername="postgresql+psycopg2")
    # Dagster's own look at the environment, in whichever process opens the instance: here, to see what became of runs.
    monkeypatch.setenv(DATABASE_VARIABLE, database.render_as_string(hide_password=False))
    with RealProcesses(tmp_path) as processes:
        yield processes


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_invoice_has_one_order_whatever_dies_and_the_office_is_green_again(processes: RealProcesses) -> None:
    processes.control("POST", "seed", {"seed": "large", "invoices": 4})
    invoices = {invoice["id"] for invoice in processes.control("GET", "inspect")["qondor"]["invoices"]}
    processes.start()
    processes.eventually("the web server shows the code location", processes.answers)

    # The sensor finds what was issued.
    processes.eventually("the first invoices are settled", lambda: processes.settled(invoices))
    assert processes.runs(trigger="sensor", office=str(OSLO))

    # A worker dies while Finago has its request, and saves nothing. The code server sees it die.
    processes.hang(after_the_effect=False)
    invoices |= processes.issue(3)
    killed = _kill_worker_in_save_invoices(processes, after_the_effect=False)
    _wait_until_settled(processes, invoices, killed)

    # A worker dies after Finago saved its orders and before it heard of it; then the code server dies as well, so that
    # nobody is left who saw it.
    processes.hang(after_the_effect=True)
    invoices |= processes.issue(3)
    killed = _kill_worker_in_save_invoices(processes, after_the_effect=True, with_code_server=True)
    _wait_until_settled(processes, invoices, killed)
    assert [said for said in processes.said if CODE_SERVER in said], "people are told"

    # The daemon dies; what is issued then is found all the same.
    processes.process(DAEMON).kill()
    invoices |= processes.issue(1)
    processes.eventually("the daemon is back and finds work", lambda: processes.settled(invoices))

    # A schedule, every minute, has done its work beside all this, in the other office.
    processes.eventually("a schedule fires", lambda: _succeeded(processes, trigger="schedule", office=str(BERGEN)))
    under_way = processes.runs_under_way()
    processes.eventually("no run hangs", lambda: not under_way & processes.runs_under_way())
    assert processes.orders() == dict.fromkeys(invoices, 1)
    assert processes.answers(), "the web server found the new code server"
    _nothing_is_left_of(processes)


def _succeeded(processes: RealProcesses, **tags: str) -> bool:
    return any(run.status is dg.DagsterRunStatus.SUCCESS for run in processes.runs(**tags))


def _kill_worker_in_save_invoices(
    processes: RealProcesses, *, after_the_effect: bool, with_code_server: bool = False
) -> dg.DagsterRun:
    """Kills the process of the run that waits for the answer to SaveInvoices; gives that run."""
    run = processes.eventually("SaveInvoices is on its way", lambda: processes.run_in_save_invoices(after_the_effect))
    worker = processes.worker_of(run)
    worker.kill()
    if with_code_server:
        processes.process(CODE_SERVER).kill()
    return run


def _wait_until_settled(processes: RealProcesses, invoices: set[int], killed: dg.DagsterRun) -> None:
    """Every invoice in Qondor has its order, the killed run counts as failed, and its cell is green all the same."""
    partition = killed.tags["dagster/partition"]
    processes.eventually("every invoice is settled", lambda: processes.settled(invoices))
    assert processes.orders() == dict.fromkeys(invoices, 1)
    processes.eventually("the office is green again", lambda: processes.is_green(partition))
    ended = processes.instance.get_run_by_id(killed.run_id)
    assert ended is not None
    assert ended.status is dg.DagsterRunStatus.FAILURE


def _nothing_is_left_of(processes: RealProcesses) -> None:
    everything = processes.everything()
    assert {CODE_SERVER, DAEMON} <= processes.names
    processes.end()
    _, alive = psutil.wait_procs(everything, timeout=20)
    assert [each for each in alive if each.status() != psutil.STATUS_ZOMBIE] == []
