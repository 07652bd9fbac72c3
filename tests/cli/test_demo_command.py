"""`qondor-finago demo --once`: the newcomer's first command, as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import psutil

from qondor_finago_pipelines.cli.demo import fresh_folder
from qondor_finago_pipelines.cli.local_dagster import free_port
from qondor_finago_pipelines.cli.unexpected_errors import unexpected_in
from qondor_finago_pipelines.sandbox.seeds.expected import EXPECTED


def test_the_demo_ends_as_seeded_prints_what_happened_and_leaves_nothing_running(tmp_path: Path) -> None:
    demo = subprocess.run(
        [sys.executable, "-m", "qondor_finago_pipelines", "demo", "--once"],
        cwd=tmp_path,
        # Whatever a real installation has set: the demo must not look at it.
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "QONDOR_BASE_URL": "https://qondor.invalid"},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert demo.returncode == 0, demo.stdout + demo.stderr
    for invoice in EXPECTED:
        assert f" {invoice} " in demo.stdout
    for text in ("Customers and projects", "Changed in Finago", "Havgap Conference, draft", "customer 81"):
        assert text in demo.stdout
    assert "Invoice 9102, line 1: article 3000 has 12 % VAT" in demo.stdout, "what was refused and why"
    assert "calls: " in demo.stdout
    assert "Every customer, project, invoice and voucher ended as this demo was seeded." in demo.stdout
    (folder,) = (tmp_path / ".demo").iterdir()
    assert counts_of("finago_companies", folder) == {"created": 2, "updated": 2, "unchanged": 1}
    assert counts_of("finago_projects", folder) == {"created": 5, "updated": 3, "unchanged": 1}
    left = subprocess.run(["pgrep", "-f", str(folder)], capture_output=True, text=True, check=False)
    assert left.stdout == ""


def test_killing_the_code_server_does_not_end_the_demo_and_ctrl_c_ends_everything(tmp_path: Path) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-m", "qondor_finago_pipelines", "demo", "--port", str(free_port())],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.DEVNULL,
        stderr=(tmp_path / "said").open("w"),
    )
    try:
        said = lambda: (tmp_path / "said").read_text(encoding="utf-8")  # noqa: E731
        eventually(lambda: "Dagster: http://127.0.0.1:" in said(), said)
        before = code_server_of(demo)
        before.kill()
        eventually(lambda: "The code server was killed by signal 9 and is started again in 1 s" in said(), said)
        eventually(lambda: has_another_code_server(demo, before), said)
        assert demo.poll() is None
        started = psutil.Process(demo.pid).children(recursive=True)
        demo.send_signal(signal.SIGINT)
        assert demo.wait(300) == 0, said()
        assert "Ending everything that was started" in said()
        _, alive = psutil.wait_procs(started, timeout=60)
        assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
    finally:
        demo.terminate()
        demo.wait()


def eventually(condition: Callable[[], bool], said: Callable[[], str]) -> None:
    deadline = time.monotonic() + 400
    while not condition():
        assert time.monotonic() < deadline, said()
        time.sleep(0.1)


def code_server_of(demo: subprocess.Popen[bytes]) -> psutil.Process:
    (found,) = code_servers_of(demo)
    return found


def code_servers_of(demo: subprocess.Popen[bytes]) -> list[psutil.Process]:
    children = psutil.Process(demo.pid).children()
    return [each for each in children if each.status() != psutil.STATUS_ZOMBIE and "grpc" in each.cmdline()]


def has_another_code_server(demo: subprocess.Popen[bytes], before: psutil.Process) -> bool:
    return any(each.pid != before.pid for each in code_servers_of(demo))


def counts_of(asset: str, demo_folder: Path) -> dict[str, object]:
    """What Dagster shows of the asset in Oslo."""
    with dg.DagsterInstance.from_config(str(demo_folder / "dagster")) as instance:
        (partition,) = [key for key in instance.get_materialized_partitions(dg.AssetKey(asset)) if key.endswith("|102")]
        (event,) = instance.fetch_materializations(
            dg.AssetRecordsFilter(dg.AssetKey(asset), asset_partitions=[partition]), limit=1
        ).records
        materialization = event.asset_materialization
    assert materialization is not None
    return {name: materialization.metadata[name].value for name in ("created", "updated", "unchanged")}


def test_the_next_demo_starts_afresh(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / str(ended.pid)).mkdir()
    (tmp_path / "notes").mkdir()
    fresh = fresh_folder(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["notes", str(os.getpid())])
    assert list(fresh.iterdir()) == []


def test_what_differs_from_the_seeded_outcomes_is_named() -> None:
    unexpected_errors = unexpected_in([])
    assert "Customer 77: expected ('settled', None), but it is not there." in unexpected_errors
    assert "Customer 77: its name was not changed in Finago." in unexpected_errors
    assert f"Invoice {next(iter(EXPECTED))}: expected ('settled', None), but it is not there." in unexpected_errors
