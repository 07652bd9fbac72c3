"""One run of costs and sales in this process, and the memory that it took: `python -m bench.measured_run DAY OFFICE`.

Started by `bench.ledger_memory`. It imports nothing but what a worker of Dagster's imports, so that the memory is that
of a real run. Prints one line of JSON.
"""

from __future__ import annotations

import json
import re
import sys
import time
from datetime import date
from pathlib import Path

import dagster as dg

from qondor_finago_pipelines.definitions import JOBS, defs
from qondor_finago_pipelines.partitions import OfficeDay
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.records.operations.results import Flow
from qondor_finago_pipelines.tags import dagster_name

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def run(day: date, office: OfficeId) -> dict[str, float]:
    """Runs the flow's job for one office and day, in the instance of the environment."""
    job = defs().resolve_job_def(JOBS[Flow.COSTS_AND_SALES])
    loaded = resident_mb("VmRSS")
    began = time.monotonic()
    with dg.DagsterInstance.get() as instance:
        done = job.execute_in_process(instance=instance, partition_key=OfficeDay(day, office).key, run_config=QUIET)
    materialized = done.asset_materializations_for_node(dagster_name(Flow.COSTS_AND_SALES))
    [lines_read] = [each.metadata["lines_read"].value for each in materialized if "lines_read" in each.metadata]
    return {
        "loaded": loaded,
        "peak": resident_mb("VmHWM"),
        "lines_read": lines_read,
        "seconds": time.monotonic() - began,
    }


def resident_mb(which: str) -> float:
    """Resident memory of this process in MB: `VmRSS` now, `VmHWM` the highest since the process began."""
    # What getrusage tells begins with the memory of the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"^{which}:\s+([0-9]+) kB$", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


if __name__ == "__main__":
    print(json.dumps(run(date.fromisoformat(sys.argv[1]), OfficeId(int(sys.argv[2])))))
