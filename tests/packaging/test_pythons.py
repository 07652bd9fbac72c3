"""Which Pythons the package says it runs on, and which of them `make` takes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from dockerfile_parse import DockerfileParser
from packaging.specifiers import SpecifierSet

TOP = Path(__file__).parents[2]
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
BROKEN = "3.13" if RUNNING == "3.14" else "3.14"


@pytest.fixture(scope="module")
def pyproject() -> Any:
    return tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A PATH with the Python of these tests, and with another one that is only a shim with nothing behind it."""
    write_program(tmp_path / f"python{RUNNING}", f'exec "{sys.executable}" "$@"')
    write_program(tmp_path / f"python{BROKEN}", f"echo 'pyenv: python{BROKEN}: command not found' >&2; exit 127")
    return tmp_path


def write_program(file: Path, line: str) -> None:
    file.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    file.chmod(0o755)


def make(machine: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("make")
    assert program is not None
    environ = {"PATH": str(machine), "PYENV_ROOT": str(machine / "pyenv")}
    return subprocess.run(
        [program, "--silent", *arguments], cwd=TOP, env=environ, capture_output=True, text=True, check=False
    )


def pythons_of_make() -> list[str]:
    found = re.search(r"^PYTHONS := (.*)$", (TOP / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return found[1].split()


def test_make_knows_the_pythons_that_the_package_says_it_runs_on(pyproject: Any) -> None:
    runs_on = SpecifierSet(pyproject["project"]["requires-python"])
    assert pythons_of_make() == [f"3.{minor}" for minor in range(30, 0, -1) if f"3.{minor}" in runs_on], "newest first"
    marked = [each.rpartition(" ")[2] for each in pyproject["project"]["classifiers"] if ":: Python ::" in each]
    assert marked == pythons_of_make()[::-1]


def test_types_and_style_are_those_of_the_oldest(pyproject: Any) -> None:
    oldest = pythons_of_make()[-1]
    assert pyproject["tool"]["mypy"]["python_version"] == oldest
    assert pyproject["tool"]["ruff"]["target-version"] == f"py{oldest.replace('.', '')}"


def test_the_image_stands_on_one_of_them(tmp_path: Path) -> None:
    # The parser writes as well as reads: it gets a copy.
    dockerfile = DockerfileParser(str(shutil.copy(TOP / "deploy" / "Dockerfile", tmp_path)))
    (image,) = set(dockerfile.parent_images)
    assert image in {f"python:{python}-slim" for python in pythons_of_make()}


def test_make_passes_over_a_python_that_does_not_work(machine: Path) -> None:
    found = make(machine, "pythons")
    assert found.stdout.split() == [f"python{RUNNING}"], found.stderr


def test_make_finds_a_python_that_pyenv_keeps_but_has_not_switched_on(machine: Path) -> None:
    kept = machine / "pyenv" / "versions" / f"{RUNNING}.99" / "bin" / f"python{RUNNING}"
    kept.parent.mkdir(parents=True)
    (machine / f"python{RUNNING}").rename(kept)
    assert make(machine, "pythons").stdout.split() == [str(kept)]


def test_a_python_that_is_asked_for_wins_and_has_to_work(machine: Path) -> None:
    environment = f"VENV={machine / 'venv'}"
    refused = make(machine, f"PYTHON=python{BROKEN}", environment, str(machine / "venv" / ".ready"))
    assert refused.returncode != 0
    assert f"python{BROKEN} is none of Python" in refused.stdout
    asked = make(machine, "--dry-run", f"PYTHON={sys.executable}", environment, str(machine / "venv" / ".ready"))
    assert f'python="{sys.executable}"' in asked.stdout
    assert not (machine / "venv").exists()


def test_without_any_python_make_says_which_to_install(tmp_path: Path) -> None:
    environment = f"VENV={tmp_path / 'venv'}"
    refused = make(tmp_path, environment, str(tmp_path / "venv" / ".ready"))
    assert refused.returncode != 0
    assert refused.stdout.startswith("Install one of Python 3.14 "), refused.stderr
