"""Runs whose process died: noticed wherever the process was, so that what they left half done is taken up again.

A code server notices the death of a worker that it started. When the code server dies as well, nobody is left who
would: Dagster's own launcher does not ask, the run counts as started for ever, its lane stays taken, and an office
waits in silence. So the launcher of this installation can be asked; `run_monitoring` in `dagster.yaml` does.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable
from typing import Any

from dagster import DagsterRun

from .dagster_internals import (
    GRPC_INFO_TAG,
    MAX_RETRIES_TAG,
    CanCancelExecutionRequest,
    CanCancelExecutionResult,
    CheckRunHealthResult,
    DagsterGrpcClient,
    DagsterUserCodeUnreachableError,
    DefaultRunLauncher,
    WorkerStatus,
    deserialize_value,
)

PROCESS = "process"
"""The tag of a run that a command runs in its own process: `<host>:<process id>`."""

SECONDS_TO_ANSWER = 5
PATIENCE_SECONDS = 120.0
"""A code server that is being restarted is back within this time, and can say then which workers it has. One that
moved to another address never answers again."""


def this_process() -> dict[str, str]:
    """The tags of a run that goes on in this process: how it is known, and that Dagster does not begin it again.

    It could not, as it has not launched it. A retry that it only promises would keep everybody from being told.
    """
    return {PROCESS: f"{socket.gethostname()}:{os.getpid()}", MAX_RETRIES_TAG: "0"}


def is_of_a_command(run: DagsterRun) -> bool:
    """Whether a command runs it. One that was begun again in the UI has the same tags, but comes from a location."""
    return PROCESS in run.tags and run.remote_job_origin is None


class WatchedRunLauncher(DefaultRunLauncher):
    """Dagster's usual launcher - a worker is a child of the code server - that also knows whether a worker is alive.

    The code server at the address that a run was launched at is asked for it. After a reload under `dagster code-server
    start` the answer may be wrong for a run from before it: that one is begun again beside itself, and the store's
    lease holds the second one off.
    """

    def __init__(self, inst_data: Any = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(inst_data)
        self._clock = clock
        self._silent_since: dict[str, float] = {}

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Whether somebody is still working on a run that has started. Where nobody can tell, it counts as alive."""
        if GRPC_INFO_TAG not in run.tags:
            if PROCESS in run.tags:
                return _health_of_command(run.tags[PROCESS])
            return CheckRunHealthResult(WorkerStatus.RUNNING, "Nobody knows where it runs.")
        try:
            is_there = _has_worker(run)
        except DagsterUserCodeUnreachableError:
            silent_for = self._clock() - self._silent_since.setdefault(run.run_id, self._clock())
            if silent_for < PATIENCE_SECONDS:
                return CheckRunHealthResult(WorkerStatus.RUNNING, "Its code server does not answer, so far.")
            del self._silent_since[run.run_id]
            return CheckRunHealthResult(
                WorkerStatus.NOT_FOUND, f"Its code server has not answered for {PATIENCE_SECONDS:.0f} seconds."
            )
        self._silent_since.pop(run.run_id, None)
        if is_there:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "Its code server was restarted and does not have it.")


def _has_worker(run: DagsterRun) -> bool:
    """Whether the code server has a process for the run. Raises DagsterUserCodeUnreachableError."""
    where = json.loads(run.tags[GRPC_INFO_TAG])
    server = DagsterGrpcClient(
        host=where.get("host"),
        port=where.get("port"),
        socket=where.get("socket"),
        use_ssl=bool(where.get("use_ssl", False)),
    )
    # The one question about a single run that a code server answers, and that its proxy passes on.
    reply = server.can_cancel_execution(CanCancelExecutionRequest(run_id=run.run_id), timeout=SECONDS_TO_ANSWER)
    return deserialize_value(reply, CanCancelExecutionResult).can_cancel


def _health_of_command(process: str) -> CheckRunHealthResult:
    host, _, process_id = process.rpartition(":")
    if host != socket.gethostname():
        return CheckRunHealthResult(WorkerStatus.RUNNING, f"It runs on {host}, which cannot be looked at from here.")
    try:
        os.kill(int(process_id), 0)
    except ProcessLookupError:
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, f"The command with process id {process_id} has ended.")
    except PermissionError:
        pass
    return CheckRunHealthResult(WorkerStatus.RUNNING)
