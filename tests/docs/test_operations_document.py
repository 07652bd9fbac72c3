"""docs/operations.md: whoever is told something finds what to do, and what it names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from qondor_finago_pipelines.flows.run import alert_causes as causes
from qondor_finago_pipelines.records.refusals import Reason
from qondor_finago_pipelines.settings import SyncSettings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
ALERTS = TEXT[TEXT.index("## Alerts: what to do") : TEXT.index("## What was tried")]


def causes_in_the_code() -> set[str]:
    """Every text of `flows/run/alert_causes.py` that is no docstring: they are the causes."""
    tree = ast.parse(Path(causes.__file__).read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    }


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_its_row(reason: Reason) -> None:
    assert f"`{reason.value}`" in ALERTS


def test_what_a_project_manager_can_correct_stands_in_the_row_that_says_so() -> None:
    (row,) = [line for line in ALERTS.splitlines() if "fail_in_qondor_after_hours" in line and line.startswith("|")]
    assert {reason for reason in Reason if f"`{reason.value}`" in row} == {
        reason for reason in Reason if reason.correctable_in_qondor
    }


def test_every_cause_has_its_row() -> None:
    known = causes_in_the_code()
    assert {"login", "unreachable", "settings"} <= known
    assert {cause for cause in known if f"`{cause}`" not in ALERTS} == set()


def test_settings_and_files_that_it_names_are_there() -> None:
    assert set(re.findall(r"`sync\.([a-z_]+)`", TEXT)) <= SyncSettings.model_fields.keys() | {"env"}
    files = set(re.findall(r"`(deploy/[\w.-]+)`", TEXT))
    assert "deploy/compose.yaml" in files
    assert [file for file in files if not (ROOT / file).exists()] == []
