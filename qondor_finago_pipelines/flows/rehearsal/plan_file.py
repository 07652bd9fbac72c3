"""A plan in a file: what a person looked at, to be applied just so. It holds no secret and no personal data."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from ...records.errors import SyncError
from ...records.exact_json import read_json
from ...records.identifiers import OfficeId
from ...records.operations.planned import FlowPlan, PlannedChange
from ...records.operations.results import Flow

MAKE_A_NEW_ONE = "Nothing was written. Make a new plan with `qondor-finago plan`, look at it, and apply that."


def write_plan(plan: FlowPlan, file: Path) -> None:
    """Raises SyncError where the file cannot be written."""
    content = {
        **plan.summary(),
        "flow": plan.flow.value,
        "offices": list(plan.offices),
        "installation": plan.installation,
        "made_at": plan.made_at.isoformat(),
        "lines": [change.as_json() for change in plan.changes],
    }
    try:
        file.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise SyncError(
            f"The plan could not be written to {file}: {error.strerror}.", remedy="Name a file that can be written."
        ) from None


def read_plan(file: Path, flow: Flow, installation: str) -> FlowPlan:
    """The plan in the file, as it was written by this installation for this flow. Raises SyncError for any other."""
    try:
        content = read_json(file.read_bytes())
        plan = _plan_of(content)
        digest = content["plan"]
    except OSError as error:
        raise SyncError(f"{file} cannot be read: {error.strerror}.", remedy=MAKE_A_NEW_ONE) from None
    except (ValueError, KeyError, TypeError, ArithmeticError, AttributeError):
        raise SyncError(f"{file} holds no plan.", remedy=MAKE_A_NEW_ONE) from None
    if plan.digest != digest:
        raise SyncError(f"{file} was changed after it was written: its digest does not fit.", remedy=MAKE_A_NEW_ONE)
    if plan.installation != installation:
        raise SyncError(f"The plan in {file} was made by another installation.", remedy=MAKE_A_NEW_ONE)
    if plan.flow is not flow:
        raise SyncError(f"The plan in {file} is one of {plan.flow.value}, not of {flow.value}.", remedy=MAKE_A_NEW_ONE)
    return plan


def _plan_of(content: Any) -> FlowPlan:
    return FlowPlan(
        flow=Flow(content["flow"]),
        offices=tuple(OfficeId(int(office)) for office in content["offices"]),
        installation=str(content["installation"]),
        made_at=datetime.fromisoformat(content["made_at"]),
        changes=tuple(PlannedChange.of_json(each) for each in content["lines"]),
        calls={system: int(calls) for system, calls in content["calls"].items()},
    )
