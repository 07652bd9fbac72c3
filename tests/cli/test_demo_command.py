"""`qondor-finago demo --once`: the newcomer's first command, as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from qondor_finago_pipelines.cli.demo import fresh_folder, surprises_in
from qondor_finago_pipelines.sandbox.seeds.demo import EXPECTED


def test_the_demo_ends_as_seeded_prints_what_happened_and_leaves_nothing_running(tmp_path: Path) -> None:
    demo = subprocess.run(
        [sys.executable, "-m", "qondor_finago_pipelines", "demo", "--once"],
        cwd=tmp_path,
        # Whatever a real installation has set: the demo must not look at it.
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "QONDOR_BASE_URL": "https://qondor.invalid"},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert demo.returncode == 0, demo.stdout + demo.stderr
    for invoice in EXPECTED:
        assert f" {invoice} " in demo.stdout
    for text in ("Customers and projects", "Changed in Finago", "Nordlys Arrangement AS", "customer 81"):
        assert text in demo.stdout
    assert "Invoice 9102, line 1: article 3000 has 12 % VAT" in demo.stdout, "what was refused and why"
    assert "calls: " in demo.stdout
    assert "Every customer, project and invoice ended as this demo was seeded." in demo.stdout
    (folder,) = (tmp_path / ".demo").iterdir()
    left = subprocess.run(["pgrep", "-f", str(folder)], capture_output=True, text=True, check=False)
    assert left.stdout == ""


def test_the_next_demo_starts_afresh(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / str(ended.pid)).mkdir()
    (tmp_path / "notes").mkdir()
    fresh = fresh_folder(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["notes", str(os.getpid())])
    assert list(fresh.iterdir()) == []


def test_what_differs_from_the_seeded_outcomes_is_named() -> None:
    surprises = surprises_in([])
    assert "Customer 77: expected ('settled', None), but it is not there." in surprises
    assert "Customer 77: its name was not changed." in surprises
    assert f"Invoice {next(iter(EXPECTED))}: expected ('settled', None), but it is not there." in surprises
