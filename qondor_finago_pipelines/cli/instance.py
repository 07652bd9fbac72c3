"""The Dagster instance that commands record their runs in: `dagster.yaml`, rendered into DAGSTER_HOME.

It is rendered in its SQLite form, which also stands at the top of the repository, or in its PostgreSQL form where the
store is in PostgreSQL: one setting moves both. A file that a person wrote there is left alone.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from pathlib import Path

import dagster as dg

from ..settings import DATABASE_VARIABLE, POSTGRESQL, dagster_home, store_url

LOCATION = "qondor_finago"
"""The name of the code location, in `workspace.yaml` and in the address of every page of the UI."""

REPOSITORY_TAG = {".dagster/repository": f"__repository__@{LOCATION}"}
"""With it the UI lists a run of the command line among the runs of its job."""

WORKSPACE = f"""\
# What `dagster-webserver -w workspace.yaml` and `dagster-daemon run -w workspace.yaml` load.
load_from:
  - python_module:
      module_name: qondor_finago_pipelines.definitions
      attribute: defs
      location_name: {LOCATION}
"""

_RENDERED = "# Rendered by qondor-finago; remove this line to keep changes of your own.\n"

_COMMON = """\
# The Dagster instance. `qondor-finago` renders this file into DAGSTER_HOME, or its PostgreSQL form where
# QONDOR_FINAGO_DATABASE_URL names a PostgreSQL database.
telemetry:
  enabled: false

# No welcome window before the page that somebody came to look at.
nux:
  enabled: false

# One writer for each Finago client and kind of record; runs that bypass the queue are held off by the store's lease.
# The runs of a backfill that Dagster makes carry no lane: they go one after the other, in one of the eight places.
concurrency:
  runs:
    max_concurrent_runs: 8
    tag_concurrency_limits:
      - key: lane
        value:
          applyLimitPerUniqueValue: true
        limit: 1
      - key: dagster/backfill
        value:
          applyLimitPerUniqueValue: true
        limit: 1

# How soon a queued run starts: the default of five seconds is most of what a small run takes. Without threads the
# daemon starts one process after the other, and waits for each until it has loaded its code.
run_queue:
  dequeue_interval_seconds: 1
  dequeue_use_threads: true
  dequeue_num_workers: 4

# A hundred offices have their ticks at the same moment, and what ticks ask for is written down side by side.
schedules:
  use_threads: true
  num_workers: 4
  num_submit_workers: 4
sensors:
  use_threads: true
  num_workers: 4
  num_submit_workers: 4

# Workers are children of the code server, as is usual; this launcher can also tell whether one is still alive.
run_launcher:
  module: qondor_finago_pipelines.automation.run_workers
  class: WatchedRunLauncher

# A run whose process died is marked as failed, and begun again: what it left half done is looked up first. A run that
# failed for a reason is not: it tried again itself where that could help, and says what is wrong. A started run is
# looked at every few seconds; one that does not get as far as starting has a minute and a half, on a busy machine too.
run_monitoring:
  enabled: true
  poll_interval_seconds: 10
  start_timeout_seconds: 90
run_retries:
  enabled: true
  max_retries: 2
  retry_on_asset_or_op_failure: false

# Ticks are kept long enough to see what happened last week.
retention:
  schedule:
    purge_after_days: 7
  sensor:
    purge_after_days:
      skipped: 2
      failure: 30
      success: 7
"""

_POSTGRESQL = f"""
storage:
  postgres:
    postgres_url:
      env: {DATABASE_VARIABLE}
"""

SQLITE_FORM = _COMMON
POSTGRESQL_FORM = _COMMON + _POSTGRESQL


def dagster_yaml(database_url: str) -> str:
    """The instance file that goes with a store at this address."""
    return POSTGRESQL_FORM if database_url.startswith(POSTGRESQL) else SQLITE_FORM


def prepare_home(environ: Mapping[str, str] = os.environ) -> Path:
    """DAGSTER_HOME with an instance file that fits the store. Raises SettingsError."""
    home = dagster_home(environ)
    text = _RENDERED + dagster_yaml(store_url(environ))
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = home / "dagster.yaml"
    there = file.read_text(encoding="utf-8") if file.exists() else None
    if there is None or (there != text and there.startswith(_RENDERED)):
        # Renamed into place: another command may be reading it.
        fresh = file.with_name(f"dagster.yaml.{os.getpid()}")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(file)
    return home


def open_instance(environ: Mapping[str, str] = os.environ) -> dg.DagsterInstance:
    """The instance of this installation, its storage made where there is none. Raises SettingsError."""
    home = prepare_home(environ)
    if store_url(environ).startswith(POSTGRESQL):
        # Nothing is kept in the folder then, which an image may have on a file system that nobody writes to.
        return dg.DagsterInstance.from_config(str(home))
    with (home / ".opening").open("w") as lock:
        # Two processes that make Dagster's SQLite files at once leave them with two versions each, and broken.
        fcntl.flock(lock, fcntl.LOCK_EX)
        return dg.DagsterInstance.from_config(str(home))
