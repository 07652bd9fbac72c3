"""Whether somebody still works on a run that has started, and what becomes of one on which nobody does."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import grpc
import pytest
from dagster._core.launcher.base import WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._core.utils import make_new_run_id
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import EmptyWorkspaceTarget
from dagster._daemon.monitoring.run_monitoring import execute_run_monitoring_iteration
from dagster._grpc.__generated__.dagster_api_pb2 import CanCancelExecutionReply
from dagster._grpc.__generated__.dagster_api_pb2_grpc import (
    DagsterApiServicer,
    add_DagsterApiServicer_to_server,
)
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import deserialize_value, serialize_value

from qondor_finago_pipelines.automation.at_work import at_work
from qondor_finago_pipelines.automation.run_workers import PATIENCE_SECONDS, PROCESS, WatchedRunLauncher, this_process
from qondor_finago_pipelines.cli.instance import open_instance
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.tags import run_tags

LANE = "50102:finago"


class CodeServer(DagsterApiServicer):  # type: ignore[misc]
    """Answers on a port of its own for the runs that it has workers of."""

    def __init__(self) -> None:
        self.workers: set[str] = set()
        self._server = grpc.server(ThreadPoolExecutor(1))
        add_DagsterApiServicer_to_server(self, self._server)
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    def CanCancelExecution(self, request: Any, _context: Any) -> CanCancelExecutionReply:
        asked = deserialize_value(request.serialized_can_cancel_execution_request, CanCancelExecutionRequest)
        answer = CanCancelExecutionResult(can_cancel=asked.run_id in self.workers)
        return CanCancelExecutionReply(serialized_can_cancel_execution_result=serialize_value(answer))

    def stop(self) -> None:
        self._server.stop(None).wait()

    def run(self, run_id: str = "run") -> dg.DagsterRun:
        """A run that was launched here."""
        where = {"host": "127.0.0.1", "port": self.port}
        return dg.DagsterRun("sync_invoices", run_id, tags={GRPC_INFO_TAG: json.dumps(where)})


@pytest.fixture
def code_server() -> Iterator[CodeServer]:
    code_server = CodeServer()
    yield code_server
    code_server.stop()


@pytest.fixture
def launcher(clock: Any) -> WatchedRunLauncher:
    return WatchedRunLauncher(clock=lambda: clock().timestamp())


def ended_process() -> str:
    """The tag of a run whose command is no longer there."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return f"{socket.gethostname()}:{ended.pid}"


def test_a_worker_that_its_code_server_knows_is_alive(code_server: CodeServer, launcher: WatchedRunLauncher) -> None:
    code_server.workers.add("run")
    assert launcher.check_run_worker_health(code_server.run()).status is WorkerStatus.RUNNING


def test_a_code_server_that_was_restarted_knows_nothing_of_the_workers_before(
    code_server: CodeServer, launcher: WatchedRunLauncher
) -> None:
    code_server.workers.add("another")
    health = launcher.check_run_worker_health(code_server.run())
    assert health.status is WorkerStatus.NOT_FOUND
    assert health.msg == "Its code server was restarted and does not have it."


def test_while_a_code_server_is_being_restarted_nobody_judges(
    code_server: CodeServer, launcher: WatchedRunLauncher, clock: Any
) -> None:
    run = code_server.run()
    code_server.stop()
    assert launcher.check_run_worker_health(run).status is WorkerStatus.RUNNING
    clock.advance(timedelta(seconds=PATIENCE_SECONDS - 1))
    assert launcher.check_run_worker_health(run).status is WorkerStatus.RUNNING
    clock.advance(timedelta(seconds=1))
    assert launcher.check_run_worker_health(run).status is WorkerStatus.NOT_FOUND, "it has gone for good"


def test_a_code_server_that_answers_again_is_waited_for_as_long_the_next_time(
    code_server: CodeServer, launcher: WatchedRunLauncher, clock: Any
) -> None:
    run = code_server.run()
    code_server.workers.add(run.run_id)
    launcher._silent_since[run.run_id] = clock().timestamp() - PATIENCE_SECONDS
    assert launcher.check_run_worker_health(run).status is WorkerStatus.RUNNING
    code_server.stop()
    assert launcher.check_run_worker_health(run).status is WorkerStatus.RUNNING


@pytest.mark.parametrize(
    ("process", "status"),
    [
        (lambda: this_process()[PROCESS], WorkerStatus.RUNNING),
        (ended_process, WorkerStatus.NOT_FOUND),
        (lambda: "another-machine:1", WorkerStatus.RUNNING),
    ],
    ids=["at work", "killed", "on another machine"],
)
def test_a_run_of_a_command_is_alive_while_the_command_is(
    launcher: WatchedRunLauncher, process: Callable[[], str], status: WorkerStatus
) -> None:
    run = dg.DagsterRun("sync_invoices", "run", tags={PROCESS: process()})
    assert launcher.check_run_worker_health(run).status is status


def test_a_commands_run_that_was_begun_again_in_the_ui_is_at_the_code_server(
    code_server: CodeServer, launcher: WatchedRunLauncher
) -> None:
    """Dagster copies the tags of the run before, that of its process among them."""
    code_server.workers.add("run")
    again = code_server.run().with_tags({**code_server.run().tags, PROCESS: ended_process()})
    assert launcher.check_run_worker_health(again).status is WorkerStatus.RUNNING


def test_a_run_of_which_nobody_knows_where_it_runs_is_left_alone(launcher: WatchedRunLauncher) -> None:
    assert launcher.check_run_worker_health(dg.DagsterRun("sync_invoices", "run")).status is WorkerStatus.RUNNING


@pytest.mark.parametrize("killed", ["command", "worker and code server"])
def test_a_run_that_died_unseen_fails_and_frees_its_lane(tmp_path: Path, code_server: CodeServer, killed: str) -> None:
    """Else its office would wait for it for ever, and nobody would be told."""
    office = OfficeId(102)
    where = {**this_process(), PROCESS: ended_process()} if killed == "command" else code_server.run().tags
    with open_instance({"DAGSTER_HOME": str(tmp_path)}) as instance:
        run = instance.add_run(
            dg.DagsterRun(
                "sync_invoices",
                make_new_run_id(),
                status=dg.DagsterRunStatus.STARTED,
                tags={**run_tags(Flow.INVOICES, office, lane=LANE, trigger="sensor"), **where},
            )
        )
        assert at_work(instance, [LANE]).on(office, LANE) == run.run_id
        with WorkspaceProcessContext(instance, EmptyWorkspaceTarget()) as workspace:
            assert not [error for error in execute_run_monitoring_iteration(workspace, logging.getLogger()) if error]
        after = instance.get_run_by_id(run.run_id)
        assert after is not None
        assert after.status is dg.DagsterRunStatus.FAILURE
        assert at_work(instance, [LANE]).on(office, LANE) is None
        begins_again = after.tags["dagster/will_retry"] == "true"
        assert begins_again is (killed != "command"), "what Dagster did not launch is told at once"
