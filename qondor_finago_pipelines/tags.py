"""The tags of a run: the same whoever launches it, so that limits and searches see every run alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .records.identifiers import OfficeId
from .records.operations.results import Flow

FLOW = "flow"
SETTINGS = "settings"
"""The start of the settings' digest: which settings a run was made with."""
OFFICE = "office"
LANE = "lane"
"""What may not run beside itself: a Finago client and what is written (decisions 7). `dagster.yaml` limits it to 1."""
TRIGGER = "trigger"
"""`schedule`, `sensor`, `cli` or, where it is missing, a person in the UI."""
BY_ITSELF = frozenset({"schedule", "sensor"})
"""The triggers of runs that nobody waits for; one that is queued does the work of the next as well."""
PRIORITY = "dagster/priority"
"""In the queue, the higher goes first; a backfill has 0. Somebody waits for invoices within the minute."""
INVOICES_FIRST = "10"
THEN_THE_OTHERS = "5"
BATCH_RUN_JOB = "invoice_batch_run"
"""The job that works many offices in one run; also the lane of its runs."""
BATCH_RUN_OP = "sweep"
FAILED_OFFICES = "failed_offices"
"""On a batch run that has ended: the offices, by comma, whose work went wrong. Each gets its own run to show it."""


def dagster_name(flow: Flow) -> str:
    """The flow's name where Dagster allows no hyphen: of groups, jobs and schedules."""
    return flow.value.replace("-", "_")


def run_tags(flow: Flow, office_id: OfficeId, *, lane: str, trigger: str) -> dict[str, str]:
    """The tags of one office's run: ahead of backfills, and invoices ahead of what comes hourly or daily."""
    priority = INVOICES_FIRST if flow is Flow.INVOICES else THEN_THE_OTHERS
    return {FLOW: flow.value, OFFICE: str(office_id), LANE: lane, TRIGGER: trigger, PRIORITY: priority}


def batch_run_tags(trigger: str) -> dict[str, str]:
    """The tags of a run that works many offices: no second one beside it."""
    return {FLOW: Flow.INVOICES.value, LANE: BATCH_RUN_JOB, TRIGGER: trigger, PRIORITY: INVOICES_FIRST}


def batch_run_config(offices: Iterable[OfficeId]) -> dict[str, Any]:
    """The run config with which a batch run works these offices, in this order."""
    return {"ops": {BATCH_RUN_OP: {"config": {"offices": list(offices)}}}}


def batched_offices(run_config: Mapping[str, Any]) -> tuple[OfficeId, ...]:
    """The offices that a batch run with this run config works; none where it was given none, which means all."""
    config = run_config.get("ops", {}).get(BATCH_RUN_OP, {}).get("config", {})
    return tuple(OfficeId(each) for each in config.get("offices", []))


def named_offices(text: str) -> tuple[OfficeId, ...]:
    """The offices in a tag such as FAILED_OFFICES."""
    return tuple(OfficeId(int(each)) for each in text.split(",") if each)


def office_run_id(run_id: str, office_id: OfficeId) -> str:
    """What the store calls an office's part of a batch run: the run's id in Dagster, a colon, the office."""
    return f"{run_id}:{office_id}"
