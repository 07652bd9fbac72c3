"""One comparison in this process, and the memory that it took: `python -m bench.measured_reconciliation SETTINGS DAY`.

Started by `bench.reconciliation`. It imports what the command imports, so that the memory is that of the command.
Prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from qondor_finago_pipelines.flows.reconciliation.reconcile import reconcile_office
from qondor_finago_pipelines.flows.service import SyncService
from qondor_finago_pipelines.records.identifiers import OfficeId
from qondor_finago_pipelines.settings import load_settings


def resident_mb(which: str) -> float:
    """Resident memory of this process in MB: `VmRSS` now, `VmHWM` the highest since the process began."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition(f"{which}:")[2].split()[0]) / 1024


def measured(settings_file: Path, day: date) -> dict[str, Any]:
    """One comparison of the year up to that day, in this process."""
    settings = load_settings(settings_file)
    loaded, began = resident_mb("VmRSS"), time.monotonic()
    with SyncService(settings, os.environ).open() as sync:
        found = reconcile_office(sync, settings.office(OfficeId(settings.offices[0].id)), date(day.year, 1, 1), day)
    return {
        "loaded": loaded,
        "peak": resident_mb("VmHWM"),
        "seconds": time.monotonic() - began,
        "compared": sum(found.compared.values()),
        "differences": len(found.differences),
        **found.calls,
    }


if __name__ == "__main__":
    print(json.dumps(measured(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]))))
