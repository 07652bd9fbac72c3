"""What pre-commit runs before each commit is what `make lint` runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

TOP = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def hooks() -> list[Any]:
    (repository,) = yaml.safe_load((TOP / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert repository["repo"] == "local", "nothing is fetched from anywhere"
    hooks: list[Any] = repository["hooks"]
    return hooks


def test_the_hooks_run_what_lint_runs_from_the_same_environment(hooks: list[Any]) -> None:
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"^lint:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    linted = re.findall(r"^\t@\$\(BIN\)/(ruff \w+|[\w-]+)", recipe, re.MULTILINE)
    hooked = [re.match(r"\.venv/bin/(ruff \w+|[\w-]+)", hook["entry"]) for hook in hooks]
    assert [found and found[1] for found in hooked] == linted
    assert linted == ["ruff check", "ruff format", "mypy", "lint-imports"]


@pytest.mark.parametrize("hook", ["mypy", "lint-imports"])
def test_what_looks_at_the_whole_package_is_not_given_single_files(hooks: list[Any], hook: str) -> None:
    (found,) = [each for each in hooks if each["id"] == hook]
    assert found["pass_filenames"] is False
    assert re.search(found["files"], "qondor_finago_pipelines/cli/demo.py")
    assert re.search(found["files"], "pyproject.toml")
    assert not re.search(found["files"], "README.md")
