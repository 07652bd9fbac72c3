"""`qondor-finago demo`: the whole integration at work, against local stand-ins and with nothing set up before.

A demo lives in a folder of its own under `.demo`: settings, Dagster instance, store and logs. It knows only the
sandbox's addresses, whatever the environment says, and never touches a real system.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..records.operations.results import Flow, FlowResult
from ..settings import DAGSTER_HOME_VARIABLE, SETTINGS_VARIABLE, Addresses, Settings, load_settings
from .children import Children, interrupted_by_signals
from .common import log_console, results_console
from .showing import show_results
from .unexpected_errors import unexpected_in

if TYPE_CHECKING:
    from rich.console import Console

    from .local_dagster import LocalDagster

FOLDER = Path(".demo")
SHOWN = (Flow.CUSTOMERS_AND_PROJECTS, Flow.INVOICES, Flow.COSTS_AND_SALES)
"""The flows of the demo in the order in which it runs them, as an installation would that starts with both."""
OURS = ("QONDOR_", "FINAGO_", "SLACK_", "DAGSTER_")
"""What in the environment speaks of real systems; a demo starts without any of it."""


@click.command()
@click.option("--once", is_flag=True, help="No web server: runs the flows once, prints what happened, and ends.")
@click.option("--port", type=click.IntRange(1, 65535), help="Of the web UI. Without it: 3000, or any free one.")
@click.pass_context
def demo(context: click.Context, once: bool, port: int | None) -> None:
    """Shows the integration at work: a sandbox, two seeded offices, Dagster.

    Prints what happened to each customer, project and invoice, what Finago now holds, what was refused and why, then
    the address of the web UI. Ctrl-C ends everything. Leaves with 0 when the outcomes are the seeded ones.
    """
    log = log_console()
    folder = fresh_folder(FOLDER)
    with interrupted_by_signals(), Children(clean(os.environ), folder) as sandbox_process:
        try:
            log.print("Starting the sandbox: Qondor, Finago and Slack on this machine …")
            environ = {**clean(os.environ), **_start_sandbox(sandbox_process), **settle_in(folder)}
            with Children(environ, folder) as processes:
                dagster = None if once else _start_dagster(processes, folder, log)
                results = _run_flows(environ, log)
                as_seeded = _show(environ, results)
                if dagster is not None:
                    # The daemon comes last, so that no schedule runs into what is being shown.
                    _keep_showing(dagster, port, sandbox_process, log)
        except KeyboardInterrupt:
            log.print("\nEnding everything that was started …")
            context.exit(130 if once else 0)
    context.exit(0 if as_seeded else 1)


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if not name.startswith(OURS)}


def fresh_folder(root: Path) -> Path:
    """A folder for this demo, named by its process; those of demos that have ended are removed."""
    root.mkdir(exist_ok=True)
    for left in root.iterdir():
        if left.name.isdigit() and not _lives(int(left.name)):
            shutil.rmtree(left, ignore_errors=True)
    folder = root.resolve() / str(os.getpid())
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _start_sandbox(children: Children) -> dict[str, str]:
    """Starts it with the demo's world; gives the environment that leads to it."""
    command = [sys.executable, "-m", "qondor_finago_pipelines", "sandbox", "--seed", "demo", "--json"]
    output = children.start("sandbox", command, read_output=True)
    line = output.readline() if output is not None else b""
    if not line:
        raise click.ClickException(f"The sandbox did not start; {children.log_of('sandbox')} says why.")
    environment: dict[str, str] = json.loads(line)["environment"]
    return environment


def settle_in(folder: Path) -> dict[str, str]:
    """Writes the demo's settings file; gives the variables that name it and the instance."""
    from ..sandbox.seeds.demo import office_settings_yaml

    settings_file = folder / "offices.yaml"
    settings_file.write_text(office_settings_yaml(), encoding="utf-8")
    return {SETTINGS_VARIABLE: str(settings_file), DAGSTER_HOME_VARIABLE: str(folder / "dagster")}


def _run_flows(environ: Mapping[str, str], log: Console) -> list[FlowResult]:
    """Runs customers and projects, invoices, then costs and sales, for every office, each as a run in Dagster."""
    from ..flows.service import SyncService
    from ..partitions import OfficeDays
    from ..records.days import oslo_day
    from .instance import open_instance
    from .running import FlowRuns

    settings = _settings(environ)
    if not Addresses.from_environment(settings, environ).all_loopback:
        raise click.ClickException(
            "The demo only ever talks to its own sandbox; these addresses are not on this machine."
        )
    results: list[FlowResult] = []
    with SyncService(settings, environ).open() as sync, open_instance(environ) as instance:
        runs = FlowRuns(settings, instance, sync)
        today = oslo_day(sync.store.now())
        work = [(flow, office) for flow in SHOWN for office in settings.offices if office.does(flow)]
        for place, (flow, office) in enumerate(work, start=1):
            what = f"Office {office.id} {office.name} ({place} of {len(work)}): syncing {flow.in_words} …"
            if not log.is_terminal:
                log.print(what)
            with log.status(what):
                window = OfficeDays(today, today, office.id)
                if flow is Flow.COSTS_AND_SALES:
                    window = runs.window(office.id, today)
                results.append(runs.run(flow, window))
        delivered = runs.deliver_alerts()
    log.print(f"Slack was told {'once' if delivered == 1 else f'{delivered} times'} what needs a person.")
    return results


def _show(environ: Mapping[str, str], results: Sequence[FlowResult]) -> bool:
    """Prints the outcomes; whether they are those that the demo's world was made for."""
    console = results_console()
    show_results(console, _settings(environ), results)
    unexpected_errors = unexpected_in(results)
    for unexpected in unexpected_errors:
        console.print(unexpected, style="red")
    if not unexpected_errors:
        console.print("Every customer, project, invoice and voucher ended as this demo was seeded.", style="green")
    return not unexpected_errors


def _start_dagster(processes: Children, folder: Path, log: Console) -> LocalDagster:
    """Its code server is ready by the time that the flows have run."""
    from .local_dagster import LocalDagster

    dagster = LocalDagster(processes, folder, log.print)
    dagster.start_code_server()
    return dagster


def _keep_showing(dagster: LocalDagster, port: int | None, sandbox_process: Children, log: Console) -> None:
    """Says where the web server is, and keeps Dagster's processes alive until it is interrupted.

    The sandbox has both systems in its memory: without it there is nothing left to show.
    """
    with log.status("Dagster is starting …"):
        address = dagster.start_web_server_and_daemon(port)
    log.print(f"\nDagster: [bold]{address}/asset-groups[/bold]   (Ctrl-C ends everything)")
    while (ended := sandbox_process.ended()) is None:
        dagster.look()
        time.sleep(1)
    raise click.ClickException(f"The {ended} ended by itself; {sandbox_process.log_of(ended)} says why.")


def _settings(environ: Mapping[str, str]) -> Settings:
    return load_settings(Path(environ[SETTINGS_VARIABLE]))
