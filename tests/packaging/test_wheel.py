"""The wheel: what is in it, and whether it alone is enough. No checkout stands beside it when it is installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

TOP = Path(__file__).parents[2]
PACKAGE = "qondor_finago_pipelines"


def run(*command: str | Path, folder: Path) -> str:
    """What the command prints. It knows of no checkout: neither its folder nor its environment leads to one."""
    environ = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    ended = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, TOP, folder=folder)
    (wheel,) = folder.iterdir()
    return wheel


@pytest.fixture(scope="module")
def pythons() -> dict[str, str]:
    """The Pythons that `make` finds here, by version."""
    found = run("make", "--silent", "pythons", folder=TOP).split()
    tell = "import sys; print('%d.%d' % sys.version_info[:2])"
    return {run(python, "-c", tell, folder=TOP).strip(): python for python in found}


@pytest.mark.slow
def test_the_wheel_has_every_file_of_the_package_and_no_other(wheel: Path) -> None:
    ours = {file.relative_to(TOP).as_posix() for file in (TOP / PACKAGE).rglob("*") if file.is_file()}
    packed = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert packed == {file for file in ours if "/__pycache__/" not in file}
    assert f"{PACKAGE}/py.typed" in packed


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_the_demo_runs_from_the_wheel_alone(wheel: Path, pythons: dict[str, str], version: str, tmp_path: Path) -> None:
    if version not in pythons:
        pytest.skip(f"Python {version} is not here")
    programs = tmp_path / "environment" / "bin"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    run(pythons[version], "-m", "venv", programs.parent, folder=elsewhere)
    constraints = TOP / "constraints.txt"
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--constraint", constraints, wheel)
    run(programs / "python", *install, folder=elsewhere)

    shown = run(programs / "qondor-finago", "demo", "--once", folder=elsewhere)

    assert "Every customer, project, invoice and voucher ended as this demo was seeded." in shown
    assert [each.name for each in elsewhere.iterdir()] == [".demo"]
    where = run(programs / "python", "-c", f"import {PACKAGE}; print({PACKAGE}.__file__)", folder=elsewhere)
    assert Path(where).is_relative_to(programs.parent / "lib" / f"python{version}" / "site-packages" / PACKAGE)
