"""What of Dagster has no public name, in this one place; all else of the package uses `dagster` alone.

Read from the version in `READ_FROM`; a test holds it against the installed one, so that an upgrade of Dagster begins
by reading these again. Why each is needed:

- a launcher of ours (`run_workers`) extends the default one, asks a code server whether a run lives, and says so in
  Dagster's own words;
- the job of an asset selection (`UnresolvedAssetJobDefinition`) is what `define_asset_job` gives: its type is private;
- the tags of retries, run-time limits and code servers have no constants that are public;
- pruning (`prune_history`) frees space in SQLite's event log, one file a run;
- `health` reads the ticks of schedules and sensors as Dagster's pages do.
"""

from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.events import DagsterEventType
from dagster._core.launcher import DefaultRunLauncher
from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus
from dagster._core.scheduler.instigation import InstigatorType, TickStatus
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.tags import GRPC_INFO_TAG, MAX_RETRIES_TAG, MAX_RUNTIME_SECONDS_TAG, WILL_RETRY_TAG
from dagster._grpc.client import DagsterGrpcClient
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import deserialize_value

READ_FROM = "1.13"
"""Minor version of Dagster."""

__all__ = [
    "GRPC_INFO_TAG",
    "MAX_RETRIES_TAG",
    "MAX_RUNTIME_SECONDS_TAG",
    "READ_FROM",
    "WILL_RETRY_TAG",
    "CanCancelExecutionRequest",
    "CanCancelExecutionResult",
    "CheckRunHealthResult",
    "DagsterEventType",
    "DagsterGrpcClient",
    "DagsterUserCodeUnreachableError",
    "DefaultRunLauncher",
    "InstigatorType",
    "SqliteEventLogStorage",
    "TickStatus",
    "UnresolvedAssetJobDefinition",
    "WorkerStatus",
    "deserialize_value",
]
