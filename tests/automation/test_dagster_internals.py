"""Private parts of Dagster stand in one module, which says from which version they were read."""

import re
from pathlib import Path

import dagster as dg

import qondor_finago_pipelines
from qondor_finago_pipelines.automation import dagster_internals

PACKAGE = Path(qondor_finago_pipelines.__file__).parent


def test_the_installed_dagster_is_the_one_that_was_read() -> None:
    assert dg.__version__.startswith(f"{dagster_internals.READ_FROM}."), (
        "read each name of dagster_internals again in the new version, then raise READ_FROM"
    )


def test_no_other_module_uses_a_private_part_of_dagster() -> None:
    private = re.compile(r"^\s*(from|import) dagster\w*\._", re.MULTILINE)
    users = {file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.py") if private.search(file.read_text())}
    assert users == {"automation/dagster_internals.py"}
