"""The tags of a run: the same whoever launches it, so that limits and searches see every run alike."""

from __future__ import annotations

from .records.identifiers import OfficeId
from .records.results import Flow

FLOW = "flow"
SETTINGS = "settings"
"""The start of the settings' digest: which settings a run was made with."""
OFFICE = "office"
LANE = "lane"
"""What may not run beside itself: a Finago client and what is written (decisions 7). `dagster.yaml` limits it to 1."""
TRIGGER = "trigger"
"""`schedule`, `cli` or, where it is missing, a person in the UI."""
PRIORITY = "dagster/priority"


def dagster_name(flow: Flow) -> str:
    """The flow's name where Dagster allows no hyphen: of groups, jobs and schedules."""
    return flow.value.replace("-", "_")


def run_tags(flow: Flow, office_id: OfficeId, *, lane: str, trigger: str) -> dict[str, str]:
    """The tags of one office's run; ahead of backfills, which have priority 0."""
    return {FLOW: flow.value, OFFICE: str(office_id), LANE: lane, TRIGGER: trigger, PRIORITY: "10"}
